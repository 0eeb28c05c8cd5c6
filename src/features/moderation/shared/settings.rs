//! What a group gives of its bans to the owner's other groups, and takes of theirs.
use serde::Deserialize;

use crate::community::settings::{Kind, Setting};

/// The settings of this room.
pub static SETTINGS: &[Setting] = &[Setting {
    path: "bans.shared",
    kind: Kind::Choice(&["off", "note", "ban"]),
    default: "\"off\"",
    doc: "Bans by moderators that are shared among the owner's groups: off gives none and takes none; note gives them, and counts those of the others against newcomers; ban gives them, and bans here too",
}];

/// How bans are shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sharing {
    /// Neither given nor taken.
    #[default]
    Off,
    /// Given; those of others count as a sign.
    Note,
    /// Given; those of others hold here too.
    Ban,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Tree {
    bans: Bans,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Bans {
    shared: Sharing,
}

impl Sharing {
    /// Of a group's settings; what cannot be read shares nothing.
    pub fn read(json: &str) -> Self {
        if json == "{}" {
            return Self::Off;
        }
        serde_json::from_str::<Tree>(json)
            .unwrap_or_default()
            .bans
            .shared
    }
}
