//! Work that must go on goes on, and what is remembered is what is on disk.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]
use std::sync::Arc;

use beadle::base::clock::{Clock as _, SystemClock};
use beadle::pipeline::StageError;
use beadle::pipeline::Walker;
use beadle::pipeline::lanes::Handler as _;
use beadle::telegram::event;
use beadle::telegram::intake::Arrival;

use serde_json::json;

use crate::arbiter::until_value;
use crate::support::{Probe, app, message, raw, until};

const GREEN: i64 = -1001;

#[tokio::test(flavor = "multi_thread")]
async fn standing_work_has_no_last_trial_and_lost_looks_are_asked_for_again() {
    let dir = tempfile::tempdir().unwrap();
    let running = app(dir.path(), Arc::new(Probe::default())).await;
    let mortal = "SELECT count(*) FROM jobs WHERE kind IN ('arbiter.settle', 'moderation.cards', 'moderation.offer')
         AND max_attempts < 1000000";
    until_value(&running, mortal, 0).await;
    until_value(
        &running,
        "SELECT count(*) >= 2 FROM jobs WHERE kind LIKE 'moderation.%' AND max_attempts > 1000000",
        1,
    )
    .await;
    // A whole group is locked for an hour; the look at its end became a dead letter.
    running
        .store
        .write(|tx| {
            Ok(tx.execute_batch(
                "INSERT INTO chat_measures (chat, imposer, permissions, until_at, imposed_at)
                     VALUES (-1001, 'raid', 0, 99000000000000, 1);
                 INSERT INTO held (chat, subject, measure, until_at, due_at, told_at)
                     VALUES (-1001, 7, 'restrict', 5, 5, 1);
                 DELETE FROM jobs",
            )?)
        })
        .await
        .unwrap();
    running.stop().await;
    let running = app(dir.path(), Arc::new(Probe::default())).await;
    let looks =
        "SELECT count(*) FROM jobs WHERE kind = 'arbiter.restore' AND run_at = 99000000000000";
    until_value(&running, looks, 1).await;
    let person = "SELECT count(*) FROM jobs WHERE kind = 'arbiter.renew'";
    until_value(&running, person, 1).await;
    running.stop().await;
}

async fn heard(running: &beadle::app::App, probe: &Probe) {
    let hello = message(1, GREEN, 1, 100, "hello");
    running.intake.accept(vec![raw(hello)]).await.unwrap();
    until("handled", || probe.seen().len() == 1).await;
    until("at rest", || running.lanes.busy() == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lane_that_began_before_a_change_does_not_bring_the_old_state_back() {
    let dir = tempfile::tempdir().unwrap();
    let probe = Arc::new(Probe::default());
    let running = app(dir.path(), probe.clone()).await;
    heard(&running, &probe).await;
    let community = running.community.clone();
    let press = event::parse(&message(2, GREEN, 1, 101, "later"));
    let now = SystemClock.now();
    let began = community.view([&press].into_iter(), now).await.unwrap();
    assert_eq!(began.groups[&GREEN].may_delete, None);
    assert!(community.powerless(GREEN, now).await.unwrap());
    community.remember(began);
    let next = community.view([&press].into_iter(), now).await.unwrap();
    assert_eq!(next.groups[&GREEN].may_delete, Some(false));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_earlier_trial_wrote_is_read_from_disk() {
    let dir = tempfile::tempdir().unwrap();
    let probe = Arc::new(Probe::default());
    let running = app(dir.path(), probe.clone()).await;
    heard(&running, &probe).await;
    // The trial that was given up has come to its end: its row is handled, the group another, the cache knows nothing.
    running
        .store
        .write(|tx| {
            Ok(tx.execute_batch("UPDATE groups SET mode = 'observe', bot_status = 'member'")?)
        })
        .await
        .unwrap();
    let clock = Arc::new(SystemClock);
    let community = running.community.clone();
    let walker = Walker::new(
        running.store.clone(),
        community.clone(),
        clock,
        Vec::new(),
        None,
    );
    let hello = event::parse(&message(1, GREEN, 1, 100, "hello"));
    let again = Arrival {
        seq: 1,
        attempts: 0,
        event: hello.clone(),
    };
    let again = walker.handle(vec![again]).await;
    assert!(matches!(again, Err(StageError::HandledBefore)));
    let next = community
        .view([&hello].into_iter(), SystemClock.now())
        .await
        .unwrap();
    assert_eq!(next.groups[&GREEN].may_delete, Some(false));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_waited_here_is_as_old_as_telegram_says() {
    let dir = tempfile::tempdir().unwrap();
    let running = app(dir.path(), Arc::new(Probe::default())).await;
    let date = SystemClock.now() / 1_000 - 60;
    let update = json!({ "update_id": 5, "chat_join_request": {
        "chat": { "id": GREEN, "type": "supergroup", "title": "The green" },
        "from": { "id": 7, "is_bot": false, "first_name": "Ann" },
        "user_chat_id": 7, "date": date, "query_id": "q1",
    }});
    running
        .intake
        .accept(vec![raw(update.to_string())])
        .await
        .unwrap();
    until_value(&running, "SELECT count(*) FROM admissions", 1).await;
    // Its ten seconds are over: nobody tries to answer it as a query.
    let answers = "SELECT count(*) FROM outbox WHERE method = 'answerChatJoinRequestQuery'";
    until_value(&running, answers, 0).await;
    running.stop().await;
}
