//! The verdict: signals added up to a score, a band and a treatment. Pure: facts and settings in, verdict out.
use super::facts::Facts;
use super::signals::{Kind, Signal, TABLE};

/// Version of [`Verdict`].
pub const VERDICT_VERSION: u32 = 1;
/// Log-odds that a message is spam before anything is known of it: about 2 in 100. Groups have less (0.1 to
/// 2 % in published counts); the difference is made up by weights set for newcomers.
const PRIOR: f32 = -4.0;
/// What all signals of shape add at most: less than the prior takes, so an account alone is never spam.
const SHAPE_CAP: f32 = 2.5;

/// What Beadle may do in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Writes verdicts only.
    Observe,
    /// Shows people what it would do.
    #[default]
    Suggest,
    /// Treats.
    Act,
}

/// A group's settings of moderation.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Score from which a person should look, 0 to 1.
    pub review_at: f32,
    /// Score from which it is spam, 0 to 1; never less than `review_at`.
    pub spam_at: f32,
    /// What may be done.
    pub mode: Mode,
    /// Counted up at each change; kept with the verdict.
    pub rev: u64,
}

impl Settings {
    /// `review_at` and `spam_at`; what is not a number is the default, so that a bad file deletes nothing.
    fn thresholds(&self) -> (f32, f32) {
        let usual = Self::default();
        let number = |given: f32, usual: f32| if given.is_finite() { given } else { usual };
        let review = number(self.review_at, usual.review_at);
        (review, number(self.spam_at, usual.spam_at).max(review))
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            review_at: 0.5,
            spam_at: 0.9,
            mode: Mode::default(),
            rev: 0,
        }
    }
}

/// How sure the verdict is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Band {
    /// Nothing to see.
    Clear,
    /// A person should look.
    Review,
    /// Spam.
    Spam,
}

/// The treatment. Rules never remove a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Nothing.
    None,
    /// A card for a person.
    Review,
    /// Would be deleted, if the mode were `act`.
    WouldDelete,
    /// Deleted.
    Delete,
}

/// One reason of a verdict.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Reason {
    /// Code of the signal.
    pub code: String,
    /// Log-odds it added; negative ones speak for the sender.
    pub weight: f32,
    /// The sentence, in English.
    pub text: String,
}

/// A verdict, version 1.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Verdict {
    /// [`VERDICT_VERSION`].
    pub v: u32,
    /// Given when it is stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Probability of spam, 0 to 1.
    pub score: f32,
    /// The band of the score.
    pub band: Band,
    /// What follows.
    pub decision: Decision,
    /// Why, the weightiest first.
    pub reasons: Vec<Reason>,
    /// Who decided: `rules`.
    pub stage: String,
    /// The classifier that read the text.
    pub model: String,
    /// Settings it was decided by.
    pub settings_rev: u64,
    /// Version of the facts.
    pub facts_v: u32,
}

/// Signals that are there, with what they add; those of shape scaled down to their common cap.
fn weigh(facts: &Facts) -> Vec<(&'static Signal, f32)> {
    let mut found: Vec<(&Signal, f32)> = TABLE
        .iter()
        .map(|s| (s, s.value(facts)))
        .filter(|(_, value)| *value != 0.0)
        .collect();
    let shape: f32 = found
        .iter()
        .filter(|(s, _)| s.kind == Kind::Shape)
        .map(|(_, value)| value)
        .sum();
    if shape > SHAPE_CAP {
        for (signal, value) in &mut found {
            if signal.kind == Kind::Shape {
                *value *= SHAPE_CAP / shape;
            }
        }
    }
    found
}

/// Judges a message.
///
/// The score is `1 / (1 + e^-(prior + Σ weights))`. Admins, anonymous admins and the linked channel are always
/// clear. The classifier alone, however sure, reaches the band of review at most (with the default thresholds).
pub fn judge(facts: &Facts, settings: &Settings) -> Verdict {
    let mut found = weigh(facts);
    let sum = PRIOR + found.iter().map(|(_, value)| value).sum::<f32>();
    let score = 1.0 / (1.0 + (-sum).exp());
    let (review_at, spam_at) = settings.thresholds();
    let band = if facts.who.is_exempt() || score < review_at {
        Band::Clear
    } else if score < spam_at {
        Band::Review
    } else {
        Band::Spam
    };
    let decision = match (band, settings.mode) {
        (Band::Clear, _) => Decision::None,
        (Band::Review, _) => Decision::Review,
        (Band::Spam, Mode::Act) => Decision::Delete,
        (Band::Spam, Mode::Observe | Mode::Suggest) => Decision::WouldDelete,
    };
    found.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    Verdict {
        v: VERDICT_VERSION,
        id: None,
        score,
        band,
        decision,
        reasons: found
            .into_iter()
            .map(|(signal, weight)| Reason {
                code: signal.code.to_owned(),
                weight,
                text: signal.sentence.to_owned(),
            })
            .collect(),
        stage: "rules".to_owned(),
        model: facts.model.clone(),
        settings_rev: settings.rev,
        facts_v: facts.facts_v,
    }
}
