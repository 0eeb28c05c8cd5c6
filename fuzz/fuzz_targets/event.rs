//! Any bytes as an update: nothing panics, bounds hold, text and value agree, planted words come out.
#![no_main]

use beadle::telegram::event::{
    Event, Lane, MAX_LINKS, MAX_TEXT_BYTES, MAX_TOTAL_BYTES, MAX_UNKNOWN, extract, parse,
};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

const PLANTED: &str = "planted words";

fn check(event: &Event) {
    assert!(event.texts.iter().all(|t| t.text.len() <= MAX_TEXT_BYTES));
    let bytes: usize = event.texts.iter().map(|t| t.text.len()).sum();
    assert!(bytes <= MAX_TOTAL_BYTES + 1);
    assert!(event.links.len() <= MAX_LINKS && event.unknown.len() <= MAX_UNKNOWN);
    assert!(Lane::from_key(event.lane().as_key()).is_some());
}

fuzz_target!(|data: &[u8]| {
    let raw = String::from_utf8_lossy(data);
    let event = parse(&raw);
    check(&event);
    let Ok(value) = serde_json::from_str::<Value>(&raw) else {
        return;
    };
    assert_eq!(extract(&value), event);
    // The same value as a message, with words of its own.
    let mut message = value;
    if message.is_object() {
        message["text"] = json!(PLANTED);
        let event = extract(&json!({"update_id": 1, "message": message}));
        check(&event);
        assert_eq!(event.texts[0].text, PLANTED);
    }
});
