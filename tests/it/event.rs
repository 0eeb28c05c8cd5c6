//! Reading updates: every carrier of words and links comes out, whatever else is in the JSON.
mod carriers;
mod commands;
mod contents;
mod corpus;
mod damaged;
mod kinds;
mod limits;
mod marks;
mod properties;
mod rich;
mod senders;

use beadle::telegram::event::{Event, Source, extract};
use serde_json::{Value, json};

/// A group message with these members on top of the usual ones.
fn message(members: Value) -> Event {
    extract(&update(members))
}

/// The update around [`message`].
fn update(members: Value) -> Value {
    let mut message = json!({
        "message_id": 41,
        "date": 1_790_000_000,
        "chat": {"id": -1_001_234, "type": "supergroup", "title": "Allotment 9"},
        "from": {"id": 700, "is_bot": false, "first_name": "Ines"},
    });
    for (name, value) in members.as_object().expect("members") {
        message[name] = value.clone();
    }
    json!({"update_id": 5, "message": message})
}

/// All texts of a source.
fn texts(event: &Event, source: Source) -> Vec<&str> {
    let of_source = event.texts.iter().filter(|t| t.source == source);
    of_source.map(|t| t.text.as_str()).collect()
}

/// All links of a source: target, and what is shown.
fn links(event: &Event, source: Source) -> Vec<(&str, Option<&str>)> {
    let of_source = event.links.iter().filter(|l| l.source == source);
    of_source
        .map(|l| (l.target.as_str(), l.shown.as_deref()))
        .collect()
}
