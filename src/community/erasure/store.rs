//! All SQL of erasures: who is to be forgotten, how far that has come, and what the community's own tables
//! hold of a person.
pub(super) mod kept;

use rusqlite::{Connection, OptionalExtension as _, params};

use super::list::Listed;
use super::{Portion, Progress};
use crate::base::clock::Millis;
use crate::base::secretbox::{KeyTag, Keyring};
use crate::store::{Signal, StoreError, Tx};

/// Why somebody is forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The person asked.
    Asked,
    /// The operator did, at the command line.
    Operator,
    /// It had been done, and an older copy of the database was put in place.
    Replayed,
}

impl Reason {
    /// The word in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Operator => "operator",
            Self::Replayed => "replayed",
        }
    }
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Wish {
    /// Who, by Telegram id.
    pub person: i64,
    /// Why.
    pub reason: Reason,
    /// The private chat to tell when it is done, and in which language.
    pub notify: Option<(i64, &'static str)>,
}

/// What became of a wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// It will be done.
    Taken,
    /// It is being done already.
    UnderWay,
}

/// Purpose of the keyed hash.
const PERSON: &str = "erased person";

/// The keyed hash of a person, under the present secret.
pub(super) fn hash_of(keys: &Keyring, person: i64) -> [u8; 32] {
    keys.hash(PERSON, &person.to_be_bytes())
}

/// The same under the secret named `tag`.
pub(super) fn hash_under(keys: &Keyring, tag: KeyTag, person: i64) -> Option<[u8; 32]> {
    keys.hash_under(tag, PERSON, &person.to_be_bytes())
}

/// Asks that a person be forgotten, with all that is there at `now`.
pub fn ask(tx: &mut Tx<'_>, keys: &Keyring, wish: &Wish, now: Millis) -> Result<Asked, StoreError> {
    let changed = tx
        .prepare_cached(
            "INSERT INTO erasures (hash, key_tag, person, reason, notify, lang, asked_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (hash) DO UPDATE SET person = excluded.person, reason = excluded.reason,
                 notify = excluded.notify, lang = excluded.lang, asked_at = excluded.asked_at,
                 state = 0, room = 0, position = 0, done_at = NULL
             WHERE state = 2",
        )?
        .execute(params![
            hash_of(keys, wish.person),
            keys.tag(),
            wish.person,
            wish.reason.name(),
            wish.notify.map(|n| n.0),
            wish.notify.map(|n| n.1),
            now
        ])?;
    tx.wake(Signal::Erasures);
    Ok(if changed == 1 {
        Asked::Taken
    } else {
        Asked::UnderWay
    })
}

/// An erasure that is not done.
#[derive(Debug, Clone)]
pub(super) struct Open {
    pub hash: [u8; 32],
    pub tag: KeyTag,
    pub person: i64,
    pub reason: String,
    pub listed: bool,
    pub room: usize,
    pub position: i64,
    pub rows: i64,
    pub notify: Option<i64>,
    pub lang: Option<String>,
    pub asked_at: Millis,
}

/// The erasure that has waited longest.
pub(super) fn next_open(conn: &Connection) -> Result<Option<Open>, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT hash, key_tag, person, reason, state, room, position, rows, notify, lang, asked_at
             FROM erasures WHERE state < 2 AND person IS NOT NULL ORDER BY asked_at LIMIT 1",
        )?
        .query_row([], |r| {
            Ok(Open {
                hash: r.get(0)?,
                tag: r.get(1)?,
                person: r.get(2)?,
                reason: r.get(3)?,
                listed: r.get::<_, i64>(4)? == 1,
                room: usize::try_from(r.get::<_, i64>(5)?).unwrap_or(0),
                position: r.get(6)?,
                rows: r.get(7)?,
                notify: r.get(8)?,
                lang: r.get(9)?,
                asked_at: r.get(10)?,
            })
        })
        .optional()?)
}

pub(super) fn mark_listed(tx: &Tx<'_>, hash: &[u8; 32]) -> Result<(), StoreError> {
    tx.execute("UPDATE erasures SET state = 1 WHERE hash = ?1", [hash])?;
    Ok(())
}

pub(super) fn put_progress(
    tx: &Tx<'_>,
    hash: &[u8; 32],
    room: usize,
    position: i64,
    gone: usize,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE erasures SET room = ?2, position = ?3, rows = rows + ?4 WHERE hash = ?1",
    )?
    .execute(params![
        hash,
        i64::try_from(room).unwrap_or(i64::MAX),
        position,
        i64::try_from(gone).unwrap_or(i64::MAX)
    ])?;
    Ok(())
}

/// The work is done: who it was is not known any more, only known again.
pub(super) fn mark_done(tx: &Tx<'_>, hash: &[u8; 32], now: Millis) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE erasures SET state = 2, person = NULL, notify = NULL, lang = NULL, done_at = ?2
         WHERE hash = ?1",
        params![hash, now],
    )?;
    Ok(())
}

/// Everybody whom this database has forgotten.
pub(super) fn done(conn: &Connection) -> Result<Vec<Listed>, StoreError> {
    let mut find = conn.prepare("SELECT hash, key_tag, asked_at FROM erasures WHERE state = 2")?;
    let rows = find.query_map([], |r| {
        Ok(Listed {
            hash: r.get(0)?,
            tag: r.get(1)?,
            asked_at: r.get(2)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// People of whom something may be kept, after the id `after`, in order.
pub(super) fn people(conn: &Connection, after: i64, limit: u32) -> Result<Vec<i64>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT id FROM users WHERE id > ?1
         UNION SELECT user FROM members WHERE user > ?1
         UNION SELECT person FROM audit_personal WHERE person > ?1
         ORDER BY 1 LIMIT ?2",
    )?;
    let rows = find.query_map(params![after, limit], |r| r.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Takes up what the list says: somebody found is to be forgotten again, somebody of whom nothing is kept is noted as
/// done.
pub(super) fn take_up(
    tx: &Tx<'_>,
    listed: &Listed,
    person: Option<i64>,
    now: Millis,
) -> Result<(), StoreError> {
    let done_at = person.is_none().then_some(now);
    tx.prepare_cached(
        "INSERT INTO erasures (hash, key_tag, person, reason, state, asked_at, done_at)
         VALUES (?1, ?2, ?3, 'replayed', ?4, ?5, ?6)
         ON CONFLICT (hash) DO UPDATE SET person = excluded.person, reason = excluded.reason,
             state = excluded.state, room = 0, position = 0,
             asked_at = max(asked_at, excluded.asked_at), done_at = excluded.done_at
         WHERE state = 2",
    )?
    .execute(params![
        listed.hash,
        listed.tag,
        person,
        // Bans that stand in the copy are kept again before anything goes.
        if person.is_some() { 0 } else { 2 },
        listed.asked_at,
        done_at
    ])?;
    Ok(())
}

/// Keeps a keyed hash for each group that has banned the person: the ban holds, the person is not known.
pub(super) fn keep_bans(
    tx: &Tx<'_>,
    person: i64,
    hash: &[u8; 32],
    tag: KeyTag,
    now: Millis,
) -> Result<usize, StoreError> {
    Ok(tx.execute(
        "INSERT INTO kept_bans (chat, hash, key_tag, until_at, created_at)
         SELECT chat, ?2, ?3, max(until_at), ?4 FROM (
             SELECT chat, until_at FROM restrictions
                 WHERE subject = ?1 AND state = 0 AND measure = 'ban'
             UNION ALL SELECT chat, NULL FROM members WHERE user = ?1 AND status = 'kicked')
         WHERE until_at IS NULL OR until_at > ?4 GROUP BY chat
         ON CONFLICT DO NOTHING",
        params![person, hash, tag, now],
    )?)
}

/// Forgets bans whose time has passed: at most `limit`. Gives how many.
pub fn expire_bans(tx: &Tx<'_>, now: Millis, limit: i64) -> Result<usize, StoreError> {
    Ok(tx.execute(
        "DELETE FROM kept_bans WHERE (chat, hash) IN
             (SELECT chat, hash FROM kept_bans WHERE until_at <= ?1 LIMIT ?2)",
        params![now, limit],
    )?)
}

/// What stood against the person, and what was noted of their conduct: Telegram ends by itself what has an end, a
/// mute without one was lifted, and a ban is kept as a hash by now.
pub(super) fn forget_restrictions(tx: &Tx<'_>, p: Portion) -> Result<Progress, StoreError> {
    let mut gone = 0;
    for sql in [
        "DELETE FROM restrictions WHERE subject = ?1 AND imposed_at <= ?2",
        // A lift that is under way, or was refused and is tried again, goes by itself when it is done.
        "DELETE FROM held WHERE subject = ?1 AND told_at <= ?2 AND (measure IS NOT NULL OR state = 1)
             AND NOT EXISTS (SELECT 1 FROM restrictions r
                 WHERE r.chat = held.chat AND r.subject = held.subject AND r.state = 0)",
        "DELETE FROM reputation WHERE user = ?1 AND at <= ?2",
        // Whoever stands at the door now is answered first.
        "DELETE FROM admissions WHERE user = ?1 AND outcome IS NOT NULL AND started_at <= ?2",
    ] {
        gone += tx.execute(sql, params![p.person, p.until])?;
    }
    Ok(Progress::done(gone))
}

/// Asks, without the keys at hand, that a person be forgotten; the hash is made when the work begins.
pub fn ask_by_operator(tx: &mut Tx<'_>, person: i64, now: Millis) -> Result<Asked, StoreError> {
    let changed = tx.execute(
        "INSERT INTO erasures (hash, key_tag, person, reason, asked_at)
         SELECT randomblob(32), 0, ?1, 'operator', ?2
         WHERE NOT EXISTS (SELECT 1 FROM erasures WHERE person = ?1 AND state < 2)",
        params![person, now],
    )?;
    tx.wake(Signal::Erasures);
    Ok(if changed == 1 {
        Asked::Taken
    } else {
        Asked::UnderWay
    })
}

/// Gives a wish without a hash its own; one that is being done already takes it in.
pub(super) fn name(tx: &Tx<'_>, open: &Open, keys: &Keyring) -> Result<(), StoreError> {
    tx.execute("DELETE FROM erasures WHERE hash = ?1", [open.hash])?;
    tx.execute(
        "INSERT INTO erasures (hash, key_tag, person, reason, asked_at) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (hash) DO UPDATE SET person = excluded.person, reason = excluded.reason,
             asked_at = excluded.asked_at, state = 0, room = 0, position = 0, done_at = NULL",
        params![
            hash_of(keys, open.person),
            keys.tag(),
            open.person,
            open.reason,
            open.asked_at
        ],
    )?;
    Ok(())
}

/// A ban that outlived the data of whom it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptBan {
    /// Until when; None for good.
    pub until: Option<Millis>,
}

/// The ban of this person in `chat` that outlived the person's data and holds at `now`.
pub fn kept_ban(
    conn: &Connection,
    keys: &Keyring,
    chat: i64,
    person: i64,
    now: Millis,
) -> Result<Option<KeptBan>, StoreError> {
    let kept = kept_row(conn, keys, chat, person)?.map(|(_, ban)| ban);
    Ok(kept.filter(|ban| ban.until.is_none_or(|until| until > now)))
}

/// Somebody has ended the ban: the person may come in again. False when none was kept.
pub fn drop_ban(tx: &Tx<'_>, keys: &Keyring, chat: i64, person: i64) -> Result<bool, StoreError> {
    let Some((hash, _)) = kept_row(tx, keys, chat, person)? else {
        return Ok(false);
    };
    tx.execute(
        "DELETE FROM kept_bans WHERE chat = ?1 AND hash = ?2",
        params![chat, hash],
    )?;
    Ok(true)
}

/// The person's row in a group, by the hash under each secret that rows were made with.
fn kept_row(
    conn: &Connection,
    keys: &Keyring,
    chat: i64,
    person: i64,
) -> Result<Option<([u8; 32], KeptBan)>, StoreError> {
    let mut tags = conn.prepare_cached("SELECT DISTINCT key_tag FROM kept_bans WHERE chat = ?1")?;
    let tags: Vec<KeyTag> = tags
        .query_map([chat], |r| r.get(0))?
        .collect::<Result<_, _>>()?;
    let mut find =
        conn.prepare_cached("SELECT until_at FROM kept_bans WHERE chat = ?1 AND hash = ?2")?;
    for hash in tags.iter().filter_map(|tag| hash_under(keys, *tag, person)) {
        let ban = find
            .query_row(params![chat, hash], |r| Ok(KeptBan { until: r.get(0)? }))
            .optional()?;
        if let Some(ban) = ban {
            return Ok(Some((hash, ban)));
        }
    }
    Ok(None)
}

/// Looks through a portion of the messages for answers to the person's: lines that are taken from what is answered,
/// as quotes are, go, also from what the answers said before they were edited; the rest is another's.
pub(super) fn forget_quotes(tx: &Tx<'_>, p: Portion) -> Result<Progress, StoreError> {
    let mut find = tx.prepare_cached(
        "SELECT a.seq, a.text, coalesce(o.text, '') || char(10) || coalesce((SELECT group_concat(e.text, char(10))
             FROM message_edits e WHERE e.chat = o.chat AND e.message = o.message), ''), a.chat, a.message, o.seq IS NOT NULL
         FROM (SELECT seq, chat, message, user, reply_to, text FROM messages WHERE seq > ?1 ORDER BY seq LIMIT ?2) a
         LEFT JOIN messages o ON o.chat = a.chat AND o.message = a.reply_to
             AND o.user = ?3 AND a.user IS NOT ?3 AND min(o.date, o.created_at) <= ?4",
    )?;
    let mut rows = find.query(params![p.position, p.rows, p.person, p.until])?;
    let (mut last, mut gone) = (None, 0);
    while let Some(row) = rows.next()? {
        let seq: i64 = row.get(0)?;
        last = Some(seq);
        if !row.get::<_, bool>(5)? {
            continue;
        }
        let answered: String = row.get(2)?;
        if let Some(answer) = row.get::<_, Option<String>>(1)?
            && let Some(own) = without(&answer, &answered)
        {
            tx.prepare_cached("UPDATE messages SET text = ?2 WHERE seq = ?1")?
                .execute(params![seq, own])?;
            gone += 1;
        }
        gone += forget_quotes_before_edits(tx, (row.get(3)?, row.get(4)?), &answered)?;
    }
    Ok(Progress { gone, next: last })
}

/// An answer without the lines of what it answers; None when it has none of them.
fn without(answer: &str, answered: &str) -> Option<String> {
    let own: Vec<&str> = answer
        .lines()
        .filter(|line| line.trim().is_empty() || !answered.contains(line.trim()))
        .collect();
    let own = own.join("\n");
    (own != answer).then_some(own)
}

fn forget_quotes_before_edits(
    tx: &Tx<'_>,
    (chat, message): (i64, i64),
    answered: &str,
) -> Result<usize, StoreError> {
    let mut find = tx.prepare_cached(
        "SELECT edit, text FROM message_edits WHERE chat = ?1 AND message = ?2 AND text IS NOT NULL",
    )?;
    let edits: Vec<(i64, String)> = find
        .query_map([chat, message], |r| Ok((r.get(0)?, r.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let mut gone = 0;
    for (edit, text) in edits {
        if let Some(own) = without(&text, answered) {
            tx.prepare_cached(
                "UPDATE message_edits SET text = ?4 WHERE chat = ?1 AND message = ?2 AND edit = ?3",
            )?
            .execute(params![chat, message, edit, own])?;
            gone += 1;
        }
    }
    Ok(gone)
}

/// Looks through a portion of the messages; what the person wrote goes, with edits and media.
pub(super) fn forget_messages(tx: &Tx<'_>, p: Portion) -> Result<Progress, StoreError> {
    let last: Option<i64> = tx
        .prepare_cached(
            "SELECT max(seq) FROM (SELECT seq FROM messages WHERE seq > ?1 ORDER BY seq LIMIT ?2)",
        )?
        .query_row(params![p.position, p.rows], |r| r.get(0))?;
    let Some(last) = last else {
        return Ok(Progress::done(0));
    };
    let mut gone = 0;
    for sql in [
        "DELETE FROM message_edits WHERE (chat, message) IN (SELECT chat, message FROM messages
             WHERE seq > ?1 AND seq <= ?2 AND user = ?3 AND min(date, created_at) <= ?4)",
        "DELETE FROM media_assets WHERE (chat, message) IN (SELECT chat, message FROM messages
             WHERE seq > ?1 AND seq <= ?2 AND user = ?3 AND min(date, created_at) <= ?4)",
        "DELETE FROM messages WHERE seq > ?1 AND seq <= ?2 AND user = ?3 AND min(date, created_at) <= ?4",
    ] {
        gone += tx
            .prepare_cached(sql)?
            .execute(params![p.position, last, p.person, p.until])?;
    }
    Ok(Progress {
        gone,
        next: Some(last),
    })
}

/// Profile and memberships; a profile that changed later stays.
pub(super) fn forget_profile(tx: &Tx<'_>, p: Portion) -> Result<Progress, StoreError> {
    let mut gone = 0;
    for sql in [
        "DELETE FROM members WHERE user = ?1 AND last_seen <= ?2",
        "UPDATE members SET messages = 0, removed = 0, reputation = 0 WHERE user = ?1 AND last_seen > ?2",
        "DELETE FROM users WHERE id = ?1 AND updated_at <= ?2",
        "UPDATE owners SET username = NULL WHERE user_id = ?1 AND updated_at <= ?2",
        "UPDATE principals SET name = NULL WHERE telegram = ?1 AND updated_at <= ?2",
    ] {
        gone += tx.execute(sql, params![p.person, p.until])?;
    }
    Ok(Progress::done(gone))
}
