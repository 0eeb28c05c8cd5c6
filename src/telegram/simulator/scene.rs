//! What people say and do with messages.
use serde_json::{Map, Value, json};

use super::entities;
use super::methods::CALLBACK_LIFE;
use super::updates::{Key, Origin};
use super::world::Callback;
use super::world::chat::ChatKind;
use super::world::delivery::{DAY, Voice};
use super::world::people::{Member, Status};
use super::world::{CallbackAnswer, World};
use super::{ChatId, MessageId, Simulator, UserId};

/// Under whose name somebody writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpeakAs {
    /// Themselves.
    User(UserId),
    /// The group itself: an anonymous administrator.
    Anonymous(UserId),
    /// One of their channels.
    Channel {
        /// Who writes.
        user: UserId,
        /// As whom.
        channel: ChatId,
    },
}

impl SpeakAs {
    fn user(self) -> UserId {
        match self {
            Self::User(user) | Self::Anonymous(user) | Self::Channel { user, .. } => user,
        }
    }
}

impl World {
    /// Puts a person's message into a chat; 0 when Telegram would not let them.
    pub(crate) fn speak(
        &mut self,
        chat: i64,
        who: SpeakAs,
        fields: Map<String, Value>,
        origin: Origin,
    ) -> i64 {
        let user = who.user();
        let kind = if chat > 0 {
            let fresh = self.unix();
            self.private(chat);
            if let Some(person) = self.users.get_mut(&user) {
                person.started = true;
                if person.blocked_bot || person.deactivated {
                    return 0;
                }
            }
            if let Some(place) = self.chats.get_mut(&chat) {
                place
                    .members
                    .entry(user)
                    .or_insert_with(|| Member::new(Status::Member, fresh));
            }
            ChatKind::Private
        } else {
            let Some(kind) = self.chats.get(&chat).map(|c| c.kind) else {
                return 0;
            };
            kind
        };
        let silently = matches!(kind, ChatKind::Group | ChatKind::Supergroup);
        let since = self.unix();
        if silently && let Some(place) = self.chats.get_mut(&chat) {
            // Somebody who was never seen here came in before the story began.
            place
                .members
                .entry(user)
                .or_insert_with(|| Member::new(Status::Member, since));
        }
        let content = Value::Object(fields);
        let barred = match who {
            SpeakAs::Channel { channel, .. } => self
                .chats
                .get(&chat)
                .is_some_and(|c| c.banned_senders.contains(&channel)),
            SpeakAs::User(_) | SpeakAs::Anonymous(_) => !self.may_speak(chat, user, &content),
        };
        if barred {
            return 0;
        }
        // Only who is anonymous there can speak so.
        if let SpeakAs::Anonymous(user) = who
            && let Some(place) = self.chats.get_mut(&chat)
            && let Some(member) = place.members.get_mut(&user)
        {
            member.anonymous = true;
        }
        let voice = match who {
            SpeakAs::User(user) => Voice::User(user),
            SpeakAs::Anonymous(_) => Voice::Anonymous,
            SpeakAs::Channel { channel, .. } => Voice::Channel(channel),
        };
        let mut message = self.blank(chat, voice);
        if let SpeakAs::Anonymous(user) = who
            && let Some(title) = self.member(chat, user).custom_title
        {
            message.insert("author_signature".into(), json!(title));
        }
        if let Value::Object(fields) = content {
            message.extend(fields);
        }
        for (text, list) in [("text", "entities"), ("caption", "caption_entities")] {
            if !message.contains_key(list)
                && let Some(words) = message.get(text).and_then(Value::as_str)
            {
                let found = entities::find(words);
                if !found.is_empty() {
                    message.insert(list.into(), Value::Array(found));
                }
            }
        }
        let id = self.add(chat, message.clone(), false, origin);
        if kind == ChatKind::Channel {
            self.forward_post(chat, id, &message, origin);
        }
        id
    }

    /// A post of a channel appears in its discussion group, from Telegram itself.
    fn forward_post(&mut self, channel: i64, id: i64, post: &Map<String, Value>, origin: Origin) {
        let Some(group) = self.chats.get(&channel).and_then(|c| c.linked) else {
            return;
        };
        let mut copy = self.blank(group, Voice::Linked(channel));
        let own = ["message_id", "date", "chat", "from", "sender_chat"];
        copy.extend(
            post.clone()
                .into_iter()
                .filter(|(k, _)| !own.contains(&k.as_str())),
        );
        copy.insert("is_automatic_forward".into(), json!(true));
        copy.insert(
            "forward_origin".into(),
            json!({"type": "channel", "date": post.get("date"), "chat": self.chat_json(channel), "message_id": id}),
        );
        self.add(group, copy, false, origin);
    }

    /// Fields that make a message an answer to another.
    pub(crate) fn answer_fields(&self, chat: i64, to: i64) -> Map<String, Value> {
        let mut fields = Map::new();
        let Some(origin) = self.quoted(chat, to) else {
            return fields;
        };
        let place = self.chats.get(&chat);
        if place.is_some_and(|c| c.kind == ChatKind::Supergroup) {
            // Supergroups give every answer a thread; only forums also say that it is a topic.
            let thread = origin.get("message_thread_id").cloned();
            if origin.get("is_topic_message").is_some() {
                fields.insert("is_topic_message".into(), json!(true));
            }
            let forum = place.is_some_and(|c| c.forum);
            if let Some(thread) = thread.or_else(|| (!forum).then(|| json!(to))) {
                fields.insert("message_thread_id".into(), thread);
            }
        }
        fields.insert("reply_to_message".into(), origin);
        fields
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

impl Simulator {
    /// A text message; gives its id, or 0 when Telegram would not let them (muted, banned, gone). A
    /// user who was never in this group is taken for one who came in before.
    pub fn say(&self, chat: ChatId, user: UserId, text: &str) -> MessageId {
        self.say_as(chat, SpeakAs::User(user), text)
    }

    /// The same under another name.
    pub fn say_as(&self, chat: ChatId, who: SpeakAs, text: &str) -> MessageId {
        let fields = object(json!({"text": text}));
        self.shared
            .write(|w| w.speak(chat, who, fields, Origin::Simulator))
    }

    /// A text message that answers another.
    pub fn reply(&self, chat: ChatId, user: UserId, to: MessageId, text: &str) -> MessageId {
        self.shared.write(|w| {
            let mut fields = w.answer_fields(chat, to);
            fields.insert("text".into(), json!(text));
            w.speak(chat, SpeakAs::User(user), fields, Origin::Simulator)
        })
    }

    /// Any message: `fields` are merged into the `Message`, and may replace what it has (`from`,
    /// `date` …). Not held against the table. `reply_to` (a message id) is filled in.
    pub fn post(&self, chat: ChatId, user: UserId, fields: Value) -> MessageId {
        self.post_as(chat, SpeakAs::User(user), fields)
    }

    /// The same under another name.
    pub fn post_as(&self, chat: ChatId, who: SpeakAs, fields: Value) -> MessageId {
        let mut fields = object(fields);
        self.shared.write(|w| {
            if let Some(to) = fields.remove("reply_to").and_then(|v| v.as_i64()) {
                let mut answer = w.answer_fields(chat, to);
                answer.extend(std::mem::take(&mut fields));
                fields = answer;
            }
            w.speak(chat, who, fields, Origin::Foreign)
        })
    }

    /// A post in a channel by its owner, which also appears in the linked group: (post, copy).
    pub fn channel_post(&self, channel: ChatId, text: &str) -> (MessageId, Option<MessageId>) {
        self.shared.write(|w| {
            let owner = w.owner(channel);
            let fields = object(json!({"text": text}));
            let post = w.speak(channel, SpeakAs::User(owner), fields, Origin::Simulator);
            let group = w.chats.get(&channel).and_then(|c| c.linked);
            let copy = group
                .and_then(|g| w.chats.get(&g))
                .and_then(|c| c.messages.last_key_value().map(|(id, _)| *id));
            (post, copy)
        })
    }

    /// Somebody writes to the bot in private, which also opens the conversation.
    pub fn private(&self, user: UserId, text: &str) -> MessageId {
        self.say(user, user, text)
    }

    /// The author changes a text (or the caption, where there is one).
    pub fn edit(&self, chat: ChatId, message: MessageId, text: &str) {
        let field = self
            .shared
            .lock()
            .message(chat, message)
            .map_or("text", |m| {
                if m.value.get("caption").is_some() {
                    "caption"
                } else {
                    "text"
                }
            });
        let list = if field == "text" {
            "entities"
        } else {
            "caption_entities"
        };
        self.edit_with(
            chat,
            message,
            json!({field: text, list: entities::find(text)}),
        );
    }

    /// The author changes any fields; `null` takes one away.
    pub fn edit_with(&self, chat: ChatId, message: MessageId, fields: Value) {
        self.shared.write(|w| {
            let now = w.unix();
            let Some(kept) = w.message_mut(chat, message) else {
                return;
            };
            if let Some(map) = kept.value.as_object_mut() {
                for (name, value) in object(fields) {
                    let empty = value.as_array().is_some_and(Vec::is_empty);
                    if value.is_null() || empty && name.ends_with("entities") {
                        map.remove(&name);
                    } else {
                        map.insert(name, value);
                    }
                }
                map.insert("edit_date".into(), json!(now));
            }
            kept.edits += 1;
            let copy = kept.clone();
            w.tell(&copy, true, Origin::Foreign);
            w.touch(chat);
        });
    }

    /// A person deletes a message; the bot is not told.
    pub fn delete(&self, chat: ChatId, message: MessageId) {
        self.shared.write(|w| {
            let now = w.now();
            if let Some(kept) = w.message_mut(chat, message) {
                kept.deleted_at = Some(now);
            }
            w.touch(chat);
        });
    }

    /// Somebody presses a callback button, or sends its data without there being one; gives the
    /// query's id. `message` is negative for ephemeral messages.
    pub fn press(&self, chat: ChatId, message: MessageId, user: UserId, data: &str) -> String {
        self.shared.write(|w| {
            let id = format!("{}{:06}", w.now(), w.callbacks.len());
            let at = w.now();
            let shown = match w.message(chat, message) {
                Some(kept) => kept.value.clone(),
                None => json!({"chat": w.chat_json(chat), "message_id": message, "date": 0}),
            };
            let query = json!({
                "id": id,
                "from": w.user_json(user),
                "message": shown,
                "chat_instance": format!("{}", chat.wrapping_mul(7919)),
                "data": data,
            });
            w.callbacks.insert(
                id.clone(),
                Callback {
                    user,
                    chat,
                    at,
                    answer: None,
                },
            );
            w.push(
                "callback_query",
                &query,
                at + CALLBACK_LIFE,
                Key::User(user),
                Origin::Simulator,
            );
            w.touch(chat);
            id
        })
    }

    /// What the bot answered to a pressed button, if it has.
    pub fn callback_answer(&self, id: &str) -> Option<CallbackAnswer> {
        self.shared
            .lock()
            .callbacks
            .get(id)
            .and_then(|query| query.answer.clone())
    }

    /// Who pressed which button in which chat: (user, chat).
    pub fn callback_source(&self, id: &str) -> Option<(UserId, ChatId)> {
        self.shared
            .lock()
            .callbacks
            .get(id)
            .map(|query| (query.user, query.chat))
    }

    /// Somebody reacts with an emoji; an empty one takes the reaction back.
    pub fn react(&self, chat: ChatId, message: MessageId, user: UserId, emoji: &str) {
        self.shared.write(|w| {
            let new = if emoji.is_empty() {
                json!([])
            } else {
                json!([{"type": "emoji", "emoji": emoji}])
            };
            let Some(place) = w.chats.get_mut(&chat) else {
                return;
            };
            let old = if emoji.is_empty() {
                place.reactions.remove(&(message, user))
            } else {
                place.reactions.insert((message, user), new.clone())
            };
            let update = json!({
                "chat": w.chat_json(chat),
                "message_id": message,
                "user": w.user_json(user),
                "date": w.unix(),
                "old_reaction": old.unwrap_or_else(|| json!([])),
                "new_reaction": new,
            });
            w.touch(chat);
            if w.bot(chat).is_admin() {
                let expires = w.now() + DAY * 1000;
                w.push(
                    "message_reaction",
                    &update,
                    expires,
                    Key::Chat(chat),
                    Origin::Simulator,
                );
            }
        });
    }

    /// Anything Telegram might send: `{"message": {…}}`; gives the id it got, none when the bot did not
    /// ask for that kind.
    pub fn push_update(&self, value: Value) -> Option<i64> {
        let (kind, payload) = object(value)
            .into_iter()
            .find(|(name, _)| name != "update_id")?;
        self.shared.write(|w| {
            let expires = w.now() + DAY * 1000;
            let key = Key::Chat(payload["chat"]["id"].as_i64().unwrap_or_default());
            w.push(&kind, &payload, expires, key, Origin::Foreign)
        })
    }

    /// The same with an id of one's own, past every rule.
    pub fn push_raw(&self, update_id: i64, value: Value) {
        let Some((kind, payload)) = object(value)
            .into_iter()
            .find(|(name, _)| name != "update_id")
        else {
            return;
        };
        self.shared.write(|w| {
            let expires = w.now() + DAY * 1000;
            let key = Key::Chat(payload["chat"]["id"].as_i64().unwrap_or_default());
            let text = super::updates::text(update_id, &kind, &payload);
            w.queue.append(update_id, &kind, text, expires, key);
            if update_id >= w.queue.next_id() {
                w.queue.set_next(update_id + 1);
            }
        });
    }

    /// A file as people send it: gives its `file_id`.
    pub fn file(&self, name: &str, bytes: &[u8]) -> String {
        self.shared.write(|w| w.file_id(name, None, bytes.to_vec()))
    }

    /// What is in a file, by its `file_id`.
    pub fn bytes_of(&self, file_id: &str) -> Option<Vec<u8>> {
        self.shared
            .lock()
            .files
            .get(file_id)
            .map(|f| f.bytes.clone())
    }

    /// A file that claims a size in bytes without having it, for the limit of downloads.
    pub fn file_of_size(&self, name: &str, size: i64) -> String {
        self.shared
            .write(|w| w.file_of_size(name, None, Vec::new(), size))
    }

    /// The value of a media field (`photo`, `document`, `video` …) for [`Simulator::post`].
    pub fn media(&self, kind: &str, file_id: &str) -> Value {
        super::methods::media_json(&self.shared.lock(), kind, file_id)
    }

    /// Messages of the chat that are visible, oldest first; ephemeral ones first of all.
    pub fn messages(&self, chat: ChatId) -> Vec<super::SimMessage> {
        self.messages_where(chat, |m| m.deleted_at.is_none())
    }

    /// Messages that were deleted.
    pub fn deleted(&self, chat: ChatId) -> Vec<super::SimMessage> {
        self.messages_where(chat, |m| m.deleted_at.is_some())
    }

    fn messages_where(
        &self,
        chat: ChatId,
        keep: impl Fn(&super::SimMessage) -> bool,
    ) -> Vec<super::SimMessage> {
        let world = self.shared.lock();
        let Some(place) = world.chats.get(&chat) else {
            return Vec::new();
        };
        place
            .messages
            .values()
            .filter(|m| keep(m))
            .cloned()
            .collect()
    }

    /// What the bot wrote and is visible, oldest first.
    pub fn bot_messages(&self, chat: ChatId) -> Vec<super::SimMessage> {
        self.messages_where(chat, |m| {
            m.deleted_at.is_none() && m.by_bot && !m.is_service()
        })
    }
}
