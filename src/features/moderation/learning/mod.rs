//! Learning in each group: what its admins call spam or welcome changes verdicts there, and can be taken back.
//!
//! [`teach`] and [`untaught`] run inside a `store::Tx`, beside whatever else a tap changes; nothing but the
//! commit tells the [`Learner`], which keeps each group's [`GroupModel`] and the prints of known messages in
//! memory. What is stored of a lesson are hashes of its n-grams, never its words.
mod known;
mod learner;
mod model;
mod store;

use sha2::{Digest as _, Sha256};

pub(super) use known::equal_part;
pub use known::{ALIKE, Known, Likeness};
pub use learner::{Learner, Memory};
pub use model::{GroupModel, Label, Lessons, MOST};

use super::grams::Grams;
use crate::base::clock::Millis;
use crate::base::fold::fold;
use crate::community::erasure::{Portion, Progress};
use crate::store::{Connection, Signal, StoreError, Tx};
pub(super) use store::KEPT;
use store::SampleRow;

/// Letters below which a text teaches nothing: "ok" is neither spam nor welcome.
const MIN_LETTERS: u32 = 8;
/// Prints of what Beadle removed by itself are kept for so long.
pub const REMOVED_KEPT: Millis = 30 * 24 * 3_600_000;

/// A person says what a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lesson {
    /// The group.
    pub chat: i64,
    /// The message.
    pub message: i64,
    /// What it is.
    pub label: Label,
    /// Telegram's id of who says so.
    pub teacher: i64,
}

/// What became of a lesson.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taught {
    /// Learned.
    Learned,
    /// It was learned under this label before.
    Already,
    /// Nothing is kept of the message's words, they are too few, or they were another member's first.
    NoWords,
}

/// Learns from a message of a group, inside the transaction of the tap; a label given before is replaced.
///
/// # Errors
/// The database's.
pub fn teach(tx: &mut Tx<'_>, lesson: &Lesson, now: Millis) -> Result<Taught, StoreError> {
    let Lesson {
        chat,
        message,
        label,
        teacher,
    } = *lesson;
    store::label_verdict(tx, chat, message, Some(label))?;
    if store::taught(tx, chat, message)? == Some(label) {
        return Ok(Taught::Already);
    }
    let Some((author, Some(words))) = store::words(tx, chat, message)? else {
        return Ok(Taught::NoWords);
    };
    // Whoever repeats somebody's words to look like one of the group does not make them spam.
    if label == Label::Spam && store::is_copied(tx, (chat, message), author, &words)? {
        store::remove(tx, chat, message)?;
        return Ok(Taught::NoWords);
    }
    put(
        tx,
        (chat, Some(message), author),
        Some(teacher),
        label,
        &words,
        now,
    )
}

/// Learns from words that are no message of the group, such as one forwarded to Beadle.
///
/// # Errors
/// The database's.
pub fn teach_words(
    tx: &mut Tx<'_>,
    chat: i64,
    words: &str,
    label: Label,
    teacher: i64,
    now: Millis,
) -> Result<Taught, StoreError> {
    put(tx, (chat, None, None), Some(teacher), label, words, now)
}

/// Learns from a message of the group's history, `(chat, message, author)`; whatever is known of that message by now
/// goes before. Ordinary talk is learned as a manner of speaking: as single messages they are no admin's word.
///
/// # Errors
/// The database's.
pub fn from_history(
    tx: &mut Tx<'_>,
    (chat, message, author): (i64, i64, Option<i64>),
    label: Label,
    words: &str,
    now: Millis,
) -> Result<Taught, StoreError> {
    if store::is_known(tx, chat, message)? {
        return Ok(Taught::Already);
    }
    let of = (chat, Some(message), author);
    put(tx, of, Some(store::HISTORY), label, words, now)
}

/// Takes back all that a group's history taught; gives how much.
///
/// # Errors
/// The database's.
pub fn forget_history(tx: &mut Tx<'_>, chat: i64) -> Result<usize, StoreError> {
    store::forget_history(tx, chat)
}

/// Learns a line of a file of samples, which nobody in the group said; what was learned in the same words under the
/// same label is not learned again.
///
/// # Errors
/// The database's.
pub fn teach_sample(
    tx: &mut Tx<'_>,
    chat: i64,
    words: &str,
    label: Label,
    now: Millis,
) -> Result<Taught, StoreError> {
    if store::has_digest(tx, chat, label, digest(&fold(words).text))? {
        return Ok(Taught::Already);
    }
    // As for somebody forgotten: 0 is nobody's id.
    put(tx, (chat, None, None), Some(0), label, words, now)
}

/// A portion of what people taught in a group, for a file: words on one line, or None where they are no longer kept.
/// Begins after row `after`, at most `limit` rows; gives each with its row.
///
/// # Errors
/// The database's.
pub fn samples(
    conn: &Connection,
    chat: i64,
    after: i64,
    limit: i64,
) -> Result<Vec<Sample>, StoreError> {
    store::samples(conn, chat, after, limit)
}

/// See [`samples`].
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Its row.
    pub id: i64,
    /// What it was called.
    pub label: Label,
    /// The words, as they are kept with their message; lessons themselves hold none.
    pub words: Option<String>,
}

fn digest(folded: &str) -> [u8; 16] {
    // On one line or several: words are the same words.
    let words: Vec<&str> = folded.split_whitespace().collect();
    let hash = Sha256::digest(words.join(" ").as_bytes());
    let mut digest = [0; 16];
    digest.copy_from_slice(&hash[..16]);
    digest
}

/// Remembers a message that Beadle removed by itself: others like it are recognised, nothing is learned.
///
/// # Errors
/// The database's.
pub fn removed(tx: &mut Tx<'_>, chat: i64, message: i64, now: Millis) -> Result<(), StoreError> {
    if let Some((author, Some(words))) = store::words(tx, chat, message)? {
        let of = (chat, Some(message), author);
        put(tx, of, None, Label::Spam, &words, now)?;
    }
    Ok(())
}

/// Takes back whatever a message taught; false when it taught nothing.
///
/// # Errors
/// The database's.
pub fn untaught(tx: &mut Tx<'_>, chat: i64, message: i64) -> Result<bool, StoreError> {
    store::label_verdict(tx, chat, message, None)?;
    store::remove(tx, chat, message)
}

/// A group got another id, and the database took its lessons along: whoever keeps lessons in memory looks again.
///
/// # Errors
/// None; it is the form of a write.
pub fn moved(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    tx.wake(Signal::Lessons);
    Ok(())
}

/// Takes back a portion of what one person's words taught anywhere, and of the person's name as a teacher, as
/// an erasure asks.
///
/// # Errors
/// The database's.
pub fn forget(tx: &mut Tx<'_>, portion: Portion) -> Result<Progress, StoreError> {
    store::forget(tx, portion)
}

/// Forgets up to `limit` prints that nobody taught and that are older than [`REMOVED_KEPT`].
///
/// # Errors
/// The database's.
pub fn expire(tx: &mut Tx<'_>, now: Millis, limit: i64) -> Result<usize, StoreError> {
    store::expire(tx, now - REMOVED_KEPT, limit)
}

fn put(
    tx: &mut Tx<'_>,
    (chat, message, author): (i64, Option<i64>, Option<i64>),
    teacher: Option<i64>,
    label: Label,
    words: &str,
    now: Millis,
) -> Result<Taught, StoreError> {
    let folded = fold(words);
    if folded.letters < MIN_LETTERS {
        return Ok(Taught::NoWords);
    }
    let row = SampleRow {
        chat,
        message,
        author,
        teacher,
        label,
        digest: digest(&folded.text),
        grams: &Grams::of(&folded),
    };
    store::put(tx, &row, now)?;
    Ok(Taught::Learned)
}
