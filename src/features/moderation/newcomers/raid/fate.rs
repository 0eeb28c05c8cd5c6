//! What becomes of a raid's people, in portions: they are let go, or put out, or that is taken back.
use futures_util::future::BoxFuture;
use serde_json::json;

use super::step::STEP;
use super::{store, watch};
use crate::base::clock::Millis;
use crate::community::admission::{Doorkeeper, Finding};
use crate::community::arbiter::{Arbitrate as _, Imposer, Lift, Measure, Order, Subject, Whose};
use crate::queue::{Done, Enqueue as _, Job, Priority, Trouble, Work, Worker};
use crate::store::{StoreError, Tx};

const KIND: &str = "newcomers.fate";
/// People in one transaction.
const PORTION: i64 = 25;
/// How long those stay out who were put out.
const OUT: Millis = 24 * 3_600_000;

/// Begins the work: `what` is `free`, `remove` or `undo`.
pub(super) fn begin(tx: &mut Tx<'_>, raid: i64, what: &str, now: Millis) -> Result<(), StoreError> {
    let job = Job::new(KIND, json!({ "raid": raid, "what": what })).priority(Priority::Urgent);
    tx.enqueue(&job, now)?;
    Ok(())
}

/// Does it.
pub(super) struct FateWorker(pub(super) Doorkeeper);

impl Worker for FateWorker {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn run<'a>(&'a self, work: &'a mut Work) -> BoxFuture<'a, Result<Done, Trouble>> {
        Box::pin(async move {
            let (Some(raid), Some(what)) = (
                work.payload["raid"].as_i64(),
                work.payload["what"].as_str().map(str::to_owned),
            ) else {
                return Err(Trouble::Hopeless("it names no raid".to_owned()));
            };
            let now = work.now();
            loop {
                let (keeper, what) = (self.0.clone(), what.clone());
                let left = work
                    .save(json!(null), move |tx| {
                        portion(tx, &keeper, raid, &what, now)
                    })
                    .await?;
                if left == 0 {
                    break;
                }
            }
            Ok(Done::with(move |tx| watch::soon(tx, raid, now)))
        })
    }
}

/// One portion; gives how many were treated.
fn portion(
    tx: &mut Tx<'_>,
    keeper: &Doorkeeper,
    raid: i64,
    what: &str,
    now: Millis,
) -> Result<usize, StoreError> {
    let Some(raid) = store::get(tx, raid)? else {
        return Ok(0);
    };
    // A later word has taken the place of this one.
    let lasting = if what == "undo" { "free" } else { what };
    if raid.fate != lasting {
        return Ok(0);
    }
    let which = if what == "undo" {
        store::Which::Removed
    } else {
        store::Which::Held
    };
    let people = store::people(tx, raid.id, which, PORTION, now)?;
    for user in &people {
        let (chat, user) = (raid.chat, *user);
        // First, so that the end of the hold finds it decided.
        let state = if what == "remove" { "removed" } else { "free" };
        store::put_state(tx, raid.id, user, state)?;
        if what == "remove" {
            let finding = Finding::Refuse {
                reason: "raid",
                out_for: Some(OUT),
            };
            if !keeper.found(tx, chat, user, STEP, &finding, now)? {
                put_out(tx, chat, user, now)?;
            }
        } else if !keeper.found(tx, chat, user, STEP, &Finding::Pass, now)? {
            let lift = Lift {
                chat,
                subject: Subject::User(user),
                by: Imposer::Raid,
                whose: Whose::Own,
            };
            tx.lift(&lift, now, None)?;
        }
    }
    Ok(people.len())
}

fn put_out(tx: &mut Tx<'_>, chat: i64, user: i64, now: Millis) -> Result<(), StoreError> {
    let order = Order {
        chat,
        subject: Subject::User(user),
        by: Imposer::Raid,
        what: Measure::Ban,
        until: Some(now + OUT),
        reason: "raid".to_owned(),
        verdict: None,
        revoke_messages: false,
        asked: false,
    };
    tx.impose(&order, now, None)?;
    Ok(())
}
