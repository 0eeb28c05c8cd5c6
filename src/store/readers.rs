//! Read-only connections, lent out one caller at a time and opened when first needed.
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::{StoreError, open};
use crate::observe::metrics;

pub(super) struct Pool {
    path: PathBuf,
    idle: Arc<Mutex<Vec<Connection>>>,
    room: Arc<Semaphore>,
    size: usize,
}

impl Pool {
    pub(super) fn new(path: PathBuf, size: usize) -> Self {
        Self {
            path,
            idle: Arc::default(),
            room: Arc::new(Semaphore::new(size)),
            size,
        }
    }

    /// Connections lent out now.
    pub(super) fn busy(&self) -> usize {
        self.size.saturating_sub(self.room.available_permits())
    }

    pub(super) async fn read<T, F>(&self, f: F) -> Result<T, StoreError>
    where
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        let began = Instant::now();
        let permit = self
            .room
            .clone()
            .acquire_owned()
            .await
            .map_err(|_| StoreError::Closed)?;
        let idle = self.idle.clone();
        let path = self.path.clone();
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let taken = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let conn = match taken {
                Some(conn) => conn,
                None => open::reader(&path)?,
            };
            let result = f(&conn);
            metrics::QUERY_SECONDS.took(began.elapsed());
            idle.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(conn);
            result
        })
        .await
        .map_err(|e| StoreError::Panicked(e.to_string()))?
    }
}
