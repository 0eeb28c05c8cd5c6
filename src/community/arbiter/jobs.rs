//! The arbiter's work at its time: ends and renewals, and what became of its calls.
use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::json;

use super::{ledger, settle};
use crate::base::clock::Millis;
use crate::queue::{Done, Job, Priority, Trouble, Work, Worker};

/// Looks at one person whose time has come.
pub const KIND_RENEW: &str = "arbiter.renew";
/// Looks at what became of calls.
pub const KIND_SETTLE: &str = "arbiter.settle";
/// Calls are looked at so often, should news of them have been lost.
const EVERY: Millis = 600_000;
/// Rows in one go.
const ROWS: i64 = 200;

/// The job that looks at somebody at `due`. Several for one moment are one; those for a moment that has
/// become unimportant find nothing to do.
pub(super) fn renewal(chat: i64, subject: i64, due: Millis) -> Job {
    Job::new(KIND_RENEW, json!({ "chat": chat, "subject": subject }))
        .priority(Priority::Urgent)
        .at(due)
        .unique(format!("{chat}:{subject}:{due}"))
        .tenant(chat)
}

/// The job that tries a refused lift again.
pub(super) fn retrial(chat: i64, subject: i64, due: Millis) -> Job {
    let payload = json!({ "chat": chat, "subject": subject, "retry": true });
    Job::new(KIND_RENEW, payload)
        .at(due)
        .unique(format!("{chat}:{subject}:retry:{due}"))
        .tenant(chat)
}

/// The job that looks at calls; there is always one.
pub fn settling() -> Job {
    Job::new(KIND_SETTLE, json!({})).unique("all")
}

/// Who does the arbiter's jobs.
pub fn workers() -> Vec<Arc<dyn Worker>> {
    vec![Arc::new(Renew), Arc::new(Settle)]
}

struct Renew;

impl Worker for Renew {
    fn kind(&self) -> &'static str {
        KIND_RENEW
    }

    fn run<'a>(&'a self, work: &'a mut Work) -> BoxFuture<'a, Result<Done, Trouble>> {
        let ids = (
            work.payload["chat"].as_i64(),
            work.payload["subject"].as_i64(),
        );
        let now = work.now();
        let retry = work.payload["retry"] == true;
        let done = match ids {
            (Some(chat), Some(subject)) => Ok(Done::with(move |tx| {
                if retry {
                    settle::retry(tx, chat, subject, now)?;
                }
                ledger::look(tx, chat, subject, now)
            })),
            _ => Err(Trouble::Hopeless("it names nobody".to_owned())),
        };
        std::future::ready(done).boxed()
    }
}

struct Settle;

impl Worker for Settle {
    fn kind(&self) -> &'static str {
        KIND_SETTLE
    }

    fn run<'a>(&'a self, work: &'a mut Work) -> BoxFuture<'a, Result<Done, Trouble>> {
        let now = work.now();
        let done = Done::with(move |tx| settle::settle(tx, ROWS, now)).again_at(now + EVERY);
        std::future::ready(Ok(done)).boxed()
    }
}
