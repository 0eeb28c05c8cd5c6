//! Whatever surrounds them, words that stand in an update come out, and nothing panics.
use beadle::telegram::event::{Event, MAX_LINKS, MAX_TEXT_BYTES, extract, parse};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

const NAMES: &[&str] = &[
    "text",
    "caption",
    "entities",
    "caption_entities",
    "rich_message",
    "blocks",
    "type",
    "url",
    "user",
    "offset",
    "length",
    "quote",
    "external_reply",
    "origin",
    "reply_to_message",
    "forward_origin",
    "sender_chat",
    "chat",
    "from",
    "id",
    "title",
    "username",
    "first_name",
    "last_name",
    "reply_markup",
    "inline_keyboard",
    "poll",
    "question",
    "options",
    "contact",
    "phone_number",
    "vcard",
    "photo",
    "document",
    "file_id",
    "file_name",
    "width",
    "message_id",
    "date",
    "is_topic_message",
    "message_thread_id",
    "via_bot",
    "paid_media",
    "story",
    "giveaway",
    "checklist",
    "tasks",
    "hologram",
    "new_chat_members",
    "migrate_to_chat_id",
    "sticker",
    "button",
    "buttons",
    "label",
    "items",
    "cells",
    "summary",
    "link_preview_options",
    "login_url",
    "pinned_message",
    "web_app_data",
];

const WORDS: &[&str] = &[
    "",
    " ",
    "leek",
    "/start@x 1",
    "https://a.example/x",
    "@plum_tree",
    "me@a.example",
    "👩‍👩‍👧 🦔",
    "private",
    "channel",
    "url",
    "text_link",
    "bold",
    "sparkle",
    "paragraph",
    "custom_emoji",
    "\u{202e}txt",
    "a.com:80/x)",
    "t.me/+x",
];

fn junk() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-3_i64..40).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        proptest::sample::select(WORDS).prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            object(inner)
        ]
    })
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => proptest::sample::select(NAMES).prop_map(str::to_owned),
        1 => "[a-z_]{1,12}",
        1 => ".{0,6}",
    ]
}

fn object(inner: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    btree_map(name(), inner, 0..6).prop_map(|members| members.into_iter().collect())
}

fn kind() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => Just("message".to_owned()),
        2 => proptest::sample::select(&["edited_message", "channel_post", "callback_query", "chat_member",
            "my_chat_member", "chat_join_request", "message_reaction", "poll", "inline_query", "guest_message"][..])
            .prop_map(str::to_owned),
        1 => "[a-z_]{1,10}",
    ]
}

fn comes_out(event: &Event, words: &str) -> bool {
    event.texts.iter().any(|t| t.text.contains(words))
        || event.links.iter().any(|l| l.target.contains(words))
}

fn bounded(event: &Event) -> bool {
    event.texts.iter().all(|t| t.text.len() <= MAX_TEXT_BYTES) && event.links.len() <= MAX_LINKS
}

fn many(cases: u32) -> Config {
    Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    }
}

const PLANTED: &str = "планted 🥕 words";

#[test]
fn planted_words_come_out_of_any_junk() {
    let places = &[
        "text",
        "caption",
        "title",
        "question",
        "hologram",
        "vcard",
        "file_name",
        "summary",
        "url",
        "label",
    ];
    let strategy = (
        kind(),
        object(junk()),
        vec(0_usize..64, 0..6),
        proptest::sample::select(&places[..]),
    );
    let planted = std::cell::Cell::new(0);
    let run = TestRunner::new(many(5_000)).run(&strategy, |(kind, payload, path, place)| {
        let mut payload = payload;
        if !plant(&mut payload, &path, place) {
            return Ok(());
        }
        planted.set(planted.get() + 1);
        let event = extract(&json!({"update_id": 1, kind: payload}));
        prop_assert!(comes_out(&event, PLANTED), "lost from {payload}");
        prop_assert!(bounded(&event));
        Ok(())
    });
    run.expect("property");
    // Known words at the top, with junk in all other fields.
    let strategy = object(junk());
    let run = TestRunner::new(many(2_000)).run(&strategy, |junk| {
        let mut message = junk;
        message["text"] = json!(PLANTED);
        let event = extract(&json!({"update_id": 1, "message": message}));
        prop_assert_eq!(event.texts[0].text.as_str(), PLANTED);
        Ok(())
    });
    run.expect("property");
    println!("planted in {} of 5000", planted.get());
    assert!(planted.get() >= 2_000);
}

/// Puts the words under `place` into an object on the way that `path` points. `false` where the way leads into what
/// an event holds elsewhere (people, places) or shows to nobody.
fn plant(value: &mut Value, path: &[usize], place: &str) -> bool {
    const ELSEWHERE: &[&str] = &[
        "from",
        "chat",
        "user",
        "new_chat_members",
        "sender_chat",
        "message",
        "invite_link",
        "old_chat_member",
        "new_chat_member",
        "actor_chat",
        "voter_chat",
        "data",
    ];
    let Some((step, rest)) = path.split_first() else {
        return put(value, place);
    };
    match value {
        Value::Array(items) if !items.is_empty() => {
            let at = step % items.len();
            plant(&mut items[at], rest, place)
        }
        Value::Object(members) if !members.is_empty() => {
            let at = step % members.len();
            let (name, inner) = members.iter_mut().nth(at).expect("member");
            if ELSEWHERE.contains(&name.as_str()) {
                return false;
            }
            if inner.is_object() || inner.is_array() {
                plant(inner, rest, place)
            } else {
                put(value, place)
            }
        }
        other => put(other, place),
    }
}

fn put(value: &mut Value, place: &str) -> bool {
    match value {
        Value::Object(members) => {
            members.insert(place.to_owned(), json!(PLANTED));
            true
        }
        Value::Array(items) => {
            items.push(json!({place: PLANTED}));
            true
        }
        _ => false,
    }
}

#[test]
fn rubbish_never_panics() {
    let count = std::cell::Cell::new(0);
    let whole = prop_oneof![
        junk(),
        (kind(), junk()).prop_map(|(kind, payload)| json!({"update_id": 3, kind: payload}))
    ];
    let strategy = (whole, 0_usize..400, any::<u8>(), ".{0,80}");
    let run = TestRunner::new(many(5_000)).run(&strategy, |(value, cut, mode, noise)| {
        count.set(count.get() + 1);
        let event = extract(&value);
        prop_assert!(bounded(&event));
        event.lane();
        let raw = value.to_string();
        prop_assert_eq!(&parse(&raw), &event, "text and value agree");
        let cut = raw.floor_char_boundary(cut.min(raw.len()));
        let damaged = match mode % 4 {
            0 => raw[..cut].to_owned(),
            1 => raw[cut..].to_owned(),
            2 => format!("{}{noise}{}", &raw[..cut], &raw[cut..]),
            _ => noise,
        };
        prop_assert!(bounded(&parse(&damaged)));
        Ok(())
    });
    run.expect("property");
    println!("{} pieces of rubbish, each whole and damaged", count.get());
    assert!(count.get() >= 5_000);
}
