//! All SQL of keeping cards in order: where they stand, what has expired, what is waiting.
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::base::clock::Millis;
use crate::community::erasure::Kept;
use crate::community::{keeping, settings as group_settings};
use crate::features::moderation::settings::GroupSettings;
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

/// Groups with cards that wait for a place, opened after `since`; appeals wait however long. A card that did not get
/// through three times is not tried again.
pub(in crate::features::moderation) fn waiting_groups(
    conn: &Connection,
    since: Millis,
    limit: i64,
) -> Result<Vec<i64>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT chat FROM cards WHERE state = 'open' AND place IS NULL AND tries < 3
             AND (created_at > ?1 OR kind = 'appeal')
         GROUP BY chat ORDER BY max(id) DESC LIMIT ?2",
    )?;
    let rows = find.query_map([since, limit], |r| r.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Waiting cards of a group that may be shown in `place` now, oldest first: all appeals, and of the others the newest
/// of `limit`, less those that waited before, were shown there and are still open.
pub(in crate::features::moderation) fn waiting(
    conn: &Connection,
    chat: i64,
    place: i64,
    since: Millis,
    limit: i64,
) -> Result<Vec<i64>, StoreError> {
    let shown: i64 = conn
        .prepare_cached(
            "SELECT count(*) FROM cards WHERE state = 'open' AND place = ?2 AND chat = ?1 AND seated = 1
                 AND kind <> 'appeal'",
        )?
        .query_row([chat, place], |r| r.get(0))?;
    let mut find = conn.prepare_cached(
        "SELECT id FROM cards WHERE state = 'open' AND place IS NULL AND tries < 3 AND chat = ?1
             AND (kind = 'appeal' OR id IN
                 (SELECT id FROM cards WHERE state = 'open' AND place IS NULL AND tries < 3 AND chat = ?1
                      AND kind <> 'appeal' AND created_at > ?2
                  ORDER BY id DESC LIMIT ?3))
         ORDER BY id LIMIT 100",
    )?;
    let rows = find.query_map([chat, since, (limit - shown).max(0)], |r| r.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A card that waited is shown.
pub(in crate::features::moderation) fn seated(tx: &Tx<'_>, card: i64) -> Result<(), StoreError> {
    tx.execute("UPDATE cards SET seated = 1 WHERE id = ?1", [card])?;
    Ok(())
}

/// A card did not get through to its place.
pub(in crate::features::moderation) fn tried(tx: &Tx<'_>, card: i64) -> Result<(), StoreError> {
    tx.execute("UPDATE cards SET tries = tries + 1 WHERE id = ?1", [card])?;
    Ok(())
}

/// A treatment whose mute or ban Telegram refused.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::features::moderation) struct Undone {
    pub treatment: i64,
    pub chat: i64,
    pub message: Option<i64>,
    pub user: Option<i64>,
}

/// Treatments whose mute or ban Telegram refused after `since`, and that still say otherwise.
pub(in crate::features::moderation) fn refused(
    conn: &Connection,
    since: Millis,
    limit: i64,
) -> Result<Vec<Undone>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT t.id, t.chat, t.message, t.user FROM restrictions r JOIN treatments t ON t.restriction = r.id
         WHERE r.ended_at > ?1 AND r.state = 3 AND t.kind IN ('mute', 'ban') AND t.undone_at IS NULL LIMIT ?2",
    )?;
    let rows = find.query_map([since, limit], |r| {
        Ok(Undone {
            treatment: r.get(0)?,
            chat: r.get(1)?,
            message: r.get(2)?,
            user: r.get(3)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A mute or ban did not come about: what is left is the removal. Gives the cards that say otherwise.
pub(in crate::features::moderation) fn put_refused(
    tx: &Tx<'_>,
    t: &Undone,
) -> Result<Vec<i64>, StoreError> {
    tx.execute(
        "UPDATE treatments SET kind = 'delete', until = NULL, restriction = NULL WHERE id = ?1",
        [t.treatment],
    )?;
    tx.execute(
        "UPDATE cards SET choice = 'noban' WHERE chat = ?1 AND message = ?2 AND kind = 'verdict' AND choice = 'ban'",
        params![t.chat, t.message],
    )?;
    let mut find = tx.prepare_cached(
        "SELECT id FROM cards WHERE chat = ?1 AND message = ?2 AND state <> 'expired' ORDER BY id",
    )?;
    let rows = find.query_map(params![t.chat, t.message], |r| r.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Whether there is something for [`settle`] to note.
pub(in crate::features::moderation) fn unsettled(conn: &Connection) -> Result<bool, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM cards c INDEXED BY cards_way JOIN outbox o ON o.id = c.outbox
                 WHERE c.place_message IS NULL AND c.state <> 'expired' AND o.state = 2
                     AND o.result IS NOT NULL)",
        )?
        .query_row([], |r| r.get(0))?)
}

/// Notes, of up to `limit` cards, the message that Telegram made of them, before the outbox forgets it.
pub(in crate::features::moderation) fn settle(
    tx: &Tx<'_>,
    limit: i64,
) -> Result<usize, StoreError> {
    Ok(tx.execute(
        "UPDATE cards SET place_message = (SELECT json_extract(o.result, '$.message_id') FROM outbox o
             WHERE o.id = cards.outbox)
         WHERE id IN (SELECT c.id FROM cards c INDEXED BY cards_way JOIN outbox o ON o.id = c.outbox
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

/// How long a group keeps words, when it has chosen.
pub(in crate::features::moderation) fn own_words(
    conn: &Connection,
    chat: i64,
) -> Result<Option<Millis>, StoreError> {
    let tree = group_settings::tree(conn, chat)?;
    Ok(tree.and_then(|tree| keeping::own(&tree.to_string())))
}

/// Sets some of moderation's settings of a group, by their names; JSON's null takes one away. One change, with
/// one number.
pub(in crate::features::moderation) fn set(
    tx: &Tx<'_>,
    chat: i64,
    values: &[(&str, serde_json::Value)],
    now: Millis,
) -> Result<bool, StoreError> {
    let paths: Vec<(String, Option<serde_json::Value>)> = values
        .iter()
        .map(|(name, value)| {
            (
                format!("moderation.{name}"),
                Some(value.clone()).filter(|v| !v.is_null()),
            )
        })
        .collect();
    let paths: Vec<(&str, Option<serde_json::Value>)> = paths
        .iter()
        .map(|(path, value)| (path.as_str(), value.clone()))
        .collect();
    Ok(group_settings::put(tx, chat, &paths, now)?.is_some())
}

/// Chooses the log chat of a group, or none. A chat in which no group's cards stand any more is judged again.
pub(in crate::features::moderation) fn set_log(
    tx: &Tx<'_>,
    group: i64,
    place: Option<i64>,
    now: Millis,
) -> Result<(), StoreError> {
    let before = group_settings::tree(tx, group)?
        .and_then(|tree| GroupSettings::read(&tree.to_string()).log_chat);
    let value = place.map_or(serde_json::Value::Null, serde_json::Value::from);
    set(tx, group, &[("log_chat", value)], now)?;
    if let Some(place) = place.filter(|place| *place != group) {
        set(tx, place, &[("is_log", true.into())], now)?;
    }
    if let Some(before) = before.filter(|before| Some(*before) != place)
        && !serves(tx, before)?
    {
        set(tx, before, &[("is_log", serde_json::Value::Null)], now)?;
    }
    Ok(())
}

/// Whether cards of a group that Beadle is in stand in `place`. The mark of a log chat alone does not say so: the
/// group may be gone since.
pub(in crate::features::moderation) fn serves(
    conn: &Connection,
    place: i64,
) -> Result<bool, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM groups WHERE json_extract(settings, '$.moderation.log_chat') = ?1
                 AND id <> ?1 AND migrated_to IS NULL AND deleted_at IS NULL)",
        )?
        .query_row([place], |r| r.get(0))?)
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

/// Groups that Beadle is in: first those whose admin `user` was last heard to be, then those where they are known,
/// then the ones heard of last.
pub(in crate::features::moderation) fn groups(
    conn: &Connection,
    user: i64,
    limit: i64,
) -> Result<Vec<(i64, Option<String>)>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT g.id, g.title FROM groups g LEFT JOIN members m ON m.chat = g.id AND m.user = ?1
         WHERE g.deleted_at IS NULL AND g.migrated_to IS NULL AND g.kind <> 'channel'
         ORDER BY coalesce(m.status IN ('creator', 'administrator'), 0) DESC, m.user IS NULL, g.updated_at DESC
         LIMIT ?2",
    )?;
    let rows = find.query_map([user, limit], |r| Ok((r.get(0)?, r.get(1)?)))?;
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

/// Cards about a person and those the person decided, treatments, and whether the person may be written to. Who
/// decided about the person is somebody else's.
pub(in crate::features::moderation) const KEPT: &[Kept] = &[
    Kept::new(
        "cards",
        "SELECT id, chat, kind, CASE WHEN user = ?1 THEN message END AS message,
                CASE WHEN user = ?1 THEN 'about you' ELSE 'decided by you' END AS what, state, choice,
                CASE WHEN decided_by = ?1 THEN decided_name END AS decided_name, decided_at, created_at
         FROM cards WHERE (user = ?1 OR decided_by = ?1) AND id > ?2 ORDER BY id LIMIT ?3",
    ),
    Kept::new(
        "treatments",
        "SELECT id, chat, message, kind, strike, counts_until, until, reasons, words, undone_at, appeal, appealed_at, created_at
         FROM treatments WHERE user = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
    ),
    Kept::new(
        "correspondents",
        "SELECT user, since, lost_at FROM correspondents WHERE user = ?1 AND user > ?2 LIMIT ?3",
    ),
];
/// Offers that quote a person's messages of until then.
pub(in crate::features::moderation) fn offers_quoting(
    conn: &Connection,
    person: i64,
    until: Millis,
    limit: i64,
) -> Result<Vec<i64>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT DISTINCT c.id FROM cards c, json_each(c.shows) AS s
         JOIN messages m ON m.chat = c.chat AND m.message = s.value
         WHERE c.kind = 'offer' AND c.shows IS NOT NULL AND m.user = ?1 AND c.created_at <= ?2
         ORDER BY c.id LIMIT ?3",
    )?;
    let rows = find.query_map(params![person, until, limit], |r| r.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// An offer rests on nothing that could be quoted any more; one that nobody answered is gone.
pub(in crate::features::moderation) fn unquote(tx: &Tx<'_>, card: i64) -> Result<(), StoreError> {
    tx.execute("UPDATE cards SET shows = NULL WHERE id = ?1", [card])?;
    tx.execute("DELETE FROM cards WHERE id = ?1 AND state = 'open'", [card])?;
    Ok(())
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
    gone += tx.execute(
        "DELETE FROM reposts WHERE outbox IN (SELECT outbox FROM reposts WHERE created_at < ?1 LIMIT ?2)",
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

/// Open cards about messages of a group.
pub(in crate::features::moderation) fn open_verdicts(
    conn: &Connection,
    chat: i64,
) -> Result<Vec<i64>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT id FROM cards WHERE chat = ?1 AND kind = 'verdict' AND state = 'open' ORDER BY id",
    )?;
    let rows = find.query_map([chat], |r| r.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A group has another id now: what is about it follows, without the ids of messages, and cards that stood there are shown again.
pub(in crate::features::moderation) fn moved(
    tx: &Tx<'_>,
    from: i64,
    to: i64,
) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM card_messages WHERE card IN (SELECT id FROM cards WHERE chat = ?1) AND ?2 <> ?1",
        "UPDATE cards SET chat = ?2, message = NULL, also = 0, shows = NULL WHERE chat = ?1",
        "UPDATE treatments SET chat = ?2, message = NULL WHERE chat = ?1",
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
