//! A copy of what is kept of one person, in parts of a bounded size, from what each room says it shows.
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::store::{self, Reader};
use crate::base::clock::Millis;
use crate::community::erasure::{Forget, Kept};
use crate::store::StoreError;

/// Rows read at once from one table.
const ROWS: u32 = 500;

/// Where a copy goes on: the how manyth table, and the position in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Place {
    /// Which table, in the order of the rooms.
    pub table: usize,
    /// The last row seen of it.
    pub after: i64,
}

impl Default for Place {
    fn default() -> Self {
        Self {
            table: 0,
            after: i64::MIN,
        }
    }
}

/// A part of the copy.
#[derive(Debug, Clone, Default)]
pub struct Part {
    /// Rows by table; tables without any are not there.
    pub tables: Map<String, Value>,
    /// How many rows.
    pub rows: usize,
    /// Where the next part begins; None when this is the last.
    pub next: Option<Place>,
}

/// The part that begins at `from`, until it has about `most` bytes of JSON (one row may go over it). Looks at all
/// rows of tables that have no index by person: a second for a million messages.
///
/// # Errors
/// The database's.
pub fn part(
    conn: &Reader,
    rooms: &[Arc<dyn Forget>],
    person: i64,
    from: Place,
    most: usize,
) -> Result<Part, StoreError> {
    let all: Vec<&Kept> = rooms.iter().flat_map(|r| r.kept()).collect();
    let mut part = Part::default();
    let mut bytes = 0;
    let mut after = from.after;
    for (at, kept) in all.iter().enumerate().skip(from.table) {
        loop {
            let found = store::own_rows(conn, kept, person, after, ROWS)?;
            let last = found.len() < ROWS as usize;
            for (position, row) in found {
                if bytes >= most {
                    part.next = Some(Place { table: at, after });
                    return Ok(part);
                }
                after = position;
                let Some(mut row) = row else { continue };
                readable(&mut row);
                let row = Value::Object(row);
                bytes += row.to_string().len();
                part.rows += 1;
                let list = part.tables.entry(kept.table).or_insert_with(|| json!([]));
                if let Some(list) = list.as_array_mut() {
                    list.push(row);
                }
            }
            if last {
                break;
            }
        }
        after = i64::MIN;
    }
    Ok(part)
}

/// Times as people read them, JSON as JSON.
fn readable(row: &mut Map<String, Value>) {
    for (name, value) in row.iter_mut() {
        let time = name.ends_with("_at")
            || name.ends_with("_until")
            || matches!(
                name.as_str(),
                "at" | "date" | "until" | "since" | "first_seen" | "last_seen"
            );
        match value {
            Value::Number(n) if time => {
                let millis = n.as_i64().filter(|n| *n > 0);
                let told = millis.and_then(|n| jiff::Timestamp::from_millisecond(n).ok());
                *value = told.map_or(Value::Null, |t| t.to_string().into());
            }
            Value::String(text)
                if matches!(name.as_str(), "reasons" | "facts" | "notes" | "body") =>
            {
                if let Ok(inner) = serde_json::from_str(text) {
                    *value = inner;
                }
            }
            _ => {}
        }
    }
}

/// What a reader should know beside the rows.
const NOTES: &[&str] = &[
    "Times are UTC. Groups and people are named by Telegram's numbers.",
    "Left out, because it is somebody else's: what you quoted, forwarded or shared of others, who moderated you, what others said of you.",
    "Left out, because it says nothing: hashes that let the group's filter remember words, keys of buttons.",
    "What Beadle wrote to you is in your chat with it; here only when it did.",
    "If a group had banned you when you had yourself erased, a fingerprint of your number is kept there; it is not in this file, for it does not name you.",
];

/// The part as the text of a JSON file.
pub fn document(person: i64, part: &Part, number: usize, now: Millis) -> String {
    let made =
        jiff::Timestamp::from_millisecond(now).map_or_else(|_| String::new(), |t| t.to_string());
    let whole = json!({
        "v": 1,
        "person": person,
        "made_at": made,
        "part": number,
        "more_parts": part.next.is_some(),
        "notes": NOTES,
        "kept": part.tables,
    });
    serde_json::to_string_pretty(&whole).unwrap_or_else(|_| whole.to_string())
}
