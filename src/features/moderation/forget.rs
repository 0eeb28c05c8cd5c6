//! What moderation keeps of people, and how it forgets them: verdicts lose their person and their facts,
//! lessons from their words are taken back.
use std::sync::Arc;

use super::learning::ForgetLessons;
use super::store;
use crate::community::erasure::{Forget, Portion, Progress};
use crate::store::{StoreError, Tx};

struct Verdicts;

impl Forget for Verdicts {
    fn name(&self) -> &'static str {
        "verdicts"
    }

    fn forget(&self, tx: &mut Tx<'_>, portion: Portion) -> Result<Progress, StoreError> {
        store::forget_verdicts(tx, portion)
    }
}

/// The tables of this feature that hold something of people.
pub fn forgetful_rooms() -> Vec<Arc<dyn Forget>> {
    vec![Arc::new(Verdicts), Arc::new(ForgetLessons)]
}
