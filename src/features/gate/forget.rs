//! What the door keeps forgets a person.
use std::sync::Arc;

use super::store;
use crate::community::erasure::{Forget, Kept, Portion, Progress};
use crate::store::{StoreError, Tx};

struct Door;

impl Forget for Door {
    fn name(&self) -> &'static str {
        "gate"
    }

    fn kept(&self) -> &'static [Kept] {
        store::KEPT
    }

    fn forget(&self, tx: &mut Tx<'_>, p: Portion) -> Result<Progress, StoreError> {
        Ok(Progress::done(store::forget(tx, p.person)?))
    }
}

/// What these tables keep of people.
pub fn rooms() -> Vec<Arc<dyn Forget>> {
    vec![Arc::new(Door)]
}
