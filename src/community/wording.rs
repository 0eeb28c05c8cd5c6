//! What Beadle says in a group, as its admins word it: for each text that they may word, a setting `texts.…`, checked
//! for what it puts in and for the HTML it uses.
use serde_json::{Value, json};

use super::settings::{self, Kind, Own, Setting, at};
use crate::store::{Connection, StoreError};
use crate::telegram::sender::text::tidy;
use crate::texts::{Arg, Lang, fill, text};

/// Longest wording, in characters; a message holds 4096 with what is put in.
const LONGEST: usize = 1_000;

/// A text that may be worded, and the names of what it puts in.
#[derive(Debug)]
pub struct Wordable {
    /// Its key in the catalogues.
    pub key: &'static str,
    /// What stands between braces: `{who}`.
    pub names: &'static [&'static str],
}

macro_rules! wordable {
    ($($path:literal, $key:literal, [$($name:literal),*], $doc:literal;)*) => {
        /// All texts that may be worded.
        pub static WORDABLE: &[Wordable] = &[$(Wordable { key: $key, names: &[$($name),*] }),*];

        /// Their settings.
        pub static SETTINGS: &[Setting] = &[$(Setting {
            path: $path,
            kind: Kind::Own(&Own {
                shape: concat!("at most 1000 characters, with <b>, <i>, <u>, <s>, <code>, <a href>, and in braces:"
                    $(, " {", $name, "}")*),
                parse: |words| check(words, &[$($name),*]),
                check: |value| match value {
                    Value::Null => Ok(Value::Null),
                    value => check(value.as_str().unwrap_or_default(), &[$($name),*]),
                },
                show: |value| value.as_str().unwrap_or_default().to_owned(),
            }),
            default: "null",
            doc: $doc,
        }),*];
    };
}

wordable! {
    "texts.removed_note", "removed-note", ["count"], "The note in the group that a message was removed";
    "texts.note_muted", "note-muted", ["who", "until", "reasons"], "The note in the group that somebody is muted";
    "texts.note_banned", "note-banned", ["who", "until", "reasons"], "The note in the group that somebody is banned";
    "texts.told_warned", "told-warned", ["group", "reasons"], "What is told to somebody who is warned";
    "texts.told_muted", "told-muted", ["group", "until", "reasons"], "What is told to somebody who is muted";
    "texts.told_banned", "told-banned", ["group", "until", "reasons"], "What is told to somebody who is banned";
}

/// Whether `words` may be said; gives them as they are kept, with what is no tag escaped. Pure.
fn check(words: &str, names: &[&str]) -> Result<Value, String> {
    let words = words.trim();
    if words.is_empty() || words.chars().count() > LONGEST {
        return Err(format!("it must be 1 to {LONGEST} characters"));
    }
    let known = |name: &str| names.contains(&name.trim().trim_start_matches('$'));
    let mut rest = words;
    while let Some(at) = rest.find(['{', '}']) {
        let inside = rest[at..].strip_prefix('{').and_then(|r| r.split_once('}'));
        match inside {
            Some((name, after)) if known(name) => rest = after,
            _ => {
                let shown: String = rest[at..].chars().take(20).collect();
                let names: Vec<String> = names.iter().map(|n| format!("{{{n}}}")).collect();
                return Err(format!(
                    "`{shown}` puts in nothing; there are {}",
                    names.join(", ")
                ));
            }
        }
    }
    tidy(words).map(|html| json!(html))
}

/// How a group words things.
#[derive(Debug, Clone, Default)]
pub struct Wording(Value);

impl Wording {
    /// From the settings of a group as JSON.
    pub fn read(settings: &str) -> Self {
        // Most groups word nothing.
        if !settings.contains("\"texts\"") {
            return Self::default();
        }
        Self(serde_json::from_str(settings).unwrap_or_default())
    }

    /// From the database.
    pub fn of(conn: &Connection, chat: i64) -> Result<Self, StoreError> {
        Ok(Self(settings::tree(conn, chat)?.unwrap_or_default()))
    }

    /// The text `key` as the group words it, else as the catalogue does in `lang`. Values are put in as they are: who
    /// sends HTML escapes them first.
    pub fn say(&self, lang: Lang, key: &str, args: &[Arg<'_>]) -> String {
        let path = format!("texts.{}", key.replace('-', "_"));
        let own = at(&self.0, &path).and_then(Value::as_str);
        own.map_or_else(|| text(lang, key, args), |own| fill(own, args))
    }
}
