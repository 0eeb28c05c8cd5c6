//! People and chats of an update, and who speaks after the special senders are understood.
use serde_json::Value;

use super::limits::{MAX_PEOPLE, MAX_TEXT_BYTES};
use super::sink::prefix;
use super::{Chat, Sender, User};

/// From of a message by an anonymous admin: `GroupAnonymousBot`, the same for all of them.
pub const GROUP_ANONYMOUS_BOT: i64 = 1_087_968_824;
/// From of posts of the linked channel: Telegram itself.
pub const TELEGRAM: i64 = 777_000;
/// From of people who write as a channel: `Channel_Bot`.
pub const CHANNEL_BOT: i64 = 136_817_688;

/// A string member, bounded.
pub(super) fn string(object: &Value, key: &str) -> Option<String> {
    object
        .get(key)?
        .as_str()
        .map(|s| prefix(s, MAX_TEXT_BYTES).to_owned())
}

/// An integer member. Ids have up to 52 bits.
pub(super) fn integer(object: &Value, key: &str) -> Option<i64> {
    object.get(key)?.as_i64()
}

/// Whether a member is `true`.
pub(super) fn flag(object: &Value, key: &str) -> bool {
    object.get(key).and_then(Value::as_bool).unwrap_or(false)
}

/// A person, where there is at least an id.
pub(super) fn user(value: &Value) -> Option<User> {
    Some(User {
        id: integer(value, "id")?,
        is_bot: flag(value, "is_bot"),
        first_name: string(value, "first_name").unwrap_or_default(),
        last_name: string(value, "last_name"),
        username: string(value, "username"),
        language: string(value, "language_code"),
        is_premium: flag(value, "is_premium"),
    })
}

/// The people of an array; what is not a person is passed over.
pub(super) fn users(value: &Value) -> Vec<User> {
    let list = value.as_array().map_or(&[][..], Vec::as_slice);
    list.iter().filter_map(user).take(MAX_PEOPLE).collect()
}

/// A chat, where there is at least an id.
pub(super) fn chat(value: &Value) -> Option<Chat> {
    Some(Chat {
        id: integer(value, "id")?,
        kind: string(value, "type").unwrap_or_default(),
        title: string(value, "title"),
        username: string(value, "username"),
        is_forum: flag(value, "is_forum"),
    })
}

/// Who speaks in a message, post or reaction.
///
/// `sender_chat` decides where it is present, since `from` is then one of Telegram's stand-ins
/// (or, in posts of channels, missing).
pub(super) fn sender(message: &Value, here: Option<&Chat>) -> Sender {
    let from = ["from", "user"]
        .into_iter()
        .find_map(|key| message.get(key).and_then(user));
    let stands_for = ["sender_chat", "actor_chat", "voter_chat"]
        .into_iter()
        .find_map(|key| message.get(key).and_then(chat));
    if flag(message, "is_automatic_forward")
        && let Some(chat) = stands_for.clone().or_else(|| origin_chat(message))
    {
        return Sender::LinkedChannel { chat };
    }
    match (stands_for, here, from) {
        (Some(as_chat), Some(here), _) if as_chat.id == here.id && here.kind != "channel" => {
            Sender::AnonymousAdmin { chat: here.id }
        }
        (Some(chat), _, _) => Sender::Channel { chat },
        (None, Some(here), Some(from)) if from.id == GROUP_ANONYMOUS_BOT && here.id < 0 => {
            Sender::AnonymousAdmin { chat: here.id }
        }
        // A stand-in without the chat it stands for is nobody that could be treated.
        (None, _, Some(from)) if from.id == CHANNEL_BOT => Sender::Unknown,
        (None, _, Some(from)) => Sender::User(from),
        (None, _, None) => Sender::Unknown,
    }
}

fn origin_chat(message: &Value) -> Option<Chat> {
    let origin = message.get("forward_origin");
    origin
        .and_then(|o| o.get("chat").or_else(|| o.get("sender_chat")))
        .or_else(|| message.get("forward_from_chat"))
        .and_then(chat)
}
