//! The arbiter when people decide by hand, Telegram refuses, clocks jump and groups move.
use std::sync::Arc;
use std::time::Duration;

use beadle::app::App;
use beadle::base::clock::{Clock as _, ShiftedClock, SystemClock};
use beadle::community::arbiter::{self, End, Imposer, Measure, Outcome, Whose};
use beadle::telegram::simulator::{Fault, Simulator, Status};

use crate::arbiter::{HOUR, ends, free, impose, is_muted, lift, order, until_value};
use crate::support::house::{house, house_with, judged, simulator, value, within};

const STANDING: &str = "SELECT count(*) FROM restrictions WHERE state = 0";

/// A group in which Beadle is an admin and Eve a member, with updates flowing.
async fn green(sim: &Simulator, dir: &std::path::Path) -> (App, i64, i64) {
    let (group, eve) = (sim.supergroup("The green"), sim.user("Eve"));
    sim.add_bot_admin(group);
    let app = house(sim, dir).await;
    sim.join(group, eve);
    judged(&app, group, sim.say(group, eve, "hello")).await;
    (app, group, eve)
}

fn calls(sim: &Simulator) -> usize {
    ["restrictChatMember", "banChatMember", "unbanChatMember"]
        .iter()
        .map(|m| sim.calls_of(m).len())
        .sum()
}

async fn settle() {
    tokio::time::sleep(Duration::from_millis(300)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_freed_by_hand_is_not_muted_again() {
    let sim = simulator();
    let dir = tempfile::tempdir().unwrap();
    let (app, group, eve) = green(&sim, dir.path()).await;
    impose(&app, order(group, eve, Imposer::Gate, Measure::Mute, None)).await;
    impose(
        &app,
        order(
            group,
            eve,
            Imposer::Moderation,
            Measure::Ban,
            Some(9 * HOUR),
        ),
    )
    .await;
    within(10, "banned", || {
        sim.member(group, eve).status == Status::Kicked
    })
    .await;
    settle().await;
    let before = calls(&sim);
    sim.unban(group, eve);
    until_value(&app, STANDING, 0).await;
    settle().await;
    assert_eq!(calls(&sim), before, "Beadle fights people");
    assert_eq!(ends(&app, group, eve).await, [End::Overruled; 2]);
    let out = free(&app, lift(group, eve, Imposer::Gate, Whose::Own)).await;
    assert_eq!(out, Outcome::Unchanged);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mute_by_hand_outlives_the_gate() {
    let sim = simulator();
    let dir = tempfile::tempdir().unwrap();
    let (app, group, eve) = green(&sim, dir.path()).await;
    let until = SystemClock.now() / 1_000 + 7_200;
    sim.restrict(group, eve, &[], until);
    until_value(&app, STANDING, 1).await;
    impose(&app, order(group, eve, Imposer::Gate, Measure::Mute, None)).await;
    free(&app, lift(group, eve, Imposer::Gate, Whose::Own)).await;
    settle().await;
    assert!(is_muted(&sim, group, eve));
    let left = sim.member(group, eve).until - until;
    assert!(left.abs() <= 1, "{left} s more than the admin said");
    // A person may lift it through Beadle.
    let owner = Imposer::Moderator(sim.owner(group));
    free(&app, lift(group, eve, owner, Whose::All)).await;
    within(10, "free", || {
        sim.member(group, eve).status == Status::Member
    })
    .await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_imposers_at_once_lose_nothing() {
    let sim = simulator();
    let dir = tempfile::tempdir().unwrap();
    let (app, group, eve) = green(&sim, dir.path()).await;
    let mute = order(group, eve, Imposer::Moderator(7), Measure::Mute, Some(HOUR));
    let ban = order(
        group,
        eve,
        Imposer::Moderator(8),
        Measure::Ban,
        Some(2 * HOUR),
    );
    let (one, two) = tokio::join!(impose(&app, mute), impose(&app, ban));
    for out in [one, two] {
        let entered = matches!(out, Outcome::Told { .. } | Outcome::Covered { .. });
        assert!(entered, "{out:?}");
    }
    within(10, "banned", || {
        sim.member(group, eve).status == Status::Kicked
    })
    .await;
    free(&app, lift(group, eve, Imposer::Moderator(8), Whose::Own)).await;
    within(10, "muted", || is_muted(&sim, group, eve)).await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_settles_the_entry_and_nothing_loops() {
    let sim = simulator();
    let dir = tempfile::tempdir().unwrap();
    let (app, group, eve) = green(&sim, dir.path()).await;
    for (text, code) in [
        (
            "Bad Request: user is an administrator of the chat",
            "is_admin",
        ),
        ("Bad Request: PARTICIPANT_ID_INVALID", "refused"),
        (
            "Bad Request: not enough rights to restrict/unrestrict chat member",
            "no_right",
        ),
    ] {
        sim.fail_next(Some("restrictChatMember"), None, Fault::error(400, text));
        let before = calls(&sim);
        let out = impose(
            &app,
            order(group, eve, Imposer::Moderation, Measure::Mute, Some(HOUR)),
        )
        .await;
        assert!(matches!(out, Outcome::Told { .. }), "{out:?}");
        until_value(&app, STANDING, 0).await;
        settle().await;
        assert_eq!(calls(&sim), before + 1, "{text}");
        let last = app
            .store
            .read(move |conn| arbiter::history(conn, group, eve, 1))
            .await
            .unwrap();
        assert_eq!(last[0].end, End::Refused);
        assert!(
            last[0].why.as_deref().unwrap().starts_with(code),
            "{last:?}"
        );
        assert_eq!(value::<i64>(&app, "SELECT count(*) FROM held").await, 0);
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_of_today_is_freed_and_not_held_again() {
    let sim = simulator();
    let dir = tempfile::tempdir().unwrap();
    let (app, group, eve) = green(&sim, dir.path()).await;
    impose(&app, order(group, eve, Imposer::Gate, Measure::Mute, None)).await;
    within(10, "muted", || is_muted(&sim, group, eve)).await;
    sim.promote(group, eve, &["can_delete_messages"]);
    until_value(&app, STANDING, 0).await;
    settle().await;
    assert_eq!(sim.member(group, eve).status, Status::Administrator);
    assert_eq!(calls(&sim), 1);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mute_that_waits_too_long_expires_and_is_never_for_good() {
    let sim = simulator();
    let dir = tempfile::tempdir().unwrap();
    let (app, group, eve) = green(&sim, dir.path()).await;
    sim.fail_next(Some("restrictChatMember"), None, Fault::flood(3_600));
    impose(
        &app,
        order(
            group,
            eve,
            Imposer::Moderation,
            Measure::Mute,
            Some(HOUR / 2),
        ),
    )
    .await;
    until_value(&app, "SELECT count(*) FROM outbox WHERE state = 5", 1).await;
    settle().await;
    assert_eq!(sim.member(group, eve).status, Status::Member);
    assert_eq!(calls(&sim), 1);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_is_noticed_without_a_call_and_a_gate_is_renewed() {
    let sim = simulator();
    let (group, eve, bob) = (
        sim.supergroup("The green"),
        sim.user("Eve"),
        sim.user("Bob"),
    );
    sim.add_bot_admin(group);
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ShiftedClock::default());
    let app = house_with(&sim, dir.path(), "act", |ground| {
        ground.clock = clock.clone();
    })
    .await;
    for user in [eve, bob] {
        sim.join(group, user);
    }
    judged(&app, group, sim.say(group, eve, "hello")).await;
    impose(
        &app,
        order(group, eve, Imposer::Moderation, Measure::Mute, Some(HOUR)),
    )
    .await;
    impose(&app, order(group, bob, Imposer::Gate, Measure::Mute, None)).await;
    within(10, "both", || {
        is_muted(&sim, group, eve) && is_muted(&sim, group, bob)
    })
    .await;
    let first = sim.member(group, bob).until;
    settle().await;
    let before = calls(&sim);
    clock.shift(HOUR + 1_000);
    until_value(&app, STANDING, 1).await;
    assert_eq!(ends(&app, group, eve).await, [End::Expired]);
    assert_eq!(calls(&sim), before, "Telegram knew the end");
    clock.shift(11 * HOUR);
    within(20, "renewed", || sim.member(group, bob).until > first).await;
    assert_eq!(calls(&sim), before + 1);
    let left = sim.member(group, bob).until - first;
    assert!((11 * 3_600..=13 * 3_600).contains(&left), "{left} s");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_behind_makes_no_mute_for_good() {
    let sim = simulator();
    let (group, eve) = (sim.supergroup("The green"), sim.user("Eve"));
    sim.add_bot_admin(group);
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ShiftedClock::default());
    clock.shift(-600_000);
    let app = house_with(&sim, dir.path(), "act", |ground| {
        ground.clock = clock.clone();
    })
    .await;
    sim.join(group, eve);
    judged(&app, group, sim.say(group, eve, "hello")).await;
    let now = clock.now();
    let mut mute = order(group, eve, Imposer::Moderation, Measure::Mute, None);
    mute.until = Some(now + 300_000);
    let out = app
        .store
        .write(move |tx| arbiter::Arbitrate::impose(tx, &mute, now, None))
        .await
        .unwrap();
    assert!(matches!(out, Outcome::Told { .. }), "{out:?}");
    within(10, "muted", || is_muted(&sim, group, eve)).await;
    let left = sim.member(group, eve).until * 1_000 - SystemClock.now();
    assert!((280_000..=305_000).contains(&left), "{left} ms left");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ban_in_a_basic_group_goes_with_it_and_a_lift_waits_for_the_right() {
    let sim = simulator();
    let (shed, eve, ann) = (sim.group("The shed"), sim.user("Eve"), sim.user("Ann"));
    sim.add_bot_admin(shed);
    let dir = tempfile::tempdir().unwrap();
    let app = house(&sim, dir.path()).await;
    sim.join(shed, eve);
    sim.join(shed, ann);
    judged(&app, shed, sim.say(shed, eve, "hello")).await;
    let out = impose(
        &app,
        order(
            shed,
            eve,
            Imposer::Moderation,
            Measure::Ban,
            Some(20 * HOUR),
        ),
    )
    .await;
    assert!(matches!(out, Outcome::Told { .. }), "{out:?}");
    within(10, "out", || !sim.member(shed, eve).present).await;
    settle().await;
    let green = sim.migrate(shed).unwrap();
    sim.say(green, ann, "hello again");
    within(10, "banned there for a time", || {
        let member = sim.member(green, eve);
        member.status == Status::Kicked && member.until > 0
    })
    .await;
    sim.add_bot_admin(green);

    sim.fail_next(
        Some("unbanChatMember"),
        None,
        Fault::error(
            400,
            "Bad Request: not enough rights to restrict/unrestrict chat member",
        ),
    );
    settle().await;
    free(&app, lift(shed, eve, Imposer::Moderator(7), Whose::All)).await;
    until_value(&app, "SELECT count(*) FROM held WHERE state = 2", 1).await;
    assert_eq!(sim.member(green, eve).status, Status::Kicked);
    sim.set_bot_rights(green, &["can_manage_chat", "can_delete_messages"]);
    sim.add_bot_admin(green);
    within(10, "free", || {
        sim.member(green, eve).status != Status::Kicked
    })
    .await;
    until_value(&app, "SELECT count(*) FROM held", 0).await;
    app.stop().await;
}
