//! The simulator delivers by webhook as the official server does.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::simulator_support::Rig;

type Script =
    Box<dyn Fn(usize, &Value) -> (u16, Vec<(&'static str, String)>, String) + Send + Sync>;

#[derive(Clone)]
struct Ear {
    heard: Arc<Mutex<Vec<Heard>>>,
    script: Arc<Script>,
    pause: Duration,
}

#[derive(Debug, Clone)]
struct Heard {
    update: Value,
    secret: Option<String>,
    start: Instant,
    end: Instant,
}

async fn hear(State(ear): State<Ear>, headers: HeaderMap, body: Bytes) -> Response {
    let start = Instant::now();
    let update: Value = serde_json::from_slice(&body).unwrap();
    tokio::time::sleep(ear.pause).await;
    let secret = headers.get("x-telegram-bot-api-secret-token");
    let secret = secret.map(|v| v.to_str().unwrap().to_owned());
    let count = {
        let mut heard = ear.heard.lock().unwrap();
        heard.push(Heard {
            update: update.clone(),
            secret,
            start,
            end: Instant::now(),
        });
        heard.len()
    };
    let (status, extra, text) = (ear.script)(count, &update);
    let mut response = (axum::http::StatusCode::from_u16(status).unwrap(), text).into_response();
    for (name, value) in extra {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}

impl Ear {
    async fn open(pause: Duration, script: Script) -> (Self, String) {
        let ear = Self {
            heard: Arc::default(),
            script: Arc::new(script),
            pause,
        };
        let app = Router::new().fallback(hear).with_state(ear.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        (ear, url)
    }

    fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    async fn wait(&self, count: usize) -> Vec<Heard> {
        for _ in 0..600 {
            if self.heard().len() >= count {
                return self.heard();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("heard {} of {count}", self.heard().len());
    }
}

fn ok() -> Script {
    Box::new(|_, _| (200, vec![], String::new()))
}

/// A rig whose webhook seconds last 20 ms.
fn fast() -> Rig {
    Rig::with(|options| options.webhook_second_ms = 20)
}

#[tokio::test]
async fn an_update_comes_with_the_secret_and_is_gone_after_a_2xx() {
    let rig = fast();
    let (ear, url) = Ear::open(Duration::ZERO, ok()).await;
    let user = rig.sim.user("Ida");
    rig.sim.private(user, "waits for the webhook");
    rig.call(
        "setWebhook",
        json!({"url": url, "secret_token": "s3cret_-"}),
    )
    .await
    .good();
    rig.sim.private(user, "comes at once");
    let heard = ear.wait(2).await;
    assert!(
        heard
            .iter()
            .all(|h| h.secret.as_deref() == Some("s3cret_-"))
    );
    assert_eq!(heard[0].update["message"]["text"], "waits for the webhook");
    assert!(
        rig.sim
            .wait_until(|s| s.pending_updates() == 0, Duration::from_secs(2))
            .await
    );
    let info = rig.call("getWebhookInfo", json!({})).await.good();
    assert_eq!(info["url"], url);
    assert_eq!(info["max_connections"], 40);
    rig.clean();
}

#[tokio::test]
async fn one_queue_is_delivered_in_turn_and_queues_side_by_side() {
    let rig = fast();
    let (ear, url) = Ear::open(Duration::from_millis(80), ok()).await;
    rig.call("setWebhook", json!({"url": url})).await.good();
    let (ida, bo) = (rig.sim.user("Ida"), rig.sim.user("Bo"));
    for at in 0..3 {
        rig.sim.private(ida, &format!("i{at}"));
        rig.sim.private(bo, &format!("b{at}"));
    }
    let heard = ear.wait(6).await;
    let of = |user: i64| -> Vec<&Heard> {
        heard
            .iter()
            .filter(|h| h.update["message"]["chat"]["id"] == user)
            .collect()
    };
    for pair in of(ida).windows(2) {
        assert!(pair[0].end <= pair[1].start, "one after another");
        assert!(pair[0].update["update_id"].as_i64() < pair[1].update["update_id"].as_i64());
    }
    let (i, b) = (of(ida)[0], of(bo)[0]);
    assert!(i.start < b.end && b.start < i.end, "side by side");
}

#[tokio::test]
async fn callbacks_and_membership_queue_by_user() {
    let rig = fast();
    let chat = rig.sim.supergroup("Garden");
    rig.sim.add_bot_admin(chat);
    let (ear, url) = Ear::open(Duration::from_millis(100), ok()).await;
    let kinds = [
        "message",
        "callback_query",
        "chat_member",
        "chat_join_request",
    ];
    rig.call(
        "setWebhook",
        json!({"url": url, "allowed_updates": kinds, "drop_pending_updates": true}),
    )
    .await
    .good();
    let user = rig.sim.user("Ida");
    rig.sim.join(chat, user);
    let heard = ear.wait(2).await;
    // The join's chat_member and its service message are on their way at the same time.
    assert!(heard[0].start < heard[1].end && heard[1].start < heard[0].end);
    let message = rig.sim.say(chat, user, "hello");
    rig.sim.press(chat, message, user, "a");
    let heard = ear.wait(4).await;
    assert!(heard[2].start < heard[3].end && heard[3].start < heard[2].end);
}

#[tokio::test]
async fn max_connections_bounds_what_is_on_its_way() {
    let rig = fast();
    let (ear, url) = Ear::open(Duration::from_millis(60), ok()).await;
    rig.call("setWebhook", json!({"url": url, "max_connections": 2}))
        .await
        .good();
    for at in 0..6 {
        let user = rig.sim.user(&format!("U{at}"));
        rig.sim.private(user, "x");
    }
    let heard = ear.wait(6).await;
    for one in &heard {
        let at_once = heard
            .iter()
            .filter(|o| o.start <= one.start && one.start < o.end)
            .count();
        assert!(at_once <= 2, "{at_once}");
    }
}

#[tokio::test]
async fn a_failure_is_tried_again_with_doubled_pauses_in_the_same_place() {
    let rig = fast();
    let script: Script =
        Box::new(|count, _| (if count <= 4 { 500 } else { 200 }, vec![], String::new()));
    let (ear, url) = Ear::open(Duration::ZERO, script).await;
    rig.call("setWebhook", json!({"url": url})).await.good();
    let user = rig.sim.user("Ida");
    rig.sim.private(user, "first");
    rig.sim.private(user, "second");
    let heard = ear.wait(6).await;
    let texts: Vec<&str> = heard
        .iter()
        .map(|h| h.update["message"]["text"].as_str().unwrap())
        .collect();
    assert_eq!(
        texts,
        ["first", "first", "first", "first", "first", "second"]
    );
    let pause = |at: usize| {
        heard[at + 1]
            .start
            .duration_since(heard[at].end)
            .as_millis()
    };
    // 1, 2, 4, 8 seconds of 20 ms.
    for (at, least) in [20, 40, 80, 160].into_iter().enumerate() {
        assert!(pause(at) >= least - 2, "pause {at} was {}", pause(at));
    }
    let info = rig.call("getWebhookInfo", json!({})).await.good();
    assert_eq!(
        info["last_error_message"],
        "Wrong response from the webhook: 500 Internal Server Error"
    );
    rig.clean();
}

#[tokio::test]
async fn retry_after_is_honoured() {
    let rig = fast();
    let script: Script = Box::new(|count, _| {
        if count == 1 {
            (503, vec![("Retry-After", "15".to_owned())], String::new())
        } else {
            (200, vec![], String::new())
        }
    });
    let (ear, url) = Ear::open(Duration::ZERO, script).await;
    rig.call("setWebhook", json!({"url": url})).await.good();
    rig.sim.private(rig.sim.user("Ida"), "x");
    let heard = ear.wait(2).await;
    assert!(heard[1].start.duration_since(heard[0].end) >= Duration::from_millis(298));
}

#[tokio::test]
async fn gone_for_23_hours_deletes_the_webhook() {
    let rig = fast();
    let script: Script = Box::new(|_, _| (410, vec![], String::new()));
    let (ear, url) = Ear::open(Duration::ZERO, script).await;
    rig.call("setWebhook", json!({"url": url})).await.good();
    rig.sim.private(rig.sim.user("Ida"), "x");
    let before = ear.wait(2).await.len();
    let info = rig.call("getWebhookInfo", json!({})).await.good();
    assert_eq!(info["url"], url);
    rig.pass(23 * 3600);
    ear.wait(before + 1).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let info = rig.call("getWebhookInfo", json!({})).await.good();
    assert_eq!(info["url"], "");
    assert_eq!(rig.sim.pending_updates(), 1);
}

#[tokio::test]
async fn an_answer_with_a_method_is_carried_out_unless_it_only_asks() {
    let rig = fast();
    let script: Script = Box::new(|_, update| {
        let chat = &update["message"]["chat"]["id"];
        let body = match update["message"]["text"].as_str() {
            Some("ask") => json!({"method": "getChat", "chat_id": chat}),
            Some("end") => json!({"method": "deleteWebhook"}),
            _ => json!({"method": "sendMessage", "chat_id": chat, "text": "in the answer"}),
        };
        (
            200,
            vec![("Content-Type", "application/json".to_owned())],
            body.to_string(),
        )
    });
    let (ear, url) = Ear::open(Duration::ZERO, script).await;
    rig.call("setWebhook", json!({"url": url})).await.good();
    let user = rig.sim.user("Ida");
    rig.sim.private(user, "ask");
    rig.sim.private(user, "end");
    rig.sim.private(user, "go");
    ear.wait(3).await;
    let there = |s: &beadle::telegram::simulator::Simulator| s.bot_messages(user).len() == 1;
    assert!(rig.sim.wait_until(there, Duration::from_secs(2)).await);
    assert_eq!(rig.sim.bot_messages(user)[0].text(), "in the answer");
    assert!(rig.sim.calls_of("getChat").is_empty());
    assert!(rig.sim.calls_of("deleteWebhook").is_empty());
    rig.clean();
}

#[tokio::test]
async fn set_webhook_at_most_once_a_second() {
    let rig = Rig::new();
    let params = json!({"url": "https://example.org/hook"});
    rig.call("setWebhook", params.clone()).await.good();
    let refused = rig.call("setWebhook", params.clone()).await;
    assert_eq!(refused.retry_after.as_deref(), Some("1"));
    assert_eq!(refused.words(), "Too Many Requests: retry after 1");
    rig.pass(1);
    rig.call("setWebhook", params).await.good();
}

#[tokio::test]
async fn the_url_must_be_https_on_telegrams_ports() {
    let rig = Rig::with(|options| options.loopback_webhook = false);
    let refuse = async |url: &str| {
        let words = rig.call("setWebhook", json!({"url": url})).await.words();
        words.trim_start_matches("Bad Request: ").to_owned()
    };
    let https = "bad webhook: An HTTPS URL must be provided for webhook";
    let port = "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443";
    assert_eq!(refuse("http://example.org/x").await, https);
    assert_eq!(refuse("http://127.0.0.1:8080/x").await, https);
    assert_eq!(refuse("https://example.org:8080/x").await, port);
    assert_eq!(
        refuse("https://127.0.0.1/x").await,
        "bad webhook: IP address 127.0.0.1 is reserved"
    );
    assert_eq!(refuse("no address").await, "invalid webhook URL specified");
    for good in [
        "https://example.org/x",
        "https://example.org:8443/x",
        "https://example.org:88/",
    ] {
        rig.call("setWebhook", json!({"url": good})).await.good();
        rig.pass(2);
    }
    let secret = |secret: &str| json!({"url": "https://example.org", "secret_token": secret});
    let words = rig.call("setWebhook", secret("no spaces")).await.words();
    assert_eq!(
        words,
        "Bad Request: secret token contains unallowed characters"
    );
    let words = rig
        .call("setWebhook", secret(&"x".repeat(257)))
        .await
        .words();
    assert_eq!(words, "Bad Request: secret token is too long");
    rig.call("setWebhook", json!({"url": ""})).await.good();
    let info = rig.call("getWebhookInfo", json!({})).await.good();
    assert_eq!(info["url"], "");
}
