//! A verdict does not depend on what happened to come together, nor on what the memory held.
use std::sync::Arc;

use beadle::app::App;
use beadle::features::moderation::verdicts;
use serde_json::{Value, json};

use crate::support::{Probe, app, message, raw, until};

const GREEN: i64 = -1001;

fn edit(update_id: i64, message_id: i64, text: &str) -> String {
    let mut update: Value =
        serde_json::from_str(&message(update_id, GREEN, 1, message_id, text)).unwrap();
    let mut edited = update["message"].take();
    edited["edit_date"] = json!(1_790_000_060);
    json!({ "update_id": update_id, "edited_message": edited }).to_string()
}

/// Reasons of the last verdict on each message, newest message first.
async fn reasons(app: &App) -> Vec<Vec<String>> {
    let kept = app.store.read(|c| verdicts(c, GREEN, 50)).await.unwrap();
    kept.into_iter()
        .map(|v| v.reasons.into_iter().map(|r| r.code).collect())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_that_comes_together_with_its_message_is_compared_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let probe = Arc::new(Probe::default());
    let app = app(dir.path(), probe.clone()).await;
    let batch = vec![
        raw(message(1, GREEN, 1, 1, "Lovely tomatoes, Marta!")),
        raw(message(2, GREEN, 2, 2, "Thank you, it was a good summer.")),
        raw(edit(3, 1, "Lovely tomatoes, Marta! https://example.org/t")),
        raw(edit(4, 1, "Lovely tomatoes, Marta! https://example.org/t")),
    ];
    app.intake.accept(batch).await.unwrap();
    until("handled", || probe.seen().len() == 4).await;
    until("at rest", || app.lanes.busy() == 0).await;
    let all: Vec<(i64, String)> = app
        .store
        .read(|c| {
            let mut find =
                c.prepare("SELECT message, reasons FROM spam_results WHERE edit = 1 ORDER BY id")?;
            let rows = find.query_map([], |r| Ok((r.get(0)?, r.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
        .unwrap();
    let added: Vec<bool> = all
        .iter()
        .map(|(_, reasons)| reasons.contains("edit_added_link"))
        .collect();
    // The second edit says what the first did: nothing was added.
    assert_eq!(added, [true, false], "{all:?}");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_repeated_is_noticed_across_a_restart() {
    const WORDS: &str = "Does anybody know whether the water will be turned on tomorrow?";
    let dir = tempfile::tempdir().unwrap();
    let probe = Arc::new(Probe::default());
    let running = app(dir.path(), probe.clone()).await;
    let batch = vec![
        raw(message(1, GREEN, 1, 1, WORDS)),
        raw(message(
            2,
            GREEN,
            2,
            2,
            "Something else altogether, of no interest here.",
        )),
        // Changed later: what counts is what was said then.
        raw(edit(3, 1, "Never mind, somebody told me at the gate.")),
    ];
    running.intake.accept(batch).await.unwrap();
    until("handled", || probe.seen().len() == 3).await;
    running.stop().await;

    let running = app(dir.path(), probe.clone()).await;
    let batch = vec![raw(message(4, GREEN, 3, 3, &WORDS.to_uppercase()))];
    running.intake.accept(batch).await.unwrap();
    until("handled", || probe.seen().len() == 4).await;
    until("at rest", || running.lanes.busy() == 0).await;
    let reasons = reasons(&running).await;
    assert!(
        reasons[0].iter().any(|r| r == "repeated_text"),
        "{reasons:?}"
    );
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_says_too_little_hides_no_repetition_after_a_restart() {
    const WORDS: &str = "Does anybody know whether the water will be turned on tomorrow?";
    let dir = tempfile::tempdir().unwrap();
    let probe = Arc::new(Probe::default());
    let running = app(dir.path(), probe.clone()).await;
    let mut batch = vec![raw(message(1, GREEN, 1, 1, WORDS))];
    batch.extend((2..=60).map(|i| raw(message(i, GREEN, 2, i, "thanks"))));
    running.intake.accept(batch).await.unwrap();
    until("handled", || probe.seen().len() == 60).await;
    running.stop().await;

    let running = app(dir.path(), probe.clone()).await;
    let batch = vec![raw(message(61, GREEN, 3, 61, WORDS))];
    running.intake.accept(batch).await.unwrap();
    until("handled", || probe.seen().len() == 61).await;
    until("at rest", || running.lanes.busy() == 0).await;
    let reasons = reasons(&running).await;
    // As the memory would have had it: of those that say enough it was the last one.
    assert!(
        reasons[0].iter().any(|r| r == "repeated_text"),
        "{reasons:?}"
    );
    running.stop().await;
}
