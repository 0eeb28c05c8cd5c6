//! A card to which messages are added says so now and then: in a flood each would be an edit, and starve other cards.
use futures_util::future::BoxFuture;
use serde_json::json;

use super::desk::{self, Desk};
use super::{card, store};
use crate::base::clock::{Millis, SharedClock};
use crate::queue::{Done, Enqueue as _, Job, Trouble, Work, Worker};
use crate::store::{StoreError, Tx};
use crate::telegram::sender::outbox::{self, State};
use crate::telegram::sender::{Send as _, SendLane};

/// Brings one card up to date.
const KIND: &str = "moderation.recount";
/// Between two edits of a card that only count. Of the twenty messages a minute that a group takes, a flood uses six.
const EVERY: Millis = 10_000;

/// Asks for card `id` to say what it says by then.
pub(super) fn soon(tx: &mut Tx<'_>, id: i64, now: Millis) -> Result<(), StoreError> {
    let job = Job::new(KIND, json!({ "card": id })).unique(id.to_string());
    tx.enqueue(&job.at(now + EVERY), now)?;
    Ok(())
}

/// Brings cards up to date.
pub(in crate::features::moderation) struct RecountWorker {
    pub(in crate::features::moderation) desk: Desk,
    pub(in crate::features::moderation) clock: SharedClock,
}

impl Worker for RecountWorker {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn run<'a>(&'a self, work: &'a mut Work) -> BoxFuture<'a, Result<Done, Trouble>> {
        Box::pin(async move {
            let Some(id) = work.payload["card"].as_i64() else {
                return Err(Trouble::Hopeless("the payload names no card".to_owned()));
            };
            let now = self.clock.now();
            let look = self.desk.store.read(move |conn| {
                let Some(card) = desk::located(conn, id)?.filter(|c| c.state == "open") else {
                    return Ok(Look::Over);
                };
                let (Some(place), Some(message)) = (card.place, card.place_message) else {
                    let row = card.outbox.map(|row| outbox::get(conn, row)).transpose()?;
                    let waits = row
                        .flatten()
                        .is_some_and(|r| r.state == State::Queued || r.state == State::Sending);
                    return Ok(if waits { Look::Later } else { Look::Over });
                };
                let waits = outbox::edit_waits(conn, place, message)?;
                Ok(if waits { Look::Later } else { Look::Now })
            });
            Ok(match look.await? {
                Look::Over => Done::nothing(),
                // An edit that waits would only be followed by another.
                Look::Later => Done::nothing().again_at(now + EVERY),
                Look::Now => {
                    let seal = self.desk.seal.clone();
                    Done::with(move |tx| {
                        let Some(found) = desk::located(tx, id)?.filter(|c| c.state == "open")
                        else {
                            return Ok(());
                        };
                        let shown = store::shown(tx, &found)?;
                        if let Some(edit) = card::edited(&seal, &found, &shown) {
                            // Behind new cards, not before them.
                            tx.send(&edit.lane(SendLane::Other), now, None)?;
                        }
                        Ok(())
                    })
                }
            })
        })
    }
}

/// What is to be done with a card.
enum Look {
    /// It is decided, expired or gone.
    Over,
    /// It, or an edit of it, still waits to be sent.
    Later,
    /// It is edited.
    Now,
}
