//! The log's own files: one for each day in the data directory, objects in lines, gone when their time is over.
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::base::clock::{Clock as _, Millis, SystemClock};

/// The folder, in the data directory.
pub const FOLDER: &str = "logs";
const DAY: Millis = 86_400_000;
/// Largest file of a day, in bytes: a line that comes again and again fills no disk.
const LARGEST: u64 = 64 << 20;

/// Where this process keeps its log; nowhere until it is told.
static KEPT: Mutex<Option<Kept>> = Mutex::new(None);

struct Kept {
    folder: PathBuf,
    kept: Millis,
    day: Millis,
    file: Option<File>,
    bytes: u64,
}

/// From now on lines are kept in `dir`, each for about `kept` milliseconds.
pub fn keep_in(dir: &Path, kept: Millis) {
    *KEPT.lock().unwrap_or_else(PoisonError::into_inner) = Some(Kept {
        folder: dir.join(FOLDER),
        kept,
        day: Millis::MIN,
        file: None,
        bytes: 0,
    });
}

/// The name of a day's file.
fn name(day: Millis) -> String {
    let date = jiff::Timestamp::from_millisecond(day.saturating_mul(DAY)).map_or_else(
        |_| "unknown".to_owned(),
        |t| t.strftime("%Y-%m-%d").to_string(),
    );
    format!("{date}.jsonl")
}

/// The files of `dir`, oldest first; of a day and what came after it when `since` is given.
pub fn files(dir: &Path, since: Option<Millis>) -> io::Result<Vec<PathBuf>> {
    let first = since.map(|s| name(s.div_euclid(DAY)));
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir.join(FOLDER))? {
        let path = entry?.path();
        let file = path
            .file_name()
            .and_then(|n| n.to_str())
            .unwrap_or_default();
        if is_ours(file) && first.as_deref().is_none_or(|first| file >= first) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn is_ours(name: &str) -> bool {
    name.len() == "2026-11-20.jsonl".len() && name.ends_with(".jsonl") && name.starts_with('2')
}

impl Kept {
    fn write(&mut self, line: &[u8], now: Millis) -> io::Result<()> {
        let day = now.div_euclid(DAY);
        if day != self.day {
            self.file = None;
            self.day = day;
            std::fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(&self.folder)?;
            let file = std::fs::OpenOptions::new()
                .create(true)
                .append(true)
                .mode(0o600)
                .open(self.folder.join(name(day)))?;
            self.bytes = file.metadata()?.len();
            self.file = Some(file);
            self.forget(now)?;
        }
        let Some(file) = &mut self.file else {
            return Ok(());
        };
        self.bytes += line.len() as u64;
        if self.bytes <= LARGEST {
            file.write_all(line)?;
        }
        Ok(())
    }

    /// Removes the files of days that are over for longer than lines are kept.
    fn forget(&self, now: Millis) -> io::Result<()> {
        let oldest = name((now - self.kept).div_euclid(DAY));
        for entry in std::fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let file = path
                .file_name()
                .and_then(|n| n.to_str())
                .unwrap_or_default();
            if is_ours(file) && *file < *oldest {
                std::fs::remove_file(&path)?;
            }
        }
        Ok(())
    }
}

/// Writes lines into the day's file. A disk that takes none stops nobody: standard error has them.
pub(super) struct Days;

impl Write for Days {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = kept.as_mut() {
            let _full = kept.write(line, SystemClock.now());
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
