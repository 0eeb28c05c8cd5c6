//! Users and members: who they are and what they are in a chat.
use serde_json::{Value, json};

use super::rights::Bits;

/// A person or a bot.
#[derive(Debug, Clone)]
pub(crate) struct User {
    pub(crate) id: i64,
    pub(crate) is_bot: bool,
    /// Empty for a deleted account.
    pub(crate) first_name: String,
    pub(crate) last_name: Option<String>,
    pub(crate) username: Option<String>,
    pub(crate) language: Option<String>,
    pub(crate) premium: bool,
    pub(crate) bio: Option<String>,
    /// Has written to the bot in private.
    pub(crate) started: bool,
    pub(crate) blocked_bot: bool,
    pub(crate) deactivated: bool,
    /// The bot may write until then (milliseconds), after a join request.
    pub(crate) reachable_until: i64,
    /// `file_id`s of profile pictures.
    pub(crate) photos: Vec<String>,
}

impl User {
    pub(crate) fn new(id: i64, first_name: &str, is_bot: bool) -> Self {
        Self {
            id,
            is_bot,
            first_name: first_name.to_owned(),
            last_name: None,
            username: None,
            language: None,
            premium: false,
            bio: None,
            started: false,
            blocked_bot: false,
            deactivated: false,
            reachable_until: 0,
            photos: Vec::new(),
        }
    }

    /// `User` as it stands in messages.
    pub(crate) fn json(&self) -> Value {
        let mut user = json!({"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name});
        if let Some(name) = &self.last_name {
            user["last_name"] = json!(name);
        }
        if let Some(name) = &self.username {
            user["username"] = json!(name);
        }
        if let Some(code) = &self.language {
            user["language_code"] = json!(code);
        }
        if self.premium {
            user["is_premium"] = json!(true);
        }
        user
    }
}

/// A member's status, in Telegram's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Owns the chat.
    Creator,
    /// Has rights.
    Administrator,
    /// Has the chat's default permissions.
    Member,
    /// Has permissions of their own; may be outside the chat.
    Restricted,
    /// Not in the chat.
    Left,
    /// Banned.
    Kicked,
}

impl Status {
    /// As in the field `status`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Creator => "creator",
            Self::Administrator => "administrator",
            Self::Member => "member",
            Self::Restricted => "restricted",
            Self::Left => "left",
            Self::Kicked => "kicked",
        }
    }
}

/// One person in one chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) status: Status,
    /// Only for Restricted: in the chat or outside.
    pub(crate) inside: bool,
    /// Unix seconds; 0 is forever.
    pub(crate) until: i64,
    /// Only for Restricted.
    pub(crate) permissions: Bits,
    /// Only for Administrator and Creator.
    pub(crate) rights: Bits,
    pub(crate) anonymous: bool,
    pub(crate) custom_title: Option<String>,
    pub(crate) tag: Option<String>,
    /// Promoted by the bot, so that the bot may change it.
    pub(crate) editable: bool,
    /// Unix seconds of the last entry.
    pub(crate) since: i64,
}

impl Member {
    pub(crate) fn new(status: Status, since: i64) -> Self {
        let rights = if status == Status::Creator {
            Bits::all_rights()
        } else {
            Bits::default()
        };
        Self {
            status,
            inside: false,
            until: 0,
            permissions: Bits::default(),
            rights,
            anonymous: false,
            custom_title: None,
            tag: None,
            editable: false,
            since,
        }
    }

    /// In the chat now.
    pub(crate) fn present(&self) -> bool {
        match self.status {
            Status::Creator | Status::Administrator | Status::Member => true,
            Status::Restricted => self.inside,
            Status::Left | Status::Kicked => false,
        }
    }

    pub(crate) fn is_admin(&self) -> bool {
        matches!(self.status, Status::Creator | Status::Administrator)
    }

    /// The same with whatever has run out by `now` (Unix seconds) taken away.
    pub(crate) fn at(&self, now: i64) -> Self {
        let over = self.until > 0 && self.until <= now;
        let status = match self.status {
            Status::Kicked if over => Status::Left,
            Status::Restricted if over && self.inside => Status::Member,
            Status::Restricted if over => Status::Left,
            _ => return self.clone(),
        };
        Self {
            status,
            until: 0,
            inside: false,
            permissions: Bits::default(),
            ..self.clone()
        }
    }

    /// `ChatMember`.
    pub(crate) fn json(&self, user: Value, channel: bool) -> Value {
        let mut member = json!({"status": self.status.word(), "user": user});
        let Some(map) = member.as_object_mut() else {
            return member;
        };
        match self.status {
            Status::Creator => {
                map.insert("is_anonymous".into(), json!(self.anonymous));
            }
            Status::Administrator => {
                map.insert("can_be_edited".into(), json!(self.editable));
                map.insert("is_anonymous".into(), json!(self.anonymous));
                map.extend(self.rights.rights_json(channel));
            }
            Status::Restricted => {
                map.insert("is_member".into(), json!(self.inside));
                map.insert("until_date".into(), json!(self.until));
                map.extend(self.permissions.permissions_json());
            }
            Status::Kicked => {
                map.insert("until_date".into(), json!(self.until));
            }
            Status::Member | Status::Left => {}
        }
        if self.is_admin()
            && let Some(title) = &self.custom_title
        {
            map.insert("custom_title".into(), json!(title));
        }
        if matches!(self.status, Status::Member | Status::Restricted)
            && let Some(tag) = &self.tag
        {
            map.insert("tag".into(), json!(tag));
        }
        member
    }
}
