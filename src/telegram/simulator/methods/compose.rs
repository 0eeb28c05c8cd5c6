//! The parts all sent messages share: text, thread, reply, buttons, who receives.
use serde_json::{Map, Value, json};

use crate::telegram::simulator::BOT_ID;
use crate::telegram::simulator::entities;
use crate::telegram::simulator::errors::{ApiError, Outcome};
use crate::telegram::simulator::html::{self, utf16};
use crate::telegram::simulator::params::Params;
use crate::telegram::simulator::updates::Origin;
use crate::telegram::simulator::world::World;
use crate::telegram::simulator::world::delivery::Voice;
use crate::telegram::simulator::world::message::SimMessage;

/// Longest text, in UTF-16 units after parsing.
const LONGEST_TEXT: usize = 4096;
/// Longest caption.
const LONGEST_CAPTION: usize = 1024;

/// A message being made.
pub(super) struct Draft {
    pub(super) chat: i64,
    pub(super) message: Map<String, Value>,
    receiver: Option<i64>,
}

/// Checks that the bot may write there and fills in what all messages share.
pub(super) fn begin(w: &mut World, p: &Params, permission: &str) -> Result<Draft, ApiError> {
    let chat = w.writable(p, permission)?;
    let mut receiver = None;
    let ephemeral = p.get("ephemeral_message_parameters");
    if let Some(ephemeral) = ephemeral.filter(|_| w.options.ephemeral_messages) {
        let user = ephemeral["receiver_user_id"].as_i64().unwrap_or_default();
        if chat > 0 {
            return Err(ApiError::bad(
                "ephemeral messages can be sent only to group chats",
            ));
        }
        if !w.users.contains_key(&user) {
            return Err(ApiError::bad("USER_ID_INVALID"));
        }
        // The text is a guess; that strangers see nothing inside a group is not.
        if !w.member(chat, user).present() {
            return Err(ApiError::bad("USER_NOT_PARTICIPANT"));
        }
        receiver = Some(user);
    }
    let mut fields = Map::new();
    thread(w, p, chat, &mut fields)?;
    reply(w, p, chat, &mut fields)?;
    if let Some(markup) = p.get("reply_markup")
        && let Some(keyboard) = keyboard(markup)?
    {
        fields.insert("reply_markup".into(), keyboard);
    }
    if p.flag("protect_content") {
        fields.insert("has_protected_content".into(), json!(true));
    }
    w.spend(chat, 1)?;
    if chat > 0 {
        w.private(chat);
    }
    let mut message = w.blank(chat, Voice::User(BOT_ID));
    message.extend(fields);
    Ok(Draft {
        chat,
        message,
        receiver,
    })
}

fn thread(
    w: &World,
    p: &Params,
    chat: i64,
    fields: &mut Map<String, Value>,
) -> Result<(), ApiError> {
    let Some(thread) = p.int("message_thread_id").filter(|id| *id != 0) else {
        return Ok(());
    };
    let missing = || ApiError::bad("message thread not found");
    let place = w.chats.get(&chat).ok_or_else(missing)?;
    if place.forum {
        // The general topic is addressed by leaving the parameter out.
        let topic = place.topics.get(&thread).ok_or_else(missing)?;
        let bot = w.bot(chat);
        if topic.closed && !bot.rights.allows("can_manage_topics") {
            return Err(ApiError::bad("TOPIC_CLOSED"));
        }
        fields.insert("is_topic_message".into(), json!(true));
    } else {
        // Outside forums a thread is the tree of comments under a linked channel's post.
        let root = w.message(chat, thread).ok_or_else(missing)?;
        if root.value["is_automatic_forward"] != json!(true) {
            return Err(missing());
        }
    }
    fields.insert("message_thread_id".into(), json!(thread));
    Ok(())
}

fn reply(
    w: &World,
    p: &Params,
    chat: i64,
    fields: &mut Map<String, Value>,
) -> Result<(), ApiError> {
    let none = Value::Null;
    let wanted = p.get("reply_parameters").unwrap_or(&none);
    let id = wanted["message_id"]
        .as_i64()
        .or_else(|| p.int("reply_to_message_id"));
    let Some(id) = id.filter(|id| *id != 0) else {
        return Ok(());
    };
    let elsewhere = wanted["chat_id"].as_i64().filter(|other| *other != chat);
    let lax = wanted["allow_sending_without_reply"]
        .as_bool()
        .unwrap_or(false)
        || p.flag("allow_sending_without_reply");
    match w.quoted(elsewhere.unwrap_or(chat), id) {
        Some(origin) if elsewhere.is_none() => {
            if let Some(quote) = wanted["quote"].as_str() {
                let (text, _) = html::parse(quote).unwrap_or_else(|_| (quote.to_owned(), vec![]));
                let whole = origin["text"]
                    .as_str()
                    .or_else(|| origin["caption"].as_str());
                let Some(at) = whole.and_then(|whole| whole.find(&text)) else {
                    return Err(ApiError::bad("QUOTE_TEXT_INVALID"));
                };
                let position = utf16(&whole.unwrap_or_default()[..at]);
                let quote = json!({"text": text, "position": position, "is_manual": true});
                fields.insert("quote".into(), quote);
            }
            if !fields.contains_key("message_thread_id")
                && let Some(thread) = origin.get("message_thread_id")
            {
                fields.insert("message_thread_id".into(), thread.clone());
                if let Some(topic) = origin.get("is_topic_message") {
                    fields.insert("is_topic_message".into(), topic.clone());
                }
            }
            fields.insert("reply_to_message".into(), origin);
            Ok(())
        }
        Some(origin) => {
            let sender = origin["from"].clone();
            let external = json!({
                "origin": {"type": "user", "date": origin["date"], "sender_user": sender},
                "chat": origin["chat"], "message_id": id,
            });
            fields.insert("external_reply".into(), external);
            Ok(())
        }
        None if lax => Ok(()),
        None => Err(ApiError::bad("message to be replied not found")),
    }
}

/// Checks a keyboard; gives the inline one, the only one that becomes part of a message.
pub(super) fn keyboard(markup: &Value) -> Result<Option<Value>, ApiError> {
    let Some(rows) = markup["inline_keyboard"].as_array() else {
        return Ok(None);
    };
    let mut count = 0;
    for button in rows.iter().filter_map(Value::as_array).flatten() {
        count += 1;
        let text = button["text"].as_str().unwrap_or_default();
        if text.is_empty() {
            return Err(ApiError::bad(
                "can't parse inline keyboard button: Field \"text\" must be of type String",
            ));
        }
        let kinds = button.as_object().map_or(0, |map| {
            let plain = ["text", "style", "icon_custom_emoji_id"];
            map.keys()
                .filter(|key| !plain.contains(&key.as_str()))
                .count()
        });
        if kinds == 0 {
            return Err(ApiError::bad(
                "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
            ));
        }
        if let Some(data) = button["callback_data"].as_str()
            && !(1..=64).contains(&data.len())
        {
            return Err(ApiError::bad("BUTTON_DATA_INVALID"));
        }
        if let Some(url) = button["url"].as_str()
            && !(url.contains("://") && url.len() > 6 || url.contains('.'))
        {
            return Err(ApiError::bad(format!(
                "inline keyboard button URL '{url}' is invalid: Wrong HTTP URL"
            )));
        }
    }
    if count > 100 {
        return Err(ApiError::bad("reply markup is too long"));
    }
    Ok((count > 0).then(|| markup.clone()))
}

/// A formatted text: as given, parsed, checked for length, with Telegram's own findings.
pub(super) fn formatted(
    w: &World,
    p: &Params,
    name: &str,
    mode: &str,
    list: &str,
) -> Result<(String, Vec<Value>), ApiError> {
    let source = p.text(name).unwrap_or_default();
    let (text, entities) = styled(w, source, p.text(mode), p.list(list))?;
    let (limit, words) = if name == "caption" {
        (LONGEST_CAPTION, "message caption is too long")
    } else {
        (LONGEST_TEXT, "message is too long")
    };
    if utf16(&text) > limit {
        return Err(ApiError::bad(words));
    }
    Ok((text, entities))
}

/// Text and entities by mode or by list.
pub(super) fn styled(
    w: &World,
    source: &str,
    mode: Option<&str>,
    list: Option<&Vec<Value>>,
) -> Result<(String, Vec<Value>), ApiError> {
    let (text, mut entities) = match mode.map(str::to_ascii_lowercase).as_deref() {
        None | Some("") => (source.to_owned(), list.cloned().unwrap_or_default()),
        Some("html") => html::parse(source)?,
        Some("markdown" | "markdownv2") => {
            return Err(ApiError::bad(
                "can't parse entities: the simulator reads HTML only",
            ));
        }
        Some(_) => return Err(ApiError::bad("unsupported parse_mode")),
    };
    for entity in &mut entities {
        if entity["type"] == "text_mention"
            && let Some(id) = entity["user"]["id"].as_i64()
        {
            entity["user"] = w.user_json(id);
        }
    }
    let (text, mut entities) = trim(text, entities);
    let covered = |one: &Value, all: &[Value]| {
        let at = one["offset"].as_i64().unwrap_or_default();
        all.iter().any(|e| {
            let start = e["offset"].as_i64().unwrap_or_default();
            (start..start + e["length"].as_i64().unwrap_or_default()).contains(&at)
                && matches!(
                    e["type"].as_str(),
                    Some("text_link" | "code" | "pre" | "text_mention")
                )
        })
    };
    let own: Vec<Value> = entities::find(&text)
        .into_iter()
        .filter(|e| !covered(e, &entities))
        .collect();
    for entity in own {
        if !entities
            .iter()
            .any(|e| e["offset"] == entity["offset"] && e["type"] == entity["type"])
        {
            entities.push(entity);
        }
    }
    entities.sort_by_key(|e| e["offset"].as_i64());
    Ok((text, entities))
}

/// Telegram cuts white space at both ends.
fn trim(text: String, entities: Vec<Value>) -> (String, Vec<Value>) {
    let cut = text.len() - text.trim_start().len();
    let lead = i64::try_from(utf16(&text[..cut])).unwrap_or(0);
    let trimmed = text.trim().to_owned();
    let length = i64::try_from(utf16(&trimmed)).unwrap_or(0);
    let entities = entities
        .into_iter()
        .filter_map(|mut entity| {
            let start = (entity["offset"].as_i64()? - lead).max(0);
            let end = (entity["offset"].as_i64()? + entity["length"].as_i64()? - lead).min(length);
            entity["offset"] = json!(start);
            entity["length"] = json!(end - start);
            (end > start).then_some(entity)
        })
        .collect();
    (trimmed, entities)
}

/// Puts the caption into the draft.
pub(super) fn caption(
    w: &World,
    p: &Params,
    message: &mut Map<String, Value>,
) -> Result<(), ApiError> {
    let (text, entities) = formatted(w, p, "caption", "parse_mode", "caption_entities")?;
    if !text.is_empty() {
        message.insert("caption".into(), json!(text));
        if !entities.is_empty() {
            message.insert("caption_entities".into(), json!(entities));
        }
    }
    for (param, field) in [
        ("has_spoiler", "has_media_spoiler"),
        ("show_caption_above_media", "show_caption_above_media"),
    ] {
        if p.flag(param) {
            message.insert(field.into(), json!(true));
        }
    }
    Ok(())
}

/// Stores the draft and gives the message back.
pub(super) fn finish(w: &mut World, draft: Draft) -> Outcome {
    let Draft {
        chat,
        mut message,
        receiver,
    } = draft;
    if let Some(user) = receiver {
        let id = match w.chats.get_mut(&chat) {
            Some(place) => {
                place.next_ephemeral += 1;
                place.next_ephemeral - 1
            }
            None => 1,
        };
        message.insert("message_id".into(), json!(0));
        message.insert("ephemeral_message_id".into(), json!(id));
        message.insert("receiver_user".into(), w.user_json(user));
        let value = Value::Object(message);
        w.keep(SimMessage {
            message_id: -id,
            chat_id: chat,
            value: value.clone(),
            deleted_at: None,
            edits: 0,
            by_bot: true,
            receiver: Some(user),
        });
        return Ok(value);
    }
    let value = Value::Object(message.clone());
    w.add(chat, message, true, Origin::Simulator);
    Ok(value)
}
