//! What a group has learned of its members: evidence moves it, time wears it away.
mod rules;
mod store;

pub use rules::{
    BOUND, CLEAR_CAP, Evidence, NEWCOMER, REGULAR, Reputation, Seen, Standing, TRUSTED,
    UNDONE_EXTRA, standing,
};
pub use store::{Row, agree, explain, member, object, objects, purge, user};
pub(super) use store::{forget, forget_objection};

use crate::base::clock::Millis;
use crate::store::{StoreError, Tx};

/// Reputation, in the transaction of what moves it.
pub trait Repute {
    /// Moves the reputation of `user` in `chat`, and, by a part of it, everywhere. `cause` is the row of
    /// `spam_results`. Gives the evidence's row, or None for clear messages, which are too many for rows, and for
    /// somebody who objects to having a reputation, of whom nothing is noted.
    fn repute(
        &mut self,
        chat: i64,
        user: i64,
        evidence: Evidence,
        cause: Option<i64>,
        now: Millis,
    ) -> Result<Option<i64>, StoreError>;

    /// Takes back all evidence that rests on the verdict `cause`, and adds a little for the wrong that was
    /// done. False when there was none, or it has been taken back.
    fn pardon(&mut self, cause: i64, now: Millis) -> Result<bool, StoreError>;
}

impl Repute for Tx<'_> {
    fn repute(
        &mut self,
        chat: i64,
        user: i64,
        evidence: Evidence,
        cause: Option<i64>,
        now: Millis,
    ) -> Result<Option<i64>, StoreError> {
        store::repute(self, chat, user, evidence, cause, now)
    }

    fn pardon(&mut self, cause: i64, now: Millis) -> Result<bool, StoreError> {
        store::pardon(self, cause, now)
    }
}
