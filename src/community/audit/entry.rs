//! One act as a room reports it, before it is a row of the chain.
use serde_json::{Value, json};

/// Longest details in the chain, in bytes of JSON: ids, field names and numbers need no more.
pub const MAX_DETAILS: usize = 8 * 1024;
/// Longest personal part, in bytes of JSON: a message with its caption and links.
pub const MAX_PERSONAL: usize = 64 * 1024;
/// Longest subject, in bytes.
pub const MAX_SUBJECT: usize = 200;

/// Who did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Actor {
    /// A person in Telegram, by id.
    User(i64),
    /// Beadle itself.
    System,
    /// Somebody at this machine's command line.
    Cli {
        /// The caller's user id.
        uid: u32,
    },
    /// A program with a token, by its principal.
    Api(uuid::Uuid),
}

impl std::fmt::Display for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::User(id) => write!(f, "user:{id}"),
            Self::System => f.write_str("system"),
            Self::Cli { uid } => write!(f, "cli:{uid}"),
            Self::Api(id) => write!(f, "api:{id}"),
        }
    }
}

/// What goes into a row of its own, which can be erased.
#[derive(Debug, Clone, PartialEq)]
pub struct Personal {
    /// Whose it is; None when it belongs to nobody in particular.
    pub person: Option<i64>,
    /// Words, names: whatever the chain must not hold.
    pub body: Value,
}

/// An act: `AuditEntry::new(Actor::System, "moderation.ban", "user:42").in_chat(chat)`.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    /// Who did it.
    pub actor: Actor,
    /// `feature.verb`.
    pub action: &'static str,
    /// The chat whose affair it is; None for the whole house.
    pub tenant: Option<i64>,
    /// What it was done to: `user:42`, `message:-1001/17`.
    pub subject: String,
    /// Ids, field names, numbers; kept for ever and in clear.
    pub details: Value,
    /// What may have to be forgotten.
    pub personal: Option<Personal>,
}

impl AuditEntry {
    /// An act on `subject`, without details.
    pub fn new(actor: Actor, action: &'static str, subject: impl Into<String>) -> Self {
        Self {
            actor,
            action,
            tenant: None,
            subject: subject.into(),
            details: json!({}),
            personal: None,
        }
    }

    /// The same, an affair of this chat.
    #[must_use]
    pub fn in_chat(mut self, chat: i64) -> Self {
        self.tenant = Some(chat);
        self
    }

    /// The same with details. Never words or names: they could not be erased.
    #[must_use]
    pub fn with(mut self, details: Value) -> Self {
        self.details = details;
        self
    }

    /// The same with a part that can be erased, belonging to `person`.
    #[must_use]
    pub fn personal(mut self, person: Option<i64>, body: Value) -> Self {
        self.personal = Some(Personal { person, body });
        self
    }
}
