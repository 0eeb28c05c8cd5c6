//! Who speaks, where, in which topic and album.
use beadle::telegram::event::{
    CHANNEL_BOT, Chat, GROUP_ANONYMOUS_BOT, Lane, Sender, TELEGRAM, extract,
};
use serde_json::{Value, json};

use super::message;

fn bot(id: i64) -> Value {
    json!({"id": id, "is_bot": true, "first_name": "Group"})
}

fn channel() -> (Value, Chat) {
    let raw = json!({"id": -1_005_005, "type": "channel", "title": "Leek Times", "username": "leektimes"});
    let chat = Chat {
        id: -1_005_005,
        kind: "channel".into(),
        title: Some("Leek Times".into()),
        username: Some("leektimes".into()),
        is_forum: false,
    };
    (raw, chat)
}

#[test]
fn person() {
    let event = message(
        json!({"text": "hi", "from": {"id": 4_503_599_627_370_495_i64, "is_bot": false,
        "first_name": "", "last_name": "L", "username": "lone", "language_code": "de", "is_premium": true}}),
    );
    let Sender::User(user) = &event.sender else {
        panic!("{:?}", event.sender);
    };
    assert_eq!(user.id, (1 << 52) - 1);
    assert_eq!(
        (user.first_name.as_str(), user.language.as_deref()),
        ("", Some("de"))
    );
    assert!(user.is_premium && !user.is_bot);
}

#[test]
fn anonymous_admin_with_and_without_the_chat() {
    for members in [
        json!({"from": bot(GROUP_ANONYMOUS_BOT), "sender_chat": {"id": -1_001_234, "type": "supergroup"}}),
        json!({"from": bot(GROUP_ANONYMOUS_BOT)}),
        json!({"from": null, "sender_chat": {"id": -1_001_234, "type": "supergroup"}}),
    ] {
        let event = message(members.clone());
        assert_eq!(
            event.sender,
            Sender::AnonymousAdmin { chat: -1_001_234 },
            "{members}"
        );
    }
}

#[test]
fn linked_channel() {
    let (raw, chat) = channel();
    let event = message(
        json!({"from": bot(TELEGRAM), "sender_chat": raw, "is_automatic_forward": true, "text": "issue 4"}),
    );
    assert_eq!(event.sender, Sender::LinkedChannel { chat: chat.clone() });
    assert!(event.forwarded);
    let by_origin = message(json!({"from": bot(TELEGRAM), "is_automatic_forward": true,
        "forward_origin": {"type": "channel", "chat": raw}}));
    assert_eq!(by_origin.sender, Sender::LinkedChannel { chat });
}

#[test]
fn somebody_as_a_channel() {
    let (raw, chat) = channel();
    let event = message(json!({"from": bot(CHANNEL_BOT), "sender_chat": raw}));
    assert_eq!(event.sender, Sender::Channel { chat });
    assert_eq!(
        message(json!({"from": bot(CHANNEL_BOT)})).sender,
        Sender::Unknown
    );
}

#[test]
fn post_of_a_channel() {
    let (raw, chat) = channel();
    let signed = extract(&json!({"update_id": 1, "channel_post":
        {"message_id": 1, "date": 1, "chat": raw, "sender_chat": raw, "text": "issue 4"}}));
    assert_eq!(signed.sender, Sender::Channel { chat });
    assert_eq!(signed.links, []);
    let bare = extract(&json!({"update_id": 1, "channel_post":
        {"message_id": 1, "date": 1, "chat": raw, "text": "issue 4"}}));
    assert_eq!(bare.sender, Sender::Unknown);
}

#[test]
fn reaction_of_an_anonymous_admin_and_of_a_channel() {
    let (raw, chat) = channel();
    let here = json!({"id": -1_001_234, "type": "supergroup", "title": "Allotment 9"});
    let reaction = |actor: &Value| {
        extract(
            &json!({"update_id": 1, "message_reaction": {"chat": here, "message_id": 4, "date": 1,
            "actor_chat": actor, "old_reaction": [], "new_reaction": [{"type": "emoji", "emoji": "👍"}]}}),
        )
    };
    assert_eq!(
        reaction(&here).sender,
        Sender::AnonymousAdmin { chat: -1_001_234 }
    );
    assert_eq!(reaction(&raw).sender, Sender::Channel { chat });
    assert_eq!(reaction(&raw).message_id, Some(4));
}

#[test]
fn topic_only_of_a_topic_message() {
    let thread = message(json!({"text": "a", "message_thread_id": 9}));
    assert_eq!(thread.topic, None);
    let topic = message(
        json!({"text": "a", "message_thread_id": 9, "is_topic_message": true,
        "reply_to_message": {"message_id": 9, "forum_topic_created": {"name": "Compost"}}}),
    );
    assert_eq!(topic.topic, Some(9));
    assert_eq!(
        topic.reply_to, None,
        "the message that opened the topic is not answered"
    );
    let answer = message(
        json!({"text": "a", "message_thread_id": 9, "is_topic_message": true,
        "reply_to_message": {"message_id": 12, "text": "q"}}),
    );
    assert_eq!(answer.reply_to, Some(12));
}

#[test]
fn frame_of_a_message() {
    let event = message(
        json!({"caption": "a", "media_group_id": "1290", "edit_date": 1_790_000_100,
        "is_paid_post": true}),
    );
    assert_eq!(event.album.as_deref(), Some("1290"));
    assert_eq!(
        (event.date, event.edit_date),
        (Some(1_790_000_000), Some(1_790_000_100))
    );
    assert_eq!((event.update_id, event.message_id), (Some(5), Some(41)));
    assert!(event.paid_post && !event.forwarded);
    assert_eq!(
        event.chat.as_ref().and_then(|c| c.title.as_deref()),
        Some("Allotment 9")
    );
    assert_eq!(event.lane(), Lane::Chat(-1_001_234));
}
