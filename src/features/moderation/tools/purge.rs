//! `/purge` and `/del`: messages go by command, and are counted.
use std::collections::HashMap;

use super::command::Call;
use super::store::Within;
use super::verbs::Deed;
use super::{catch, store, words};
use crate::base::clock::Millis;
use crate::community;
use crate::features::moderation::order::Desk;
use crate::pipeline::StageError;
use crate::pipeline::stages::Reply;
use crate::store::{Connection, StoreError};
use crate::telegram::sender::{Effect, Send as _};
use crate::texts::text;
use catch::rules::Kind;

/// At most so many messages go by one command (Bot API, deleteMessages).
pub(super) const MOST: i64 = 100;
/// What is older Telegram does not let bots delete (Bot API, deleteMessage).
const OLD: Millis = 48 * 3_600_000;

/// Ids looked through backwards from the command: what is gone already does not count.
const SCANNED: i64 = 1_000;

/// What a command asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    /// From this message to the command.
    From(i64),
    /// The last so many before the command.
    Last(i64),
    /// This message alone.
    One(i64),
}

/// Messages that go, oldest first.
struct Found {
    ids: Vec<i64>,
    /// Known to be too old.
    old: i64,
    /// More than one command removes.
    more: bool,
}

/// Removes what the command means.
pub(super) async fn purge(desk: &Desk, call: Call, args: &str) -> Result<Reply, StageError> {
    let lang = call.lang;
    let Some(command) = call.command else {
        return Ok(Reply::Silence);
    };
    let wish = match (call.verb.deed, call.replied, args.trim()) {
        (Deed::Del, Some(message), _) => Wish::One(message),
        (Deed::Del, None, _) => return Ok(words::say(lang, "tool-del-how")),
        (_, Some(message), "") => Wish::From(message),
        (_, _, number) => match number.parse::<i64>() {
            Ok(count) if count > 0 => Wish::Last(count),
            _ => return Ok(words::say(lang, "tool-purge-how")),
        },
    };
    let (chat, within, now) = (call.group.id, call.within, call.by.now);
    let found = desk
        .store
        .read(move |conn| find(conn, chat, within, command, wish, now))
        .await?;
    if found.ids.is_empty() {
        let key = if found.old > 0 {
            "tool-purge-old"
        } else {
            "tool-purge-none"
        };
        let args = [("count", found.old.into())];
        return Ok(Reply::Fleeting(text(lang, key, &args), None));
    }
    let count = i64::try_from(found.ids.len()).unwrap_or(MOST);
    Ok(Reply::decide(move |tx| {
        let by = &call.by;
        if !catch::pass(tx, (chat, by.id), Kind::Purge, (call.at, count), now)? {
            return Ok(words::say(lang, "alert-frozen"));
        }
        for id in &found.ids {
            let author = store::author(tx, chat, *id)?;
            community::take_down(tx, chat, *id, author, now)?;
            tx.send(&Effect::delete(chat, *id), now, Some(by.seq))?;
        }
        call.tidy(tx)?;
        store::note_purge(tx, chat, by.id, call.verb.name, count, now)?;
        if call.verb.deed == Deed::Del {
            return Ok(Reply::Silence);
        }
        let mut lines = vec![text(lang, "tool-purged", &[("count", count.into())])];
        if found.old > 0 {
            lines.push(text(
                lang,
                "tool-purge-left",
                &[("count", found.old.into())],
            ));
        }
        if found.more {
            lines.push(text(lang, "tool-purge-more", &[("most", MOST.into())]));
        }
        Ok(Reply::Fleeting(lines.join("\n"), None))
    }))
}

/// What goes. In a forum the topic's messages only, which Beadle must have seen; elsewhere everything in between, also
/// what was written before it came.
fn find(
    conn: &Connection,
    chat: i64,
    within: Within,
    command: i64,
    wish: Wish,
    now: Millis,
) -> Result<Found, StoreError> {
    let (from, count) = match wish {
        Wish::From(from) => (from, MOST + 1),
        Wish::Last(count) => (1, count.min(MOST + 1)),
        Wish::One(id) => {
            let known = store::written(conn, chat, Within::Chat, (id, id + 1), (false, 1))?;
            let old = known.first().is_some_and(|(_, at, _)| now - at > OLD);
            return Ok(Found {
                ids: if old { Vec::new() } else { vec![id] },
                old: i64::from(old),
                more: false,
            });
        }
    };
    // The newest first, one more than may go.
    let mut found: Vec<(i64, Option<Millis>)> = Vec::new();
    if within != Within::Chat || matches!(wish, Wish::Last(_)) {
        let known = store::written(conn, chat, within, (from, command), (true, count))?;
        found.extend(known.into_iter().map(|(id, at, _)| (id, Some(at))));
    } else {
        let known = store::written(conn, chat, Within::Chat, (from, command), (false, SCANNED))?;
        let known: HashMap<i64, (Millis, bool)> = known
            .into_iter()
            .map(|(id, at, gone)| (id, (at, gone)))
            .collect();
        let scanned = usize::try_from(SCANNED).unwrap_or(0);
        let between = (from.max(1)..command).rev().take(scanned);
        let standing = between.filter(|id| known.get(id).is_none_or(|(_, gone)| !gone));
        let all = standing.map(|id| (id, known.get(&id).map(|(at, _)| *at)));
        found.extend(all.take(usize::try_from(count).unwrap_or(0)));
    }
    let most = usize::try_from(MOST).unwrap_or(0);
    let more = found.len() > most;
    found.truncate(most);
    let fresh = |at: &Option<Millis>| at.is_none_or(|at| now - at <= OLD);
    let old = found.iter().filter(|(_, at)| !fresh(at)).count();
    let mut ids: Vec<i64> = found
        .iter()
        .filter(|(_, at)| fresh(at))
        .map(|(id, _)| *id)
        .collect();
    ids.reverse();
    Ok(Found {
        ids,
        old: i64::try_from(old).unwrap_or(0),
        more,
    })
}
