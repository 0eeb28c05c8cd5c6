//! What has been kept long enough goes, and looking for it takes no longer where there is more.
use std::time::{Duration, Instant};

use beadle::community::keeping;
use beadle::config::Retention;
use beadle::features::moderation::expire_verdicts;
use beadle::store::{Store, StoreOptions};

const ROWS: i64 = 300_000;
const NOW: i64 = 1_790_000_000_000;
const DAY: i64 = 86_400_000;

/// A database with messages and verdicts, one a second until now but for the `old` first ones, which are 100 days
/// old; the `wrong` first ones say that they are from a year after.
async fn filled(dir: &std::path::Path, rows: i64, old: i64, wrong: i64) -> Store {
    let store = Store::open(&StoreOptions::new(dir)).unwrap();
    let write = store.write(move |tx| {
        tx.execute(
            "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?1)
             INSERT INTO messages (chat, message, date, content, text, created_at)
             SELECT -1, n, 0, 'text', 'words', CASE WHEN n <= ?4 THEN ?2 + 365 * 86400000
                 WHEN n <= ?4 + ?3 THEN ?2 - 100 * 86400000 ELSE ?2 - (?1 - n) * 1000 END FROM n",
            [rows, NOW, old, wrong],
        )?;
        tx.execute(
            "INSERT INTO spam_results (message_seq, chat, message, score, band, decision, reasons, facts, facts_v,
                 stage, model, settings_rev, created_at)
             SELECT seq, chat, message, 0, 'clear', 'none', '[]', '{}', 2, 'rules', 'm', 1, created_at FROM messages",
            [],
        )?;
        Ok(())
    });
    write.await.unwrap();
    store
}

async fn with_words(store: &Store) -> i64 {
    let count = "SELECT count(*) FROM messages WHERE text IS NOT NULL";
    store
        .read(move |c| Ok(c.query_row(count, [], |r| r.get(0))?))
        .await
        .unwrap()
}

async fn sweep(store: &Store) -> (usize, usize, Duration) {
    store
        .write(|tx| {
            let began = Instant::now();
            let words = keeping::expire(tx, &Retention::default(), NOW, 500)?;
            let verdicts = expire_verdicts(tx, NOW - 90 * DAY, 500)?;
            Ok((words, verdicts, began.elapsed()))
        })
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn looking_for_what_is_old_does_not_read_what_is_new() {
    let dir = tempfile::tempdir().unwrap();
    let store = filled(dir.path(), ROWS, 0, 0).await;
    let mut quickest = Duration::MAX;
    for _ in 0..8 {
        let (words, verdicts, took) = sweep(&store).await;
        assert_eq!((words, verdicts), (0, 0), "nothing is old");
        quickest = quickest.min(took);
    }
    println!("a sweep of {ROWS} new messages and verdicts: {quickest:?}");
    // Reading either table takes more than 20 ms; nobody may write meanwhile.
    assert!(quickest < Duration::from_millis(5), "{quickest:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_old_goes_in_portions() {
    let dir = tempfile::tempdir().unwrap();
    let store = filled(dir.path(), 3_000, 1_200, 0).await;
    let (mut words, mut verdicts) = (0, 0);
    for _ in 0..10 {
        let (w, v, _) = sweep(&store).await;
        assert!(w <= 500 && v <= 500);
        (words, verdicts) = (words + w, verdicts + v);
    }
    assert_eq!((words, verdicts), (1_200, 1_200));
    assert_eq!(with_words(&store).await, 1_800);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_was_wrong_once_keeps_no_words_for_a_year() {
    let dir = tempfile::tempdir().unwrap();
    // More than a portion of the first ones seem to come from next year.
    let store = filled(dir.path(), 5_000, 1_000, 1_500).await;
    for _ in 0..20 {
        sweep(&store).await;
    }
    assert_eq!(
        with_words(&store).await,
        2_500,
        "the old ones, and those before them"
    );
}
