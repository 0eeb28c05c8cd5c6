//! All SQL of keeping cards in order: where they stand, what has expired, what is waiting.
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::base::clock::Millis;
use crate::community::keeping;
use crate::store::{StoreError, Tx};

/// An open card whose way to its place failed.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::features::moderation) struct Stranded {
    pub card: i64,
    pub chat: i64,
    pub place: i64,
    /// What Telegram said.
    pub error: String,
}

/// Open cards whose sending failed, at most `limit`.
pub(in crate::features::moderation) fn stranded(
    conn: &Connection,
    limit: i64,
) -> Result<Vec<Stranded>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT c.id, c.chat, c.place, coalesce(o.error, '') FROM cards c JOIN outbox o ON o.id = c.outbox
         WHERE c.state = 'open' AND c.place IS NOT NULL AND c.place_message IS NULL AND o.state = 3
         ORDER BY c.id LIMIT ?1",
    )?;
    let rows = find.query_map([limit], |r| {
        Ok(Stranded {
            card: r.get(0)?,
            chat: r.get(1)?,
            place: r.get(2)?,
            error: r.get(3)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Groups whose log chat Beadle is not in any more, with that chat.
pub(in crate::features::moderation) fn closed(
    conn: &Connection,
    limit: i64,
) -> Result<Vec<(i64, i64)>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT g.id, l.id FROM groups g JOIN groups l
             ON l.id = json_extract(g.settings, '$.moderation.log_chat')
         WHERE l.deleted_at IS NOT NULL AND l.migrated_to IS NULL AND g.migrated_to IS NULL LIMIT ?1",
    )?;
    let rows = find.query_map([limit], |r| Ok((r.get(0)?, r.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Open cards about `chat` that stand in `place`, oldest first.
pub(in crate::features::moderation) fn standing(
    conn: &Connection,
    chat: i64,
    place: i64,
    limit: i64,
) -> Result<Vec<i64>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT id FROM cards WHERE state = 'open' AND place = ?2 AND chat = ?1 ORDER BY id LIMIT ?3",
    )?;
    let rows = find.query_map([chat, place, limit], |r| r.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Groups whose log chat is `place`.
pub(in crate::features::moderation) fn groups_logged_in(
    conn: &Connection,
    place: i64,
) -> Result<Vec<i64>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT id FROM groups WHERE json_extract(settings, '$.moderation.log_chat') = ?1
             AND migrated_to IS NULL",
    )?;
    let rows = find.query_map([place], |r| r.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A card stands nowhere any more, and waits.
pub(in crate::features::moderation) fn displace(tx: &Tx<'_>, card: i64) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE cards SET place = NULL, place_message = NULL, outbox = NULL, picture = NULL WHERE id = ?1",
        [card],
    )?;
    Ok(())
}

/// Groups with cards that wait for a place, opened after `since`.
pub(in crate::features::moderation) fn waiting_groups(
    conn: &Connection,
    since: Millis,
    limit: i64,
) -> Result<Vec<i64>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT chat FROM cards WHERE state = 'open' AND place IS NULL AND created_at > ?1
         GROUP BY chat ORDER BY max(id) DESC LIMIT ?2",
    )?;
    let rows = find.query_map([since, limit], |r| r.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The newest cards of a group that wait for a place, oldest of them first.
pub(in crate::features::moderation) fn waiting(
    conn: &Connection,
    chat: i64,
    since: Millis,
    limit: i64,
) -> Result<Vec<i64>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT id FROM cards WHERE state = 'open' AND place IS NULL AND chat = ?1 AND created_at > ?2
         ORDER BY id DESC LIMIT ?3",
    )?;
    let rows = find.query_map([chat, since, limit], |r| r.get(0))?;
    let mut all: Vec<i64> = rows.collect::<Result<_, _>>()?;
    all.reverse();
    Ok(all)
}

/// Notes, of up to `limit` cards, the message that Telegram made of them, before the outbox forgets it.
pub(in crate::features::moderation) fn settle(
    tx: &Tx<'_>,
    limit: i64,
) -> Result<usize, StoreError> {
    Ok(tx.execute(
        "UPDATE cards SET place_message = (SELECT json_extract(o.result, '$.message_id') FROM outbox o
             WHERE o.id = cards.outbox)
         WHERE id IN (SELECT c.id FROM cards c JOIN outbox o ON o.id = c.outbox
             WHERE c.place_message IS NULL AND c.state <> 'expired' AND o.state = 2 AND o.result IS NOT NULL
             LIMIT ?1)",
        [limit],
    )?)
}

/// Cards opened before `before` that have not expired, oldest first.
pub(in crate::features::moderation) fn old(
    conn: &Connection,
    before: Millis,
    limit: i64,
) -> Result<Vec<i64>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT id FROM cards WHERE state <> 'expired' AND created_at < ?1 ORDER BY created_at LIMIT ?2",
    )?;
    let rows = find.query_map([before, limit], |r| r.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A card expires: nothing is decided on it any more.
pub(in crate::features::moderation) fn expire(tx: &Tx<'_>, card: i64) -> Result<(), StoreError> {
    tx.execute("UPDATE cards SET state = 'expired' WHERE id = ?1", [card])?;
    Ok(())
}

/// The settings of a group, as JSON.
pub(in crate::features::moderation) fn settings(
    conn: &Connection,
    chat: i64,
) -> Result<Option<String>, StoreError> {
    Ok(conn
        .prepare_cached("SELECT settings FROM groups WHERE id = ?1")?
        .query_row([chat], |r| r.get(0))
        .optional()?)
}

/// How long a group keeps words, when it has chosen.
pub(in crate::features::moderation) fn own_words(
    conn: &Connection,
    chat: i64,
) -> Result<Option<Millis>, StoreError> {
    Ok(settings(conn, chat)?.and_then(|tree| keeping::own(&tree)))
}

/// Sets one of moderation's settings of a group, by its name; JSON's null takes it away.
pub(in crate::features::moderation) fn set(
    tx: &Tx<'_>,
    chat: i64,
    name: &str,
    value: &serde_json::Value,
    now: Millis,
) -> Result<bool, StoreError> {
    let tree = settings(tx, chat)?;
    let Some(mut tree) = tree.and_then(|t| serde_json::from_str::<serde_json::Value>(&t).ok())
    else {
        return Ok(false);
    };
    if value.is_null() {
        if let Some(own) = tree.get_mut("moderation").and_then(|m| m.as_object_mut()) {
            own.remove(name);
        }
    } else {
        tree["moderation"][name] = value.clone();
    }
    let changed = tx.execute(
        "UPDATE groups SET settings = ?2, settings_rev = settings_rev + 1, updated_at = ?3 WHERE id = ?1",
        params![chat, tree.to_string(), now],
    )?;
    Ok(changed == 1)
}

/// Sets the language of Beadle's words in a group.
pub(in crate::features::moderation) fn set_language(
    tx: &Tx<'_>,
    chat: i64,
    tag: &str,
    now: Millis,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE groups SET language = ?2, settings_rev = settings_rev + 1, updated_at = ?3 WHERE id = ?1",
        params![chat, tag, now],
    )?;
    Ok(())
}

/// The language of Beadle's words in a group, once chosen.
pub(in crate::features::moderation) fn language(
    conn: &Connection,
    chat: i64,
) -> Result<Option<String>, StoreError> {
    Ok(conn
        .prepare_cached("SELECT language FROM groups WHERE id = ?1")?
        .query_row([chat], |r| r.get(0))
        .optional()?
        .flatten())
}

/// Groups that Beadle is in, the ones heard of last first.
pub(in crate::features::moderation) fn groups(
    conn: &Connection,
    limit: i64,
) -> Result<Vec<(i64, Option<String>)>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT id, title FROM groups WHERE deleted_at IS NULL AND migrated_to IS NULL AND kind <> 'channel'
         ORDER BY updated_at DESC LIMIT ?1",
    )?;
    let rows = find.query_map([limit], |r| Ok((r.get(0)?, r.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// What speaks for offering mode *act* to a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Record {
    /// When the first card was opened.
    pub since: Millis,
    /// Cards that a person decided.
    pub decided: i64,
    /// Of those, what *act* would have removed.
    pub would: i64,
    /// Of those, what a person called no spam.
    pub wrong: i64,
    /// When *act* was offered last; 0 is never.
    pub offered: Millis,
}

/// How the cards of a group were decided.
pub(in crate::features::moderation) fn record(
    conn: &Connection,
    chat: i64,
) -> Result<Record, StoreError> {
    Ok(conn.query_row(
        "SELECT coalesce(min(CASE WHEN kind = 'verdict' THEN created_at END), 0),
             count(CASE WHEN kind = 'verdict' AND choice IS NOT NULL THEN 1 END),
             count(CASE WHEN kind = 'verdict' AND choice IS NOT NULL AND would THEN 1 END),
             count(CASE WHEN kind = 'verdict' AND choice = 'ham' AND would THEN 1 END),
             coalesce(max(CASE WHEN kind = 'offer' THEN created_at END), 0)
         FROM (SELECT c.kind, c.choice, c.created_at,
                 EXISTS (SELECT 1 FROM spam_results s JOIN messages m ON m.seq = s.message_seq
                     WHERE m.chat = c.chat AND m.message = c.message AND s.band = 'spam') AS would
               FROM cards c WHERE c.chat = ?1)",
        [chat],
        |r| {
            Ok(Record {
                since: r.get(0)?,
                decided: r.get(1)?,
                would: r.get(2)?,
                wrong: r.get(3)?,
                offered: r.get(4)?,
            })
        },
    )?)
}

/// Groups without mode *act* of their own, with the settings that cards go by.
pub(in crate::features::moderation) fn groups_in_suggest(
    conn: &Connection,
    limit: i64,
) -> Result<Vec<i64>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT id FROM groups WHERE deleted_at IS NULL AND migrated_to IS NULL
             AND (mode IS NULL OR mode = 'suggest')
             AND EXISTS (SELECT 1 FROM cards WHERE cards.chat = groups.id)
         ORDER BY id LIMIT ?1",
    )?;
    let rows = find.query_map([limit], |r| r.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The last messages of a group that *act* would have removed, with a card on them; newest first.
pub(in crate::features::moderation) fn would_remove(
    conn: &Connection,
    chat: i64,
    limit: i64,
) -> Result<Vec<i64>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT DISTINCT c.message FROM cards c JOIN messages m ON m.chat = c.chat AND m.message = c.message
             JOIN spam_results s ON s.message_seq = m.seq
         WHERE c.chat = ?1 AND c.kind = 'verdict' AND s.band = 'spam' ORDER BY c.id DESC LIMIT ?2",
    )?;
    let rows = find.query_map([chat, limit], |r| r.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Cards about a person that were opened until then.
pub(in crate::features::moderation) fn about(
    conn: &Connection,
    person: i64,
    until: Millis,
    limit: i64,
) -> Result<Vec<i64>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT id FROM cards WHERE user = ?1 AND created_at <= ?2 ORDER BY id LIMIT ?3",
    )?;
    let rows = find.query_map(params![person, until, limit], |r| r.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// What else these tables keep of a person: treatments, the way to write to them, their name on cards that
/// they decided. The id of who decided stays, as in the audit.
pub(in crate::features::moderation) fn forget_rest(
    tx: &Tx<'_>,
    person: i64,
    until: Millis,
) -> Result<usize, StoreError> {
    let mut gone = 0;
    for sql in [
        "DELETE FROM treatments WHERE user = ?1 AND created_at <= ?2",
        "DELETE FROM correspondents WHERE user = ?1 AND since <= ?2",
        "UPDATE cards SET decided_name = NULL WHERE decided_by = ?1 AND decided_at <= ?2",
    ] {
        gone += tx.execute(sql, params![person, until])?;
    }
    Ok(gone)
}

/// Forgets expired cards opened before `before`, and treatments of then that no longer hold; at most `limit` of
/// each.
pub(in crate::features::moderation) fn purge(
    tx: &Tx<'_>,
    before: Millis,
    limit: i64,
) -> Result<usize, StoreError> {
    let mut gone = tx.execute(
        "DELETE FROM cards WHERE id IN
             (SELECT id FROM cards WHERE state = 'expired' AND created_at < ?1 LIMIT ?2)",
        params![before, limit],
    )?;
    // One that holds until somebody lifts it stays.
    gone += tx.execute(
        "DELETE FROM treatments WHERE id IN
             (SELECT id FROM treatments WHERE created_at < ?1 AND coalesce(counts_until, 0) < ?1
                 AND (undone_at IS NOT NULL OR kind IN ('delete', 'warn') OR until < ?1) LIMIT ?2)",
        params![before, limit],
    )?;
    Ok(gone)
}

/// A group has another id now: what is about it follows, and cards that stood there are shown again.
pub(in crate::features::moderation) fn moved(
    tx: &Tx<'_>,
    from: i64,
    to: i64,
) -> Result<(), StoreError> {
    for sql in [
        "UPDATE cards SET chat = ?2 WHERE chat = ?1",
        "UPDATE treatments SET chat = ?2 WHERE chat = ?1",
        "UPDATE groups SET settings = json_set(settings, '$.moderation.log_chat', ?2),
             settings_rev = settings_rev + 1
         WHERE json_extract(settings, '$.moderation.log_chat') = ?1",
    ] {
        tx.execute(sql, params![from, to])?;
    }
    tx.execute(
        "UPDATE cards SET place = NULL, place_message = NULL, outbox = NULL, picture = NULL
         WHERE place = ?1 AND state = 'open'",
        [from],
    )?;
    Ok(())
}
