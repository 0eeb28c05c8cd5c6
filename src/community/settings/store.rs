//! The SQL of groups' settings: one JSON tree a group, its number grows with every change. The mode and the language
//! have columns of their own, and stand in the tree under their names.
use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::{Map, Value, json};

use crate::base::clock::Millis;
use crate::store::{StoreError, Tx};

/// Settings that are columns.
const COLUMNS: [&str; 2] = ["mode", "language"];

/// What was chosen for a group; None when there is no such group.
pub fn tree(conn: &Connection, chat: i64) -> Result<Option<Value>, StoreError> {
    let row: Option<(String, [Option<String>; 2])> = conn
        .prepare_cached("SELECT settings, mode, language FROM groups WHERE id = ?1")?
        .query_row([chat], |r| Ok((r.get(0)?, [r.get(1)?, r.get(2)?])))
        .optional()?;
    Ok(row.map(|(text, columns)| {
        // What cannot be read counts as nothing chosen, as for the stages.
        let tree = serde_json::from_str(&text).ok();
        let mut tree = tree.filter(Value::is_object).unwrap_or_else(|| json!({}));
        for (name, word) in COLUMNS.into_iter().zip(columns) {
            place(&mut tree, name, word.map(Value::from));
        }
        tree
    }))
}

/// A group in a list.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Listed {
    /// Telegram's id.
    pub id: i64,
    /// Title when last seen.
    pub title: Option<String>,
    /// Its mode, once chosen.
    pub mode: Option<String>,
    /// Its language, once chosen.
    pub language: Option<String>,
    /// Number of the last change of its settings.
    pub settings_rev: i64,
}

/// Groups that Beadle is in, by title; at most `limit`.
pub fn groups(conn: &Connection, limit: u32) -> Result<Vec<Listed>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT id, title, mode, language, settings_rev FROM groups
         WHERE deleted_at IS NULL AND migrated_to IS NULL AND kind <> 'channel' ORDER BY title, id LIMIT ?1",
    )?;
    let rows = find.query_map([limit], |r| {
        Ok(Listed {
            id: r.get(0)?,
            title: r.get(1)?,
            mode: r.get(2)?,
            language: r.get(3)?,
            settings_rev: r.get(4)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Writes values at their paths; None takes one away, so that the default holds. Gives the tree before and after;
/// None when there is no such group.
pub fn put(
    tx: &Tx<'_>,
    chat: i64,
    values: &[(&str, Option<Value>)],
    now: Millis,
) -> Result<Option<(Value, Value)>, StoreError> {
    let Some(before) = tree(tx, chat)? else {
        return Ok(None);
    };
    let after = with(&before, values);
    if before != after {
        let mut rest = after.clone();
        let words = COLUMNS.map(|name| {
            let word = rest.as_object_mut().and_then(|tree| tree.remove(name));
            word.and_then(|word| word.as_str().map(str::to_owned))
        });
        tx.prepare_cached(
            "UPDATE groups SET settings = ?2, mode = ?3, language = ?4, settings_rev = settings_rev + 1,
                 updated_at = ?5 WHERE id = ?1",
        )?
        .execute(params![chat, rest.to_string(), words[0], words[1], now])?;
    }
    Ok(Some((before, after)))
}

/// A tree with values at their paths; None takes one away.
pub(super) fn with(tree: &Value, values: &[(&str, Option<Value>)]) -> Value {
    let mut after = tree.clone();
    for (path, value) in values {
        place(&mut after, path, value.clone());
    }
    after
}

fn place(tree: &mut Value, path: &str, value: Option<Value>) {
    let (name, inner) = match path.split_once('.') {
        Some((name, inner)) => (name, Some(inner)),
        None => (path, None),
    };
    if !tree.is_object() {
        *tree = Value::Object(Map::new());
    }
    let Some(members) = tree.as_object_mut() else {
        return;
    };
    match (inner, value) {
        (Some(inner), value) => {
            let below = members
                .entry(name)
                .or_insert_with(|| Value::Object(Map::new()));
            place(below, inner, value);
            if below.as_object().is_some_and(Map::is_empty) {
                members.remove(name);
            }
        }
        (None, Some(value)) => {
            members.insert(name.to_owned(), value);
        }
        (None, None) => {
            members.remove(name);
        }
    }
}
