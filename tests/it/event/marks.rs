//! Entities by UTF-16 offsets, and addresses that nothing marks.
use beadle::telegram::event::Source;
use serde_json::{Value, json};

use super::{links, message, texts};

fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

fn marked(text: &str, kind: &str, part: &str) -> Value {
    let at = text.find(part).expect("part of text");
    json!({"type": kind, "offset": units(&text[..at]), "length": units(part), "url": "https://t.example/x"})
}

#[test]
fn text_link_shows_the_exact_words() {
    let long = format!("{}👩‍👩‍👧 Größe 🦔", "бобы 🫘 ".repeat(90));
    for (text, part) in [
        ("see the list", "list"),
        ("👨‍👩‍👧‍👦 see the list", "the list"),
        ("🦔🦔 tap 👉🏽 here", "👉🏽 here"),
        ("e\u{301}te\u{301} 🇺🇦 ok", "🇺🇦 ok"),
        (long.as_str(), "👩‍👩‍👧 Größe"),
    ] {
        let event = message(json!({"text": text, "entities": [marked(text, "text_link", part)]}));
        let expected = [("https://t.example/x", Some(part))];
        assert_eq!(links(&event, Source::Text), expected, "{text}");
    }
}

#[test]
fn every_kind_of_link_entity() {
    let text = "garden.example @plum_tree Jo me@mail.example +15550102 #leek $LEEK";
    let mut person = marked(text, "text_mention", "Jo");
    person["url"] = Value::Null;
    person["user"] = json!({"id": 77, "is_bot": false, "first_name": "Johanna"});
    let mut entities = vec![person];
    for (kind, part) in [
        ("url", "garden.example"),
        ("mention", "@plum_tree"),
        ("email", "me@mail.example"),
        ("phone_number", "+15550102"),
        ("hashtag", "#leek"),
        ("cashtag", "$LEEK"),
    ] {
        let mut entity = marked(text, kind, part);
        entity["url"] = Value::Null;
        entities.push(entity);
    }
    let event = message(json!({"text": text, "entities": entities}));
    assert_eq!(
        links(&event, Source::Text),
        [
            ("tg://user?id=77", Some("Jo")),
            ("garden.example", None),
            ("@plum_tree", None),
            ("mailto:me@mail.example", None),
            ("tel:+15550102", None),
        ]
    );
    assert!(event.unknown.is_empty());
}

#[test]
fn damaged_offsets_hide_nothing() {
    let text = "🦔 safe words";
    let last = i64::MAX;
    for (offset, length) in [
        (json!(-1), json!(3)),
        (json!(0), json!(-3)),
        (json!(0), json!(0)),
        (json!(last), json!(last)),
        (json!(1), json!(last)),
        (json!(500), json!(2)),
        (json!("0"), json!("2")),
        (json!(null), json!(1)),
        (json!(1.5), json!(2)),
        (json!(1), json!(1)),
        (json!({}), json!([])),
    ] {
        let event = message(json!({"text": text, "entities": [
            {"type": "url", "offset": offset, "length": length},
            {"type": "text_link", "offset": offset, "length": length, "url": "https://evil.example/"},
            {"type": "custom_emoji", "offset": offset, "length": length, "custom_emoji_id": "5"}]}));
        assert_eq!(texts(&event, Source::Text), [text]);
        let found = links(&event, Source::Text);
        assert!(
            found.iter().any(|l| l.0 == "https://evil.example/"),
            "{offset} {length}: {found:?}"
        );
    }
}

#[test]
fn offset_within_a_pair_takes_the_whole_character() {
    let event = message(json!({"text": "a🦔b", "entities": [
        {"type": "text_link", "offset": 2, "length": 1, "url": "https://one.example"},
        {"type": "text_link", "offset": 0, "length": 2, "url": "https://two.example"}]}));
    assert_eq!(
        links(&event, Source::Text),
        [
            ("https://one.example", Some("🦔")),
            ("https://two.example", Some("a🦔"))
        ]
    );
}

#[test]
fn link_over_many_words_does_not_cover_an_address_in_them() {
    let text = "go to https://real.example/now please";
    let event = message(json!({"text": text, "entities": [
        {"type": "text_link", "offset": 0, "length": 37, "url": "https://other.example"}]}));
    let found = links(&event, Source::Text);
    assert_eq!(
        found,
        [
            ("https://other.example", Some(text)),
            ("https://real.example/now", None)
        ]
    );
}

#[test]
fn marked_address_is_kept_once() {
    let text = "https://bank.example";
    let event = message(json!({"text": text, "entities": [
        {"type": "text_link", "offset": 0, "length": 20, "url": "https://thief.example"}]}));
    assert_eq!(
        links(&event, Source::Text),
        [("https://thief.example", Some(text))]
    );
}

#[test]
fn entities_without_their_text() {
    let event = message(
        json!({"entities": [{"type": "text_link", "offset": 0, "length": 4, "url": "https://a.example"}],
        "caption_entities": [{"type": "text_mention", "offset": 0, "length": 1, "user": {"id": 9}}]}),
    );
    assert_eq!(links(&event, Source::Text), [("https://a.example", None)]);
    assert_eq!(links(&event, Source::Caption), [("tg://user?id=9", None)]);
}

#[test]
fn custom_emoji_and_code_language_are_words_too() {
    let event = message(json!({"text": "👍🏽 x 🦔", "entities": [
        {"type": "custom_emoji", "offset": 0, "length": 4, "custom_emoji_id": "1"},
        {"type": "custom_emoji", "offset": 7, "length": 2, "custom_emoji_id": "2"},
        {"type": "pre", "offset": 5, "length": 1, "language": "join @leek_club"}]}));
    assert_eq!(texts(&event, Source::CustomEmoji), ["👍🏽🦔"]);
    assert_eq!(texts(&event, Source::Text), ["👍🏽 x 🦔", "join @leek_club"]);
    assert_eq!(links(&event, Source::Text), [("@leek_club", None)]);
}

#[test]
fn unmarked_addresses() {
    for (text, expected) in [
        (
            "see https://a.example/x?y=1, then",
            &["https://a.example/x?y=1"][..],
        ),
        ("(https://a.example/w_(x))", &["https://a.example/w_(x)"]),
        (
            "http://a.example,http://b.example",
            &["http://a.example", "http://b.example"],
        ),
        (
            "https://a.example/?to=https://b.example",
            &["https://a.example/?to=https://b.example"],
        ),
        ("tg://resolve?domain=plum", &["tg://resolve?domain=plum"]),
        ("ping t.me/plum_club!", &["t.me/plum_club"]),
        ("www.leek.museum now", &["www.leek.museum"]),
        ("сайт:Огород.РФ.", &["Огород.РФ"]),
        ("go xn--e1afmkfd.xn--p1ai", &["xn--e1afmkfd.xn--p1ai"]),
        ("a.b.shop.com:8080/p", &["a.b.shop.com:8080/p"]),
        ("write @plum_tree,@pear", &["@plum_tree", "@pear"]),
        ("mail me@plum.example please", &["mailto:me@plum.example"]),
        ("«https://a.example»", &["https://a.example"]),
        ("main.rs and README.md, done.it", &[]),
        ("v1.2.3 at 12:30, e.g. so", &[]),
        ("no@where @me a@b", &[]),
        ("://", &[]),
        ("@@@@ ... :::", &[]),
    ] {
        let event = message(json!({"text": text}));
        let found: Vec<_> = links(&event, Source::Text).iter().map(|l| l.0).collect();
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn unmarked_addresses_outside_the_text() {
    let event = message(
        json!({"document": {"file_id": "f", "file_name": "join t.me/leek_club.pdf"},
        "quote": {"text": "ask @leek_boss"}}),
    );
    assert_eq!(
        links(&event, Source::DocumentName),
        [("t.me/leek_club.pdf", None)]
    );
    assert_eq!(links(&event, Source::Quote), [("@leek_boss", None)]);
}
