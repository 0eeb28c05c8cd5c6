//! What Beadle says in a group and need not stay goes again, however late it was sent.
use std::sync::Arc;
use std::time::Duration;

use beadle::base::clock::{Clock as _, ShiftedClock};
use beadle::base::random::SeededRandom;
use beadle::community::fleeting::{Fleeting as _, SweepWorker, USUAL};
use beadle::queue::{Runner, Worker};
use beadle::store::{Store, StoreOptions};
use beadle::telegram::sender::Effect;
use rusqlite::params;
use tokio::sync::watch;

const GROUP: i64 = -1001;

struct Stage {
    _dir: tempfile::TempDir,
    store: Store,
    clock: Arc<ShiftedClock>,
    stop: watch::Sender<bool>,
    task: tokio::task::JoinHandle<()>,
    note: i64,
}

impl Stage {
    /// A note is written, and not sent: there is no sender here.
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&StoreOptions::new(dir.path())).unwrap();
        let clock = Arc::new(ShiftedClock::default());
        let worker: Arc<dyn Worker> = Arc::new(SweepWorker {
            store: store.clone(),
            clock: clock.clone(),
        });
        let random = Arc::new(SeededRandom::new(7));
        let runner = Runner::new(store.clone(), clock.clone(), random, vec![worker]);
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(runner.run(stopped));
        let now = clock.now();
        let note = store
            .write(move |tx| {
                let hello = Effect::send_html(GROUP, "Hello", None);
                tx.send_fleeting(&hello, USUAL, now, None)
            })
            .await
            .unwrap();
        Self {
            _dir: dir,
            store,
            clock,
            stop,
            task,
            note,
        }
    }

    /// What Telegram made of the note.
    async fn settled(&self, state: i64, result: Option<&'static str>) {
        let (note, now) = (self.note, self.clock.now());
        self.store
            .write(move |tx| {
                Ok(tx.execute(
                    "UPDATE outbox SET state = ?2, result = ?3, settled_at = ?4 WHERE id = ?1",
                    params![note, state, result, now],
                )?)
            })
            .await
            .unwrap();
    }

    /// Deletions written within a moment.
    async fn deletions(&self) -> i64 {
        tokio::time::sleep(Duration::from_millis(150)).await;
        self.store
            .read(|conn| {
                Ok(conn.query_row(
                    "SELECT count(*) FROM outbox WHERE method LIKE 'deleteMessage%'
                     AND (params LIKE '%77%')",
                    [],
                    |r| r.get(0),
                )?)
            })
            .await
            .unwrap()
    }

    async fn later(&self, seconds: i64) -> i64 {
        self.clock.shift(seconds * 1_000);
        // The queue sleeps by the wall; news wake it.
        let now = self.clock.now();
        self.store
            .write(move |tx| tx.sweep(i64::MAX, GROUP, now, now))
            .await
            .unwrap();
        self.deletions().await
    }

    async fn end(self) {
        self.stop.send_replace(true);
        self.task.await.unwrap();
    }
}

#[tokio::test]
async fn a_note_goes_when_its_time_has_passed() {
    let stage = Stage::new().await;
    stage.settled(2, Some(r#"{"message_id":77}"#)).await;
    assert_eq!(stage.later(58).await, 0);
    assert_eq!(stage.later(3).await, 1);
    assert_eq!(stage.later(600).await, 1);
    stage.end().await;
}

#[tokio::test]
async fn a_note_that_was_sent_late_is_shown_a_moment_and_goes() {
    let stage = Stage::new().await;
    // Still in the queue when its time comes: the group was at its limit.
    assert_eq!(stage.later(61).await, 0);
    stage.settled(2, Some(r#"{"message_id":77}"#)).await;
    assert_eq!(stage.later(5).await, 0);
    assert_eq!(stage.later(40).await, 1);
    stage.end().await;
}

#[tokio::test]
async fn a_note_that_never_arrived_needs_nothing() {
    let stage = Stage::new().await;
    stage.settled(5, None).await;
    assert_eq!(stage.later(61).await, 0);
    let left: i64 = stage
        .store
        .read(|conn| {
            Ok(conn.query_row(
                "SELECT count(*) FROM jobs WHERE kind = 'community.sweep' AND state < 3",
                [],
                |r| r.get(0),
            )?)
        })
        .await
        .unwrap();
    assert_eq!(left, 0);
    stage.end().await;
}
