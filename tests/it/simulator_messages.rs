//! The simulator's rules for messages: texts, entities, edits, deletions, buttons, limits, threads.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
use beadle::telegram::simulator::{Limits, SpeakAs};
use serde_json::{Value, json};

use crate::simulator_support::Rig;

/// A rig with a supergroup that the bot administers, and a member.
async fn garden() -> (Rig, i64, i64) {
    let rig = Rig::quick();
    let chat = rig.sim.supergroup("Garden");
    rig.sim.add_bot_admin(chat);
    let user = rig.sim.user("Ida");
    rig.sim.join(chat, user);
    (rig, chat, user)
}

async fn send(rig: &Rig, chat: i64, text: &str) -> i64 {
    let sent = rig
        .call("sendMessage", json!({"chat_id": chat, "text": text}))
        .await
        .good();
    sent["message_id"].as_i64().unwrap()
}

#[tokio::test]
async fn texts_are_measured_in_utf16_after_parsing() {
    let (rig, chat, _) = garden().await;
    let html = |text: String| json!({"chat_id": chat, "text": text, "parse_mode": "HTML"});
    let long = format!("<b>{}</b>&amp;", "x".repeat(4095));
    let sent = rig.call("sendMessage", html(long)).await.good();
    assert_eq!(sent["text"].as_str().unwrap().len(), 4096);
    let words = rig
        .call("sendMessage", html("x".repeat(4097)))
        .await
        .words();
    assert_eq!(words, "Bad Request: message is too long");
    // An emoji outside the basic plane counts twice.
    assert_eq!(
        rig.call("sendMessage", html("😀".repeat(2049)))
            .await
            .bad()
            .0,
        400
    );
    rig.call("sendMessage", html("😀".repeat(2048)))
        .await
        .good();
    for empty in ["", "  \n ", "<b></b>"] {
        let words = rig
            .call("sendMessage", html(empty.to_owned()))
            .await
            .words();
        assert_eq!(words, "Bad Request: message text is empty");
    }
    let file = rig.sim.file("a.jpg", b"x");
    let caption = json!({"chat_id": chat, "photo": file, "caption": "x".repeat(1025)});
    let words = rig.call("sendPhoto", caption).await.words();
    assert_eq!(words, "Bad Request: message caption is too long");
    rig.clean();
}

#[tokio::test]
async fn html_becomes_entities_with_utf16_offsets() {
    let (rig, chat, user) = garden().await;
    let text = format!(
        "👍 <b>bold <i>both</i></b> <a href=\"https://example.org/?a=1&amp;b=2\">link</a> \
         <a href=\"tg://user?id={user}\">Ida</a> <code>a &lt; b</code> \
         <pre><code class=\"language-rust\">fn</code></pre> <tg-spoiler>s</tg-spoiler>\
         <blockquote expandable>q</blockquote> &#128512; &copy;"
    );
    let params = json!({"chat_id": chat, "text": text, "parse_mode": "HTML"});
    let sent = rig.call("sendMessage", params).await.good();
    assert_eq!(sent["text"], "👍 bold both link Ida a < b fn sq 😀 &copy;");
    let got: Vec<(String, i64, i64)> = sent["entities"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| {
            let number = |name: &str| e[name].as_i64().unwrap();
            (
                e["type"].as_str().unwrap().to_owned(),
                number("offset"),
                number("length"),
            )
        })
        .collect();
    let want = [
        ("bold", 3, 9),
        ("italic", 8, 4),
        ("text_link", 13, 4),
        ("text_mention", 18, 3),
        ("code", 22, 5),
        ("pre", 28, 2),
        ("spoiler", 31, 1),
        ("expandable_blockquote", 32, 1),
    ];
    let want: Vec<(String, i64, i64)> = want
        .into_iter()
        .map(|(kind, at, length)| (kind.to_owned(), at, length))
        .collect();
    assert_eq!(got, want);
    assert_eq!(sent["entities"][2]["url"], "https://example.org/?a=1&b=2");
    assert_eq!(sent["entities"][3]["user"]["first_name"], "Ida");
    assert_eq!(sent["entities"][5]["language"], "rust");
    rig.clean();
}

#[tokio::test]
async fn html_that_cannot_be_parsed_is_refused_in_telegrams_words() {
    let (rig, chat, _) = garden().await;
    for (text, words) in [
        (
            "<b>x",
            "can't find end tag corresponding to start tag \"b\" at byte offset 0",
        ),
        ("x</b>", "unexpected end tag at byte offset 1"),
        (
            "<b>x</i>",
            "unmatched end tag at byte offset 4, expected \"</b>\", found \"</i>\"",
        ),
        (
            "<div>x</div>",
            "unsupported start tag \"div\" at byte offset 0",
        ),
        ("a < b", "unclosed start tag at byte offset 2"),
        ("<3", "unclosed start tag at byte offset 0"),
    ] {
        let params = json!({"chat_id": chat, "text": text, "parse_mode": "HTML"});
        let (code, got) = rig.call("sendMessage", params).await.bad();
        assert_eq!(code, 400);
        assert_eq!(got, format!("Bad Request: can't parse entities: {words}"));
    }
    let params = json!({"chat_id": chat, "text": "x", "parse_mode": "BBCode"});
    let words = rig.call("sendMessage", params).await.words();
    assert_eq!(words, "Bad Request: unsupported parse_mode");
}

#[tokio::test]
async fn texts_of_people_carry_the_entities_telegram_finds() {
    let (rig, chat, user) = garden().await;
    let id = rig.sim.say(
        chat,
        user,
        "/ban@beadle_sim_bot @spammer see example.com #now 👍 a@b.com",
    );
    let message = rig
        .sim
        .messages(chat)
        .into_iter()
        .find(|m| m.message_id == id)
        .unwrap();
    let kinds: Vec<(&str, i64)> = message.value["entities"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| (e["type"].as_str().unwrap(), e["offset"].as_i64().unwrap()))
        .collect();
    assert_eq!(
        kinds,
        [
            ("bot_command", 0),
            ("mention", 20),
            ("url", 33),
            ("hashtag", 45),
            ("email", 53)
        ]
    );
}

#[tokio::test]
async fn edits_refuse_what_changes_nothing_what_is_gone_and_what_is_not_its_own() {
    let (rig, chat, user) = garden().await;
    let id = send(&rig, chat, "one").await;
    let edit = |id: i64, text: &str| json!({"chat_id": chat, "message_id": id, "text": text});
    let same = rig.call("editMessageText", edit(id, "one")).await.words();
    assert!(
        same.starts_with("Bad Request: message is not modified"),
        "{same}"
    );
    let edited = rig.call("editMessageText", edit(id, "two")).await.good();
    assert!(edited["edit_date"].is_i64());
    let theirs = rig.sim.say(chat, user, "mine");
    let words = rig.call("editMessageText", edit(theirs, "x")).await.words();
    assert_eq!(words, "Bad Request: message can't be edited");
    let words = rig.call("editMessageText", edit(9999, "x")).await.words();
    assert_eq!(words, "Bad Request: message to edit not found");
    rig.call("deleteMessage", json!({"chat_id": chat, "message_id": id}))
        .await
        .good();
    let words = rig.call("editMessageText", edit(id, "three")).await.words();
    assert_eq!(words, "Bad Request: message to edit not found");
    rig.clean();
}

#[tokio::test]
async fn deleting_knows_gone_messages_rights_and_48_hours() {
    let (rig, chat, user) = garden().await;
    let delete = |chat: i64, id: i64| json!({"chat_id": chat, "message_id": id});
    let spam = rig.sim.say(chat, user, "spam");
    rig.call("deleteMessage", delete(chat, spam)).await.good();
    assert_eq!(rig.sim.deleted(chat).len(), 1);
    let words = rig.call("deleteMessage", delete(chat, spam)).await.words();
    assert_eq!(words, "Bad Request: message to delete not found");

    // An administrator with the right deletes messages of any age in a supergroup.
    let old = rig.sim.say(chat, user, "old");
    let own = send(&rig, chat, "own").await;
    rig.pass(49 * 3600);
    rig.call("deleteMessage", delete(chat, old)).await.good();
    rig.sim.set_bot_rights(chat, &["can_restrict_members"]);
    let fresh = rig.sim.say(chat, user, "fresh");
    let words = rig.call("deleteMessage", delete(chat, fresh)).await.words();
    assert_eq!(words, "Bad Request: message can't be deleted");
    let words = rig.call("deleteMessage", delete(chat, own)).await.words();
    assert_eq!(words, "Bad Request: message can't be deleted");

    // In a private chat and a basic group 48 hours are the end.
    rig.sim.private(user, "/start");
    let sent = send(&rig, user, "hello").await;
    rig.pass(49 * 3600);
    let words = rig.call("deleteMessage", delete(user, sent)).await.words();
    assert_eq!(words, "Bad Request: message can't be deleted");
    rig.clean();
}

#[tokio::test]
async fn paid_posts_and_created_topics_stay() {
    let (rig, chat, user) = garden().await;
    let paid = rig
        .sim
        .post(chat, user, json!({"text": "paid", "is_paid_post": true}));
    let delete = json!({"chat_id": chat, "message_id": paid});
    let words = rig.call("deleteMessage", delete.clone()).await.words();
    assert_eq!(words, "Bad Request: message can't be deleted");
    rig.pass(86_401);
    rig.call("deleteMessage", delete).await.good();
    let forum = rig.sim.forum("Forum");
    rig.sim.add_bot_admin(forum);
    let topic = rig.sim.topic(forum, "News");
    let delete = json!({"chat_id": forum, "message_id": topic});
    assert_eq!(rig.call("deleteMessage", delete).await.bad().0, 400);
}

#[tokio::test]
async fn delete_messages_takes_1_to_100_and_skips_the_unknown() {
    let (rig, chat, user) = garden().await;
    let one = rig.sim.say(chat, user, "one");
    let two = rig.sim.say(chat, user, "two");
    let delete = |ids: Vec<i64>| json!({"chat_id": chat, "message_ids": ids});
    rig.call("deleteMessages", delete(vec![one, 7777, two, 8888]))
        .await
        .good();
    assert_eq!(rig.sim.deleted(chat).len(), 2);
    rig.call("deleteMessages", delete(vec![one])).await.good();
    let words = rig.call("deleteMessages", delete(vec![])).await.words();
    assert_eq!(words, "Bad Request: message identifiers are not specified");
    let words = rig
        .call("deleteMessages", delete((1..=101).collect()))
        .await
        .words();
    assert_eq!(words, "Bad Request: too many message identifiers specified");
    rig.clean();
}

#[tokio::test]
async fn callback_data_is_64_bytes_and_answers_are_200_characters_within_150_seconds() {
    let (rig, chat, user) = garden().await;
    let with = |data: &str| {
        json!({"chat_id": chat, "text": "x", "reply_markup":
            {"inline_keyboard": [[{"text": "A", "callback_data": data}]]}})
    };
    rig.call("sendMessage", with(&"x".repeat(64))).await.good();
    for data in [String::new(), "x".repeat(65), "я".repeat(33)] {
        let words = rig.call("sendMessage", with(&data)).await.words();
        assert_eq!(words, "Bad Request: BUTTON_DATA_INVALID");
    }
    let message = send(&rig, chat, "y").await;
    let query = rig.sim.press(chat, message, user, "forged");
    let answer = |text: String| json!({"callback_query_id": query, "text": text});
    let words = rig
        .call("answerCallbackQuery", answer("x".repeat(201)))
        .await
        .words();
    assert_eq!(words, "Bad Request: MESSAGE_TOO_LONG");
    rig.call("answerCallbackQuery", answer("x".repeat(200)))
        .await
        .good();
    let late = rig.sim.press(chat, message, user, "late");
    rig.pass(151);
    let words = rig
        .call("answerCallbackQuery", json!({"callback_query_id": late}))
        .await
        .words();
    assert_eq!(
        words,
        "Bad Request: query is too old and response timeout expired or query ID is invalid"
    );
    rig.clean();
}

#[tokio::test]
async fn a_button_under_a_deleted_message_comes_with_an_inaccessible_one() {
    let (rig, chat, user) = garden().await;
    let message = send(&rig, chat, "x").await;
    rig.sim.delete(chat, message);
    rig.listen().await;
    rig.sim.press(chat, message, user, "a");
    let got = rig.updates().await;
    assert_eq!(got[0]["callback_query"]["message"]["date"], 0);
    rig.clean();
}

#[tokio::test]
async fn threads_exist_in_forums_and_under_linked_posts_only() {
    let (rig, chat, user) = garden().await;
    let said = rig.sim.say(chat, user, "hello");
    let into =
        |chat: i64, thread: i64| json!({"chat_id": chat, "text": "x", "message_thread_id": thread});
    let words = rig.call("sendMessage", into(chat, said)).await.words();
    assert_eq!(words, "Bad Request: message thread not found");
    // An answer has a thread id all the same, without being in a topic.
    let answer = rig.sim.reply(chat, user, said, "answer");
    let message = rig
        .sim
        .messages(chat)
        .into_iter()
        .find(|m| m.message_id == answer)
        .unwrap();
    assert_eq!(message.value["message_thread_id"], said);
    assert!(message.value.get("is_topic_message").is_none());

    let channel = rig.sim.channel("News");
    rig.sim.link(channel, chat);
    let (_, copy) = rig.sim.channel_post(channel, "news");
    rig.call("sendMessage", into(chat, copy.unwrap()))
        .await
        .good();

    let forum = rig.sim.forum("Forum");
    rig.sim.add_bot_admin(forum);
    let topic = rig.sim.topic(forum, "News");
    let sent = rig.call("sendMessage", into(forum, topic)).await.good();
    assert_eq!(sent["is_topic_message"], true);
    let words = rig.call("sendMessage", into(forum, 4242)).await.words();
    assert_eq!(words, "Bad Request: message thread not found");
    let made = json!({"chat_id": forum, "name": "Second"});
    let made = rig.call("createForumTopic", made).await.good();
    let thread = made["message_thread_id"].clone();
    let close = json!({"chat_id": forum, "message_thread_id": thread});
    rig.call("closeForumTopic", close.clone()).await.good();
    let words = rig.call("closeForumTopic", close).await.words();
    assert_eq!(words, "Bad Request: TOPIC_NOT_MODIFIED");
    rig.clean();
}

#[tokio::test]
async fn replies_need_their_message_unless_told_otherwise() {
    let (rig, chat, user) = garden().await;
    let said = rig.sim.say(chat, user, "the whole sentence");
    let reply =
        |parameters: Value| json!({"chat_id": chat, "text": "x", "reply_parameters": parameters});
    let sent = rig
        .call("sendMessage", reply(json!({"message_id": said})))
        .await
        .good();
    assert_eq!(sent["reply_to_message"]["text"], "the whole sentence");
    let quoted = json!({"message_id": said, "quote": "whole"});
    let sent = rig.call("sendMessage", reply(quoted)).await.good();
    assert_eq!(sent["quote"]["position"], 4);
    rig.sim.delete(chat, said);
    let words = rig
        .call("sendMessage", reply(json!({"message_id": said})))
        .await
        .words();
    assert_eq!(words, "Bad Request: message to be replied not found");
    let lax = json!({"message_id": said, "allow_sending_without_reply": true});
    rig.call("sendMessage", reply(lax)).await.good();
    rig.clean();
}

#[tokio::test]
async fn flood_limits_answer_429_with_both_fields() {
    let rig = Rig::with(|options| options.limits = Some(Limits::default()));
    let chat = rig.sim.supergroup("Garden");
    rig.sim.add_bot_admin(chat);
    let text = |chat: i64| json!({"chat_id": chat, "text": "x"});
    rig.call("sendMessage", text(chat)).await.good();
    let refused = rig.call("sendMessage", text(chat)).await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.retry_after.as_deref(), Some("1"));
    assert_eq!(refused.body["parameters"]["retry_after"], 1);
    // Acts are not messages.
    rig.call(
        "sendChatAction",
        json!({"chat_id": chat, "action": "typing"}),
    )
    .await
    .good();
    for _ in 1..20 {
        rig.pass(1);
        rig.call("sendMessage", text(chat)).await.good();
    }
    rig.pass(1);
    let refused = rig.call("sendMessage", text(chat)).await;
    let wait = refused.body["parameters"]["retry_after"].as_i64().unwrap();
    assert!((35..=41).contains(&wait), "20 a minute: {wait}");
    rig.pass(wait);
    rig.call("sendMessage", text(chat)).await.good();
    // 30 a second overall.
    rig.pass(60);
    let mut people = Vec::new();
    for at in 0..31 {
        let user = rig.sim.user(&format!("U{at}"));
        rig.sim.private(user, "/start");
        people.push(user);
    }
    let mut refused = 0;
    for user in people {
        refused += i32::from(rig.call("sendMessage", text(user)).await.status == 429);
    }
    assert!(refused >= 1);
    rig.clean();
}

#[tokio::test]
async fn files_above_20_mb_cannot_be_fetched() {
    let (rig, chat, user) = garden().await;
    let file = rig.sim.file_of_size("film.mp4", 21 << 20);
    rig.sim
        .post(chat, user, json!({"video": rig.sim.media("video", &file)}));
    let words = rig.call("getFile", json!({"file_id": file})).await.words();
    assert_eq!(words, "Bad Request: file is too big");
    let words = rig
        .call("getFile", json!({"file_id": "nothing"}))
        .await
        .words();
    assert_eq!(
        words,
        "Bad Request: wrong file_id or the file is temporarily unavailable"
    );
    rig.clean();
}

#[tokio::test]
async fn forwards_copies_and_albums() {
    let (rig, chat, user) = garden().await;
    let said = rig.sim.say(chat, user, "carry me");
    let other = rig.sim.supergroup("Other");
    rig.sim.add_bot_admin(other);
    let params = json!({"chat_id": other, "from_chat_id": chat, "message_id": said});
    let sent = rig.call("forwardMessage", params.clone()).await.good();
    assert_eq!(sent["forward_origin"]["sender_user"]["id"], user);
    rig.call("copyMessage", params).await.good();
    let last = rig.sim.bot_messages(other).pop().unwrap();
    assert_eq!(last.text(), "carry me");
    assert!(last.value.get("forward_origin").is_none());
    let many = json!({"chat_id": other, "from_chat_id": chat, "message_ids": [said, 9999]});
    let sent = rig.call("forwardMessages", many).await.good();
    assert_eq!(sent.as_array().unwrap().len(), 1);
    let file = rig.sim.file("a.jpg", b"x");
    let album = json!({"chat_id": chat, "media": [
        {"type": "photo", "media": file, "caption": "two"}, {"type": "photo", "media": file}]});
    let sent = rig.call("sendMediaGroup", album).await.good();
    assert_eq!(sent[0]["media_group_id"], sent[1]["media_group_id"]);
    let single = json!({"chat_id": chat, "media": [{"type": "photo", "media": file}]});
    assert_eq!(rig.call("sendMediaGroup", single).await.bad().0, 400);
    rig.clean();
}

#[tokio::test]
async fn ephemeral_messages_are_seen_by_one_person() {
    let (rig, chat, user) = garden().await;
    let params = json!({"chat_id": chat, "text": "only you",
        "ephemeral_message_parameters": {"receiver_user_id": user}});
    let sent = rig.call("sendMessage", params).await.good();
    assert_eq!(sent["message_id"], 0);
    let id = sent["ephemeral_message_id"].as_i64().unwrap();
    assert_eq!(rig.sim.messages(chat)[0].receiver, Some(user));
    let edit = json!({"chat_id": chat, "receiver_user_id": user, "ephemeral_message_id": id, "text": "now"});
    assert_eq!(
        rig.call("editEphemeralMessageText", edit).await.good(),
        true
    );
    let delete =
        |user: i64| json!({"chat_id": chat, "receiver_user_id": user, "ephemeral_message_id": id});
    assert_eq!(
        rig.call("deleteEphemeralMessage", delete(5)).await.bad().0,
        400
    );
    rig.call("deleteEphemeralMessage", delete(user))
        .await
        .good();
    assert_eq!(rig.sim.deleted(chat).len(), 1);
    rig.clean();
}

#[tokio::test]
async fn a_channel_that_is_banned_cannot_write() {
    let (rig, chat, user) = garden().await;
    let channel = rig.sim.channel("Spam");
    let ban = json!({"chat_id": chat, "sender_chat_id": channel});
    rig.call("banChatSenderChat", ban.clone()).await.good();
    assert_eq!(
        rig.sim
            .say_as(chat, SpeakAs::Channel { user, channel }, "ad"),
        0
    );
    rig.call("unbanChatSenderChat", ban).await.good();
    assert!(
        rig.sim
            .say_as(chat, SpeakAs::Channel { user, channel }, "ad")
            > 0
    );
    rig.clean();
}
