//! What is kept for a time goes when the time is over, and nothing else does.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]
use std::sync::Arc;

use beadle::base::clock::Millis;
use beadle::community::{expire_people, keeping};
use beadle::config::Retention;
use beadle::features::moderation;
use beadle::store::{Store, StoreOptions};
use beadle::telegram::intake::inbox;
use serde_json::json;

use crate::arbiter::until_value;
use crate::support::house::{house, judged, simulator, value};
use crate::support::{Probe, app, message, raw, until};

const DAY: Millis = 86_400_000;
/// Now, in these tests.
const NOW: Millis = 1_000 * DAY;

fn open() -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&StoreOptions::new(dir.path())).unwrap();
    (dir, store)
}

async fn run(store: &Store, sql: &'static str) {
    store
        .write(move |tx| Ok(tx.execute_batch(sql)?))
        .await
        .unwrap();
}

async fn count(store: &Store, sql: &'static str) -> i64 {
    let one = store.read(move |c| Ok(c.query_row(sql, [], |r| r.get(0))?));
    one.await.unwrap()
}

async fn sweep_words(store: &Store) {
    store
        .write(|tx| {
            while keeping::expire(tx, &Retention::default(), NOW, 100)? > 0 {}
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_removed_picture_without_words_goes_with_the_quarantine() {
    let (_dir, store) = open();
    run(
        &store,
        "INSERT INTO messages (chat, message, user, date, content, links, removed_at, created_at)
             VALUES (-1, 5, 7, 0, 'photo', 'https://bad.example', 990 * 86400000, 990 * 86400000);
         INSERT INTO media_assets (chat, message, kind, file_id, unique_id, created_at, updated_at)
             VALUES (-1, 5, 'photo', 'f', 'u', 990 * 86400000, 990 * 86400000);
         INSERT INTO message_edits (chat, message, edit, text, edited_at)
             VALUES (-1, 5, 0, 'before', 990 * 86400000);",
    )
    .await;
    sweep_words(&store).await;
    assert_eq!(count(&store, "SELECT count(*) FROM media_assets").await, 0);
    assert_eq!(count(&store, "SELECT count(*) FROM message_edits").await, 0);
    assert_eq!(count(&store, "SELECT count(links) FROM messages").await, 0);
}

#[tokio::test]
async fn one_row_with_the_date_of_a_wrong_clock_takes_no_other_with_it() {
    let (_dir, store) = open();
    run(
        &store,
        "INSERT INTO messages (chat, message, date, content, text, created_at) VALUES
             (-1, 1, 0, '', 'old', 900 * 86400000), (-1, 2, 0, '', 'young', 999 * 86400000),
             (-1, 3, 0, '', 'from 1970', 5), (-1, 4, 0, '', 'young too', 999 * 86400000)",
    )
    .await;
    sweep_words(&store).await;
    let left = "SELECT count(*) FROM messages WHERE text LIKE 'young%'";
    assert_eq!(count(&store, left).await, 2);
    let old = "SELECT count(*) FROM messages WHERE text = 'old'";
    assert_eq!(count(&store, old).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_of_a_message_whose_words_are_gone_brings_none_back() {
    let dir = tempfile::tempdir().unwrap();
    let probe = Arc::new(Probe::default());
    let running = app(dir.path(), probe.clone()).await;
    let say = |text: String| vec![raw(text)];
    let first = say(message(1, -1001, 7, 100, "first words"));
    running.intake.accept(first).await.unwrap();
    until("handled", || probe.seen().len() == 1).await;
    run(
        &running.store,
        "INSERT OR REPLACE INTO meta (key, value) VALUES ('words_expired', '1000000');
         UPDATE messages SET text = NULL",
    )
    .await;
    let edit = message(2, -1001, 7, 100, "new words").replace("\"message\"", "\"edited_message\"");
    running.intake.accept(say(edit)).await.unwrap();
    until("edited", || probe.seen().len() == 2).await;
    until("at rest", || running.lanes.busy() == 0).await;
    assert_eq!(
        count(&running.store, "SELECT count(text) FROM messages").await,
        0
    );
    assert_eq!(
        count(&running.store, "SELECT count(*) FROM message_edits").await,
        0
    );
    running.stop().await;
}

#[tokio::test]
async fn people_of_groups_that_beadle_left_go_and_so_do_verdicts_on_the_banned() {
    let (_dir, store) = open();
    run(
        &store,
        "INSERT INTO groups (id, kind, created_at, updated_at, deleted_at) VALUES
             (-1, 'supergroup', 1, 1, 800 * 86400000), (-2, 'supergroup', 1, 1, NULL);
         INSERT INTO users (id, uid, first_name, created_at, updated_at) VALUES
             (7, randomblob(16), 'Ann', 1, 1), (8, randomblob(16), 'Bob', 1, 1),
             (9, randomblob(16), 'Eve', 1, 1);
         INSERT INTO members (chat, user, status, first_seen, last_seen) VALUES
             (-1, 7, 'member', 1, 1), (-2, 8, 'member', 1, 1), (-2, 9, 'kicked', 1, 1);
         INSERT INTO spam_results (chat, message, user, score, band, decision, reasons, facts, facts_v,
                 stage, model, settings_rev, created_at)
             VALUES (-1, 1, 7, 0, 'clear', 'allow', '[]', '{}', 1, '', '', 1, 1),
                    (-2, 1, 8, 0, 'clear', 'allow', '[]', '{}', 1, '', '', 1, 1),
                    (-2, 2, 9, 0, 'spam', 'delete', '[]', '{}', 1, '', '', 1, 1);",
    )
    .await;
    store
        .write(|tx| {
            moderation::expire_verdicts(tx, NOW - 90 * DAY, 100)?;
            expire_people(tx, NOW - 90 * DAY, 100)
        })
        .await
        .unwrap();
    let names = "SELECT group_concat(first_name) = 'Bob' FROM users";
    assert_eq!(count(&store, names).await, 1);
    let members = "SELECT group_concat(user ORDER BY user) = '8,9' FROM members";
    assert_eq!(count(&store, members).await, 1, "a ban stays as an id");
    let judged = "SELECT group_concat(user) = '8' FROM spam_results";
    assert_eq!(count(&store, judged).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_a_basic_group_is_known_to_have_left() {
    let sim = simulator();
    let (shed, eve) = (sim.group("The shed"), sim.user("Eve"));
    sim.add_bot(shed);
    let dir = tempfile::tempdir().unwrap();
    let app = house(&sim, dir.path()).await;
    sim.join(shed, eve);
    judged(&app, shed, sim.say(shed, eve, "hello")).await;
    let status: String = value(&app, "SELECT status FROM members WHERE messages = 1").await;
    assert_eq!(status, "member");
    sim.leave(shed, eve);
    let left = "SELECT count(*) FROM members WHERE messages = 1 AND status = 'left'";
    until_value(&app, left, 1).await;
    sim.join(shed, eve);
    until_value(&app, left, 0).await;
    app.stop().await;
}

#[tokio::test]
async fn dead_letters_at_the_head_do_not_keep_what_was_handled() {
    let (_dir, store) = open();
    run(
        &store,
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 700)
         INSERT INTO inbox (epoch, update_id, lane, kind, received_at, state, handled_at, raw)
             SELECT 1, i, 1, 'message', 1, CASE WHEN i <= 600 THEN 2 ELSE 1 END, 100 * 86400000, '{}' FROM n",
    )
    .await;
    let gone = store.write(|tx| inbox::purge(tx, NOW, 99 * DAY, 500)).await;
    assert_eq!(gone.unwrap(), 100);
    let left = "SELECT count(*) FROM inbox WHERE state = 2";
    assert_eq!(count(&store, left).await, 600);
}

#[tokio::test]
async fn housekeeping_finds_by_indexes_what_it_looks_for() {
    let (_dir, store) = open();
    for (sql, index) in [
        (
            "SELECT c.id FROM cards c INDEXED BY cards_way JOIN outbox o ON o.id = c.outbox
             WHERE c.place_message IS NULL AND c.state <> 'expired' AND o.state = 2",
            "cards_way",
        ),
        (
            "SELECT id FROM cards WHERE state <> 'expired' AND created_at < 5 ORDER BY created_at LIMIT 9",
            "cards_old",
        ),
        (
            "SELECT id FROM cards WHERE state = 'expired' AND created_at < 5 LIMIT 9",
            "cards_gone",
        ),
        (
            "SELECT seq FROM messages WHERE removed_at < 5 AND emptied = 0 ORDER BY removed_at LIMIT 9",
            "messages_removed",
        ),
    ] {
        let plan: String = store
            .read(move |c| {
                let mut find = c.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
                let lines = find.query_map([], |r| r.get::<_, String>(3))?;
                Ok(lines.collect::<Result<Vec<_>, _>>()?.join("; "))
            })
            .await
            .unwrap();
        assert!(plan.contains(index), "{sql}: {plan}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_of_a_link_alone_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let probe = Arc::new(Probe::default());
    let running = app(dir.path(), probe.clone()).await;
    let update = |id: i64, kind: &str, url: &str, file: &str| {
        let body = json!({
            "message_id": 100, "date": 1_790_000_000,
            "chat": { "id": -1001, "type": "supergroup", "title": "The green" },
            "from": { "id": 7, "is_bot": false, "first_name": "Ann" },
            "caption": "our page",
            "caption_entities": [{ "type": "text_link", "offset": 0, "length": 3, "url": url }],
            "document": { "file_id": file, "file_unique_id": file },
        });
        vec![raw(json!({ "update_id": id, kind: body }).to_string())]
    };
    let first = update(1, "message", "https://good.example/", "one");
    running.intake.accept(first).await.unwrap();
    until("handled", || probe.seen().len() == 1).await;
    let edit = update(2, "edited_message", "https://bad.example/", "two");
    running.intake.accept(edit).await.unwrap();
    until("edited", || probe.seen().len() == 2).await;
    until("at rest", || running.lanes.busy() == 0).await;
    let links = "SELECT links LIKE '%bad.example%' FROM messages";
    assert_eq!(count(&running.store, links).await, 1);
    let files = "SELECT count(*) FROM media_assets WHERE unique_id = 'two'";
    assert_eq!(count(&running.store, files).await, 1);
    running.stop().await;
}
