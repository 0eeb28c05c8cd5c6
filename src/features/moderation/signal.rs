//! What a signal is: its kind, its group of signals that say much the same, its weight and its words.
use super::facts::Facts;

/// What a signal speaks about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The message itself.
    Evidence,
    /// The account and the form of the message: never enough alone, the sum is capped.
    Shape,
    /// The sender's standing; lowers the score.
    Trust,
}

/// Signals that say much the same: what they add together is capped, and for what takes more than one sign they are
/// one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// What the classifier and the group's lessons make of the words.
    Words,
    /// Likeness to messages known or just posted.
    Known,
    /// Where links lead and how they hide.
    Links,
    /// Letters that hide words from machines.
    Disguise,
    /// What an edit brought.
    Edit,
    /// What is promised and asked for.
    Offer,
    /// Loudness.
    Form,
    /// The account, and the form of what it sends.
    Account,
    /// What speaks for the sender or the message.
    Standing,
}

impl Group {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Words,
        Self::Known,
        Self::Links,
        Self::Disguise,
        Self::Edit,
        Self::Offer,
        Self::Form,
        Self::Account,
        Self::Standing,
    ];

    /// What its signals speak about.
    pub const fn kind(self) -> Kind {
        match self {
            Self::Account => Kind::Shape,
            Self::Standing => Kind::Trust,
            _ => Kind::Evidence,
        }
    }

    /// Log-odds that its signals add at most together; trust has no such end.
    pub const fn cap(self) -> f32 {
        match self {
            // Less than the prior takes, so an account alone is never spam.
            Self::Account => 2.5,
            Self::Words | Self::Links => 6.0,
            Self::Known | Self::Disguise => 5.5,
            Self::Edit => 2.8,
            Self::Offer => 4.5,
            Self::Form => 1.2,
            Self::Standing => f32::INFINITY,
        }
    }
}

/// One line of the table.
#[derive(Debug, Clone, Copy)]
pub struct Signal {
    /// Stable name, in verdicts.
    pub code: &'static str,
    /// What it speaks about; that of its group.
    pub kind: Kind,
    /// With which other signals it says the same again.
    pub group: Group,
    /// Log-odds for each unit.
    pub weight: f32,
    /// Log-odds at most (at least, where the weight is negative).
    pub cap: f32,
    /// Key of the sentence in the message catalogue.
    pub text_key: &'static str,
    /// The sentence in English.
    pub sentence: &'static str,
    /// How many units a message has; 0 is none.
    pub(super) units: fn(&Facts) -> f32,
}

impl Signal {
    /// Log-odds that this signal adds for these facts; 0 when it is not there.
    pub fn value(&self, facts: &Facts) -> f32 {
        let value = self.weight * (self.units)(facts).max(0.0);
        if self.weight < 0.0 {
            value.max(self.cap)
        } else {
            value.min(self.cap)
        }
    }
}

/// A line of the table.
pub(super) const fn signal(
    code: &'static str,
    group: Group,
    (weight, cap): (f32, f32),
    text_key: &'static str,
    sentence: &'static str,
    units: fn(&Facts) -> f32,
) -> Signal {
    Signal {
        code,
        kind: group.kind(),
        group,
        weight,
        cap,
        text_key,
        sentence,
        units,
    }
}
