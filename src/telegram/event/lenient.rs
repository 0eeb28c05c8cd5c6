//! Reads damaged JSON as far as it goes: cut off, lone surrogates, nested without end.
use serde_json::{Map, Number, Value};

use super::limits::MAX_DEPTH;

/// Levels built as they stand. Deeper strings are kept in one flat list, with their names.
const LEVELS: usize = MAX_DEPTH / 2;

/// Reads what can be read. Works in one pass and in bounded depth, so that no input exhausts the stack.
pub(super) fn read(raw: &str) -> Value {
    let mut tree = Tree::default();
    let bytes = raw.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'{' => tree.open(true),
            b'[' => tree.open(false),
            b'}' | b']' => tree.close(),
            b':' => tree.colon(),
            b'"' => {
                let (text, end) = string(raw, at + 1);
                tree.string(text);
                at = end;
                continue;
            }
            b'-' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                let end = bytes[at..]
                    .iter()
                    .position(|b| !(b.is_ascii_alphanumeric() || b"+-.".contains(b)))
                    .map_or(bytes.len(), |n| at + n);
                tree.scalar(scalar(&raw[at..end]));
                at = end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    tree.finish()
}

fn scalar(word: &str) -> Value {
    match word {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ => word.parse::<Number>().map_or(Value::Null, Value::Number),
    }
}

/// Reads a string from after its quote; gives it and the place after it.
fn string(raw: &str, start: usize) -> (String, usize) {
    let mut text = String::new();
    // Halves of surrogate pairs come one by one; alone they become U+FFFD.
    let mut units: Vec<u16> = Vec::new();
    let mut at = start;
    while let Some(c) = raw[at..].chars().next() {
        at += c.len_utf8();
        if c == '\\' && raw[at..].starts_with('u') {
            let hex = raw.get(at + 1..at + 5);
            if let Some(unit) = hex.and_then(|h| u16::from_str_radix(h, 16).ok()) {
                units.push(unit);
                at += 5;
                continue;
            }
        }
        if !units.is_empty() {
            text.push_str(&String::from_utf16_lossy(&units));
            units.clear();
        }
        match c {
            '"' => return (text, at),
            '\\' => {
                let Some(escaped) = raw[at..].chars().next() else {
                    break;
                };
                at += escaped.len_utf8();
                text.push(match escaped {
                    'n' => '\n',
                    't' => '\t',
                    'r' => '\r',
                    'b' => '\u{8}',
                    'f' => '\u{c}',
                    other => other,
                });
            }
            plain => text.push(plain),
        }
    }
    text.push_str(&String::from_utf16_lossy(&units));
    (text, at)
}

/// A container that is still open.
enum Open {
    Object {
        members: Map<String, Value>,
        /// The name read last, waiting for its value.
        name: Option<String>,
    },
    Array(Vec<Value>),
}

/// What has been built so far.
#[derive(Default)]
struct Tree {
    open: Vec<Open>,
    /// Containers open below the last level that is built.
    skipped: usize,
    /// A name met below that level.
    deep_name: Option<String>,
    /// Strings met below that level.
    deep: Vec<Value>,
    /// What stood outside of any container, and closed ones.
    roots: Vec<Value>,
}

impl Tree {
    fn open(&mut self, object: bool) {
        if self.skipped > 0 || self.open.len() >= LEVELS {
            self.skipped += 1;
            self.deep_name = None;
            return;
        }
        self.open.push(if object {
            Open::Object {
                members: Map::new(),
                name: None,
            }
        } else {
            Open::Array(Vec::new())
        });
    }

    fn close(&mut self) {
        if self.skipped > 0 {
            self.skipped -= 1;
            self.deep_name = None;
            return;
        }
        let Some(closed) = self.open.pop() else {
            return;
        };
        let value = match closed {
            Open::Object { mut members, name } => {
                if let Some(name) = name {
                    insert(&mut members, name.clone(), Value::String(name));
                }
                Value::Object(members)
            }
            Open::Array(items) => Value::Array(items),
        };
        self.put(value);
    }

    fn put(&mut self, value: Value) {
        match self.open.last_mut() {
            Some(Open::Object { members, name }) => {
                let name = name.take().unwrap_or_else(|| "unnamed".to_owned());
                insert(members, name, value);
            }
            Some(Open::Array(items)) => items.push(value),
            None => self.roots.push(value),
        }
    }

    fn colon(&mut self) {
        if self.skipped > 0
            && let Some(Value::String(name)) = self.deep.last()
        {
            self.deep_name = Some(name.clone());
            self.deep.pop();
        }
    }

    fn string(&mut self, text: String) {
        if self.skipped > 0 {
            let value = Value::String(text);
            self.deep.push(match self.deep_name.take() {
                Some(name) => Value::Object(Map::from_iter([(name, value)])),
                None => value,
            });
            return;
        }
        match self.open.last_mut() {
            Some(Open::Object { name, .. }) if name.is_none() => *name = Some(text),
            _ => self.put(Value::String(text)),
        }
    }

    fn scalar(&mut self, value: Value) {
        if self.skipped > 0 {
            self.deep_name = None;
        } else if !matches!(self.open.last(), Some(Open::Object { name: None, .. })) {
            self.put(value);
        }
    }

    fn finish(mut self) -> Value {
        self.skipped = 0;
        while !self.open.is_empty() {
            self.close();
        }
        let deep = Value::Array(self.deep);
        let mut roots = self.roots;
        // The update itself, wherever garbage stands around it.
        let main = roots.iter().position(Value::is_object).unwrap_or(0);
        let mut update = match roots.is_empty() {
            true => Value::Object(Map::new()),
            false => roots.remove(main),
        };
        if let Value::Object(members) = &mut update {
            if deep != Value::Array(Vec::new()) {
                insert(members, "too deep".to_owned(), deep);
            }
            if !roots.is_empty() {
                insert(members, "around".to_owned(), Value::Array(roots));
            }
            return update;
        }
        Value::Array(vec![update, deep, Value::Array(roots)])
    }
}

/// Keeps both where a name comes twice.
fn insert(members: &mut Map<String, Value>, name: String, value: Value) {
    let mut free = name;
    if members.contains_key(&free) {
        let taken = members.len();
        free = format!("{free} {taken}");
    }
    members.insert(free, value);
}
