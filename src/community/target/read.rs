//! Reads the words of a command: whom, how long, why. Pure.
use crate::base::clock::Millis;
use crate::base::span::{self, NoSpan};
use crate::telegram::event::{Event, Source};

/// Shorter rows of digits are no ids of people: those of today have eight and more, the oldest have six.
const ID_DIGITS: usize = 6;
/// Longest id (52 bits), with the sign.
const LONGEST_ID: usize = 17;
/// Longest user name (Bot API: 32), with what was sold on Fragment before.
const LONGEST_NAME: usize = 32;
/// A reason is shown to people and kept: no longer than this, in characters.
const LONGEST_REASON: usize = 500;

/// Somebody named at the start of a command's arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word<'a> {
    Id(i64),
    Name(&'a str),
}

/// The person named first, and what follows.
pub(super) fn first<'a>(event: &Event, args: &'a str) -> (Option<Word<'a>>, &'a str) {
    let args = args.trim();
    // A person without a user name is mentioned by their name, which may have spaces; the id lies beside it.
    let mentioned = event.links.iter().find_map(|link| {
        let own = matches!(link.source, Source::Text | Source::Caption);
        let id = link.target.strip_prefix("tg://user?id=")?.parse().ok()?;
        let shown = link.shown.as_deref().filter(|_| own)?;
        Some((id, args.strip_prefix(shown)?))
    });
    if let Some((id, rest)) = mentioned {
        return (Some(Word::Id(id)), rest.trim_start());
    }
    let end = args.find(char::is_whitespace).unwrap_or(args.len());
    let (word, rest) = args.split_at(end);
    let found = if let Some(name) = word.strip_prefix('@') {
        let fits = !name.is_empty()
            && name.len() <= LONGEST_NAME
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        fits.then_some(Word::Name(name))
    } else {
        let digits = word.strip_prefix('-').unwrap_or(word);
        let fits = digits.len() >= ID_DIGITS
            && word.len() <= LONGEST_ID
            && digits.bytes().all(|b| b.is_ascii_digit());
        fits.then(|| word.parse().ok().map(Word::Id)).flatten()
    };
    match found {
        Some(found) => (Some(found), rest.trim_start()),
        None => (None, args),
    }
}

/// How long and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// In milliseconds; None when no length of time was said.
    pub span: Option<Millis>,
    /// At most 500 characters on one line; empty when none was given.
    pub reason: String,
}

/// Reads `2h30m the reason`; a length of time that is none is told where it was clearly meant as one.
pub fn terms(rest: &str) -> Result<Terms, NoSpan> {
    let rest = rest.trim();
    let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
    let (word, after) = rest.split_at(end);
    let (span, reason) = match span::parse(word) {
        Ok(span) => (Some(span), after),
        Err(NoSpan::Other) => (None, rest),
        Err(e) => return Err(e),
    };
    let words: Vec<&str> = reason.split_whitespace().collect();
    let reason = words.join(" ").chars().take(LONGEST_REASON).collect();
    Ok(Terms { span, reason })
}
