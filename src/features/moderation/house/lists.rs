//! A group's lists as TOML, for the file that exports a group, and back.
use std::collections::BTreeMap;

use serde_json::{Value, json};
use toml::de::{DeTable, DeValue};

use super::items;
use super::store::{self, Item, ItemKind};
use crate::base::clock::Millis;
use crate::community::audit::{Actor, Audit as _, AuditEntry};
use crate::store::{Connection, StoreError, Tx};

/// The tables of a group's file that are lists, and no settings.
pub static TABLES: &[&str] = &["house.words", "house.notes", "house.filters", "house.texts"];

/// So many mistakes are told of.
const FAULTS: usize = 50;

/// All lists of a group, as [`TABLES`]: name = text.
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

/// Reads what [`export`] wrote. Everything else in the file, and what is no TOML at all, is the settings' to judge.
///
/// # Errors
/// Every mistake, as an English sentence that names the entry.
pub fn read(text: &str) -> Result<Vec<Item>, Vec<String>> {
    let (parsed, _) = DeTable::parse_recoverable(text);
    let (mut found, mut faults) = (Vec::new(), Vec::new());
    let Some(DeValue::Table(house)) = parsed.get_ref().get("house").map(|v| v.get_ref()) else {
        return Ok(found);
    };
    for kind in ItemKind::ALL {
        let list = format!("{}s", kind.word());
        let entries = match house.get(list.as_str()).map(|v| v.get_ref()) {
            Some(DeValue::Table(entries)) => entries,
            Some(_) => {
                faults.push(format!(
                    "house.{list}: it must be a table of name = \"text\""
                ));
                continue;
            }
            None => continue,
        };
        let most = items::most(kind);
        // Each is compiled or folded: what is far too much is not looked at.
        if entries.len() > most {
            faults.push(format!("house.{list}: more than {most} entries"));
            continue;
        }
        for (name, body) in entries {
            let name = name.get_ref().as_ref();
            let read = match body.get_ref() {
                DeValue::String(body) => items::item(kind, name, body),
                _ => Err("it must be text in quotes".to_owned()),
            };
            match read {
                Ok(item) => found.push(item),
                Err(why) => {
                    let shown: String = name.chars().take(60).collect();
                    faults.push(format!("house.{list}.{shown}: {why}"));
                }
            }
        }
    }
    faults.truncate(FAULTS);
    if faults.is_empty() {
        Ok(found)
    } else {
        Err(faults)
    }
}

/// An item that a file alters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Altered {
    kind: ItemKind,
    name: String,
    before: Option<String>,
    after: Option<String>,
}

impl Altered {
    /// For people and programs: path, before, after.
    pub fn told(&self) -> Value {
        let path = format!("house.{}s.{}", self.kind.word(), self.name);
        json!({ "path": path, "before": self.before, "after": self.after })
    }
}

/// What items of a file would alter in a group's lists, or why they do not fit in beside those that are there; with
/// `replace`, what they do not name goes.
///
/// # Errors
/// The database's.
pub fn plan(
    conn: &Connection,
    chat: i64,
    items: &[Item],
    replace: bool,
) -> Result<Result<Vec<Altered>, Vec<String>>, StoreError> {
    let known = store::all(conn, chat)?;
    let key = |item: &Item| (item.kind.word(), item.name.clone());
    let mut after: BTreeMap<_, &Item> = BTreeMap::new();
    if !replace {
        after.extend(known.iter().map(|item| (key(item), item)));
    }
    after.extend(items.iter().map(|item| (key(item), item)));
    let faults = items::too_much(after.values().copied());
    if !faults.is_empty() {
        return Ok(Err(faults));
    }
    let before: BTreeMap<_, &Item> = known.iter().map(|item| (key(item), item)).collect();
    let all = before.iter().chain(&after).map(|(key, item)| (key, *item));
    let all: BTreeMap<_, &Item> = all.collect();
    let altered = all.into_iter().map(|(key, item)| Altered {
        kind: item.kind,
        name: item.name.clone(),
        before: before.get(key).map(|item| item.body.clone()),
        after: after.get(key).map(|item| item.body.clone()),
    });
    Ok(Ok(altered.filter(|a| a.before != a.after).collect()))
}

/// Carries out a plan, and notes it in the audit; `ids` gives fresh ones. Lists in memory are to be forgotten after
/// the commit.
///
/// # Errors
/// The database's.
pub fn apply(
    tx: &mut Tx<'_>,
    chat: i64,
    plan: &[Altered],
    by: Actor,
    mut ids: impl FnMut() -> [u8; 16],
    now: Millis,
) -> Result<(), StoreError> {
    // What goes makes room for what comes.
    for gone in plan.iter().filter(|a| a.after.is_none()) {
        store::drop(tx, chat, gone.kind, &gone.name)?;
    }
    for altered in plan {
        let Some(body) = altered.after.clone() else {
            continue;
        };
        let (kind, name) = (altered.kind, altered.name.clone());
        let item = Item { kind, name, body };
        store::put(tx, (ids(), chat, None), &item, items::most(kind), now)?;
    }
    if !plan.is_empty() {
        let note = AuditEntry::new(by, "house.import", format!("chat:{chat}"))
            .in_chat(chat)
            .with(json!({ "items": plan.len() }));
        tx.audit(&note, now)?;
    }
    Ok(())
}
