//! The verdict: signals added up to a score, a band and a treatment. Pure: facts and settings in, verdict out.
use super::facts::Facts;
use super::signals::{Group, Kind, Signal, TABLE};

/// Version of [`Verdict`].
pub const VERDICT_VERSION: u32 = 1;
/// Log-odds that a message is spam before anything is known of it: about 2 in 100. Groups have less (0.1 to
/// 2 % in published counts); the difference is made up by weights set for newcomers.
const PRIOR: f32 = -4.0;
/// Log-odds of evidence about the message, less what speaks for it, from which its author may be restricted: the
/// message must be spam whoever wrote it, where for its own removal the account may tip the balance.
const PERSON: f32 = 5.0;

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
    pub(super) fn thresholds(&self) -> (f32, f32) {
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
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
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
    /// Whether what speaks against the message is enough to restrict its author, too.
    #[serde(skip)]
    pub person: bool,
}

/// Signals that are there, with what they add; those of one group scaled down to their common cap.
fn weigh(facts: &Facts) -> Vec<(&'static Signal, f32)> {
    let mut found: Vec<(&Signal, f32)> = TABLE
        .iter()
        .map(|s| (s, s.value(facts)))
        .filter(|(_, value)| *value != 0.0)
        .collect();
    for group in Group::ALL {
        let sum = added(&found, |s| s.group == group);
        if sum > group.cap() {
            for (_, value) in found.iter_mut().filter(|(s, _)| s.group == group) {
                *value *= group.cap() / sum;
            }
        }
    }
    found
}

/// What the signals that `of` chooses add.
fn added(found: &[(&'static Signal, f32)], of: impl Fn(&Signal) -> bool) -> f32 {
    let chosen = found.iter().filter(|(s, _)| of(s));
    chosen.map(|(_, value)| value).sum()
}

/// Whether the evidence is enough to restrict a person: much of it, of at least two groups, and no regular's.
fn reaches_person(found: &[(&'static Signal, f32)]) -> bool {
    let evidence = added(found, |s| s.kind != Kind::Shape);
    let groups = Group::ALL.iter().filter(|g| {
        let about_message = g.kind() == Kind::Evidence;
        about_message && added(found, |s| s.group == **g) >= 0.5
    });
    let regular = found.iter().any(|(s, _)| s.code == "regular");
    evidence >= PERSON && groups.count() >= 2 && !regular
}

/// Judges a message.
///
/// The score is `1 / (1 + e^-(prior + Σ weights))`. Admins, anonymous admins and the linked channel are always
/// clear. The classifier alone, however sure, reaches the band of review at most (with the default thresholds), and the
/// shape of the account alone does with any.
pub fn judge(facts: &Facts, settings: &Settings) -> Verdict {
    let mut found = weigh(facts);
    let sum = PRIOR + found.iter().map(|(_, value)| value).sum::<f32>();
    let score = 1.0 / (1.0 + (-sum).exp());
    let (review_at, spam_at) = settings.thresholds();
    let evidence = added(&found, |s| s.kind == Kind::Evidence);
    let band = if facts.who.is_exempt() || score < review_at {
        Band::Clear
    } else if score < spam_at || evidence <= 0.0 {
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
    let person = band == Band::Spam && reaches_person(&found);
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
        person,
    }
}
