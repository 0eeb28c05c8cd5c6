//! Rich messages of Bot API 10.1, known blocks and unknown ones.
use beadle::telegram::event::Source;
use serde_json::json;

use super::{links, message, texts};

#[test]
fn words_cut_by_formatting_are_whole_again() {
    let event = message(json!({"rich_message": {"blocks": [
        {"type": "heading", "size": 1, "text": "Mar"},
        {"type": "paragraph", "text": ["fr", {"type": "bold", "text": "ee le"}, {"type": "italic", "text": ["e", "ks"]}]},
        {"type": "list", "items": [{"label": "•", "blocks": [{"type": "paragraph", "text": "one"}]}]},
        {"type": "table", "cells": [[{"text": "price"}, {"text": {"type": "code", "text": "9"}}]], "caption": "what it costs"},
        {"type": "details", "summary": "more", "blocks": [{"type": "paragraph", "text": "inside"}]},
        {"type": "pullquote", "text": "as said", "credit": "a friend"},
        {"type": "mathematical_expression", "expression": "a+b"},
        {"type": "anchor", "name": "nowhere"},
    ]}}));
    assert_eq!(
        texts(&event, Source::RichText),
        ["Mar\nfree leeks\n•\none\nwhat it costs\nprice\n9\nmore\ninside\nas said\na friend\na+b"]
    );
    assert_eq!(event.content, ["rich_message"]);
    assert!(event.unknown.is_empty(), "{:?}", event.unknown);
}

#[test]
fn links_in_line() {
    let event = message(
        json!({"rich_message": {"blocks": [{"type": "paragraph", "text": [
            {"type": "url", "url": "https://a.example", "text": [{"type": "bold", "text": "ta"}, "p"]},
            " ", {"type": "email_address", "email_address": "me@a.example", "text": "mail"},
            " ", {"type": "phone_number", "phone_number": "+15550103", "text": "call"},
            " ", {"type": "mention", "username": "plum_tree", "text": "@plum_tree"},
            " ", {"type": "text_mention", "user": {"id": 12, "first_name": "Q"}, "text": "you"},
            " ", {"type": "custom_emoji", "custom_emoji_id": "1", "alternative_text": "🦔"},
            " and https://b.example plain",
        ]}]}}),
    );
    assert_eq!(
        links(&event, Source::RichText),
        [
            ("https://a.example", Some("tap")),
            ("mailto:me@a.example", Some("mail")),
            ("tel:+15550103", Some("call")),
            ("@plum_tree", None),
            ("tg://user?id=12", Some("you")),
            ("https://b.example", None),
        ]
    );
    assert_eq!(texts(&event, Source::CustomEmoji), ["🦔"]);
    assert_eq!(
        texts(&event, Source::RichText),
        ["tap mail call @plum_tree you 🦔 and https://b.example plain"]
    );
}

#[test]
fn buttons_and_media_of_a_page() {
    let event = message(json!({"rich_message": {"blocks": [
        {"type": "buttons", "buttons": [{"text": ["Go ", {"type": "bold", "text": "now"}], "url": "https://go.example"}]},
        {"type": "paragraph", "text": {"type": "button", "button": {"text": "Copy", "copy_text": {"text": "LEEK-7"}}}},
        {"type": "document", "document": {"file_id": "f", "file_unique_id": "fu", "file_name": "map of beds.pdf"},
            "caption": {"text": "the beds", "credit": "Ines"}},
        {"type": "photo", "photo": [{"file_id": "p", "file_unique_id": "pu", "width": 1, "height": 1}]},
    ]}}));
    assert_eq!(
        links(&event, Source::Button),
        [("https://go.example", Some("Go now"))]
    );
    let said = texts(&event, Source::Button);
    assert!(
        ["Go now", "Copy", "LEEK-7"]
            .iter()
            .all(|w| said.contains(w)),
        "{said:?}"
    );
    assert_eq!(texts(&event, Source::DocumentName), ["map of beds.pdf"]);
    assert_eq!(texts(&event, Source::RichText), ["the beds\nInes"]);
    let kinds: Vec<_> = event.attachments.iter().map(|a| a.kind.as_str()).collect();
    assert_eq!(kinds, ["document", "photo"]);
}

#[test]
fn unknown_blocks_are_read_and_named() {
    let event = message(json!({"rich_message": {"blocks": [
        {"type": "carousel", "slides": [{"heading": "first slide", "go": {"url": "https://slide.example"}}]},
        {"type": "paragraph", "text": {"type": "wobbly", "text": "hello", "tooltip": "psst: t.me/leek_club"}},
        "a bare string", 7, null,
    ]}}));
    let all = texts(&event, Source::RichText).join("\n");
    for words in [
        "first slide",
        "hello",
        "psst: t.me/leek_club",
        "a bare string",
    ] {
        assert!(all.contains(words), "{words} in {all}");
    }
    let targets: Vec<_> = links(&event, Source::RichText)
        .iter()
        .map(|l| l.0)
        .collect();
    assert!(
        targets.contains(&"https://slide.example") && targets.contains(&"t.me/leek_club"),
        "{targets:?}"
    );
    assert_eq!(event.unknown, ["rich.carousel", "rich.wobbly"]);
}

#[test]
fn a_plain_text_that_became_rich() {
    let event = message(json!({"text": ["buy ", {"type": "bold", "text": "le"}, "eks"]}));
    assert_eq!(texts(&event, Source::Text), ["buy leeks"]);
}

#[test]
fn rich_message_replied_to_stays_a_reply() {
    let event = message(json!({"text": "ok", "reply_to_message": {"message_id": 3,
        "rich_message": {"blocks": [{"type": "buttons", "buttons": [{"text": "B", "url": "https://b.example"}]},
            {"type": "paragraph", "text": "old words"}]}}}));
    assert_eq!(event.own_words().count(), 1);
    assert_eq!(texts(&event, Source::Reply), ["B", "old words"]);
    assert_eq!(
        links(&event, Source::Reply),
        [("https://b.example", Some("B"))]
    );
}
