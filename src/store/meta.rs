//! Small facts about this database itself, by name.
use rusqlite::{Connection, OptionalExtension as _, params};

use super::StoreError;

/// The number kept under `key`, 0 when there is none.
pub fn number(conn: &Connection, key: &str) -> Result<i64, StoreError> {
    let value: Option<String> = conn
        .query_row("SELECT value FROM meta WHERE key = ?1", [key], |r| r.get(0))
        .optional()?;
    Ok(value.and_then(|v| v.parse().ok()).unwrap_or(0))
}

/// Keeps a number under `key`.
pub fn put_number(conn: &Connection, key: &str, n: i64) -> Result<(), StoreError> {
    conn.execute(
        "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        params![key, n.to_string()],
    )?;
    Ok(())
}

/// The words kept under `key`.
pub fn text(conn: &Connection, key: &str) -> Result<Option<String>, StoreError> {
    let find = "SELECT value FROM meta WHERE key = ?1";
    Ok(conn.query_row(find, [key], |r| r.get(0)).optional()?)
}

/// Keeps words under `key`.
pub fn put_text(conn: &Connection, key: &str, text: &str) -> Result<(), StoreError> {
    conn.execute(
        "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        [key, text],
    )?;
    Ok(())
}

/// Gives up to `pages` free pages back to the disk.
pub fn shrink(conn: &Connection, pages: u32) -> Result<(), StoreError> {
    let mut vacuum = conn.prepare(&format!("PRAGMA incremental_vacuum({pages})"))?;
    let mut rows = vacuum.query([])?;
    // Each step frees a page.
    while rows.next()?.is_some() {}
    Ok(())
}
