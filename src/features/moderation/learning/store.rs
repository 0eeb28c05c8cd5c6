//! All SQL of lessons: what was taught, by whom, of whose words.
use rusqlite::{Connection, OptionalExtension as _, params};

use super::super::grams::{GRAMS_VERSION, Grams, PRINT, Print};
use super::Sample;
use super::model::{Label, Lessons};
use crate::base::clock::Millis;
use crate::community::erasure::{Kept, Portion, Progress};
use crate::community::reputation::NEWCOMER;
use crate::observe::metrics;
use crate::store::{Signal, StoreError, Tx};

/// Lessons that people taught, kept for each group; the oldest make room.
const MOST_SAMPLES: i64 = 10_000;
/// Prints of what was removed without anybody teaching it, kept for each group: they never push out a lesson.
const MOST_REMOVED: i64 = 10_000;
/// Room is made once in so many lessons: to count them is a walk over all.
const TRIMMED_EVERY: i64 = 64;
/// Prints kept in memory for each group.
pub(super) const MOST_PRINTS: i64 = 2_000;

/// In the place of a teacher: the group's own history, nobody's word. No person has this id.
pub(super) const HISTORY: i64 = -1;

/// A lesson as a row.
pub(super) struct SampleRow<'a> {
    pub chat: i64,
    pub message: Option<i64>,
    pub author: Option<i64>,
    pub teacher: Option<i64>,
    pub label: Label,
    pub digest: [u8; 16],
    pub grams: &'a Grams,
}

/// A print as read back.
pub(super) struct PrintRow {
    pub id: i64,
    pub print: Print,
    pub label: Label,
    /// Whether a person said so.
    pub person: bool,
}

/// A message's author, and its words while they are kept.
pub(super) type Written = (Option<i64>, Option<String>);

/// Whose message it is, and its words while they are kept.
pub(super) fn words(
    conn: &Connection,
    chat: i64,
    message: i64,
) -> Result<Option<Written>, StoreError> {
    Ok(conn
        .prepare_cached("SELECT user, text FROM messages WHERE chat = ?1 AND message = ?2")?
        .query_row([chat, message], |r| Ok((r.get(0)?, r.get(1)?)))
        .optional()?)
}

/// Messages before one that are looked through for the same words.
const BEFORE: i64 = 300;

/// Whether another member, who is no newcomer, had just said the same words, and they stand.
pub(super) fn is_copied(
    conn: &Connection,
    (chat, message): (i64, i64),
    author: Option<i64>,
    words: &str,
) -> Result<bool, StoreError> {
    let (enough, _) = NEWCOMER;
    Ok(conn
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM messages m JOIN members p ON p.chat = m.chat AND p.user = m.user
                 WHERE m.chat = ?1 AND m.message BETWEEN ?2 - ?3 AND ?2 - 1 AND m.text = ?4
                     AND m.user IS NOT ?5 AND m.removed_at IS NULL AND p.messages - p.removed >= ?6)",
        )?
        .query_row(params![chat, message, BEFORE, words, author, enough], |r| r.get(0))?)
}

/// The label a message was taught under by a person, if it was.
pub(super) fn taught(
    conn: &Connection,
    chat: i64,
    message: i64,
) -> Result<Option<Label>, StoreError> {
    let word: Option<String> = conn
        .prepare_cached(
            "SELECT label FROM learned_samples
             WHERE chat = ?1 AND message = ?2 AND grams IS NOT NULL",
        )?
        .query_row([chat, message], |r| r.get(0))
        .optional()?;
    Ok(word.as_deref().and_then(Label::from_word))
}

/// Whether people taught these words under this label.
pub(super) fn has_digest(
    conn: &Connection,
    chat: i64,
    label: Label,
    digest: [u8; 16],
) -> Result<bool, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM learned_samples
                 WHERE chat = ?1 AND label = ?2 AND digest = ?3 AND grams IS NOT NULL)",
        )?
        .query_row(params![chat, label.word(), digest], |r| r.get(0))?)
}

/// What people taught, with the words of the message where they are kept.
pub(super) fn samples(
    conn: &Connection,
    chat: i64,
    after: i64,
    limit: i64,
) -> Result<Vec<Sample>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT s.id, s.label, m.text FROM learned_samples s
             LEFT JOIN messages m ON m.chat = s.chat AND m.message = s.message
         WHERE s.chat = ?1 AND s.id > ?2 AND s.grams IS NOT NULL ORDER BY s.id LIMIT ?3",
    )?;
    let rows = find.query_map([chat, after, limit], |r| {
        let label: String = r.get(1)?;
        Ok(Sample {
            id: r.get(0)?,
            label: Label::from_word(&label).unwrap_or(Label::Ham),
            words: r.get(2)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Keeps a lesson in the place of an earlier one on the same message. What nobody taught keeps its print only.
pub(super) fn put(tx: &mut Tx<'_>, row: &SampleRow<'_>, now: Millis) -> Result<(), StoreError> {
    let grams = row.teacher.map(|_| bytes(&row.grams.lesson()));
    tx.prepare_cached(
        "INSERT INTO learned_samples (chat, message, author, teacher, label, digest, print, grams, grams_v, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
         ON CONFLICT (chat, message) WHERE message IS NOT NULL DO UPDATE SET author = excluded.author,
             teacher = excluded.teacher, label = excluded.label, digest = excluded.digest,
             print = excluded.print, grams = excluded.grams, grams_v = excluded.grams_v,
             created_at = excluded.created_at
         WHERE excluded.teacher IS NOT NULL OR learned_samples.teacher IS NULL",
    )?
    .execute(params![
        row.chat,
        row.message,
        row.author,
        row.teacher,
        row.label.word(),
        row.digest,
        print_bytes(&row.grams.print),
        grams,
        GRAMS_VERSION,
        now
    ])?;
    if tx.last_insert_rowid() % TRIMMED_EVERY == 0 && trim(tx, row.chat)? {
        return changed(tx, row.chat);
    }
    match row.teacher {
        Some(_) => changed(tx, row.chat),
        None => grown(tx, row.chat),
    }
}

/// Forgets the oldest lessons of a group beyond the limits; false when there are none.
fn trim(tx: &Tx<'_>, chat: i64) -> Result<bool, StoreError> {
    let mut gone = 0;
    for (sql, most) in [
        (
            "DELETE FROM learned_samples WHERE id IN
                 (SELECT id FROM learned_samples WHERE chat = ?1 AND teacher IS NULL
                  ORDER BY id DESC LIMIT -1 OFFSET ?2)",
            MOST_REMOVED,
        ),
        (
            "DELETE FROM learned_samples WHERE id IN
                 (SELECT id FROM learned_samples WHERE chat = ?1 AND teacher IS NOT NULL
                  ORDER BY id DESC LIMIT -1 OFFSET ?2)",
            MOST_SAMPLES,
        ),
    ] {
        gone += tx.prepare_cached(sql)?.execute([chat, most])?;
    }
    Ok(gone > 0)
}

/// Whether a message taught anything, or is remembered.
pub(super) fn is_known(conn: &Connection, chat: i64, message: i64) -> Result<bool, StoreError> {
    Ok(conn
        .prepare_cached("SELECT 1 FROM learned_samples WHERE chat = ?1 AND message = ?2")?
        .exists([chat, message])?)
}

/// Forgets what a group's history taught; gives how much.
pub(super) fn forget_history(tx: &mut Tx<'_>, chat: i64) -> Result<usize, StoreError> {
    let gone = tx
        .prepare_cached("DELETE FROM learned_samples WHERE chat = ?1 AND teacher = ?2")?
        .execute([chat, HISTORY])?;
    if gone > 0 {
        changed(tx, chat)?;
    }
    Ok(gone)
}

/// Forgets the lesson on a message; false when there is none.
pub(super) fn remove(tx: &mut Tx<'_>, chat: i64, message: i64) -> Result<bool, StoreError> {
    let gone = tx
        .prepare_cached("DELETE FROM learned_samples WHERE chat = ?1 AND message = ?2")?
        .execute([chat, message])?;
    if gone > 0 {
        changed(tx, chat)?;
    }
    Ok(gone > 0)
}

/// Lessons from a person's words and by a person's labels; what was learned are hashes, and no words.
pub(in crate::features::moderation) const KEPT: &[Kept] = &[Kept::new(
    "learned_samples",
    "SELECT id, chat, CASE WHEN author = ?1 THEN message END AS message,
            CASE WHEN author = ?1 THEN 'your words' ELSE 'your label' END AS what, label, created_at
     FROM learned_samples WHERE (author = ?1 OR teacher = ?1) AND id > ?2 ORDER BY id LIMIT ?3",
)];

/// Looks through a portion of all lessons: those from the person's words go, and the person is no teacher's
/// name any more (0 stands for somebody forgotten).
pub(super) fn forget(tx: &mut Tx<'_>, p: Portion) -> Result<Progress, StoreError> {
    let last: Option<i64> = tx
        .prepare_cached(
            "SELECT max(id) FROM (SELECT id FROM learned_samples WHERE id > ?1 ORDER BY id LIMIT ?2)",
        )?
        .query_row(params![p.position, p.rows], |r| r.get(0))?;
    let Some(last) = last else {
        return Ok(Progress::done(0));
    };
    let chats: Vec<i64> = tx
        .prepare_cached(
            "SELECT DISTINCT chat FROM learned_samples
             WHERE author = ?3 AND id > ?1 AND id <= ?2 AND created_at <= ?4",
        )?
        .query_map(params![p.position, last, p.person, p.until], |r| r.get(0))?
        .collect::<Result<_, _>>()?;
    let gone = tx
        .prepare_cached(
            "DELETE FROM learned_samples
             WHERE author = ?3 AND id > ?1 AND id <= ?2 AND created_at <= ?4",
        )?
        .execute(params![p.position, last, p.person, p.until])?;
    tx.prepare_cached(
        "UPDATE learned_samples SET teacher = 0
         WHERE teacher = ?3 AND id > ?1 AND id <= ?2 AND created_at <= ?4",
    )?
    .execute(params![p.position, last, p.person, p.until])?;
    for chat in chats {
        changed(tx, chat)?;
    }
    Ok(Progress {
        gone,
        next: Some(last),
    })
}

/// Forgets up to `limit` prints from before `before` that nobody taught; how many there were.
pub(super) fn expire(tx: &mut Tx<'_>, before: Millis, limit: i64) -> Result<usize, StoreError> {
    let old: Vec<(i64, i64)> = tx
        .prepare_cached(
            "SELECT id, chat FROM learned_samples WHERE teacher IS NULL AND created_at < ?1 LIMIT ?2",
        )?
        .query_map([before, limit], |r| Ok((r.get(0)?, r.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let mut chats = Vec::new();
    for (id, chat) in &old {
        tx.prepare_cached("DELETE FROM learned_samples WHERE id = ?1")?
            .execute([id])?;
        if !chats.contains(chat) {
            chats.push(*chat);
        }
    }
    for chat in chats {
        changed(tx, chat)?;
    }
    Ok(old.len())
}

/// Writes what a person said of a message beside the last verdict on it.
pub(super) fn label_verdict(
    tx: &Tx<'_>,
    chat: i64,
    message: i64,
    label: Option<Label>,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE spam_results SET label = ?3 WHERE id =
             (SELECT max(id) FROM spam_results WHERE message_seq =
                 (SELECT seq FROM messages WHERE chat = ?1 AND message = ?2))",
    )?
    .execute(params![chat, message, label.map(Label::word)])?;
    if let Some(label) = label {
        feedback(tx, chat, message, label)?;
    }
    Ok(())
}

/// Counts whether the verdict was right in the eyes of whoever labelled the message.
fn feedback(tx: &Tx<'_>, chat: i64, message: i64, label: Label) -> Result<(), StoreError> {
    let band: Option<String> = tx
        .prepare_cached(
            "SELECT band FROM spam_results WHERE message_seq =
                 (SELECT seq FROM messages WHERE chat = ?1 AND message = ?2) ORDER BY id DESC LIMIT 1",
        )?
        .query_row(params![chat, message], |r| r.get(0))
        .optional()?;
    let Some(band) = band else { return Ok(()) };
    metrics::FEEDBACK.inc(match (band == "spam", label.word() == "spam") {
        (true, true) => "true_positive",
        (true, false) => "false_positive",
        (false, true) => "false_negative",
        (false, false) => "true_negative",
    });
    Ok(())
}

/// Counts the change and tells whoever keeps lessons in memory, once it is on disk.
fn changed(tx: &mut Tx<'_>, chat: i64) -> Result<(), StoreError> {
    grown(tx, chat)?;
    tx.prepare_cached("UPDATE learned_groups SET lessons = rev WHERE chat = ?1")?
        .execute([chat])?;
    Ok(())
}

/// The same, when a print was added and nothing else.
fn grown(tx: &mut Tx<'_>, chat: i64) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO learned_groups (chat, rev)
         VALUES (?1, 1 + coalesce((SELECT max(rev) FROM learned_groups), 0))
         ON CONFLICT (chat) DO UPDATE SET rev = excluded.rev",
    )?
    .execute([chat])?;
    tx.wake(Signal::Lessons);
    Ok(())
}

/// A group whose lessons changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Change {
    pub chat: i64,
    /// The number of the change.
    pub rev: i64,
    /// The number of the last change that was more than a new print.
    pub lessons: i64,
}

/// Groups whose lessons changed after `rev`, in order.
pub(super) fn changes(conn: &Connection, rev: i64) -> Result<Vec<Change>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT chat, rev, lessons FROM learned_groups WHERE rev > ?1 ORDER BY rev",
    )?;
    let rows = find.query_map([rev], |r| {
        Ok(Change {
            chat: r.get(0)?,
            rev: r.get(1)?,
            lessons: r.get(2)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A group's lessons added up; the same words count once, as they were last labelled.
pub(super) fn lessons(conn: &Connection, chat: i64) -> Result<Lessons, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT grams, label FROM learned_samples WHERE id IN
             (SELECT max(id) FROM learned_samples
              WHERE chat = ?1 AND grams IS NOT NULL AND grams_v = ?2 GROUP BY digest)",
    )?;
    let mut lessons = Lessons::default();
    let mut rows = find.query([chat, GRAMS_VERSION])?;
    while let Some(row) = rows.next()? {
        let label = Label::from_word(row.get_ref(1)?.as_str().unwrap_or_default());
        if let (Some(label), Ok(grams)) = (label, row.get_ref(0)?.as_blob()) {
            let buckets = grams
                .chunks_exact(2)
                .map(|two| u16::from_le_bytes([two[0], two[1]]));
            lessons.learn(buckets, label);
        }
    }
    Ok(lessons)
}

/// Prints of a group, one for each text: what was taught goes before what was only removed, the newest before older
/// ones. They come in rising order, the most important last.
pub(super) fn prints(conn: &Connection, chat: i64) -> Result<Vec<PrintRow>, StoreError> {
    let mut found = read_prints(
        conn,
        "SELECT print, label, teacher IS NOT NULL, id FROM learned_samples WHERE id IN
             (SELECT max(id) FROM learned_samples WHERE chat = ?1 AND grams_v = ?2
                  AND NOT (teacher IS -1 AND label = 'ham') GROUP BY digest)
         ORDER BY teacher IS NULL, id DESC LIMIT ?3",
        [chat, GRAMS_VERSION, MOST_PRINTS],
    )?;
    found.reverse();
    Ok(found)
}

/// Prints of a group that were added after row `after`, oldest first.
pub(super) fn prints_since(
    conn: &Connection,
    chat: i64,
    after: i64,
) -> Result<Vec<PrintRow>, StoreError> {
    read_prints(
        conn,
        "SELECT print, label, teacher IS NOT NULL, id FROM learned_samples
         WHERE chat = ?1 AND grams_v = ?2 AND id > ?3 AND NOT (teacher IS -1 AND label = 'ham') ORDER BY id",
        [chat, GRAMS_VERSION, after],
    )
}

fn read_prints(
    conn: &Connection,
    sql: &str,
    params: [i64; 3],
) -> Result<Vec<PrintRow>, StoreError> {
    let mut find = conn.prepare_cached(sql)?;
    let mut found = Vec::new();
    let mut rows = find.query(params)?;
    while let Some(row) = rows.next()? {
        let label = Label::from_word(row.get_ref(1)?.as_str().unwrap_or_default());
        let print = row.get_ref(0)?.as_blob().ok().and_then(print_of);
        if let (Some(label), Some(print)) = (label, print) {
            found.push(PrintRow {
                id: row.get(3)?,
                print,
                label,
                person: row.get(2)?,
            });
        }
    }
    Ok(found)
}

/// Texts a group taught as spam and as welcome.
pub(super) fn count(conn: &Connection, chat: i64) -> Result<(u64, u64), StoreError> {
    let of = |label: Label| -> Result<u64, StoreError> {
        let n: i64 = conn
            .prepare_cached(
                "SELECT count(*) FROM learned_samples
                 WHERE chat = ?1 AND label = ?2 AND grams IS NOT NULL",
            )?
            .query_row(params![chat, label.word()], |r| r.get(0))?;
        Ok(u64::try_from(n).unwrap_or(0))
    };
    Ok((of(Label::Spam)?, of(Label::Ham)?))
}

fn bytes(buckets: &[u16]) -> Vec<u8> {
    buckets.iter().flat_map(|b| b.to_le_bytes()).collect()
}

fn print_bytes(print: &Print) -> Vec<u8> {
    print.iter().flat_map(|n| n.to_le_bytes()).collect()
}

fn print_of(bytes: &[u8]) -> Option<Print> {
    (bytes.len() == PRINT * 2).then(|| {
        let mut print = [0; PRINT];
        for (n, two) in print.iter_mut().zip(bytes.chunks_exact(2)) {
            *n = u16::from_le_bytes([two[0], two[1]]);
        }
        print
    })
}
