//! Each kind of update, service messages, and the lanes they are handled in.
use beadle::telegram::event::{Event, Kind, Lane, Sender, Service, Source, extract};
use serde_json::{Value, json};

use super::{message, texts};

fn of(kind: &str, payload: Value) -> Event {
    let mut update = json!({"update_id": 31});
    update[kind] = payload;
    extract(&update)
}

fn group() -> Value {
    json!({"id": -1_001_234, "type": "supergroup", "title": "Allotment 9"})
}

fn ines() -> Value {
    json!({"id": 700, "is_bot": false, "first_name": "Ines"})
}

#[test]
fn names_are_telegrams() {
    for kind in [
        "message",
        "edited_message",
        "channel_post",
        "edited_channel_post",
        "callback_query",
        "chat_member",
        "my_chat_member",
        "chat_join_request",
        "message_reaction",
        "message_reaction_count",
        "guest_message",
        "never_heard_of",
    ] {
        let event = of(kind, json!({"chat": group(), "date": 1}));
        assert_eq!(event.kind.name(), kind);
        assert_eq!(
            event.kind.is_message(),
            kind.ends_with("message") && kind != "guest_message" || kind.ends_with("post")
        );
        let expected: &[&str] = if kind == "never_heard_of" {
            &["update.never_heard_of"]
        } else {
            &[]
        };
        assert_eq!(event.unknown, expected, "{kind}");
    }
}

#[test]
fn edits_are_read_like_messages() {
    let event = of(
        "edited_message",
        json!({"message_id": 1, "date": 1, "edit_date": 9, "chat": group(), "from": ines(),
        "text": "now with t.me/leek_club"}),
    );
    assert_eq!(event.kind, Kind::EditedMessage);
    assert_eq!(event.links[0].target, "t.me/leek_club");
    assert!(event.has_content_to_judge());
}

#[test]
fn messages_of_other_kinds_are_read_like_messages() {
    for kind in [
        "business_message",
        "edited_business_message",
        "guest_message",
        "never_heard_of",
    ] {
        let event = of(
            kind,
            json!({"message_id": 8, "date": 2, "chat": group(), "from": ines(), "caption": "psst"}),
        );
        assert_eq!(texts(&event, Source::Caption), ["psst"], "{kind}");
        assert_eq!(event.message_id, Some(8));
        assert_eq!(event.lane(), Lane::Chat(-1_001_234));
        assert!(event.has_content_to_judge());
    }
}

#[test]
fn unknown_kind_of_unknown_shape() {
    let event = of(
        "never_heard_of",
        json!({"by": {"first_name": "Leek", "last_name": "Lord"},
        "offer": [{"pitch": "visit https://leek.example"}], "amount": 5}),
    );
    assert_eq!(
        texts(&event, Source::Other),
        ["Leek Lord", "visit https://leek.example"]
    );
    assert_eq!(event.links[0].target, "https://leek.example");
    assert_eq!(event.lane(), Lane::Update(31));
}

#[test]
fn pressed_button() {
    let event = of(
        "callback_query",
        json!({"id": "77", "from": ines(), "chat_instance": "c", "data": "cap:1",
        "message": {"message_id": 6, "date": 1_790_000_000, "chat": group(), "text": "Are you human?",
            "message_thread_id": 3, "is_topic_message": true, "edit_date": 4,
            "from": {"id": 9, "is_bot": true, "first_name": "Beadle"}}}),
    );
    let callback = event.callback.as_ref().expect("callback");
    assert_eq!(
        (callback.id.as_str(), callback.data.as_deref()),
        ("77", Some("cap:1"))
    );
    assert_eq!(
        (callback.from.id, callback.message_id, callback.accessible),
        (700, Some(6), true)
    );
    assert_eq!(
        (event.message_id, event.topic, event.date, event.edit_date),
        (Some(6), Some(3), None, None)
    );
    assert_eq!(texts(&event, Source::Reply), ["Are you human?"]);
    assert!(!event.has_content_to_judge());
    assert_eq!(event.lane(), Lane::Person(700));
}

#[test]
fn pressed_button_of_a_message_that_is_gone() {
    let event = of(
        "callback_query",
        json!({"id": "77", "from": ines(), "chat_instance": "c",
        "message": {"message_id": 6, "date": 0, "chat": group()}}),
    );
    let callback = event.callback.as_ref().expect("callback");
    assert!(!callback.accessible);
    assert_eq!(callback.message_id, Some(6));
    assert_eq!(event.chat.as_ref().map(|c| c.id), Some(-1_001_234));
    let inline = of(
        "callback_query",
        json!({"id": "78", "from": ines(), "inline_message_id": "i", "data": "d"}),
    );
    let callback = inline.callback.expect("callback");
    assert!(!callback.accessible && callback.message_id.is_none());
}

fn change(old: Value, new: Value) -> (bool, bool) {
    let mut old = old;
    let mut new = new;
    old["user"] = ines();
    new["user"] = ines();
    let event = of(
        "chat_member",
        json!({"chat": group(), "from": ines(), "date": 4, "via_join_request": true,
        "old_chat_member": old, "new_chat_member": new}),
    );
    let member = event.member.expect("change");
    assert_eq!(member.user.id, 700);
    assert_eq!(member.rights, new);
    assert!(member.via_join_request);
    (member.was_member, member.is_member)
}

#[test]
fn membership_before_and_after() {
    let restricted =
        |is_member: bool| json!({"status": "restricted", "is_member": is_member, "until_date": 0});
    let status = |s: &str| json!({"status": s});
    assert_eq!(change(status("left"), status("member")), (false, true));
    assert_eq!(
        change(status("kicked"), status("administrator")),
        (false, true)
    );
    assert_eq!(change(status("creator"), status("left")), (true, false));
    assert_eq!(change(restricted(false), restricted(true)), (false, true));
    assert_eq!(change(restricted(true), restricted(false)), (true, false));
    assert_eq!(change(status("member"), restricted(true)), (true, true));
    assert_eq!(
        change(status("left"), json!({"status": "restricted"})),
        (false, false)
    );
}

#[test]
fn member_change_says_who_did_it() {
    let event = of(
        "my_chat_member",
        json!({"chat": group(), "from": ines(), "date": 4,
        "invite_link": {"invite_link": "https://t.me/+own", "name": "ours"},
        "old_chat_member": {"status": "member", "user": {"id": 9, "is_bot": true, "first_name": "Beadle"}},
        "new_chat_member": {"status": "hovering", "is_member": true,
            "user": {"id": 9, "is_bot": true, "first_name": "Beadle"}}}),
    );
    let member = event.member.as_ref().expect("change");
    assert_eq!(
        (member.user.id, member.by.as_ref().map(|u| u.id)),
        (9, Some(700))
    );
    assert_eq!(
        (member.old.as_str(), member.new.as_str()),
        ("member", "hovering")
    );
    assert_eq!(event.unknown, ["status.hovering"]);
    assert!(
        !event.has_content_to_judge(),
        "the group's own invite link is nobody's words"
    );
}

#[test]
fn request_to_join() {
    let event = of(
        "chat_join_request",
        json!({"chat": group(), "from": ines(), "user_chat_id": 71, "date": 9,
        "bio": "mentor at t.me/leek_club", "query_id": "q9",
        "invite_link": {"invite_link": "https://t.me/+own", "name": "ours"}}),
    );
    let join = event.join.as_ref().expect("request");
    assert_eq!((join.user.id, join.user_chat_id), (700, Some(71)));
    assert_eq!(
        (join.bio.as_deref(), join.query_id.as_deref()),
        (Some("mentor at t.me/leek_club"), Some("q9"))
    );
    assert_eq!(texts(&event, Source::Other), ["mentor at t.me/leek_club"]);
    assert_eq!(event.links.len(), 1);
    assert_eq!(event.lane(), Lane::Person(700));
}

#[test]
fn service_messages() {
    let cases = [
        (
            json!({"new_chat_members": [ines(), {"id": "x"}, {"id": 5, "first_name": "Bo"}]}),
            "joined 700 5",
        ),
        (json!({"new_chat_member": ines()}), "joined 700"),
        (json!({"left_chat_member": ines()}), "left 700"),
        (json!({"migrate_to_chat_id": -100_777}), "to -100777"),
        (json!({"migrate_from_chat_id": -777}), "from -777"),
        (
            json!({"video_chat_ended": {"duration": 4}}),
            "video_chat_ended",
        ),
        (json!({"delete_chat_photo": true}), "delete_chat_photo"),
    ];
    for (members, expected) in cases {
        let event = message(members.clone());
        let seen = match event.service.clone().expect("service") {
            Service::Joined(who) => who
                .iter()
                .fold("joined".to_owned(), |s, u| format!("{s} {}", u.id)),
            Service::Left(who) => format!("left {}", who.id),
            Service::MigratedTo(id) => format!("to {id}"),
            Service::MigratedFrom(id) => format!("from {id}"),
            Service::Other(name) => name,
        };
        assert_eq!(seen, expected, "{members}");
        assert!(!event.has_content_to_judge(), "{members}");
        assert!(event.unknown.is_empty());
    }
}

#[test]
fn a_message_that_shows_nothing_is_not_clean() {
    assert!(message(json!({})).has_content_to_judge());
    assert!(message(json!({"dice": {"emoji": "🎲", "value": 2}})).has_content_to_judge());
}

#[test]
fn lanes_of_what_has_no_chat() {
    let vote = of(
        "poll_answer",
        json!({"poll_id": "1", "user": ines(), "option_ids": [0]}),
    );
    assert_eq!(vote.lane(), Lane::Person(700));
    let as_channel = of(
        "poll_answer",
        json!({"poll_id": "1", "option_ids": [0],
        "voter_chat": {"id": -1_005_005, "type": "channel"}}),
    );
    assert_eq!(as_channel.lane(), Lane::Chat(-1_005_005));
    let inline = of(
        "inline_query",
        json!({"id": "1", "from": ines(), "query": "leek", "offset": "", "location": {}}),
    );
    assert_eq!(
        (inline.lane(), inline.sender.clone()),
        (
            Lane::Person(700),
            Sender::User(beadle::telegram::event::User {
                id: 700,
                first_name: "Ines".into(),
                ..Default::default()
            })
        )
    );
    assert_eq!(texts(&inline, Source::Other), ["leek"]);
    let poll = of(
        "poll",
        json!({"id": "1", "question": "Who?", "options": []}),
    );
    assert_eq!(
        (poll.lane(), texts(&poll, Source::Poll)),
        (Lane::Update(31), vec!["Who?"])
    );
}

#[test]
fn lane_keys_are_distinct_and_come_back() {
    let mut seen = std::collections::HashSet::new();
    for id in [0, 1, -1, 700, -1_001_234_567_890, (1 << 52) - 1, -(1 << 52)] {
        for lane in [Lane::Chat(id), Lane::Person(id), Lane::Update(id)] {
            assert!(seen.insert(lane.as_key()), "{lane}");
            assert_eq!(Lane::from_key(lane.as_key()), Some(lane));
        }
    }
    assert_eq!(
        Lane::Chat(-1_001_234).as_key(),
        -4_004_936,
        "stored in databases: must not change"
    );
    assert_eq!(Lane::Person(700).as_key(), 2801);
    assert_eq!(Lane::from_key(3), None);
}
