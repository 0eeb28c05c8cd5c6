//! Which groups have a closed door and what they ask for, in memory: it is looked up with every message.
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError, RwLock};

use super::rules::GateParams;
use super::store;
use crate::store::{Store, StoreError};

/// A channel or group that somebody must be in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Channel {
    pub(super) id: i64,
    pub(super) title: String,
    /// Its public name, without `@`.
    pub(super) username: Option<String>,
    /// The way in where it has no public name.
    pub(super) link: Option<String>,
}

impl Channel {
    /// The way in.
    pub(super) fn url(&self) -> Option<String> {
        match &self.username {
            Some(name) => Some(format!("https://t.me/{name}")),
            None => self.link.clone(),
        }
    }
}

/// A closed door.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Gate {
    pub(super) chat: i64,
    pub(super) params: GateParams,
    pub(super) channels: Vec<Channel>,
}

#[derive(Default)]
struct All {
    by_group: HashMap<i64, Arc<Gate>>,
    channels: HashSet<i64>,
}

/// All closed doors. Cheap to clone; clones share.
#[derive(Clone)]
pub(super) struct Gates {
    store: Store,
    /// None until they were read.
    all: Arc<RwLock<Option<Arc<All>>>>,
}

impl Gates {
    pub(super) fn new(store: Store) -> Self {
        Self {
            store,
            all: Arc::default(),
        }
    }

    async fn all(&self) -> Result<Arc<All>, StoreError> {
        let known = self
            .all
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        match known {
            Some(all) => Ok(all),
            None => self.read().await,
        }
    }

    /// Reads them again: somebody closed or opened a door.
    async fn read(&self) -> Result<Arc<All>, StoreError> {
        let gates = self.store.read(store::gates).await?;
        let mut all = All::default();
        for gate in gates {
            all.channels.extend(gate.channels.iter().map(|c| c.id));
            all.by_group.insert(gate.chat, Arc::new(gate));
        }
        let all = Arc::new(all);
        *self.all.write().unwrap_or_else(PoisonError::into_inner) = Some(all.clone());
        Ok(all)
    }

    /// The same; what cannot be read now is read at the next question.
    pub(super) async fn changed(&self) {
        if let Err(e) = self.read().await {
            tracing::warn!(error = %e, "the doors cannot be read");
            *self.all.write().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }

    /// The closed door of a group.
    pub(super) async fn of(&self, chat: i64) -> Result<Option<Arc<Gate>>, StoreError> {
        Ok(self.all().await?.by_group.get(&chat).cloned())
    }

    /// Whether some group asks for this channel.
    pub(super) async fn asks_for(&self, channel: i64) -> Result<bool, StoreError> {
        Ok(self.all().await?.channels.contains(&channel))
    }
}
