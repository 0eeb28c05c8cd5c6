//! Effects as rows, and what commands do with them.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]
use beadle::store::{Signal, Store, StoreOptions};
use beadle::telegram::sender::outbox::{self, Filter, Retried, State};
use beadle::telegram::sender::{Effect, Method, Send as _, SendLane};
use serde_json::{Value, json};

fn open() -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&StoreOptions::new(dir.path())).unwrap();
    (dir, store)
}

async fn send(store: &Store, effect: Effect) -> i64 {
    store
        .write(move |tx| tx.send(&effect, 1_000, Some(3)))
        .await
        .unwrap()
}

async fn set_state(store: &Store, id: i64, state: State, at: i64) {
    store
        .write(move |tx| {
            Ok(tx.execute(
                "UPDATE outbox SET state = ?2, settled_at = ?3 WHERE id = ?1",
                (id, state as u8, at),
            )?)
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_row_holds_the_effect_and_rings_when_it_is_on_disk() {
    let (_dir, store) = open();
    let effect =
        Effect::restrict(-5, 7, json!({ "can_send_messages": false }), Some(99)).until(5_000);
    let id = send(&store, effect).await;
    store.woken(Signal::Outbox).await;
    let row = store
        .read(move |c| outbox::get(c, id))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (row.lane, row.chat, row.state),
        (SendLane::Moderation as u8, Some(-5), State::Queued)
    );
    assert_eq!(
        (row.deadline, row.update_seq, row.created_at),
        (Some(5_000), Some(3), 1_000)
    );
    assert_eq!(
        serde_json::from_str::<Value>(&row.params).unwrap(),
        json!({ "chat_id": -5, "user_id": 7, "permissions": { "can_send_messages": false },
                "use_independent_chat_permissions": true, "until_date": 99 })
    );
}

#[tokio::test]
async fn effects_vanish_with_the_transaction_that_fails() {
    let (_dir, store) = open();
    let failed = store
        .write(|tx| {
            tx.send(&Effect::delete(-1, 2), 0, None)?;
            Err::<(), _>(beadle::store::StoreError::Invalid("no".into()))
        })
        .await;
    assert!(failed.is_err());
    assert_eq!(store.read(outbox::counts).await.unwrap(), [0; 6]);
}

#[tokio::test]
async fn a_long_text_becomes_rows_and_the_buttons_stay_with_the_last() {
    let (_dir, store) = open();
    let text = format!("<b>{}</b>", "many words here. ".repeat(600));
    let markup = json!({ "inline_keyboard": [] });
    let id = send(
        &store,
        Effect::reply_html(-1, 8, Some(4), text, Some(markup.clone())),
    )
    .await;
    let mut rows = store
        .read(|c| outbox::list(c, Filter::default(), 10))
        .await
        .unwrap();
    rows.reverse();
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[2].id, id);
    let params: Vec<Value> = rows
        .iter()
        .map(|r| serde_json::from_str(&r.params).unwrap())
        .collect();
    assert!(
        params[0].get("reply_parameters").is_some() && params[1].get("reply_parameters").is_none()
    );
    assert!(params[0].get("reply_markup").is_none() && params[2]["reply_markup"] == markup);
    for part in &params {
        let text = part["text"].as_str().unwrap();
        assert!(text.starts_with("<b>") && text.ends_with("</b>"));
        assert_eq!(part["message_thread_id"], 4);
    }
    // An edit cannot become two messages: it is cut.
    let edit = Effect::edit_html(-1, 5, "<i>".to_owned() + &"x ".repeat(5_000) + "</i>", None);
    let id = send(&store, edit).await;
    let row = store
        .read(move |c| outbox::get(c, id))
        .await
        .unwrap()
        .unwrap();
    assert!(row.params.contains("…"));
    assert_eq!(store.read(outbox::counts).await.unwrap()[0], 4);
    let empty = Effect::send_html(-1, " \n ", None);
    assert!(
        store
            .write(move |tx| tx.send(&empty, 0, None))
            .await
            .is_err()
    );
}

#[tokio::test]
async fn lists_are_filtered_paged_and_counted() {
    let (_dir, store) = open();
    let mut ids = Vec::new();
    for i in 0..6 {
        ids.push(send(&store, Effect::delete(-(i % 2) - 1, i)).await);
    }
    set_state(&store, ids[1], State::Unknown, 5).await;
    set_state(&store, ids[2], State::Done, 5).await;
    let of_chat = Filter {
        chat: Some(-1),
        ..Filter::default()
    };
    let rows = store
        .read(move |c| outbox::list(c, of_chat, 2))
        .await
        .unwrap();
    assert_eq!(
        rows.iter().map(|r| r.id).collect::<Vec<_>>(),
        [ids[4], ids[2]]
    );
    let next = Filter {
        before: Some(ids[2]),
        ..of_chat
    };
    let rows = store.read(move |c| outbox::list(c, next, 2)).await.unwrap();
    assert_eq!(rows.iter().map(|r| r.id).collect::<Vec<_>>(), [ids[0]]);
    let done = Filter {
        state: Some(State::Done),
        ..Filter::default()
    };
    assert_eq!(
        store
            .read(move |c| outbox::list(c, done, 9))
            .await
            .unwrap()
            .len(),
        1
    );
    let unknown = store.read(|c| outbox::unknown(c, 9)).await.unwrap();
    assert_eq!((unknown.len(), unknown[0].id), (1, ids[1]));
    assert_eq!(
        store.read(outbox::counts).await.unwrap(),
        [4, 0, 1, 0, 1, 0]
    );
}

#[tokio::test]
async fn an_unknown_row_is_retried_as_a_new_one_or_dropped() {
    let (_dir, store) = open();
    let a = send(&store, Effect::send_html(-1, "a", None)).await;
    let b = send(&store, Effect::send_html(-1, "b", None)).await;
    set_state(&store, a, State::Unknown, 5).await;
    set_state(&store, b, State::Unknown, 5).await;
    let retried = store.write(move |tx| outbox::retry(tx, a, 9)).await;
    let Retried::Again(new) = retried.unwrap() else {
        panic!("an unknown call may be made again")
    };
    assert!(new > b);
    let old = store
        .read(move |c| outbox::get(c, a))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(old.state, State::Failed);
    assert!(old.error.unwrap().ends_with(&new.to_string()));
    let queued = store
        .read(move |c| outbox::get(c, new))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (queued.state, queued.method.as_str()),
        (State::Queued, Method::SendMessage.name())
    );
    assert!(store.write(move |tx| outbox::drop(tx, b, 9)).await.unwrap());
    assert!(!store.write(move |tx| outbox::drop(tx, b, 9)).await.unwrap());
    // A queued row is not retried.
    assert_eq!(
        store
            .write(move |tx| outbox::retry(tx, new, 9))
            .await
            .unwrap(),
        Retried::NotThere
    );
}

#[tokio::test]
async fn an_expired_mute_is_sent_again_before_its_end_only() {
    let (_dir, store) = open();
    let mute = || Effect::restrict(-1, 7, json!({ "can_send_messages": false }), Some(3_600));
    let (a, b) = (send(&store, mute()).await, send(&store, mute()).await);
    for id in [a, b] {
        set_state(&store, id, State::Expired, 5).await;
    }
    let early = store.write(move |tx| outbox::retry(tx, a, 9)).await;
    let Retried::Again(new) = early.unwrap() else {
        panic!("there was time")
    };
    let row = store.read(move |c| outbox::get(c, new)).await.unwrap();
    let (deadline, end) = (row.unwrap().deadline.unwrap(), 3_600_000);
    assert!(
        (end - 40_000..end - 30_000).contains(&deadline),
        "{deadline}"
    );
    // Telegram takes an end that is near or past for "for good".
    let late = store.write(move |tx| outbox::retry(tx, b, end)).await;
    assert_eq!(late.unwrap(), Retried::TooLate);
    let left = store.read(move |c| outbox::get(c, b)).await.unwrap();
    assert_eq!(left.unwrap().state, State::Expired);
}

#[tokio::test]
async fn a_purge_keeps_what_is_open_unknown_young_or_newest() {
    let (_dir, store) = open();
    let mut ids = Vec::new();
    for i in 0..6 {
        ids.push(send(&store, Effect::delete(-1, i)).await);
    }
    set_state(&store, ids[0], State::Done, 10).await;
    set_state(&store, ids[1], State::Failed, 10).await;
    set_state(&store, ids[2], State::Done, 500).await;
    set_state(&store, ids[3], State::Unknown, 10).await;
    set_state(&store, ids[5], State::Done, 10).await;
    // One that goes, and the newest, of which only the number is left.
    assert_eq!(
        store.write(|tx| outbox::purge(tx, 100, 1)).await.unwrap(),
        2
    );
    assert_eq!(
        store.write(|tx| outbox::purge(tx, 100, 50)).await.unwrap(),
        1
    );
    let left = store
        .read(|c| outbox::list(c, Filter::default(), 10))
        .await
        .unwrap();
    assert_eq!((left[0].id, left[0].params.as_str()), (ids[5], "{}"));
    assert_ne!(left[1].params, "{}");
    let mut left: Vec<i64> = left.iter().map(|r| r.id).collect();
    left.sort_unstable();
    assert_eq!(left, ids[2..]);
}
