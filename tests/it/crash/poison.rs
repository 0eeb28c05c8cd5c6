//! An update that ends the process is found and parked; no other is, whatever else ends the process.
use std::sync::Arc;
use std::time::Duration;

use beadle::app::Ground;
use beadle::community::LaneView;
use beadle::pipeline::{Flow, Position, Stage, StageError, Walk};
use futures_util::future::BoxFuture;

use super::child::{Child, aborted, last_words};
use super::guest::{self, world};
use super::promise::open;
use super::world::World;

/// Ends the process, as no `catch_unwind` can help against, or takes its time, by the words of a message.
struct Killer;

impl Stage for Killer {
    fn name(&self) -> &'static str {
        "killer"
    }

    fn position(&self) -> Position {
        Position::Reply
    }

    fn run<'a>(
        &'a self,
        walk: &'a mut Walk,
        _: &'a mut LaneView,
    ) -> BoxFuture<'a, Result<Flow, StageError>> {
        Box::pin(async move {
            let words = walk.event.texts.first().map_or("", |t| t.text.as_str());
            if words.contains("poison") {
                std::process::abort();
            }
            if words.contains("slowly") {
                tokio::time::sleep(SLOW).await;
            }
            Ok(Flow::On)
        })
    }
}

/// How long a slow update takes.
const SLOW: Duration = Duration::from_millis(400);
/// When something else ends the process.
const ELSEWHERE: Duration = Duration::from_millis(150);

/// What a child does; without a parent, nothing.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "runs as a child of the tests beside it"]
async fn child_of_the_poison_tests() {
    let kill = |ground: &mut Ground| ground.stages.push(Arc::new(Killer));
    match guest::task().as_deref() {
        None => {}
        Some("elsewhere") => {
            let _app = guest::appliance(kill).await;
            tokio::time::sleep(ELSEWHERE).await;
            std::process::abort();
        }
        Some(_) => guest::serve(kill).await,
    }
}

fn start(world: &World, how: &str) -> Child {
    guest::start(world, "crash::poison::child_of_the_poison_tests", how, None)
}

/// Updates in each state: waiting, handled, dead.
fn states(world: &World) -> [i64; 3] {
    let Some(conn) = open(world.dir.path()) else {
        return [-1; 3];
    };
    [0, 1, 2].map(|state| {
        conn.query_row(
            "SELECT count(*) FROM inbox WHERE state = ?1",
            [state],
            |r| r.get(0),
        )
        .unwrap_or(-1)
    })
}

/// Messages whose update is in `state`.
fn texts(world: &World, state: i64) -> Vec<String> {
    let conn = open(world.dir.path()).unwrap();
    let mut find = conn
        .prepare(
            "SELECT json_extract(raw, '$.message.text') AS words FROM inbox
                  WHERE state = ?1 AND words IS NOT NULL ORDER BY seq",
        )
        .unwrap();
    let rows = find.query_map([state], |r| r.get(0)).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

/// Waits until `child` ends (then true) or nothing waits any more.
fn ends(world: &World, child: &mut Child) -> bool {
    let quiet = || world.sim.pending_updates() == 0 && states(world)[0] == 0;
    guest::ends(world, child, quiet)
}

#[test]
fn an_update_that_ends_the_process_is_parked_and_no_other() {
    let world = world(31);
    let (sim, groups) = (&world.sim, &world.groups);
    let [ann, bob] = [world.regulars[0], world.regulars[1]];
    let mut said = 0;
    let mut innocent = |group: usize, user| {
        said += 1;
        assert_ne!(sim.say(groups[group], user, &format!("innocent {said}")), 0);
    };
    innocent(0, ann);
    innocent(1, bob);
    sim.say(groups[0], ann, "this is the poison");
    innocent(0, bob);
    let mut deaths = 0;
    loop {
        innocent(0, ann);
        innocent(1, ann);
        innocent(2, bob);
        let mut child = start(&world, "plain");
        if !ends(&world, &mut child) {
            assert!(child.stop(Duration::from_secs(20)).unwrap().success());
            break;
        }
        deaths += 1;
        assert!(deaths < 8, "{}", last_words(world.dir.path()));
    }
    // Two ends before it is careful, and as many more as an update may fail.
    assert_eq!(deaths, 5);
    assert_eq!(texts(&world, 2), ["this is the poison"]);
    let mut expected: Vec<String> = (1..=said).map(|i| format!("innocent {i}")).collect();
    let mut handled = texts(&world, 1);
    expected.sort();
    handled.sort();
    assert_eq!(handled, expected);
}

#[test]
fn what_ends_the_process_elsewhere_blames_no_update() {
    let world = world(32);
    let (sim, groups) = (&world.sim, &world.groups);
    for (group, user) in groups.iter().zip(&world.regulars) {
        sim.say(*group, *user, &format!("slowly, in {group}"));
    }
    for _ in 0..9 {
        let mut child = start(&world, "elsewhere");
        let ended = child.ended(Duration::from_secs(20));
        assert!(ended.is_some_and(aborted), "{ended:?}");
    }
    let mut child = start(&world, "plain");
    assert!(!ends(&world, &mut child));
    assert!(child.stop(Duration::from_secs(20)).unwrap().success());
    let dead = texts(&world, 2);
    assert!(dead.is_empty(), "parked though innocent: {dead:?}");
    assert_eq!(texts(&world, 1).len(), 3);
}

#[test]
fn a_crash_loop_of_the_program_itself_ends_by_itself_and_the_update_can_be_put_back() {
    let world = world(33);
    let ann = world.regulars[0];
    world.sim.say(world.groups[0], ann, "in hand at each end");
    let mut deaths = 0;
    loop {
        let mut child = Child::start(&world, Some("walk.decided"));
        if !ends(&world, &mut child) {
            child.kill();
            break;
        }
        deaths += 1;
        assert!(deaths < 15, "{}", last_words(world.dir.path()));
    }
    // The mark that opens the world was in hand as well.
    let [waiting, handled, dead] = states(&world);
    assert_eq!((waiting, handled), (0, 0));
    assert_eq!(dead, 2);
    // Unarmed, others are handled, and what was parked when a person puts it back.
    world.sim.say(world.groups[0], ann, "later");
    let mut child = Child::start(&world, None);
    assert!(!ends(&world, &mut child));
    assert!(child.stop(Duration::from_secs(20)).unwrap().success());
    assert_eq!(texts(&world, 1), ["later"]);
    let dir = world.dir.path().to_str().unwrap();
    for number in ["1", "2"] {
        crate::cli::beadle(&["inbox", "--data-dir", dir, "replay", number]);
    }
    let mut child = Child::start(&world, None);
    assert!(!ends(&world, &mut child));
    assert!(child.stop(Duration::from_secs(20)).unwrap().success());
    assert_eq!(states(&world), [0, 3, 0]);
}

/// An update whose reading ends the process stands in the inbox as text: its trial is counted before.
#[test]
fn an_update_that_ends_the_process_while_it_is_read_is_parked() {
    let world = world(34);
    let ann = world.regulars[0];
    world.sim.say(world.groups[0], ann, "unreadable");
    let mut child = Child::start(&world, Some("intake.committed"));
    assert!(ends(&world, &mut child), "they wait in the inbox");
    let mut deaths = 1;
    loop {
        let mut child = Child::start(&world, Some("lane.reading"));
        if !ends(&world, &mut child) {
            child.kill();
            break;
        }
        deaths += 1;
        assert!(deaths < 15, "{}", last_words(world.dir.path()));
    }
    let [waiting, handled, dead] = states(&world);
    assert_eq!((waiting, handled), (0, 0));
    assert!(dead >= 1 && texts(&world, 2) == ["unreadable"], "{dead}");
}

/// Telegram sends an update again until it is kept: one that ends the process while it is read at the door is
/// kept unread after two ends.
#[test]
fn an_update_that_ends_the_process_before_it_is_kept_gets_in() {
    let world = world(35);
    let ann = world.regulars[0];
    world
        .sim
        .say(world.groups[0], ann, "unreadable at the door");
    world.sim.say(world.groups[1], ann, "behind it");
    let mut deaths = 0;
    loop {
        let mut child = Child::start(&world, Some("intake.reading"));
        if !ends(&world, &mut child) {
            assert!(child.stop(Duration::from_secs(20)).unwrap().success());
            break;
        }
        deaths += 1;
        assert!(deaths < 8, "{}", last_words(world.dir.path()));
    }
    assert_eq!(deaths, 2);
    let conn = open(world.dir.path()).unwrap();
    let unread: i64 = conn
        .query_row(
            "SELECT count(*) FROM inbox WHERE kind = 'unread' AND state = 1",
            [],
            |r| r.get(0),
        )
        .unwrap();
    // And the mark that opens the world.
    assert_eq!((states(&world), unread), ([0, 3, 0], 3));
    // As every other message.
    let kept: i64 = conn
        .query_row("SELECT count(*) FROM spam_results", [], |r| r.get(0))
        .unwrap();
    assert_eq!(kept, 2);
}
