//! The audit: every act that matters, hash-chained from the first, in the transaction of the act itself.
pub mod chain;
mod entry;
mod store;
mod verify;
mod witness;

pub use entry::{Actor, AuditEntry, MAX_DETAILS, MAX_PERSONAL, MAX_SUBJECT, Personal};
pub use store::{
    Filter, Head, Row, erase_personal, expire_personal, head, list, noted, verify, verify_step,
};
pub use verify::{Anchor, Fault, Seen, StoredLink, Walk};
pub use witness::{Rewound, WITNESS_FILE, Witness, read as witnessed};

use crate::base::clock::Millis;
use crate::store::{StoreError, Tx};

/// `tx.audit(&entry, now)`: the act and the note of it in one transaction.
pub trait Audit {
    /// Adds a row to the chain and gives its number. What is too long is replaced by its length, so that
    /// an act never fails for want of room in its note.
    fn audit(&mut self, entry: &AuditEntry, now: Millis) -> Result<i64, StoreError>;
}

impl Audit for Tx<'_> {
    fn audit(&mut self, entry: &AuditEntry, now: Millis) -> Result<i64, StoreError> {
        store::append(self, entry, now)
    }
}
