//! Two safety catches: Beadle that treats too many at once, or a moderator who bans or removes too many, is stopped
//! in that group until its owner has looked, and what was done can be undone whole.
//!
//! `rules` says when; what counts is on disk with the time at which it happened, so that neither a restart nor the
//! backlog after one makes it look like more. Stopping is a row in the transaction of the deed that would be too
//! much, and that deed is not done. `card` tells the owner, `unwind` undoes.
mod card;
pub mod rules;
mod store;
mod unwind;

use serde_json::json;

pub(in crate::features::moderation) use card::{CatchCommand, TellWorker};
pub(in crate::features::moderation) use unwind::UnwindWorker;

use crate::base::clock::Millis;
use crate::community::audit::{Actor, Audit as _, AuditEntry};
use crate::features::moderation::ladder::BURST;
use crate::store::{Connection, StoreError, Tx};
use rules::Kind;

/// Beadle itself, among sources.
pub(in crate::features::moderation) const MACHINE: i64 = 0;
/// Who came less than this ago may be part of a raid, and does not count.
const SETTLED: Millis = 24 * 3_600_000;

/// Who does something, where.
pub(in crate::features::moderation) type Source = (i64, i64);

/// Whether a source (a moderator, or [`MACHINE`]) is stopped in a group.
pub(in crate::features::moderation) fn is_frozen(
    conn: &Connection,
    chat: i64,
    source: i64,
) -> Result<bool, StoreError> {
    store::is_frozen(conn, chat, source)
}

/// Whether a source may do `weight` more of `kind`, which happened at `at`; it is counted. When it is too much the
/// source is stopped, and the owner is told.
pub(in crate::features::moderation) fn pass(
    tx: &mut Tx<'_>,
    source: Source,
    kind: Kind,
    (at, weight): rules::Mark,
    now: Millis,
) -> Result<bool, StoreError> {
    let (chat, by) = source;
    if store::is_frozen(tx, chat, by)? {
        return Ok(false);
    }
    let at = at.min(now);
    let marks = store::marks(tx, source, kind, at)?;
    let Some(since) = rules::trips(&marks, (at, weight), kind.window(), kind.most()) else {
        store::mark(tx, source, kind, (at, weight))?;
        return Ok(true);
    };
    let id = store::freeze(tx, source, kind, since, now)?;
    card::tell(tx, chat, id, now)?;
    let note = AuditEntry::new(Actor::System, "moderation.freeze", subject(by))
        .in_chat(chat)
        .with(json!({ "kind": kind.word(), "since": since, "freeze": id }));
    tx.audit(&note, now)?;
    tracing::warn!(chat, kind = kind.word(), "a safety catch tripped");
    Ok(false)
}

/// The same for Beadle, about to treat `user` for something of `at`. Newcomers do not count, and what one person does
/// within a minute counts once. While Beadle is stopped, a rule that an admin has `written` still meets newcomers.
pub(in crate::features::moderation) fn pass_machine(
    tx: &mut Tx<'_>,
    (chat, user): (i64, Option<i64>),
    at: Millis,
    written: bool,
    now: Millis,
) -> Result<bool, StoreError> {
    let Some(user) = user else {
        return Ok(written || !store::is_frozen(tx, chat, MACHINE)?);
    };
    let settled = store::since(tx, chat, user)?.is_some_and(|since| at - since > SETTLED);
    let again =
        store::last_treated(tx, chat, user)?.is_some_and(|last| (0..BURST).contains(&(now - last)));
    if !settled || again {
        let free = written && !settled;
        return Ok(free || !store::is_frozen(tx, chat, MACHINE)?);
    }
    pass(tx, (chat, MACHINE), Kind::Treatment, (at, 1), now)
}

fn subject(source: i64) -> String {
    match source {
        MACHINE => "beadle".to_owned(),
        user => format!("user:{user}"),
    }
}
