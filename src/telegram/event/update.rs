//! Reads an update: which kind it is, and each kind's own parts.
use serde_json::{Map, Value};

use super::keys::is_known_kind;
use super::limits::MAX_NAME_BYTES;
use super::sink::{Sink, prefix};
use super::walk::{self, At};
use super::who::{chat, flag, integer, sender, string, user};
use super::{
    Callback, Event, JoinRequest, Kind, MemberChange, Sender, Source, keys::Role, keys::role,
    message,
};

/// Kinds with a reading of their own.
const KINDS: [Kind; 10] = [
    Kind::Message,
    Kind::EditedMessage,
    Kind::ChannelPost,
    Kind::EditedChannelPost,
    Kind::CallbackQuery,
    Kind::ChatMember,
    Kind::MyChatMember,
    Kind::ChatJoinRequest,
    Kind::MessageReaction,
    Kind::MessageReactionCount,
];

/// Reads any JSON value as an update.
pub(super) fn read(raw: &Value) -> Event {
    let mut sink = Sink::new();
    let mut event = empty();
    match raw.as_object() {
        Some(members) => update(raw, members, &mut event, &mut sink),
        None => walk::value(raw, "update", At::content(Source::Other), &mut sink),
    }
    event.texts = sink.texts;
    event.links = sink.links;
    event.attachments = sink.attachments;
    event.unknown = sink.unknown;
    event.truncated = sink.truncated;
    event
}

fn empty() -> Event {
    Event {
        update_id: None,
        kind: Kind::Other(String::new()),
        chat: None,
        sender: Sender::Unknown,
        message_id: None,
        date: None,
        edit_date: None,
        topic: None,
        album: None,
        reply_to: None,
        reply_to_sender: None,
        reply_to_date: None,
        via_bot: None,
        forwarded: false,
        paid_post: false,
        texts: Vec::new(),
        links: Vec::new(),
        attachments: Vec::new(),
        content: Vec::new(),
        kinds: super::MessageKinds::none(),
        command: None,
        callback: None,
        member: None,
        join: None,
        service: None,
        truncated: false,
        unknown: Vec::new(),
    }
}

fn update(raw: &Value, members: &Map<String, Value>, event: &mut Event, sink: &mut Sink) {
    event.update_id = integer(raw, "update_id");
    let (kind, payload) = match kind_of(members) {
        Some(found) => found,
        None => {
            for (name, inner) in members.iter().filter(|(name, _)| *name != "update_id") {
                sink.note("update", name);
                walk::member(members, name, inner, At::content(Source::Other), sink);
            }
            return;
        }
    };
    event.kind = kind;
    if let Kind::Other(name) = &event.kind
        && !is_known_kind(name)
    {
        sink.note("update", name);
    }
    match event.kind {
        Kind::CallbackQuery => callback(payload, event, sink),
        Kind::ChatMember | Kind::MyChatMember => member(payload, event, sink),
        Kind::ChatJoinRequest => join(payload, event, sink),
        Kind::MessageReaction | Kind::MessageReactionCount => reaction(payload, event, sink),
        Kind::Message | Kind::EditedMessage | Kind::ChannelPost | Kind::EditedChannelPost => {
            message::read(payload, event, sink);
        }
        Kind::Other(_) => other(payload, event, sink),
    }
    // Telegram sends one kind an update; whatever else stands there is read all the same.
    for (name, inner) in members {
        if name != event.kind.name() && name != "update_id" {
            sink.note("update", name);
            walk::member(members, name, inner, At::content(Source::Other), sink);
        }
    }
}

fn kind_of(members: &Map<String, Value>) -> Option<(Kind, &Value)> {
    for kind in KINDS {
        if let Some(payload) = members.get(kind.name()) {
            return Some((kind, payload));
        }
    }
    let rest = || members.iter().filter(|(name, _)| *name != "update_id");
    rest()
        .find(|(name, _)| is_known_kind(name))
        .or_else(|| rest().find(|(_, inner)| inner.is_object()))
        .map(|(name, payload)| (Kind::Other(name.clone()), payload))
}

/// Reads the members not named in `known` for words.
fn leftovers(payload: &Value, known: &[&str], sink: &mut Sink) {
    let at = At::content(Source::Other);
    match payload {
        Value::Object(members) => {
            for (name, inner) in members {
                if !known.contains(&name.as_str()) {
                    walk::member(members, name, inner, at, sink);
                }
            }
        }
        strange => walk::value(strange, "payload", at, sink),
    }
}

fn from(payload: &Value) -> Sender {
    let person = payload.get("from").and_then(user);
    person.map_or(Sender::Unknown, Sender::User)
}

fn callback(payload: &Value, event: &mut Event, sink: &mut Sink) {
    if let Some(carrier) = payload.get("message") {
        message::frame(carrier, event);
        // These tell of the carrier, not of the press.
        (event.edit_date, event.album, event.via_bot) = (None, None, None);
        (event.forwarded, event.reply_to, event.paid_post) = (false, None, false);
        walk::value(carrier, "message", At::foreign(), sink);
    }
    let accessible = event.date.is_some_and(|date| date != 0);
    event.date = None;
    event.sender = from(payload);
    if let (Some(id), Sender::User(from)) = (string(payload, "id"), &event.sender) {
        event.callback = Some(Callback {
            id,
            data: string(payload, "data"),
            from: from.clone(),
            message_id: event.message_id,
            accessible,
        });
    }
    leftovers(payload, &["message", "from", "data"], sink);
}

fn member(payload: &Value, event: &mut Event, sink: &mut Sink) {
    event.chat = payload.get("chat").and_then(chat);
    event.date = integer(payload, "date");
    event.sender = sender(payload, event.chat.as_ref());
    let (old, new) = (
        payload.get("old_chat_member"),
        payload.get("new_chat_member"),
    );
    let whose = [new, old]
        .into_iter()
        .flatten()
        .find_map(|m| m.get("user").and_then(user));
    if let Some(user) = whose {
        let status = |m: Option<&Value>| m.and_then(|m| string(m, "status")).unwrap_or_default();
        event.member = Some(MemberChange {
            user,
            by: payload.get("from").and_then(super::who::user),
            old: status(old),
            new: status(new),
            was_member: old.is_some_and(|m| is_member(m, sink)),
            is_member: new.is_some_and(|m| is_member(m, sink)),
            via_join_request: flag(payload, "via_join_request"),
            rights: new.cloned().unwrap_or(Value::Null),
        });
    }
    // The invite link is the group's own.
    let known = [
        "chat",
        "from",
        "old_chat_member",
        "new_chat_member",
        "invite_link",
    ];
    leftovers(payload, &known, sink);
}

/// Whether a `ChatMember` is in the chat. A restricted one is only where `is_member` says so.
fn is_member(member: &Value, sink: &mut Sink) -> bool {
    match member.get("status").and_then(Value::as_str).unwrap_or("") {
        "creator" | "administrator" | "member" => true,
        "restricted" => flag(member, "is_member"),
        "left" | "kicked" | "" => false,
        strange => {
            sink.note("status", strange);
            flag(member, "is_member")
        }
    }
}

fn join(payload: &Value, event: &mut Event, sink: &mut Sink) {
    event.chat = payload.get("chat").and_then(chat);
    event.date = integer(payload, "date");
    event.sender = from(payload);
    if let Sender::User(user) = &event.sender {
        event.join = Some(JoinRequest {
            user: user.clone(),
            user_chat_id: integer(payload, "user_chat_id"),
            bio: string(payload, "bio"),
            query_id: string(payload, "query_id"),
        });
    }
    leftovers(payload, &["chat", "from", "invite_link"], sink);
}

fn reaction(payload: &Value, event: &mut Event, sink: &mut Sink) {
    event.chat = payload.get("chat").and_then(chat);
    event.message_id = integer(payload, "message_id");
    event.date = integer(payload, "date");
    event.sender = sender(payload, event.chat.as_ref());
    leftovers(payload, &["chat", "user", "actor_chat"], sink);
}

/// Kinds without a reading of their own: as messages where they look like one, else for their words.
fn other(payload: &Value, event: &mut Event, sink: &mut Sink) {
    let known = is_known_kind(event.kind.name());
    let looks_like_message = payload.as_object().is_some_and(|members| {
        let has_content = |k: &String| matches!(role(k), Role::Content(_) | Role::Service(_));
        members.contains_key("message_id") || (!known && members.keys().any(has_content))
    });
    if looks_like_message {
        message::read(payload, event, sink);
        return;
    }
    message::frame(payload, event);
    event.sender = sender(payload, event.chat.as_ref());
    let source = match event.kind.name() {
        "poll" | "poll_answer" => Source::Poll,
        _ => Source::Other,
    };
    let at = At::content(source);
    match payload {
        Value::Object(members) => {
            for (name, inner) in members {
                if !matches!(name.as_str(), "chat" | "from" | "user" | "voter_chat") {
                    walk::member(members, name, inner, at, sink);
                }
            }
        }
        strange => walk::value(strange, prefix(event.kind.name(), MAX_NAME_BYTES), at, sink),
    }
}
