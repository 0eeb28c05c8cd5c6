//! Looking after the database file: its state, its soundness, a copy, and the way back after an upgrade.
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::error::unusable;
use super::{DATABASE_FILE, DataDirLock, StoreError, known_schema, open};
use crate::base::clock::Millis;

/// Complaints of a check that are told.
const COMPLAINTS: u32 = 20;

/// What is to be known of a database without reading all of it.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Info {
    /// The file.
    pub path: PathBuf,
    /// Its bytes.
    pub bytes: u64,
    /// Bytes of its log.
    pub wal_bytes: u64,
    /// Bytes inside that hold nothing.
    pub free_bytes: u64,
    /// Its schema number.
    pub schema: i64,
    /// The schema number of this program.
    pub known_schema: i64,
    /// Version of SQLite.
    pub sqlite: &'static str,
    /// Copies made before upgrades, newest first.
    pub copies: Vec<PathBuf>,
}

/// Reads [`Info`] of the database in `dir`; works beside a running Beadle.
pub fn info(dir: &Path) -> Result<Info, StoreError> {
    let path = dir.join(DATABASE_FILE);
    let conn = open::reader(&path)?;
    let number = |sql: &str| conn.query_row(sql, [], |r| r.get::<_, i64>(0));
    let page = number("PRAGMA page_size")?;
    let free = number("PRAGMA freelist_count")?;
    let size = |path: &Path| std::fs::metadata(path).map_or(0, |m| m.len());
    Ok(Info {
        bytes: size(&path),
        wal_bytes: size(&path.with_extension("db-wal")),
        free_bytes: u64::try_from(free.saturating_mul(page)).unwrap_or(0),
        schema: number("PRAGMA user_version")?,
        known_schema: known_schema(),
        sqlite: rusqlite::version(),
        copies: copies(dir),
        path,
    })
}

/// What is wrong with the database in `dir`; empty when nothing is. `quick` leaves out whether indexes
/// match their tables, which takes most of the time. Works beside a running Beadle.
pub fn check(dir: &Path, quick: bool) -> Result<Vec<String>, StoreError> {
    complaints(&open::reader(&dir.join(DATABASE_FILE))?, quick)
}

fn complaints(conn: &Connection, quick: bool) -> Result<Vec<String>, StoreError> {
    let kind = if quick { "quick" } else { "integrity" };
    let mut found: Vec<String> = conn
        .prepare(&format!("PRAGMA {kind}_check({COMPLAINTS})"))?
        .query_map([], |r| r.get(0))?
        .collect::<Result<_, _>>()?;
    found.retain(|line| line != "ok");
    if !quick {
        let mut broken = conn.prepare("PRAGMA foreign_key_check")?;
        let mut rows = broken.query([])?;
        while let Some(row) = rows.next()? {
            let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
            found.push(format!(
                "a row of {table} names one of {parent} that is not there"
            ));
            if found.len() > COMPLAINTS as usize {
                break;
            }
        }
    }
    Ok(found)
}

/// Writes a copy of the database in `dir` to `to`, which must not exist; gives its bytes. Works beside a
/// running Beadle: the copy is what was committed when it began.
pub fn backup(dir: &Path, to: &Path) -> Result<u64, StoreError> {
    let conn = open::reader(&dir.join(DATABASE_FILE))?;
    // SQLite itself writes into an empty file that is there already.
    if to.exists() {
        return Err(StoreError::Unusable {
            action: "write",
            path: to.to_owned(),
            reason: "there is a file of that name".to_owned(),
            remedy: "Name another one, or move it away".to_owned(),
        });
    }
    let failed = |reason: &str| unusable("write a copy to", to, reason);
    let made = conn
        .execute("VACUUM INTO ?1", [to.to_string_lossy()])
        .map_err(|e| failed(&e.to_string()))
        .and_then(|_| settle(to));
    if made.is_err() {
        // Half a copy is worse than none.
        let _may_not_be_there = std::fs::remove_file(to);
    }
    made
}

/// Brings a file to the disk, closed to others; gives its bytes.
fn settle(path: &Path) -> Result<u64, StoreError> {
    use std::os::unix::fs::PermissionsExt as _;
    let failed = |e: std::io::Error| unusable("write", path, &e.to_string());
    let file = std::fs::File::open(path).map_err(failed)?;
    file.set_permissions(std::fs::Permissions::from_mode(0o600))
        .map_err(failed)?;
    file.sync_all().map_err(failed)?;
    Ok(file.metadata().map_err(failed)?.len())
}

/// Copies made before upgrades, newest first.
fn copies(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir.join("backups"));
    let mut found: Vec<_> = entries
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
        .filter(|e| {
            let name = e.file_name();
            let name = name.to_string_lossy();
            name.starts_with("before-schema-") && name.ends_with(".db")
        })
        .filter_map(|e| Some((e.metadata().ok()?.modified().ok()?, e.path())))
        .collect();
    found.sort();
    found.into_iter().rev().map(|(_, path)| path).collect()
}

/// What a way back would do, or has done.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Rollback {
    /// The copy that becomes the database.
    pub from: PathBuf,
    /// Its schema number.
    pub schema: i64,
    /// The schema number of the database that it replaces.
    pub replaces: i64,
    /// Where that one is kept.
    pub kept: PathBuf,
}

/// Finds the newest copy made before an upgrade and says what [`rollback`] would do with it.
pub fn plan_rollback(dir: &Path, now: Millis) -> Result<Rollback, StoreError> {
    let Some(from) = copies(dir).into_iter().next() else {
        return Err(StoreError::Invalid(format!(
            "there is no copy in {}: one is made before each upgrade, and none has happened here",
            dir.join("backups").display()
        )));
    };
    let schema = |path: &Path| -> Result<i64, StoreError> {
        Ok(open::reader(path)?.query_row("PRAGMA user_version", [], |r| r.get(0))?)
    };
    Ok(Rollback {
        schema: schema(&from)?,
        replaces: schema(&dir.join(DATABASE_FILE))?,
        kept: dir.join("backups").join(format!("rolled-back-{now}.db")),
        from,
    })
}

/// Puts the newest copy made before an upgrade in the place of the database, which is kept beside the
/// copies. Takes the lock of the data directory. At each instruction the database is one of the two, whole.
pub fn rollback(dir: &Path, now: Millis) -> Result<Rollback, StoreError> {
    let _lock = DataDirLock::acquire(dir)?;
    let plan = plan_rollback(dir, now)?;
    let found = complaints(&open::reader(&plan.from)?, true)?;
    if let Some(first) = found.first() {
        return Err(StoreError::Damaged {
            path: plan.from,
            reason: first.clone(),
        });
    }
    let path = dir.join(DATABASE_FILE);
    // All of the log goes into the file, so that the file alone is the database.
    let conn = open::checkpointer(&path)?;
    conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    conn.close().map_err(|(_, e)| StoreError::from(e))?;
    let step = |action: &'static str, path: &Path, done: std::io::Result<()>| {
        done.map_err(|e| unusable(action, path, &e.to_string()))
    };
    let new = dir.join("beadle.db.rolling-back");
    step("write", &new, std::fs::copy(&plan.from, &new).map(drop))?;
    settle(&new)?;
    step("keep", &plan.kept, std::fs::hard_link(&path, &plan.kept))?;
    for log in ["db-wal", "db-shm"] {
        // Empty since the checkpoint, and mostly gone with the last connection.
        let _mostly_gone = std::fs::remove_file(path.with_extension(log));
    }
    step("replace", &path, std::fs::rename(&new, &path))?;
    let folder = std::fs::File::open(dir).and_then(|d| d.sync_all());
    step("settle", dir, folder)?;
    Ok(plan)
}
