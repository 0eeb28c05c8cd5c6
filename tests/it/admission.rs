//! People at a group's door: joins, requests, queries; steps that hold, refuse, fail or take too long.
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use beadle::app::{App, Ground};
use beadle::base::clock::{Clock as _, Millis, ShiftedClock, SystemClock};
use beadle::community::admission::{Applicant, Doorkeeper, Finding, Place, Step, Then};
use beadle::community::arbiter::{End, Imposer, Measure, Subject};
use beadle::telegram::simulator::{Simulator, Status};
use futures_util::future::BoxFuture;

use crate::arbiter::{ends, impose, is_muted, order, until_value};
use crate::support::house::{house_with, judged, simulator, simulator_with, value, within};

/// A step that finds what it is told.
struct Told {
    finding: Result<Finding, String>,
    pause: Duration,
    asked: Arc<AtomicUsize>,
}

impl Step for Told {
    fn name(&self) -> &'static str {
        "told"
    }

    fn place(&self) -> Place {
        Place::Captcha
    }

    fn examine<'a>(&'a self, who: &'a Applicant) -> BoxFuture<'a, Result<Finding, String>> {
        Box::pin(async move {
            self.asked.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(self.pause).await;
            match &self.finding {
                // As features do: so long from now.
                Ok(Finding::Hold { until, then }) => Ok(Finding::Hold {
                    until: who.now + until,
                    then: *then,
                }),
                other => other.clone(),
            }
        })
    }
}

const OUTCOMES: &str = "SELECT count(*) FROM admissions WHERE outcome IS NOT NULL";

struct Scene {
    app: App,
    group: i64,
    eve: i64,
    asked: Arc<AtomicUsize>,
    _dir: tempfile::TempDir,
}

async fn scene(
    sim: &Simulator,
    finding: Result<Finding, String>,
    pause: Duration,
    change: impl FnOnce(&mut Ground),
) -> Scene {
    let (group, ann, eve) = (
        sim.supergroup("The green"),
        sim.user("Ann"),
        sim.user("Eve"),
    );
    sim.add_bot_admin(group);
    let dir = tempfile::tempdir().unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let step = Arc::new(Told {
        finding,
        pause,
        asked: asked.clone(),
    });
    let app = house_with(sim, dir.path(), "act", |ground| {
        ground.steps.push(step);
        change(ground);
    })
    .await;
    judged(&app, group, sim.say(group, ann, "hello")).await;
    Scene {
        app,
        group,
        eve,
        asked,
        _dir: dir,
    }
}

async fn outcome(app: &App) -> String {
    until_value(app, OUTCOMES, 1).await;
    value(app, "SELECT outcome FROM admissions").await
}

fn hold(span: Millis, then: Then) -> Result<Finding, String> {
    Ok(Finding::Hold { until: span, then })
}

/// As a feature does when its captcha is solved.
async fn found(scene: &Scene, finding: Finding) -> bool {
    let keeper = Doorkeeper::new(
        &scene.app.store,
        &scene.app.keys,
        vec![Arc::new(Told {
            finding: Ok(Finding::Pass),
            pause: Duration::ZERO,
            asked: scene.asked.clone(),
        })],
    );
    let (chat, user, now) = (scene.group, scene.eve, SystemClock.now());
    scene
        .app
        .store
        .write(move |tx| keeper.found(tx, chat, user, "told", &finding, now))
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_joins_is_muted_while_held_and_freed_once() {
    let sim = simulator();
    let s = scene(&sim, hold(600_000, Then::Refuse), Duration::ZERO, |_| {}).await;
    sim.join(s.group, s.eve);
    within(10, "muted", || is_muted(&sim, s.group, s.eve)).await;
    assert!(found(&s, Finding::Vouched).await);
    assert!(
        !found(&s, Finding::Vouched).await,
        "a second answer is none"
    );
    within(10, "free", || {
        sim.member(s.group, s.eve).status == Status::Member
    })
    .await;
    assert_eq!(outcome(&s.app).await, "admitted");
    assert_eq!(s.asked.load(Ordering::Relaxed), 1);
    assert_eq!(sim.call_violations(), []);
    s.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_nothing_is_put_out_in_time_and_may_come_again() {
    let sim = simulator();
    let clock = Arc::new(ShiftedClock::default());
    let shared = clock.clone();
    let s = scene(
        &sim,
        hold(600_000, Then::Refuse),
        Duration::ZERO,
        move |ground| ground.clock = shared,
    )
    .await;
    sim.join(s.group, s.eve);
    within(10, "muted", || is_muted(&sim, s.group, s.eve)).await;
    clock.shift(601_000);
    within(20, "out", || {
        sim.member(s.group, s.eve).status == Status::Kicked
    })
    .await;
    assert_eq!(outcome(&s.app).await, "refused");
    let left = sim.member(s.group, s.eve).until * 1_000 - clock.now();
    assert!((30_000..=61_000).contains(&left), "{left} ms");
    s.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_is_not_waited_for() {
    let sim = simulator();
    let s = scene(&sim, hold(600_000, Then::Refuse), Duration::ZERO, |_| {}).await;
    sim.join(s.group, s.eve);
    within(10, "muted", || is_muted(&sim, s.group, s.eve)).await;
    sim.leave(s.group, s.eve);
    assert_eq!(outcome(&s.app).await, "gone");
    assert!(!found(&s, Finding::Vouched).await);
    s.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_answered_only_for_who_was_vouched_for() {
    for (finding, word, waits) in [
        (Ok(Finding::Vouched), "admitted", false),
        (Ok(Finding::Pass), "left_to_admins", true),
        (Err("no answer".to_owned()), "left_to_admins", true),
        (
            Ok(Finding::Refuse {
                reason: "test",
                out_for: None,
            }),
            "refused",
            false,
        ),
    ] {
        let sim = simulator();
        let s = scene(&sim, finding, Duration::ZERO, |_| {}).await;
        sim.request_join(s.group, s.eve);
        assert_eq!(outcome(&s.app).await, word);
        if !waits {
            within(10, "answered", || sim.join_requests(s.group).is_empty()).await;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert_eq!(sim.join_requests(s.group).contains(&s.eve), waits, "{word}");
        assert_eq!(sim.member(s.group, s.eve).present, word == "admitted");
        s.app.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_is_answered_in_time_whatever_the_steps_do() {
    for (finding, pause, result) in [
        (Ok(Finding::Vouched), Duration::ZERO, "approve"),
        (hold(600_000, Then::Refuse), Duration::ZERO, "queue"),
        (Ok(Finding::Vouched), Duration::from_secs(9), "queue"),
    ] {
        let sim = simulator_with(|options| options.join_queries = true);
        let s = scene(&sim, finding, pause, |_| {}).await;
        sim.request_join(s.group, s.eve);
        within(10, "answered", || {
            !sim.calls_of("answerChatJoinRequestQuery").is_empty()
        })
        .await;
        let call = &sim.calls_of("answerChatJoinRequestQuery")[0];
        assert_eq!(call.params["result"], result);
        assert!(call.outcome.is_ok(), "{call:?}");
        if pause > Duration::ZERO {
            // The step's answer comes late, and is done to an ordinary request.
            within(10, "let in", || sim.member(s.group, s.eve).present).await;
        }
        assert_eq!(sim.calls_of("answerChatJoinRequestQuery").len(), 1);
        s.app.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_banned_does_not_come_in_by_request_and_a_join_told_twice_is_one() {
    let sim = simulator();
    let s = scene(&sim, Ok(Finding::Vouched), Duration::ZERO, |_| {}).await;
    // The ledger knows of a ban that Telegram does not hold: a failed call, another group's past.
    let group = s.group;
    let mut ban = order(group, s.eve, Imposer::Moderator(7), Measure::Ban, None);
    ban.subject = Subject::User(s.eve);
    sim.fail_next(
        Some("banChatMember"),
        None,
        beadle::telegram::simulator::Fault::flood(3_600),
    );
    impose(&s.app, ban).await;
    within(10, "tried", || !sim.calls_of("banChatMember").is_empty()).await;
    sim.request_join(group, s.eve);
    assert_eq!(outcome(&s.app).await, "refused");
    assert_eq!(
        s.asked.load(Ordering::Relaxed),
        0,
        "the ban list comes first"
    );
    let bob = sim.user("Bob");
    sim.join(group, bob);
    until_value(&s.app, OUTCOMES, 2).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let all: i64 = value(&s.app, "SELECT count(*) FROM admissions").await;
    assert_eq!((all, s.asked.load(Ordering::Relaxed)), (2, 1));
    s.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_an_admin_brings_back_stays() {
    let sim = simulator();
    let (shed, ann, eve) = (sim.group("The shed"), sim.user("Ann"), sim.user("Eve"));
    sim.add_bot_admin(shed);
    let dir = tempfile::tempdir().unwrap();
    let app = house_with(&sim, dir.path(), "act", |_| {}).await;
    sim.join(shed, eve);
    judged(&app, shed, sim.say(shed, ann, "hello")).await;
    let by = Imposer::Moderation;
    impose(&app, order(shed, eve, by, Measure::Ban, None)).await;
    within(10, "out", || !sim.member(shed, eve).present).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    sim.invite(shed, sim.owner(shed), eve);
    let standing = "SELECT count(*) FROM restrictions WHERE state = 0";
    until_value(&app, standing, 0).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(ends(&app, shed, eve).await, [End::Overruled]);
    assert!(sim.member(shed, eve).present);
    assert_eq!(sim.calls_of("banChatMember").len(), 1);
    app.stop().await;
}
