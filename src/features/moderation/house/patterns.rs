//! The blacklist: words and patterns that admins wrote, compiled within limits and found in folded text. Pure.
use regex_automata::meta;
use regex_automata::util::syntax;

use super::action::Action;
use crate::base::fold::fold;

/// Entries of one blacklist.
pub const MOST: usize = 300;
/// Of those, patterns: each is run over each message by itself.
pub const MOST_PATTERNS: usize = 50;
/// Longest entry, in bytes.
pub const LONGEST: usize = 4 * 1024;
/// Bytes that a compiled pattern may take. Time grows with the product of this and the length of the text, so it
/// bounds how long the worst pattern looks at the longest message.
const COMPILED: usize = 64 * 1024;
/// Bytes that a pattern's states may take while it runs.
const STATES: usize = 256 * 1024;
/// Nesting of groups in a pattern.
const NEST: u32 = 50;
/// Characters of a message at which patterns look: twice what Telegram's longest ordinary message has.
const LOOKED_AT: usize = 8_192;

/// Why an entry cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadEntry {
    /// Nothing is left of it once disguises are taken off.
    #[error("it holds no letter or digit")]
    Empty,
    /// Longer than [`LONGEST`].
    #[error("it is longer than {} bytes", LONGEST)]
    TooLong,
    /// Not a pattern; what is wrong, in the words of the pattern's reader.
    #[error("not a pattern: {0}")]
    Syntax(String),
    /// Compiled it takes too much.
    #[error("the pattern is too large once repetitions are written out")]
    TooLarge,
    /// Matches the empty text, and so everything.
    #[error("it would match every message")]
    Everything,
}

/// How an entry is found.
enum Find {
    /// Folded words with word borders; the marks say at which end any letters may follow.
    Words {
        words: String,
        open_start: bool,
        open_end: bool,
    },
    Pattern(Box<meta::Regex>),
}

/// One entry, compiled.
pub struct Entry {
    /// As written: `word`, `word*`, `/pattern/`.
    pub written: String,
    /// What follows.
    pub action: Action,
    find: Find,
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entry")
            .field("written", &self.written)
            .field("action", &self.action)
            .finish_non_exhaustive()
    }
}

/// Whether an entry is written as a pattern, `/…/`.
pub fn is_pattern(written: &str) -> bool {
    written.len() > 2 && written.starts_with('/') && written.ends_with('/')
}

impl Entry {
    /// Compiles what an admin wrote.
    ///
    /// # Errors
    /// Why it cannot be.
    pub fn new(written: &str, action: Action) -> Result<Self, BadEntry> {
        let written = written.trim();
        if written.len() > LONGEST {
            return Err(BadEntry::TooLong);
        }
        let find = if is_pattern(written) {
            Find::Pattern(Box::new(pattern(&written[1..written.len() - 1])?))
        } else {
            words(written)?
        };
        Ok(Self {
            written: written.to_owned(),
            action,
            find,
        })
    }

    /// Bytes it takes in memory, about.
    pub fn bytes(&self) -> usize {
        let find = match &self.find {
            Find::Words { words, .. } => words.len(),
            Find::Pattern(regex) => regex.memory_usage() + STATES,
        };
        self.written.len() + find + size_of::<Self>()
    }

    fn is_in(&self, looked: &Looked) -> bool {
        match &self.find {
            Find::Words {
                words,
                open_start,
                open_end,
            } => looked.holds(words, *open_start, *open_end),
            Find::Pattern(regex) => {
                regex.is_match(&looked.folded_head) || regex.is_match(&looked.plain_head)
            }
        }
    }
}

fn words(written: &str) -> Result<Find, BadEntry> {
    let bare = written.trim_matches('*');
    let folded = fold(bare).text;
    let folded = folded.trim();
    if !folded.chars().any(char::is_alphanumeric) {
        return Err(BadEntry::Empty);
    }
    Ok(Find::Words {
        words: folded.to_owned(),
        open_start: written.starts_with('*'),
        open_end: written.ends_with('*'),
    })
}

fn pattern(written: &str) -> Result<meta::Regex, BadEntry> {
    let config = meta::Config::new()
        .nfa_size_limit(Some(COMPILED))
        .onepass_size_limit(Some(STATES))
        .hybrid_cache_capacity(STATES);
    let syntax = syntax::Config::new()
        .case_insensitive(true)
        .multi_line(true)
        .nest_limit(NEST);
    let built = meta::Regex::builder()
        .configure(config)
        .syntax(syntax)
        .build(written);
    let regex = built.map_err(|e| match e.syntax_error() {
        Some(e) => BadEntry::Syntax(said(&e.to_string())),
        None => BadEntry::TooLarge,
    })?;
    if regex.is_match("") {
        return Err(BadEntry::Everything);
    }
    Ok(regex)
}

/// The last line of the reader's complaint: those before it draw the pattern.
fn said(complaint: &str) -> String {
    let last = complaint.lines().next_back().unwrap_or(complaint);
    let last = last.strip_prefix("error: ").unwrap_or(last);
    last.chars().take(120).collect()
}

/// A message's words as the blacklist looks at them.
pub struct Looked {
    folded: String,
    folded_head: String,
    plain_head: String,
}

impl Looked {
    /// Of the sender's own words and the addresses of their links.
    pub fn new<'a>(words: impl Iterator<Item = &'a str>) -> Self {
        let mut plain = String::new();
        for part in words {
            plain.push_str(part);
            plain.push('\n');
        }
        let folded = fold(&plain).text;
        Self {
            folded_head: head(&folded),
            plain_head: head(&plain),
            folded,
        }
    }

    /// The words with disguises taken off.
    pub fn folded(&self) -> &str {
        &self.folded
    }

    /// Whether `words`, folded, stand there with borders at the ends that are not open.
    pub fn holds(&self, words: &str, open_start: bool, open_end: bool) -> bool {
        let inner = |c: char| c.is_alphanumeric();
        let at_border = |words: &str, first: bool| {
            let c = if first {
                words.chars().next()
            } else {
                words.chars().next_back()
            };
            c.is_some_and(inner)
        };
        // What begins or ends with a sign has its border in itself.
        let (start, end) = (
            open_start || !at_border(words, true),
            open_end || !at_border(words, false),
        );
        self.folded.match_indices(words).any(|(at, found)| {
            let before = self.folded[..at].chars().next_back();
            let after = self.folded[at + found.len()..].chars().next();
            (start || !before.is_some_and(inner)) && (end || !after.is_some_and(inner))
        })
    }
}

fn head(text: &str) -> String {
    text.chars().take(LOOKED_AT).collect()
}

/// The entry with the strongest action that is found.
pub fn strongest<'e>(entries: &'e [Entry], looked: &Looked) -> Option<&'e Entry> {
    if looked.folded.trim().is_empty() {
        return None;
    }
    let found = entries.iter().filter(|entry| entry.is_in(looked));
    found.max_by_key(|entry| entry.action)
}
