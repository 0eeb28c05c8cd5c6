//! Who is held becomes free: they joined, or the door was opened. Only what the door itself imposed is lifted.
use futures_util::future::BoxFuture;
use serde_json::json;

use super::rules::Decision;
use super::step::STEP;
use super::{Gatehouse, store};
use crate::base::clock::Millis;
use crate::community::admission::{Doorkeeper, Finding};
use crate::community::arbiter::{Arbitrate as _, Imposer, Lift, Subject, Whose};
use crate::queue::{Done, Enqueue as _, Job, Priority, Trouble, Work, Worker};
use crate::store::{StoreError, Tx};

const KIND: &str = "gate.release";
/// People who become free in one transaction when a door is opened: each is a call to Telegram.
const AT_ONCE: i64 = 100;

/// Somebody is free; `verified` says that they belong now. False when nothing held them.
pub(super) fn free(
    tx: &mut Tx<'_>,
    keeper: &Doorkeeper,
    (chat, user): (i64, i64),
    verified: bool,
    now: Millis,
    seq: Option<i64>,
) -> Result<bool, StoreError> {
    let (state, finding) = match verified {
        true => ("verified", Finding::Vouched),
        false => ("released", Finding::Pass),
    };
    if !store::end(tx, (chat, user), state, now)? {
        return Ok(false);
    }
    keeper.found(tx, chat, user, STEP, &finding, now)?;
    let lift = Lift {
        chat,
        subject: Subject::User(user),
        by: Imposer::Gate,
        whose: Whose::Own,
    };
    tx.lift(&lift, now, seq)?;
    Ok(true)
}

/// Asks for another look at somebody who is held: they joined a channel.
pub(super) fn look_again(
    tx: &mut Tx<'_>,
    chat: i64,
    user: i64,
    now: Millis,
) -> Result<(), StoreError> {
    let job = Job::new(KIND, json!({ "chat": chat, "user": user })).priority(Priority::Urgent);
    tx.enqueue(&job.tenant(chat).unique(format!("{chat}:{user}")), now)?;
    Ok(())
}

/// Asks for everybody whom a group's door holds to be freed.
pub(super) fn everybody(tx: &mut Tx<'_>, chat: i64, now: Millis) -> Result<(), StoreError> {
    let job = Job::new(KIND, json!({ "chat": chat })).priority(Priority::Urgent);
    tx.enqueue(&job.tenant(chat).unique(format!("{chat}")), now)?;
    Ok(())
}

/// Frees people.
pub(super) struct ReleaseWorker {
    pub(super) house: Gatehouse,
    pub(super) keeper: Doorkeeper,
}

impl ReleaseWorker {
    async fn one(&self, chat: i64, user: i64, now: Millis) -> Result<Done, Trouble> {
        let held = self
            .house
            .store
            .read(move |conn| store::is_held(conn, chat, user));
        if !held.await? {
            return Ok(Done::nothing());
        }
        let (verified, told) = match self.house.gates.of(chat).await? {
            None => (false, Vec::new()),
            Some(gate) => {
                let checked = self.house.ledger.check(&gate, user, true, now).await?;
                match checked.decision {
                    Decision::Hold(_) => return Ok(Done::nothing()),
                    Decision::Let => (true, checked.told),
                    Decision::Unsure => (false, checked.told),
                }
            }
        };
        let keeper = self.keeper.clone();
        Ok(Done::with(move |tx| {
            for (channel, is) in told {
                store::put_membership(tx, (channel, user), is, now)?;
            }
            free(tx, &keeper, (chat, user), verified, now, None).map(|_was_held| ())
        }))
    }

    async fn all(&self, chat: i64, now: Millis) -> Result<Done, Trouble> {
        // As it stands on disk: memory may be a moment behind the command that opened it.
        let some = self
            .house
            .store
            .read(move |conn| match store::state(conn, chat)? {
                // Somebody closed it again.
                Some((true, _)) => Ok(Vec::new()),
                _ => store::held(conn, chat, AT_ONCE),
            })
            .await?;
        let more = i64::try_from(some.len()).is_ok_and(|n| n == AT_ONCE);
        let keeper = self.keeper.clone();
        let done = Done::with(move |tx| {
            for user in some {
                free(tx, &keeper, (chat, user), false, now, None)?;
            }
            Ok(())
        });
        Ok(if more { done.again_at(now) } else { done })
    }
}

impl Worker for ReleaseWorker {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn run<'a>(&'a self, work: &'a mut Work) -> BoxFuture<'a, Result<Done, Trouble>> {
        Box::pin(async move {
            let Some(chat) = work.payload["chat"].as_i64() else {
                return Err(Trouble::Hopeless("the payload names no group".to_owned()));
            };
            match work.payload["user"].as_i64() {
                Some(user) => self.one(chat, user, work.now()).await,
                None => self.all(chat, work.now()).await,
            }
        })
    }
}
