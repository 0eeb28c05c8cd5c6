//! What admins may set of the house rules: one part of the group's tree, `house`, and the table of its settings.
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

use super::hours::Hours;
use super::locks::Lock;
use super::pace::{Limit, Pace, SLOWEST};
use super::service;
use crate::base::clock::Millis;
use crate::community::GroupFacts;
use crate::community::settings::{Kind, Own, Setting};
use crate::telegram::rights::Right;

/// Where the hours of the night are.
pub(in crate::features::moderation) const NIGHT_PATH: &str = "house.night";

/// The right in Telegram that a setting exercises beside that to change the group: at night all members are muted.
pub(in crate::features::moderation) fn also_needs(path: &str) -> Option<Right> {
    (path == NIGHT_PATH).then_some(Right::Restrict)
}

/// The settings of the house rules; lists of words, notes and answers lie in a table of their own.
pub static SETTINGS: &[Setting] = &[
    Setting {
        path: "house.locks",
        kind: Kind::Own(&LOCKS),
        default: "[]",
        doc: "Kinds of messages that are removed, each with what follows",
    },
    Setting {
        path: "house.flood",
        kind: Kind::Own(&FLOOD),
        default: "null",
        doc: "How many messages one person may write in how long, and what follows",
    },
    Setting {
        path: "house.same",
        kind: Kind::Own(&FLOOD),
        default: "null",
        doc: "How often one person may write the same in how long, and what follows",
    },
    Setting {
        path: "house.slowmode",
        kind: Kind::Span(0, SLOWEST),
        default: "0",
        doc: "The pause between two messages of one person",
    },
    Setting {
        path: NIGHT_PATH,
        kind: Kind::Own(&NIGHT),
        default: "null",
        doc: "Hours in which members cannot write, by the clock of the group",
    },
    Setting {
        path: "house.clean",
        kind: Kind::Own(&CLEAN),
        default: "[]",
        doc: "Kinds of Telegram's own notices that are removed",
    },
    Setting {
        path: "house.spare_regulars",
        kind: Kind::Switch,
        default: "false",
        doc: "Whether these rules do not hold for people who have long been writing here",
    },
    Setting {
        path: "house.answers_for",
        kind: Kind::Span(0, 47 * 3_600_000),
        default: "600000",
        doc: "How long notes and answers to keywords stay in the group; off leaves them",
    },
    Setting {
        path: "house.welcome_for",
        kind: Kind::Span(0, 47 * 3_600_000),
        default: "300000",
        doc: "How long welcomes and goodbyes stay in the group; off leaves them",
    },
];

/// A setting that is one word group of its own, or nothing.
fn one<T: TryFrom<String, Error = String> + Into<String>>(words: &str) -> Result<Value, String> {
    let low = words.trim().to_lowercase();
    if matches!(low.as_str(), "off" | "no" | "0" | "нет" | "выкл") {
        return Ok(Value::Null);
    }
    let value: String = T::try_from(low)?.into();
    Ok(json!(value))
}

fn one_of_file<T: TryFrom<String, Error = String> + Into<String>>(
    value: &Value,
) -> Result<Value, String> {
    match value {
        Value::Null => Ok(Value::Null),
        Value::String(words) => one::<T>(words),
        _ => Err("it must be words in quotes, or left out".to_owned()),
    }
}

fn show_one(value: &Value) -> String {
    value.as_str().unwrap_or("off").to_owned()
}

/// A list of them, parted by commas; each kind once, the later one holds.
fn list<T>(words: &str, name: fn(&T) -> &str) -> Result<Value, String>
where
    T: TryFrom<String, Error = String> + Into<String>,
{
    let low = words.trim().to_lowercase();
    if matches!(low.as_str(), "" | "off" | "no" | "нет" | "выкл") {
        return Ok(json!([]));
    }
    let mut all: Vec<T> = Vec::new();
    for part in low.split([',', '\n']).filter(|p| !p.trim().is_empty()) {
        let item = T::try_from(part.trim().to_owned())?;
        all.retain(|known| name(known) != name(&item));
        all.push(item);
    }
    let all: Vec<String> = all.into_iter().map(Into::into).collect();
    Ok(json!(all))
}

fn list_of_file<T>(value: &Value, name: fn(&T) -> &str) -> Result<Value, String>
where
    T: TryFrom<String, Error = String> + Into<String>,
{
    let items = value.as_array().ok_or("it must be a list")?;
    let words: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
    list(&words.ok_or("it must be a list of words")?.join(","), name)
}

fn show_list(value: &Value) -> String {
    let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
    match items {
        [] => "off".to_owned(),
        items => {
            let words: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            words.join(", ")
        }
    }
}

fn lock_name(lock: &Lock) -> &str {
    &lock.name
}

static LOCKS: Own = Own {
    shape: "kinds with what follows: link, forward warn, sticker mute 1h; or off",
    parse: |words| list::<Lock>(words, lock_name),
    check: |value| list_of_file::<Lock>(value, lock_name),
    show: show_list,
};

static FLOOD: Own = Own {
    shape: "messages, time and what follows: 5 10s mute 1h; or off",
    parse: one::<Limit>,
    check: one_of_file::<Limit>,
    show: show_one,
};

static NIGHT: Own = Own {
    shape: "two times of day: 23:00-07:00; or off",
    parse: one::<Hours>,
    check: one_of_file::<Hours>,
    show: show_one,
};

static CLEAN: Own = Own {
    shape: "kinds of notices: joins, leaves, pins; all; or off",
    parse: |words| list::<service::Notice>(words, service::Notice::name),
    check: |value| list_of_file::<service::Notice>(value, service::Notice::name),
    show: show_list,
};

/// The house rules of a group. What is missing or cannot be read is the default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct HouseSettings {
    /// Locked kinds.
    #[serde(deserialize_with = "readable")]
    pub locks: Vec<Lock>,
    /// Messages of one person.
    #[serde(deserialize_with = "perhaps")]
    pub flood: Option<Limit>,
    /// The same message of one person.
    #[serde(deserialize_with = "perhaps")]
    pub same: Option<Limit>,
    /// Pause between two messages of one person.
    pub slowmode: Millis,
    /// When members cannot write.
    #[serde(deserialize_with = "perhaps")]
    pub night: Option<Hours>,
    /// Notices that are removed.
    #[serde(deserialize_with = "readable")]
    pub clean: Vec<service::Notice>,
    /// Whether regulars are spared.
    pub spare_regulars: bool,
    /// How long notes and answers stay; 0 leaves them.
    pub answers_for: Millis,
    /// How long welcomes stay; 0 leaves them.
    pub welcome_for: Millis,
}

impl Default for HouseSettings {
    fn default() -> Self {
        Self {
            locks: Vec::new(),
            flood: None,
            same: None,
            slowmode: 0,
            night: None,
            clean: Vec::new(),
            spare_regulars: false,
            answers_for: 600_000,
            welcome_for: 300_000,
        }
    }
}

/// What a newer or older version wrote and this one cannot read counts as not chosen; the rest holds.
fn perhaps<'de, D: Deserializer<'de>, T: serde::de::DeserializeOwned>(
    from: D,
) -> Result<Option<T>, D::Error> {
    let value = Value::deserialize(from)?;
    Ok(serde_json::from_value(value).ok())
}

fn readable<'de, D: Deserializer<'de>, T: serde::de::DeserializeOwned>(
    from: D,
) -> Result<Vec<T>, D::Error> {
    let value = Value::deserialize(from)?;
    let items = value.as_array().cloned().unwrap_or_default();
    let read = items
        .into_iter()
        .filter_map(|v| serde_json::from_value(v).ok());
    Ok(read.collect())
}

/// The whole of `groups.settings`, of which this room reads its part.
#[derive(Debug, Default, Deserialize)]
struct Tree {
    #[serde(default)]
    house: HouseSettings,
}

impl HouseSettings {
    /// Of a group as the lane knows it.
    pub fn of(group: &GroupFacts) -> Self {
        Self::read(&group.settings)
    }

    /// Of the JSON in the database.
    pub fn read(json: &str) -> Self {
        // Nearly every group has none of it.
        if !json.contains("\"house\"") {
            return Self::default();
        }
        serde_json::from_str::<Tree>(json)
            .map(|tree| tree.house)
            .unwrap_or_else(|e| {
                tracing::warn!(error = %e, "a group's house rules cannot be read; it has the defaults");
                Self::default()
            })
    }

    /// What is asked of the pace of messages.
    pub fn pace(&self) -> Pace {
        Pace {
            flood: self.flood,
            same: self.same,
            slow: self.slowmode,
        }
    }
}
