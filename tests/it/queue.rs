//! The job queue: begun at once, settled once, tried again, given up, cancelled, drained.
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use beadle::base::clock::{Clock as _, ShiftedClock};
use beadle::base::random::SeededRandom;
use beadle::queue::{
    Crew, Done, Enqueue as _, Job, Priority, Runner, Trouble, Work, Worker, store as rows,
};
use beadle::store::{Store, StoreError, StoreOptions};
use futures_util::future::BoxFuture;
use serde_json::json;
use tokio::sync::watch;

/// A database with a running queue.
struct Queue {
    store: Store,
    clock: Arc<ShiftedClock>,
    stop: watch::Sender<bool>,
    task: tokio::task::JoinHandle<()>,
}

impl Queue {
    async fn start(dir: &Path, workers: Vec<Arc<dyn Worker>>) -> Self {
        Self::start_after(dir, workers, false).await
    }

    async fn start_after(dir: &Path, workers: Vec<Arc<dyn Worker>>, unclean: bool) -> Self {
        let store = Store::open(&StoreOptions::new(dir)).unwrap();
        let clock = Arc::new(ShiftedClock::default());
        let random = Arc::new(SeededRandom::new(7));
        let runner = Runner::new(store.clone(), clock.clone(), random, workers);
        runner.recover(unclean).await.unwrap();
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(runner.run(stopped));
        Self {
            store,
            clock,
            stop,
            task,
        }
    }

    async fn add(&self, job: Job) -> Option<i64> {
        let now = self.clock.now();
        self.store
            .write(move |tx| tx.enqueue(&job, now))
            .await
            .unwrap()
    }

    async fn row(&self, id: i64) -> rows::Row {
        let found = self.store.read(move |conn| rows::one(conn, id)).await;
        found.unwrap().unwrap().0
    }

    async fn until(&self, id: i64, state: &str) -> rows::Row {
        for _ in 0..2_000 {
            let row = self.row(id).await;
            if row.state == state {
                return row;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("job {id} is {:?}, not {state}", self.row(id).await);
    }

    async fn end(self) {
        self.stop.send_replace(true);
        self.task.await.unwrap();
        tokio::task::spawn_blocking(move || self.store.close())
            .await
            .unwrap();
    }
}

type Does = dyn for<'a> Fn(&'a mut Work) -> BoxFuture<'a, Result<Done, Trouble>> + Send + Sync;

/// A worker from a closure.
struct Of {
    kind: &'static str,
    crew: Crew,
    lease: Duration,
    does: Box<Does>,
}

fn worker(
    kind: &'static str,
    does: impl for<'a> Fn(&'a mut Work) -> BoxFuture<'a, Result<Done, Trouble>> + Send + Sync + 'static,
) -> Of {
    Of {
        kind,
        crew: Crew::ONE,
        lease: Duration::from_secs(60),
        does: Box::new(does),
    }
}

impl Worker for Of {
    fn kind(&self) -> &'static str {
        self.kind
    }

    fn crew(&self) -> Crew {
        self.crew
    }

    fn lease(&self) -> Duration {
        self.lease
    }

    fn run<'a>(&'a self, work: &'a mut Work) -> BoxFuture<'a, Result<Done, Trouble>> {
        (self.does)(work)
    }
}

fn put(key: String) -> impl FnOnce(&mut beadle::store::Tx<'_>) -> Result<(), StoreError> + Send {
    move |tx| {
        tx.execute("INSERT INTO meta (key, value) VALUES (?1, 'x')", [key])?;
        Ok(())
    }
}

async fn number(store: &Store, sql: &'static str) -> i64 {
    store
        .read(move |c| Ok(c.query_row(sql, [], |r| r.get(0))?))
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_begun_within_milliseconds_and_its_changes_come_with_its_end() {
    let dir = tempfile::tempdir().unwrap();
    let begun: Arc<Mutex<Vec<Instant>>> = Arc::default();
    let note = begun.clone();
    let work = worker("test.note", move |work| {
        note.lock().unwrap().push(Instant::now());
        let key = format!("job {}", work.payload["n"]);
        Box::pin(async move { Ok(Done::with(put(key)).note("noted")) })
    });
    let queue = Queue::start(dir.path(), vec![Arc::new(work)]).await;
    let mut waits = Vec::new();
    for n in 0..40 {
        let id = queue
            .add(Job::new("test.note", json!({ "n": n })))
            .await
            .unwrap();
        let committed = Instant::now();
        let row = queue.until(id, "done").await;
        assert_eq!((row.attempts, row.note.as_deref()), (1, Some("noted")));
        let at = *begun.lock().unwrap().last().unwrap();
        waits.push(at.saturating_duration_since(committed));
    }
    assert_eq!(
        number(
            &queue.store,
            "SELECT count(*) FROM meta WHERE key LIKE 'job %'"
        )
        .await,
        40
    );
    waits.sort();
    println!(
        "from commit to start: median {:?}, worst {:?}",
        waits[20], waits[39]
    );
    assert!(waits[20] < Duration::from_millis(10), "{waits:?}");
    queue.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_job_is_tried_again_and_then_a_dead_letter_that_a_person_can_put_back() {
    let dir = tempfile::tempdir().unwrap();
    let mended = Arc::new(AtomicUsize::new(0));
    let sees = mended.clone();
    let fails = worker("test.fail", move |work| {
        let (attempt, fine) = (work.attempt, sees.load(Ordering::Relaxed) == 1);
        Box::pin(async move {
            match attempt {
                _ if fine => Ok(Done::with(put("mended".into()))),
                1 => panic!("the first time"),
                _ => Err(Trouble::Later {
                    why: format!("no luck {attempt}"),
                    after: 1,
                }),
            }
        })
    });
    let hopeless = worker("test.hopeless", |_| {
        Box::pin(async { Err(Trouble::Hopeless("never".into())) })
    });
    let queue = Queue::start(dir.path(), vec![Arc::new(fails), Arc::new(hopeless)]).await;
    let id = queue
        .add(Job::new("test.fail", json!({})).trials(3))
        .await
        .unwrap();
    let first = queue.until(id, "later").await;
    assert_eq!(first.error.as_deref(), Some("panic: the first time"));
    let wait = first.run_at - first.started_at.unwrap();
    // Half a second to one, and what a busy machine adds.
    assert!((500..=10_000).contains(&wait), "{wait} ms");
    let dead = queue.until(id, "dead").await;
    assert_eq!(
        (dead.attempts, dead.error.as_deref()),
        (3, Some("no luck 3"))
    );
    let never = queue
        .add(Job::new("test.hopeless", json!({})))
        .await
        .unwrap();
    assert_eq!(queue.until(never, "dead").await.attempts, 1);

    mended.store(1, Ordering::Relaxed);
    let now = queue.clock.now();
    assert!(
        queue
            .store
            .write(move |tx| rows::retry(tx, id, now))
            .await
            .unwrap()
    );
    let done = queue.until(id, "done").await;
    assert_eq!((done.attempts, done.error), (1, None));
    assert!(
        !queue
            .store
            .write(move |tx| rows::retry(tx, id, now))
            .await
            .unwrap()
    );
    assert_eq!(
        number(
            &queue.store,
            "SELECT count(*) FROM meta WHERE key = 'mended'"
        )
        .await,
        1
    );
    queue.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_fails_takes_the_others_of_its_job_back() {
    let dir = tempfile::tempdir().unwrap();
    let work = worker("test.halves", |_| {
        Box::pin(async {
            Ok(Done::with(put("one half".into()))
                .and(|_| Err(StoreError::Invalid("the other half".into()))))
        })
    });
    let queue = Queue::start(dir.path(), vec![Arc::new(work)]).await;
    let id = queue
        .add(Job::new("test.halves", json!({})).trials(1))
        .await
        .unwrap();
    let row = queue.until(id, "dead").await;
    assert!(row.error.unwrap().contains("the other half"));
    assert_eq!(
        number(
            &queue.store,
            "SELECT count(*) FROM meta WHERE key = 'one half'"
        )
        .await,
        0
    );
    queue.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_a_kind_and_key_waits_and_what_runs_does_not_count() {
    let dir = tempfile::tempdir().unwrap();
    let gate = Arc::new(tokio::sync::Semaphore::new(0));
    let held = gate.clone();
    let work = worker("test.once", move |_| {
        let gate = held.clone();
        Box::pin(async move {
            gate.acquire().await.unwrap().forget();
            Ok(Done::nothing())
        })
    });
    let queue = Queue::start(dir.path(), vec![Arc::new(work)]).await;
    let job = || Job::new("test.once", json!({})).unique("chat 5");
    let first = queue.add(job()).await.unwrap();
    queue.until(first, "running").await;
    let second = queue.add(job()).await.unwrap();
    assert_eq!(queue.add(job()).await, None);
    assert!(queue.add(job().unique("chat 6")).await.is_some());
    gate.add_permits(3);
    queue.until(second, "done").await;
    let third = queue.add(job()).await.unwrap();
    gate.add_permits(1);
    queue.until(third, "done").await;
    queue.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_ends_what_waits_at_once_and_what_runs_soon() {
    let dir = tempfile::tempdir().unwrap();
    let work = worker("test.long", |work| {
        Box::pin(async move {
            work.progress(0.25, "a quarter").await?;
            work.over().await;
            Err(Trouble::Cancelled)
        })
    });
    let queue = Queue::start(dir.path(), vec![Arc::new(work)]).await;
    let running = queue.add(Job::new("test.long", json!({}))).await.unwrap();
    let waiting = queue.add(Job::new("test.long", json!({}))).await.unwrap();
    queue.until(running, "running").await;
    let mut row = queue.row(running).await;
    while row.progress.is_none() {
        row = queue.row(running).await;
    }
    assert_eq!(
        (row.progress, row.note.as_deref()),
        (Some(0.25), Some("a quarter"))
    );
    let now = queue.clock.now();
    for (id, at_once) in [(waiting, true), (running, false)] {
        let cancelled = queue
            .store
            .write(move |tx| rows::cancel(tx, id, now))
            .await
            .unwrap();
        assert_eq!(cancelled, Some(at_once));
        queue.until(id, "cancelled").await;
    }
    let gone = queue
        .store
        .write(move |tx| rows::cancel(tx, running, now))
        .await
        .unwrap();
    assert_eq!(gone, None);
    queue.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_gives_no_sign_of_life_is_tried_again_and_what_does_lives_on() {
    let dir = tempfile::tempdir().unwrap();
    let mut stuck = worker("test.stuck", |work| {
        let first = work.attempt == 1;
        Box::pin(async move {
            if first {
                std::future::pending::<()>().await;
            }
            Ok(Done::nothing())
        })
    });
    stuck.lease = Duration::from_millis(100);
    let mut slow = worker("test.slow", |work| {
        Box::pin(async move {
            for i in 0..20 {
                tokio::time::sleep(Duration::from_millis(20)).await;
                work.progress(f64::from(i) / 20.0, "on its way").await?;
            }
            Ok(Done::nothing())
        })
    });
    slow.lease = Duration::from_millis(150);
    let queue = Queue::start(dir.path(), vec![Arc::new(stuck), Arc::new(slow)]).await;
    let slow = queue.add(Job::new("test.slow", json!({}))).await.unwrap();
    let stuck = queue.add(Job::new("test.stuck", json!({}))).await.unwrap();
    let row = queue.until(stuck, "later").await;
    assert!(row.error.unwrap().contains("no sign of life"));
    assert_eq!(queue.until(stuck, "done").await.attempts, 2);
    assert_eq!(queue.until(slow, "done").await.attempts, 1);
    queue.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_puts_back_what_ends_and_the_next_start_goes_on_from_its_cursor() {
    let dir = tempfile::tempdir().unwrap();
    let count = || {
        worker("test.count", |work| {
            let from = work
                .cursor
                .as_ref()
                .and_then(serde_json::Value::as_i64)
                .unwrap_or(0);
            Box::pin(async move {
                for i in from..10 {
                    work.save(json!(i + 1), put(format!("step {i}"))).await?;
                    if i == 4 && from == 0 {
                        work.over().await;
                    }
                }
                Ok(Done::nothing())
            })
        })
    };
    let queue = Queue::start(dir.path(), vec![Arc::new(count())]).await;
    let id = queue.add(Job::new("test.count", json!({}))).await.unwrap();
    while number(
        &queue.store,
        "SELECT count(*) FROM meta WHERE key LIKE 'step %'",
    )
    .await
        < 5
    {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let began = Instant::now();
    queue.end().await;
    assert!(began.elapsed() < Duration::from_secs(2));
    let queue = Queue::start(dir.path(), vec![Arc::new(count())]).await;
    let row = queue.until(id, "done").await;
    assert_eq!((row.attempts, row.crashes), (1, 0));
    assert_eq!(
        number(
            &queue.store,
            "SELECT count(*) FROM meta WHERE key LIKE 'step %'"
        )
        .await,
        10
    );
    queue.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn payloads_keys_and_kinds_have_limits() {
    let dir = tempfile::tempdir().unwrap();
    let queue = Queue::start(dir.path(), Vec::new()).await;
    let refused = [
        Job::new("test.big", json!("x".repeat(70_000))),
        Job::new("test.key", json!({})).unique("x".repeat(300)),
        Job::new("nodot", json!({})),
        Job::new("Test.Upper", json!({})),
    ];
    for job in refused {
        let kind = job.kind;
        let e = queue
            .store
            .write(move |tx| tx.enqueue(&job, 1))
            .await
            .unwrap_err();
        assert!(e.to_string().contains(kind), "{e}");
    }
    // A kind that nobody does waits, and is there when somebody does.
    let id = queue
        .add(Job::new("test.later", json!({})).priority(Priority::Low))
        .await
        .unwrap();
    assert_eq!(queue.row(id).await.state, "ready");
    queue.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_no_fault_of_a_job() {
    let dir = tempfile::tempdir().unwrap();
    let mut options = StoreOptions::new(dir.path());
    options.max_pages = 300;
    let store = Store::open(&options).unwrap();
    let clock = Arc::new(ShiftedClock::default());
    let full = Arc::new(tokio::sync::Semaphore::new(0));
    let tries = Arc::new(AtomicUsize::new(0));
    let (waits, counts) = (full.clone(), tries.clone());
    let work = worker("test.big", move |_| {
        let (waits, counts) = (waits.clone(), counts.clone());
        Box::pin(async move {
            counts.fetch_add(1, Ordering::Relaxed);
            drop(waits.acquire().await.unwrap());
            Ok(Done::with(put("y".repeat(100_000))))
        })
    });
    let worker: Arc<dyn Worker> = Arc::new(work);
    let runner = Runner::new(
        store.clone(),
        clock.clone(),
        Arc::new(SeededRandom::new(1)),
        [worker],
    );
    runner.recover(false).await.unwrap();
    let (stop, stopped) = watch::channel(false);
    let task = tokio::spawn(runner.run(stopped));
    let queue = Queue {
        store,
        clock,
        stop,
        task,
    };
    let id = queue
        .add(Job::new("test.big", json!({})).trials(2))
        .await
        .unwrap();
    queue.until(id, "running").await;
    // While it works the disk fills up.
    for i in 0.. {
        let key = format!("ballast {i} {}", "x".repeat(20_000));
        if queue.store.write(put(key)).await.is_err() {
            break;
        }
    }
    full.add_permits(1);
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_ne!(queue.row(id).await.state, "dead");
    queue
        .store
        .write(|tx| Ok(tx.execute("DELETE FROM meta WHERE key LIKE 'ballast%'", [])?))
        .await
        .unwrap();
    let row = queue.until(id, "done").await;
    assert_eq!((row.attempts, row.crashes), (1, 0));
    assert!(tries.load(Ordering::Relaxed) > 1, "its work was done again");
    assert_eq!(
        number(
            &queue.store,
            "SELECT count(*) FROM meta WHERE key LIKE 'yy%'"
        )
        .await,
        1
    );
    queue.end().await;
}
