//! Telegram's own notices in a group, by kind, and which of them a group has removed. Pure.
use serde::{Deserialize, Serialize};

use crate::telegram::event::Service;

/// Kinds of notices, with Telegram's fields; `all` is every one.
const KINDS: [(&str, &[&str]); 8] = [
    ("joins", &[]),
    ("leaves", &[]),
    ("pins", &["pinned_message"]),
    ("titles", &["new_chat_title"]),
    ("photos", &["new_chat_photo", "delete_chat_photo"]),
    (
        "calls",
        &[
            "video_chat_scheduled",
            "video_chat_started",
            "video_chat_ended",
            "video_chat_participants_invited",
            "voice_chat_scheduled",
            "voice_chat_started",
            "voice_chat_ended",
            "voice_chat_participants_invited",
        ],
    ),
    (
        "topics",
        &[
            "forum_topic_edited",
            "forum_topic_closed",
            "forum_topic_reopened",
            "general_forum_topic_hidden",
            "general_forum_topic_unhidden",
        ],
    ),
    ("boosts", &["boost_added"]),
];

/// What is beside these in `all` is left standing: it pays, moves the group, or is a topic's own beginning.
const NEVER: [&str; 6] = [
    "successful_payment",
    "refunded_payment",
    "forum_topic_created",
    "group_chat_created",
    "supergroup_chat_created",
    "channel_chat_created",
];

/// A kind of notices: `joins`, `pins`, …, `all`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Notice(String);

impl From<Notice> for String {
    fn from(notice: Notice) -> Self {
        notice.0
    }
}

impl TryFrom<String> for Notice {
    type Error = String;

    fn try_from(word: String) -> Result<Self, String> {
        let word = word.trim().to_lowercase();
        if word == "all" || KINDS.iter().any(|(name, _)| *name == word) {
            return Ok(Self(word));
        }
        let shown: String = word.chars().take(40).collect();
        let known: Vec<&str> = names().collect();
        Err(format!("`{shown}`: there are {}", known.join(", ")))
    }
}

/// All names.
pub fn names() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|(name, _)| *name).chain(["all"])
}

impl Notice {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.0
    }

    /// Whether `service` is such a notice.
    pub fn is(&self, service: &Service) -> bool {
        let all = self.0 == "all";
        match service {
            Service::Joined(_) => all || self.0 == "joins",
            Service::Left(_) => all || self.0 == "leaves",
            Service::MigratedTo(_) | Service::MigratedFrom(_) => false,
            Service::Other(field) => {
                let named = KINDS
                    .iter()
                    .any(|(name, fields)| *name == self.0 && fields.contains(&field.as_str()));
                named || (all && !NEVER.contains(&field.as_str()))
            }
        }
    }
}
