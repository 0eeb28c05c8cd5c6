//! One stored verdict, judged again. Pure: facts and settings in, verdict out.
use serde_json::Value;

use crate::features::moderation::carriers::Policy;
use crate::features::moderation::facts::{FACTS_VERSION, Facts, OLDEST_FACTS};
use crate::features::moderation::rules::{Decision, Mode, Settings, Verdict, judge};

/// What would be otherwise.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Change {
    /// What verdicts lead to.
    pub mode: Option<Mode>,
    /// Other settings by their paths, each checked before.
    pub values: Vec<(String, Value)>,
}

/// How a group would judge.
pub(super) struct Group {
    pub(super) settings: Settings,
    pub(super) other_groups: bool,
    pub(super) policy: Policy,
    /// Its public name, for links.
    pub(super) name: Option<String>,
}

/// Why a verdict is not judged again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Skipped {
    /// Its facts are of a version that today's rules do not know.
    Version,
    /// Its facts cannot be read.
    Unreadable,
    /// It fell with its album, whose other messages are judged by themselves.
    Album,
    /// It was removed by a rule of the house, which counts words and messages that are not kept.
    House,
}

/// A verdict as it was given.
#[derive(Debug, Clone)]
pub(super) struct Given<'a> {
    pub(super) facts: &'a str,
    pub(super) facts_v: i64,
    pub(super) stage: &'a str,
    pub(super) band: &'a str,
    pub(super) decision: &'a str,
}

/// Judges it again, as `group` would.
pub(super) fn again(given: &Given<'_>, group: &Group) -> Result<Verdict, Skipped> {
    if given.stage == "album" {
        return Err(Skipped::Album);
    }
    if given.stage == "house" {
        return Err(Skipped::House);
    }
    if !(i64::from(OLDEST_FACTS)..=i64::from(FACTS_VERSION)).contains(&given.facts_v) {
        return Err(Skipped::Version);
    }
    let mut facts: Facts =
        serde_json::from_str(given.facts).map_err(|_unreadable| Skipped::Unreadable)?;
    if !group.other_groups {
        facts.likeness.elsewhere = 0;
        facts.going_round = 0;
    }
    let mut verdict = judge(&facts, &group.settings);
    if let Some(ruled) = group.policy.find(&facts) {
        ruled.apply(&mut verdict, &group.settings);
    }
    // It was shown to a person although it was spam: Telegram did not say whether its author is an admin, or it had
    // been paid for. That would have been so with any settings.
    let held_back = given.band == "spam" && given.decision == "review";
    if held_back && matches!(verdict.decision, Decision::Delete | Decision::WouldDelete) {
        verdict.decision = Decision::Review;
    }
    Ok(verdict)
}
