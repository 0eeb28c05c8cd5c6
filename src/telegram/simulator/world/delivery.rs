//! How messages come into being, and which of them the bot is told about.
use serde_json::{Map, Value, json};

use super::chat::ChatKind;
use super::message::SimMessage;
use super::people::Status;
use super::{BOT_ID, World};
use crate::telegram::simulator::updates::{self, Key, Origin};

/// Telegram keeps updates, and tells of messages, for this long: 24 hours in seconds.
pub(crate) const DAY: i64 = 86_400;

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Voice {
    /// A user under their own name.
    User(i64),
    /// An administrator as the group itself.
    Anonymous,
    /// A user as one of their channels.
    Channel(i64),
    /// A channel in itself, or forwarded into its discussion group.
    Linked(i64),
}

impl World {
    /// The fields every message has.
    pub(crate) fn blank(&mut self, chat: i64, voice: Voice) -> Map<String, Value> {
        let mut message = Map::new();
        message.insert("message_id".into(), json!(self.message_id(chat)));
        message.insert("date".into(), json!(self.unix()));
        message.insert("chat".into(), self.chat_json(chat));
        let is_channel = self
            .chats
            .get(&chat)
            .is_some_and(super::chat::Chat::is_channel);
        let (from, sender) = match voice {
            Voice::User(_) if is_channel => (None, Some(chat)),
            Voice::User(id) => (Some(id), None),
            Voice::Anonymous => (Some(super::GROUP_ANONYMOUS_BOT), Some(chat)),
            Voice::Channel(id) => (Some(super::CHANNEL_BOT), Some(id)),
            Voice::Linked(id) if id == chat => (None, Some(chat)),
            Voice::Linked(id) => (Some(super::TELEGRAM), Some(id)),
        };
        if let Some(id) = from {
            message.insert("from".into(), self.user_json(id));
        }
        if let Some(id) = sender {
            message.insert("sender_chat".into(), self.chat_json(id));
        }
        message
    }

    /// Puts a message into its chat and tells the bot if it is to know. Gives the id.
    pub(crate) fn add(
        &mut self,
        chat: i64,
        message: Map<String, Value>,
        by_bot: bool,
        origin: Origin,
    ) -> i64 {
        let id = message
            .get("message_id")
            .and_then(Value::as_i64)
            .unwrap_or_default();
        let value = Value::Object(message);
        let kept = SimMessage {
            message_id: id,
            chat_id: chat,
            value,
            deleted_at: None,
            edits: 0,
            by_bot,
            receiver: None,
        };
        if !by_bot || kept.is_service() {
            self.tell(&kept, false, origin);
        }
        self.keep(kept);
        id
    }

    /// Stores a message; the oldest of a chat are forgotten beyond the limit.
    pub(crate) fn keep(&mut self, message: SimMessage) {
        let limit = self.options.keep_messages;
        let chat_id = message.chat_id;
        if let Some(chat) = self.chats.get_mut(&chat_id) {
            chat.messages.insert(message.message_id, message);
            while chat.messages.len() > limit {
                chat.messages.pop_first();
            }
        }
        self.touch(chat_id);
    }

    /// A service message by `actor`; the bot is told, its own included.
    pub(crate) fn service(&mut self, chat: i64, actor: i64, fields: Value) -> i64 {
        let mut message = self.blank(chat, Voice::User(actor));
        if let Value::Object(fields) = fields {
            message.extend(fields);
        }
        self.add(chat, message, actor == BOT_ID, Origin::Simulator)
    }

    /// Makes the update for a message, new or edited, if the bot is to see it.
    pub(crate) fn tell(&mut self, message: &SimMessage, edited: bool, origin: Origin) {
        if !self.concerns_bot(message) {
            return;
        }
        let channel = self
            .chats
            .get(&message.chat_id)
            .is_some_and(super::chat::Chat::is_channel);
        let kind = match (channel, edited) {
            (false, false) => "message",
            (false, true) => "edited_message",
            (true, false) => "channel_post",
            (true, true) => "edited_channel_post",
        };
        let date = message.value["edit_date"]
            .as_i64()
            .unwrap_or_else(|| message.date());
        let expires = (date + DAY) * 1000;
        self.push(
            kind,
            &message.value,
            expires,
            Key::Chat(message.chat_id),
            origin,
        );
    }

    /// The rules of who hears what: presence, age, other bots, privacy mode.
    fn concerns_bot(&self, message: &SimMessage) -> bool {
        let Some(chat) = self.chats.get(&message.chat_id) else {
            return false;
        };
        let date = message.value["edit_date"]
            .as_i64()
            .unwrap_or_else(|| message.date());
        if date + DAY <= self.unix() {
            return false;
        }
        if chat.kind == ChatKind::Private {
            return message.from() != Some(BOT_ID);
        }
        let bot = self.bot(message.chat_id);
        // A message that tells of the bot's own removal does not reach it.
        if !bot.present()
            || (message.date() < bot.since && message.value.get("new_chat_members").is_none())
        {
            return false;
        }
        if chat.is_channel() {
            return bot.is_admin();
        }
        if message.is_service() {
            return true;
        }
        let from = message.from().unwrap_or_default();
        if from == BOT_ID {
            return false;
        }
        let other_bot = self.users.get(&from).is_some_and(|user| user.is_bot);
        if other_bot && message.sender_chat().is_none() {
            return false;
        }
        bot.is_admin() || self.options.read_all_messages || self.meant_for_bot(&message.value)
    }

    /// Privacy mode lets through commands for the bot, replies to it, and what was sent via it.
    fn meant_for_bot(&self, message: &Value) -> bool {
        if message["reply_to_message"]["from"]["id"] == json!(BOT_ID)
            || message["via_bot"]["id"] == json!(BOT_ID)
        {
            return true;
        }
        let text = message["text"]
            .as_str()
            .or_else(|| message["caption"].as_str());
        let Some(command) = text.and_then(|t| t.strip_prefix('/')) else {
            return false;
        };
        let word = command.split_whitespace().next().unwrap_or_default();
        match word.split_once('@') {
            Some((_, name)) => name.eq_ignore_ascii_case(&self.options.bot_username),
            None => true,
        }
    }

    /// Makes an update if the bot asked for its kind; gives its id.
    pub(crate) fn push(
        &mut self,
        kind: &str,
        payload: &Value,
        expires: i64,
        key: Key,
        origin: Origin,
    ) -> Option<i64> {
        if !self.queue.wants(kind) || expires <= self.now() {
            return None;
        }
        if origin == Origin::Simulator && self.options.check_answers {
            self.check_update(kind, payload);
        }
        let id = self.queue.take_id();
        let text = updates::text(id, kind, payload);
        self.queue.append(id, kind, text, expires, key);
        Some(id)
    }

    /// A visible message.
    pub(crate) fn message(&self, chat: i64, id: i64) -> Option<&SimMessage> {
        self.chats
            .get(&chat)?
            .messages
            .get(&id)
            .filter(|m| m.deleted_at.is_none())
    }

    pub(crate) fn message_mut(&mut self, chat: i64, id: i64) -> Option<&mut SimMessage> {
        let message = self.chats.get_mut(&chat)?.messages.get_mut(&id)?;
        message.deleted_at.is_none().then_some(message)
    }

    /// A message as it stands in `reply_to_message` and `pinned_message`: without its own reply.
    pub(crate) fn quoted(&self, chat: i64, id: i64) -> Option<Value> {
        let mut value = self.message(chat, id)?.value.clone();
        if let Some(map) = value.as_object_mut() {
            map.remove("reply_to_message");
            map.remove("pinned_message");
        }
        Some(value)
    }

    /// `from` is muted, banned or gone and cannot speak now.
    pub(crate) fn may_speak(&self, chat: i64, user: i64, message: &Value) -> bool {
        let Some(place) = self.chats.get(&chat) else {
            return false;
        };
        if place.deleted || place.migrated_to.is_some() {
            return false;
        }
        if place.kind == ChatKind::Private {
            return true;
        }
        let member = self.member(chat, user);
        let needed = permission_for(message);
        match member.status {
            Status::Creator => true,
            Status::Administrator if place.is_channel() => {
                member.rights.allows("can_post_messages")
            }
            Status::Administrator => true,
            Status::Member => !place.is_channel() && place.permissions.permits(needed),
            Status::Restricted => {
                member.inside
                    && member.permissions.permits(needed)
                    && place.permissions.permits(needed)
            }
            Status::Left | Status::Kicked => false,
        }
    }
}

/// The permission that this content needs.
pub(crate) fn permission_for(message: &Value) -> &'static str {
    [
        ("photo", "can_send_photos"),
        ("video", "can_send_videos"),
        ("animation", "can_send_other_messages"),
        ("sticker", "can_send_other_messages"),
        ("document", "can_send_documents"),
        ("audio", "can_send_audios"),
        ("voice", "can_send_voice_notes"),
        ("video_note", "can_send_video_notes"),
        ("poll", "can_send_polls"),
    ]
    .into_iter()
    .find(|(field, _)| message.get(field).is_some())
    .map_or("can_send_messages", |(_, permission)| permission)
}
