//! Deleting messages.
use serde_json::{Value, json};

use super::yes;
use crate::telegram::simulator::errors::{ApiError, Outcome};
use crate::telegram::simulator::params::Params;
use crate::telegram::simulator::world::World;
use crate::telegram::simulator::world::chat::ChatKind;

/// "A message can only be deleted if it was sent less than 48 hours ago."
const TWO_DAYS: i64 = 48 * 3600;

/// May the bot delete this message now?
fn deletable(w: &World, chat: i64, id: i64) -> Result<(), ApiError> {
    let no = || ApiError::bad("message can't be deleted");
    let message = w
        .message(chat, id)
        .ok_or_else(|| ApiError::bad("message to delete not found"))?;
    let value = &message.value;
    let age = w.unix() - message.date();
    if value.get("supergroup_chat_created").is_some()
        || value.get("channel_chat_created").is_some()
        || value.get("forum_topic_created").is_some()
        || value["is_paid_post"] == json!(true) && age < 86_400
    {
        return Err(no());
    }
    let kind = w.chats.get(&chat).map(|c| c.kind);
    let may_all = w.bot(chat).rights.allows("can_delete_messages");
    let fresh = age < TWO_DAYS;
    let allowed = match kind {
        Some(ChatKind::Private) => fresh,
        Some(ChatKind::Group) => fresh && (message.by_bot || may_all),
        Some(ChatKind::Supergroup | ChatKind::Channel) => may_all || fresh && message.by_bot,
        None => false,
    };
    if allowed { Ok(()) } else { Err(no()) }
}

fn remove(w: &mut World, chat: i64, id: i64) {
    let now = w.now();
    if let Some(message) = w.message_mut(chat, id) {
        message.deleted_at = Some(now);
    }
    if let Some(place) = w.chats.get_mut(&chat) {
        place.pinned.retain(|pinned| *pinned != id);
    }
    w.touch(chat);
}

pub(super) fn one(w: &mut World, p: &Params) -> Outcome {
    let chat = w.inside(p)?.id;
    let id = p.int("message_id").unwrap_or_default();
    deletable(w, chat, id)?;
    remove(w, chat, id);
    yes()
}

pub(super) fn many(w: &mut World, p: &Params) -> Outcome {
    let chat = w.inside(p)?.id;
    let ids: Vec<i64> = p
        .list("message_ids")
        .into_iter()
        .flatten()
        .filter_map(Value::as_i64)
        .collect();
    if ids.is_empty() {
        return Err(ApiError::bad("message identifiers are not specified"));
    }
    if ids.len() > 100 {
        return Err(ApiError::bad("too many message identifiers specified"));
    }
    // "If some of the specified messages can't be found, they are skipped."
    let there: Vec<i64> = ids
        .into_iter()
        .filter(|id| w.message(chat, *id).is_some())
        .collect();
    for id in &there {
        deletable(w, chat, *id)?;
    }
    for id in there {
        remove(w, chat, id);
    }
    yes()
}

pub(super) fn ephemeral(w: &mut World, p: &Params) -> Outcome {
    let chat = w.inside(p)?.id;
    let key = -p.int("ephemeral_message_id").unwrap_or_default();
    let receiver = p.int("receiver_user_id");
    if w.message(chat, key).is_none_or(|m| m.receiver != receiver) {
        return Err(ApiError::bad("message to delete not found"));
    }
    remove(w, chat, key);
    yes()
}
