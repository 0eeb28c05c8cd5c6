//! People's actions reach the simulator over HTTP where that is switched on, and a page can follow.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::simulator_support::Rig;

async fn act(rig: &Rig, action: &str, params: Value) -> (u16, Value) {
    let url = format!("{}/sim/{action}", rig.sim.url());
    let response = rig.http.post(url).json(&params).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn control_is_off_unless_asked_for() {
    let rig = Rig::new();
    assert_eq!(act(&rig, "user", json!({"first_name": "Ida"})).await.0, 404);
}

#[tokio::test]
async fn actions_do_what_the_handle_does() {
    let rig = Rig::with(|options| options.control = true);
    let (_, chat) = act(&rig, "supergroup", json!({"title": "Garden"})).await;
    let chat = chat["result"].as_i64().unwrap();
    let list = json!([
        {"action": "add_bot_admin", "chat": chat},
        {"action": "user", "first_name": "Ida"},
    ]);
    let (status, made) = act(&rig, "batch", list).await;
    assert_eq!(status, 200);
    let user = made["result"][1].as_i64().unwrap();
    act(
        &rig,
        "say",
        json!({"chat": chat, "user": user, "text": "hello"}),
    )
    .await;
    assert_eq!(rig.sim.messages(chat).last().unwrap().text(), "hello");
    let (status, refused) = act(&rig, "say", json!({"chat": chat})).await;
    assert_eq!(
        (status, &refused["description"]),
        (400, &json!("user must be an integer"))
    );
    let (status, refused) = act(&rig, "dance", json!({})).await;
    assert_eq!(
        (status, &refused["description"]),
        (400, &json!("unknown action dance"))
    );
    let fault = json!({"method": "getMe", "code": 500, "text": "Internal Server Error"});
    act(&rig, "fail_next", fault).await;
    assert_eq!(rig.call("getMe", json!({})).await.bad().0, 500);
    rig.call("getMe", json!({})).await.good();
}

#[tokio::test]
async fn the_state_tells_what_changed_and_waits_for_it() {
    let rig = Rig::with(|options| options.control = true);
    let quiet = rig.sim.supergroup("Quiet");
    let chat = rig.sim.supergroup("Garden");
    let user = rig.sim.user("Ida");
    let message = rig.sim.say(chat, user, "hello");
    let state = async |query: &str| -> Value {
        let url = format!("{}/sim/state{query}", rig.sim.url());
        rig.http
            .get(url)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    };
    let all = state("").await;
    assert_eq!(all["chats"].as_array().unwrap().len(), 2);
    let since = all["version"].as_u64().unwrap();
    let sim = rig.sim.clone();
    let later = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(60)).await;
        sim.delete(chat, message);
    });
    let start = Instant::now();
    let changed = state(&format!("?since={since}")).await;
    assert!(start.elapsed() >= Duration::from_millis(50));
    later.await.unwrap();
    let chats = changed["chats"].as_array().unwrap();
    assert_eq!(chats.len(), 1, "{quiet} did not change");
    assert_eq!(chats[0]["chat"]["id"], chat);
    assert_eq!(chats[0]["messages"][0]["deleted"], true);
    assert_eq!(chats[0]["messages"][0]["message"]["text"], "hello");
}
