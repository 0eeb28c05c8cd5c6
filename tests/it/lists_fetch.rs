//! Ban lists from outside: what a server may send, and what stays in use when it sends something else.
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use beadle::app::App;
use beadle::features::moderation::lists::book::{Book, Entry, shown};
use beadle::features::moderation::lists::copy::Copies;
use beadle::features::moderation::lists::fetch::{Fetched, Version, fetch};
use beadle::features::moderation::lists::ids::Ids;
use beadle::features::moderation::lists::read::Limits;
use beadle::features::moderation::lists::{store, work};
use beadle::queue::Enqueue as _;
use serde_json::Value;

use crate::lists::{looked_at, with_list};
use crate::support::house::{simulator, value};

const LIMITS: Limits = Limits {
    bytes: 100_000,
    ids: 1_000,
    time: 1_500,
};

/// What the server says next.
type Says = Arc<Mutex<(u16, String)>>;

/// A server of lists; its address, what it says at `/list`, and how often it was asked there.
async fn server() -> (String, Says, Arc<AtomicUsize>) {
    let says: Says = Arc::new(Mutex::new((200, "id\n7\n8\n".to_owned())));
    let asked = Arc::new(AtomicUsize::new(0));
    let (told, count) = (says.clone(), asked.clone());
    let list = move |headers: HeaderMap| {
        count.fetch_add(1, Ordering::SeqCst);
        let (status, body) = told.lock().unwrap().clone();
        let version = format!("\"{}\"", body.len());
        async move {
            if headers
                .get(header::IF_NONE_MATCH)
                .is_some_and(|v| *v == *version)
            {
                return StatusCode::NOT_MODIFIED.into_response();
            }
            let status = StatusCode::from_u16(status).unwrap();
            (status, [(header::ETAG, version)], body).into_response()
        }
    };
    let endless = || async {
        let piece = || Ok::<_, std::convert::Infallible>("# 1234567\n".repeat(1_000));
        let pieces = futures_util::stream::repeat_with(piece);
        Response::new(Body::from_stream(pieces))
    };
    let stuck = || async {
        tokio::time::sleep(Duration::from_secs(60)).await;
        "7\n"
    };
    let router = Router::new()
        .route("/list", get(list))
        .route("/endless", get(endless))
        .route("/stuck", get(stuck))
        .route("/moved", get(|| async { Redirect::temporary("/list") }))
        .route("/round", get(|| async { Redirect::temporary("/round") }))
        .route(
            "/away",
            get(|| async { Redirect::temporary("https://example.invalid/list") }),
        );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, says, asked)
}

#[tokio::test]
async fn only_lists_are_fetched() {
    let (at, says, _) = server().await;
    let look = |path: &str| {
        let source = format!("{at}{path}");
        async move { fetch(&source, None, LIMITS).await }
    };
    let Fetched::New(ids, version) = look("/list").await.unwrap() else {
        panic!("nothing new")
    };
    assert_eq!(ids.len(), 2);
    assert_eq!(version.etag.as_deref(), Some("\"7\""));
    let again = fetch(&format!("{at}/list"), Some(&version), LIMITS).await;
    assert_eq!(again.unwrap(), Fetched::Same);
    assert!(look("/moved").await.is_ok(), "a redirect is followed");
    for (path, words) in [
        ("/nothing", "404"),
        ("/endless", "larger than"),
        ("/stuck", "not here within"),
        ("/round", "redirects too often"),
        ("/away", "not safe"),
    ] {
        let fault = look(path).await.unwrap_err();
        assert!(fault.contains(words), "{path}: {fault}");
        assert!(
            !fault.contains("127.0.0.1"),
            "addresses may hold keys: {fault}"
        );
    }
    for (body, words) in [
        (
            "<!DOCTYPE html><title>Just a moment...</title>".to_owned(),
            "web page",
        ),
        ("alpha\nbeta\ngamma\n".to_owned(), "no Telegram user id"),
        (String::new(), "no ids"),
        ("1\n".repeat(60_000), "larger than"),
        (
            (1..2_000).map(|n| format!("{n}\n")).collect(),
            "more than 1000 ids",
        ),
    ] {
        says.lock().unwrap().1 = body;
        let fault = look("/list").await.unwrap_err();
        assert!(fault.contains(words), "{fault}");
    }
    let dead = fetch("http://127.0.0.1:9/list", None, LIMITS).await;
    assert!(dead.is_err());
    // Files: what is missing, a folder, a device without end.
    for path in ["/nowhere/at-all.txt", "/tmp", "/dev/zero"] {
        assert!(fetch(path, None, LIMITS).await.is_err(), "{path}");
    }
}

/// Asks for a look now, and gives what is known after it.
async fn refreshed(app: &App, force: bool) -> Value {
    let before = looked_at(app).await;
    tokio::time::sleep(Duration::from_millis(2)).await;
    app.store
        .write(move |tx| {
            let mut book = store::book(tx)?;
            for entry in &mut book.0 {
                entry.hurry(force);
            }
            store::put_book(tx, &book)?;
            tx.enqueue(&work::job(), 1)
        })
        .await
        .unwrap();
    for _ in 0..2_000 {
        let now = looked_at(app).await;
        if now["tried_at"] != before["tried_at"] {
            return now;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("it was not looked at within 10 s");
}

fn many(n: usize) -> String {
    (1..=n).map(|n| format!("{}\n", n + 1_000)).collect()
}

#[tokio::test]
async fn the_old_copy_serves_while_its_source_fails() {
    let sim = simulator();
    let (at, says, _) = server().await;
    says.lock().unwrap().1 = many(100);
    let dir = tempfile::tempdir().unwrap();
    let source = format!("{at}/list");
    let app = with_list(&sim, dir.path(), &source).await;
    assert_eq!(looked_at(&app).await["ids"], 100);
    let copies = Copies::of(dir.path());
    let held = || copies.load(&source).unwrap().unwrap();
    assert!(held().contains(1_100));

    for (n, (status, body, words)) in [
        (503, String::new(), "503"),
        (200, "<html>".to_owned(), "web page"),
        (200, many(40), "less than half"),
    ]
    .into_iter()
    .enumerate()
    {
        *says.lock().unwrap() = (status, body);
        let known = refreshed(&app, false).await;
        let error = known["error"].as_str().unwrap();
        assert!(error.contains(words), "{error}");
        assert_eq!(known["failures"], n + 1);
        assert_eq!(known["ids"], 100);
        assert_eq!(held().len(), 100);
    }
    // The operator's word is enough.
    let known = refreshed(&app, true).await;
    assert_eq!((&known["ids"], &known["failures"]), (&40.into(), &0.into()));
    assert!(known["error"].is_null());
    assert_eq!(held().len(), 40);
    app.stop().await;

    // Half written by a process that was killed, and a copy that is damaged: neither is used.
    std::fs::write(copies.path("elsewhere").with_extension("new"), b"half").unwrap();
    let copy = copies.path(&source);
    let whole = std::fs::read(&copy).unwrap();
    std::fs::write(&copy, &whole[..whole.len() / 2]).unwrap();
    assert!(copies.load(&source).is_err());
    let app = with_list(&sim, dir.path(), &source).await;
    for _ in 0..1_000 {
        if copies.load(&source).is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(held().len(), 40);
    assert!(!copies.path("elsewhere").with_extension("new").exists());
    app.stop().await;

    // With its source gone the copy serves after a start, and goes when it is not named any more.
    *says.lock().unwrap() = (500, String::new());
    let app = with_list(&sim, dir.path(), &source).await;
    assert_eq!(held().len(), 40);
    app.stop().await;
    let app = with_list(&sim, dir.path(), "/nowhere/else.txt").await;
    assert!(copies.load(&source).unwrap().is_none());
    let error = looked_at(&app).await["error"].clone();
    assert!(
        error.as_str().unwrap().contains("cannot be read"),
        "{error}"
    );
    let due: i64 = value(
        &app,
        "SELECT count(*) FROM schedules WHERE name = 'lists.refresh'",
    )
    .await;
    assert_eq!(due, 1);
    app.stop().await;
}

#[test]
fn failures_make_it_wait_longer_and_success_makes_it_well() {
    const MINUTE: i64 = 60_000;
    let mut entry = Entry::new("https://lists.example/export.csv");
    assert!(entry.is_due(0));
    let mut pauses = Vec::new();
    for _ in 0..6 {
        entry.failed("the server answered 503", 1_000_000);
        assert!(!entry.is_due(1_000_000));
        pauses.push((entry.next_at - 1_000_000) / MINUTE);
    }
    assert_eq!(pauses, [15, 30, 60, 120, 1_440, 1_440]);
    assert!(entry.is_broken() && entry.error.is_some());
    entry.failed(&"x".repeat(5_000), 1);
    assert_eq!(entry.error.as_ref().unwrap().len(), 300);
    entry.went_well(Some((1_000, Version::default())), 6 * 60 * MINUTE, 7);
    assert!(!entry.is_broken() && entry.error.is_none() && entry.fetched_at == Some(7));
    assert_eq!(entry.next_at, 7 + 360 * MINUTE);
    // A clock that was a year ahead does not stop it for a year.
    entry.went_well(None, MINUTE, 31_536_000_000);
    assert!(entry.is_due(1_000));
    assert!(entry.doubt(499).is_some() && entry.doubt(500).is_none() && entry.doubt(0).is_some());
    entry.hurry(true);
    assert!(entry.doubt(1).is_none());
    let book = Book(vec![entry.clone()]).of(&["a".to_owned(), entry.source.clone()]);
    assert_eq!((book.0[0].ids, book.0[1].ids), (0, 1_000));
    assert_eq!(
        shown("https://u:secret@lists.example/x?key=secret#s"),
        "https://lists.example/x?…"
    );
    assert_eq!(shown("/srv/unwanted.txt"), "/srv/unwanted.txt");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_shows_refreshes_and_checks() {
    let sim = simulator();
    let dir = tempfile::tempdir().unwrap();
    let list = dir.path().join("unwanted.txt");
    std::fs::write(&list, "7001\n7002\n").unwrap();
    let at = dir.path().to_str().unwrap().to_owned();
    let say = move |args: &[&str]| {
        let mut all = vec!["banlist"];
        all.extend(args);
        all.extend(["--data-dir", at.as_str()]);
        let out = crate::cli::command(&all).output().unwrap();
        let words = if out.status.success() {
            out.stdout
        } else {
            out.stderr
        };
        String::from_utf8(words).unwrap()
    };
    let app = with_list(&sim, dir.path(), list.to_str().unwrap()).await;
    looked_at(&app).await;
    let say = tokio::task::spawn_blocking(move || {
        assert!(say(&[]).contains("2 ids, as of 20"), "{}", say(&[]));
        assert!(say(&["check", "7002"]).starts_with("listed "));
        assert!(say(&["check", "7003"]).starts_with("not listed "));
        assert!(say(&["check", "0"]).contains("positive"));
        assert!(say(&["refresh"]).contains("looked at now: 1"));
        let line: Value = serde_json::from_str(&say(&["check", "7001", "--json"])).unwrap();
        assert_eq!((&line["v"], &line["listed"]), (&1.into(), &true.into()));
        say
    })
    .await
    .unwrap();
    app.stop().await;
    // Without one that runs the copies answer.
    tokio::task::spawn_blocking(move || {
        assert!(say(&["check", "7001"]).starts_with("listed "));
        assert!(say(&["refresh"]).contains("at the next start: 1"));
        let elsewhere = tempfile::tempdir().unwrap();
        let nowhere =
            crate::cli::command(&["banlist", "--data-dir", elsewhere.path().to_str().unwrap()])
                .output()
                .unwrap();
        assert!(!nowhere.status.success());
    })
    .await
    .unwrap();
    // What is written is what is read: a set of one.
    assert_eq!(Ids::of(vec![5]).len(), 1);
}
