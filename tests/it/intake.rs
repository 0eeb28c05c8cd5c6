//! Nothing is lost and nothing is handled twice on the way from Telegram to the lanes.
use std::sync::Arc;
use std::time::{Duration, Instant};

use beadle::base::clock::SystemClock;
use beadle::store::{Store, StoreOptions};
use beadle::telegram::intake::{Accepted, Intake, NotAnUpdate, RawUpdate, inbox};
use tokio::sync::mpsc;

use crate::support::{Probe, app, message, raw, until};

const GREEN: i64 = -1001;
const BLUE: i64 = -1002;

#[tokio::test(flavor = "multi_thread")]
async fn the_same_update_twice_is_handled_once_also_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let probe = Arc::new(Probe::default());
    let running = app(dir.path(), probe.clone()).await;
    let one = || vec![raw(message(10, GREEN, 1, 100, "hello"))];
    assert_eq!(
        running.intake.accept(one()).await.unwrap(),
        Accepted {
            fresh: 1,
            duplicates: 0
        }
    );
    assert_eq!(
        running.intake.accept(one()).await.unwrap(),
        Accepted {
            fresh: 0,
            duplicates: 1
        }
    );
    until("handled", || probe.seen().len() == 1).await;
    running.stop().await;

    let running = app(dir.path(), probe.clone()).await;
    assert_eq!(
        running.intake.accept(one()).await.unwrap(),
        Accepted {
            fresh: 0,
            duplicates: 1
        }
    );
    running.stop().await;
    assert_eq!(probe.seen(), [(GREEN, 100)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_that_jump_back_or_begin_anew_lose_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let probe = Arc::new(Probe::default());
    let running = app(dir.path(), probe.clone()).await;
    let accept = |id, message_id, text| {
        let update = raw(message(id, GREEN, 1, message_id, text));
        let intake = running.intake.clone();
        async move { intake.accept(vec![update]).await.unwrap().fresh }
    };
    // A high number, a late lower one, a far lower numbering, the same ids with other content.
    assert_eq!(accept(900_000_000, 1, "a").await, 1);
    assert_eq!(accept(899_999_998, 2, "late").await, 1);
    assert_eq!(accept(77, 3, "new numbering").await, 1);
    assert_eq!(accept(78, 4, "goes on").await, 1);
    assert_eq!(accept(78, 4, "goes on").await, 0);
    assert_eq!(accept(77, 5, "the number is used again").await, 1);
    // What came under the old numbering is still known.
    assert_eq!(accept(78, 4, "goes on").await, 0);
    assert_eq!(accept(i64::from(i32::MAX), 6, "the largest").await, 1);
    until("handled", || probe.seen().len() == 6).await;
    assert_eq!(probe.seen_in(GREEN), [1, 2, 3, 4, 5, 6]);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_chat_delays_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let probe = Arc::new(Probe::default());
    let running = app(dir.path(), probe.clone()).await;
    let mut batch: Vec<_> = (0..400)
        .map(|i| raw(message(i, GREEN, 1, i, "slow")))
        .collect();
    batch.push(raw(message(500, BLUE, 2, 7, "quick")));
    let began = Instant::now();
    running.intake.accept(batch).await.unwrap();
    until("the other chat", || !probe.seen_in(BLUE).is_empty()).await;
    assert!(
        began.elapsed() < Duration::from_millis(900),
        "{:?}",
        began.elapsed()
    );
    assert!(probe.seen_in(GREEN).is_empty());
    drop(running);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poisoned_update_is_retried_then_parked_and_its_chat_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let probe = Arc::new(Probe::default());
    let running = app(dir.path(), probe.clone()).await;
    let batch = vec![
        raw(message(1, GREEN, 1, 1, "fine")),
        raw(message(2, GREEN, 1, 2, "poison")),
        raw(message(3, GREEN, 1, 3, "fine too")),
        raw(message(4, BLUE, 1, 4, "error")),
        raw(message(5, BLUE, 1, 5, "fine")),
    ];
    running.intake.accept(batch).await.unwrap();
    until("the rest", || {
        probe.seen_in(GREEN) == [1, 3] && probe.seen_in(BLUE) == [5]
    })
    .await;
    let tries = probe
        .tries
        .lock()
        .unwrap()
        .iter()
        .filter(|m| **m == 2)
        .count();
    // Once or more with its neighbours, then three times alone.
    assert!((3..=5).contains(&tries), "{tries} tries");
    until("parked", || running.lanes.busy() == 0).await;
    let counts = running.store.read(inbox::counts).await.unwrap();
    assert_eq!((counts.waiting, counts.dead), (0, 2));
    running.stop().await;

    // `beadle inbox` shows both and puts one back.
    let listed = super::cli::beadle(&[
        "inbox",
        "--json",
        "--data-dir",
        dir.path().to_str().unwrap(),
    ]);
    let rows: Vec<serde_json::Value> = listed
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    assert_eq!(rows.len(), 2);
    let poisoned = rows.iter().find(|r| r["update_id"] == 2).unwrap();
    assert_eq!(
        (poisoned["state"].as_str(), poisoned["v"].as_i64()),
        (Some("dead"), Some(1))
    );
    assert!(
        poisoned["error"]
            .as_str()
            .unwrap()
            .contains("panic: poisoned")
    );
    let number = poisoned["seq"].to_string();
    let said = super::cli::beadle(&[
        "inbox",
        "replay",
        &number,
        "--data-dir",
        dir.path().to_str().unwrap(),
    ]);
    assert!(said.contains("back in its lane"), "{said}");
    let store = Store::open(&StoreOptions::new(dir.path())).unwrap();
    assert_eq!(store.read(inbox::counts).await.unwrap().waiting, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_in_one_chat_keeps_its_order_and_little_memory() {
    let dir = tempfile::tempdir().unwrap();
    let probe = Arc::new(Probe::default());
    let running = app(dir.path(), probe.clone()).await;
    let mut most = 0;
    for chunk in 0..50_i64 {
        let batch = (0..100)
            .map(|i| raw(message(chunk * 100 + i, GREEN, 1, chunk * 100 + i, "talk")))
            .collect();
        running.intake.accept(batch).await.unwrap();
        most = most.max(running.lanes.depth());
    }
    until("all", || probe.seen().len() == 5_000).await;
    let order = probe.seen_in(GREEN);
    assert!(order.is_sorted(), "out of order");
    // A lane keeps 256 waiting, plus a page it has just read and the batch under way.
    assert!(most <= 600, "{most} in memory");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_waiting_at_a_stop_is_taken_up_at_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let probe = Arc::new(Probe::default());
    let running = app(dir.path(), probe.clone()).await;
    let batch = (0..1_000)
        .map(|i| raw(message(i, GREEN - i % 7, 1, i, "talk")))
        .collect();
    running.intake.accept(batch).await.unwrap();
    running.stop().await;
    let before = probe.seen().len();
    let running = app(dir.path(), probe.clone()).await;
    until("all", || probe.seen().len() >= 1_000).await;
    running.stop().await;
    let mut seen = probe.seen();
    assert_eq!(seen.len(), 1_000, "{before} were handled before the stop");
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 1_000);
}

#[test]
fn what_is_not_an_update_is_named() {
    assert_eq!(
        RawUpdate::parse("{}".into()).unwrap_err(),
        NotAnUpdate::NoId
    );
    assert!(matches!(
        RawUpdate::parse("[".into()).unwrap_err(),
        NotAnUpdate::NotJson(_)
    ));
    assert_eq!(
        RawUpdate::parse(" ".repeat((1 << 20) + 1)).unwrap_err(),
        NotAnUpdate::TooLarge
    );
    assert!(RawUpdate::parse(r#"{"update_id": 1}"#.into()).is_ok());
}

#[tokio::test]
async fn a_handled_update_is_not_made_to_wait_again_by_a_trial_that_was_given_up() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&StoreOptions::new(dir.path())).unwrap();
    let done = store
        .write(|tx| {
            let batch = [
                raw(message(1, GREEN, 1, 1, "a")),
                raw(message(2, GREEN, 1, 2, "b")),
            ];
            inbox::insert(tx, &batch, 1)?;
            assert!(inbox::all_waiting(tx, &[1, 2])?);
            // The trial took too long and was given up, and yet its transaction came through …
            inbox::mark_handled(tx, 1, 5)?;
            // … before its failure was noted.
            let after = inbox::mark_failed(tx, 1, "took longer", 1, 3, 6)?;
            assert_eq!(after, inbox::Failure::NotWaiting);
            assert!(!inbox::all_waiting(tx, &[1, 2])?);
            assert!(inbox::all_waiting(tx, &[2])?);
            // A trial that was counted before it began is not counted again for failing.
            let tries =
                [1, 0, 1, 0, 1, 0].map(|times| inbox::mark_failed(tx, 2, "no", times, 3, 7));
            Ok(tries.map(Result::unwrap))
        })
        .await
        .unwrap();
    use inbox::Failure::{Counted, NotWaiting, Parked};
    assert_eq!(
        done,
        [Counted, Counted, Counted, Counted, Parked, NotWaiting]
    );
    let counts = store.read(inbox::counts).await.unwrap();
    assert_eq!((counts.waiting, counts.dead), (0, 1));
}

#[tokio::test]
async fn an_update_whose_bringer_hangs_up_is_handed_on_all_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&StoreOptions::new(dir.path())).unwrap();
    let (lanes, mut arrivals) = mpsc::channel(1);
    let intake = Intake::new(store, Arc::new(SystemClock), lanes);
    let one = |id| vec![raw(message(id, GREEN, 1, id, "hello"))];
    intake.accept(one(1)).await.unwrap();
    // The lanes are busy, and the call of the webhook ends before they take the second.
    let hung_up = tokio::time::timeout(Duration::from_millis(300), intake.accept(one(2))).await;
    assert!(hung_up.is_err());
    // Another is dropped before its commit has been awaited.
    let dropped = tokio::time::timeout(Duration::from_micros(1), intake.accept(one(3))).await;
    assert!(dropped.is_err());
    let mut came = Vec::new();
    for _ in 0..3 {
        let next = tokio::time::timeout(Duration::from_secs(5), arrivals.recv()).await;
        came.extend(next.expect("handed on").unwrap().iter().map(|w| w.seq));
    }
    came.sort_unstable();
    assert_eq!(came, [1, 2, 3]);
}
