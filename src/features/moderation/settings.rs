//! What admins may set for a group: one typed tree, kept as JSON in `groups.settings` under `moderation`.
use serde::{Deserialize, Serialize};

use super::ladder::Step;
use super::rules;
use crate::community::GroupFacts;

/// A group's settings of moderation. What is missing or cannot be read is the default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct GroupSettings {
    /// The chat in which cards stand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_chat: Option<i64>,
    /// This group is where cards of another stand: what moderators quote there is not judged.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_log: bool,
    /// Score from which a person should look, 0 to 1.
    pub review_at: f32,
    /// Score from which it is spam, 0 to 1.
    pub spam_at: f32,
    /// What follows the first removed message, the second, and so on; the last one holds for all later ones.
    pub steps: Vec<Step>,
    /// Days after which a strike is forgotten.
    pub forget_after_days: u16,
    /// Whether a note in the group says that messages were removed.
    pub notes: bool,
    /// Whether what is posted in other groups counts here, and what is posted here counts there.
    pub other_groups: bool,
}

impl Default for GroupSettings {
    fn default() -> Self {
        let usual = rules::Settings::default();
        Self {
            log_chat: None,
            is_log: false,
            review_at: usual.review_at,
            spam_at: usual.spam_at,
            steps: vec![
                Step::Warn,
                Step::Mute { minutes: 24 * 60 },
                Step::Ban { days: 30 },
            ],
            forget_after_days: 30,
            notes: true,
            other_groups: true,
        }
    }
}

/// The whole of `groups.settings`, of which this room reads its part.
#[derive(Debug, Default, Deserialize)]
struct Tree {
    #[serde(default)]
    moderation: GroupSettings,
}

/// How readily messages count as spam, in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sensitivity {
    /// Fewer mistakes, more spam.
    Careful,
    /// As shipped.
    Usual,
    /// Less spam, more mistakes.
    Strict,
}

impl Sensitivity {
    /// All, the mildest first.
    pub const ALL: [Self; 3] = [Self::Careful, Self::Usual, Self::Strict];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Careful => "careful",
            Self::Usual => "usual",
            Self::Strict => "strict",
        }
    }

    /// `review_at` and `spam_at`.
    pub fn thresholds(self) -> (f32, f32) {
        match self {
            Self::Careful => (0.6, 0.97),
            Self::Usual => (0.5, 0.9),
            Self::Strict => (0.35, 0.75),
        }
    }
}

impl GroupSettings {
    /// Of a group as the lane knows it.
    pub fn of(group: &GroupFacts) -> Self {
        Self::read(&group.settings)
    }

    /// Of the JSON in the database.
    pub fn read(json: &str) -> Self {
        if json == "{}" {
            return Self::default();
        }
        serde_json::from_str::<Tree>(json)
            .map(|tree| tree.moderation)
            .unwrap_or_else(|e| {
                tracing::warn!(error = %e, "a group's settings cannot be read; it has the defaults");
                Self::default()
            })
    }

    /// What the thresholds are called; None when somebody chose their own.
    pub fn sensitivity(&self) -> Option<Sensitivity> {
        let own = (self.review_at, self.spam_at);
        Sensitivity::ALL.into_iter().find(|s| s.thresholds() == own)
    }
}
