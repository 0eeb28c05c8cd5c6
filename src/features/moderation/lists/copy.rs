//! The local copies of ban lists: a file each in the data directory, put in place whole or not at all.
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::ids::Ids;
use crate::base::crash::crash_point;

/// The folder within the data directory.
pub const FOLDER: &str = "lists";
/// No copy of ours is larger: four bytes for each of three million ids, with room.
const LARGEST: u64 = 64 << 20;

/// Where the copies lie. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Copies {
    folder: PathBuf,
}

impl Copies {
    /// Those of a data directory.
    pub fn of(data_dir: &Path) -> Self {
        Self {
            folder: data_dir.join(FOLDER),
        }
    }

    /// The file of a source: named after its digest, for an address may hold anything.
    pub fn path(&self, source: &str) -> PathBuf {
        self.folder.join(format!("{}.ids", name(source)))
    }

    /// The copy of a source; None when there is none.
    ///
    /// # Errors
    /// A file that cannot be read or is no copy of ours, in words.
    pub fn load(&self, source: &str) -> Result<Option<Ids>, String> {
        let path = self.path(source);
        let mut bytes = Vec::new();
        let file = match std::fs::File::open(&path) {
            Ok(file) => file,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(format!("cannot read {}: {e}", path.display())),
        };
        file.take(LARGEST)
            .read_to_end(&mut bytes)
            .map_err(|e| format!("cannot read {}: {e}", path.display()))?;
        Ids::from_bytes(&bytes)
            .map(Some)
            .ok_or_else(|| format!("{} is damaged and will be made anew", path.display()))
    }

    /// Puts a copy in the place of the one before.
    ///
    /// # Errors
    /// The disk's, in words; then the one before is still there.
    pub fn put(&self, source: &str, ids: &Ids) -> Result<(), String> {
        let path = self.path(source);
        let new = path.with_extension("new");
        let told = |e: std::io::Error| format!("cannot write {}: {e}", path.display());
        std::fs::create_dir_all(&self.folder).map_err(told)?;
        let mut file = std::fs::File::create(&new).map_err(told)?;
        file.write_all(&ids.to_bytes()).map_err(told)?;
        file.sync_all().map_err(told)?;
        crash_point("lists.written");
        std::fs::rename(&new, &path).map_err(told)?;
        let folder = std::fs::File::open(&self.folder).map_err(told)?;
        folder.sync_all().map_err(told)?;
        crash_point("lists.placed");
        Ok(())
    }

    /// Removes what belongs to none of these sources: lists that are not named any more, and what a crash left half
    /// written. Gives how many files went.
    ///
    /// # Errors
    /// The disk's, in words.
    pub fn keep_only(&self, sources: &[String]) -> Result<usize, String> {
        let told = |e: std::io::Error| format!("cannot clear {}: {e}", self.folder.display());
        let entries = match std::fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(0),
            Err(e) => return Err(told(e)),
        };
        let wanted: Vec<PathBuf> = sources.iter().map(|s| self.path(s)).collect();
        let mut gone = 0;
        for entry in entries {
            let path = entry.map_err(told)?.path();
            let ours = path.extension().is_some_and(|e| e == "ids" || e == "new");
            if ours && !wanted.contains(&path) {
                std::fs::remove_file(&path).map_err(told)?;
                gone += 1;
            }
        }
        Ok(gone)
    }
}

fn name(source: &str) -> String {
    let digest = Sha256::digest(source.as_bytes());
    digest[..8].iter().map(|b| format!("{b:02x}")).collect()
}
