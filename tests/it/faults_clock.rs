//! The machine's clock is set back ten minutes: nothing is stuck, and nothing becomes "for good".
use std::sync::Arc;
use std::time::Duration;

use beadle::base::clock::{Clock as _, ShiftedClock};
use beadle::community::arbiter::{Imposer, Measure};
use beadle::telegram::sender::{Effect, Send as _};
use beadle::telegram::simulator::{Fault, Status};
use serde_json::json;

use crate::arbiter::{impose, is_muted, order, until_value};
use crate::support::Probe;
use crate::support::house::{
    SPAM, answer, health, house_with, is_removed, judged, simulator, until_health, value, within,
};

const BACK: i64 = -600_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_step_back_while_running_stalls_nothing() {
    let clock = Arc::new(ShiftedClock::default());
    let sim = simulator();
    let (group, ann) = (sim.supergroup("The green"), sim.user("Ann"));
    sim.add_bot_admin(group);
    let dir = tempfile::tempdir().unwrap();
    let app = house_with(&sim, dir.path(), "act", |g| g.clock = clock.clone()).await;
    let first = sim.say(group, sim.user("Eve"), SPAM);
    within(10, "removed", || is_removed(&sim, group, first)).await;
    until_health(&app, 200).await;
    // One call is waiting for its next trial when the clock moves.
    sim.fail_next(Some("sendMessage"), Some(group), Fault::flood(2));
    let delayed = sim.say(group, ann, "/help");
    within(10, "refused", || {
        sim.calls_of("sendMessage")
            .iter()
            .any(|c| c.outcome.is_err())
    })
    .await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    clock.shift(BACK);
    within(10, "the waiting answer", || {
        answer(&sim, group, delayed).is_some()
    })
    .await;
    for _ in 0..3 {
        let spam = sim.say(group, sim.user("Eve"), SPAM);
        within(10, "removed after the step", || {
            is_removed(&sim, group, spam)
        })
        .await;
    }
    let asked = sim.say(group, ann, "/help");
    within(10, "answered after the step", || {
        answer(&sim, group, asked).is_some()
    })
    .await;
    // At the next look everything is as healthy as before, and no age is below zero.
    tokio::time::sleep(Duration::from_secs(6)).await;
    let (code, body) = health(&app).await;
    assert_eq!(code, 200, "{body}");
    assert!(!body.to_string().contains(" -"), "{body}");
    let left: i64 = value(&app, "SELECT count(*) FROM outbox WHERE state <> 2").await;
    assert_eq!(left, 0);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_with_a_clock_behind_goes_on_with_what_was_left() {
    let clock = Arc::new(ShiftedClock::default());
    let sim = simulator();
    let (group, ann) = (sim.supergroup("The green"), sim.user("Ann"));
    sim.add_bot_admin(group);
    let dir = tempfile::tempdir().unwrap();
    let start = || house_with(&sim, dir.path(), "act", |g| g.clock = clock.clone());
    let app = start().await;
    let asked = sim.say(group, ann, "/help");
    within(10, "answered", || answer(&sim, group, asked).is_some()).await;
    app.stop().await;
    clock.shift(BACK);
    let app = start().await;
    let spam = sim.say(group, sim.user("Eve"), SPAM);
    let asked = sim.say(group, ann, "/help");
    within(10, "removed", || is_removed(&sim, group, spam)).await;
    within(10, "answered", || answer(&sim, group, asked).is_some()).await;
    until_health(&app, 200).await;
    let (_, body) = health(&app).await;
    assert!(!body.to_string().contains("away"), "{body}");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_treatment_that_could_only_leave_at_its_end_does_not_leave() {
    let sim = simulator();
    let (group, ann, bob) = (
        sim.supergroup("The green"),
        sim.user("Ann"),
        sim.user("Bob"),
    );
    sim.add_bot_admin(group);
    for user in [ann, bob] {
        sim.join(group, user);
    }
    let dir = tempfile::tempdir().unwrap();
    let app = house_with(&sim, dir.path(), "act", |_| {}).await;
    let now = beadle::base::clock::SystemClock.now();
    let mute = json!({ "can_send_messages": false });
    // Telegram asks to wait; when the wait is over, Ann's mute has ten seconds left, Bob's an hour.
    sim.fail_next(Some("restrictChatMember"), None, Fault::flood(2));
    let of =
        |user, seconds| Effect::restrict(group, user, mute.clone(), Some(now / 1000 + seconds));
    let effects = [of(ann, 33), of(bob, 3_600)];
    app.store
        .write(move |tx| {
            for effect in &effects {
                tx.send(effect, now, None)?;
            }
            Ok(())
        })
        .await
        .unwrap();
    within(10, "Bob is muted", || {
        sim.member(group, bob).status == Status::Restricted
    })
    .await;
    let ann_now = sim.member(group, ann);
    assert_eq!(ann_now.status, Status::Member, "{ann_now:?}");
    assert_ne!(sim.member(group, bob).until, 0);
    for call in sim.calls_of("restrictChatMember") {
        let until = call.params["until_date"].as_i64().unwrap();
        if call.outcome.is_ok() {
            assert!(until > call.at / 1000 + 30, "{call:?}");
        }
    }
    let expired: i64 = value(&app, "SELECT count(*) FROM outbox WHERE state = 5").await;
    assert_eq!(expired, 1);
    app.stop().await;
}

const AHEAD: &str =
    "SELECT coalesce((SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'telegram_ahead_ms'), 0)";

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_set_right_makes_no_mute_longer() {
    const DAY: i64 = 86_400_000;
    let clock = Arc::new(ShiftedClock::default());
    clock.shift(-20 * 3_600_000);
    let sim = simulator();
    let (group, eve) = (sim.supergroup("The green"), sim.user("Eve"));
    sim.add_bot_admin(group);
    let dir = tempfile::tempdir().unwrap();
    let app = house_with(&sim, dir.path(), "act", |g| g.clock = clock.clone()).await;
    sim.join(group, eve);
    judged(&app, group, sim.say(group, eve, "hello")).await;
    until_value(&app, "SELECT (CAST(value AS INTEGER) + 60000) / 3600000 FROM meta WHERE key = 'telegram_ahead_ms'", 20).await;
    // The clock is set, and nobody says anything.
    clock.shift(20 * 3_600_000);
    until_value(&app, AHEAD, 0).await;
    let now = clock.now();
    impose(
        &app,
        order(group, eve, Imposer::Moderation, Measure::Mute, Some(DAY)),
    )
    .await;
    within(10, "muted", || is_muted(&sim, group, eve)).await;
    let left = sim.member(group, eve).until * 1_000 - now;
    assert!((DAY - 60_000..=DAY + 60_000).contains(&left), "{left} ms");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_failed_update_showed_of_the_clocks_is_shown_again_by_the_next() {
    let clock = Arc::new(ShiftedClock::default());
    clock.shift(BACK);
    let sim = simulator();
    let (group, ann) = (sim.supergroup("The green"), sim.user("Ann"));
    sim.add_bot_admin(group);
    let dir = tempfile::tempdir().unwrap();
    let probe = Arc::new(Probe::default());
    let app = house_with(&sim, dir.path(), "act", |g| {
        g.clock = clock.clone();
        g.stages.push(probe);
    })
    .await;
    sim.say(group, ann, "error");
    until_value(&app, "SELECT count(*) FROM inbox WHERE state = 2", 1).await;
    judged(&app, group, sim.say(group, ann, "hello")).await;
    let ahead: i64 = value(&app, AHEAD).await;
    assert!((-BACK - 5_000..=-BACK + 5_000).contains(&ahead), "{ahead}");
    app.stop().await;
}
