//! The bot token is looked for in everything that comes out, after errors of every kind were forced.
use std::io::Read as _;
use std::process::Stdio;
use std::time::Duration;

use axum::Router;
use axum::http::{StatusCode, Uri};
use beadle::telegram::simulator::{Fault, Simulator};

use crate::faults_http::Running;
use crate::support::house::simulator;

const HOOK_SECRET: &str = "a-webhook-secret-of-the-operator";

/// Fails when a secret stands in `bytes`, whole or its telling half.
#[track_caller]
fn clean(what: &str, bytes: &[u8], secrets: &[&str]) {
    for secret in secrets {
        let halves = secret.split_once(':').map_or(*secret, |(_, half)| half);
        let found = bytes
            .windows(halves.len())
            .position(|w| w == halves.as_bytes());
        if let Some(at) = found {
            let from = at.saturating_sub(150);
            panic!(
                "{what} holds a secret: …{}",
                String::from_utf8_lossy(&bytes[from..at])
            );
        }
    }
}

struct Outputs {
    dir: tempfile::TempDir,
}

impl Outputs {
    fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
        }
    }

    fn files(&self) -> (Stdio, Stdio) {
        let open = |name| {
            let path = self.dir.path().join(name);
            Stdio::from(
                std::fs::File::options()
                    .create(true)
                    .append(true)
                    .open(path)
                    .unwrap(),
            )
        };
        (open("stdout"), open("stderr"))
    }

    fn read(&self, name: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut file = std::fs::File::open(self.dir.path().join(name)).unwrap();
        file.read_to_end(&mut bytes).unwrap();
        bytes
    }
}

async fn health(listen: std::net::SocketAddr) -> Vec<u8> {
    let answer = reqwest::Client::builder().build().unwrap();
    let answer = answer
        .get(format!("http://{listen}/health"))
        .send()
        .await
        .unwrap();
    answer.bytes().await.unwrap().to_vec()
}

/// Everything that is left when the process has ended.
fn search_all(outputs: &Outputs, data: &std::path::Path, secrets: &[&str]) {
    let err = outputs.read("stderr");
    clean("stdout", &outputs.read("stdout"), secrets);
    clean("stderr", &err, secrets);
    for entry in std::fs::read_dir(data).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            clean(
                &path.display().to_string(),
                &std::fs::read(&path).unwrap(),
                secrets,
            );
        }
    }
    let dir = data.to_str().unwrap();
    for verb in [
        &["inbox"][..],
        &["inbox", "--json"],
        &["inbox", "show", "1"],
        &["outbox"],
        &["outbox", "--json"],
        &["outbox", "unknown"],
    ] {
        let out = crate::cli::command(&[verb, &["--data-dir", dir]].concat())
            .output()
            .unwrap();
        clean(&format!("{verb:?}"), &out.stdout, secrets);
        clean(&format!("{verb:?}"), &out.stderr, secrets);
    }
}

/// Makes the bot call Telegram, for somebody new: no limit of a chat delays the answer.
fn stir(sim: &Simulator) {
    sim.private(sim.user("Ann"), "/help");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_output_of_a_polling_bot_holds_the_token() {
    let sim = simulator();
    let token = sim.token().to_owned();
    let data = tempfile::tempdir().unwrap();
    let outputs = Outputs::new();
    let trace = [("BEADLE_LOG", "trace"), ("RUST_LOG", "trace")];
    let running = Running::start(&sim, data.path(), &trace, outputs.files()).await;
    stir(&sim);
    assert!(
        sim.wait_until(
            |s| !s.calls_of("sendMessage").is_empty(),
            Duration::from_secs(10)
        )
        .await
    );
    // A server that echoes the address of the call in its refusal is the worst of them.
    let echo = format!("Bad Request: unknown path /bot{token}/sendMessage");
    for fault in [
        Fault::error(400, &echo),
        Fault::error(
            409,
            "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
        ),
        Fault::error(
            409,
            "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
        ),
        Fault::flood(1),
        Fault::Status502,
        Fault::NotJson,
        Fault::Drop,
        Fault::LoseAnswer,
    ] {
        for method in ["getUpdates", "sendMessage"] {
            let before = sim.calls().len();
            let polls = sim.calls_of("getUpdates").len();
            sim.clear_faults();
            sim.fail_next(Some(method), None, fault.clone());
            stir(&sim);
            if method == "getUpdates" {
                // One poll is answered by what was stirred, the next meets the fault; one that is cut
                // off may not be counted, so this waits but does not insist.
                let met = |s: &Simulator| s.calls_of("getUpdates").len() > polls + 1;
                let _patience = sim.wait_until(met, Duration::from_secs(4)).await;
            }
            let stirred = |s: &Simulator| s.calls().len() > before + 1;
            assert!(
                sim.wait_until(stirred, Duration::from_secs(10)).await,
                "{fault:?}"
            );
        }
        clean("/health", &health(running.listen).await, &[&token]);
    }
    // What is taken for a wrong token is not asked again for a minute.
    let gone = format!("Not Found: /bot{token}/x");
    sim.fail_always(Some("sendMessage"), None, Fault::error(404, &gone));
    let unknown = format!("Unauthorized: bot{token}");
    sim.fail_always(Some("getUpdates"), None, Fault::error(401, &unknown));
    stir(&sim);
    let refused = |c: &beadle::telegram::simulator::Call| matches!(&c.outcome, Err((401, _)));
    let told = |s: &Simulator| s.calls_of("getUpdates").iter().any(refused);
    assert!(sim.wait_until(told, Duration::from_secs(10)).await);
    sim.clear_faults();
    // Nobody answers at all.
    sim.stop();
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    clean("/health", &health(running.listen).await, &[&token]);
    running.stop();
    search_all(&outputs, data.path(), &[&token]);
    let err = String::from_utf8_lossy(&outputs.read("stderr")).into_owned();
    // The errors did come out, and the log was as loud as it gets.
    for word in [
        "polling failed",
        "another process polls",
        "a webhook is set",
        "does not accept the bot token",
        "DEBUG",
    ] {
        assert!(err.contains(word), "{word} is missing:\n{err}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_output_of_a_webhook_bot_holds_the_token_or_the_secret() {
    let sim = simulator();
    let token = sim.token().to_owned();
    let data = tempfile::tempdir().unwrap();
    let outputs = Outputs::new();
    sim.fail_next(
        Some("setWebhook"),
        None,
        Fault::error(
            400,
            &format!("Bad Request: bad webhook: secret {HOOK_SECRET}, bot{token}"),
        ),
    );
    sim.fail_next(Some("setWebhook"), None, Fault::flood(1));
    sim.fail_next(Some("setWebhook"), None, Fault::Drop);
    let settings = [
        ("BEADLE_LOG", "trace"),
        ("ENVIRONMENT", "production"),
        ("WEBHOOK_URL", "http://127.0.0.1:9/"),
        ("WEBHOOK_SECRET", HOOK_SECRET),
    ];
    let running = Running::start(&sim, data.path(), &settings, outputs.files()).await;
    let set = |s: &Simulator| s.calls_of("setWebhook").iter().any(|c| c.outcome.is_ok());
    assert!(sim.wait_until(set, Duration::from_secs(30)).await);
    let client = reqwest::Client::builder().build().unwrap();
    for (secret, body) in [
        ("wrong", "{}"),
        (HOOK_SECRET, "not json"),
        (HOOK_SECRET, "{}"),
    ] {
        let call = client
            .post(format!("http://{}/telegram", running.listen))
            .header("X-Telegram-Bot-Api-Secret-Token", secret)
            .body(body);
        let answer = call.send().await.unwrap();
        assert!(answer.status().is_client_error());
        clean(
            "the answer",
            &answer.bytes().await.unwrap(),
            &[&token, HOOK_SECRET],
        );
    }
    clean(
        "/health",
        &health(running.listen).await,
        &[&token, HOOK_SECRET],
    );
    running.stop();
    search_all(&outputs, data.path(), &[&token, HOOK_SECRET]);
    assert!(!outputs.read("stderr").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_that_answer_oddly_or_not_at_all_bring_out_no_token() {
    // Every answer quotes the whole path, as proxies do.
    let echo = |status: StatusCode| {
        Router::new()
            .fallback(move |uri: Uri| async move { (status, format!("<html>{uri}</html>")) })
    };
    let token = crate::support::TOKEN;
    let mut addresses = vec![
        "http://127.0.0.1:9".to_owned(),
        "http://beadle.invalid".to_owned(),
        "https://127.0.0.1:9".to_owned(),
    ];
    for status in [StatusCode::OK, StatusCode::BAD_GATEWAY, StatusCode::FOUND] {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        addresses.push(format!("http://{}", listener.local_addr().unwrap()));
        let router = echo(status);
        tokio::spawn(async move { axum::serve(listener, router).await });
    }
    let sim = simulator();
    for address in addresses {
        let data = tempfile::tempdir().unwrap();
        let outputs = Outputs::new();
        let settings = [
            ("BEADLE_LOG", "trace"),
            ("TELEGRAM_BOT_TOKEN", token),
            ("BEADLE_TELEGRAM_API_URL", address.as_str()),
        ];
        let running = Running::start(&sim, data.path(), &settings, outputs.files()).await;
        tokio::time::sleep(Duration::from_millis(1_200)).await;
        clean("/health", &health(running.listen).await, &[token]);
        running.stop();
        search_all(&outputs, data.path(), &[token]);
        let err = String::from_utf8_lossy(&outputs.read("stderr")).into_owned();
        assert!(err.contains("polling failed"), "{address}: {err}");
    }
}
