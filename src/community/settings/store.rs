//! The SQL of groups' settings: one JSON tree a group, its number grows with every change.
use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::{Map, Value};

use crate::base::clock::Millis;
use crate::store::{StoreError, Tx};

/// What was chosen for a group; None when there is no such group.
pub fn tree(conn: &Connection, chat: i64) -> Result<Option<Value>, StoreError> {
    let text: Option<String> = conn
        .prepare_cached("SELECT settings FROM groups WHERE id = ?1")?
        .query_row([chat], |r| r.get(0))
        .optional()?;
    // What cannot be read counts as nothing chosen, as for the stages.
    Ok(text.map(|t| serde_json::from_str(&t).unwrap_or_else(|_| Value::Object(Map::new()))))
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
    let mut after = before.clone();
    for (path, value) in values {
        place(&mut after, path, value.clone());
    }
    if before != after {
        tx.prepare_cached(
            "UPDATE groups SET settings = ?2, settings_rev = settings_rev + 1, updated_at = ?3 WHERE id = ?1",
        )?
        .execute(params![chat, after.to_string(), now])?;
    }
    Ok(Some((before, after)))
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
