//! Tells the operators: once for each news, in their language, in private.
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::json;

use crate::base::clock::Millis;
use crate::community::principals::{Role, Tenant, with_role};
use crate::community::reach;
use crate::observe::alerts::{Book, Kept, NAMES, News, RULES, Turn};
use crate::store::{Connection, Store, StoreError, Tx, meta};
use crate::telegram::api::Api;
use crate::telegram::sender::text::escape;
use crate::telegram::sender::{Effect, Method, Send as _};
use crate::texts::{Lang, text, when};

/// A write that takes longer is taken back, and tried again at the next look.
const PATIENCE: Duration = Duration::from_secs(5);
/// A call past the outbox: the library sleeps 10 s after a 5xx.
const CALL: Duration = Duration::from_secs(15);
/// Operators who are told, at most.
const TOLD: usize = 20;

/// Tells operators, and remembers what was kept of incidents.
pub(super) struct Teller {
    store: Store,
    api: Api,
    /// Who can be written to, as last known: when the database does not answer there is nobody else to ask.
    operators: Vec<(i64, Lang)>,
    kept: Vec<Kept>,
}

impl Teller {
    pub(super) fn new(store: Store, api: Api) -> Self {
        Self {
            store,
            api,
            operators: Vec::new(),
            kept: Vec::new(),
        }
    }

    /// Incidents of which somebody was told before the last end.
    pub(super) async fn resume(&mut self) -> Book {
        match self.store.read(kept).await {
            Ok(kept) => self.kept = kept,
            Err(e) => tracing::warn!(error = %e, "it is not known which alerts were told"),
        }
        Book::resume(&self.kept)
    }

    /// Asks who can be told.
    pub(super) async fn learn(&mut self) {
        if let Ok(operators) = self.store.read(operators).await {
            self.operators = operators;
        }
    }

    /// Through the outbox, in the transaction that notes it. False when nobody can be told, or not now.
    pub(super) async fn durably(&self, book: &Book, news: &News, now: Millis) -> bool {
        if self.operators.is_empty() {
            return false;
        }
        let mut after = book.clone();
        after.told(news, now);
        let (kept, operators, news) = (after.kept(), self.operators.clone(), news.clone());
        let late = Arc::new(AtomicBool::new(false));
        let too_late = late.clone();
        let write = self.store.write(move |tx| {
            // Who waited for this has given up and will come again.
            if too_late.load(Ordering::Relaxed) {
                return Err(StoreError::Closed);
            }
            for (person, lang) in operators {
                let effect = Effect::send_html(person, words(lang, &news, now), None);
                tx.send(&effect, now, None)?;
            }
            keep(tx, &kept)
        });
        let told = tokio::time::timeout(PATIENCE, write).await;
        late.store(true, Ordering::Relaxed);
        matches!(told, Ok(Ok(())))
    }

    /// Past the outbox, for what the database cannot hold. True when somebody was told.
    pub(super) async fn directly(&self, news: &News, now: Millis) -> bool {
        let mut told = false;
        for (person, lang) in &self.operators {
            let params = json!({
                "chat_id": person,
                "text": words(*lang, news, now),
                "parse_mode": "HTML",
            });
            let call = self.api.call(Method::SendMessage, &params);
            match tokio::time::timeout(CALL, call).await {
                Ok(Ok(_)) => told = true,
                Ok(Err(e)) => tracing::warn!(error = %e, "an operator could not be told"),
                // Telegram may have it all the same: it is not told again.
                Err(_) => told = true,
            }
        }
        told
    }

    /// Keeps what was told past the outbox, once there is a database again.
    pub(super) async fn keep(&mut self, book: &Book) {
        let now = book.kept();
        if now == self.kept {
            return;
        }
        let rows = now.clone();
        let write = self.store.write(move |tx| keep(tx, &rows));
        if matches!(tokio::time::timeout(PATIENCE, write).await, Ok(Ok(()))) {
            self.kept = now;
        }
    }
}

/// Operators by ALLOWED_USER_IDS who have written to the bot and not blocked it, with their language.
fn operators(conn: &Connection) -> Result<Vec<(i64, Lang)>, StoreError> {
    let mut found = Vec::new();
    for person in with_role(conn, Role::Operator, Tenant::House)? {
        if found.len() < TOLD && reach::is_reachable(conn, person)? {
            let language = reach::language(conn, person)?;
            found.push((person, Lang::from_tag(language.as_deref())));
        }
    }
    Ok(found)
}

fn keys(name: &str) -> [String; 2] {
    [format!("alert:{name}:since"), format!("alert:{name}:told")]
}

fn kept(conn: &Connection) -> Result<Vec<Kept>, StoreError> {
    NAMES
        .iter()
        .map(|name| {
            let [since, told] = keys(name);
            Ok((meta::number(conn, &since)?, meta::number(conn, &told)?))
        })
        .collect()
}

fn keep(tx: &Tx<'_>, kept: &[Kept]) -> Result<(), StoreError> {
    for (name, (since, told)) in NAMES.iter().zip(kept) {
        let [since_key, told_key] = keys(name);
        meta::put_number(tx, &since_key, *since)?;
        meta::put_number(tx, &told_key, *told)?;
    }
    Ok(())
}

/// What an operator reads.
fn words(lang: Lang, news: &News, now: Millis) -> String {
    let Some(rule) = RULES.get(news.rule) else {
        return String::new();
    };
    match news.turn {
        Turn::Began => {
            let figure = escape(&news.figure);
            let said = text(lang, rule.told, &[("figure", figure.into())]);
            format!("⚠️ {said}")
        }
        Turn::Over => {
            let name = text(lang, rule.called, &[]);
            let time = when::span(lang, (now - news.since).max(0));
            let said = text(
                lang,
                "alarm-over",
                &[("name", name.into()), ("time", time.into())],
            );
            format!("✅ {said}")
        }
    }
}
