//! What is sent in the place of a call that Telegram refused, in the transaction that settles it.
use rusqlite::{OptionalExtension as _, params};
use serde_json::{Value, json};

use super::{OutboxId, Send as _};
use crate::base::clock::Millis;
use crate::store::{Connection, StoreError, Tx, meta};
use crate::telegram::sender::effects::{Effect, SendLane};
use crate::telegram::sender::methods::Method;

/// Name in `meta` of when the server last showed to all what one person was to see.
const OVERHEARD: &str = "ephemeral.overheard_at";
/// After this it is tried again: the server may have been renewed.
const TRY_AGAIN: Millis = 24 * 3_600_000;
/// Links of a chain that are read back; none is longer.
const LONGEST: usize = 8;

/// The column `instead` of a row.
pub(super) fn column(effect: &Effect) -> Option<String> {
    effect.instead.as_deref().map(|e| written(e).to_string())
}

fn written(effect: &Effect) -> Value {
    json!({
        "lane": effect.lane as u8,
        "method": effect.method.name(),
        "chat": effect.chat,
        "params": effect.params,
        "deadline": effect.deadline,
        "instead": effect.instead.as_deref().map(written),
    })
}

/// None for what this version cannot send.
fn read(mut value: Value, left: usize) -> Option<Effect> {
    let left = left.checked_sub(1)?;
    let lane = usize::try_from(value["lane"].as_u64()?).ok()?;
    let next = value["instead"].take();
    Some(Effect {
        method: Method::from_name(value["method"].as_str()?)?,
        chat: value["chat"].as_i64(),
        lane: *SendLane::ALL.get(lane)?,
        params: value["params"].take(),
        deadline: value["deadline"].as_i64(),
        instead: read(next, left).map(Box::new),
    })
}

/// Row `id` was refused or came too late: what was named for that case is sent.
pub(super) fn follow(tx: &mut Tx<'_>, id: OutboxId, now: Millis) -> Result<(), StoreError> {
    let found: Option<(Option<String>, Option<i64>)> = tx
        .prepare_cached("SELECT instead, update_seq FROM outbox WHERE id = ?1")?
        .query_row([id], |r| Ok((r.get(0)?, r.get(1)?)))
        .optional()?;
    let Some((Some(json), seq)) = found else {
        return Ok(());
    };
    let value = serde_json::from_str(&json)?;
    let next = match read(value, LONGEST) {
        Some(effect) => Some(tx.send(&effect, now, seq)?),
        None => None,
    };
    tx.prepare_cached("UPDATE outbox SET instead = NULL, followed_by = ?2 WHERE id = ?1")?
        .execute(params![id, next])?;
    Ok(())
}

/// The row that was carried out in the place of `id`, or may yet be: `id` itself, or the last that followed it.
pub fn last(conn: &Connection, id: OutboxId) -> Result<OutboxId, StoreError> {
    let mut last = id;
    for _ in 0..LONGEST {
        let next: Option<Option<OutboxId>> = conn
            .prepare_cached("SELECT followed_by FROM outbox WHERE id = ?1")?
            .query_row([last], |r| r.get(0))
            .optional()?;
        match next.flatten() {
            Some(next) => last = next,
            None => break,
        }
    }
    Ok(last)
}

/// A message for one person was shown to all, by a server that knows no such messages: it goes at once, and
/// for a day none is sent.
pub(super) fn overheard(
    tx: &mut Tx<'_>,
    chat: i64,
    message: i64,
    now: Millis,
) -> Result<(), StoreError> {
    tx.send(&Effect::delete(chat, message), now, None)?;
    meta::put_number(tx, OVERHEARD, now)
}

/// Whether messages for one person in a group may be tried.
pub fn may_whisper(conn: &Connection, now: Millis) -> Result<bool, StoreError> {
    let at = meta::number(conn, OVERHEARD)?;
    Ok(at == 0 || now - at >= TRY_AGAIN)
}
