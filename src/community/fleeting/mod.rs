//! What Beadle says in a group and need not stay: it deletes itself, also when the program ended in between.
use futures_util::future::BoxFuture;
use serde_json::json;

use crate::base::clock::{Millis, SharedClock};
use crate::queue::{Crew, Done, Enqueue as _, Job, Priority, Trouble, Work, Worker};
use crate::store::{Store, StoreError, Tx};
use crate::telegram::sender::outbox::{self, OutboxId, State};
use crate::telegram::sender::{Effect, Send as _};

/// Deletes one message of Beadle's own.
const SWEEP: &str = "community.sweep";
/// How long what need not stay is shown, unless somebody says otherwise.
pub const USUAL: Millis = 60_000;
/// Telegram lets a bot delete what is no older than 48 hours (Bot API, deleteMessage); this is less.
pub const LONGEST: Millis = 47 * 3_600_000;
/// What was sent late is shown for so long at least: nobody reads faster.
const SHOWN: Millis = 10_000;
/// What is on its way, or may be, is looked for again after this.
const AGAIN: Millis = 30_000;

/// `tx.send_fleeting(effect, life, …)`: sent, and deleted after `life` milliseconds.
pub trait Fleeting {
    /// Writes `effect`, a message to a chat that fits into one, and its deletion `life` after `now`.
    fn send_fleeting(
        &mut self,
        effect: &Effect,
        life: Millis,
        now: Millis,
        update_seq: Option<i64>,
    ) -> Result<OutboxId, StoreError>;

    /// Asks for what the outbox row `row` sent to `chat` to be deleted at `at`; nothing happens when it never
    /// arrived.
    fn sweep(
        &mut self,
        row: OutboxId,
        chat: i64,
        at: Millis,
        now: Millis,
    ) -> Result<(), StoreError>;
}

impl Fleeting for Tx<'_> {
    fn send_fleeting(
        &mut self,
        effect: &Effect,
        life: Millis,
        now: Millis,
        update_seq: Option<i64>,
    ) -> Result<OutboxId, StoreError> {
        let life = life.clamp(SHOWN, LONGEST);
        // What could not be said in its time is not said any more.
        let row = self.send(&effect.clone().until(now + life), now, update_seq)?;
        if let Some(chat) = effect.chat {
            self.sweep(row, chat, now + life, now)?;
        }
        Ok(row)
    }

    fn sweep(
        &mut self,
        row: OutboxId,
        chat: i64,
        at: Millis,
        now: Millis,
    ) -> Result<(), StoreError> {
        let job = Job::new(SWEEP, json!({ "outbox": row, "chat": chat }));
        self.enqueue(&job.tenant(chat).priority(Priority::Low).at(at), now)?;
        Ok(())
    }
}

/// Deletes messages of Beadle's own whose time has passed.
pub struct SweepWorker {
    /// The database.
    pub store: Store,
    /// Time.
    pub clock: SharedClock,
}

impl Worker for SweepWorker {
    fn kind(&self) -> &'static str {
        SWEEP
    }

    fn crew(&self) -> Crew {
        Crew::ONE
    }

    fn run<'a>(&'a self, work: &'a mut Work) -> BoxFuture<'a, Result<Done, Trouble>> {
        Box::pin(async move {
            let number = |name: &str| work.payload[name].as_i64();
            let (Some(row), Some(chat)) = (number("outbox"), number("chat")) else {
                return Err(Trouble::Hopeless("the payload names no message".to_owned()));
            };
            // What was refused may have taken another way: into the person's own chat, where it stays.
            let found = self
                .store
                .read(move |conn| outbox::get(conn, outbox::last(conn, row)?))
                .await?
                .filter(|row| row.chat.is_some_and(|at| at == chat || at < 0));
            let now = self.clock.now();
            let Some(row) = found else {
                return Ok(Done::nothing());
            };
            // A group may have another id by now.
            let chat = row.chat.unwrap_or(chat);
            if matches!(row.state, State::Queued | State::Sending) {
                return Ok(Done::nothing().again_at(now + AGAIN));
            }
            // Failed, expired, or nobody knows: there is nothing to delete.
            let Some(message) = row.message_id() else {
                return Ok(Done::nothing());
            };
            let seen = row.settled_at.unwrap_or(now) + SHOWN;
            if now < seen && seen <= now + SHOWN {
                return Ok(Done::nothing().again_at(seen));
            }
            Ok(Done::with(move |tx| {
                tx.send(&Effect::delete(chat, message), now, None)?;
                Ok(())
            }))
        })
    }
}
