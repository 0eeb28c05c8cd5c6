//! Walks the chain row by row and names the first that does not hold; pure, the rows are handed in.
use super::chain::{self, GENESIS, Hash, Link};
use crate::base::clock::Millis;

/// A row as it lies in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredLink {
    /// What the hash covers.
    pub link: Link,
    /// The hash beside it.
    pub hash: Hash,
    /// Its personal part: salt, whose, body; None when there was none or it is erased.
    pub personal: Option<([u8; 16], Option<i64>, String)>,
}

/// An end of the chain that was known earlier, outside of the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Anchor {
    /// Number of the row that was the last then.
    pub id: i64,
    /// Its hash; None where only the number was noted.
    pub hash: Option<Hash>,
    /// When it was noted.
    pub at: Millis,
}

/// The first thing that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The row, or one before it, is not what was written.
    #[error("row {id} does not follow from the rows before it: it was changed, or put elsewhere")]
    Changed {
        /// The row.
        id: i64,
    },
    /// Rows are gone.
    #[error("row {id} is missing: the next one has the number {found}")]
    Missing {
        /// The first that is gone.
        id: i64,
        /// The one found in its place.
        found: i64,
    },
    /// The personal part is not the one of which the chain holds the digest.
    #[error("the personal part of row {id} was changed or exchanged")]
    Personal {
        /// The row.
        id: i64,
    },
    /// A row has a personal part of which the chain knows nothing.
    #[error("row {id} has a personal part that was not written with it")]
    Foreign {
        /// The row.
        id: i64,
    },
    /// The end is gone.
    #[error(
        "the chain ends at row {last}, but row {known} had been written: its end was cut off, or an older copy of the database was put in place"
    )]
    Cut {
        /// The last row.
        last: i64,
        /// The last that is known to have been there.
        known: i64,
    },
    /// A row that was known has another hash now: the chain was written anew.
    #[error(
        "row {id} is not the one that was known as the end of the chain: the chain was written anew"
    )]
    Rewritten {
        /// The row.
        id: i64,
    },
}

impl Fault {
    /// The row that is named.
    pub fn row(&self) -> i64 {
        match self {
            Self::Changed { id }
            | Self::Missing { id, .. }
            | Self::Personal { id }
            | Self::Foreign { id }
            | Self::Rewritten { id } => *id,
            Self::Cut { last, .. } => last + 1,
        }
    }
}

/// What a walk has seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Seen {
    /// Rows that hold.
    pub rows: i64,
    /// Personal parts that are there and hold.
    pub personal: i64,
    /// Personal parts that were erased.
    pub erased: i64,
}

/// A walk along the chain.
#[derive(Debug, Clone)]
pub struct Walk {
    before: Hash,
    last: i64,
    seen: Seen,
    anchors: Vec<Anchor>,
}

impl Walk {
    /// A walk from the first row, which must come by each of `anchors`.
    pub fn new(mut anchors: Vec<Anchor>) -> Self {
        anchors.sort_by_key(|a| a.id);
        Self {
            before: GENESIS,
            last: 0,
            seen: Seen::default(),
            anchors,
        }
    }

    /// The last row looked at.
    pub fn last(&self) -> i64 {
        self.last
    }

    /// What was seen so far.
    pub fn seen(&self) -> Seen {
        self.seen
    }

    /// Looks at the next row.
    pub fn take(&mut self, row: &StoredLink) -> Result<(), Fault> {
        let id = row.link.id;
        if id != self.last + 1 {
            return Err(Fault::Missing {
                id: self.last + 1,
                found: id,
            });
        }
        if chain::hash(&self.before, &row.link) != row.hash {
            return Err(Fault::Changed { id });
        }
        match (&row.link.digest, &row.personal) {
            (Some(digest), Some((salt, person, body))) => {
                if chain::digest(salt, *person, body) != *digest {
                    return Err(Fault::Personal { id });
                }
                self.seen.personal += 1;
            }
            (Some(_), None) => self.seen.erased += 1,
            (None, Some(_)) => return Err(Fault::Foreign { id }),
            (None, None) => {}
        }
        let other = |a: &Anchor| a.id == id && a.hash.is_some_and(|h| h != row.hash);
        if self.anchors.iter().any(other) {
            return Err(Fault::Rewritten { id });
        }
        (self.before, self.last) = (row.hash, id);
        self.seen.rows += 1;
        Ok(())
    }

    /// There are no more rows.
    pub fn end(&self) -> Result<Seen, Fault> {
        match self.anchors.last() {
            Some(anchor) if anchor.id > self.last => Err(Fault::Cut {
                last: self.last,
                known: anchor.id,
            }),
            _ => Ok(self.seen),
        }
    }
}
