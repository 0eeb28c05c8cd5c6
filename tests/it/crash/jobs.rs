//! Jobs of the real program while it is killed: each change and each effect exactly once; a job that ends the
//! process is found, and no other is blamed.
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use beadle::base::random::{Random as _, SeededRandom};
use beadle::community::LaneView;
use beadle::pipeline::{Flow, Position, Stage, StageError, Walk};
use beadle::queue::{Crew, Done, Enqueue as _, Job, Trouble, Work, Worker};
use beadle::store::{StoreError, Tx};
use beadle::telegram::sender::{Effect, Send as _};
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::child::{Child, aborted, last_words};
use super::guest::{self, number, world};
use super::promise::open;
use super::world::World;

/// Asks for a job with each message of a person.
struct Asks;

impl Stage for Asks {
    fn name(&self) -> &'static str {
        "asks"
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
            let now = walk.now;
            if let (Some(chat), Some(message), Some(text)) = (
                walk.event.chat.as_ref().map(|c| c.id),
                walk.event.message_id,
                walk.event.texts.first().map(|t| t.text.clone()),
            ) {
                let job = Job::new(
                    "test.tally",
                    json!({ "chat": chat, "message": message, "text": text }),
                );
                walk.write(move |tx| {
                    tx.enqueue(&job, now)?;
                    Ok(())
                });
            }
            Ok(Flow::On)
        })
    }
}

/// Counts each step and the end of a job, removes its message, and asks for one more job.
struct Tally;

/// Steps of a job that are committed on their way.
const STEPS: i64 = 3;

fn count(key: String) -> impl FnOnce(&mut Tx<'_>) -> Result<(), StoreError> + Send {
    move |tx| {
        tx.execute(
            "INSERT INTO meta (key, value) VALUES (?1, '1')
             ON CONFLICT (key) DO UPDATE SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT)",
            [key],
        )?;
        Ok(())
    }
}

impl Worker for Tally {
    fn kind(&self) -> &'static str {
        "test.tally"
    }

    fn crew(&self) -> Crew {
        Crew { min: 4, max: 4 }
    }

    fn run<'a>(&'a self, work: &'a mut Work) -> BoxFuture<'a, Result<Done, Trouble>> {
        Box::pin(async move {
            let text = work.payload["text"].as_str().unwrap_or_default().to_owned();
            if text.contains("poison") {
                std::process::abort();
            }
            let (chat, message) = (
                work.payload["chat"].as_i64().unwrap(),
                work.payload["message"].as_i64().unwrap(),
            );
            let from = work.cursor.as_ref().and_then(Value::as_i64).unwrap_or(0);
            for step in from..STEPS {
                tokio::time::sleep(Duration::from_millis(if text.contains("slowly") {
                    300
                } else {
                    4
                }))
                .await;
                work.save(
                    json!(step + 1),
                    count(format!("job {chat}/{message} step {step}")),
                )
                .await?;
            }
            let now = work.now();
            let follow = Job::new("test.follow", json!({})).unique(format!("{chat}/{message}"));
            Ok(Done::with(count(format!("job {chat}/{message} end")))
                .and(move |tx| {
                    tx.send(&Effect::delete(chat, message), now, None)?;
                    Ok(())
                })
                .then(follow, now))
        })
    }
}

/// The job that follows.
struct Follow;

impl Worker for Follow {
    fn kind(&self) -> &'static str {
        "test.follow"
    }

    fn run<'a>(&'a self, _: &'a mut Work) -> BoxFuture<'a, Result<Done, Trouble>> {
        Box::pin(async { Ok(Done::with(count("follows".to_owned()))) })
    }
}

/// What a child does; without a parent, nothing.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "runs as a child of the tests beside it"]
async fn child_of_the_job_tests() {
    if guest::task().is_some() {
        guest::serve(|ground| {
            ground.stages.push(Arc::new(Asks));
            ground.workers = vec![Arc::new(Tally), Arc::new(Follow)];
        })
        .await;
    }
}

/// A child; `point` is a crash point, empty for none.
fn start(world: &World, point: &str) -> Child {
    let point = (!point.is_empty()).then_some(point);
    guest::start(world, "crash::jobs::child_of_the_job_tests", "serve", point)
}

fn is_quiet(world: &World) -> bool {
    world.sim.pending_updates() == 0
        && number(world, "SELECT count(*) FROM inbox WHERE state = 0") == 0
        && number(
            world,
            "SELECT count(*) FROM jobs WHERE state IN (0, 1, 2) AND kind LIKE 'test.%'",
        ) == 0
        && number(world, "SELECT count(*) FROM outbox WHERE state IN (0, 1)") == 0
}

/// Waits until `child` ends (then true) or nothing waits any more.
fn ends(world: &World, child: &mut Child) -> bool {
    guest::ends(world, child, || is_quiet(world))
}

/// All counts that jobs made.
fn counts(world: &World) -> BTreeMap<String, i64> {
    let conn = open(world.dir.path()).unwrap();
    let mut find = conn
        .prepare("SELECT key, CAST(value AS INTEGER) FROM meta WHERE key LIKE 'job %' OR key = 'follows'")
        .unwrap();
    let rows = find.query_map([], |r| Ok((r.get(0)?, r.get(1)?))).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

/// What there must be when each of these messages had its job once.
fn wanted(said: &[(i64, i64)]) -> BTreeMap<String, i64> {
    let mut wanted = BTreeMap::from([("follows".to_owned(), said.len() as i64)]);
    for (chat, message) in said {
        for step in 0..STEPS {
            wanted.insert(format!("job {chat}/{message} step {step}"), 1);
        }
        wanted.insert(format!("job {chat}/{message} end"), 1);
    }
    wanted
}

#[test]
fn killed_at_random_and_at_each_point_every_job_changes_everything_once() {
    let points = [
        "",
        "jobs.claimed:3",
        "",
        "jobs.worked:2",
        "jobs.saved:5",
        "",
        "jobs.settled:2",
        "stop",
        "jobs.recovered",
        "",
        "store.before_commit:9",
        "store.after_commit:12",
        "jobs.claimed",
        "",
        "stop",
    ];
    let world = world(41);
    let chance = SeededRandom::new(41);
    let mut said = Vec::new();
    for (round, point) in points.iter().enumerate() {
        for i in 0..6 {
            let at = usize::try_from(chance.below(3)).unwrap();
            let text = if i == 0 { "slowly" } else { "quick" };
            let (group, user) = (world.groups[at], world.regulars[at]);
            said.push((
                group,
                world.sim.say(group, user, &format!("{text} {round} {i}")),
            ));
        }
        let mut child = start(&world, if *point == "stop" { "" } else { point });
        match *point {
            "" => {
                std::thread::sleep(Duration::from_millis(80 + chance.below(500)));
                child.kill();
            }
            "stop" => {
                std::thread::sleep(Duration::from_millis(300));
                // Before it listens to the signal it ends by it.
                child.stop(Duration::from_secs(30)).unwrap();
            }
            point => {
                let ended = child.ended(Duration::from_secs(10));
                assert!(
                    ended.is_some_and(aborted),
                    "{point}: {ended:?}\n{}",
                    last_words(world.dir.path())
                );
            }
        }
    }
    let mut child = start(&world, "");
    assert!(!ends(&world, &mut child));
    assert!(child.stop(Duration::from_secs(30)).unwrap().success());
    let found = counts(&world);
    let differs: Vec<_> = wanted(&said)
        .into_iter()
        .filter(|(key, n)| found.get(key) != Some(n))
        .map(|(key, n)| format!("{key}: {:?}, not {n}", found.get(&key)))
        .collect();
    assert!(
        differs.is_empty(),
        "{differs:#?}\n{}",
        last_words(world.dir.path())
    );
    assert_eq!(
        number(
            &world,
            "SELECT count(*) FROM jobs WHERE state <> 3 AND kind LIKE 'test.%'"
        ),
        0
    );
    let all = said.len() as i64;
    assert_eq!(
        number(
            &world,
            "SELECT count(*) FROM outbox WHERE method = 'deleteMessage' AND state = 2"
        ),
        all
    );
    let gone: usize = world
        .groups
        .iter()
        .map(|g| world.sim.deleted(*g).len())
        .sum();
    assert_eq!(gone, said.len());
}

#[test]
fn a_job_that_ends_the_process_is_given_up_and_no_other() {
    let world = world(42);
    let (sim, groups) = (&world.sim, &world.groups);
    let [ann, bob] = [world.regulars[0], world.regulars[1]];
    let mut said = Vec::new();
    let mut deaths = 0;
    sim.say(groups[0], ann, "the poison");
    loop {
        for (group, user) in [(groups[1], bob), (groups[2], ann)] {
            said.push((group, sim.say(group, user, "innocent")));
            said.push((group, sim.say(group, user, "innocent, slowly")));
        }
        let mut child = start(&world, "");
        if !ends(&world, &mut child) {
            assert!(child.stop(Duration::from_secs(30)).unwrap().success());
            break;
        }
        deaths += 1;
        assert!(deaths < 8, "{}", last_words(world.dir.path()));
    }
    // Once among others, twice alone.
    assert_eq!(deaths, 3);
    assert_eq!(counts(&world), wanted(&said));
    let conn = open(world.dir.path()).unwrap();
    let (error, crashes): (String, i64) = conn
        .query_row(
            "SELECT error, crashes FROM jobs WHERE state = 4 AND kind LIKE 'test.%'",
            [],
            |r| Ok((r.get(0)?, r.get(1)?)),
        )
        .unwrap();
    assert_eq!(
        (error.as_str(), crashes),
        ("the process ended while it ran, 3 times", 3)
    );
    assert_eq!(
        number(
            &world,
            "SELECT count(*) FROM jobs WHERE state NOT IN (3, 4) AND kind LIKE 'test.%'"
        ),
        0
    );
}
