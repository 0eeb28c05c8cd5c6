//! One stored verdict, judged again. Pure: facts and settings in, verdict out.
use crate::features::moderation::facts::{FACTS_VERSION, Facts};
use crate::features::moderation::rules::{Decision, Mode, Settings, Verdict, judge};

/// The oldest facts that today's rules can judge: what later versions added counts as not seen.
const OLDEST: i64 = 2;

/// What would be otherwise.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Change {
    /// What verdicts lead to.
    pub mode: Option<Mode>,
    /// Score from which a person should look.
    pub review_at: Option<f64>,
    /// Score from which it is spam.
    pub spam_at: Option<f64>,
    /// Whether other groups count.
    pub other_groups: Option<bool>,
}

/// How a group would judge.
#[derive(Debug, Clone)]
pub(super) struct Group {
    settings: Settings,
    other_groups: bool,
    /// Its public name, for links.
    pub(super) name: Option<String>,
}

impl Group {
    /// A group's own settings with what would be otherwise.
    pub(super) fn new(
        mut settings: Settings,
        other_groups: bool,
        name: Option<String>,
        change: &Change,
    ) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "scores are 32 bits wide")]
        let narrow = |n: f64| n as f32;
        settings.mode = change.mode.unwrap_or(settings.mode);
        settings.review_at = change.review_at.map_or(settings.review_at, narrow);
        settings.spam_at = change.spam_at.map_or(settings.spam_at, narrow);
        Self {
            settings,
            other_groups: change.other_groups.unwrap_or(other_groups),
            name,
        }
    }
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
    if !(OLDEST..=i64::from(FACTS_VERSION)).contains(&given.facts_v) {
        return Err(Skipped::Version);
    }
    let mut facts: Facts =
        serde_json::from_str(given.facts).map_err(|_unreadable| Skipped::Unreadable)?;
    if !group.other_groups {
        facts.likeness.elsewhere = 0;
        facts.going_round = 0;
    }
    let mut verdict = judge(&facts, &group.settings);
    // It was shown to a person although it was spam: Telegram did not say whether its author is an admin, or it had
    // been paid for. That would have been so with any settings.
    let held_back = given.band == "spam" && given.decision == "review";
    if held_back && matches!(verdict.decision, Decision::Delete | Decision::WouldDelete) {
        verdict.decision = Decision::Review;
    }
    Ok(verdict)
}
