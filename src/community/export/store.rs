//! SQL of the export: every table that names its group, whatever feature it belongs to.
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use serde_json::{Map, Value, json};

use crate::base::clock::Millis;
use crate::community::erasure::Kept;
use crate::store::StoreError;

/// One row by the names of its columns; None where nothing of it is the person's.
type Row = Option<Map<String, Value>>;

/// A read-only look at the database.
pub type Reader = Connection;

/// Columns by which tables name the group.
const NAMES: [&str; 3] = ["chat", "group_id", "tenant"];
/// Ways in and out: what is in them is in other tables, or gone.
const LEFT_OUT: [&str; 4] = ["inbox", "outbox", "jobs", "schedules"];

/// Groups that Beadle is in, as far as it knows: id and title.
pub fn groups(conn: &Connection) -> Result<Vec<(i64, Option<String>)>, StoreError> {
    let mut find = conn.prepare(
        "SELECT id, title FROM groups WHERE deleted_at IS NULL AND kind <> 'private' ORDER BY id",
    )?;
    let rows = find.query_map([], |r| Ok((r.get(0)?, r.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Hands every row of the group to `each`, as `{"v":1,"table":…,"row":{…}}`; blobs are hexadecimal. Gives
/// how many there were.
pub fn rows(
    conn: &Connection,
    chat: i64,
    mut each: impl FnMut(&Value) -> std::io::Result<()>,
) -> Result<u64, StoreError> {
    let mut count = 0;
    for (table, column) in tables(conn)? {
        // Both names come from the schema, not from outside.
        let sql = format!("SELECT * FROM \"{table}\" WHERE \"{column}\" = ?1");
        let mut find = conn.prepare(&sql)?;
        let names: Vec<String> = find
            .column_names()
            .iter()
            .map(|n| (*n).to_owned())
            .collect();
        let mut rows = find.query([chat])?;
        while let Some(row) = rows.next()? {
            let mut map = Map::new();
            for (at, name) in names.iter().enumerate() {
                map.insert(name.clone(), value(row.get_ref(at)?));
            }
            let line = json!({ "v": 1, "table": table, "row": map });
            each(&line)
                .map_err(|e| StoreError::Invalid(format!("cannot write the export: {e}")))?;
            count += 1;
        }
    }
    Ok(count)
}

/// The next rows of one table that are a person's, after `position`, at most `limit`: each with its position, and
/// without what is not theirs. A row of which nothing is left is `None`.
pub(super) fn own_rows(
    conn: &Connection,
    kept: &Kept,
    person: i64,
    position: i64,
    limit: u32,
) -> Result<Vec<(i64, Row)>, StoreError> {
    let mut find = conn.prepare_cached(kept.rows)?;
    let names: Vec<String> = find.column_names().iter().map(|n| (*n).into()).collect();
    let mut rows = find.query(rusqlite::params![person, position, limit])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let mut map = Map::new();
        for (at, name) in names.iter().enumerate().skip(1) {
            map.insert(name.clone(), value(row.get_ref(at)?));
        }
        if let Some(clean) = kept.clean {
            clean(person, &mut map);
        }
        found.push((row.get(0)?, (!map.is_empty()).then_some(map)));
    }
    Ok(found)
}

/// When the person last asked for a copy, since `since`.
pub(super) fn last_asked(
    conn: &Connection,
    actor: &str,
    action: &str,
    since: Millis,
) -> Result<Option<Millis>, StoreError> {
    Ok(conn
        .prepare_cached("SELECT max(at) FROM audit WHERE actor = ?1 AND action = ?2 AND at > ?3")?
        .query_row(rusqlite::params![actor, action, since], |r| r.get(0))?)
}

fn tables(conn: &Connection) -> Result<Vec<(String, &'static str)>, StoreError> {
    let mut find =
        conn.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")?;
    let all = find.query_map([], |r| r.get(0))?;
    let all: Vec<String> = all.collect::<Result<_, _>>()?;
    let mut found = vec![("groups".to_owned(), "id")];
    for table in all {
        if LEFT_OUT.contains(&table.as_str()) || table.starts_with("sqlite_") {
            continue;
        }
        let mut columns = conn.prepare("SELECT name FROM pragma_table_info(?1)")?;
        let columns = columns.query_map([&table], |r| r.get(0))?;
        let columns: Vec<String> = columns.collect::<Result<_, _>>()?;
        let named = NAMES.iter().find(|n| columns.iter().any(|c| c == *n));
        found.extend(named.map(|name| (table, *name)));
    }
    Ok(found)
}

fn value(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(n) => n.into(),
        ValueRef::Real(x) => x.into(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned().into(),
        ValueRef::Blob(bytes) => bytes
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect::<String>()
            .into(),
    }
}
