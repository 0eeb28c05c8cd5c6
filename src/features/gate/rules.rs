//! Whether somebody may write: what a group asks for, against what is known of the person. Pure.
use serde::{Deserialize, Serialize};

use crate::base::clock::Millis;

/// How many of a group's channels somebody must be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// Every one.
    #[default]
    All,
    /// At least one.
    Any,
    /// At least so many.
    AtLeast(usize),
}

/// What is known of somebody in one channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// In it, since this moment or longer.
    Member(Millis),
    /// Not in it.
    Absent,
    /// Telegram did not say.
    Unknown,
}

/// What follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// They belong.
    Let,
    /// They do not; the numbers of the channels that they are not in.
    Hold(Vec<usize>),
    /// Nobody can tell: they are let through, for a check that failed harms nobody.
    Unsure,
}

/// Decides for one person; `known` is about the group's channels, in their order. A group that asks for nothing lets
/// everybody through.
pub fn decide(need: Need, known: &[Known]) -> Decision {
    let of = |wanted: fn(&Known) -> bool| known.iter().filter(|k| wanted(k)).count();
    let inside = of(|k| matches!(k, Known::Member(_)));
    let unknown = of(|k| *k == Known::Unknown);
    let needed = match need {
        Need::All => known.len(),
        Need::Any => 1,
        Need::AtLeast(n) => n,
    }
    .min(known.len());
    if inside >= needed {
        return Decision::Let;
    }
    if inside + unknown >= needed {
        return Decision::Unsure;
    }
    let missing = known
        .iter()
        .enumerate()
        .filter(|(_, k)| **k == Known::Absent)
        .map(|(number, _)| number);
    Decision::Hold(missing.collect())
}

/// What a group asks for, as kept in `protected_groups.params`. What a newer version added is kept.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct GateParams {
    /// How many of the channels.
    pub need: Need,
    /// People who joined the group before this are let through, unless [`GateParams::everybody`].
    pub since: Millis,
    /// Whether those who had been there before are held, too.
    pub everybody: bool,
    /// Whether messages of who is held stay in the group.
    pub keep_messages: bool,
    /// The rest.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

impl GateParams {
    /// Whether the door asks somebody who joined the group at `joined`; None is unknown, and means long ago.
    pub fn asks(&self, joined: Option<Millis>) -> bool {
        self.everybody || joined.is_some_and(|at| at >= self.since)
    }
}
