//! What admins may set about ban lists and the bans of other groups.
use serde::Deserialize;

use crate::community::settings::{Kind, Setting};

/// The settings of this room.
pub static SETTINGS: &[Setting] = &[
    Setting {
        path: "lists.on",
        kind: Kind::Switch,
        default: "true",
        doc: "Whether it counts that somebody is on a ban list that the operator named; alone it removes nothing",
    },
    Setting {
        path: "lists.captcha",
        kind: Kind::Switch,
        default: "false",
        doc: "Whether newcomers on a ban list are asked a question at the door even where others are not",
    },
];

/// The part `lists` of a group's settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ListSettings {
    /// Whether lists count.
    pub on: bool,
    /// Whether who is listed is asked a question at the door.
    pub captcha: bool,
}

impl Default for ListSettings {
    fn default() -> Self {
        Self {
            on: true,
            captcha: false,
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Tree {
    lists: ListSettings,
}

impl ListSettings {
    /// Of a group's settings; what cannot be read is as if nobody had chosen.
    pub fn read(json: &str) -> Self {
        if json == "{}" {
            return Self::default();
        }
        serde_json::from_str::<Tree>(json).unwrap_or_default().lists
    }
}
