//! Judging on request: a line of text or a whole update, as a newcomer anywhere or as one group would, changing nothing.
use serde_json::{Value, json};

use super::carriers::Policy;
use super::classifier::SpamModel;
use super::facts::{Facts, Input, Text};
use super::learning::{Learner, Memory};
use super::reading;
use super::rules::{Decision, Mode, Settings, Verdict, judge};
use super::settings::GroupSettings;
use crate::base::clock::Millis;
use crate::community::{GroupFacts, MemberFacts, group_on_disk, member_on_disk};
use crate::config;
use crate::store::{Store, StoreError};
use crate::telegram::event::{self, Event, Sender};

/// Bytes for the lessons of the one group that is asked about.
const MEMORY: u64 = 8 << 20;

/// What is to be judged.
#[derive(Debug, Clone)]
pub enum Asked {
    /// Words alone.
    Words(String),
    /// A message with all that hangs on it.
    Update(Box<Event>),
}

impl Asked {
    /// Reads a line: an update as Telegram sends it, `{"text": …}`, or plain words.
    ///
    /// # Errors
    /// What is wrong with the line, for a person.
    pub fn read(line: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(line).map_err(|_| "not UTF-8".to_owned())?;
        let text = text.trim();
        if !text.starts_with('{') {
            return Ok(Self::Words(text.to_owned()));
        }
        let value: Value = serde_json::from_str(text).map_err(|e| format!("not JSON: {e}"))?;
        if let Some(text) = value.get("text").and_then(Value::as_str) {
            return Ok(Self::Words(text.to_owned()));
        }
        if value.get("update_id").is_none() {
            return Err("neither an update (no \"update_id\") nor a text (no \"text\")".to_owned());
        }
        let event = event::extract(&value);
        if !event.has_content_to_judge() {
            return Err("an update without a message to judge".to_owned());
        }
        Ok(Self::Update(Box::new(event)))
    }

    /// What an update says of chat, message and user; null for words.
    pub fn of(&self) -> Value {
        match self {
            Self::Words(_) => Value::Null,
            Self::Update(event) => json!({
                "chat": event.chat.as_ref().map(|c| c.id), "message": event.message_id, "user": user(event),
            }),
        }
    }

    fn input(&self) -> Input<'_> {
        match self {
            Self::Words(text) => Input {
                texts: vec![Text {
                    source: "text",
                    text,
                }],
                ..Input::default()
            },
            Self::Update(event) => reading::input(event),
        }
    }

    /// As a newcomer's first message, in a group that has set and taught nothing.
    pub fn anywhere(&self) -> Verdict {
        let facts = Facts::gather(&self.input(), SpamModel::shipped());
        judge(&facts, &Settings::default())
    }
}

fn user(event: &Event) -> Option<i64> {
    match &event.sender {
        Sender::User(user) => Some(user.id),
        _ => None,
    }
}

/// One group's way of judging.
pub struct GroupJudge {
    group: GroupFacts,
    memory: Memory,
    store: Store,
}

impl GroupJudge {
    /// Reads the group's settings and lessons; None where there is no such group. For who asks seldom: it reads the
    /// lessons of all groups.
    ///
    /// # Errors
    /// The database's.
    pub async fn open(store: &Store, chat: i64) -> Result<Option<Self>, StoreError> {
        Self::with(store, &Learner::new(store.clone(), MEMORY), chat).await
    }

    /// The same with the lessons that `learner` holds in memory.
    ///
    /// # Errors
    /// The database's.
    pub async fn with(
        store: &Store,
        learner: &Learner,
        chat: i64,
    ) -> Result<Option<Self>, StoreError> {
        let found = store
            .read(move |conn| group_on_disk(conn, chat, config::Mode::default()))
            .await?;
        let Some(group) = found else { return Ok(None) };
        let memory = learner.memory(chat).await?;
        Ok(Some(Self {
            group,
            memory,
            store: store.clone(),
        }))
    }

    /// As the group would judge it: its thresholds, mode and lessons, and for an update what is known there of the
    /// sender. Telegram is not asked who is an admin, and what was just posted before or elsewhere is not looked at.
    ///
    /// # Errors
    /// The database's.
    pub async fn judge(&self, asked: &Asked, now: Millis) -> Result<Verdict, StoreError> {
        let (chat, own) = (self.group.id, GroupSettings::of(&self.group));
        let sender = match asked {
            Asked::Update(event) => user(event),
            Asked::Words(_) => None,
        };
        let member = match sender {
            Some(user) => {
                let found = self
                    .store
                    .read(move |conn| member_on_disk(conn, chat, user));
                found.await?.unwrap_or_default()
            }
            None => MemberFacts::default(),
        };
        let input = Input {
            memory: Some(&self.memory),
            ..asked.input()
        };
        let mut facts = Facts::gather(&known(&member, input, now), SpamModel::shipped());
        if !own.other_groups {
            facts.likeness.elsewhere = 0;
        }
        let settings = settings(&self.group, &own);
        let mut verdict = judge(&facts, &settings);
        if let Some(ruled) = Policy::read(&self.group.settings).find(&facts) {
            ruled.apply(&mut verdict, &settings);
        }
        if verdict.decision == Decision::Delete && !self.group.can_act() {
            verdict.decision = Decision::WouldDelete;
        }
        Ok(verdict)
    }
}

/// What the rules are told of a group's settings.
pub(super) fn settings(group: &GroupFacts, own: &GroupSettings) -> Settings {
    Settings {
        mode: match group.mode {
            config::Mode::Observe => Mode::Observe,
            config::Mode::Suggest => Mode::Suggest,
            config::Mode::Act => Mode::Act,
        },
        rev: u64::try_from(group.settings_rev).unwrap_or(0),
        review_at: own.review_at,
        spam_at: own.spam_at,
    }
}

/// `input` with what the group knows of the sender; `member.messages` are those before this one.
pub(super) fn known<'a>(member: &MemberFacts, input: Input<'a>, now: Millis) -> Input<'a> {
    let since = match member.first_seen {
        0 => 0,
        first => (now - first).max(0) / 1000,
    };
    Input {
        messages_seen: u32::try_from((member.messages - member.removed).max(0)).unwrap_or(u32::MAX),
        seconds_since_first_seen: u64::try_from(since).unwrap_or(0),
        #[expect(clippy::cast_possible_truncation, reason = "within ±10")]
        reputation: member.reputation.now(now) as f32,
        ..input
    }
}
