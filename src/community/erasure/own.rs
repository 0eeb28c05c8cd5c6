//! Takes out of a person's rows what is another's: names in updates, people behind links. Pure.
use serde_json::{Map, Value};

/// Fields of an update that carry somebody else's message, or people beside the sender.
const FOREIGN: &[&str] = &[
    "reply_to_message",
    "external_reply",
    "reply_to_story",
    "quote",
    "pinned_message",
    "contact",
    "forward_origin",
    "forward_from",
    "forward_from_chat",
    "forward_sender_name",
    "forward_signature",
    "story",
    "invite_link",
    "users_shared",
    "user_shared",
    "link_preview_options",
];
/// Deepest JSON that is looked into; what lies deeper is left out.
const DEEPEST: usize = 64;

/// An update: shown when the person sent it or it tells of them, without other people. Else it is left out.
pub(super) fn update(person: i64, row: &mut Map<String, Value>) {
    let text = row.remove("update_json");
    let Some(Value::String(text)) = text else {
        return row.clear();
    };
    let Ok(mut update) = serde_json::from_str::<Value>(&text) else {
        return row.clear();
    };
    let theirs = update.as_object().is_some_and(|kinds| {
        kinds.values().any(|payload| {
            let id = |who: &Value| who["id"].as_i64();
            id(&payload["from"]) == Some(person)
                || id(&payload["user"]) == Some(person)
                || id(&payload["new_chat_member"]["user"]) == Some(person)
        })
    });
    if !theirs {
        return row.clear();
    }
    // The message under a pressed button is the bot's, and may be about anybody.
    if let Some(under) = update.pointer_mut("/callback_query/message") {
        *under = serde_json::json!({ "message_id": under["message_id"] });
    }
    prune(person, &mut update, DEEPEST);
    row.insert("update".to_owned(), update);
}

/// A message: links that are people or addresses of people are not told, for a quote may have brought them.
pub(super) fn message(_person: i64, row: &mut Map<String, Value>) {
    let Some(Value::String(links)) = row.get_mut("links") else {
        return;
    };
    let people = ["tg://user", "@", "tel:", "mailto:"];
    let kept: Vec<&str> = links
        .lines()
        .filter(|link| !people.iter().any(|p| link.starts_with(p)))
        .collect();
    *links = kept.join("\n");
}

/// Empties what is not `person`'s.
fn prune(person: i64, value: &mut Value, depth: usize) {
    if depth == 0 {
        *value = Value::Null;
        return;
    }
    match value {
        Value::Object(map) => {
            let somebody = map.contains_key("is_bot") || map.contains_key("first_name");
            if somebody && map.get("id").and_then(Value::as_i64) != Some(person) {
                map.clear();
                map.insert("left_out".to_owned(), "somebody else".into());
                return;
            }
            map.retain(|name, _| !FOREIGN.contains(&name.as_str()));
            map.values_mut().for_each(|i| prune(person, i, depth - 1));
        }
        Value::Array(items) => items.iter_mut().for_each(|i| prune(person, i, depth - 1)),
        _ => {}
    }
}
