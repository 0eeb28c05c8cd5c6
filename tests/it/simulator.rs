//! The simulated Telegram serves a bot: transport, people's actions, faults, identifiers.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
use std::time::Duration;

use beadle::telegram::simulator::{Fault, SpeakAs, Status};
use serde_json::{Value, json};

use crate::simulator_support::Rig;

#[tokio::test]
async fn get_me_has_what_clients_need_and_method_names_have_any_case() {
    let rig = Rig::new();
    for name in ["getMe", "GetMe", "getme"] {
        let me = rig.call(name, json!({})).await.good();
        for field in [
            "can_join_groups",
            "can_read_all_group_messages",
            "supports_inline_queries",
            "has_main_web_app",
        ] {
            assert!(me[field].is_boolean(), "{field}");
        }
    }
    rig.clean();
}

#[tokio::test]
async fn wrong_token_and_unknown_method_are_refused() {
    let rig = Rig::new();
    let url = format!("{}/bot1:wrong/getMe", rig.sim.url());
    let response = rig.http.get(url).send().await.unwrap();
    assert_eq!(response.status(), 401);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["description"], "Unauthorized");
    assert_eq!(rig.call("getNothing", json!({})).await.bad().0, 404);
    assert_eq!(rig.sim.violations().len(), 1);
}

#[tokio::test]
async fn parameters_come_from_query_form_and_multipart() {
    let rig = Rig::new();
    let chat = rig.sim.supergroup("Garden");
    rig.sim.add_bot_admin(chat);
    let user = rig.sim.user("Ida");
    rig.sim.join(chat, user);
    let keyboard = json!({"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]});

    let url = rig.method_url("sendMessage");
    let sent = rig
        .http
        .get(format!("{url}?chat_id={chat}&text=by%20query"))
        .send()
        .await
        .unwrap();
    assert_eq!(sent.status(), 200);

    let boundary = "xxBOUNDARYxx";
    let part = |name: &str, value: &str| {
        format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        )
    };
    let body = part("chat_id", &chat.to_string())
        + &part("photo", "attach://one")
        + &part("caption", "by multipart")
        + &part("reply_markup", &keyboard.to_string())
        + &format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"one\"; filename=\"a.jpg\"\r\n\
             Content-Type: image/jpeg\r\n\r\nnot really a picture\r\n--{boundary}--\r\n"
        );
    let sent = rig
        .http
        .post(rig.method_url("SendPhoto"))
        .header(
            "Content-Type",
            format!("multipart/form-data; boundary={boundary}"),
        )
        .body(body)
        .send()
        .await
        .unwrap();
    let sent: Value = sent.json().await.unwrap();
    assert_eq!(sent["ok"], true, "{sent}");

    let form =
        format!("chat_id={chat}&user_id={user}&permissions=%7B%22can_send_messages%22%3Afalse%7D");
    let sent = rig
        .http
        .post(rig.method_url("restrictChatMember"))
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(form)
        .send()
        .await
        .unwrap();
    assert_eq!(sent.status(), 200);
    assert_eq!(rig.sim.member(chat, user).status, Status::Restricted);

    let messages = rig.sim.bot_messages(chat);
    assert_eq!(messages[0].text(), "by query");
    assert_eq!(messages[1].text(), "by multipart");
    assert_eq!(messages[1].buttons()[0].data.as_deref(), Some("y"));

    let id = sent_file_id(&messages[1].value);
    let file = rig.call("getFile", json!({"file_id": id})).await.good();
    let path = file["file_path"].as_str().unwrap();
    let url = format!("{}/file/bot{}/{path}", rig.sim.url(), rig.sim.token());
    let bytes = rig
        .http
        .get(url)
        .send()
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap();
    assert_eq!(&bytes[..], b"not really a picture");
    rig.clean();
}

fn sent_file_id(message: &Value) -> String {
    message["photo"][0]["file_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn people_act_and_the_bot_hears_of_it() {
    let rig = Rig::quick();
    let sim = &rig.sim;
    let chat = sim.supergroup("Garden");
    sim.add_bot_admin(chat);
    rig.listen().await;
    let user = sim.user("Ida");
    assert!(sim.join(chat, user));
    let said = sim.say(chat, user, "hello /help@beadle_sim_bot https://example.org");
    let posted = sim.post(
        chat,
        user,
        json!({"caption": "look", "photo": sim.media("photo", &sim.file("a.jpg", b"x"))}),
    );
    sim.edit(chat, said, "hello again");
    let sent = rig
        .call(
            "sendMessage",
            json!({"chat_id": chat, "text": "press", "reply_markup":
            {"inline_keyboard": [[{"text": "A", "callback_data": "a"}]]}}),
        )
        .await
        .good();
    let query = sim.press(chat, sent["message_id"].as_i64().unwrap(), user, "a");
    sim.react(chat, said, user, "👍");
    sim.leave(chat, user);
    let kinds: Vec<String> = rig
        .updates()
        .await
        .iter()
        .map(|u| {
            u.as_object()
                .unwrap()
                .keys()
                .find(|k| *k != "update_id")
                .unwrap()
                .clone()
        })
        .collect();
    assert_eq!(
        kinds,
        [
            "chat_member",
            "message",
            "message",
            "message",
            "edited_message",
            "callback_query",
            "message_reaction",
            "message",
            "chat_member",
        ]
    );
    assert!(posted > said);
    rig.call(
        "answerCallbackQuery",
        json!({"callback_query_id": query, "text": "thanks"}),
    )
    .await
    .good();
    assert_eq!(sim.callback_answer(&query).unwrap().text, "thanks");
    rig.clean();
}

#[tokio::test]
async fn special_senders_have_telegrams_ids() {
    let rig = Rig::quick();
    let sim = &rig.sim;
    let chat = sim.supergroup("Garden");
    let channel = sim.channel("News");
    sim.link(channel, chat);
    sim.add_bot_admin(chat);
    rig.listen().await;
    let admin = sim.user("Ann");
    sim.promote(chat, admin, &["can_delete_messages"]);
    rig.updates().await;
    sim.say_as(chat, SpeakAs::Anonymous(admin), "as the group");
    sim.say_as(
        chat,
        SpeakAs::Channel {
            user: admin,
            channel,
        },
        "as a channel",
    );
    let (post, copy) = sim.channel_post(channel, "news");
    assert!(post > 0 && copy.is_some());
    let got = rig.updates().await;
    let from = |at: usize| got[at]["message"]["from"]["id"].as_i64().unwrap();
    let sender = |at: usize| got[at]["message"]["sender_chat"]["id"].as_i64().unwrap();
    assert_eq!((from(0), sender(0)), (1_087_968_824, chat));
    assert_eq!((from(1), sender(1)), (136_817_688, channel));
    assert_eq!((from(2), sender(2)), (777_000, channel));
    assert_eq!(got[2]["message"]["is_automatic_forward"], true);
    rig.clean();
}

#[tokio::test]
async fn faults_strike_as_ordered() {
    let rig = Rig::new();
    let sim = &rig.sim;
    let chat = sim.supergroup("Garden");
    sim.add_bot_admin(chat);
    let send = |text: &str| json!({"chat_id": chat, "text": text});

    sim.fail_next(Some("sendMessage"), Some(chat), Fault::flood(7));
    let refused = rig.call("sendMessage", send("one")).await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.retry_after.as_deref(), Some("7"));
    assert_eq!(refused.body["parameters"]["retry_after"], 7);

    sim.fail_next(Some("sendMessage"), None, Fault::LoseAnswer);
    assert!(
        rig.try_call("sendMessage", send("carried out"))
            .await
            .is_err()
    );
    sim.fail_next(None, None, Fault::Drop);
    assert!(rig.try_call("sendMessage", send("never")).await.is_err());
    sim.fail_next(None, None, Fault::Status502);
    assert!(rig.try_call("sendMessage", send("never")).await.is_err());
    sim.fail_next(None, None, Fault::NotJson);
    assert!(
        rig.try_call("sendMessage", send("carried out too"))
            .await
            .is_err()
    );
    sim.fail_next(None, None, Fault::Delay(Duration::from_millis(120)));
    let start = std::time::Instant::now();
    rig.call("sendMessage", send("late")).await.good();
    assert!(start.elapsed() >= Duration::from_millis(120));
    sim.fail_next(None, Some(chat - 1), Fault::Drop);
    rig.call("sendMessage", send("elsewhere")).await.good();
    sim.clear_faults();

    let texts: Vec<String> = sim
        .bot_messages(chat)
        .iter()
        .map(|m| m.text().to_owned())
        .collect();
    assert_eq!(
        texts,
        ["carried out", "carried out too", "late", "elsewhere"]
    );
    rig.clean();
}

#[tokio::test]
async fn always_failing_calls_fail_until_cleared() {
    let rig = Rig::new();
    rig.sim.fail_always(
        Some("getMe"),
        None,
        Fault::error(500, "Internal Server Error"),
    );
    for _ in 0..3 {
        assert_eq!(rig.call("getMe", json!({})).await.bad().0, 500);
    }
    rig.sim.clear_faults();
    rig.call("getMe", json!({})).await.good();
    assert_eq!(rig.sim.calls_of("getme").len(), 4);
}

#[tokio::test]
async fn update_ids_can_jump_and_start_anew() {
    let rig = Rig::quick();
    let sim = &rig.sim;
    let user = sim.user("Ida");
    sim.set_next_update_id(500);
    sim.private(user, "a");
    sim.set_next_update_id(900);
    sim.private(user, "b");
    let ids = |list: &Value| -> Vec<i64> {
        list.as_array()
            .unwrap()
            .iter()
            .map(|u| u["update_id"].as_i64().unwrap())
            .collect()
    };
    let list = rig.call("getUpdates", json!({})).await.good();
    assert_eq!(ids(&list), [500, 900]);
    rig.call("getUpdates", json!({"offset": 901})).await.good();
    sim.set_next_update_id(7);
    sim.private(user, "after a week");
    // The old offset lies far ahead: reading starts at the head.
    let list = rig.call("getUpdates", json!({"offset": 901})).await.good();
    assert_eq!(ids(&list), [7]);
    sim.push_raw(3, json!({"message": {"anything": true}}));
    let list = rig.call("getUpdates", json!({"offset": 8})).await.good();
    assert_eq!(ids(&list), [3]);
}

#[tokio::test]
async fn wait_until_sees_changes_and_stop_closes_the_port() {
    let rig = Rig::new();
    let sim = rig.sim.clone();
    let chat = sim.supergroup("Garden");
    let user = sim.user("Ida");
    let other = sim.clone();
    let waiting = tokio::spawn(async move {
        other
            .wait_until(|s| !s.messages(chat).is_empty(), Duration::from_secs(5))
            .await
    });
    tokio::time::sleep(Duration::from_millis(20)).await;
    sim.say(chat, user, "there");
    assert!(waiting.await.unwrap());
    assert!(
        !sim.wait_until(|s| s.messages(chat).len() > 1, Duration::from_millis(30))
            .await
    );
    sim.stop();
    assert!(rig.try_call("getMe", json!({})).await.is_err());
}
