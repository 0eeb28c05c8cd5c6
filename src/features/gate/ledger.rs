//! Who is in which channel: from memory, else from the durable ledger, else asked of Telegram.
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::gates::Gate;
use super::rules::{Decision, Known, decide};
use super::store;
use crate::base::clock::Millis;
use crate::base::random::Random;
use crate::observe::cache::{Cache, Caches, Life};
use crate::store::{Store, StoreError};
use crate::telegram::api::CallError;
use crate::telegram::sender::{Method, Sender};

/// How long memory believes that somebody is in a channel, and that somebody is not, give or take 15 %, so that what was
/// learned at once is not asked again at once (source document 001, cache).
const INSIDE: Millis = 600_000;
const OUTSIDE: Millis = 60_000;
const JITTER: u64 = 15;
/// A question is given up after this, and nobody is held for it.
const PATIENCE: Duration = Duration::from_secs(4);

/// Somebody in a channel, as remembered.
#[derive(Debug, Clone, Copy)]
struct Remembered {
    known: Known,
    until: Millis,
}

/// What is known of memberships. Cheap to clone; clones share.
#[derive(Clone)]
pub(super) struct Ledger {
    store: Store,
    sender: Sender,
    random: Arc<dyn Random>,
    memory: Cache<(i64, i64), Remembered>,
}

/// What a check found: the decision, and what Telegram said, to be written down.
pub(super) struct Checked {
    pub(super) decision: Decision,
    /// Channel and whether the person is in it.
    pub(super) told: Vec<(i64, bool)>,
}

impl Ledger {
    pub(super) fn new(
        store: Store,
        sender: Sender,
        random: Arc<dyn Random>,
        cache_bytes: u64,
    ) -> Self {
        let life = Life::Written(Duration::from_millis(
            u64::try_from(INSIDE).unwrap_or(0) * (100 + JITTER) / 100,
        ));
        Self {
            store,
            sender,
            random,
            memory: Cache::new("memberships", life, cache_bytes / 100 * 4, |_, _| 0),
        }
    }

    pub(super) fn tell_caches(&self, book: &Caches) {
        book.add(&self.memory);
    }

    /// Whether `user` may write in the group of `gate`. With `fresh` Telegram is asked about every channel that the
    /// person is not known to be in.
    pub(super) async fn check(
        &self,
        gate: &Gate,
        user: i64,
        fresh: bool,
        now: Millis,
    ) -> Result<Checked, StoreError> {
        let each = gate
            .channels
            .iter()
            .map(|c| self.of(c.id, user, fresh, now));
        let mut told = Vec::new();
        let mut known = Vec::with_capacity(gate.channels.len());
        for found in futures_util::future::join_all(each).await {
            let (channel, is, asked) = found?;
            if asked && is != Known::Unknown {
                told.push((channel, is != Known::Absent));
            }
            known.push(is);
        }
        Ok(Checked {
            decision: decide(gate.params.need, &known),
            told,
        })
    }

    /// What is known, and whether Telegram was asked for it.
    async fn of(
        &self,
        channel: i64,
        user: i64,
        fresh: bool,
        now: Millis,
    ) -> Result<(i64, Known, bool), StoreError> {
        let usable = |known: Known| !fresh || matches!(known, Known::Member(_));
        let remembered = self.memory.get(&(channel, user));
        if let Some(r) = remembered.filter(|r| now < r.until && usable(r.known)) {
            return Ok((channel, r.known, false));
        }
        let kept = self
            .store
            .read(move |conn| store::membership(conn, channel, user))
            .await?;
        // Who was in it is, until Telegram says otherwise; who was not may have joined, and the word been lost.
        if let Some((true, since, _)) = kept {
            let known = Known::Member(since);
            self.remember(channel, user, known, now);
            return Ok((channel, known, false));
        }
        let known = self.ask(channel, user, now).await;
        if known != Known::Unknown {
            self.remember(channel, user, known, now);
        }
        Ok((channel, known, true))
    }

    async fn ask(&self, channel: i64, user: i64, now: Millis) -> Known {
        let question = json!({ "chat_id": channel, "user_id": user });
        let asked = self.sender.ask(Method::GetChatMember, &question);
        match tokio::time::timeout(PATIENCE, asked).await {
            Ok(Ok(member)) => read(&member, now),
            Ok(Err(CallError::Api {
                code: 400, text, ..
            })) if is_stranger(&text) => Known::Absent,
            Ok(Err(e)) => {
                tracing::warn!(channel, user, error = %e, "Telegram does not say who is in a channel; nobody is held for it");
                Known::Unknown
            }
            Err(_) => {
                tracing::warn!(
                    channel,
                    user,
                    "Telegram did not say in 4 s who is in a channel; nobody is held for it"
                );
                Known::Unknown
            }
        }
    }

    /// What Telegram says of a chat now.
    pub(super) async fn chat(&self, question: &Value) -> Result<Value, String> {
        let params = json!({ "chat_id": question });
        let asked = self.sender.ask(Method::GetChat, &params);
        match tokio::time::timeout(PATIENCE, asked).await {
            Ok(found) => found.map_err(|e| e.to_string()),
            Err(_) => Err("no answer in 4 s".to_owned()),
        }
    }

    /// Telegram said whether somebody is in a channel.
    pub(super) fn remember(&self, channel: i64, user: i64, known: Known, now: Millis) {
        let life = match known {
            Known::Member(_) => INSIDE,
            Known::Absent | Known::Unknown => OUTSIDE,
        };
        let percent = 100 - JITTER + self.random.below(2 * JITTER + 1);
        let life = life * i64::try_from(percent).unwrap_or(100) / 100;
        let until = now.saturating_add(life);
        self.memory
            .insert((channel, user), Remembered { known, until });
    }
}

/// A `ChatMember` (Bot API): who is restricted may be in the chat or not.
fn read(member: &Value, now: Millis) -> Known {
    match member["status"].as_str() {
        Some("creator" | "administrator" | "member") => Known::Member(now),
        Some("restricted") if member["is_member"] == true => Known::Member(now),
        Some("restricted" | "left" | "kicked") => Known::Absent,
        _ => Known::Unknown,
    }
}

/// Whether Telegram says that the person has nothing to do with the chat.
fn is_stranger(text: &str) -> bool {
    ["PARTICIPANT_ID_INVALID", "member not found"]
        .iter()
        .any(|words| text.contains(words))
}
