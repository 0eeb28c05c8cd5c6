//! A verdict as it is read back, to be shown and explained.
use serde::{Deserialize, Serialize};

use crate::texts::{Lang, text};

/// A reason as kept: a code, what it weighed, and words in English for logs and tools.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeptReason {
    /// Stable name.
    pub code: String,
    /// Log-odds it added; negative ones speak for the message.
    pub weight: f64,
    /// In words.
    pub text: String,
}

/// The last verdict on a message.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KeptVerdict {
    /// The message.
    pub message: i64,
    /// Whether it is about an edit.
    pub edit: bool,
    /// 0 to 1.
    pub score: f64,
    /// `clear`, `review`, `spam`.
    pub band: String,
    /// What was done, or would have been.
    pub decision: String,
    /// Why, the heaviest first.
    pub reasons: Vec<KeptReason>,
}

/// Reasons named to a person: more would be a lecture.
const NAMED: usize = 3;

impl KeptVerdict {
    /// Whether the message was removed for it.
    pub fn removes(&self) -> bool {
        self.decision == "delete"
    }

    /// What spoke against the message, as a list for a sentence; never weights.
    pub fn because(&self, lang: Lang) -> String {
        let against = self.reasons.iter().filter(|r| r.weight > 0.0).take(NAMED);
        let words: Vec<String> = against
            .map(|r| reason_text(lang, &r.code).unwrap_or_else(|| r.text.clone()))
            .collect();
        words.join(", ")
    }
}

/// The reasons of these codes, the heaviest first, as a list for a sentence; never empty.
pub(super) fn because<'a>(lang: Lang, codes: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<String> = codes
        .filter_map(|code| reason_text(lang, code))
        .take(NAMED)
        .collect();
    if words.is_empty() {
        return text(lang, "reason-unnamed", &[]);
    }
    words.join(", ")
}

/// A reason in the reader's language, when the catalogue has it.
pub(super) fn reason_text(lang: Lang, code: &str) -> Option<String> {
    let key = format!("reason-{}", code.replace('_', "-"));
    let said = text(lang, &key, &[]);
    (said != key).then_some(said)
}
