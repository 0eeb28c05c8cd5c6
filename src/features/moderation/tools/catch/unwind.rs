//! Undoes everything that one source did since a moment, in portions: cards, treatments, lessons.
use futures_util::future::BoxFuture;
use serde_json::json;

use super::store::{self, Freeze};
use super::{MACHINE, card};
use crate::base::clock::{Millis, SharedClock};
use crate::community::reputation::Repute as _;
use crate::features::moderation::learning;
use crate::features::moderation::order::decide::{self, Moderator};
use crate::features::moderation::order::store::{self as cards, treatments};
use crate::features::moderation::order::{Desk, refresh, undo};
use crate::features::moderation::store::verdict_id;
use crate::queue::{Done, Enqueue as _, Job, Priority, Trouble, Work, Worker};
use crate::store::{StoreError, Tx};
use crate::texts::Lang;

/// Undoes one portion.
const KIND: &str = "moderation.unwind";
/// Of each in one portion: what is undone may say messages again, and a transaction stays short.
const PORTION: i64 = 10;

/// Asks for a freeze's undoing.
pub(super) fn ask(tx: &mut Tx<'_>, chat: i64, id: i64, now: Millis) -> Result<(), StoreError> {
    let job = Job::new(KIND, json!({ "freeze": id }))
        .priority(Priority::Urgent)
        .tenant(chat);
    tx.enqueue(&job, now)?;
    Ok(())
}

/// Undoes what a freeze says.
pub(in crate::features::moderation) struct UnwindWorker {
    pub(in crate::features::moderation) desk: Desk,
    pub(in crate::features::moderation) clock: SharedClock,
}

impl Worker for UnwindWorker {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn run<'a>(&'a self, work: &'a mut Work) -> BoxFuture<'a, Result<Done, Trouble>> {
        Box::pin(async move {
            let Some(id) = work.payload["freeze"].as_i64() else {
                return Err(Trouble::Hopeless("the payload names no freeze".to_owned()));
            };
            let store = &self.desk.store;
            let found = store.read(move |conn| store::get(conn, id)).await?;
            let Some(f) = found.filter(|f| !f.undo_done) else {
                return Ok(Done::nothing());
            };
            let Some(since) = f.undo_since else {
                return Ok(Done::nothing());
            };
            let now = self.clock.now();
            let desk = self.desk.clone();
            Ok(Done::with(move |tx| {
                let count = portion(tx, &desk, &f, since, now)?;
                let done = count == 0;
                store::undone(tx, id, count, done)?;
                if !done {
                    ask(tx, f.chat, id, now)?;
                }
                card::refresh(tx, &desk.seal, id, now)
            }))
        })
    }
}

/// Undoes some of it; gives how much, 0 when all is undone.
fn portion(
    tx: &mut Tx<'_>,
    desk: &Desk,
    f: &Freeze,
    since: Millis,
    now: Millis,
) -> Result<i64, StoreError> {
    let by = Moderator {
        id: f.decided_by.unwrap_or(MACHINE),
        name: String::new(),
        now,
        seq: 0,
        frees: true,
        ladder: None,
    };
    let mut count = 0;
    if f.source != MACHINE {
        for id in store::decided(tx, f, since, PORTION)? {
            let Some(card) = cards::get(tx, id)? else {
                continue;
            };
            if cards::reopen(tx, id)? {
                decide::take_back(tx, &card, &by)?;
                refresh(tx, &desk.seal, id, now, None)?;
                count += 1;
            }
        }
    }
    let lang = store::title(tx, f.chat)?.1;
    let lang = Lang::from_tag(lang.as_deref());
    for id in store::treatments(tx, f, since, PORTION)? {
        let Some(t) = treatments::get(tx, id)? else {
            continue;
        };
        if !undo::treatment(tx, &t, &by)? {
            continue;
        }
        count += 1;
        let Some(message) = t.message else { continue };
        undo::message(tx, t.chat, message, t.user, lang, &by)?;
        if let Some(cause) = verdict_id(tx, t.chat, message)? {
            tx.pardon(cause, now)?;
        }
        if f.source == MACHINE {
            learning::untaught(tx, t.chat, message)?;
            if let Some(card) = cards::verdict_of(tx, t.chat, message)? {
                refresh(tx, &desk.seal, card.id, now, None)?;
            }
        }
    }
    for message in store::lessons(tx, f, since, PORTION)? {
        count += i64::from(learning::untaught(tx, f.chat, message)?);
    }
    count += i64::try_from(store::unvouch(tx, f, since)?).unwrap_or(0);
    Ok(count)
}
