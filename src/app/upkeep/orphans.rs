//! Removes what a process that was killed left half made in the data directory.
use std::path::Path;

/// Files that are written under these names and then renamed: each is whole under its own name, or not at all. While the
/// directory's lock is held nobody writes them.
const NAMES: [&str; 3] = ["secret.key.new", "audit-ends.new", "beadle.db.rolling-back"];

/// Removes them; one that cannot be removed is told and harms nobody. The lock must be held.
pub(in crate::app) fn sweep(dir: &Path) {
    for name in NAMES {
        let path = dir.join(name);
        match std::fs::remove_file(&path) {
            Ok(()) => {
                tracing::info!(file = %path.display(), "removed what an earlier end left half made");
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            Err(e) => {
                tracing::warn!(error = %e, file = %path.display(), "a leftover stays");
            }
        }
    }
}
