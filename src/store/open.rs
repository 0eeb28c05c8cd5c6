//! Opening connections, and bringing the schema up to date after a copy was made.
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;

use include_dir::{Dir, include_dir};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use rusqlite_migration::Migrations;

use super::error::unusable;
use super::{StoreError, StoreOptions};
use crate::base::crash::crash_point;

/// Marks the file as Beadle's (`BEAD`), so that another program's database is not taken for one.
const APPLICATION_ID: i64 = 0x4245_4144;
/// Readers and the checkpointer wait this long for a lock; the writer has no rival.
pub(super) const BUSY: Duration = Duration::from_secs(5);

static FOLDER: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/migrations");
static MIGRATIONS: LazyLock<Result<Migrations<'static>, String>> =
    LazyLock::new(|| Migrations::from_directory(&FOLDER).map_err(|e| e.to_string()));

/// The migrations inside this program, for tests that apply them one by one.
pub fn migrations() -> Result<&'static Migrations<'static>, StoreError> {
    MIGRATIONS
        .as_ref()
        .map_err(|e| StoreError::Invalid(format!("migrations: {e}")))
}

/// The schema number this program works with: the count of its migrations.
pub fn known_schema() -> i64 {
    i64::try_from(FOLDER.dirs().count()).unwrap_or(i64::MAX)
}

pub(super) fn writer(path: &Path, options: &StoreOptions) -> Result<Connection, StoreError> {
    let dir = &options.dir;
    std::fs::create_dir_all(dir).map_err(|e| unusable("create", dir, &e.to_string()))?;
    let mut conn = Connection::open(path).map_err(|e| opening(path, &e))?;
    // SQLite opens what it may only read without a word.
    if conn.is_readonly("main").map_err(|e| opening(path, &e))? {
        return Err(unusable("write to", path, "it may only be read"));
    }
    prepare(&conn, options).map_err(|e| opening(path, &e))?;
    crash_point("store.made");
    let found: i64 = conn
        .query_row("PRAGMA user_version", [], |r| r.get(0))
        .map_err(|e| opening(path, &e))?;
    let known = known_schema();
    if found > known {
        return Err(StoreError::Newer {
            path: path.to_owned(),
            found,
            known,
        });
    }
    if found < known {
        if found > 0 {
            let copy = copy_before(&conn, dir, found, known)?;
            tracing::info!(copy = %copy.display(), from = found, to = known, "database copied before its upgrade");
            crash_point("store.copied");
        }
        migrations()?
            .to_latest(&mut conn)
            .map_err(|e| StoreError::Damaged {
                path: path.to_owned(),
                reason: format!(
                    "the upgrade from schema {found} to {known} failed and was taken back: {e}"
                ),
            })?;
        crash_point("store.upgraded");
    }
    Ok(conn)
}

fn prepare(conn: &Connection, options: &StoreOptions) -> rusqlite::Result<()> {
    conn.busy_timeout(BUSY)?;
    let id: i64 = conn.query_row("PRAGMA application_id", [], |r| r.get(0))?;
    if id != APPLICATION_ID {
        // Asked of SQLite, not of the file: one whose making was cut short has a length, and SQLite takes
        // back what was not finished.
        let things: i64 = conn.query_row("SELECT count(*) FROM sqlite_schema", [], |r| r.get(0))?;
        if id != 0 || things != 0 {
            return Err(rusqlite::Error::InvalidParameterName(
                "it belongs to another program".to_owned(),
            ));
        }
        // Both must stand before the first table; each is a commit of its own.
        conn.execute_batch("PRAGMA auto_vacuum = INCREMENTAL")?;
        crash_point("store.begun");
        conn.execute_batch(&format!("PRAGMA application_id = {APPLICATION_ID}"))?;
    }
    conn.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    // The writer never checkpoints: a thread of its own does. Deleted words are overwritten.
    conn.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = 0;
         PRAGMA journal_size_limit = 67108864;
         PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -40960;",
    )
    .or_else(ignore_rows)?;
    if options.max_pages > 0 {
        conn.query_row(
            &format!("PRAGMA max_page_count = {}", options.max_pages),
            [],
            |_| Ok(()),
        )?;
    }
    conn.set_prepared_statement_cache_capacity(128);
    planned_once(conn)
}

/// Statements are planned when they are prepared, and not again for each value that is bound: else every
/// `LIMIT ?` and every index over a part of a table means parsing the statement anew at each run.
fn planned_once(conn: &Connection) -> rusqlite::Result<()> {
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

/// Some pragmas answer with a row, which `execute_batch` may call an error.
fn ignore_rows(e: rusqlite::Error) -> rusqlite::Result<()> {
    match e {
        rusqlite::Error::ExecuteReturnedResults => Ok(()),
        e => Err(e),
    }
}

/// A copy of the database beside it, kept until the new version has proved itself.
fn copy_before(
    conn: &Connection,
    dir: &Path,
    found: i64,
    known: i64,
) -> Result<PathBuf, StoreError> {
    let folder = dir.join(super::BACKUPS);
    std::fs::create_dir_all(&folder).map_err(|e| unusable("create", &folder, &e.to_string()))?;
    let copy = folder.join(format!("before-schema-{known}-from-{found}.db"));
    if copy.exists() {
        // Left by an upgrade that did not finish: the database is still as it was then.
        std::fs::remove_file(&copy).map_err(|e| unusable("replace", &copy, &e.to_string()))?;
    }
    conn.execute("VACUUM INTO ?1", [copy.to_string_lossy()])
        .map_err(|e| {
            unusable(
                "copy the database before its upgrade to",
                &copy,
                &e.to_string(),
            )
        })?;
    Ok(copy)
}

pub(super) fn reader(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags).map_err(|e| opening(path, &e))?;
    conn.busy_timeout(BUSY)?;
    conn.execute_batch("PRAGMA cache_size = -2048; PRAGMA temp_store = MEMORY;")?;
    conn.set_prepared_statement_cache_capacity(64);
    planned_once(&conn)?;
    Ok(conn)
}

pub(super) fn checkpointer(path: &Path) -> Result<Connection, StoreError> {
    let conn = Connection::open(path).map_err(|e| opening(path, &e))?;
    conn.busy_timeout(BUSY)?;
    conn.execute_batch("PRAGMA synchronous = FULL; PRAGMA cache_size = -512;")?;
    Ok(conn)
}

fn opening(path: &Path, e: &rusqlite::Error) -> StoreError {
    let reason = e.to_string();
    match e.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => StoreError::Damaged {
            path: path.to_owned(),
            reason,
        },
        Some(ErrorCode::DiskFull) => StoreError::DiskFull,
        _ if matches!(e, rusqlite::Error::InvalidParameterName(_)) => StoreError::Damaged {
            path: path.to_owned(),
            reason: "it belongs to another program".to_owned(),
        },
        _ => unusable("open", path, &reason),
    }
}
