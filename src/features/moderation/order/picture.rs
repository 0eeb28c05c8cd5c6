//! The picture of a removed message, beside its card: under a spoiler, not to be forwarded, gone with the decision.
use serde_json::json;

use super::store::{self, Card};
use crate::base::clock::Millis;
use crate::community::fleeting::Fleeting as _;
use crate::store::{StoreError, Tx};
use crate::telegram::sender::{Effect, Method, Send as _, outbox};

/// It goes by itself after this: a bot may delete its messages for 48 hours (Bot API, deleteMessage).
const LIFE: Millis = 40 * 3_600_000;
/// When nobody knows its message yet, it is looked for after this.
const LATER: Millis = 60_000;

/// Sends the picture of a card's message to its place, if it has one and is gone from the group.
pub(super) fn show(
    tx: &mut Tx<'_>,
    card: &Card,
    place: i64,
    now: Millis,
    seq: Option<i64>,
) -> Result<(), StoreError> {
    let Some(message) = card.message else {
        return Ok(());
    };
    let Some((kind, file)) = store::picture(tx, card.chat, message)? else {
        return Ok(());
    };
    let method = match kind.as_str() {
        "photo" => Method::SendPhoto,
        "video" => Method::SendVideo,
        _ => Method::SendAnimation,
    };
    let mut params = json!({ "has_spoiler": true, "protect_content": true });
    params[&kind] = file.into();
    let row = tx.send(&Effect::generic(method, Some(place), params), now, seq)?;
    store::put_picture(tx, card.id, Some(row))?;
    tx.sweep(row, place, now + LIFE, now)
}

/// Takes it away: the card is decided, moved or expired.
pub(super) fn remove(
    tx: &mut Tx<'_>,
    card: &Card,
    now: Millis,
    seq: Option<i64>,
) -> Result<(), StoreError> {
    let (Some(row), Some(place)) = (card.picture, card.place) else {
        return Ok(());
    };
    store::put_picture(tx, card.id, None)?;
    match outbox::get(tx, row)?.and_then(|row| row.message_id()) {
        Some(message) => {
            tx.send(&Effect::delete(place, message), now, seq)?;
            Ok(())
        }
        None if outbox::cancel(tx, row, now)? => Ok(()),
        None => tx.sweep(row, place, now + LATER, now),
    }
}
