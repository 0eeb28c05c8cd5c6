//! What people are told about what is kept of them, made from the settings as they are.
use crate::config::Retention;
use crate::telegram::sender::text::escape;
use crate::texts::{Lang, text, when};

/// The facts behind `/privacy`.
#[derive(Debug, Clone, Default)]
pub struct PrivacyFacts {
    /// How long things are kept.
    pub kept: Retention,
    /// How to reach whoever runs this, in their own words.
    pub contact: Option<String>,
    /// Operators by Telegram id.
    pub operators: Vec<i64>,
    /// Engines outside this machine that are given messages, by name; none of them is on unless named here.
    pub remote: Vec<String>,
}

/// Operators named in one text.
const NAMED: usize = 3;

impl PrivacyFacts {
    fn operator(&self, lang: Lang) -> String {
        if let Some(contact) = &self.contact {
            return escape(contact);
        }
        if self.operators.is_empty() {
            return text(lang, "privacy-operator-unknown", &[]);
        }
        let names: Vec<String> = self
            .operators
            .iter()
            .take(NAMED)
            .map(|id| format!("<a href=\"tg://user?id={id}\">{id}</a>"))
            .collect();
        names.join(", ")
    }
}

/// The whole answer to `/privacy`, as HTML; `private` for somebody who asks in private and can have themselves
/// erased there.
pub fn privacy_text(lang: Lang, facts: &PrivacyFacts, private: bool) -> String {
    let kept = &facts.kept;
    let span = |millis| when::span(lang, millis);
    let remote = if facts.remote.is_empty() {
        text(lang, "privacy-remote-none", &[])
    } else {
        let names = escape(&facts.remote.join(", "));
        text(lang, "privacy-remote", &[("engines", names.into())])
    };
    let how = if private {
        text(lang, "privacy-how-private", &[])
    } else {
        text(lang, "privacy-how-group", &[])
    };
    let what = text(
        lang,
        "privacy-kept",
        &[
            ("words", span(kept.words).into()),
            ("removed", span(kept.removed).into()),
            ("raw", span(kept.raw).into()),
            ("dead", span(kept.dead).into()),
            ("calls", span(kept.calls).into()),
            ("gone", span(kept.gone).into()),
            ("audit", span(kept.audit_personal).into()),
            ("logs", span(kept.logs).into()),
        ],
    );
    let operator = text(
        lang,
        "privacy-operator",
        &[("operator", facts.operator(lang).into())],
    );
    [
        text(lang, "privacy-title", &[]),
        what,
        text(lang, "privacy-reckoned", &[]),
        remote,
        operator,
        how,
    ]
    .join("\n\n")
}

/// One paragraph for a group's description or a pinned message.
pub fn privacy_notice(lang: Lang, facts: &PrivacyFacts) -> String {
    let words = when::span(lang, facts.kept.words);
    text(lang, "privacy-notice", &[("words", words.into())])
}
