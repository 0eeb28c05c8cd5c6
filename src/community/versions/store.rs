//! All SQL of settings' versions. A trigger writes a version whenever a group's settings get a new number.
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::Value;

use crate::base::clock::Millis;
use crate::community::audit::{Actor, Audit as _, AuditEntry};
use crate::store::{StoreError, Tx};
use crate::texts::when::Zone;

/// What holds in a group.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct State {
    /// The tree of settings.
    pub settings: Value,
    /// The mode, once chosen.
    pub mode: Option<String>,
    /// The language, once chosen.
    pub language: Option<String>,
}

/// The settings as they were from one change on.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Version {
    /// Number of the change.
    pub rev: i64,
    /// Who made it, as in the audit; None when nobody noted it.
    pub by: Option<String>,
    /// When.
    pub at: Millis,
    /// What held from then on.
    #[serde(flatten)]
    pub state: State,
}

fn state(row: &Row<'_>, at: usize) -> rusqlite::Result<State> {
    let json: String = row.get(at)?;
    Ok(State {
        // The schema's CHECK allows nothing else than JSON.
        settings: serde_json::from_str(&json).unwrap_or_default(),
        mode: row.get(at + 1)?,
        language: row.get(at + 2)?,
    })
}

fn read(row: &Row<'_>) -> rusqlite::Result<Version> {
    Ok(Version {
        rev: row.get(0)?,
        by: row.get(1)?,
        at: row.get(2)?,
        state: state(row, 3)?,
    })
}

/// The last `limit` versions of a group's settings, the newest first.
pub fn versions(conn: &Connection, chat: i64, limit: i64) -> Result<Vec<Version>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT rev, by, at, settings, mode, language FROM settings_versions WHERE chat = ?1
         ORDER BY rev DESC LIMIT ?2",
    )?;
    let rows = find.query_map([chat, limit], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// One version.
pub fn version(conn: &Connection, chat: i64, rev: i64) -> Result<Option<Version>, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT rev, by, at, settings, mode, language FROM settings_versions
             WHERE chat = ?1 AND rev = ?2",
        )?
        .query_row([chat, rev], read)
        .optional()?)
}

/// What holds now, with its number; None for a group that is not known.
pub fn current(conn: &Connection, chat: i64) -> Result<Option<(i64, State)>, StoreError> {
    Ok(conn
        .prepare_cached("SELECT settings_rev, settings, mode, language FROM groups WHERE id = ?1")?
        .query_row([chat], |r| Ok((r.get(0)?, state(r, 1)?)))
        .optional()?)
}

/// Notes who made the last change.
pub fn sign(tx: &Tx<'_>, chat: i64, by: Actor, now: Millis) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE settings_versions SET by = ?2, at = ?3
         WHERE chat = ?1 AND rev = (SELECT settings_rev FROM groups WHERE id = ?1)",
    )?
    .execute(params![chat, by.to_string(), now])?;
    Ok(())
}

/// Lets hold again what held from change `rev` on: a change of its own, with its own number and audit. None when
/// that version is not kept.
pub fn roll_back(
    tx: &mut Tx<'_>,
    chat: i64,
    rev: i64,
    by: Actor,
    now: Millis,
) -> Result<Option<i64>, StoreError> {
    let Some(old) = version(tx, chat, rev)? else {
        return Ok(None);
    };
    let changed = tx.execute(
        "UPDATE groups SET settings = ?2, mode = ?3, language = ?4, settings_rev = settings_rev + 1, updated_at = ?5
         WHERE id = ?1",
        params![chat, old.state.settings.to_string(), old.state.mode, old.state.language, now],
    )?;
    let Some((new, _)) = current(tx, chat)?.filter(|_| changed == 1) else {
        return Ok(None);
    };
    sign(tx, chat, by, now)?;
    let note = AuditEntry::new(by, "settings.rolled_back", format!("chat:{chat}"))
        .in_chat(chat)
        .with(serde_json::json!({ "to": rev, "rev": new }));
    tx.audit(&note, now)?;
    Ok(Some(new))
}

/// Where the clocks of a group's people are.
pub fn zone_of(conn: &Connection, chat: i64) -> Result<Zone, StoreError> {
    let name: Option<String> = conn
        .prepare_cached("SELECT json_extract(settings, '$.timezone') FROM groups WHERE id = ?1")?
        .query_row([chat], |r| r.get(0))
        .optional()?
        .flatten();
    Ok(name.and_then(|name| Zone::parse(&name)).unwrap_or_default())
}
