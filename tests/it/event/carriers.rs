//! One test for each place where words and links can hide in a message.
use beadle::telegram::event::{Source, extract};
use serde_json::json;

use super::{links, message, texts, update};

#[test]
fn text_and_caption_come_first() {
    let event = message(json!({
        "caption": "seedlings to give away", "photo": [
            {"file_id": "s", "file_unique_id": "u1", "width": 90, "height": 60},
            {"file_id": "l", "file_unique_id": "u2", "width": 900, "height": 600, "file_size": 7},
        ],
        "author_signature": "The gardener",
    }));
    assert_eq!(event.texts[0].source, Source::Caption);
    assert_eq!(texts(&event, Source::Caption), ["seedlings to give away"]);
    assert_eq!(texts(&event, Source::Signature), ["The gardener"]);
    assert_eq!(event.content, ["caption", "photo"]);
    assert_eq!(
        event.attachments.len(),
        1,
        "sizes of one picture are one file"
    );
    assert_eq!(event.attachments[0].file_id, "l");
    assert_eq!(event.attachments[0].kind, "photo");
    assert_eq!(event.attachments[0].size, Some(7));
}

#[test]
fn quote_of_another_message() {
    let event = message(json!({
        "text": "look",
        "quote": {"text": "hoard at hoard.example", "position": 0, "entities": [
            {"type": "text_link", "offset": 0, "length": 5, "url": "https://dragon.example/in"}]},
    }));
    assert_eq!(texts(&event, Source::Quote), ["hoard at hoard.example"]);
    let expected = [("https://dragon.example/in", Some("hoard"))];
    assert_eq!(links(&event, Source::Quote), expected);
    assert!(event.own_words().any(|t| t.source == Source::Quote));
}

#[test]
fn reply_to_a_message_of_another_chat() {
    let event = message(json!({
        "text": "this",
        "external_reply": {
            "origin": {"type": "channel", "date": 1, "message_id": 3, "author_signature": "Chief",
                "chat": {"id": -1009, "type": "channel", "title": "Sure Gains", "username": "suregains"}},
            "chat": {"id": -1009, "type": "channel", "title": "Sure Gains", "username": "suregains"},
            "message_id": 3,
            "link_preview_options": {"url": "https://gains.example/a"},
            "document": {"file_id": "d", "file_unique_id": "du", "file_name": "profit plan.pdf"},
            "giveaway": {"chats": [{"id": -1010, "type": "channel", "title": "Lucky Draw"}],
                "winners_selection_date": 1, "winner_count": 1, "prize_description": "a golden spade"},
            "poll": {"id": "1", "question": "Rich yet?", "options": [{"text": "Soon", "voter_count": 0}]},
            "contact": {"phone_number": "+15550101", "first_name": "Broker"},
            "brand_new_part": {"slogan": "double your leeks"},
        },
    }));
    let said = texts(&event, Source::ExternalReply);
    for words in [
        "Chief",
        "Sure Gains",
        "profit plan.pdf",
        "Lucky Draw",
        "a golden spade",
        "Rich yet?",
        "Soon",
        "Broker",
        "double your leeks",
    ] {
        assert!(said.contains(&words), "{words} in {said:?}");
    }
    let targets: Vec<_> = links(&event, Source::ExternalReply)
        .iter()
        .map(|l| l.0)
        .collect();
    for target in ["@suregains", "https://gains.example/a", "tel:+15550101"] {
        assert!(targets.contains(&target), "{target} in {targets:?}");
    }
    assert!(
        event
            .unknown
            .contains(&"external_reply.brand_new_part".to_owned())
    );
    assert_eq!(event.attachments.len(), 1);
}

#[test]
fn message_replied_to_is_not_the_senders_word() {
    let event = message(json!({
        "text": "thanks!",
        "reply_to_message": {"message_id": 7, "date": 1, "chat": {"id": -1_001_234, "title": "Allotment 9"},
            "from": {"id": 8, "is_bot": false, "first_name": "Oskar"},
            "text": "beans are at https://beans.example", "document": {"file_id": "x", "file_unique_id": "y"},
            "reply_markup": {"inline_keyboard": [[{"text": "Order", "url": "https://beans.example/o"}]]}},
    }));
    assert_eq!(event.reply_to, Some(7));
    assert_eq!(
        texts(&event, Source::Reply),
        ["beans are at https://beans.example", "Order"]
    );
    assert_eq!(links(&event, Source::Reply).len(), 2);
    let own: Vec<_> = event.own_words().map(|t| t.text.as_str()).collect();
    assert_eq!(own, ["thanks!"]);
    assert!(
        event.attachments.is_empty(),
        "its files are not this message's"
    );
    assert_eq!(event.texts.last().map(|t| t.source), Some(Source::Reply));
}

#[test]
fn pinned_message_is_somebody_elses() {
    let event = message(json!({"pinned_message": {"message_id": 2, "date": 1,
        "chat": {"id": -1_001_234, "title": "Allotment 9"}, "text": "opening hours"}}));
    assert_eq!(texts(&event, Source::Reply), ["opening hours"]);
    assert!(!event.has_content_to_judge());
}

#[test]
fn forward_origins_of_every_kind_and_age() {
    let origins = [
        json!({"forward_origin": {"type": "user", "date": 1,
            "sender_user": {"id": 4, "is_bot": false, "first_name": "Cheap", "last_name": "Loans"}}}),
        json!({"forward_origin": {"type": "hidden_user", "date": 1, "sender_user_name": "Cheap Loans"}}),
        json!({"forward_origin": {"type": "chat", "date": 1,
            "sender_chat": {"id": -5, "type": "group", "title": "Cheap Loans"}}}),
        json!({"forward_origin": {"type": "channel", "date": 1, "message_id": 1,
            "chat": {"id": -5, "type": "channel", "title": "Cheap Loans"}}}),
        json!({"forward_origin": {"type": "hologram", "date": 1, "made_by": "Cheap Loans"}}),
        json!({"forward_date": 1, "forward_from":
            {"id": 4, "is_bot": false, "first_name": "Cheap", "last_name": "Loans"}}),
        json!({"forward_date": 1, "forward_sender_name": "Cheap Loans"}),
        json!({"forward_date": 1, "forward_from_chat":
            {"id": -5, "type": "channel", "title": "Cheap Loans"}}),
    ];
    for mut origin in origins {
        origin["text"] = json!("see below");
        let event = message(origin.clone());
        assert!(event.forwarded, "{origin}");
        assert_eq!(
            texts(&event, Source::ForwardOrigin),
            ["Cheap Loans"],
            "{origin}"
        );
        assert_eq!(texts(&event, Source::Text), ["see below"]);
    }
}

#[test]
fn origin_of_an_unknown_kind_is_named() {
    let event = message(json!({"text": "a", "forward_origin": {"type": "hologram"},
        "external_reply": {"origin": {"type": "seance"}}}));
    assert_eq!(event.unknown, ["origin.seance", "origin.hologram"]);
}

#[test]
fn buttons_of_every_kind() {
    let event = message(
        json!({"text": "menu", "reply_markup": {"inline_keyboard": [[
            {"text": "Shop", "url": "https://shop.example"},
            {"text": "Sign in", "login_url": {"url": "https://in.example", "forward_text": "Sign in there"}},
            {"text": "Play", "web_app": {"url": "https://app.example"}},
            {"text": "Code", "copy_text": {"text": "LEEK-42"}},
            {"text": "Tell", "switch_inline_query": "try leeks"},
            {"text": "Here", "switch_inline_query_current_chat": "more leeks"},
            {"text": "There", "switch_inline_query_chosen_chat": {"query": "all leeks"}},
            {"text": "Off", "disabled": {"hint": "come back at noon"}},
            {"text": "Ask", "callback_data": "internal:1"},
        ]]}}),
    );
    let said = texts(&event, Source::Button);
    for words in [
        "Shop",
        "Sign in",
        "Sign in there",
        "Play",
        "Code",
        "LEEK-42",
        "Tell",
        "try leeks",
        "Here",
        "more leeks",
        "There",
        "all leeks",
        "Off",
        "come back at noon",
        "Ask",
    ] {
        assert!(said.contains(&words), "{words} in {said:?}");
    }
    assert!(!said.contains(&"internal:1"), "nobody sees callback data");
    assert_eq!(
        links(&event, Source::Button),
        [
            ("https://shop.example", Some("Shop")),
            ("https://in.example", Some("Sign in")),
            ("https://app.example", Some("Play")),
        ]
    );
}

#[test]
fn keyboard_and_placeholder() {
    let event = message(json!({"text": "menu", "reply_markup": {
        "keyboard": [["plain word", {"text": "dressed word"}]],
        "input_field_placeholder": "type here"}}));
    let said = texts(&event, Source::Button);
    assert_eq!(said, ["type here", "plain word", "dressed word"]);
}

#[test]
fn contact_with_card() {
    let event = message(
        json!({"contact": {"phone_number": "+1 555 0100", "first_name": "Wanda",
        "last_name": "Bakes", "user_id": 4_503_599_627_370_495_i64,
        "vcard": "BEGIN:VCARD\nURL:https://cakes.example\nEND:VCARD"}}),
    );
    assert_eq!(texts(&event, Source::Contact)[0], "Wanda Bakes");
    let targets: Vec<_> = links(&event, Source::Contact).iter().map(|l| l.0).collect();
    assert!(targets.contains(&"tel:+1 555 0100"), "{targets:?}");
    assert!(targets.contains(&"https://cakes.example"), "{targets:?}");
    assert!(
        targets.contains(&"tg://user?id=4503599627370495"),
        "{targets:?}"
    );
}

#[test]
fn poll_with_entities_everywhere() {
    let link = |url: &str| json!([{"type": "text_link", "offset": 0, "length": 3, "url": url}]);
    let event = message(json!({"poll": {"id": "9", "question": "Who waters?",
        "question_entities": link("https://q.example"),
        "description": "For May", "description_entities": link("https://d.example"),
        "explanation": "Because", "explanation_entities": link("https://e.example"),
        "options": [
            {"persistent_id": "a", "text": "Ann", "text_entities": link("https://o.example"), "voter_count": 0},
            {"persistent_id": "b", "text": "Bob", "voter_count": 0,
             "media": {"link": {"url": "https://m.example"}}}]}}));
    let mut said = texts(&event, Source::Poll);
    said.sort_unstable();
    assert_eq!(said, ["Ann", "Because", "Bob", "For May", "Who waters?"]);
    let mut found = links(&event, Source::Poll);
    found.sort_unstable();
    assert_eq!(
        found,
        [
            ("https://d.example", Some("For")),
            ("https://e.example", Some("Bec")),
            ("https://m.example", None),
            ("https://o.example", Some("Ann")),
            ("https://q.example", Some("Who")),
        ]
    );
}

#[test]
fn small_carriers_each_in_its_own_source() {
    let cases = [
        (
            json!({"story": {"id": 1, "chat": {"id": 6, "type": "private", "first_name": "Mae"}}}),
            Source::Story,
            "Mae",
        ),
        (
            json!({"text": "a", "reply_to_story": {"id": 1, "chat": {"id": -6, "type": "channel", "title": "Tales"}}}),
            Source::Story,
            "Tales",
        ),
        (
            json!({"venue": {"title": "Old Mill", "address": "Mill Lane 1", "location": {}}}),
            Source::Venue,
            "Mill Lane 1",
        ),
        (
            json!({"game": {"title": "Snails", "description": "race them", "text": "won!"}}),
            Source::Game,
            "race them",
        ),
        (
            json!({"giveaway": {"chats": [], "prize_description": "compost"}}),
            Source::Giveaway,
            "compost",
        ),
        (
            json!({"giveaway_winners": {"winners": [{"id": 5, "first_name": "Ulf"}], "chat": {"id": -3}}}),
            Source::Giveaway,
            "Ulf",
        ),
        (
            json!({"giveaway_completed": {"giveaway_message": {"text": "it was fun"}}}),
            Source::Giveaway,
            "it was fun",
        ),
        (
            json!({"paid_media": {"star_count": 5, "paid_media": [{"type": "video",
            "video": {"file_id": "v", "file_unique_id": "w", "file_name": "secret harvest.mp4"}}]}}),
            Source::PaidMedia,
            "secret harvest.mp4",
        ),
        (
            json!({"paid_media": {"paid_media": [{"type": "scent", "note": "lavender"}]}}),
            Source::PaidMedia,
            "lavender",
        ),
        (
            json!({"checklist": {"title": "Autumn", "tasks": [{"id": 1, "text": "rake leaves"}]}}),
            Source::Checklist,
            "rake leaves",
        ),
        (
            json!({"checklist_tasks_added": {"tasks": [{"id": 1, "text": "prune roses"}]}}),
            Source::Checklist,
            "prune roses",
        ),
        (
            json!({"poll_option_added": {"option_text": "Thursday", "option_persistent_id": "p"}}),
            Source::Poll,
            "Thursday",
        ),
        (
            json!({"invoice": {"title": "Seeds", "description": "a bag", "start_parameter": ""}}),
            Source::Invoice,
            "a bag",
        ),
        (
            json!({"document": {"file_id": "d", "file_name": "price list.xlsx"}}),
            Source::DocumentName,
            "price list.xlsx",
        ),
        (
            json!({"audio": {"file_id": "d", "title": "Rain", "performer": "Roof"}}),
            Source::DocumentName,
            "Roof",
        ),
        (
            json!({"video": {"file_id": "d", "file_name": "tour.mp4"}}),
            Source::DocumentName,
            "tour.mp4",
        ),
        (
            json!({"live_photo": {"file_id": "d", "caption": "moving"}}),
            Source::DocumentName,
            "moving",
        ),
        (
            json!({"sticker": {"file_id": "d", "set_name": "GardenGnomes", "type": "regular"}}),
            Source::Sticker,
            "GardenGnomes",
        ),
        (
            json!({"text": "a", "via_bot": {"id": 3, "is_bot": true, "first_name": "Gifs"}}),
            Source::ViaBot,
            "Gifs",
        ),
        (
            json!({"text": "a", "sender_chat": {"id": -8, "type": "channel", "title": "Loud"}}),
            Source::SenderChat,
            "Loud",
        ),
        (
            json!({"text": "a", "sender_tag": "head cook"}),
            Source::Signature,
            "head cook",
        ),
        (
            json!({"text": "a", "forward_signature": "Editor", "forward_date": 1}),
            Source::ForwardOrigin,
            "Editor",
        ),
        (
            json!({"new_chat_title": "Allotment 10"}),
            Source::Other,
            "Allotment 10",
        ),
        (
            json!({"forum_topic_created": {"name": "Compost corner"}}),
            Source::Other,
            "Compost corner",
        ),
        (
            json!({"web_app_data": {"data": "order 3", "button_text": "Done"}}),
            Source::Other,
            "order 3",
        ),
        (
            json!({"gift": {"gift": {"id": "1"}, "text": "for you"}}),
            Source::Other,
            "for you",
        ),
        (
            json!({"hologram": {"layers": [{"glow": "come to my stall"}]}}),
            Source::Other,
            "come to my stall",
        ),
        (
            json!({"reply_markup": {"hologram": "press me"}}),
            Source::Button,
            "press me",
        ),
    ];
    for (members, source, words) in cases {
        let event = message(members.clone());
        assert!(
            texts(&event, source).contains(&words),
            "{members}: {:?}",
            event.texts
        );
    }
}

#[test]
fn names_of_chats_and_bots_are_links() {
    let event = message(json!({"text": "a",
        "via_bot": {"id": 3, "is_bot": true, "first_name": "Gifs", "username": "gifs_bot"},
        "sender_chat": {"id": -8, "type": "channel", "title": "Loud", "username": "loud_news"},
        "link_preview_options": {"url": "https://hidden.example/page"}}));
    assert_eq!(event.via_bot.as_deref(), Some("gifs_bot"));
    assert_eq!(links(&event, Source::ViaBot), [("@gifs_bot", None)]);
    assert_eq!(links(&event, Source::SenderChat), [("@loud_news", None)]);
    assert_eq!(
        links(&event, Source::LinkPreview),
        [("https://hidden.example/page", None)]
    );
}

#[test]
fn the_groups_own_name_is_no_advertisement() {
    let group = json!({"id": -1_001_234, "type": "supergroup", "title": "Allotment 9", "username": "allotment9"});
    let event = message(json!({"text": "meeting at six", "chat": group, "sender_chat": group}));
    assert!(event.links.is_empty());
    assert_eq!(event.texts.len(), 1);
}

#[test]
fn animation_and_its_document_are_one_file() {
    let file = json!({"file_id": "g", "file_unique_id": "gu", "mime_type": "video/mp4", "file_size": 9,
        "thumbnail": {"file_id": "t", "file_unique_id": "tu", "width": 9, "height": 9}});
    let event = message(json!({"animation": file, "document": file}));
    assert_eq!(event.content, ["animation", "document"]);
    assert_eq!(event.attachments.len(), 1, "no second copy, no thumbnail");
    assert_eq!(event.attachments[0].kind, "animation");
    assert_eq!(event.attachments[0].mime.as_deref(), Some("video/mp4"));
}

#[test]
fn an_unknown_field_never_hides_the_known_ones() {
    let mut update = update(json!({"text": "plain words", "hologram": {"type": 5},
        "entities": [{"type": "sparkle", "offset": 0, "length": 5, "url": "https://spark.example"}],
        "glitter": true}));
    update["second_surprise"] = json!({"say": "https://surprise.example"});
    let event = extract(&update);
    assert_eq!(texts(&event, Source::Text), ["plain words"]);
    assert_eq!(
        links(&event, Source::Text),
        [("https://spark.example", Some("plain"))]
    );
    assert_eq!(
        links(&event, Source::Other),
        [("https://surprise.example", None)]
    );
    assert_eq!(event.content, ["text", "hologram"]);
    let mut named = event.unknown.clone();
    named.sort();
    assert_eq!(
        named,
        [
            "entity.sparkle",
            "message.glitter",
            "message.hologram",
            "update.second_surprise"
        ]
    );
}
