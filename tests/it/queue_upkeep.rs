//! What is kept goes when its time has come, by jobs that come again; also on a disk that is nearly full.
use std::sync::Arc;
use std::time::Duration;

use beadle::app::App;
use beadle::base::clock::{Clock as _, ShiftedClock};
use beadle::queue::{Enqueue as _, Job, store as rows};
use beadle::store::{DATABASE_FILE, known_schema, meta, migrations};
use rusqlite::Connection;
use serde_json::json;

use crate::support::house::{house_with, simulator, value, within};

const MINUTE: i64 = 60_000;

/// Runs a job of this kind now and waits for its end.
async fn run(app: &App, clock: &ShiftedClock, kind: &'static str) -> rows::Row {
    let now = clock.now();
    let job = Job::new(kind, json!({}));
    let id = app
        .store
        .write(move |tx| tx.enqueue(&job, now))
        .await
        .unwrap()
        .unwrap();
    for _ in 0..2_000 {
        let (row, ..) = app
            .store
            .read(move |c| rows::one(c, id))
            .await
            .unwrap()
            .unwrap();
        if row.state == "done" {
            return row;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{kind} did not end");
}

async fn kept(app: &App) -> i64 {
    value(app, "SELECT count(*) FROM inbox WHERE state = 1").await
}

#[tokio::test(flavor = "multi_thread")]
async fn handled_updates_stay_two_days_and_ten_minutes_on_a_nearly_full_disk() {
    let sim = simulator();
    let (group, ann) = (sim.supergroup("The green"), sim.user("Ann"));
    sim.add_bot_admin(group);
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ShiftedClock::default());
    let app = house_with(&sim, dir.path(), "act", |g| g.clock = clock.clone()).await;
    // The first look at the disk is over; the next is seconds away, so the flag is set anew below.
    within(10, "looked", || !app.vitals.health().components.is_empty()).await;
    sim.say(group, ann, "beans are up");
    within(10, "handled", || sim.pending_updates() == 0).await;
    while value::<i64>(&app, "SELECT count(*) FROM inbox WHERE state = 0").await > 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let all = kept(&app).await;
    assert!(all > 0);
    clock.shift(11 * MINUTE);
    run(&app, &clock, "ground.expire").await;
    assert_eq!(kept(&app).await, all, "with room on the disk they stay");
    clock.shift(-2 * MINUTE);
    app.vitals.set_low_disk(true);
    run(&app, &clock, "ground.expire").await;
    assert_eq!(
        kept(&app).await,
        all,
        "nine minutes: Telegram may send them again"
    );
    clock.shift(2 * MINUTE);
    app.vitals.set_low_disk(true);
    run(&app, &clock, "ground.expire").await;
    assert_eq!(kept(&app).await, 0, "eleven minutes on a nearly full disk");

    sim.say(group, ann, "and lettuce");
    while kept(&app).await == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    app.vitals.set_low_disk(false);
    clock.shift(47 * 60 * MINUTE);
    run(&app, &clock, "ground.expire").await;
    assert!(kept(&app).await > 0, "47 hours");
    clock.shift(2 * 60 * MINUTE);
    let row = run(&app, &clock, "ground.expire").await;
    assert_eq!(kept(&app).await, 0, "49 hours: {row:?}");
    // Jobs that were done are forgotten after a day.
    clock.shift(25 * 60 * MINUTE);
    let last = run(&app, &clock, "ground.expire").await;
    let oldest: i64 = value(&app, "SELECT min(settled_at) FROM jobs WHERE state = 3").await;
    let day = 24 * 60 * MINUTE;
    assert!(row.settled_at < Some(oldest) && oldest >= last.started_at.unwrap() - day);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_from_before_an_upgrade_goes_when_the_new_version_has_run_for_a_day() {
    let dir = tempfile::tempdir().unwrap();
    {
        let mut conn = Connection::open(dir.path().join(DATABASE_FILE)).unwrap();
        conn.execute_batch("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA application_id = 1111834948")
            .unwrap();
        migrations().unwrap().to_version(&mut conn, 2).unwrap();
    }
    let sim = simulator();
    let clock = Arc::new(ShiftedClock::default());
    let app = house_with(&sim, dir.path(), "act", |g| g.clock = clock.clone()).await;
    let copy = dir.path().join(format!(
        "backups/before-schema-{}-from-2.db",
        known_schema()
    ));
    let own = dir.path().join("backups/mine.db");
    std::fs::write(&own, "kept").unwrap();
    // Hours in which it does not run do not count.
    clock.shift(30 * 60 * MINUTE);
    // The schedule may add an hour of its own, so the hours are read, not counted here.
    let hours = async || {
        let key = format!("hours_of_schema_{}", known_schema());
        let read = app.store.read(move |conn| meta::number(conn, &key)).await;
        read.unwrap()
    };
    while hours().await < 22 {
        assert!(copy.exists(), "after {} hours", hours().await);
        run(&app, &clock, "ground.copies").await;
    }
    assert!(copy.exists(), "not before a day");
    run(&app, &clock, "ground.copies").await;
    run(&app, &clock, "ground.copies").await;
    assert!(!copy.exists());
    assert!(own.exists(), "a person's own copy is not touched");
    app.stop().await;
}
