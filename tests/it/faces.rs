//! The page, readiness and metrics, and who may ask for them.
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use beadle::app::{App, Ground};
use beadle::observe::metrics;
use beadle::telegram::simulator::{Fault, Simulator};
use reqwest::header::HeaderMap;
use secrecy::SecretString;

use crate::support::house::{SPAM, house, house_settings, is_removed, simulator, within};

/// Status, headers and body of a GET.
async fn get(app: &App, path: &str, headers: &[(&str, &str)]) -> (u16, HeaderMap, String) {
    let client = reqwest::Client::builder().build().unwrap();
    let mut request = client.get(format!("http://{}{path}", app.listen));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.send().await.unwrap();
    let (status, head) = (response.status().as_u16(), response.headers().clone());
    (status, head, response.text().await.unwrap())
}

/// The series of a scrape by name with labels; panics where a line is not of the format.
async fn scrape(app: &App) -> BTreeMap<String, f64> {
    let (status, head, text) = get(app, "/metrics", &[]).await;
    assert_eq!(status, 200);
    assert_eq!(
        head["content-type"],
        "text/plain; version=0.0.4; charset=utf-8"
    );
    let mut series = BTreeMap::new();
    let mut typed = "";
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            typed = rest.split(' ').next().unwrap();
            continue;
        }
        if line.starts_with('#') {
            continue;
        }
        let (name, value) = line.rsplit_once(' ').unwrap();
        assert!(name.starts_with(typed), "{name} stands under {typed}");
        let old = series.insert(name.to_owned(), value.parse::<f64>().unwrap());
        assert!(old.is_none(), "{name} stands there twice");
    }
    series
}

#[tokio::test(flavor = "multi_thread")]
async fn readiness_waits_for_telegram_and_the_database() {
    let sim = simulator();
    sim.fail_always(Some("getUpdates"), None, Fault::error(502, "Bad Gateway"));
    let dir = tempfile::tempdir().unwrap();
    let app = house(&sim, dir.path()).await;
    let (status, _, body) = get(&app, "/ready", &[]).await;
    assert_eq!(status, 503, "{body}");
    assert!(
        body.contains("\"ready\":false") && body.contains("\"why\""),
        "{body}"
    );
    sim.clear_faults();
    let mut ready = false;
    for _ in 0..1_000 {
        ready = get(&app, "/ready", &[]).await.0 == 200;
        if ready {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(ready, "{}", get(&app, "/ready", &[]).await.2);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_is_counted_under_the_names_of_the_designs() {
    let sim = simulator();
    let (group, ann) = (sim.supergroup("The green"), sim.user("Ann"));
    sim.add_bot_admin(group);
    let dir = tempfile::tempdir().unwrap();
    let app = house(&sim, dir.path()).await;
    let before = scrape(&app).await;
    let spam = sim.say(group, sim.user("Kevin"), SPAM);
    sim.say(group, ann, "Good morning, who brings the chairs?");
    within(20, "the spam is removed", || is_removed(&sim, group, spam)).await;
    within(20, "both are handled", || {
        metrics::VERDICTS.get("clear") >= 1 && metrics::MESSAGES.get("") >= 2
    })
    .await;
    let after = scrape(&app).await;
    let grown = |name: &str| {
        let at =
            |m: &BTreeMap<String, f64>| *m.get(name).unwrap_or_else(|| panic!("{name} is missing"));
        at(&after) - at(&before)
    };
    assert!(grown("messages_processed_total") >= 2.0);
    assert!(grown("spam_detected_total{action=\"delete\"}") >= 1.0);
    assert!(grown("beadle_verdicts_total{band=\"clear\"}") >= 1.0);
    assert!(grown("beadle_updates_total{outcome=\"in\"}") >= 2.0);
    assert!(grown("beadle_updates_total{outcome=\"handled\"}") >= 2.0);
    assert!(grown("beadle_decide_seconds_count") >= 2.0);
    assert!(grown("api_calls_total") >= 1.0);
    assert!(grown("beadle_commit_seconds_count") >= 1.0);
    assert!(grown("db_query_duration_seconds_count") >= 1.0);
    assert!(
        grown("cache_hits_total{cache=\"groups\"}") + grown("cache_misses_total{cache=\"groups\"}")
            >= 1.0,
        "messages that are decided together ask once"
    );
    for name in [
        "cache_hit_rate{cache=\"groups\"}",
        "queue_depth{kind=\"updates\"}",
        "beadle_jobs{state=\"ready\"}",
        "beadle_outbox_waiting{lane=\"moderation\"}",
        "beadle_breaker_state{state=\"closed\"}",
        "bot_rate_limit_delays_total",
        "api_errors_total{kind=\"network\"}",
        "beadle_writer_queue",
        "beadle_wal_bytes",
        "beadle_active_users{window=\"month\"}",
        "beadle_member_reputation{le=\"+Inf\"}",
        "process_cpu_seconds_total",
    ] {
        assert!(after.contains_key(name), "{name} is missing");
    }
    // What was written lies in the log until a checkpoint moves it.
    assert!(after["beadle_database_bytes"] + after["beadle_wal_bytes"] > 4096.0);
    assert!(after["beadle_disk_free_bytes"] > 0.0);
    assert!(after["process_resident_memory_bytes"] > 1e6);
    assert!(after["process_start_time_seconds"] > 1e9);
    let info = format!(
        "beadle_build_info{{version=\"{}\",schema=\"",
        env!("CARGO_PKG_VERSION")
    );
    assert!(after.keys().any(|k| k.starts_with(&info)));
    // A histogram's ranges hold each other, and the last holds all.
    let bucket = |le: &str| after[&format!("beadle_commit_seconds_bucket{{le=\"{le}\"}}")];
    assert!(bucket("0.001") <= bucket("0.05") && bucket("0.05") <= bucket("10"));
    assert!(bucket("+Inf") == after["beadle_commit_seconds_count"]);
    // No chat, person or word is a series.
    for key in after.keys() {
        assert!(
            !key.contains(&group.to_string()) && !key.contains(&ann.to_string()),
            "{key}"
        );
    }
    assert!(after.len() < 400, "{} series", after.len());
    app.stop().await;
}

#[test]
fn what_no_label_names_counts_as_other_and_rubbish_counts_as_nothing() {
    let before = metrics::VERDICTS.get("no such band");
    for name in ["no such band", "-100123", ""] {
        metrics::VERDICTS.inc(name);
    }
    assert_eq!(metrics::VERDICTS.get("another") - before, 3);
    let count = metrics::COMMIT_CALLERS.count();
    for value in [f64::NAN, f64::INFINITY, -1.0, 1e300] {
        metrics::COMMIT_CALLERS.record(value);
    }
    assert_eq!(metrics::COMMIT_CALLERS.count() - count, 4);
    let mut page = metrics::Page::default();
    metrics::write(&mut page);
    page.gauges("x", "a \\ b\nc", "l", [("q\"\\\n", 1.5)]);
    let text = page.finish();
    assert!(text.contains("# HELP x a \\\\ b\\nc\n"), "{text}");
    assert!(text.contains("x{l=\"q\\\"\\\\\\n\"} 1.5\n"), "{text}");
    assert!(
        text.contains("beadle_verdicts_total{band=\"other\"}"),
        "{text}"
    );
    assert!(
        !text.contains("no such band") && !text.contains("-100123"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_says_how_it_stands_in_two_languages_and_as_json() {
    let sim = simulator();
    let dir = tempfile::tempdir().unwrap();
    let app = house(&sim, dir.path()).await;
    within(10, "the link is up", || {
        app.link.polls() > 0 && app.link.bot().is_some()
    })
    .await;
    let (status, head, page) = get(&app, "/", &[("accept", "text/html,*/*")]).await;
    assert_eq!(status, 200);
    assert!(
        page.contains("All is well") && page.contains("Database"),
        "{page}"
    );
    assert!(
        page.contains(env!("CARGO_PKG_VERSION")) && page.contains("https://t.me/"),
        "{page}"
    );
    assert!(
        !page.contains("<script") && !page.contains("http://"),
        "{page}"
    );
    let csp = head["content-security-policy"].to_str().unwrap();
    assert!(csp.starts_with("default-src 'none'"), "{csp}");
    assert_eq!(head["x-content-type-options"], "nosniff");
    let (_, _, page) = get(
        &app,
        "/",
        &[
            ("accept", "text/html"),
            ("accept-language", "ru-RU,ru;q=0.9"),
        ],
    )
    .await;
    assert!(
        page.contains("Всё в порядке") && page.contains("База данных"),
        "{page}"
    );
    let (_, _, json) = get(&app, "/", &[("accept", "application/json")]).await;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["status"], "healthy");
    assert_eq!(json["service"], "beadle");
    let (status, head, _) = get(&app, "/style.css", &[]).await;
    assert_eq!(
        (status, head["content-type"].to_str().unwrap()),
        (200, "text/css; charset=utf-8")
    );
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_for_names_of_this_machine() {
    let sim = simulator();
    let dir = tempfile::tempdir().unwrap();
    let app = started(&sim, dir.path(), |s| {
        s.hosts = vec!["beadle.example.org".to_owned()]
    })
    .await;
    for (host, expected) in [
        ("localhost", 200),
        ("localhost:8080", 200),
        ("LOCALHOST.", 200),
        ("127.0.0.1", 200),
        ("[::1]:9", 200),
        ("beadle.example.org", 200),
        ("Beadle.Example.org:443", 200),
        ("evil.example", 403),
        ("localhost.evil.example", 403),
        ("127.0.0.1.evil.example", 403),
        ("beadle.example.org.evil.example", 403),
        ("", 403),
        ("::::", 403),
        ("a b", 403),
    ] {
        for path in ["/", "/metrics"] {
            let (status, _, body) = get(&app, path, &[("host", host)]).await;
            assert_eq!(status, expected, "{path} as {host:?}: {body}");
        }
        // A probe asks by whatever name it knows.
        assert_ne!(get(&app, "/health", &[("host", host)]).await.0, 403);
    }
    let (status, _, said) = get(&app, "/", &[("origin", "https://evil.example")]).await;
    assert!(status == 403 && said.contains("http.hosts"), "{said}");
    assert_eq!(get(&app, "/", &[("origin", "null")]).await.0, 403);
    assert_eq!(
        get(&app, "/", &[("origin", "http://localhost:3000")])
            .await
            .0,
        200
    );
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_ask_for_their_token() {
    let sim = simulator();
    let dir = tempfile::tempdir().unwrap();
    let app = started(&sim, dir.path(), |s| {
        s.metrics_token = Some(SecretString::from("open-sesame"))
    })
    .await;
    let (status, head, _) = get(&app, "/metrics", &[]).await;
    assert_eq!(status, 401);
    assert!(
        head["www-authenticate"]
            .to_str()
            .unwrap()
            .starts_with("Basic")
    );
    for (given, expected) in [
        ("Bearer open-sesame", 200),
        ("bearer open-sesame", 200),
        // any:open-sesame
        ("Basic YW55Om9wZW4tc2VzYW1l", 200),
        ("Bearer open-sesam", 401),
        ("Bearer ", 401),
        ("Basic !!!!", 401),
        ("Basic b3Blbi1zZXNhbWU=", 401),
        ("open-sesame", 401),
    ] {
        assert_eq!(
            get(&app, "/metrics", &[("authorization", given)]).await.0,
            expected,
            "{given}"
        );
    }
    app.stop().await;
    // On an address that others reach, no token means no metrics.
    let app = started(&sim, dir.path(), |s| {
        s.listen = "0.0.0.0:0".parse().unwrap()
    })
    .await;
    let port = app.listen.port();
    let url = format!("http://127.0.0.1:{port}/metrics");
    let response = reqwest::Client::builder()
        .build()
        .unwrap()
        .get(url)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status().as_u16(), 403);
    assert!(
        response
            .text()
            .await
            .unwrap()
            .contains("http.metrics_token")
    );
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn health_and_metrics_cost_little() {
    let sim = simulator();
    let dir = tempfile::tempdir().unwrap();
    let app = house(&sim, dir.path()).await;
    within(10, "measured", || app.vitals.health().ok()).await;
    let mut slowest = Duration::ZERO;
    for path in ["/health", "/ready", "/metrics", "/"] {
        get(&app, path, &[]).await;
        let mut times: Vec<Duration> = Vec::new();
        for _ in 0..20 {
            let began = std::time::Instant::now();
            get(&app, path, &[]).await;
            times.push(began.elapsed());
        }
        times.sort();
        slowest = slowest.max(times[10]);
    }
    // The median, for six other programs may be at work on the machine that runs this.
    assert!(slowest < Duration::from_millis(50), "{slowest:?}");
    app.stop().await;
}

async fn started(
    sim: &Simulator,
    dir: &Path,
    change: impl FnOnce(&mut beadle::config::Settings),
) -> App {
    let mut settings = house_settings(sim, dir, "act");
    change(&mut settings);
    let ground = Ground::real(&settings);
    App::start(settings, ground).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_finish_a_head_is_hung_up_on() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let sim = simulator();
    let dir = tempfile::tempdir().unwrap();
    let app = house(&sim, dir.path()).await;
    let mut stream = tokio::net::TcpStream::connect(app.listen).await.unwrap();
    stream
        .write_all(b"GET /health HTTP/1.1\r\nHos")
        .await
        .unwrap();
    let began = std::time::Instant::now();
    let mut rest = Vec::new();
    let closed = tokio::time::timeout(Duration::from_secs(25), stream.read_to_end(&mut rest)).await;
    assert!(closed.is_ok(), "still open after {:?}", began.elapsed());
    assert!(
        began.elapsed() > Duration::from_secs(5),
        "{:?}",
        began.elapsed()
    );
    app.stop().await;
}
