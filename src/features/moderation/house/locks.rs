//! Locks: kinds of messages that a group does not want, and what follows. Pure.
use serde::{Deserialize, Serialize};

use super::action::{Action, take};
use crate::telegram::event::{MessageKind as K, MessageKinds};

/// Names for several kinds at once, beside the names of kinds.
pub const GROUPS: [(&str, MessageKinds); 3] = [
    ("media", MessageKinds::MEDIA),
    ("forward", MessageKinds::FORWARD),
    // Who does not want links wants no invitations either.
    ("link", MessageKinds::of(&[K::Link, K::Invite])),
];

/// Kinds that cannot be locked by themselves: every message would be, or nobody could know.
const NEVER: MessageKinds = MessageKinds::of(&[K::Text, K::Unknown]);

/// What a name locks; None for what is no kind.
pub fn kinds(name: &str) -> Option<MessageKinds> {
    let name = match name {
        "gif" => "animation",
        "url" | "links" => "link",
        "emoji" => "custom_emoji",
        "forwards" => "forward",
        "stickers" => "sticker",
        other => other,
    };
    if let Some((_, kinds)) = GROUPS.iter().find(|(own, _)| *own == name) {
        return Some(*kinds);
    }
    let kind = K::find(name)?;
    (!NEVER.has(kind)).then(|| MessageKinds::of(&[kind]))
}

/// All names that can be locked.
pub fn names() -> impl Iterator<Item = &'static str> {
    let groups = GROUPS.iter().map(|(name, _)| *name);
    let single = K::ALL.into_iter().filter(|kind| !NEVER.has(*kind));
    groups.chain(single.map(K::name).filter(|name| *name != "link"))
}

/// One lock, written `link`, `sticker warn`, `forward mute 1h`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Lock {
    /// One of [`names`].
    pub name: String,
    /// What follows.
    pub action: Action,
}

impl From<Lock> for String {
    fn from(lock: Lock) -> Self {
        match lock.action {
            Action::Delete => lock.name,
            action => format!("{} {action}", lock.name),
        }
    }
}

impl TryFrom<String> for Lock {
    type Error = String;

    fn try_from(words: String) -> Result<Self, String> {
        let words: Vec<&str> = words.split_whitespace().collect();
        let shown: String = words.join(" ").chars().take(40).collect();
        let Some((name, rest)) = words.split_first() else {
            return Err("a lock without a kind".to_owned());
        };
        let name = name.to_lowercase();
        kinds(&name).ok_or_else(|| format!("`{shown}`: there is no such kind of messages"))?;
        let action = match rest {
            [] => Action::Delete,
            rest => match take(rest) {
                Some((action, [])) => action,
                _ => return Err(format!("`{shown}`: write delete, warn, mute 1h or ban 7d")),
            },
        };
        Ok(Self { name, action })
    }
}

/// The lock with the strongest action that meets a message of these kinds.
pub fn strongest(locks: &[Lock], found: MessageKinds) -> Option<&Lock> {
    let meets = |lock: &&Lock| kinds(&lock.name).is_some_and(|kinds| found.any(kinds));
    locks.iter().filter(meets).max_by_key(|lock| lock.action)
}
