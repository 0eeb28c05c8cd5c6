//! What moderators' tools keep of people, and how they forget them.
use std::sync::Arc;

use super::store;
use crate::community::erasure::{Forget, Kept, Portion, Progress};
use crate::store::{StoreError, Tx};

struct Tools;

impl Forget for Tools {
    fn name(&self) -> &'static str {
        "tools"
    }

    fn kept(&self) -> &'static [Kept] {
        store::KEPT
    }

    fn forget(&self, tx: &mut Tx<'_>, portion: Portion) -> Result<Progress, StoreError> {
        store::forget(tx, portion)
    }
}

/// What these tables keep of people.
pub(in crate::features::moderation) fn rooms() -> Vec<Arc<dyn Forget>> {
    vec![Arc::new(Tools)]
}
