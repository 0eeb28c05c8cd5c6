//! Sending, copying, forwarding.
use serde_json::{Value, json};

use super::compose::{self, begin, finish};
use super::yes;
use crate::telegram::simulator::errors::{ApiError, Outcome};
use crate::telegram::simulator::params::Params;
use crate::telegram::simulator::world::World;

pub(super) fn text(w: &mut World, p: &Params) -> Outcome {
    w.writable(p, "can_send_messages")?;
    let (text, entities) = compose::formatted(w, p, "text", "parse_mode", "entities")?;
    if text.is_empty() {
        return Err(ApiError::bad("message text is empty"));
    }
    let mut draft = begin(w, p, "can_send_messages")?;
    draft.message.insert("text".into(), json!(text));
    if !entities.is_empty() {
        draft.message.insert("entities".into(), json!(entities));
    }
    if let Some(options) = p.get("link_preview_options") {
        draft
            .message
            .insert("link_preview_options".into(), options.clone());
    }
    finish(w, draft)
}

/// A rich message given as blocks is kept as given; HTML and Markdown become one paragraph.
pub(super) fn rich(w: &mut World, p: &Params) -> Outcome {
    let given = p.get("rich_message").cloned().unwrap_or(Value::Null);
    let blocks = match given.get("blocks") {
        Some(blocks) => blocks.clone(),
        None => {
            let source = given["html"]
                .as_str()
                .or_else(|| given["markdown"].as_str());
            json!([{"type": "paragraph", "text": source.unwrap_or_default()}])
        }
    };
    let mut draft = begin(w, p, "can_send_messages")?;
    draft
        .message
        .insert("rich_message".into(), json!({"blocks": blocks}));
    finish(w, draft)
}

pub(super) fn media(w: &mut World, p: &Params, kind: &str, permission: &str) -> Outcome {
    w.writable(p, permission)?;
    let content = content(w, p, kind, p.text(kind))?;
    let mut draft = begin(w, p, permission)?;
    draft.message.insert(kind.to_owned(), content);
    if kind == "animation" {
        // "For backward compatibility, when this field is set, the document field will also be set."
        let file = &draft.message["animation"];
        let document =
            json!({"file_id": file["file_id"], "file_unique_id": file["file_unique_id"]});
        draft.message.insert("document".into(), document);
    }
    compose::caption(w, p, &mut draft.message)?;
    finish(w, draft)
}

/// The media object for a file given as an upload, a `file_id` or a URL.
pub(super) fn content(
    w: &mut World,
    p: &Params,
    kind: &str,
    given: Option<&str>,
) -> Result<Value, ApiError> {
    let upload = given.and_then(|link| p.files.get(link.strip_prefix("attach://")?));
    let id = match (upload, given) {
        (Some(upload), _) => {
            if upload.bytes.is_empty() {
                return Err(ApiError::bad("file must be non-empty"));
            }
            let limit = if kind == "photo" { 10 << 20 } else { 50 << 20 };
            if upload.bytes.len() > limit {
                return Err(ApiError::new(413, "Request Entity Too Large"));
            }
            w.file_id(&upload.name, upload.mime.as_deref(), upload.bytes.clone())
        }
        (None, Some(url)) if url.starts_with("http://") || url.starts_with("https://") => {
            let name = url.rsplit('/').next().unwrap_or_default().to_owned();
            w.file_id(&name, None, url.as_bytes().to_vec())
        }
        (None, Some(id)) if w.files.contains_key(id) => id.to_owned(),
        (None, Some(_)) => {
            return Err(ApiError::bad("wrong file identifier/HTTP URL specified"));
        }
        (None, None) => {
            return Err(ApiError::bad(format!("there is no {kind} in the request")));
        }
    };
    Ok(media_json(w, kind, &id))
}

/// `PhotoSize` list, `Document`, `Video` … of a stored file.
pub(crate) fn media_json(w: &World, kind: &str, id: &str) -> Value {
    let Some(file) = w.files.get(id) else {
        return Value::Null;
    };
    let mut value = json!({"file_id": id, "file_unique_id": file.unique, "file_size": file.size});
    let extra = match kind {
        "photo" => json!({"width": 1280, "height": 720}),
        "video" | "animation" => json!({"width": 1280, "height": 720, "duration": 5}),
        "video_note" => json!({"length": 240, "duration": 5}),
        "audio" | "voice" => json!({"duration": 5}),
        "sticker" => {
            json!({"type": "regular", "width": 512, "height": 512, "is_animated": false, "is_video": false})
        }
        _ => json!({"file_name": file.name}),
    };
    if let (Value::Object(all), Value::Object(extra)) = (&mut value, extra) {
        all.extend(extra);
        if let Some(mime) = &file.mime
            && !matches!(kind, "photo" | "video_note" | "sticker")
        {
            all.insert("mime_type".into(), json!(mime));
        }
    }
    if kind == "photo" {
        json!([value])
    } else {
        value
    }
}

pub(super) fn album(w: &mut World, p: &Params) -> Outcome {
    let items = p.list("media").cloned().unwrap_or_default();
    if !(2..=10).contains(&items.len()) {
        return Err(ApiError::bad("group send failed: must include 2-10 items"));
    }
    w.writable(p, "can_send_photos")?;
    let group = w.token(16);
    let mut sent = Vec::new();
    let mut contents = Vec::new();
    for item in &items {
        let kind = item["type"].as_str().unwrap_or_default().to_owned();
        if !["photo", "video", "document", "audio", "live_photo"].contains(&kind.as_str()) {
            return Err(ApiError::bad(
                "can't use the media of the specified type in the album",
            ));
        }
        let caption = compose::styled(
            w,
            item["caption"].as_str().unwrap_or_default(),
            item["parse_mode"].as_str(),
            item["caption_entities"].as_array(),
        )?;
        contents.push((content(w, p, &kind, item["media"].as_str())?, kind, caption));
    }
    for (content, kind, (caption, entities)) in contents {
        let mut draft = begin(w, p, "can_send_photos")?;
        draft.message.insert(kind, content);
        draft.message.insert("media_group_id".into(), json!(group));
        if !caption.is_empty() {
            draft.message.insert("caption".into(), json!(caption));
            if !entities.is_empty() {
                draft
                    .message
                    .insert("caption_entities".into(), json!(entities));
            }
        }
        sent.push(finish(w, draft)?);
    }
    Ok(Value::Array(sent))
}

pub(super) fn poll(w: &mut World, p: &Params) -> Outcome {
    let options = p.list("options").cloned().unwrap_or_default();
    if options.is_empty() {
        return Err(ApiError::bad("poll must have at least 1 option"));
    }
    let mut draft = begin(w, p, "can_send_polls")?;
    let options: Vec<Value> = options
        .iter()
        .enumerate()
        .map(|(at, option)| {
            let text = option["text"]
                .as_str()
                .or_else(|| option.as_str())
                .unwrap_or_default();
            json!({"text": text, "voter_count": 0, "persistent_id": at.to_string()})
        })
        .collect();
    let poll = json!({
        "id": w.token(18),
        "question": p.text("question").unwrap_or_default(),
        "options": options,
        "total_voter_count": 0,
        "is_closed": p.flag("is_closed"),
        "is_anonymous": p.get("is_anonymous").and_then(Value::as_bool).unwrap_or(true),
        "type": p.text("type").unwrap_or("regular"),
        "allows_multiple_answers": p.flag("allows_multiple_answers"),
        "allows_revoting": p.get("allows_revoting").and_then(Value::as_bool).unwrap_or(true),
        "members_only": p.flag("members_only"),
    });
    draft.message.insert("poll".into(), poll);
    finish(w, draft)
}

pub(super) fn dice(w: &mut World, p: &Params) -> Outcome {
    let mut draft = begin(w, p, "can_send_other_messages")?;
    let value = i64::try_from(crate::base::random::Random::below(&w.random, 6)).unwrap_or(0) + 1;
    let emoji = p.text("emoji").unwrap_or("🎲");
    draft
        .message
        .insert("dice".into(), json!({"emoji": emoji, "value": value}));
    finish(w, draft)
}

pub(super) fn location(w: &mut World, p: &Params) -> Outcome {
    let mut draft = begin(w, p, "can_send_messages")?;
    let place = json!({"latitude": p.get("latitude"), "longitude": p.get("longitude")});
    draft.message.insert("location".into(), place);
    finish(w, draft)
}

pub(super) fn venue(w: &mut World, p: &Params) -> Outcome {
    let mut draft = begin(w, p, "can_send_messages")?;
    let place = json!({"latitude": p.get("latitude"), "longitude": p.get("longitude")});
    let venue = json!({"location": place, "title": p.get("title"), "address": p.get("address")});
    draft.message.insert("location".into(), place);
    draft.message.insert("venue".into(), venue);
    finish(w, draft)
}

pub(super) fn contact(w: &mut World, p: &Params) -> Outcome {
    let mut draft = begin(w, p, "can_send_messages")?;
    let contact = json!({"phone_number": p.get("phone_number"), "first_name": p.get("first_name")});
    draft.message.insert("contact".into(), contact);
    finish(w, draft)
}

pub(super) fn action(w: &mut World, p: &Params) -> Outcome {
    w.writable(p, "can_send_messages")?;
    const ACTIONS: [&str; 11] = [
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    ];
    if ACTIONS.contains(&p.text("action").unwrap_or_default()) {
        yes()
    } else {
        Err(ApiError::bad("wrong parameter action in request"))
    }
}

fn source(w: &World, p: &Params, id: i64, words: &str) -> Result<Value, ApiError> {
    let from = w.known_as(p, "from_chat_id")?.id;
    let message = w.message(from, id).ok_or_else(|| ApiError::bad(words))?;
    if message.value["has_protected_content"] == json!(true) {
        let verb = if words.contains("copy") {
            "copied"
        } else {
            "forwarded"
        };
        return Err(ApiError::bad(format!("message can't be {verb}")));
    }
    if message.is_service() {
        return Err(ApiError::bad(words.replace("not found", "can't be sent")));
    }
    Ok(message.value.clone())
}

/// What belongs to the place and the moment rather than to the content.
const NOT_CONTENT: [&str; 24] = [
    "message_id",
    "message_thread_id",
    "from",
    "sender_chat",
    "date",
    "chat",
    "forward_origin",
    "is_topic_message",
    "is_automatic_forward",
    "reply_to_message",
    "external_reply",
    "quote",
    "via_bot",
    "edit_date",
    "has_protected_content",
    "media_group_id",
    "author_signature",
    "reply_markup",
    "sender_boost_count",
    "sender_tag",
    "receiver_user",
    "ephemeral_message_id",
    "is_paid_post",
    "effect_id",
];

fn forward_one(w: &mut World, p: &Params, id: i64) -> Outcome {
    let original = source(w, p, id, "message to forward not found")?;
    let origin = match original.get("forward_origin") {
        Some(origin) => origin.clone(),
        None => match (original.get("sender_chat"), original.get("from")) {
            (Some(chat), _) if chat["type"] == "channel" => json!({
                "type": "channel", "date": original["date"], "chat": chat,
                "message_id": original["message_id"],
            }),
            (Some(chat), _) => {
                json!({"type": "chat", "date": original["date"], "sender_chat": chat})
            }
            (None, user) => {
                json!({"type": "user", "date": original["date"], "sender_user": user})
            }
        },
    };
    let mut draft = begin(w, p, "can_send_messages")?;
    draft.message.insert("forward_origin".into(), origin);
    if let Value::Object(map) = original {
        draft.message.extend(
            map.into_iter()
                .filter(|(k, _)| !NOT_CONTENT.contains(&k.as_str())),
        );
    }
    finish(w, draft)
}

fn copy_one(w: &mut World, p: &Params, id: i64, single: bool) -> Outcome {
    let original = source(w, p, id, "message to copy not found")?;
    let mut draft = begin(w, p, "can_send_messages")?;
    if let Value::Object(map) = original {
        draft.message.extend(
            map.into_iter()
                .filter(|(k, _)| !NOT_CONTENT.contains(&k.as_str())),
        );
    }
    if single && p.get("caption").is_some() {
        draft.message.remove("caption");
        draft.message.remove("caption_entities");
        compose::caption(w, p, &mut draft.message)?;
    }
    if p.flag("remove_caption") {
        draft.message.remove("caption");
        draft.message.remove("caption_entities");
    }
    let sent = finish(w, draft)?;
    Ok(json!({"message_id": sent["message_id"]}))
}

pub(super) fn forward(w: &mut World, p: &Params) -> Outcome {
    forward_one(w, p, p.int("message_id").unwrap_or_default())
}

pub(super) fn copy(w: &mut World, p: &Params) -> Outcome {
    copy_one(w, p, p.int("message_id").unwrap_or_default(), true)
}

fn many(p: &Params, mut each: impl FnMut(i64) -> Outcome, words: &str) -> Outcome {
    let ids: Vec<i64> = p
        .list("message_ids")
        .into_iter()
        .flatten()
        .filter_map(Value::as_i64)
        .collect();
    if !(1..=100).contains(&ids.len()) {
        return Err(ApiError::bad("too many message identifiers specified"));
    }
    let mut sent = Vec::new();
    for id in ids {
        // "If some of the specified messages can't be found or forwarded, they are skipped."
        match each(id) {
            Ok(message) => sent.push(json!({"message_id": message["message_id"]})),
            Err(error) if error.code == 400 && error.text.contains("message") => {}
            Err(error) => return Err(error),
        }
    }
    if sent.is_empty() {
        return Err(ApiError::bad(words));
    }
    Ok(Value::Array(sent))
}

pub(super) fn forward_many(w: &mut World, p: &Params) -> Outcome {
    many(
        p,
        |id| forward_one(w, p, id),
        "there are no messages to forward",
    )
}

pub(super) fn copy_many(w: &mut World, p: &Params) -> Outcome {
    many(
        p,
        |id| copy_one(w, p, id, false),
        "there are no messages to copy",
    )
}
