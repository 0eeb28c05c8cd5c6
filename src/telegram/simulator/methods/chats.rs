//! Chats: what they are, their title and picture, pins, leaving.
use serde_json::{Value, json};

use super::yes;
use crate::telegram::simulator::BOT_ID;
use crate::telegram::simulator::errors::{ApiError, Outcome};
use crate::telegram::simulator::params::Params;
use crate::telegram::simulator::world::World;
use crate::telegram::simulator::world::chat::ChatKind;
use crate::telegram::simulator::world::people::{Member, Status};

const NO_PIN: &str = "not enough rights to manage pinned messages in the chat";

/// `ChatFullInfo`.
pub(super) fn get(w: &mut World, p: &Params) -> Outcome {
    let wanted = w.chat_id(p, "chat_id").unwrap_or_default();
    let gifts = json!({
        "unlimited_gifts": true, "limited_gifts": true, "unique_gifts": true,
        "premium_subscription": true, "gifts_from_channels": true,
    });
    if let Some(user) = w.users.get(&wanted) {
        if !user.started && user.reachable_until <= w.now() && !shares_chat(w, wanted) {
            return Err(ApiError::bad("chat not found"));
        }
        let mut info = w.chat_json(wanted);
        info["accent_color_id"] = json!(0);
        info["max_reaction_count"] = json!(11);
        info["accepted_gift_types"] = gifts;
        if let Some(bio) = &user.bio {
            info["bio"] = json!(bio);
        }
        if let Some(photo) = user.photos.first() {
            info["photo"] = chat_photo(photo);
        }
        if let Some(Value::Object(extra)) =
            w.chats.get(&wanted).map(|c| Value::Object(c.extra.clone()))
            && let Some(map) = info.as_object_mut()
        {
            map.extend(extra);
        }
        return Ok(info);
    }
    let chat = w.known(p)?;
    // A stranger sees a public chat but not a private one.
    if chat.username.is_none() {
        w.inside(p)?;
    }
    let mut info = chat.json();
    let Some(map) = info.as_object_mut() else {
        return Ok(info);
    };
    map.insert("accent_color_id".into(), json!(0));
    map.insert("max_reaction_count".into(), json!(11));
    map.insert("accepted_gift_types".into(), gifts);
    if chat.kind != ChatKind::Channel {
        map.insert(
            "permissions".into(),
            Value::Object(chat.permissions.permissions_json()),
        );
    }
    if let Some(text) = &chat.description {
        map.insert("description".into(), json!(text));
    }
    if let Some(linked) = chat.linked {
        map.insert("linked_chat_id".into(), json!(linked));
    }
    if chat.slow_mode > 0 {
        map.insert("slow_mode_delay".into(), json!(chat.slow_mode));
    }
    if let Some(photo) = &chat.photo {
        map.insert("photo".into(), chat_photo(photo));
    }
    if let Some(pinned) = chat.pinned.last().and_then(|id| w.quoted(chat.id, *id)) {
        map.insert("pinned_message".into(), pinned);
    }
    let primary = chat
        .links
        .iter()
        .find(|l| l.primary && l.creator == BOT_ID && !l.revoked);
    if let Some(link) = primary {
        map.insert("invite_link".into(), json!(link.url));
    }
    map.extend(chat.extra.clone());
    Ok(info)
}

fn shares_chat(w: &World, user: i64) -> bool {
    w.chats
        .values()
        .any(|chat| chat.members.contains_key(&user) && w.bot(chat.id).present())
}

fn chat_photo(id: &str) -> Value {
    json!({
        "small_file_id": id, "small_file_unique_id": format!("{id}s"),
        "big_file_id": id, "big_file_unique_id": format!("{id}b"),
    })
}

pub(super) fn leave(w: &mut World, p: &Params) -> Outcome {
    let chat = w.inside(p)?;
    if chat.kind == ChatKind::Private {
        return Err(ApiError::bad(
            "chat member status can't be changed in private chats",
        ));
    }
    let id = chat.id;
    let since = w.unix();
    w.exit(id, BOT_ID, BOT_ID, Member::new(Status::Left, since));
    yes()
}

pub(super) fn title(w: &mut World, p: &Params) -> Outcome {
    let chat = w.ruled(
        p,
        "can_change_info",
        "not enough rights to change chat title",
    )?;
    let title = p.text("title").unwrap_or_default().trim().to_owned();
    if !(1..=128).contains(&title.chars().count()) {
        return Err(ApiError::bad("title is invalid"));
    }
    if let Some(place) = w.chats.get_mut(&chat) {
        if place.title == title {
            return Err(ApiError::bad("chat title is not modified"));
        }
        place.title.clone_from(&title);
    }
    w.service(chat, BOT_ID, json!({"new_chat_title": title}));
    yes()
}

pub(super) fn description(w: &mut World, p: &Params) -> Outcome {
    let chat = w.ruled(
        p,
        "can_change_info",
        "not enough rights to change chat description",
    )?;
    let text = p.text("description").unwrap_or_default().to_owned();
    if text.chars().count() > 255 {
        return Err(ApiError::bad("chat description is too long"));
    }
    let new = (!text.is_empty()).then_some(text);
    if let Some(place) = w.chats.get_mut(&chat) {
        if place.description == new {
            return Err(ApiError::bad("chat description is not modified"));
        }
        place.description = new;
    }
    w.touch(chat);
    yes()
}

pub(super) fn photo(w: &mut World, p: &Params) -> Outcome {
    let chat = w.ruled(
        p,
        "can_change_info",
        "not enough rights to change chat photo",
    )?;
    let Some(upload) = p.upload("photo") else {
        return Err(ApiError::bad("Photo must be uploaded as a file"));
    };
    let (name, bytes) = (upload.name.clone(), upload.bytes.clone());
    let id = w.file_id(&name, Some("image/jpeg"), bytes);
    let sizes = super::send::media_json(w, "photo", &id);
    if let Some(place) = w.chats.get_mut(&chat) {
        place.photo = Some(id);
    }
    w.service(chat, BOT_ID, json!({"new_chat_photo": sizes}));
    yes()
}

pub(super) fn delete_photo(w: &mut World, p: &Params) -> Outcome {
    let chat = w.ruled(
        p,
        "can_change_info",
        "not enough rights to change chat photo",
    )?;
    let had = w.chats.get_mut(&chat).and_then(|place| place.photo.take());
    if had.is_none() {
        return Err(ApiError::bad("CHAT_NOT_MODIFIED"));
    }
    w.service(chat, BOT_ID, json!({"delete_chat_photo": true}));
    yes()
}

/// Pins need a right in groups; in channels the right to edit.
fn may_pin(w: &World, p: &Params) -> Result<i64, ApiError> {
    let chat = w.inside(p)?;
    match chat.kind {
        ChatKind::Private => Ok(chat.id),
        ChatKind::Channel => w.ruled(p, "can_edit_messages", NO_PIN),
        _ => w.ruled(p, "can_pin_messages", NO_PIN),
    }
}

pub(super) fn pin(w: &mut World, p: &Params) -> Outcome {
    let chat = may_pin(w, p)?;
    let id = p.int("message_id").unwrap_or_default();
    let Some(message) = w.quoted(chat, id) else {
        return Err(ApiError::bad("message to pin not found"));
    };
    let already = w.chats.get(&chat).is_some_and(|c| c.pinned.contains(&id));
    if already {
        return yes();
    }
    if let Some(place) = w.chats.get_mut(&chat) {
        place.pinned.push(id);
    }
    w.service(chat, BOT_ID, json!({"pinned_message": message}));
    yes()
}

pub(super) fn unpin(w: &mut World, p: &Params) -> Outcome {
    let chat = may_pin(w, p)?;
    if let Some(place) = w.chats.get_mut(&chat) {
        let wanted = p.int("message_id").or_else(|| place.pinned.last().copied());
        let before = place.pinned.len();
        place.pinned.retain(|id| Some(*id) != wanted);
        if place.pinned.len() == before {
            return Err(ApiError::bad("message to unpin not found"));
        }
    }
    w.touch(chat);
    yes()
}

pub(super) fn unpin_all(w: &mut World, p: &Params) -> Outcome {
    let chat = may_pin(w, p)?;
    if let Some(place) = w.chats.get_mut(&chat) {
        place.pinned.clear();
    }
    w.touch(chat);
    yes()
}
