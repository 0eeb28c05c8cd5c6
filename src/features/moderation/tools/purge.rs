//! `/purge` and `/del`: messages go by command, and are counted.
use super::command::Call;
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
    let (chat, topic, now) = (call.group.id, call.topic, call.by.now);
    let found = desk
        .store
        .read(move |conn| find(conn, chat, topic, command, wish, now))
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
    topic: Option<i64>,
    command: i64,
    wish: Wish,
    now: Millis,
) -> Result<Found, StoreError> {
    let (from, count) = match wish {
        Wish::From(from) => (from, i64::MAX),
        Wish::Last(count) => (1, count),
        Wish::One(id) => {
            let known = store::written(conn, chat, None, (id, id + 1), 1)?;
            let old = known.first().is_some_and(|(_, at, _)| now - at > OLD);
            let ids = if old { Vec::new() } else { vec![id] };
            return Ok(Found {
                ids,
                old: i64::from(old),
                more: false,
            });
        }
    };
    // The newest first, one more than may go.
    let known = store::written(conn, chat, topic, (from, command), MOST + 1)?;
    let mut ids: Vec<i64> = Vec::new();
    let mut old = 0;
    if topic.is_some() || matches!(wish, Wish::Last(_)) {
        for (id, at, removed) in known
            .iter()
            .filter(|(_, _, removed)| !removed)
            .take(usize::try_from(count).unwrap_or(usize::MAX))
        {
            if !removed && now - at <= OLD {
                ids.push(*id);
            } else {
                old += 1;
            }
        }
    } else {
        let gone = |id: i64| known.iter().find(|(known, ..)| *known == id);
        for id in (from.max(1)..command)
            .rev()
            .take(usize::try_from(MOST).unwrap_or(0) + 1)
        {
            match gone(id) {
                Some((_, _, true)) => {}
                Some((_, at, false)) if now - at > OLD => old += 1,
                _ => ids.push(id),
            }
        }
    }
    let most = usize::try_from(MOST).unwrap_or(0);
    let more =
        ids.len() > most || (matches!(wish, Wish::From(_)) && command.saturating_sub(from) > MOST);
    ids.truncate(most);
    ids.reverse();
    Ok(Found { ids, old, more })
}
