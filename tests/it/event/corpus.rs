//! Real and adversarial updates, read in place: no file with words in it comes out empty.
use std::path::{Path, PathBuf};

use beadle::telegram::event::{Event, extract, parse};
use serde_json::Value;

/// The folder of shared data, where this machine has one.
fn data() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    root.ancestors()
        .skip(1)
        .map(|up| up.join("shared/data"))
        .find(|dir| dir.is_dir())
}

fn files(folder: &str) -> Vec<(String, String)> {
    let Some(data) = data() else {
        println!("skipped: no shared data beside the project");
        return Vec::new();
    };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(data.join(folder)).expect("folder of updates") {
        let path = entry.expect("entry").path();
        if path.extension().is_some_and(|e| e == "json") {
            let name = path
                .file_name()
                .expect("name")
                .to_string_lossy()
                .into_owned();
            found.push((name, std::fs::read_to_string(&path).expect("readable")));
        }
    }
    found.sort();
    found
}

/// Names whose strings no person is shown. Each is an identifier, a code or an enumeration.
const NO_WORDS: &[&str] = &[
    // Identifiers.
    "id",
    "file_id",
    "file_unique_id",
    "media_group_id",
    "business_connection_id",
    "poll_id",
    "custom_emoji_id",
    "icon_custom_emoji_id",
    "persistent_id",
    "option_persistent_id",
    "option_persistent_ids",
    "result_id",
    "boost_id",
    "inline_message_id",
    "effect_id",
    "guest_query_id",
    "query_id",
    "chat_instance",
    "shipping_option_id",
    "foursquare_id",
    "telegram_payment_charge_id",
    "provider_payment_charge_id",
    // Codes chosen by bots for themselves.
    "callback_data",
    "invoice_payload",
    "paid_media_payload",
    "start_parameter",
    "offset",
    // Enumerations and formats.
    "type",
    "status",
    "mime_type",
    "language_code",
    "emoji",
    "currency",
    "align",
    "valign",
    "style",
    "chat_type",
    "source",
    "origin",
    "date_time_format",
    "point",
    "country_code",
    "reason",
    "state",
    // Names of places within a rich page.
    "anchor_name",
    "reference_name",
    // Encrypted for somebody else.
    "hash",
    "secret",
];

/// Parts that the event holds elsewhere than in its words.
const ELSEWHERE: &[&str] = &[
    // Sender, place, service and member change.
    "from",
    "chat",
    "user",
    "voter_chat",
    "actor_chat",
    "receiver_user",
    "new_chat_members",
    "new_chat_member",
    "new_chat_participant",
    "left_chat_member",
    "left_chat_participant",
    "old_chat_member",
    // Encrypted for somebody else.
    "passport_data",
];

/// Every string of an update that a person could read, with its path.
fn words(value: &Value, path: &str, top: bool, out: &mut Vec<(String, String)>) {
    match value {
        Value::Object(members) => {
            let kind = members.get("type").and_then(Value::as_str);
            for (name, inner) in members {
                let anchor = name == "name" && matches!(kind, Some("anchor" | "reference"));
                let invite = name == "invite_link"
                    && (path.ends_with("chat_member") || path.ends_with("chat_join_request"));
                // The account's name: what a person sees is the text, and it links to the id.
                let mentioned = name == "user" && kind == Some("text_mention");
                let callback = name == "data" && path.ends_with("callback_query");
                // Within the frame of an update, of a message replied to, or of a pressed message.
                let framed = (top || path.ends_with("_message") || path.ends_with(".message"))
                    && ELSEWHERE.contains(&name.as_str());
                // The chat itself speaks: its name is the event's place.
                let here = name == "sender_chat"
                    && inner["id"] == members.get("chat").map_or(Value::Null, |c| c["id"].clone());
                let machine = inner.is_string() && NO_WORDS.contains(&name.as_str());
                if !(anchor || here || mentioned || invite || callback || framed || machine) {
                    words(inner, &format!("{path}.{name}"), false, out);
                }
            }
        }
        Value::Array(items) => {
            let name = path.rsplit('.').next().unwrap_or("");
            let codes = items.iter().all(Value::is_string) && NO_WORDS.contains(&name);
            for item in items.iter().filter(|_| !codes) {
                words(item, path, false, out);
            }
        }
        Value::String(text) if !text.trim().is_empty() => {
            out.push((path.to_owned(), text.clone()));
        }
        _ => {}
    }
}

fn found(event: &Event, word: &str) -> bool {
    event.texts.iter().any(|t| t.text.contains(word))
        || event.links.iter().any(|l| l.target.contains(word.trim()))
}

#[test]
fn every_word_of_every_known_update_comes_out() {
    let (mut with_words, mut empty, mut count, mut strings) = (0, 0, 0, 0);
    let mut lost = Vec::new();
    for folder in ["updates", "updates-adversarial"] {
        for (name, raw) in files(folder) {
            let update: Value = serde_json::from_str(&raw).expect("JSON");
            let event = extract(&update);
            assert_eq!(event, parse(&raw), "{name}: parsed and raw differ");
            count += 1;
            let mut all = Vec::new();
            for (kind, payload) in update.as_object().expect("update") {
                words(payload, kind, true, &mut all);
            }
            strings += all.len();
            with_words += usize::from(!all.is_empty());
            let nothing = event.texts.is_empty() && event.links.is_empty();
            empty += usize::from(nothing && !all.is_empty());
            for (path, word) in all {
                if !found(&event, &word) {
                    lost.push(format!("{name}: {path} = {word:?}"));
                }
            }
            assert!(!event.truncated, "{name} is within every limit");
        }
    }
    println!("{count} files, {with_words} with words ({strings} strings), {empty} of these empty");
    assert!(lost.is_empty(), "lost {}:\n{}", lost.len(), lost.join("\n"));
    assert_eq!(empty, 0);
}
