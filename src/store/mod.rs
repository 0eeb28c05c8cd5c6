//! SQLite: one writer thread with group commit, a pool of readers, migrations. No feature's SQL.
pub mod care;
mod checkpoint;
mod error;
mod lock;
pub mod meta;
mod open;
mod readers;
mod signal;
mod tx;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

pub use rusqlite::Connection;

pub use error::StoreError;
pub use lock::DataDirLock;
pub use open::{known_schema, migrations};
pub use signal::Signal;
pub use tx::Tx;
pub(crate) use writer::panic_text;

/// Name of the database inside the data directory.
pub const DATABASE_FILE: &str = "beadle.db";

/// Folder of copies, inside the data directory.
const BACKUPS: &str = "backups";

/// How to open the store.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// Folder of the database; made when missing.
    pub dir: PathBuf,
    /// Read-only connections, 1 to 20.
    pub readers: usize,
    /// Added to every commit, to measure what a slow disk costs.
    pub commit_delay: Duration,
    /// Largest database in pages of 4 KiB, to test a full disk; 0 is no limit.
    pub max_pages: u32,
}

impl StoreOptions {
    /// The defaults for a data directory.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            readers: 4,
            commit_delay: Duration::ZERO,
            max_pages: 0,
        }
    }
}

/// The open database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    dir: PathBuf,
    queue: Arc<writer::Queue>,
    bells: Arc<signal::Bells>,
    readers: readers::Pool,
    threads: std::sync::Mutex<Vec<JoinHandle<()>>>,
    checkpoint: checkpoint::Stop,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store")
            .field("dir", &self.inner.dir)
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Opens or creates the database, brings its schema up to date (after a copy), starts the writer.
    /// Blocks on the disk.
    pub fn open(options: &StoreOptions) -> Result<Self, StoreError> {
        let path = options.dir.join(DATABASE_FILE);
        let conn = open::writer(&path, options)?;
        let queue = Arc::new(writer::Queue::default());
        let bells = Arc::new(signal::Bells::default());
        let checkpoint = checkpoint::Stop::default();
        let gate = Arc::new(checkpoint::Gate::default());
        let writing = {
            let (queue, bells, gate) = (queue.clone(), bells.clone(), gate.clone());
            let delay = options.commit_delay;
            spawn("store-writer", move || {
                writer::run(&conn, &queue, &bells, &gate, delay)
            })?
        };
        let checkpointing = {
            let (path, stop) = (path.clone(), checkpoint.clone());
            spawn("store-checkpoint", move || {
                checkpoint::run(&path, &gate, &stop)
            })?
        };
        Ok(Self {
            inner: Arc::new(Inner {
                dir: options.dir.clone(),
                queue,
                bells,
                readers: readers::Pool::new(path, options.readers.clamp(1, 20)),
                threads: std::sync::Mutex::new(vec![writing, checkpointing]),
                checkpoint,
            }),
        })
    }

    /// Runs `f` in the next group commit and returns its result once that is on disk. When `f` fails,
    /// only its own part is rolled back.
    pub async fn write<T, F>(&self, f: F) -> Result<T, StoreError>
    where
        F: FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        self.submit(f, false).await
    }

    /// Like [`Store::write`], behind all foreground work. `f` must keep to 5 ms or 500 rows.
    pub async fn write_bulk<T, F>(&self, f: F) -> Result<T, StoreError>
    where
        F: FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        self.submit(f, true).await
    }

    async fn submit<T, F>(&self, f: F, bulk: bool) -> Result<T, StoreError>
    where
        F: FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        let (call, back) = writer::Call::new(f);
        self.inner.queue.push(Box::new(call), bulk);
        back.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Runs `f` on a read-only connection, on a thread that may block.
    pub async fn read<T, F>(&self, f: F) -> Result<T, StoreError>
    where
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        self.inner.readers.read(f).await
    }

    /// Waits until a commit raises `signal`.
    pub async fn woken(&self, signal: Signal) {
        self.inner.bells.bell(signal).notified().await;
    }

    /// Moves the whole log into the database and empties it, so that nothing that was deleted is left in either.
    /// False when readers stood in the way for ten seconds; the wish stands, and is fulfilled when they are gone.
    pub async fn scrub(&self) -> bool {
        let wish = self.inner.checkpoint.want_scrub();
        for _ in 0..1_000 {
            if self.inner.checkpoint.scrubbed(wish) {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        false
    }

    /// Writes that wait for the writer.
    pub fn write_depth(&self) -> usize {
        self.inner.queue.depth()
    }

    /// Where copies of the database are kept.
    pub fn backups(&self) -> PathBuf {
        self.inner.dir.join(BACKUPS)
    }

    /// Read-only connections that are lent out now.
    pub fn readers_busy(&self) -> usize {
        self.inner.readers.busy()
    }

    /// Bytes of the database and of its log.
    pub fn sizes(&self) -> (u64, u64) {
        let path = self.inner.dir.join(DATABASE_FILE);
        let size = |path: &Path| std::fs::metadata(path).map_or(0, |m| m.len());
        (size(&path), size(&path.with_extension("db-wal")))
    }

    /// The data directory.
    pub fn dir(&self) -> &Path {
        &self.inner.dir
    }

    /// Bytes free for this user on the disk of the data directory; None when the system does not tell.
    pub fn disk_free(&self) -> Option<u64> {
        let stat = rustix::fs::statvfs(&self.inner.dir).ok()?;
        Some(stat.f_bavail.saturating_mul(stat.f_frsize))
    }

    /// Finishes what was submitted and closes the database. Blocks.
    pub fn close(&self) {
        self.inner.queue.close();
        self.inner.checkpoint.stop();
        let threads = std::mem::take(
            &mut *self
                .inner
                .threads
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner),
        );
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("a store thread ended in a panic");
            }
        }
    }
}

/// A read-only connection to the database in `dir`, for verbs that look while another process writes.
pub fn open_reader(dir: &Path) -> Result<Connection, StoreError> {
    open::reader(&dir.join(DATABASE_FILE))
}

fn spawn(name: &str, f: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, StoreError> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(f)
        .map_err(|e| StoreError::Invalid(format!("cannot start the thread {name}: {e}")))
}
