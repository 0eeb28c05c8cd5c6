//! Topics of forums.
use serde_json::{Map, Value, json};

use super::yes;
use crate::telegram::simulator::BOT_ID;
use crate::telegram::simulator::errors::{ApiError, Outcome};
use crate::telegram::simulator::params::Params;
use crate::telegram::simulator::updates::Origin;
use crate::telegram::simulator::world::World;
use crate::telegram::simulator::world::chat::Topic;
use crate::telegram::simulator::world::delivery::Voice;

const NO_TOPICS: &str = "not enough rights to manage topics";

fn forum(w: &World, p: &Params) -> Result<i64, ApiError> {
    if !w.known(p)?.forum {
        return Err(ApiError::bad("the chat is not a forum"));
    }
    w.ruled(p, "can_manage_topics", NO_TOPICS)
}

impl World {
    /// A service message inside a topic.
    pub(crate) fn topic_service(
        &mut self,
        chat: i64,
        actor: i64,
        thread: i64,
        field: &str,
        value: Value,
    ) {
        let mut message = self.blank(chat, Voice::User(actor));
        message.insert("message_thread_id".into(), json!(thread));
        message.insert("is_topic_message".into(), json!(true));
        message.insert(field.to_owned(), value);
        self.add(chat, message, actor == BOT_ID, Origin::Simulator);
    }

    /// Opens a topic; its id is that of the service message that tells of it.
    pub(crate) fn open_topic(
        &mut self,
        chat: i64,
        actor: i64,
        name: &str,
        color: i64,
        icon: Option<String>,
    ) -> i64 {
        let mut message = self.blank(chat, Voice::User(actor));
        let id = message
            .get("message_id")
            .and_then(Value::as_i64)
            .unwrap_or_default();
        let mut created = json!({"name": name, "icon_color": color});
        if let Some(icon) = &icon {
            created["icon_custom_emoji_id"] = json!(icon);
        }
        message.insert("message_thread_id".into(), json!(id));
        message.insert("is_topic_message".into(), json!(true));
        message.insert("forum_topic_created".into(), created);
        let topic = Topic {
            name: name.to_owned(),
            icon,
            closed: false,
        };
        if let Some(place) = self.chats.get_mut(&chat) {
            place.topics.insert(id, topic);
        }
        self.add(chat, message, actor == BOT_ID, Origin::Simulator);
        id
    }
}

pub(super) fn create(w: &mut World, p: &Params) -> Outcome {
    let chat = forum(w, p)?;
    let name = p.text("name").unwrap_or_default().to_owned();
    if !(1..=128).contains(&name.chars().count()) {
        return Err(ApiError::bad("TOPIC_TITLE_EMPTY"));
    }
    let color = p.int("icon_color").unwrap_or(7_322_096);
    let icon = p.text("icon_custom_emoji_id").map(str::to_owned);
    let id = w.open_topic(chat, BOT_ID, &name, color, icon.clone());
    let mut topic = json!({"message_thread_id": id, "name": name, "icon_color": color});
    if let Some(icon) = icon {
        topic["icon_custom_emoji_id"] = json!(icon);
    }
    Ok(topic)
}

fn topic<'w>(w: &'w mut World, p: &Params, chat: i64) -> Result<(i64, &'w mut Topic), ApiError> {
    let id = p.int("message_thread_id").unwrap_or_default();
    let place = w.chats.get_mut(&chat);
    let topic = place.and_then(|c| c.topics.get_mut(&id));
    topic
        .map(|t| (id, t))
        .ok_or_else(|| ApiError::bad("message thread not found"))
}

pub(super) fn edit(w: &mut World, p: &Params) -> Outcome {
    let chat = forum(w, p)?;
    let (id, topic) = topic(w, p, chat)?;
    let mut edited = Map::new();
    if let Some(name) = p.text("name").filter(|name| *name != topic.name) {
        name.clone_into(&mut topic.name);
        edited.insert("name".into(), json!(name));
    }
    if let Some(icon) = p
        .text("icon_custom_emoji_id")
        .filter(|i| Some(*i) != topic.icon.as_deref())
    {
        topic.icon = Some(icon.to_owned());
        edited.insert("icon_custom_emoji_id".into(), json!(icon));
    }
    if edited.is_empty() {
        return Err(ApiError::bad("TOPIC_NOT_MODIFIED"));
    }
    w.topic_service(
        chat,
        BOT_ID,
        id,
        "forum_topic_edited",
        Value::Object(edited),
    );
    yes()
}

pub(super) fn close(w: &mut World, p: &Params, closed: bool) -> Outcome {
    let chat = forum(w, p)?;
    let (id, topic) = topic(w, p, chat)?;
    if topic.closed == closed {
        return Err(ApiError::bad("TOPIC_NOT_MODIFIED"));
    }
    topic.closed = closed;
    let field = if closed {
        "forum_topic_closed"
    } else {
        "forum_topic_reopened"
    };
    w.topic_service(chat, BOT_ID, id, field, json!({}));
    yes()
}

pub(super) fn delete(w: &mut World, p: &Params) -> Outcome {
    let chat = forum(w, p)?;
    let (id, _) = topic(w, p, chat)?;
    let now = w.now();
    if let Some(place) = w.chats.get_mut(&chat) {
        place.topics.remove(&id);
        for message in place.messages.values_mut() {
            if message.value["message_thread_id"] == json!(id) {
                message.deleted_at.get_or_insert(now);
            }
        }
    }
    w.touch(chat);
    yes()
}

pub(super) fn unpin(w: &mut World, p: &Params) -> Outcome {
    let chat = forum(w, p)?;
    let (id, _) = topic(w, p, chat)?;
    if let Some(place) = w.chats.get_mut(&chat) {
        let messages = &place.messages;
        let in_topic = |m: &i64| {
            messages
                .get(m)
                .is_some_and(|m| m.value["message_thread_id"] == json!(id))
        };
        place.pinned.retain(|m| !in_topic(m));
    }
    w.touch(chat);
    yes()
}
