//! A group's settings as a TOML file: written with what each is for, read with all mistakes at once.
use std::fmt::Write as _;

use serde_json::{Map, Value, json};
use toml::de::{DeTable, DeValue};

use super::{Fault, Setting, Table, at};

/// The longest file that is read, in bytes: all settings of a group, and its lists when they are full.
pub const LONGEST: usize = 4 << 20;
/// So many mistakes are told of; who made more made one.
const FAULTS: usize = 50;

/// What a file says, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Import {
    /// Settings and their values, in the order of the table.
    pub values: Vec<(&'static str, Value)>,
}

/// The settings of a group as TOML, grouped by feature: what was chosen as values, the rest as comments with its
/// default.
pub fn export(table: &Table, own: &Value) -> String {
    let mut text = String::new();
    let mut section = "";
    for (setting, value, chosen) in table.holds(own) {
        let (head, name) = setting.path.rsplit_once('.').unwrap_or(("", setting.path));
        if head != section {
            let _ = write!(text, "\n[{head}]\n");
            section = head;
        }
        let _ = writeln!(text, "# {} ({})", setting.doc, setting.kind.shape());
        let mark = if chosen { "" } else { "# " };
        match literal(&setting.kind.file(&value)) {
            Some(literal) => {
                let _ = writeln!(text, "{mark}{name} = {literal}");
            }
            None => {
                let _ = writeln!(text, "# {name} is not set");
            }
        }
    }
    text.trim_start().to_owned()
}

/// JSON as TOML on one line; None for null, which TOML has not.
fn literal(value: &Value) -> Option<String> {
    Some(match value {
        Value::Null => return None,
        // A basic string of TOML escapes as JSON does; DEL is the one character JSON leaves bare.
        Value::String(_) => value.to_string().replace('\u{7f}', "\\u007F"),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().filter_map(literal).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(members) => {
            let members: Vec<String> = members
                .iter()
                .filter_map(|(k, v)| Some(format!("{} = {}", json!(k), literal(v)?)))
                .collect();
            format!("{{ {} }}", members.join(", "))
        }
        other => other.to_string(),
    })
}

/// Reads a file: every value, or every mistake with its line.
pub fn import(table: &Table, text: &str) -> Result<Import, Vec<Fault>> {
    let fault = |path: &str, detail: String| Fault {
        path: path.to_owned(),
        detail,
    };
    if text.len() > LONGEST {
        let mib = LONGEST >> 20;
        return Err(vec![fault("file", format!("it is larger than {mib} MiB"))]);
    }
    let (parsed, errors) = DeTable::parse_recoverable(text);
    let line = |at: usize| text[..at.min(text.len())].matches('\n').count() + 1;
    let mut faults: Vec<Fault> = errors
        .iter()
        .take(FAULTS)
        .map(|e| {
            let place = e.span().map_or(1, |s| line(s.start));
            fault(&format!("line {place}"), e.message().to_owned())
        })
        .collect();
    let tree = json_table(parsed.get_ref());
    let mut leaves = Vec::new();
    walk(table, &tree, String::new(), &mut leaves);
    let mut values: Vec<(&'static Setting, Value)> = Vec::new();
    for path in leaves {
        let Some(value) = at(&tree, &path) else {
            continue;
        };
        match table.check(&path, value) {
            Ok(found) => values.push(found),
            Err(e) => faults.push(e),
        }
        // Looking for the name that was meant takes a while.
        if faults.len() >= FAULTS {
            break;
        }
    }
    if !faults.is_empty() {
        faults.truncate(FAULTS);
        return Err(faults);
    }
    let values = values.into_iter().map(|(s, v)| (s.path, v)).collect();
    Ok(Import { values })
}

/// Paths of all values: a table is one where it is no setting itself.
fn walk(table: &Table, tree: &Value, path: String, leaves: &mut Vec<String>) {
    match tree {
        Value::Object(members) if !table.has(&path) => {
            for (name, inner) in members {
                let inner_path = match path.is_empty() {
                    true => name.clone(),
                    false => format!("{path}.{name}"),
                };
                if !table.beside.contains(&inner_path.as_str()) {
                    walk(table, inner, inner_path, leaves);
                }
            }
        }
        _ => leaves.push(path),
    }
}

fn json_table(table: &DeTable<'_>) -> Value {
    let members = table.iter();
    let members = members.map(|(k, v)| (k.get_ref().to_string(), json_value(v.get_ref())));
    Value::Object(members.collect::<Map<_, _>>())
}

fn json_value(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(s) => json!(s),
        DeValue::Integer(n) => i64::from_str_radix(n.as_str(), n.radix())
            .map_or_else(|_| json!(n.as_str()), |n| json!(n)),
        DeValue::Float(n) => n.as_str().parse::<f64>().map_or(Value::Null, |n| json!(n)),
        DeValue::Boolean(b) => json!(b),
        DeValue::Datetime(d) => json!(d.to_string()),
        DeValue::Array(items) => items.iter().map(|v| json_value(v.get_ref())).collect(),
        DeValue::Table(table) => json_table(table),
    }
}
