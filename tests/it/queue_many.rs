//! The job queue with many waiting: what a claim costs, who goes first, how many work side by side.
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use beadle::base::clock::{Clock as _, ShiftedClock};
use beadle::base::random::SeededRandom;
use beadle::queue::{
    CALM, Crew, Done, Enqueue as _, FLOOD, Job, LONGEST, Misfire, Priority, Runner, Schedule,
    Timetable as _, Trouble, Work, Worker, pause, store as rows,
};
use beadle::store::{DATABASE_FILE, Store, StoreOptions};
use futures_util::future::BoxFuture;
use proptest::prelude::*;
use rusqlite::Connection;
use serde_json::json;
use tokio::sync::watch;

/// Notes the order of what it does, and how many ran side by side.
#[derive(Default)]
struct Watching {
    done: Mutex<Vec<i64>>,
    running: AtomicUsize,
    most: AtomicUsize,
    takes: Duration,
    crew: Option<Crew>,
}

impl Worker for Watching {
    fn kind(&self) -> &'static str {
        "test.watch"
    }

    fn crew(&self) -> Crew {
        self.crew.unwrap_or(Crew::ONE)
    }

    fn run<'a>(&'a self, work: &'a mut Work) -> BoxFuture<'a, Result<Done, Trouble>> {
        Box::pin(async move {
            let n = self.running.fetch_add(1, Ordering::Relaxed) + 1;
            self.most.fetch_max(n, Ordering::Relaxed);
            tokio::time::sleep(self.takes).await;
            self.done
                .lock()
                .unwrap()
                .push(work.payload["n"].as_i64().unwrap());
            self.running.fetch_sub(1, Ordering::Relaxed);
            Ok(Done::nothing())
        })
    }
}

fn open(dir: &Path) -> Store {
    Store::open(&StoreOptions::new(dir)).unwrap()
}

struct Running {
    stop: watch::Sender<bool>,
    task: tokio::task::JoinHandle<()>,
}

async fn start(store: &Store, clock: &Arc<ShiftedClock>, worker: Arc<Watching>) -> Running {
    let random = Arc::new(SeededRandom::new(1));
    let worker: Arc<dyn Worker> = worker;
    let runner = Runner::new(store.clone(), clock.clone(), random, [worker]);
    runner.recover(false).await.unwrap();
    let (stop, stopped) = watch::channel(false);
    let task = tokio::spawn(runner.run(stopped));
    Running { stop, task }
}

impl Running {
    async fn end(self) {
        self.stop.send_replace(true);
        self.task.await.unwrap();
    }
}

async fn add(store: &Store, jobs: Vec<Job>, now: i64) {
    for part in jobs.chunks(5_000) {
        let part = part.to_vec();
        store
            .write(move |tx| {
                for job in &part {
                    tx.enqueue(job, now)?;
                }
                Ok(())
            })
            .await
            .unwrap();
    }
}

async fn until(what: &str, seconds: u64, mut f: impl FnMut() -> bool) {
    for _ in 0..seconds * 200 {
        if f() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("not within {seconds} s: {what}");
}

fn job(n: i64) -> Job {
    Job::new("test.watch", json!({ "n": n }))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_waiting_jobs_do_not_slow_a_claim() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let clock = Arc::new(ShiftedClock::default());
    let now = clock.now();
    let claim = |store: &Store| {
        let store = store.clone();
        async move {
            let mut took = Vec::new();
            for _ in 0..30 {
                let begun = store
                    .write(move |tx| {
                        let want = rows::Want {
                            kind: "test.watch",
                            room: 4,
                            lease: 60_000,
                        };
                        // Measured inside: the fsync is the same for all.
                        let began = Instant::now();
                        rows::fire(tx, now)?;
                        rows::promote(tx, now)?;
                        rows::waiting(tx, "test.watch", FLOOD + 1)?;
                        let claimed = rows::claim(tx, &[want], 4, now)?;
                        rows::cancel_wanted(tx)?;
                        rows::next_due(tx)?;
                        rows::next_scheduled(tx)?;
                        assert!(!claimed.is_empty());
                        Ok(began.elapsed())
                    })
                    .await
                    .unwrap();
                took.push(begun);
            }
            took.sort();
            took[took.len() / 2]
        }
    };
    add(&store, (0..200).map(job).collect(), now).await;
    let few = claim(&store).await;
    let mut many: Vec<Job> = (0..50_000).map(job).collect();
    many.extend((0..50_000).map(|n| job(n).at(now + 86_400_000 + n)));
    add(&store, many, now).await;
    let full = claim(&store).await;
    println!("a claim of four jobs: {few:?} with 200 waiting, {full:?} with 100,000");
    assert!(full < Duration::from_millis(5), "{full:?}");

    // And the plan says why: every step of a look goes through an index, and none is sorted.
    let conn = Connection::open(dir.path().join(DATABASE_FILE)).unwrap();
    for sql in [
        "SELECT rank, id FROM jobs WHERE state = 1 AND crashes = 0 AND kind = 'a' ORDER BY rank, id LIMIT 4",
        "SELECT id FROM jobs WHERE state = 0 AND run_at <= 5 ORDER BY run_at LIMIT 500",
        "SELECT min(run_at) FROM jobs WHERE state = 0",
        "SELECT count(*) FROM (SELECT 1 FROM jobs WHERE state = 1 AND crashes = 0 AND kind = 'a' LIMIT 9)",
        "SELECT id FROM jobs WHERE state = 2 AND cancel_asked = 1",
        "SELECT min(next_at) FROM schedules WHERE next_at IS NOT NULL",
        "SELECT name FROM schedules WHERE next_at <= 5 ORDER BY next_at LIMIT 50",
        "SELECT id FROM jobs WHERE state IN (3, 5) AND settled_at < 5 ORDER BY settled_at LIMIT 5",
        "SELECT id FROM jobs WHERE state = 4 AND settled_at < 5 ORDER BY settled_at LIMIT 5",
    ] {
        let plan: Vec<String> = conn
            .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
            .unwrap()
            .query_map([], |r| r.get(3))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        let fine = plan.iter().all(|p| {
            p.contains("INDEX jobs_")
                || p.contains("INDEX schedules_due")
                || p.contains("SCAN (subquery")
                || p.contains("CO-ROUTINE")
        });
        assert!(fine, "{sql}: {plan:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn urgent_jobs_go_first_and_the_rest_does_not_starve() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let clock = Arc::new(ShiftedClock::default());
    let now = clock.now();
    let minute = 60_000;
    // An idle job, and an urgent one each minute of the following hour.
    add(
        &store,
        vec![
            job(-1).priority(Priority::Idle),
            job(-2).priority(Priority::Low),
            job(-3),
        ],
        now,
    )
    .await;
    for n in 0..60 {
        add(
            &store,
            vec![job(n).priority(Priority::Urgent)],
            now + n * minute,
        )
        .await;
    }
    let worker = Arc::new(Watching::default());
    let running = start(&store, &clock, worker.clone()).await;
    until("all", 20, || worker.done.lock().unwrap().len() == 63).await;
    let order = worker.done.lock().unwrap().clone();
    let place = |n: i64| order.iter().position(|o| *o == n).unwrap();
    assert_eq!(order[0], 0);
    assert!(
        place(-3) < place(1),
        "a normal one waits for what came within half a minute"
    );
    assert!(
        place(-2) > place(4) && place(-2) < place(6),
        "a low one for five minutes"
    );
    assert!(
        place(-1) > place(29) && place(-1) < place(31),
        "an idle one for half an hour"
    );
    running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crew_grows_with_the_flood_and_shrinks_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let clock = Arc::new(ShiftedClock::default());
    let worker = Arc::new(Watching {
        takes: Duration::from_millis(5),
        crew: Some(Crew::WAITING),
        ..Watching::default()
    });
    let running = start(&store, &clock, worker.clone()).await;
    add(&store, (0..60).map(job).collect(), clock.now()).await;
    until("the few", 20, || worker.done.lock().unwrap().len() == 60).await;
    assert_eq!(worker.most.load(Ordering::Relaxed), 5);
    let began = Instant::now();
    add(&store, (0..2_000).map(job).collect(), clock.now()).await;
    until("the flood", 60, || {
        worker.done.lock().unwrap().len() == 2_060
    })
    .await;
    println!("2,000 jobs of 5 ms in {:?}", began.elapsed());
    assert_eq!(worker.most.swap(0, Ordering::Relaxed), 20);
    add(&store, (0..60).map(job).collect(), clock.now()).await;
    until("the rest", 20, || {
        worker.done.lock().unwrap().len() == 2_120
    })
    .await;
    assert_eq!(worker.most.load(Ordering::Relaxed), 5);
    running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clocks_that_jump_put_nothing_off_and_repeat_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let clock = Arc::new(ShiftedClock::default());
    let day = 86_400_000;
    // The clock was ten years ahead when a schedule was made, and it is put right while nothing runs.
    clock.shift(3_650 * day);
    let schedule = Schedule::new(job(7), "* * * * *").misfire(Misfire::Once);
    let now = clock.now();
    store
        .write(move |tx| tx.schedule(&schedule, now))
        .await
        .unwrap();
    clock.shift(-3_650 * day);
    let worker = Arc::new(Watching::default());
    let running = start(&store, &clock, worker.clone()).await;
    let next: i64 = store
        .read(|c| Ok(rows::next_scheduled(c)?.unwrap()))
        .await
        .unwrap();
    assert!(next - clock.now() <= 60_000, "{} ms", next - clock.now());
    // Forward by half a day while it runs: one job for all that was missed, within a nap.
    let waits = job(8).at(clock.now() + day / 4);
    add(&store, vec![waits], clock.now()).await;
    clock.shift(day / 2);
    until("what was due meanwhile", 8, || {
        worker.done.lock().unwrap().len() == 2
    })
    .await;
    let mut done = worker.done.lock().unwrap().clone();
    done.sort_unstable();
    assert_eq!(done, [7, 8]);
    // Back by an hour: what was seen to is not done again.
    clock.shift(-3_600_000);
    tokio::time::sleep(Duration::from_millis(5_500)).await;
    assert_eq!(worker.done.lock().unwrap().len(), 2);
    let next: i64 = store
        .read(|c| Ok(rows::next_scheduled(c)?.unwrap()))
        .await
        .unwrap();
    assert!(next > clock.now() + 3_000_000);
    running.end().await;
}

proptest! {
    #[test]
    fn pauses_grow_are_jittered_and_end_at_an_hour(attempt in 0..5_000_u32, seed in any::<u64>()) {
        let random = SeededRandom::new(seed);
        let whole = (1_000_i64 << attempt.saturating_sub(1).min(20)).min(LONGEST);
        let chosen = pause(attempt, &random);
        prop_assert!((whole / 2..=whole).contains(&chosen), "{chosen} of {whole}");
    }

    #[test]
    fn a_crew_keeps_its_bounds_and_does_not_flutter(
        min in 1..10_usize, more in 0..30_usize, size in 0..100_usize, waiting in 0..5_000_usize,
    ) {
        let crew = Crew { min, max: min + more };
        let next = crew.size(size, waiting);
        prop_assert!((crew.min..=crew.max).contains(&next));
        if waiting > FLOOD {
            prop_assert_eq!(next, crew.max);
        } else if waiting < CALM {
            prop_assert_eq!(next, crew.min);
        } else {
            prop_assert_eq!(crew.size(next, waiting), next);
        }
    }
}
