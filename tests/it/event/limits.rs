//! Bounds: nothing grows without end, and reaching a bound is told.
use std::time::{Duration, Instant};

use beadle::telegram::event::{
    Event, MAX_LINKS, MAX_TEXT_BYTES, MAX_TEXTS, MAX_TOTAL_BYTES, MAX_UNKNOWN, Source, extract,
    parse,
};
use serde_json::{Value, json};

use super::{message, texts};

fn within(event: &Event) {
    assert!(event.texts.iter().all(|t| t.text.len() <= MAX_TEXT_BYTES));
    assert!(event.texts.iter().map(|t| t.text.len()).sum::<usize>() <= MAX_TOTAL_BYTES + 1);
    assert!(event.links.len() <= MAX_LINKS);
    assert!(event.unknown.len() <= MAX_UNKNOWN);
    let link_bytes = |l: &beadle::telegram::event::Link| {
        l.target.len() + l.shown.as_ref().map_or(0, String::len)
    };
    assert!(event.links.iter().map(link_bytes).sum::<usize>() <= MAX_TOTAL_BYTES);
    assert!(event.attachments.len() <= 64 && event.content.len() <= 32);
}

#[test]
fn long_text_is_cut_into_pieces_and_not_lost() {
    let long = "é🦔".repeat(MAX_TEXT_BYTES / 4);
    let event = message(json!({"text": format!("{long} end of it")}));
    within(&event);
    assert!(!event.truncated);
    assert_eq!(
        texts(&event, Source::Text).concat(),
        format!("{long} end of it")
    );
}

#[test]
fn too_much_is_told_and_the_senders_own_stays() {
    let flood: Vec<Value> = (0..20_000)
        .map(|n| json!({"word": format!("filler {n} https://f{n}.example")}))
        .collect();
    let event = message(
        json!({"text": "own words", "aaa": flood, "reply_to_message": {"message_id": 1, "aaa": flood}}),
    );
    within(&event);
    assert!(event.truncated);
    assert_eq!(event.texts[0].text, "own words");
}

#[test]
fn many_small_texts_do_not_crowd_out_the_last() {
    let many: Vec<Value> = (0..5_000).map(|n| json!({"w": format!("w{n}")})).collect();
    let event = message(json!({"hologram": [many, {"w": "last one"}]}));
    within(&event);
    assert!(!event.truncated);
    assert!(event.texts.iter().any(|t| t.text.ends_with("last one")));
    assert!(event.texts.len() <= MAX_TEXTS);
}

#[test]
fn many_unknown_names() {
    let members: serde_json::Map<_, _> = (0..500)
        .map(|n| (format!("{}{n}", "é".repeat(90)), json!({"a": 1})))
        .collect();
    let event = message(Value::Object(members));
    within(&event);
    assert!(event.unknown.iter().all(|name| name.len() < 100));
}

/// What grows faster than its input would take minutes here.
#[test]
fn hostile_input_is_read_in_time() {
    let n = 200_000;
    let entities: Vec<Value> = (0..20_000)
        .map(|i| {
            json!({"type": "text_link", "offset": i * 3 % 9_000, "length": 9_000,
        "url": format!("https://e{i}.example")})
        })
        .collect();
    let hostile = [
        json!({"text": format!("http://x{}", ")".repeat(n))}),
        json!({"text": "@".repeat(n)}),
        json!({"text": "@abcde".repeat(n / 6)}),
        json!({"text": "a@a.com@".repeat(n / 8)}),
        json!({"text": "://".repeat(n / 3)}),
        json!({"text": "a://=".repeat(n / 5)}),
        json!({"text": "a.com:".repeat(n / 6)}),
        json!({"text": "a.".repeat(n / 2)}),
        json!({"text": "x.com ".repeat(n / 6)}),
        json!({"text": "🦔".repeat(10_000), "entities": entities}),
        json!({"rich_message": {"blocks": [{"type": "paragraph", "text": vec!["word "; n / 5]}]}}),
        json!({"rich_message": {"blocks": vec![json!({"type": "x", "text": "a", "b": "c"}); n / 20]}}),
        json!({"photo": vec![json!({"file_id": "p", "width": 1, "height": 1}); n / 20]}),
    ];
    for members in hostile {
        let update = super::update(members);
        let raw = update.to_string();
        let start = Instant::now();
        within(&extract(&update));
        within(&parse(&raw[..raw.len() - 1]));
        let took = start.elapsed();
        assert!(
            took < Duration::from_secs(5),
            "{took:?} for {}",
            &raw[raw.len() - 200..]
        );
    }
}
