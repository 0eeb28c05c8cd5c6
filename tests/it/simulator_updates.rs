//! The simulator's queue of updates obeys the official server's rules for getUpdates.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::simulator_support::Rig;

fn ids(list: &Value) -> Vec<i64> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|u| u["update_id"].as_i64().unwrap())
        .collect()
}

fn say_many(rig: &Rig, count: usize) {
    let user = rig.sim.user("Ida");
    for at in 0..count {
        rig.sim.private(user, &format!("message {at}"));
    }
}

async fn get(rig: &Rig, params: Value) -> Value {
    rig.call("getUpdates", params).await.good()
}

#[tokio::test]
async fn limit_is_1_to_100_and_100_by_default() {
    let rig = Rig::quick();
    say_many(&rig, 130);
    assert_eq!(ids(&get(&rig, json!({})).await).len(), 100);
    assert_eq!(ids(&get(&rig, json!({"limit": 3})).await).len(), 3);
    assert_eq!(ids(&get(&rig, json!({"limit": 500})).await).len(), 100);
    rig.clean();
}

#[tokio::test]
async fn offset_confirms_everything_below_it() {
    let rig = Rig::quick();
    rig.sim.set_next_update_id(100);
    say_many(&rig, 5);
    assert_eq!(
        ids(&get(&rig, json!({"offset": 102})).await),
        [102, 103, 104]
    );
    assert_eq!(ids(&get(&rig, json!({})).await), [102, 103, 104]);
    assert_eq!(
        ids(&get(&rig, json!({"offset": 105})).await),
        Vec::<i64>::new()
    );
    assert_eq!(rig.sim.pending_updates(), 0);
}

#[tokio::test]
async fn negative_offset_keeps_the_newest_and_deletes_the_rest() {
    let rig = Rig::quick();
    rig.sim.set_next_update_id(100);
    say_many(&rig, 5);
    assert_eq!(ids(&get(&rig, json!({"offset": -2})).await), [103, 104]);
    assert_eq!(rig.sim.pending_updates(), 2);
    assert_eq!(ids(&get(&rig, json!({"offset": -50})).await), [103, 104]);
}

#[tokio::test]
async fn invalid_offset_starts_at_the_head_and_confirms_nothing() {
    let rig = Rig::quick();
    rig.sim.set_next_update_id(100);
    say_many(&rig, 3);
    assert_eq!(
        ids(&get(&rig, json!({"offset": 5000})).await),
        [100, 101, 102]
    );
    assert_eq!(ids(&get(&rig, json!({"offset": 7})).await), [100, 101, 102]);
}

#[tokio::test]
async fn timeout_waits_for_an_update_and_is_capped() {
    let capped = beadle::telegram::simulator::SimOptions::default().longest_poll;
    assert_eq!(capped, 50);
    let rig = Rig::with(|options| {
        options.poll_guard = false;
        options.longest_poll = 1;
    });
    let start = Instant::now();
    assert_eq!(
        ids(&get(&rig, json!({"timeout": 30})).await),
        Vec::<i64>::new()
    );
    assert!((900..4000).contains(&start.elapsed().as_millis()));

    let rig = Rig::quick();
    let sim = rig.sim.clone();
    let user = sim.user("Ida");
    let later = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(80)).await;
        sim.private(user, "at last");
    });
    let start = Instant::now();
    assert_eq!(ids(&get(&rig, json!({"timeout": 30})).await).len(), 1);
    assert!(start.elapsed() < Duration::from_secs(5));
    later.await.unwrap();
}

#[tokio::test]
async fn same_offset_within_half_a_second_gives_one_update() {
    let rig = Rig::new();
    say_many(&rig, 5);
    assert_eq!(ids(&get(&rig, json!({})).await).len(), 5);
    assert_eq!(ids(&get(&rig, json!({})).await).len(), 1);
    tokio::time::sleep(Duration::from_millis(550)).await;
    assert_eq!(ids(&get(&rig, json!({})).await).len(), 5);
}

#[tokio::test]
async fn same_offset_within_three_seconds_waits_three_seconds() {
    let rig = Rig::new();
    get(&rig, json!({})).await;
    let start = Instant::now();
    assert_eq!(ids(&get(&rig, json!({})).await), Vec::<i64>::new());
    assert!(
        start.elapsed() >= Duration::from_millis(2900),
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test]
async fn allowed_updates_are_kept_and_filter_when_an_update_is_made() {
    let rig = Rig::quick();
    let chat = rig.sim.supergroup("Garden");
    rig.sim.add_bot_admin(chat);
    let user = rig.sim.user("Ida");
    get(&rig, json!({"allowed_updates": ["chat_member"]})).await;
    rig.updates().await;
    rig.sim.join(chat, user);
    // The list is remembered by a call without it, and a later list does not bring back the message.
    get(&rig, json!({})).await;
    get(&rig, json!({"allowed_updates": ["message"]})).await;
    let got = rig.updates().await;
    assert_eq!(got.len(), 1);
    assert!(got[0].get("chat_member").is_some());
    rig.sim.say(chat, user, "now");
    assert!(rig.updates().await[0].get("message").is_some());
    rig.clean();
}

#[tokio::test]
async fn the_default_leaves_out_chat_member_and_reactions() {
    let rig = Rig::quick();
    let chat = rig.sim.supergroup("Garden");
    rig.sim.add_bot_admin(chat);
    rig.updates().await;
    let user = rig.sim.user("Ida");
    rig.sim.join(chat, user);
    let message = rig.sim.say(chat, user, "hello");
    rig.sim.react(chat, message, user, "👍");
    let kinds = |list: Vec<Value>| -> Vec<bool> {
        list.iter().map(|u| u.get("message").is_some()).collect()
    };
    assert_eq!(kinds(rig.updates().await), [true, true]);
    // A list of unknown names only is the default; so is an empty one.
    for list in [json!(["chat_members", "messages"]), json!([])] {
        get(&rig, json!({"allowed_updates": ["chat_member"]})).await;
        get(&rig, json!({"allowed_updates": list})).await;
        rig.sim.react(chat, message, user, "");
        rig.sim.say(chat, user, "again");
        assert_eq!(kinds(rig.updates().await), [true]);
    }
}

const BY_POLL: &str = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running";

#[tokio::test]
async fn the_older_poll_gets_the_conflict_and_the_next_one_late() {
    let rig = Rig::new();
    let url = rig.method_url("getUpdates");
    let poll = |http: reqwest::Client, offset: i64| {
        let url = url.clone();
        tokio::spawn(async move {
            let params = json!({"offset": offset, "timeout": 30});
            let start = Instant::now();
            let body: Value = http
                .post(url)
                .json(&params)
                .send()
                .await
                .unwrap()
                .json()
                .await
                .unwrap();
            (body, start.elapsed())
        })
    };
    let first = poll(rig.http.clone(), 1);
    tokio::time::sleep(Duration::from_millis(100)).await;
    let second = poll(rig.http.clone(), 2);
    let (body, _) = first.await.unwrap();
    assert_eq!(body["error_code"], 409);
    assert_eq!(body["description"], BY_POLL);
    tokio::time::sleep(Duration::from_millis(100)).await;
    let third = poll(rig.http.clone(), 3);
    let (body, waited) = second.await.unwrap();
    assert_eq!(body["description"], BY_POLL);
    assert!(waited >= Duration::from_secs(3), "{waited:?}");
    // The third is undisturbed.
    say_many(&rig, 1);
    assert_eq!(third.await.unwrap().0["ok"], true);
}

#[tokio::test]
async fn polling_conflicts_with_a_webhook() {
    let rig = Rig::quick();
    let url = rig.method_url("getUpdates");
    let http = rig.http.clone();
    let waiting = tokio::spawn(async move {
        let response = http
            .post(url)
            .json(&json!({"timeout": 30}))
            .send()
            .await
            .unwrap();
        response.json::<Value>().await.unwrap()
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    rig.call("setWebhook", json!({"url": "https://example.org/hook"}))
        .await
        .good();
    let body = waiting.await.unwrap();
    assert_eq!(body["error_code"], 409);
    assert_eq!(
        body["description"],
        "Conflict: terminated by setWebhook request"
    );
    let (code, words) = rig.call("getUpdates", json!({})).await.bad();
    assert_eq!(code, 409);
    assert_eq!(
        words,
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
    );
    rig.call("deleteWebhook", json!({})).await.good();
    get(&rig, json!({})).await;
    rig.clean();
}

#[tokio::test]
async fn updates_live_as_long_as_their_kind_allows() {
    let rig = Rig::quick();
    let chat = rig.sim.supergroup("Garden");
    rig.sim.add_bot_admin(chat);
    rig.listen().await;
    let user = rig.sim.user("Ida");
    let message = rig.sim.say(chat, user, "lives a day");
    rig.sim.press(chat, message, user, "lives 150 s");
    rig.sim.request_join(chat, rig.sim.user("Bo"));
    assert_eq!(rig.sim.pending_updates(), 3);
    rig.pass(149);
    assert_eq!(rig.sim.pending_updates(), 3);
    rig.pass(2);
    assert_eq!(rig.sim.pending_updates(), 2);
    rig.pass(86_400 - 160);
    assert_eq!(rig.sim.pending_updates(), 2);
    // An edit lives a day from the edit.
    rig.sim.edit(chat, message, "edited");
    rig.pass(20);
    let left = rig.updates().await;
    assert_eq!(left.len(), 1);
    assert!(left[0].get("edited_message").is_some());
    rig.clean();
}

#[tokio::test]
async fn messages_from_before_the_bot_came_or_older_than_a_day_are_skipped() {
    let rig = Rig::quick();
    let chat = rig.sim.supergroup("Garden");
    let user = rig.sim.user("Ida");
    let early = rig.sim.say(chat, user, "before the bot");
    rig.pass(5);
    rig.sim.add_bot_admin(chat);
    rig.listen().await;
    let date = rig.sim.messages(chat)[0].date();
    rig.sim.post(
        chat,
        user,
        json!({"text": "dated before the bot", "date": date}),
    );
    rig.sim
        .post(chat, user, json!({"text": "old", "date": date - 90_000}));
    assert_eq!(rig.sim.pending_updates(), 0);
    rig.sim.say(chat, user, "now");
    assert_eq!(rig.sim.pending_updates(), 1);
    rig.sim.kick_bot(chat);
    rig.updates().await;
    rig.sim.say(chat, user, "after it left");
    assert_eq!(rig.sim.pending_updates(), 0);
    assert!(early > 0);
}

#[tokio::test]
async fn own_messages_are_not_delivered_except_service_ones() {
    let rig = Rig::quick();
    let chat = rig.sim.supergroup("Garden");
    rig.sim.add_bot_admin(chat);
    let user = rig.sim.user("Ida");
    rig.sim.join(chat, user);
    rig.listen().await;
    let sent = rig
        .call("sendMessage", json!({"chat_id": chat, "text": "mine"}))
        .await
        .good();
    assert_eq!(rig.sim.pending_updates(), 0);
    let id = sent["message_id"].clone();
    rig.call("pinChatMessage", json!({"chat_id": chat, "message_id": id}))
        .await
        .good();
    rig.call("setChatTitle", json!({"chat_id": chat, "title": "Park"}))
        .await
        .good();
    rig.call("banChatMember", json!({"chat_id": chat, "user_id": user}))
        .await
        .good();
    let got = rig.updates().await;
    assert!(got[0]["message"].get("pinned_message").is_some());
    assert_eq!(got[1]["message"]["new_chat_title"], "Park");
    assert_eq!(got[2]["message"]["left_chat_member"]["id"], user);
    assert_eq!(got[3]["chat_member"]["new_chat_member"]["status"], "kicked");
    assert_eq!(got.len(), 4);
    rig.clean();
}

#[tokio::test]
async fn privacy_mode_lets_through_only_what_is_meant_for_the_bot() {
    let rig = Rig::quick();
    let sim = &rig.sim;
    let chat = sim.supergroup("Garden");
    sim.add_bot(chat);
    rig.listen().await;
    let user = sim.user("Ida");
    let sent = rig
        .call("sendMessage", json!({"chat_id": chat, "text": "ask me"}))
        .await
        .good();
    sim.say(chat, user, "chatter");
    sim.say(chat, user, "/help@other_bot");
    assert_eq!(sim.pending_updates(), 0);
    sim.say(chat, user, "/help");
    sim.say(chat, user, "/help@beadle_sim_bot");
    sim.reply(chat, user, sent["message_id"].as_i64().unwrap(), "to you");
    sim.join(chat, sim.user("Bo"));
    assert_eq!(rig.updates().await.len(), 4);
    // As an administrator it hears everything but other bots.
    sim.add_bot_admin(chat);
    rig.updates().await;
    sim.say(chat, user, "chatter");
    sim.say(chat, sim.other_bot("Robot"), "I am a bot");
    assert_eq!(sim.pending_updates(), 1);

    let open = Rig::with(|options| {
        options.read_all_messages = true;
        options.poll_guard = false;
    });
    let chat = open.sim.supergroup("Garden");
    open.sim.add_bot(chat);
    open.updates().await;
    open.sim.say(chat, open.sim.user("Ida"), "chatter");
    assert_eq!(open.sim.pending_updates(), 1);
    open.clean();
}
