//! Polling and webhook against the simulator: what each end does when the other misbehaves.
use std::sync::Arc;
use std::time::Duration;

use beadle::app::{App, Ground};
use beadle::telegram::link::LinkState;
use beadle::telegram::simulator::{Fault, SimOptions, Simulator};

use crate::support::{Probe, settings_at, until};

fn simulator() -> Simulator {
    Simulator::start(SimOptions {
        read_all_messages: true,
        ..SimOptions::default()
    })
    .unwrap()
}

async fn polling(sim: &Simulator, dir: &std::path::Path, probe: Arc<Probe>) -> App {
    let mut settings = settings_at(dir, &sim.url(), "suggest");
    settings.token = beadle::config::Token::parse(sim.token()).unwrap();
    let mut ground = Ground::real(&settings);
    ground.stages.push(probe);
    App::start(settings, ground).await.unwrap()
}

fn asked_for_all(call: &beadle::telegram::simulator::Call) -> bool {
    let list = call.params["allowed_updates"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    ["chat_member", "chat_join_request", "message_reaction"]
        .iter()
        .all(|k| list.iter().any(|l| l == k))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_poll_asks_for_all_kinds_also_after_failures() {
    let sim = simulator();
    let (group, ann) = (sim.supergroup("The green"), sim.user("Ann"));
    sim.add_bot_admin(group);
    sim.fail_next(Some("getUpdates"), None, Fault::error(409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"));
    let dir = tempfile::tempdir().unwrap();
    let probe = Arc::new(Probe::default());
    let app = polling(&sim, dir.path(), probe.clone()).await;
    until(
        "trouble is told",
        || matches!(app.link.state(), LinkState::Trouble(t) if t.contains("another process")),
    )
    .await;
    sim.say(group, ann, "hello");
    until("recovered", || {
        app.link.state() == LinkState::Up && !probe.seen().is_empty()
    })
    .await;
    let polls = sim.calls_of("getUpdates");
    assert!(polls.len() >= 2 && polls.iter().all(asked_for_all));
    // Nothing that waited was ever thrown away, and the first poll confirms nothing.
    assert!(polls[0].params.get("offset").is_none());
    app.stop().await;
    assert!(
        sim.call_violations().is_empty(),
        "{:?}",
        sim.call_violations()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_left_behind_is_removed_and_what_waited_is_kept() {
    let sim = simulator();
    let (group, ann) = (sim.supergroup("The green"), sim.user("Ann"));
    sim.add_bot_admin(group);
    let client = beadle::telegram::api::Api::new(sim.token().into(), options(&sim)).unwrap();
    let gone = serde_json::json!({ "url": "http://127.0.0.1:9/hook" });
    client
        .call(beadle::telegram::sender::Method::SetWebhook, &gone)
        .await
        .unwrap();
    sim.say(group, ann, "said while the webhook was set");
    let dir = tempfile::tempdir().unwrap();
    let probe = Arc::new(Probe::default());
    let app = polling(&sim, dir.path(), probe.clone()).await;
    until("handled", || !probe.seen_in(group).is_empty()).await;
    let removed = sim.calls_of("deleteWebhook");
    assert_eq!(removed.len(), 1);
    assert_eq!(removed[0].params["drop_pending_updates"], false);
    app.stop().await;
}

fn options(sim: &Simulator) -> beadle::telegram::api::ApiOptions {
    beadle::telegram::api::ApiOptions {
        api_url: Some(sim.url().parse().unwrap()),
        ..Default::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn telegram_numbering_anew_while_polling_loses_nothing() {
    let sim = simulator();
    let (group, ann) = (sim.supergroup("The green"), sim.user("Ann"));
    sim.add_bot_admin(group);
    let dir = tempfile::tempdir().unwrap();
    let probe = Arc::new(Probe::default());
    let app = polling(&sim, dir.path(), probe.clone()).await;
    sim.set_next_update_id(800_000_000);
    let mut said = vec![sim.say(group, ann, "under the old numbering")];
    until("first", || probe.seen_in(group).len() == 1).await;
    sim.set_next_update_id(1_000);
    said.push(sim.say(group, ann, "under the new one"));
    said.push(sim.say(group, ann, "and on"));
    until("all", || probe.seen_in(group).len() == 3).await;
    assert_eq!(probe.seen_in(group), said);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_is_said_and_run_ends_with_78() {
    let sim = simulator();
    let dir = tempfile::tempdir().unwrap();
    let out = tokio::task::spawn_blocking({
        let (url, dir) = (sim.url(), dir.path().to_owned());
        move || {
            crate::cli::command(&["run", "--listen", "127.0.0.1:0"])
                .env("TELEGRAM_BOT_TOKEN", crate::support::TOKEN)
                .env("BEADLE_TELEGRAM_API_URL", url)
                .env("BEADLE_DATA_DIR", dir)
                .output()
                .unwrap()
        }
    })
    .await
    .unwrap();
    let err = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(78), "{err}");
    assert!(
        err.contains("does not accept this bot token") && err.contains("@BotFather"),
        "{err}"
    );
    assert!(
        !err.contains("AAEfake"),
        "the token is in the output: {err}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn no_network_at_start_is_waited_for() {
    let sim = simulator();
    let (group, ann) = (sim.supergroup("The green"), sim.user("Ann"));
    sim.add_bot_admin(group);
    sim.fail_always(None, None, Fault::Drop);
    sim.fail_always(Some("getUpdates"), None, Fault::Drop);
    let dir = tempfile::tempdir().unwrap();
    let probe = Arc::new(Probe::default());
    let app = polling(&sim, dir.path(), probe.clone()).await;
    until("trouble", || {
        matches!(app.link.state(), LinkState::Trouble(_))
    })
    .await;
    sim.clear_faults();
    sim.say(group, ann, "hello");
    until("handled", || !probe.seen_in(group).is_empty()).await;
    until("introduced", || app.link.bot().is_some()).await;
    app.stop().await;
}

mod webhook {
    use super::*;
    use beadle::config::Delivery;
    use secrecy::SecretString;

    async fn start(sim: &Simulator, dir: &std::path::Path, probe: Arc<Probe>) -> App {
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let mut settings = settings_at(dir, &sim.url(), "suggest");
        settings.token = beadle::config::Token::parse(sim.token()).unwrap();
        settings.listen = ([127, 0, 0, 1], port).into();
        settings.delivery = Delivery::Webhook {
            url: format!("http://127.0.0.1:{port}"),
        };
        settings.webhook_secret = Some(SecretString::from("correct-horse"));
        let mut ground = Ground::real(&settings);
        ground.stages.push(probe);
        App::start(settings, ground).await.unwrap()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn updates_come_and_the_full_list_is_asked_for() {
        let sim = simulator();
        let (group, ann) = (sim.supergroup("The green"), sim.user("Ann"));
        sim.add_bot_admin(group);
        let dir = tempfile::tempdir().unwrap();
        let probe = Arc::new(Probe::default());
        let app = start(&sim, dir.path(), probe.clone()).await;
        until("set", || !sim.calls_of("setWebhook").is_empty()).await;
        let set = &sim.calls_of("setWebhook")[0];
        assert!(asked_for_all(set));
        assert_eq!(set.params["drop_pending_updates"], false);
        assert!(set.params["url"].as_str().unwrap().ends_with("/telegram"));
        let said: Vec<i64> = (0..20)
            .map(|i| sim.say(group, ann, &format!("message {i}")))
            .collect();
        until("all", || probe.seen_in(group).len() == said.len()).await;
        assert_eq!(probe.seen_in(group), said);
        app.stop().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_forged_call_is_refused_and_rubbish_too() {
        let sim = simulator();
        let dir = tempfile::tempdir().unwrap();
        let probe = Arc::new(Probe::default());
        let app = start(&sim, dir.path(), probe.clone()).await;
        // A connection each: the one whose body was refused is closed, and must not be used again.
        let client = reqwest::Client::builder()
            .pool_max_idle_per_host(0)
            .build()
            .unwrap();
        let call = |path: &str, secret: Option<&str>, body: &str| {
            let mut request = client
                .post(format!("http://{}{path}", app.listen))
                .body(body.to_owned());
            if let Some(secret) = secret {
                request = request.header("X-Telegram-Bot-Api-Secret-Token", secret);
            }
            async move {
                // A refusal may come, and the door close, before a large body is through.
                let Ok(response) = request.send().await else {
                    return (413, String::new());
                };
                (response.status().as_u16(), response.text().await.unwrap())
            }
        };
        let update = crate::support::message(5, -100, 1, 1, "hello");
        for path in ["/telegram", "/api/v1/webhook"] {
            assert_eq!(call(path, None, &update).await, (401, String::new()));
            assert_eq!(
                call(path, Some("wrong"), &update).await,
                (401, String::new())
            );
            assert_eq!(call(path, Some("correct-horse"), "[]").await.0, 400);
            assert_eq!(call(path, Some("correct-horse"), "not json").await.0, 400);
            assert_eq!(
                call(path, Some("correct-horse"), &" ".repeat(2 << 20))
                    .await
                    .0,
                413
            );
            assert_eq!(call(path, Some("correct-horse"), &update).await.0, 200);
        }
        until("handled once", || !probe.seen().is_empty()).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(probe.seen(), [(-100, 1)]);
        app.stop().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_answer_does_not_wait_for_the_handling() {
        let sim = simulator();
        let dir = tempfile::tempdir().unwrap();
        let probe = Arc::new(Probe::default());
        let app = start(&sim, dir.path(), probe.clone()).await;
        let began = std::time::Instant::now();
        let response = reqwest::Client::builder()
            .build()
            .unwrap()
            .post(format!("http://{}/telegram", app.listen))
            .header("X-Telegram-Bot-Api-Secret-Token", "correct-horse")
            .body(crate::support::message(5, -100, 1, 1, "slow"))
            .send()
            .await
            .unwrap();
        assert_eq!(response.status().as_u16(), 200);
        assert!(began.elapsed() < Duration::from_millis(900) && probe.seen().is_empty());
        drop(app);
    }
}
