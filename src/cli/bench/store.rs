//! The SQL of the benches: a copy of a database in which nothing was ever said.
use std::path::Path;

use anyhow::Context as _;
use rusqlite::Connection;

use crate::store::DATABASE_FILE;

/// Copies the database of the folder `full` to the folder `small`, with its groups and people, without
/// messages and what hangs on them. Blocks for some seconds.
pub(super) fn without_messages(full: &Path, small: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(small).with_context(|| format!("cannot make {}", small.display()))?;
    let copy = small.join(DATABASE_FILE);
    let conn = Connection::open(full.join(DATABASE_FILE))?;
    conn.execute("VACUUM INTO ?1", [copy.to_string_lossy()])?;
    let conn = Connection::open(copy)?;
    conn.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;
         DELETE FROM messages; DELETE FROM message_edits; DELETE FROM media_assets;
         DELETE FROM spam_results; DELETE FROM router_results;
         DELETE FROM card_messages; DELETE FROM cards; DELETE FROM treatments;
         DELETE FROM inbox; DELETE FROM outbox;
         VACUUM; PRAGMA wal_checkpoint(TRUNCATE);",
    )?;
    Ok(())
}
