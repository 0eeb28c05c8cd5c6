//! Ban lists: local copies of lists that the operator names, refreshed in the background.
//!
//! That somebody is listed is a sign about the account: beside other evidence it counts, alone it removes nothing and
//! bans nobody. `fetch` brings a list here, `read` makes ids of it, `ids` holds them, `copy` keeps them on disk, `book`
//! says when to look again, `work` does it.
pub mod book;
pub mod copy;
pub mod fetch;
pub mod ids;
pub mod read;
pub mod settings;
pub mod store;
pub mod work;

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use copy::Copies;
use ids::Ids;
use read::Limits;

use crate::base::clock::{Millis, SharedClock};
use crate::config::BanLists;
use crate::queue::Worker;
use crate::store::{StoreError, Tx};

/// The lists in memory. Cheap to clone; clones share.
#[derive(Clone)]
pub struct Lists {
    inner: Arc<Inner>,
}

struct Inner {
    named: BanLists,
    limits: Limits,
    copies: Copies,
    /// One for each source, in their order; None while there is no copy.
    held: RwLock<Vec<Option<Arc<Ids>>>>,
}

impl Lists {
    /// The lists that the operator named, with the copies that lie in the data directory; those of lists that are not
    /// named any more are deleted. What cannot be read is fetched anew. Reads files: some milliseconds for a million
    /// ids.
    pub fn open(data_dir: &Path, named: BanLists, limits: Limits) -> Self {
        let copies = Copies::of(data_dir);
        if let Err(error) = copies.keep_only(&named.sources) {
            tracing::warn!(
                error,
                "copies of ban lists that are not used could not be deleted"
            );
        }
        let load = |source: &String| match copies.load(source) {
            Ok(ids) => ids.map(Arc::new),
            Err(error) => {
                tracing::warn!(error, "a copy of a ban list cannot be used");
                None
            }
        };
        let held = named.sources.iter().map(load).collect();
        Self {
            inner: Arc::new(Inner {
                named,
                limits,
                copies,
                held: RwLock::new(held),
            }),
        }
    }

    /// Whether `user` is on one of them.
    pub fn contains(&self, user: i64) -> bool {
        let held = self.inner.held.read();
        let held = held.unwrap_or_else(PoisonError::into_inner);
        held.iter().flatten().any(|ids| ids.contains(user))
    }

    /// The sources, in the operator's order.
    pub fn sources(&self) -> &[String] {
        &self.inner.named.sources
    }

    /// Ids in memory, and the bytes they take.
    pub fn held(&self) -> (usize, usize) {
        let held = self.inner.held.read();
        let held = held.unwrap_or_else(PoisonError::into_inner);
        let sizes = held.iter().flatten().map(|ids| (ids.len(), ids.bytes()));
        sizes.fold((0, 0), |all, one| (all.0 + one.0, all.1 + one.1))
    }

    fn every(&self) -> Millis {
        self.inner.named.every
    }

    fn limits(&self) -> Limits {
        self.inner.limits
    }

    fn has(&self, at: usize) -> bool {
        let held = self.inner.held.read();
        let held = held.unwrap_or_else(PoisonError::into_inner);
        held.get(at).is_some_and(Option::is_some)
    }

    /// A new copy of the list at `at`: on disk first, then in memory.
    async fn put(&self, at: usize, ids: Ids) -> Result<(), String> {
        let (lists, ids) = (self.clone(), Arc::new(ids));
        let kept = ids.clone();
        tokio::task::spawn_blocking(move || {
            let source = lists.inner.named.sources.get(at);
            let source = source.ok_or("the list is not named any more")?;
            lists.inner.copies.put(source, &kept)
        })
        .await
        .map_err(|e| e.to_string())??;
        let held = self.inner.held.write();
        let mut held = held.unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = held.get_mut(at) {
            *place = Some(ids);
        }
        Ok(())
    }
}

/// At every start.
pub(super) fn stand(tx: &mut Tx<'_>, lists: &Lists, now: Millis) -> Result<(), StoreError> {
    work::stand(tx, lists, now)
}

/// Who refreshes them.
pub(super) fn workers(lists: &Lists, clock: &SharedClock) -> Vec<Arc<dyn Worker>> {
    vec![Arc::new(work::RefreshWorker {
        lists: lists.clone(),
        clock: clock.clone(),
    })]
}
