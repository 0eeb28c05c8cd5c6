//! Editing what the bot sent, and reactions.
use serde_json::{Map, Value, json};

use super::{compose, send, yes};
use crate::telegram::simulator::BOT_ID;
use crate::telegram::simulator::errors::{ApiError, Outcome};
use crate::telegram::simulator::params::Params;
use crate::telegram::simulator::world::World;
use crate::telegram::simulator::world::chat::ChatKind;

const SAME: &str = "message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message";

/// Chat and key of the message that a call names, if the bot may edit it.
fn editable(w: &World, p: &Params) -> Result<(i64, i64), ApiError> {
    let missing = || ApiError::bad("message to edit not found");
    if p.text("inline_message_id").is_some() {
        return Err(ApiError::bad("MESSAGE_ID_INVALID"));
    }
    if p.get("chat_id").is_none() {
        return Err(ApiError::bad("chat_id is empty"));
    }
    let chat = w.inside(p)?.id;
    let key = match p.int("ephemeral_message_id") {
        Some(id) => -id,
        None => p
            .int("message_id")
            .ok_or_else(|| ApiError::bad("message identifier is not specified"))?,
    };
    let message = w.message(chat, key).ok_or_else(missing)?;
    if let Some(receiver) = message.receiver
        && p.int("receiver_user_id") != Some(receiver)
    {
        return Err(missing());
    }
    let bot = w.bot(chat);
    let channel = w
        .chats
        .get(&chat)
        .is_some_and(|c| c.kind == ChatKind::Channel);
    let others = channel && bot.rights.allows("can_edit_messages") && !message.is_service();
    if !message.by_bot && !others || message.is_service() {
        return Err(ApiError::bad("message can't be edited"));
    }
    Ok((chat, key))
}

/// Replaces `fields` (absent ones go), marks the message as edited, and gives the answer.
fn replace(
    w: &mut World,
    (chat, key): (i64, i64),
    gone: &[&str],
    fields: Map<String, Value>,
) -> Outcome {
    let now = w.unix();
    let Some(message) = w.message_mut(chat, key) else {
        return Err(ApiError::bad("message to edit not found"));
    };
    let before = message.value.clone();
    if let Some(map) = message.value.as_object_mut() {
        for name in gone {
            map.remove(*name);
        }
        map.extend(fields);
    }
    if message.value == before {
        return Err(ApiError::bad(SAME));
    }
    message.edits += 1;
    message.value["edit_date"] = json!(now);
    let ephemeral = message.receiver.is_some();
    let value = message.value.clone();
    w.touch(chat);
    if ephemeral { yes() } else { Ok(value) }
}

fn markup_field(p: &Params, fields: &mut Map<String, Value>) -> Result<(), ApiError> {
    if let Some(markup) = p.get("reply_markup")
        && let Some(keyboard) = compose::keyboard(markup)?
    {
        fields.insert("reply_markup".into(), keyboard);
    }
    Ok(())
}

pub(super) fn text(w: &mut World, p: &Params) -> Outcome {
    let place = editable(w, p)?;
    let (text, entities) = compose::formatted(w, p, "text", "parse_mode", "entities")?;
    if text.is_empty() {
        return Err(ApiError::bad("message text is empty"));
    }
    if w.message(place.0, place.1)
        .is_some_and(|m| m.value.get("text").is_none())
    {
        return Err(ApiError::bad("there is no text in the message to edit"));
    }
    let mut fields = Map::new();
    fields.insert("text".into(), json!(text));
    if !entities.is_empty() {
        fields.insert("entities".into(), json!(entities));
    }
    markup_field(p, &mut fields)?;
    replace(w, place, &["entities", "reply_markup"], fields)
}

pub(super) fn caption(w: &mut World, p: &Params) -> Outcome {
    let place = editable(w, p)?;
    let mut fields = Map::new();
    compose::caption(w, p, &mut fields)?;
    if w.message(place.0, place.1)
        .is_some_and(|m| m.value.get("text").is_some())
    {
        return Err(ApiError::bad("there is no caption in the message to edit"));
    }
    markup_field(p, &mut fields)?;
    replace(
        w,
        place,
        &["caption", "caption_entities", "reply_markup"],
        fields,
    )
}

pub(super) fn markup(w: &mut World, p: &Params) -> Outcome {
    let place = editable(w, p)?;
    let mut fields = Map::new();
    markup_field(p, &mut fields)?;
    replace(w, place, &["reply_markup"], fields)
}

pub(super) fn media(w: &mut World, p: &Params) -> Outcome {
    let place = editable(w, p)?;
    let given = p.get("media").cloned().unwrap_or(Value::Null);
    let kind = given["type"].as_str().unwrap_or_default().to_owned();
    let content = send::content(w, p, &kind, given["media"].as_str())?;
    let caption = given["caption"].as_str().unwrap_or_default();
    let (text, entities) = compose::styled(
        w,
        caption,
        given["parse_mode"].as_str(),
        given["caption_entities"].as_array(),
    )?;
    let mut fields = Map::new();
    fields.insert(kind, content);
    if !text.is_empty() {
        fields.insert("caption".into(), json!(text));
        if !entities.is_empty() {
            fields.insert("caption_entities".into(), json!(entities));
        }
    }
    markup_field(p, &mut fields)?;
    let gone = [
        "photo",
        "video",
        "document",
        "animation",
        "audio",
        "text",
        "entities",
        "caption",
        "caption_entities",
        "reply_markup",
    ];
    replace(w, place, &gone, fields)
}

pub(super) fn stop_poll(w: &mut World, p: &Params) -> Outcome {
    let (chat, key) = editable(w, p)?;
    let message = w
        .message_mut(chat, key)
        .filter(|m| m.value.get("poll").is_some())
        .ok_or_else(|| ApiError::bad("message with poll to stop not found"))?;
    if message.value["poll"]["is_closed"] == json!(true) {
        return Err(ApiError::bad("poll has already been closed"));
    }
    message.value["poll"]["is_closed"] = json!(true);
    let poll = message.value["poll"].clone();
    w.touch(chat);
    Ok(poll)
}

pub(super) fn react(w: &mut World, p: &Params) -> Outcome {
    let chat = w.inside(p)?.id;
    let id = p.int("message_id").unwrap_or_default();
    if w.message(chat, id).is_none() {
        return Err(ApiError::bad("message to react not found"));
    }
    let list = p.list("reaction").cloned().unwrap_or_default();
    if list.len() > 1 {
        return Err(ApiError::bad("REACTIONS_TOO_MANY"));
    }
    if let Some(place) = w.chats.get_mut(&chat) {
        if list.is_empty() {
            place.reactions.remove(&(id, BOT_ID));
        } else {
            place.reactions.insert((id, BOT_ID), Value::Array(list));
        }
    }
    w.touch(chat);
    yes()
}

fn reactor(p: &Params) -> Result<i64, ApiError> {
    p.int("user_id")
        .or_else(|| p.int("actor_chat_id"))
        .ok_or_else(|| ApiError::bad("invalid user_id specified"))
}

pub(super) fn remove_reaction(w: &mut World, p: &Params) -> Outcome {
    let chat = w.ruled(
        p,
        "can_delete_messages",
        "not enough rights to delete reactions",
    )?;
    let (id, actor) = (p.int("message_id").unwrap_or_default(), reactor(p)?);
    if w.message(chat, id).is_none() {
        return Err(ApiError::bad("message not found"));
    }
    if let Some(place) = w.chats.get_mut(&chat) {
        place.reactions.remove(&(id, actor));
    }
    w.touch(chat);
    yes()
}

pub(super) fn remove_reactions(w: &mut World, p: &Params) -> Outcome {
    let chat = w.ruled(
        p,
        "can_delete_messages",
        "not enough rights to delete reactions",
    )?;
    let actor = reactor(p)?;
    if let Some(place) = w.chats.get_mut(&chat) {
        place.reactions.retain(|(_, user), _| *user != actor);
    }
    w.touch(chat);
    yes()
}
