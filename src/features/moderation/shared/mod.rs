//! Shared bans: what a moderator decides in one group of an owner counts, or holds, in the owner's other groups that
//! want it. `rules` says which and what, `work` keeps it in line with the ban it comes from, `deed` does it.
mod deed;
pub mod rules;
pub mod settings;
mod store;
mod work;

use std::sync::Arc;

pub(super) use work::ShareWorker;

use settings::Sharing;

use crate::base::clock::Millis;
use crate::community::GroupFacts;
use crate::community::erasure::{Forget, Kept, Portion, Progress};
use crate::store::{Store, StoreError, Tx};

/// Whether a ban in another group of the owner counts against a newcomer in `group`; None is nobody new.
pub(super) async fn counts(
    store: &Store,
    group: &GroupFacts,
    newcomer: Option<i64>,
    now: Millis,
) -> Result<bool, StoreError> {
    let (chat, shares) = (group.id, Sharing::read(&group.settings) != Sharing::Off);
    match newcomer.filter(|_| shares) {
        Some(user) => {
            store
                .read(move |conn| store::is_noted(conn, chat, user, now))
                .await
        }
        None => Ok(false),
    }
}

/// Forgets up to `limit` shares of bans that ended by themselves. Gives how many.
pub(super) fn expire(tx: &Tx<'_>, now: Millis, limit: i64) -> Result<usize, StoreError> {
    store::expire(tx, now, limit)
}

/// A group has another id now.
pub(super) fn moved(tx: &Tx<'_>, from: i64, to: i64) -> Result<(), StoreError> {
    store::moved(tx, from, to)
}

struct Shares;

impl Forget for Shares {
    fn name(&self) -> &'static str {
        "shared bans"
    }

    fn kept(&self) -> &'static [Kept] {
        store::KEPT
    }

    fn forget(&self, tx: &mut Tx<'_>, portion: Portion) -> Result<Progress, StoreError> {
        store::forget(tx, portion)
    }
}

/// What these tables keep of people.
pub(super) fn forgetful_rooms() -> Vec<Arc<dyn Forget>> {
    vec![Arc::new(Shares)]
}
