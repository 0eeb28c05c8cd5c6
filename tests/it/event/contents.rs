//! What a message is made of: each kind from an update as Telegram sends it.
use beadle::telegram::event::{MessageKind, MessageKinds, extract};
use serde_json::{Value, json};

use super::{message, update};

fn kinds(members: Value) -> Vec<&'static str> {
    message(members)
        .kinds
        .iter()
        .map(MessageKind::name)
        .collect()
}

fn entity(kind: &str, offset: u8, length: u8) -> Value {
    let mut entity = json!({"type": kind, "offset": offset, "length": length});
    match kind {
        "text_link" => entity["url"] = "https://leek.example/".into(),
        "text_mention" => entity["user"] = json!({"id": 9, "is_bot": false, "first_name": "Ned"}),
        _ => entity["custom_emoji_id"] = "5".into(),
    }
    json!([entity])
}

#[test]
fn every_kind_of_content() {
    let file = json!({"file_id": "f", "file_unique_id": "u"});
    for (field, value, expected) in [
        ("text", json!("leeks"), vec!["text"]),
        (
            "photo",
            json!([{"file_id": "f", "width": 2, "height": 2}]),
            vec!["photo"],
        ),
        ("live_photo", file.clone(), vec!["photo"]),
        ("video", file.clone(), vec!["video"]),
        ("audio", file.clone(), vec!["audio"]),
        ("document", file.clone(), vec!["document"]),
        ("voice", file.clone(), vec!["voice"]),
        ("video_note", file.clone(), vec!["video_note"]),
        ("sticker", file.clone(), vec!["sticker"]),
        ("dice", json!({"emoji": "🎲", "value": 3}), vec!["dice"]),
        (
            "poll",
            json!({"id": "1", "question": "Leeks?", "options": []}),
            vec!["poll"],
        ),
        ("game", json!({"title": "Leek run"}), vec!["game"]),
        ("checklist", json!({"title": "Sow"}), vec!["checklist"]),
        (
            "contact",
            json!({"phone_number": "+371", "first_name": "Ned", "user_id": 9}),
            vec!["contact"],
        ),
        (
            "location",
            json!({"latitude": 1.0, "longitude": 2.0}),
            vec!["location"],
        ),
        (
            "story",
            json!({"id": 3, "chat": {"id": -1002, "type": "channel", "username": "leeks"}}),
            vec!["story"],
        ),
        (
            "giveaway",
            json!({"chats": [], "winner_count": 3}),
            vec!["giveaway"],
        ),
        (
            "giveaway_winners",
            json!({"winner_count": 3}),
            vec!["giveaway"],
        ),
        ("invoice", json!({"title": "Seed"}), vec!["invoice"]),
        (
            "paid_media",
            json!({"star_count": 5, "paid_media": []}),
            vec!["paid_media"],
        ),
        ("hologram", json!({"file_id": "h"}), vec!["unknown"]),
    ] {
        assert_eq!(kinds(json!({ field: value })), expected, "{field}");
    }
    let gif = json!({"animation": file, "document": file});
    assert_eq!(kinds(gif), ["animation"], "its document is for old apps");
    let venue =
        json!({"venue": {"title": "Shed"}, "location": {"latitude": 1.0, "longitude": 2.0}});
    assert_eq!(kinds(venue), ["location"]);
}

#[test]
fn addresses_by_what_they_lead_to() {
    for (text, expected) in [
        ("see https://leek.example/x", vec!["text", "link"]),
        ("see t.me/leek_club", vec!["text", "link"]),
        ("in t.me/+AbCdEfGh", vec!["text", "invite"]),
        (
            "in https://telegram.me/joinchat/AbCd",
            vec!["text", "invite"],
        ),
        ("ask @leek_club", vec!["text", "mention"]),
        ("ask ned@leek.example", vec!["text", "email"]),
        ("nothing at all", vec!["text"]),
    ] {
        assert_eq!(kinds(json!({"text": text})), expected, "{text}");
    }
    let hidden = json!({"text": "the list", "entities": entity("text_link", 0, 8)});
    assert_eq!(kinds(hidden), ["text", "link"]);
    let named = json!({"text": "Ned knows", "entities": entity("text_mention", 0, 3)});
    assert!(kinds(named).contains(&"mention"));
    let button = json!({"text": "hi", "reply_markup": {"inline_keyboard": [[{"text": "Go", "url": "https://leek.example"}]]}});
    assert_eq!(kinds(button), ["text", "link", "button"]);
    assert_eq!(
        kinds(json!({"text": "hi", "reply_markup": {"inline_keyboard": [[]]}})),
        ["text"]
    );
    let emoji = json!({"text": "🌱🌱", "entities": entity("custom_emoji", 0, 2)});
    assert!(kinds(emoji).contains(&"custom_emoji"));
}

#[test]
fn what_others_wrote_is_not_the_senders() {
    let reply = json!({"text": "no", "reply_to_message": {"message_id": 4, "date": 1, "text": "t.me/+AbCdEf",
        "chat": {"id": -1_001_234, "type": "supergroup"}, "photo": [{"file_id": "x", "width": 1, "height": 1}]}});
    assert_eq!(kinds(reply), ["text"]);
    let quote = json!({"text": "no", "quote": {"text": "earn", "position": 0}});
    assert_eq!(kinds(quote), ["text", "quote"]);
    let elsewhere = json!({"text": "look", "external_reply": {"origin": {"type": "channel", "chat":
        {"id": -1005, "type": "channel", "title": "Gold", "username": "gold"}, "message_id": 1, "date": 1}},
        "quote": {"text": "join t.me/+AbCdEf", "position": 0}});
    let found = kinds(elsewhere);
    assert!(
        found.contains(&"external_reply") && found.contains(&"quote") && found.contains(&"invite"),
        "{found:?}"
    );
}

#[test]
fn where_a_forward_comes_from() {
    let user = |bot: bool| json!({"id": 5, "is_bot": bot, "first_name": "Ned", "username": "ned"});
    for (members, expected) in [
        (
            json!({"forward_origin": {"type": "user", "sender_user": user(false)}}),
            "forward_user",
        ),
        (
            json!({"forward_origin": {"type": "user", "sender_user": user(true)}}),
            "forward_bot",
        ),
        (
            json!({"forward_origin": {"type": "hidden_user", "sender_user_name": "Ned"}}),
            "forward_hidden",
        ),
        (
            json!({"forward_origin": {"type": "chat", "sender_chat": {"id": -9, "type": "supergroup"}}}),
            "forward_chat",
        ),
        (
            json!({"forward_origin": {"type": "channel", "chat": {"id": -9, "type": "channel"}}}),
            "forward_channel",
        ),
        (
            json!({"forward_origin": {"type": "comet"}}),
            "forward_hidden",
        ),
        (json!({"forward_from": user(false)}), "forward_user"),
        (json!({"forward_from": user(true)}), "forward_bot"),
        (
            json!({"forward_sender_name": "Ned", "forward_date": 1}),
            "forward_hidden",
        ),
        (
            json!({"forward_from_chat": {"id": -9, "type": "channel"}}),
            "forward_channel",
        ),
    ] {
        assert_eq!(kinds(members.clone()), [expected], "{members}");
    }
    assert!(
        message(json!({"forward_from": user(false)}))
            .kinds
            .any(MessageKinds::FORWARD)
    );
}

#[test]
fn who_speaks_and_how() {
    assert_eq!(kinds(json!({"text": "/rules now"})), ["text", "command"]);
    assert_eq!(
        kinds(
            json!({"via_bot": {"id": 8, "is_bot": true, "first_name": "G", "username": "gif"}, "text": "a"})
        ),
        ["text", "via_bot"]
    );
    assert_eq!(
        kinds(
            json!({"text": "a", "sender_chat": {"id": -1009, "type": "channel", "title": "Gold"}})
        ),
        ["text", "channel_sender"]
    );
    assert_eq!(
        kinds(json!({"text": "a", "sender_chat": {"id": -1_001_234, "type": "supergroup"}})),
        ["text"],
        "an anonymous admin"
    );
    assert_eq!(
        kinds(json!({"text": "a", "from": {"id": 3, "is_bot": true, "first_name": "B"}})),
        ["text", "bot"]
    );
    assert_eq!(
        kinds(json!({"text": "a", "media_group_id": "7"})),
        ["text", "album"]
    );
    assert!(kinds(json!({"new_chat_members": []})).is_empty());
    assert!(
        extract(&json!({"update_id": 1, "message_reaction": {"chat": {"id": 1}}}))
            .kinds
            .is_empty()
    );
    // What does not fit the schema harms nobody.
    for strange in [
        json!({"reply_markup": [1]}),
        json!({"forward_origin": 7}),
        json!({"quote": null}),
        json!({"entities": "x"}),
    ] {
        let event = extract(&update(strange));
        assert!(event.kinds.iter().count() <= 2);
    }
}

#[test]
fn names_find_their_kinds_and_none_is_twice() {
    for kind in MessageKind::ALL {
        assert_eq!(MessageKind::find(kind.name()), Some(kind));
        assert_eq!(MessageKinds::of(&[kind]).iter().collect::<Vec<_>>(), [kind]);
    }
    let all = MessageKinds::of(&MessageKind::ALL);
    assert_eq!(all.iter().count(), MessageKind::ALL.len());
    assert_eq!(all.both(MessageKinds::MEDIA), MessageKinds::MEDIA);
    assert_eq!(MessageKind::find("carrot"), None);
}
