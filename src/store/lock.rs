//! One process for each data directory.
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::StoreError;
use super::error::unusable;

/// Held while a process uses the data directory; let go by the system when it ends, however it ends.
#[derive(Debug)]
pub struct DataDirLock {
    _file: File,
}

impl DataDirLock {
    /// Makes the folder when missing and takes its lock, or says which process holds it.
    pub fn acquire(dir: &Path) -> Result<Self, StoreError> {
        std::fs::create_dir_all(dir).map_err(|e| unusable("create", dir, &e.to_string()))?;
        let path = dir.join("beadle.lock");
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|e| unusable("open", &path, &e.to_string()))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // The number is a courtesy; without it the message still stands.
                let _unreadable = file.read_to_string(&mut holder);
                return Err(StoreError::Unusable {
                    action: "lock",
                    path,
                    reason: format!("process {} is using it", holder.trim()),
                    remedy:
                        "Stop that one first: one process serves one bot and one data directory"
                            .to_owned(),
                });
            }
            Err(TryLockError::Error(e)) => return Err(unusable("lock", &path, &e.to_string())),
        }
        let pid = std::process::id();
        file.set_len(0)
            .and_then(|()| file.seek(SeekFrom::Start(0)))
            .and_then(|_| writeln!(file, "{pid}"))
            .map_err(|e| unusable("write", &path, &e.to_string()))?;
        Ok(Self { _file: file })
    }
}
