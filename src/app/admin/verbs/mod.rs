//! The verbs: each a function over what a running Beadle, or the command line in its place, has open.
mod banlist;
mod cache;
mod check;
mod db;
mod group;
mod history;
mod inbox;
mod jobs;
mod keys;
mod logs;
mod outbox;
mod person;
mod replay;
mod samples;

use std::time::Duration;

use futures_util::future::BoxFuture;
use serde_json::Value;

use super::wire::Refusal;
use crate::base::clock::{Millis, SharedClock};
use crate::community::Community;
use crate::features::moderation::house::Shelf;
use crate::observe::cache::Caches;
use crate::pipeline::lanes::Lanes;
use crate::store::Store;

/// Most things that a list gives.
const MAX_LIST: u64 = 1_000;

/// What verbs stand on. Cheap to clone.
#[derive(Clone)]
pub struct Desk {
    /// The database.
    pub store: Store,
    /// Time.
    pub clock: SharedClock,
    /// The lanes, when Beadle runs.
    pub lanes: Option<Lanes>,
    /// Whether SECRET_KEY is given from outside, so that the file is not what counts.
    pub secret_given: bool,
    /// What is kept in memory, when Beadle runs.
    pub caches: Option<Caches>,
    /// Groups as lanes know them, when Beadle runs.
    pub community: Option<Community>,
    /// Lists of groups as they are in memory, when Beadle runs.
    pub shelf: Option<Shelf>,
}

/// How long a verb may work.
pub(super) fn patience(verb: &str) -> Duration {
    // Those that may read or write as much as the database holds.
    if matches!(verb, "db.check" | "db.backup" | "replay.run") {
        Duration::from_secs(3_600)
    } else {
        Duration::from_secs(30)
    }
}

type Answering<'a> = BoxFuture<'a, Result<Vec<Value>, Refusal>>;
/// A verb.
type Verb = for<'a> fn(&'a Desk, Args) -> Answering<'a>;

/// All verbs by name. A room adds its own lines.
const VERBS: &[(&str, Verb)] = &[
    ("db.info", |desk, _| Box::pin(db::info(desk))),
    ("db.check", |desk, args| Box::pin(db::check(desk, args))),
    ("db.backup", |desk, args| Box::pin(db::backup(desk, args))),
    ("db.rollback_plan", |desk, _| {
        Box::pin(db::rollback_plan(desk))
    }),
    ("banlist.status", |desk, _| Box::pin(banlist::status(desk))),
    ("banlist.refresh", |desk, args| {
        Box::pin(banlist::refresh(desk, args))
    }),
    ("banlist.check", |desk, args| {
        Box::pin(banlist::check(desk, args))
    }),
    ("cache.info", |desk, _| Box::pin(cache::info(desk))),
    ("inbox.counts", |desk, _| Box::pin(inbox::counts(desk))),
    ("inbox.list", |desk, args| Box::pin(inbox::list(desk, args))),
    ("inbox.show", |desk, args| Box::pin(inbox::show(desk, args))),
    ("inbox.replay", |desk, args| {
        Box::pin(inbox::replay(desk, args))
    }),
    ("outbox.counts", |desk, _| Box::pin(outbox::counts(desk))),
    ("outbox.list", |desk, args| {
        Box::pin(outbox::list(desk, args))
    }),
    ("outbox.unknown", |desk, args| {
        Box::pin(outbox::unknown(desk, args))
    }),
    ("outbox.retry", |desk, args| {
        Box::pin(outbox::retry(desk, args))
    }),
    ("outbox.drop", |desk, args| {
        Box::pin(outbox::give_up(desk, args))
    }),
    ("check.group", |desk, args| {
        Box::pin(check::group(desk, args))
    }),
    ("replay.run", |desk, args| Box::pin(replay::run(desk, args))),
    ("group.learn", |desk, args| {
        Box::pin(history::learn(desk, args))
    }),
    ("group.unlearn", |desk, args| {
        Box::pin(history::unlearn(desk, args))
    }),
    ("group.list", |desk, args| Box::pin(group::list(desk, args))),
    ("group.show", |desk, args| Box::pin(group::show(desk, args))),
    ("group.export", |desk, args| {
        Box::pin(group::export(desk, args))
    }),
    ("group.import", |desk, args| {
        Box::pin(group::import(desk, args))
    }),
    ("group.set", |desk, args| Box::pin(group::set(desk, args))),
    ("group.stats", |desk, args| {
        Box::pin(group::stats(desk, args))
    }),
    ("group.samples", |desk, args| {
        Box::pin(samples::export(desk, args))
    }),
    ("group.teach", |desk, args| {
        Box::pin(samples::import(desk, args))
    }),
    ("person.erase", |desk, args| {
        Box::pin(person::erase(desk, args))
    }),
    ("person.copy", |desk, args| {
        Box::pin(person::copy(desk, args))
    }),
    ("logs.level", |desk, args| Box::pin(logs::level(desk, args))),
    ("keys.rotate", |desk, args| {
        Box::pin(keys::rotate(desk, args))
    }),
    ("jobs.counts", |desk, _| Box::pin(jobs::counts(desk))),
    ("jobs.list", |desk, args| Box::pin(jobs::list(desk, args))),
    ("jobs.show", |desk, args| Box::pin(jobs::show(desk, args))),
    ("jobs.retry", |desk, args| Box::pin(jobs::retry(desk, args))),
    ("jobs.cancel", |desk, args| {
        Box::pin(jobs::cancel(desk, args))
    }),
    ("jobs.discard", |desk, args| {
        Box::pin(jobs::discard(desk, args))
    }),
    ("jobs.schedules", |desk, args| {
        Box::pin(jobs::schedules(desk, args))
    }),
];

impl Desk {
    /// Carries out a verb.
    pub async fn answer(&self, verb: &str, args: Value) -> Result<Vec<Value>, Refusal> {
        let Some((_, run)) = VERBS.iter().find(|(name, _)| *name == verb) else {
            let shown: String = verb.chars().take(40).collect();
            return Err(Refusal::bad(format!(
                "this Beadle knows no `{shown}`: use the program of the version that runs"
            )));
        };
        if !args.is_object() {
            return Err(Refusal::bad("`args` must be an object"));
        }
        run(self, Args(args)).await
    }

    fn now(&self) -> Millis {
        self.clock.now()
    }
}

/// What a verb was given beside its name.
#[derive(Debug, Clone)]
pub struct Args(Value);

impl Args {
    /// The number of one thing.
    fn number(&self) -> Result<i64, Refusal> {
        self.0["number"]
            .as_i64()
            .ok_or_else(|| Refusal::bad("`number` must be a whole number"))
    }

    /// Anything, Null when it is not given.
    fn value(&self, name: &str) -> &Value {
        &self.0[name]
    }

    /// At most how many things.
    fn limit(&self) -> Result<u32, Refusal> {
        let limit = match &self.0["limit"] {
            Value::Null => Some(50),
            given => given.as_u64().filter(|n| (1..=MAX_LIST).contains(n)),
        };
        limit
            .and_then(|n| u32::try_from(n).ok())
            .ok_or_else(|| Refusal::bad(format!("`limit` must be 1 to {MAX_LIST}")))
    }

    /// A text, when one is given.
    fn text(&self, name: &str) -> Result<Option<String>, Refusal> {
        match &self.0[name] {
            Value::Null => Ok(None),
            Value::String(text) if text.len() <= 100 => Ok(Some(text.clone())),
            _ => Err(Refusal::bad(format!(
                "`{name}` must be a text of at most 100 bytes"
            ))),
        }
    }
}

/// Rows as items.
fn items<T: serde::Serialize>(rows: impl IntoIterator<Item = T>) -> Result<Vec<Value>, Refusal> {
    rows.into_iter()
        .map(serde_json::to_value)
        .collect::<Result<_, _>>()
        .map_err(|e| Refusal::new("internal", "an answer could not be written", e.to_string()))
}
