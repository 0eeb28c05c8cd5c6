//! What a rule of the house does with who breaks it: delete, warn, mute, ban; read from words, kept as words. Pure.
use serde::{Deserialize, Serialize};

use crate::base::clock::Millis;
use crate::base::span;

const MINUTE: Millis = 60_000;
const DAY: Millis = 24 * 60 * MINUTE;
/// Longest mute or ban by a rule: Telegram takes more than 366 days for good (Bot API, restrictChatMember).
pub const LONGEST: Millis = 365 * DAY;
/// A mute whose length nobody said.
const MUTE: Millis = 60 * MINUTE;
/// A ban whose length nobody said.
const BAN: Millis = 7 * DAY;

/// What follows when a message breaks a rule. The message goes in any case. Bans by a rule always end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Action {
    /// Nothing more.
    Delete,
    /// Its author takes the next step of the group's ladder.
    Warn,
    /// Its author reads, and does not write, for so many milliseconds.
    Mute(Millis),
    /// Its author is out for so many milliseconds.
    Ban(Millis),
}

impl From<Action> for String {
    fn from(action: Action) -> Self {
        match action {
            Action::Delete => "delete".to_owned(),
            Action::Warn => "warn".to_owned(),
            Action::Mute(span) => format!("mute {}", span::write(span)),
            Action::Ban(span) => format!("ban {}", span::write(span)),
        }
    }
}

impl std::fmt::Display for Action {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&String::from(*self))
    }
}

/// Words that name no action.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no action: write delete, warn, mute 1h or ban 7d, of one minute to 365 days")]
pub struct NoAction(pub String);

impl TryFrom<String> for Action {
    type Error = NoAction;

    fn try_from(words: String) -> Result<Self, NoAction> {
        let all: Vec<&str> = words.split_whitespace().collect();
        match take(&all) {
            Some((action, [])) => Ok(action),
            _ => Err(NoAction(words.chars().take(40).collect())),
        }
    }
}

/// The action at the start of `words`, and what follows it.
pub fn take<'a, 'w>(words: &'a [&'w str]) -> Option<(Action, &'a [&'w str])> {
    let (first, rest) = words.split_first()?;
    let timed = |usual: Millis, make: fn(Millis) -> Action| {
        // A number that is meant as a length of time and is none must not be taken for something else.
        let meant = rest
            .first()
            .is_some_and(|w| w.starts_with(|c: char| c.is_ascii_digit()));
        if !meant {
            return Some((make(usual), rest));
        }
        let span = span::parse(rest[0]).ok()?;
        (MINUTE..=LONGEST)
            .contains(&span)
            .then(|| (make(span), &rest[1..]))
    };
    match first.to_lowercase().as_str() {
        "delete" | "del" | "удалить" => Some((Action::Delete, rest)),
        "warn" | "предупредить" => Some((Action::Warn, rest)),
        "mute" | "мут" => timed(MUTE, Action::Mute),
        "ban" | "бан" => timed(BAN, Action::Ban),
        _ => None,
    }
}
