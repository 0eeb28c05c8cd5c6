//! JSON that is damaged, of the wrong shape, or nested without end.
use beadle::telegram::event::{Kind, Source, extract, parse};
use serde_json::json;

use super::{links, message, texts, update};

#[test]
fn known_fields_of_wrong_types_hide_nothing() {
    let strange = [
        json!(null),
        json!(true),
        json!(7),
        json!(-1.5),
        json!("word"),
        json!([]),
        json!({}),
        json!([[{"a": []}]]),
        json!({"id": "x"}),
        json!([1, null, "two"]),
    ];
    for field in [
        "from",
        "chat",
        "date",
        "message_id",
        "entities",
        "caption",
        "rich_message",
        "photo",
        "document",
        "poll",
        "quote",
        "external_reply",
        "reply_to_message",
        "forward_origin",
        "reply_markup",
        "contact",
        "via_bot",
        "sender_chat",
        "new_chat_members",
        "migrate_to_chat_id",
        "message_thread_id",
        "link_preview_options",
        "media_group_id",
        "is_topic_message",
        "pinned_message",
        "paid_media",
        "checklist",
        "story",
        "giveaway",
    ] {
        for value in &strange {
            let mut members = json!({"text": "good beans", "author_signature": "signed"});
            members[field] = value.clone();
            let event = message(members);
            assert!(
                texts(&event, Source::Text).contains(&"good beans"),
                "{field} = {value}"
            );
            assert!(
                texts(&event, Source::Signature).contains(&"signed"),
                "{field} = {value}"
            );
        }
    }
}

#[test]
fn any_value_is_an_event() {
    for value in [
        json!(null),
        json!(0),
        json!("free leeks"),
        json!([{"text": "free leeks"}]),
        json!({}),
        json!({"message": "free leeks"}),
        json!({"message": ["free leeks"]}),
        json!({"update_id": "x", "say": "free leeks"}),
    ] {
        let event = extract(&value);
        let any = event.texts.iter().any(|t| t.text == "free leeks");
        assert_eq!(any, value.to_string().contains("leeks"), "{value}");
    }
}

#[test]
fn cut_off_json_keeps_what_was_there() {
    let raw = update(json!({"text": "beans at https://beans.example/x for all"})).to_string();
    for cut in (0..raw.len()).filter(|cut| raw.is_char_boundary(*cut)) {
        let event = parse(&raw[..cut]);
        assert!(event.truncated);
        assert_eq!(event.unknown[0], "unreadable json");
    }
    let late = parse(&raw[..raw.len() - 1]);
    assert_eq!(
        (late.kind.clone(), late.message_id),
        (Kind::Message, Some(41))
    );
    assert_eq!(
        texts(&late, Source::Text),
        ["beans at https://beans.example/x for all"]
    );
    assert_eq!(links(&late, Source::Text).len(), 1);
    assert_eq!(late.chat.as_ref().map(|c| c.id), Some(-1_001_234));
}

#[test]
fn garbage_around_an_update() {
    let raw = format!(
        "\u{feff}HTTP 200 [1] {} trailing \"more beans\"",
        update(json!({"text": "beans"}))
    );
    let event = parse(&raw);
    assert_eq!(texts(&event, Source::Text), ["beans"]);
    assert!(texts(&event, Source::Other).contains(&"more beans"));
    assert_eq!(event.update_id, Some(5));
}

#[test]
fn lone_surrogates_and_escapes() {
    let raw = r#"{"update_id": 5, "message": {"message_id": 1, "chat": {"id": -3},
        "text": "free \ud83d leeks \ud83e\udd94 \"now\"\n\u00e9 \\ \/ \uzz"}}"#;
    let event = parse(raw);
    assert_eq!(
        texts(&event, Source::Text),
        ["free \u{fffd} leeks 🦔 \"now\"\né \\ / uzz"]
    );
}

#[test]
fn names_that_come_twice_are_both_read() {
    let event = parse(r#"{"message": {"text": "nice", "text": "free leeks", "chat": {"id": 1}"#);
    let all: Vec<_> = event.texts.iter().map(|t| t.text.as_str()).collect();
    assert_eq!(all, ["nice", "free leeks"]);
}

#[test]
fn nested_without_end() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let levels = 200_000;
        let raw = format!(
            r#"{{"update_id": 5, "message": {{"text": "top words", "chat": {{"id": -3, "type": "group"}}, "hologram": {}{{"url": "https://deep.example", "pitch": "deep words"}}{}}}}}"#,
            open.repeat(levels),
            close.repeat(levels),
        );
        let event = parse(&raw);
        assert_eq!(texts(&event, Source::Text), ["top words"]);
        assert!(
            texts(&event, Source::Other).contains(&"deep words"),
            "{:?}",
            event.texts
        );
        assert!(
            links(&event, Source::Other)
                .iter()
                .any(|l| l.0 == "https://deep.example")
        );
        assert_eq!(event.chat.as_ref().map(|c| c.id), Some(-3));
        assert!(event.truncated);
    }
}

#[test]
fn as_deep_as_json_may_be_nothing_is_lost() {
    for (open, close) in [("[", "]"), ("{\"blocks\":", "}"), ("{\"text\":", "}")] {
        for field in ["hologram", "rich_message", "poll", "text"] {
            let levels = 124;
            let raw = format!(
                r#"{{"update_id": 5, "message": {{"{field}": {}"deep words"{}}}}}"#,
                open.repeat(levels),
                close.repeat(levels),
            );
            assert!(serde_json::from_str::<serde_json::Value>(&raw).is_ok());
            let event = parse(&raw);
            assert!(
                event.texts.iter().any(|t| t.text.contains("deep words")),
                "{field} {open}"
            );
            assert!(!event.truncated);
        }
    }
}
