//! Reads a message or post, field by field: the sender's own words first, the rest after.
use serde_json::{Map, Value};

use super::keys::{Role, role};
use super::limits::{MAX_CONTENT, MAX_NAME_BYTES};
use super::sink::{Sink, prefix};
use super::walk::{self, At};
use super::who::{chat, flag, integer, sender, string, user, users};
use super::{Event, Kind, Service, Source, command, contents};

/// Fills `event` from a message. Words and links go to `sink`.
pub(super) fn read(message: &Value, event: &mut Event, sink: &mut Sink) {
    let Some(members) = message.as_object() else {
        walk::value(message, event.kind.name(), At::content(Source::Other), sink);
        return;
    };
    frame(message, event);
    event.sender = sender(message, event.chat.as_ref());
    for (text, entities) in [("text", "entities"), ("caption", "caption_entities")] {
        if let Some(Value::String(text)) = members.get(text)
            && event.command.is_none()
        {
            event.command = command::read(text, members.get(entities));
        }
    }
    for name in ["text", "caption", "rich_message"] {
        if let Some(inner) = members.get(name) {
            content(members, name, inner, event, sink);
        }
    }
    let mut later = Vec::new();
    for (name, inner) in members {
        match role(name) {
            _ if matches!(name.as_str(), "text" | "caption" | "rich_message") => {}
            Role::Content(_) | Role::Service(_) => content(members, name, inner, event, sink),
            Role::Meta if !(inner.is_array() || inner.is_object()) => {}
            Role::Meta if is_frame(name, inner) => {}
            _ => later.push((name.as_str(), inner)),
        }
    }
    for (name, inner) in &later {
        if let Role::Beside(source) = role(name)
            && !is_here(name, inner, event)
        {
            beside(members, name, inner, source, sink);
        }
    }
    for (name, inner) in &later {
        if matches!(role(name), Role::Unknown | Role::Meta) {
            unknown(members, name, inner, event, sink);
        }
    }
    for (name, inner) in &later {
        if role(name) == Role::Foreign {
            walk::value(inner, name, At::foreign(), sink);
        }
    }
    event.service = service(message, members);
    event.kinds = contents::read(members, event, sink);
}

/// People and places of the message itself: never words of it, where they are what they should be.
fn is_frame(name: &str, inner: &Value) -> bool {
    inner.is_object()
        && matches!(
            name,
            "from" | "chat" | "receiver_user" | "direct_messages_topic"
        )
}

/// Ids, dates and marks.
pub(super) fn frame(message: &Value, event: &mut Event) {
    event.chat = message.get("chat").and_then(chat);
    event.message_id = integer(message, "message_id");
    event.date = integer(message, "date");
    event.edit_date = integer(message, "edit_date");
    if flag(message, "is_topic_message") {
        event.topic = integer(message, "message_thread_id");
    }
    event.album = string(message, "media_group_id");
    event.via_bot = message
        .get("via_bot")
        .and_then(|bot| string(bot, "username"));
    event.paid_post = flag(message, "is_paid_post");
    event.forwarded = [
        "forward_origin",
        "forward_date",
        "forward_from",
        "forward_from_chat",
    ]
    .iter()
    .any(|key| message.get(*key).is_some())
        || message.get("forward_sender_name").is_some()
        || flag(message, "is_automatic_forward");
    event.reply_to = message.get("reply_to_message").and_then(|reply| {
        let id = integer(reply, "message_id")?;
        // Every message of a topic "answers" the one that made the topic: nobody is spoken to.
        let opens_topic = event.topic == Some(id) && reply.get("forum_topic_created").is_some();
        (!opens_topic).then_some(id)
    });
    if event.reply_to.is_some()
        && let Some(reply) = message.get("reply_to_message")
    {
        event.reply_to_sender = Some(sender(reply, event.chat.as_ref()));
        event.reply_to_date = integer(reply, "date");
    }
}

/// Whether it is the chat itself that speaks: an anonymous admin, or a channel in its own posts.
fn is_here(name: &str, inner: &Value, event: &Event) -> bool {
    let here = event.chat.as_ref().map(|c| c.id);
    name == "sender_chat" && here.is_some() && integer(inner, "id") == here
}

/// Names a content field, within bounds.
fn name_content(event: &mut Event, name: &str) {
    if event.content.len() < MAX_CONTENT {
        event.content.push(prefix(name, MAX_NAME_BYTES).to_owned());
    }
}

fn content(
    members: &Map<String, Value>,
    name: &str,
    inner: &Value,
    event: &mut Event,
    sink: &mut Sink,
) {
    let source = match role(name) {
        Role::Content(source) => {
            if !matches!(name, "entities" | "caption_entities") {
                name_content(event, name);
            }
            source
        }
        Role::Service(source) => {
            let people = matches!(
                name,
                "new_chat_members"
                    | "new_chat_member"
                    | "new_chat_participant"
                    | "left_chat_member"
                    | "left_chat_participant"
            );
            // People are in `service`; passport data is encrypted for somebody else.
            if (people && !inner.is_string()) || name == "passport_data" {
                return;
            }
            source
        }
        _ => Source::Other,
    };
    // A file within content of another kind (a poll's picture, paid media) keeps the content's source.
    let at = match source {
        Source::Text | Source::Caption | Source::RichText | Source::Other => At::content(source),
        _ => At::whole(source),
    };
    walk::member(members, name, inner, at, sink);
}

fn beside(
    members: &Map<String, Value>,
    name: &str,
    inner: &Value,
    source: Source,
    sink: &mut Sink,
) {
    let origin = match name {
        "forward_origin" => Some(inner),
        "external_reply" => inner.get("origin"),
        _ => None,
    };
    let kind = origin.and_then(|o| o.get("type")).and_then(Value::as_str);
    if let Some(kind) = kind
        && !matches!(kind, "user" | "hidden_user" | "chat" | "channel")
    {
        sink.note("origin", kind);
    }
    let mut at = At::whole(source);
    // The quoted and the forwarded have their files elsewhere or nowhere.
    at.files = matches!(name, "external_reply" | "quote");
    if name == "external_reply"
        && let Some(fields) = inner.as_object()
    {
        for field in fields
            .keys()
            .filter(|f| role(f) == Role::Unknown && *f != "origin")
        {
            sink.note("external_reply", field);
        }
    }
    walk::member(members, name, inner, at, sink);
}

fn unknown(
    members: &Map<String, Value>,
    name: &str,
    inner: &Value,
    event: &mut Event,
    sink: &mut Sink,
) {
    if role(name) == Role::Unknown {
        sink.note(event.kind.name(), name);
        if (event.kind.is_message() || matches!(event.kind, Kind::Other(_)))
            && (inner.is_string() || inner.is_array() || inner.is_object())
        {
            name_content(event, name);
        }
    }
    walk::member(members, name, inner, At::content(Source::Other), sink);
}

fn service(message: &Value, members: &Map<String, Value>) -> Option<Service> {
    if let Some(id) = integer(message, "migrate_to_chat_id") {
        return Some(Service::MigratedTo(id));
    }
    if let Some(id) = integer(message, "migrate_from_chat_id") {
        return Some(Service::MigratedFrom(id));
    }
    if let Some(list) = message.get("new_chat_members") {
        return Some(Service::Joined(users(list)));
    }
    let one = |keys: [&str; 2]| keys.iter().find_map(|k| message.get(*k).and_then(user));
    if let Some(user) = one(["new_chat_member", "new_chat_participant"]) {
        return Some(Service::Joined(vec![user]));
    }
    if let Some(user) = one(["left_chat_member", "left_chat_participant"]) {
        return Some(Service::Left(user));
    }
    let name = members
        .keys()
        .find(|k| matches!(role(k), Role::Service(_)))?;
    Some(Service::Other(name.clone()))
}
