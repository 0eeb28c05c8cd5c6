//! Forgetting a person, and showing a person what is kept: erasure is asked for in one transaction, put on a list beside the database, then done room by
//! room in small portions; an older copy of the database forgets again before it hears of anything new.
mod list;
mod own;
mod rooms;
mod store;
mod work;

pub use list::{LIST_FILE, Listed};
pub use rooms::{house_rooms, mark_of};
pub use store::{
    Asked, KeptBan, Reason, Wish, ask, ask_by_operator, drop_ban, expire_bans, kept_ban,
};
pub use work::{Erasures, Replayed};

use serde_json::{Map, Value};

use crate::base::clock::Millis;
use crate::store::{StoreError, Tx};

/// One portion of forgetting.
#[derive(Debug, Clone, Copy)]
pub struct Portion {
    /// Who is to be forgotten, by Telegram id.
    pub person: i64,
    /// What came later stays: the person went on after asking.
    pub until: Millis,
    /// Where the last portion ended; 0 at first.
    pub position: i64,
    /// Rows to look at, at most.
    pub rows: i64,
    /// Now.
    pub now: Millis,
}

/// What a portion did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Rows that were emptied or removed.
    pub gone: usize,
    /// Where the next portion begins; None when this room holds nothing more of the person.
    pub next: Option<i64>,
}

/// A room that keeps something of people. Every room with such a table registers one.
pub trait Forget: Send + Sync + 'static {
    /// For the log.
    fn name(&self) -> &'static str;

    /// Forgets a portion. May be called again with the same portion after a crash, and for somebody of whom
    /// nothing is kept. A portion takes at most 5 ms or the given number of rows.
    fn forget(&self, tx: &mut Tx<'_>, portion: Portion) -> Result<Progress, StoreError>;

    /// What this room shows a person of what it keeps about them; nothing, when another room shows it.
    fn kept(&self) -> &'static [Kept];
}

/// One table as the person it knows may see it: their own rows, and of those only what is not somebody else's.
#[derive(Debug, Clone, Copy)]
pub struct Kept {
    /// The table.
    pub table: &'static str,
    /// SQL, which lies in the room's `store.rs`: the rows of person `?1` after position `?2`, in order, at most `?3`.
    /// The first column is the position, a number that grows; the others are shown under their names.
    pub rows: &'static str,
    /// Takes out of a row what is another's.
    pub clean: Option<Clean>,
}

/// Changes a row so that it shows nothing of anybody but the person.
pub type Clean = fn(person: i64, row: &mut Map<String, Value>);

impl Kept {
    /// A table whose rows are shown as `rows` gives them.
    pub const fn new(table: &'static str, rows: &'static str) -> Self {
        Self {
            table,
            rows,
            clean: None,
        }
    }

    /// The same, with `clean` for each row.
    #[must_use]
    pub const fn cleaned(mut self, clean: fn(i64, &mut Map<String, Value>)) -> Self {
        self.clean = Some(clean);
        self
    }
}

impl Progress {
    /// All done in this portion.
    pub fn done(gone: usize) -> Self {
        Self { gone, next: None }
    }
}
