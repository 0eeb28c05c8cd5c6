//! A group's lists as TOML, for the file that exports a group, and back.
use serde_json::json;
use toml::de::{DeTable, DeValue};

use super::action::Action;
use super::patterns::{Entry, MOST};
use super::store::{self, Item, ItemKind};
use crate::base::clock::Millis;
use crate::store::{Connection, StoreError, Tx};

/// Items of one kind in a file.
const MOST_OF_KIND: usize = MOST;
/// Bytes of a name or a text.
const LONGEST: usize = 4 * 1024;
/// Bytes of a file: all lists full of short texts, or some of long ones.
const FILE: usize = 4 << 20;

/// All lists of a group, as tables `[house.words]`, `[house.notes]`, `[house.filters]`, `[house.texts]`: name = text.
///
/// # Errors
/// The database's.
pub fn export(conn: &Connection, chat: i64) -> Result<String, StoreError> {
    let items = store::all(conn, chat)?;
    let mut out = String::new();
    for kind in ItemKind::ALL {
        let mut of_kind = items.iter().filter(|item| item.kind == kind).peekable();
        if of_kind.peek().is_none() {
            continue;
        }
        out.push_str(&format!("[house.{}s]\n", kind.word()));
        for item in of_kind {
            // A basic string of TOML escapes as JSON does; DEL is the one character JSON leaves bare.
            let quoted = |text: &str| json!(text).to_string().replace('\u{7f}', "\\u007F");
            out.push_str(&format!(
                "{} = {}\n",
                quoted(&item.name),
                quoted(&item.body)
            ));
        }
        out.push('\n');
    }
    Ok(out)
}

/// Reads what [`export`] wrote; other tables of the file are passed over.
///
/// # Errors
/// Every mistake, as an English sentence that names the entry.
pub fn read(text: &str) -> Result<Vec<Item>, Vec<String>> {
    if text.len() > FILE {
        return Err(vec![format!("the file is larger than {} MiB", FILE >> 20)]);
    }
    let (parsed, errors) = DeTable::parse_recoverable(text);
    let mut faults: Vec<String> = errors.iter().map(|e| e.message().to_owned()).collect();
    let mut items = Vec::new();
    let house = parsed.get_ref().get("house").map(|v| v.get_ref());
    let Some(DeValue::Table(house)) = house else {
        return if faults.is_empty() {
            Ok(items)
        } else {
            Err(faults)
        };
    };
    for kind in ItemKind::ALL {
        let name = format!("{}s", kind.word());
        let Some(DeValue::Table(entries)) = house.get(name.as_str()).map(|v| v.get_ref()) else {
            continue;
        };
        if entries.len() > MOST_OF_KIND {
            faults.push(format!("house.{name}: more than {MOST_OF_KIND} entries"));
            continue;
        }
        for (entry, body) in entries {
            let entry = entry.get_ref().to_string();
            let shown: String = entry.chars().take(60).collect();
            let DeValue::String(body) = body.get_ref() else {
                faults.push(format!("house.{name}.{shown}: it must be text in quotes"));
                continue;
            };
            if entry.is_empty() || entry.len() > LONGEST || body.len() > LONGEST {
                faults.push(format!("house.{name}.{shown}: empty, or longer than 4 KiB"));
                continue;
            }
            if let Err(why) = fits(kind, &entry, body) {
                faults.push(format!("house.{name}.{shown}: {why}"));
                continue;
            }
            items.push(Item {
                kind,
                name: entry,
                body: body.to_string(),
            });
        }
    }
    if faults.is_empty() {
        Ok(items)
    } else {
        Err(faults)
    }
}

fn fits(kind: ItemKind, name: &str, body: &str) -> Result<(), String> {
    match kind {
        ItemKind::Word => {
            let action = Action::try_from(body.to_owned()).map_err(|e| e.to_string())?;
            Entry::new(name, action)
                .map(|_| ())
                .map_err(|e| e.to_string())
        }
        ItemKind::Text if !matches!(name, "rules" | "welcome" | "goodbye") => {
            Err("there are rules, welcome and goodbye".to_owned())
        }
        _ => Ok(()),
    }
}

/// Writes items of a file into a group, beside those that are there; `ids` gives fresh ones. The lists in memory are
/// to be forgotten afterwards.
///
/// # Errors
/// The database's.
pub fn import(
    tx: &Tx<'_>,
    chat: i64,
    by: i64,
    items: &[Item],
    mut ids: impl FnMut() -> [u8; 16],
    now: Millis,
) -> Result<usize, StoreError> {
    let mut written = 0;
    for item in items {
        let most = MOST_OF_KIND;
        written += usize::from(store::put(tx, (ids(), chat, by), item, most, now)?);
    }
    Ok(written)
}
