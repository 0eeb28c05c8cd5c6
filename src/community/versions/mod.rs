//! A group's settings as versions: what changed, and the way back.
mod store;

use std::collections::BTreeSet;

use serde_json::Value;

pub use store::{State, Version, current, roll_back, sign, version, versions, zone_of};

/// One setting that differs between two versions.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Difference {
    /// Its path, as `moderation.spam_at`.
    pub path: String,
    /// Before; None where it had no value of its own.
    pub before: Option<Value>,
    /// After.
    pub after: Option<Value>,
}

/// What differs between two states, by path.
pub fn diff(before: &State, after: &State) -> Vec<Difference> {
    let (old, new) = (flat(before), flat(after));
    let paths: BTreeSet<&String> = old.iter().chain(&new).map(|(path, _)| path).collect();
    let of = |all: &[(String, Value)], path: &str| {
        let found = all.iter().find(|(own, _)| own == path);
        found.map(|(_, value)| value.clone())
    };
    paths
        .into_iter()
        .map(|path| Difference {
            path: path.clone(),
            before: of(&old, path),
            after: of(&new, path),
        })
        .filter(|d| d.before != d.after)
        .collect()
}

/// Every leaf with its path; lists are leaves.
fn flat(state: &State) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    for (name, word) in [("mode", &state.mode), ("language", &state.language)] {
        if let Some(word) = word {
            all.push((name.to_owned(), word.as_str().into()));
        }
    }
    leaves("", &state.settings, &mut all);
    all
}

fn leaves(path: &str, value: &Value, all: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                let path = match path {
                    "" => name.clone(),
                    path => format!("{path}.{name}"),
                };
                leaves(&path, value, all);
            }
        }
        leaf => all.push((path.to_owned(), leaf.clone())),
    }
}
