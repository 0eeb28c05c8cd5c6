//! Checks values against the table: required fields, types, unknown fields.
use serde_json::Value;

use super::spec::{Field, Kind, SPEC, Spec, Type};

/// What is wrong with a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Breach {
    /// A required parameter or field is not there.
    Missing,
    /// The type is another one.
    Mistyped,
    /// The table does not know this parameter or field.
    Unknown,
}

/// One finding: where (a dotted path) and what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) path: String,
    pub(crate) fault: Breach,
    pub(crate) expected: String,
}

/// Everything wrong with `value`, seen as `kind`.
pub(crate) fn check(kind: &Kind, value: &Value, path: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    visit(&SPEC, kind, value, path, &mut found);
    found
}

/// Everything wrong with `value` as a type of the Bot API (`Update`, `Message` …): path and breach.
pub fn problems(type_name: &str, value: &Value) -> Vec<(String, Breach)> {
    let kind = Kind::read(type_name);
    check(&kind, value, "")
        .into_iter()
        .map(|one| (one.path, one.fault))
        .collect()
}

/// Everything wrong with a record's fields.
pub(crate) fn check_fields(
    fields: &[Field],
    map: &serde_json::Map<String, Value>,
    path: &str,
) -> Vec<Finding> {
    let mut found = Vec::new();
    visit_fields(&SPEC, fields, map, path, &mut found);
    found
}

fn mistyped(kind: &Kind, path: &str, found: &mut Vec<Finding>) {
    let expected = format!("{kind:?}");
    found.push(Finding {
        path: path.to_owned(),
        fault: Breach::Mistyped,
        expected,
    });
}

fn visit(spec: &Spec, kind: &Kind, value: &Value, path: &str, found: &mut Vec<Finding>) {
    let fits = match kind {
        Kind::Anything => true,
        Kind::Integer => value.is_i64() || value.is_u64(),
        Kind::Float => value.is_number(),
        Kind::Boolean => value.is_boolean(),
        Kind::True => *value == Value::Bool(true),
        Kind::String => value.is_string(),
        Kind::Constant(text) => value.as_str() == Some(text),
        Kind::Array(item) => match value.as_array() {
            Some(items) => {
                for (at, one) in items.iter().enumerate() {
                    visit(spec, item, one, &format!("{path}[{at}]"), found);
                }
                true
            }
            None => false,
        },
        Kind::AnyOf(kinds) => return one_of(spec, kinds, value, path, found),
        Kind::Named(name) => match spec.types.get(name) {
            // InputFile and names that only newer descriptions know.
            None => value.is_string() || value.is_object(),
            Some(Type::OneOf(kinds)) => return one_of(spec, kinds, value, path, found),
            Some(Type::Record(fields)) if name == "InputFile" && fields.is_empty() => {
                value.is_string()
            }
            Some(Type::Record(fields)) => match value.as_object() {
                Some(map) => {
                    visit_fields(spec, fields, map, path, found);
                    true
                }
                None => false,
            },
        },
    };
    if !fits {
        mistyped(kind, path, found);
    }
}

fn visit_fields(
    spec: &Spec,
    fields: &[Field],
    map: &serde_json::Map<String, Value>,
    path: &str,
    found: &mut Vec<Finding>,
) {
    let at = |name: &str| {
        if path.is_empty() {
            name.to_owned()
        } else {
            format!("{path}.{name}")
        }
    };
    for field in fields {
        match map.get(&field.name) {
            Some(value) => visit(spec, &field.kind, value, &at(&field.name), found),
            None if field.required => found.push(Finding {
                path: at(&field.name),
                fault: Breach::Missing,
                expected: format!("{:?}", field.kind),
            }),
            None => {}
        }
    }
    for name in map.keys() {
        if !fields.iter().any(|field| field.name == *name) {
            found.push(Finding {
                path: at(name),
                fault: Breach::Unknown,
                expected: String::new(),
            });
        }
    }
}

/// The alternative with the fewest findings speaks for all.
fn one_of(spec: &Spec, kinds: &[Kind], value: &Value, path: &str, found: &mut Vec<Finding>) {
    let mut best: Option<Vec<Finding>> = None;
    for kind in kinds {
        let mut here = Vec::new();
        visit(spec, kind, value, path, &mut here);
        if here.is_empty() {
            return;
        }
        // A wrong discriminator means another member, however well the rest fits.
        let weight = |list: &Vec<Finding>| {
            let named = list.iter().any(|f| f.expected.starts_with("Constant"));
            list.len() + usize::from(named) * 1000
        };
        if best.as_ref().is_none_or(|b| weight(&here) < weight(b)) {
            best = Some(here);
        }
    }
    found.extend(best.unwrap_or_default());
}
