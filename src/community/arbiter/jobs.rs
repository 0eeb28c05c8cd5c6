//! The arbiter's work at its time: ends and renewals, and what became of its calls.
use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::json;

use super::permissions::Permissions;
use super::{chat, ledger, settle, store};
use crate::base::clock::Millis;
use crate::queue::{Done, Enqueue as _, Job, Priority, Trouble, Work, Worker};
use crate::store::{StoreError, Tx};
use crate::telegram::sender::{Method, Sender};

/// Looks at one person whose time has come.
pub const KIND_RENEW: &str = "arbiter.renew";
/// Looks at a whole group whose time has come.
pub const KIND_CHAT: &str = "arbiter.restore";
/// Looks at what became of calls.
pub const KIND_SETTLE: &str = "arbiter.settle";
/// A person's ban of somebody began, changed or ended; whoever follows bans looks what stands now.
pub const KIND_FOLLOW: &str = "arbiter.follow";
/// Calls are looked at so often, should news of them have been lost.
const EVERY: Millis = 600_000;
/// After a call it is looked at so soon.
const SOON: Millis = 5_000;
/// A question about a group is given up after this.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(5);
/// Looks asked for at a start; more are found by the next.
const DUE: i64 = 10_000;
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
        .standing()
}

/// The job that tries a refused lift again.
pub(super) fn retrial(chat: i64, subject: i64, due: Millis) -> Job {
    let payload = json!({ "chat": chat, "subject": subject, "retry": true });
    Job::new(KIND_RENEW, payload)
        .at(due)
        .unique(format!("{chat}:{subject}:retry:{due}"))
        .tenant(chat)
}

/// The job that tells whoever follows bans.
pub(super) fn following(chat: i64, subject: i64) -> Job {
    Job::new(KIND_FOLLOW, json!({ "chat": chat, "subject": subject }))
        .priority(Priority::Low)
        .unique(format!("{chat}:{subject}"))
        .tenant(chat)
}

/// The job that looks at calls; there is always one.
fn settling() -> Job {
    Job::new(KIND_SETTLE, json!({})).unique("all").standing()
}

/// At every start: the standing work, and looks at all that stands on a whole group or is due, should a look have
/// been lost.
pub fn stand(tx: &mut Tx<'_>, now: Millis) -> Result<(), StoreError> {
    tx.enqueue(&settling(), now)?;
    for (chat, until) in store::standing_on_chats(tx, DUE)? {
        tx.enqueue(&chat_look(chat, until), now)?;
    }
    for (chat, subject, due) in store::overdue(tx, now, DUE)? {
        tx.enqueue(&renewal(chat, subject, due), now)?;
    }
    Ok(())
}

/// A look at calls soon after one was made: most are settled by then.
pub(super) fn settling_soon(now: Millis) -> Job {
    Job::new(KIND_SETTLE, json!({ "once": true }))
        .at(now + SOON)
        .unique("soon")
}

/// A look at calls once one that may not wait longer has gone or was given up, at `at`.
pub(super) fn settling_at(at: Millis) -> Job {
    let at = at.div_euclid(1_000) * 1_000;
    Job::new(KIND_SETTLE, json!({ "once": true }))
        .at(at + 2_000)
        .unique(format!("at:{at}"))
}

/// The job that looks at a whole group at `due`.
pub(super) fn chat_look(chat: i64, due: Millis) -> Job {
    Job::new(KIND_CHAT, json!({ "chat": chat }))
        .priority(Priority::Urgent)
        .at(due)
        .unique(format!("{chat}:{due}"))
        .tenant(chat)
        .standing()
}

/// Who does the arbiter's jobs; groups are asked about through `sender`.
pub fn workers(sender: &Sender) -> Vec<Arc<dyn Worker>> {
    let look = Look {
        sender: sender.clone(),
    };
    vec![Arc::new(Renew), Arc::new(Settle), Arc::new(look)]
}

/// What `getChat` says that members may do; None when it does not.
pub(super) async fn current(sender: &Sender, chat: i64) -> Option<Permissions> {
    let question = json!({ "chat_id": chat });
    let asked = sender.ask(Method::GetChat, &question);
    let answer = tokio::time::timeout(PATIENCE, asked).await.ok()?.ok()?;
    let permissions = answer.get("permissions")?;
    permissions
        .is_object()
        .then(|| Permissions::from_json(permissions))
}

struct Look {
    sender: Sender,
}

impl Worker for Look {
    fn kind(&self) -> &'static str {
        KIND_CHAT
    }

    fn run<'a>(&'a self, work: &'a mut Work) -> BoxFuture<'a, Result<Done, Trouble>> {
        Box::pin(async move {
            let Some(chat) = work.payload["chat"].as_i64() else {
                return Err(Trouble::Hopeless("it names no group".to_owned()));
            };
            // Without an answer it is put back as it was: nobody is left locked out.
            let current = current(&self.sender, chat).await;
            let now = work.now();
            Ok(Done::with(move |tx| chat::look(tx, chat, current, now)))
        })
    }
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
        let done = Done::with(move |tx| settle::settle(tx, ROWS, now));
        let once = work.payload["once"] == true;
        let done = if once {
            done
        } else {
            done.again_at(now + EVERY)
        };
        std::future::ready(Ok(done)).boxed()
    }
}
