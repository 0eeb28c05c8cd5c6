//! A card that may no longer show what it shows: not sent at all, or blanked where it stands, once that is known.
use futures_util::future::BoxFuture;
use serde_json::json;

use super::picture;
use super::store::Card;
use crate::base::clock::{Millis, SharedClock};
use crate::queue::{Done, Enqueue as _, Job, Trouble, Work, Worker};
use crate::store::{Store, StoreError, Tx};
use crate::telegram::sender::outbox::{self, State};
use crate::telegram::sender::{Effect, Send as _};
use crate::texts::{Lang, text};

/// Blanks one card whose message was not known yet.
const KIND: &str = "moderation.wipe";
/// A card on its way is looked for after this.
const LATER: Millis = 60_000;

/// Puts the text `key` in place of a card and takes its buttons and picture away. One that waits to be sent is not.
pub(super) fn wipe(
    tx: &mut Tx<'_>,
    card: &Card,
    key: &'static str,
    now: Millis,
) -> Result<(), StoreError> {
    picture::remove(tx, card, now, None)?;
    let Some(place) = card.place else {
        return Ok(());
    };
    if let Some(message) = card.place_message {
        tx.send(&blank(place, message, &card.lang, key), now, None)?;
        return Ok(());
    }
    let Some(row) = card.outbox else {
        return Ok(());
    };
    if outbox::cancel(tx, row, now)? {
        return Ok(());
    }
    let payload = json!({ "outbox": row, "place": place, "lang": card.lang, "key": key });
    tx.enqueue(&Job::new(KIND, payload).at(now + LATER), now)?;
    Ok(())
}

fn blank(place: i64, message: i64, lang: &str, key: &str) -> Effect {
    let words = text(Lang::from_tag(Some(lang)), key, &[]);
    Effect::edit_html(
        place,
        message,
        words,
        Some(json!({ "inline_keyboard": [] })),
    )
}

/// Blanks cards that were on their way.
pub(in crate::features::moderation) struct WipeWorker {
    pub(in crate::features::moderation) store: Store,
    pub(in crate::features::moderation) clock: SharedClock,
}

impl Worker for WipeWorker {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn run<'a>(&'a self, work: &'a mut Work) -> BoxFuture<'a, Result<Done, Trouble>> {
        Box::pin(async move {
            let payload = work.payload.clone();
            let number = |name: &str| payload[name].as_i64();
            let (Some(row), Some(place)) = (number("outbox"), number("place")) else {
                return Err(Trouble::Hopeless("the payload names no card".to_owned()));
            };
            let now = self.clock.now();
            let found = self.store.read(move |conn| outbox::get(conn, row)).await?;
            let Some(found) = found else {
                return Ok(Done::nothing());
            };
            let word = |name: &str| payload[name].as_str().unwrap_or_default().to_owned();
            let (lang, key) = (word("lang"), word("key"));
            Ok(match (found.message_id(), found.state) {
                (Some(message), _) => Done::with(move |tx| {
                    tx.send(&blank(place, message, &lang, &key), now, None)?;
                    Ok(())
                }),
                // Put back into the queue meanwhile.
                (None, State::Queued) => Done::with(move |tx| {
                    outbox::cancel(tx, row, now)?;
                    Ok(())
                }),
                (None, State::Sending) => Done::nothing().again_at(now + LATER),
                // Refused, or its answer is lost: there is no message that could be named.
                _ => Done::nothing(),
            })
        })
    }
}
