//! What moderators' commands say: refusals with what to do instead, and who is meant.
use crate::base::span::NoSpan;
use crate::community::arbiter::Why;
use crate::community::target::{NoTarget, Target};
use crate::features::moderation::order::mention;
use crate::pipeline::stages::Reply;
use crate::telegram::sender::text::{cut, escape, name};
use crate::texts::{Lang, text};

/// Characters of somebody's own argument that are shown back.
const ECHO: usize = 40;

/// A text that goes by itself.
pub(super) fn say(lang: Lang, key: &str) -> Reply {
    Reply::Fleeting(text(lang, key, &[]), None)
}

/// The same with the word that somebody wrote.
pub(super) fn say_of(lang: Lang, key: &str, word: &str) -> Reply {
    let word = name(&cut(word, ECHO));
    Reply::Fleeting(text(lang, key, &[("word", word.into())]), None)
}

/// A target as a link or a title.
pub(super) fn who(target: &Target, lang: Lang) -> String {
    match target {
        Target::Person { user, name: known } => {
            mention::in_public(*user, Some(known), "note-nameless", lang)
        }
        Target::Channel { title, .. } => name(title),
    }
}

/// Nobody can be meant.
pub(super) fn no_target(lang: Lang, command: &str, why: &NoTarget) -> Reply {
    match why {
        NoTarget::Nobody => {
            let args = [("command", escape(command).into())];
            Reply::Fleeting(text(lang, "tool-no-target", &args), None)
        }
        NoTarget::Unknown(word) => say_of(lang, "tool-unknown-name", &format!("@{word}")),
        NoTarget::Ourselves => say(lang, "tool-ourselves"),
    }
}

/// A length of time that is none.
pub(super) fn no_span(lang: Lang, why: NoSpan) -> Reply {
    let key = match why {
        NoSpan::TooLong => "tool-span-long",
        NoSpan::Zero => "tool-span-zero",
        NoSpan::NoUnit => "tool-span-unit",
        NoSpan::Other => "tool-span-missing",
    };
    say(lang, key)
}

/// The arbiter does not do it.
pub(super) fn refused(lang: Lang, why: Why) -> Reply {
    let key = match why {
        Why::Admin => "alert-is-admin",
        Why::NotAPerson => "tool-not-a-person",
        Why::BasicGroup => "tool-basic-group",
        Why::OnlyBan => "tool-only-ban",
        Why::NoRight => "tool-own-restrict",
        Why::Away => "tool-away",
        Why::NotYours => "alert-frees",
    };
    say(lang, key)
}

/// A reason as a line beneath what was done; empty for none.
pub(super) fn reason(lang: Lang, words: &str) -> String {
    if words.is_empty() {
        return String::new();
    }
    // Closed in itself: it may run right to left (UAX 9).
    let words = format!("\u{2068}{}\u{2069}", escape(words));
    format!(
        "\n{}",
        text(lang, "tool-reason", &[("words", words.into())])
    )
}
