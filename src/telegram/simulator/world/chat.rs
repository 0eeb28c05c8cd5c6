//! A chat and what it holds: members, messages, links, requests, topics.
use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Map, Value, json};

use super::message::SimMessage;
use super::people::Member;
use super::rights::Bits;

/// The four kinds of chats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChatKind {
    /// One person and the bot.
    Private,
    /// A basic group.
    Group,
    /// A supergroup, with or without topics.
    Supergroup,
    /// A channel.
    Channel,
}

impl ChatKind {
    /// As in the field `type`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Group => "group",
            Self::Supergroup => "supergroup",
            Self::Channel => "channel",
        }
    }
}

/// An invite link.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    pub(crate) url: String,
    pub(crate) creator: i64,
    pub(crate) join_request: bool,
    pub(crate) primary: bool,
    pub(crate) revoked: bool,
    pub(crate) name: Option<String>,
    /// Unix seconds.
    pub(crate) expires: Option<i64>,
    pub(crate) limit: Option<i64>,
    /// People who came in by it.
    pub(crate) used: i64,
}

/// A wish to join.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) query: Option<String>,
    pub(crate) link: Option<String>,
}

/// A forum topic.
#[derive(Debug, Clone)]
pub(crate) struct Topic {
    pub(crate) name: String,
    pub(crate) icon: Option<String>,
    pub(crate) closed: bool,
}

/// A chat.
#[derive(Debug, Clone)]
pub(crate) struct Chat {
    pub(crate) id: i64,
    pub(crate) kind: ChatKind,
    pub(crate) title: String,
    pub(crate) username: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) forum: bool,
    /// Discussion group of a channel, channel of a discussion group.
    pub(crate) linked: Option<i64>,
    pub(crate) members: BTreeMap<i64, Member>,
    pub(crate) permissions: Bits,
    pub(crate) messages: BTreeMap<i64, SimMessage>,
    pub(crate) next_message: i64,
    pub(crate) next_ephemeral: i64,
    pub(crate) links: Vec<Link>,
    pub(crate) requests: BTreeMap<i64, Request>,
    /// Newest last.
    pub(crate) pinned: Vec<i64>,
    pub(crate) topics: BTreeMap<i64, Topic>,
    pub(crate) banned_senders: BTreeSet<i64>,
    pub(crate) migrated_to: Option<i64>,
    pub(crate) deleted: bool,
    pub(crate) slow_mode: i64,
    pub(crate) photo: Option<String>,
    /// By (message, user): the list as in `new_reaction`.
    pub(crate) reactions: HashMap<(i64, i64), Value>,
    /// Further fields of `ChatFullInfo`, for scenes that need them.
    pub(crate) extra: Map<String, Value>,
}

impl Chat {
    pub(crate) fn new(id: i64, kind: ChatKind, title: &str) -> Self {
        Self {
            id,
            kind,
            title: title.to_owned(),
            username: None,
            description: None,
            forum: false,
            linked: None,
            members: BTreeMap::new(),
            permissions: Bits::default_permissions(),
            messages: BTreeMap::new(),
            next_message: 1,
            next_ephemeral: 1,
            links: Vec::new(),
            requests: BTreeMap::new(),
            pinned: Vec::new(),
            topics: BTreeMap::new(),
            banned_senders: BTreeSet::new(),
            migrated_to: None,
            deleted: false,
            slow_mode: 0,
            photo: None,
            reactions: HashMap::new(),
            extra: Map::new(),
        }
    }

    pub(crate) fn is_channel(&self) -> bool {
        self.kind == ChatKind::Channel
    }

    /// Supergroup or channel.
    pub(crate) fn is_big(&self) -> bool {
        matches!(self.kind, ChatKind::Supergroup | ChatKind::Channel)
    }

    /// `Chat` as it stands in messages; a private chat is built from its user by the world.
    pub(crate) fn json(&self) -> Value {
        let mut chat = json!({"id": self.id, "type": self.kind.word(), "title": self.title});
        if let Some(name) = &self.username {
            chat["username"] = json!(name);
        }
        if self.forum {
            chat["is_forum"] = json!(true);
        }
        chat
    }
}
