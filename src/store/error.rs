//! What can go wrong with the database, in words that name the file and the remedy.
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::ErrorCode;

/// A failed read, write or opening. Cheap to clone: one failed commit is told to every caller in it.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The file or its folder cannot be used by this user.
    #[error("cannot {action} {}: {reason}. {remedy}", path.display())]
    Unusable {
        /// What was tried, as in `open`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said, with owner and mode where they matter.
        reason: String,
        /// What the operator can do.
        remedy: String,
    },
    /// Written by a later version of Beadle.
    #[error(
        "{} was written by a newer Beadle (schema {found}, this one knows {known}). \
         Install that version again, or restore a backup made before the upgrade", path.display()
    )]
    Newer {
        /// The database.
        path: PathBuf,
        /// Its schema number.
        found: i64,
        /// The highest this program knows.
        known: i64,
    },
    /// The file is not a Beadle database, or is damaged.
    #[error("{} is not a usable Beadle database: {reason}. Restore a backup, or move the file away to start anew", path.display())]
    Damaged {
        /// The database.
        path: PathBuf,
        /// What SQLite said.
        reason: String,
    },
    /// No room left.
    #[error("the disk is full: nothing was written. Free some space; Beadle goes on by itself")]
    DiskFull,
    /// Any other answer of SQLite.
    #[error("database: {0}")]
    Sqlite(Arc<rusqlite::Error>),
    /// A value in the database or for it does not make sense.
    #[error("database: {0}")]
    Invalid(String),
    /// The writer has stopped.
    #[error("the database is closed")]
    Closed,
    /// The write panicked; its part was rolled back.
    #[error("a write failed inside Beadle: {0}")]
    Panicked(String),
}

impl StoreError {
    /// Whether the file is damaged.
    pub fn is_damage(&self) -> bool {
        match self {
            Self::Damaged { .. } => true,
            Self::Sqlite(e) => matches!(
                e.sqlite_error_code(),
                Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
            ),
            _ => false,
        }
    }

    /// Whether waiting may mend it, so that the same write is worth trying again.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::DiskFull => true,
            Self::Sqlite(e) => matches!(
                e.sqlite_error_code(),
                Some(
                    ErrorCode::DatabaseBusy
                        | ErrorCode::DatabaseLocked
                        | ErrorCode::SystemIoFailure
                )
            ),
            _ => false,
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(e: rusqlite::Error) -> Self {
        match e.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull,
            _ => Self::Sqlite(Arc::new(e)),
        }
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(e: serde_json::Error) -> Self {
        Self::Invalid(format!("a stored value is not the JSON it should be: {e}"))
    }
}

/// An I/O error on `path`, with owner, mode and the remedy an operator needs.
pub(crate) fn unusable(action: &'static str, path: &Path, reason: &str) -> StoreError {
    let me = rustix::process::geteuid().as_raw();
    let owner = owner_of(path);
    let remedy = match owner {
        Some((uid, _)) if uid != me => format!(
            "The owner is uid {uid} and this process runs as uid {me}: run it as that user \
             (`sudo -u '#{uid}' beadle …`) or give the folder to this one (`sudo chown -R {me} {}`)",
            path.parent().unwrap_or(path).display()
        ),
        Some((_, mode)) if mode & 0o200 == 0 => {
            format!("The file is read-only: `chmod u+w {}`", path.display())
        }
        _ => "Check that the folder exists, is writable by this user and is on a disk with room, \
              or choose another with BEADLE_DATA_DIR"
            .to_owned(),
    };
    let reason = match owner {
        Some((uid, mode)) => format!("{reason} (owner uid {uid}, mode {:o})", mode & 0o7777),
        None => reason.to_owned(),
    };
    StoreError::Unusable {
        action,
        path: path.to_owned(),
        reason,
        remedy,
    }
}

/// Owner and mode of the nearest part of `path` that exists.
fn owner_of(path: &Path) -> Option<(u32, u32)> {
    use std::os::unix::fs::MetadataExt;
    path.ancestors()
        .find_map(|p| std::fs::metadata(p).ok())
        .map(|meta| (meta.uid(), meta.mode()))
}
