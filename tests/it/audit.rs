//! The audit: acts and their notes stand or fall together, and whatever is changed afterwards shows.
use beadle::base::secretbox::Keyring;
use beadle::community::audit::{
    self, Actor, Audit as _, AuditEntry, Fault, Filter, MAX_DETAILS, Rewound, Seen, WITNESS_FILE,
    Witness, erase_personal, verify, witnessed,
};
use beadle::community::events::{self, Emit as _};
use beadle::store::{DATABASE_FILE, Signal, Store, StoreError, StoreOptions};
use rusqlite::Connection;
use serde_json::json;

const GROUP: i64 = -1_001_234;
const NOW: i64 = 1_790_000_000_000;

/// Six rows: bans by two people, the third with words of person 42, the fifth with words of nobody's.
async fn written(dir: &std::path::Path) -> Store {
    let store = Store::open(&StoreOptions::new(dir)).unwrap();
    for i in 1..=6_i64 {
        let actor = if i % 2 == 0 {
            Actor::User(7)
        } else {
            Actor::System
        };
        let mut entry = AuditEntry::new(actor, "moderation.ban", format!("user:{}", 40 + i))
            .with(json!({ "minutes": i }));
        if i != 4 {
            entry = entry.in_chat(GROUP);
        }
        match i {
            3 => entry = entry.personal(Some(42), json!({ "text": "buy my turnips" })),
            5 => entry = entry.personal(None, json!({ "title": "The green" })),
            _ => {}
        }
        let id = store
            .write(move |tx| tx.audit(&entry, NOW + i))
            .await
            .unwrap();
        assert_eq!(id, i);
    }
    store
}

async fn check(store: &Store) -> Result<Seen, Fault> {
    store.read(|conn| verify(conn, Vec::new())).await.unwrap()
}

/// The chain after somebody went over the file with SQLite's own tools.
async fn after(sql: &str) -> Result<Seen, Fault> {
    let dir = tempfile::tempdir().unwrap();
    let store = written(dir.path()).await;
    store.close();
    let conn = Connection::open(dir.path().join(DATABASE_FILE)).unwrap();
    conn.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    conn.execute_batch(sql).unwrap();
    verify(&conn, Vec::new()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_holds_also_when_personal_parts_are_erased() {
    let dir = tempfile::tempdir().unwrap();
    let store = written(dir.path()).await;
    let seen = |personal, erased| Seen {
        rows: 6,
        personal,
        erased,
    };
    assert_eq!(check(&store).await, Ok(seen(2, 0)));
    let gone = store.write(|tx| erase_personal(tx, 42, 10)).await.unwrap();
    assert_eq!(gone, 1);
    assert_eq!(check(&store).await, Ok(seen(1, 1)));
    store.close();
}

#[tokio::test]
async fn every_kind_of_tampering_is_found_at_its_row() {
    let changed = |id| Err(Fault::Changed { id });
    for column in [
        "at = at + 1",
        "actor = 'user:8'",
        "action = 'moderation.bans'",
        "tenant = NULL",
        "subject = 'user:1'",
        "details = '{}'",
        "digest = NULL",
        "hash = zeroblob(32)",
    ] {
        let sql = format!("UPDATE audit SET {column} WHERE id = 3");
        let found = after(&sql).await;
        assert_eq!(found, changed(3), "{column}");
    }
    let missing = |id, found| Err(Fault::Missing { id, found });
    assert_eq!(after("DELETE FROM audit WHERE id = 2").await, missing(2, 3));
    assert_eq!(after("DELETE FROM audit WHERE id = 1").await, missing(1, 2));
    let swap = "UPDATE audit SET id = 99 WHERE id = 2; UPDATE audit SET id = 2 WHERE id = 4;
                UPDATE audit SET id = 4 WHERE id = 99";
    assert_eq!(after(swap).await, changed(2));
    // A hole that was closed by giving the rest new numbers.
    let close = "DELETE FROM audit WHERE id = 2; UPDATE audit SET id = id - 1 WHERE id > 2";
    assert_eq!(after(close).await, changed(2));
    let cut = Err(Fault::Cut { last: 4, known: 6 });
    assert_eq!(after("DELETE FROM audit WHERE id > 4").await, cut);
    assert_eq!(
        after("DELETE FROM audit").await,
        Err(Fault::Cut { last: 0, known: 6 })
    );
    let personal = Err(Fault::Personal { id: 3 });
    for column in [
        "body = '{}'",
        "person = 43",
        "person = NULL",
        "salt = zeroblob(16)",
    ] {
        let sql = format!("UPDATE audit_personal SET {column} WHERE audit = 3");
        assert_eq!(after(&sql).await, personal, "{column}");
    }
    let foreign = "UPDATE audit_personal SET audit = 2 WHERE audit = 3";
    assert_eq!(after(foreign).await, Err(Fault::Foreign { id: 2 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_act_leaves_no_note_and_a_long_one_is_cut() {
    let dir = tempfile::tempdir().unwrap();
    let store = written(dir.path()).await;
    let failed: Result<(), StoreError> = store
        .write(|tx| {
            let entry = AuditEntry::new(Actor::System, "group.lock", "group:1");
            tx.audit(&entry, NOW)?;
            Err(StoreError::Invalid("no".into()))
        })
        .await;
    assert!(failed.is_err());
    let long = AuditEntry::new(Actor::Cli { uid: 0 }, "group.lock", "ü".repeat(400))
        .with(json!({ "x": "y".repeat(MAX_DETAILS) }));
    let id = store.write(move |tx| tx.audit(&long, NOW)).await.unwrap();
    assert_eq!(id, 7, "no number is lost with what failed");
    let rows = store
        .read(|conn| audit::list(conn, &Filter::default(), false, 1))
        .await
        .unwrap();
    assert_eq!(rows[0].actor, "cli:0");
    assert_eq!(rows[0].subject, "ü".repeat(100));
    assert_eq!(rows[0].details, json!({ "too_long": MAX_DETAILS + 8 }));
    assert_eq!(check(&store).await.unwrap().rows, 7);
    store.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_found_by_chat_actor_and_time() {
    let dir = tempfile::tempdir().unwrap();
    let store = written(dir.path()).await;
    let find = async |filter: Filter| -> Vec<i64> {
        let rows = store
            .read(move |conn| audit::list(conn, &filter, true, 10))
            .await
            .unwrap();
        rows.iter().map(|r| r.id).collect()
    };
    let all = Filter::default;
    assert_eq!(find(all()).await, [6, 5, 4, 3, 2, 1]);
    let filter = Filter {
        tenant: Some(GROUP),
        ..all()
    };
    assert_eq!(find(filter).await, [6, 5, 3, 2, 1]);
    let filter = Filter {
        actor: Some("user:7".into()),
        ..all()
    };
    assert_eq!(find(filter).await, [6, 4, 2]);
    let filter = Filter {
        since: Some(NOW + 5),
        ..all()
    };
    assert_eq!(find(filter).await, [6, 5]);
    let filter = Filter {
        before: Some(3),
        ..all()
    };
    assert_eq!(find(filter).await, [2, 1]);
    let shown = store
        .read(|conn| {
            audit::list(
                conn,
                &Filter {
                    before: Some(4),
                    ..Filter::default()
                },
                true,
                1,
            )
        })
        .await
        .unwrap();
    assert_eq!(shown[0].personal, Some(json!({ "text": "buy my turnips" })));
    store.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn events_wake_who_follows_and_are_read_in_order_once() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&StoreOptions::new(dir.path())).unwrap();
    let waiting = tokio::spawn({
        let store = store.clone();
        async move { store.woken(Signal::Events).await }
    });
    store
        .write(|tx| {
            for i in 0..3 {
                tx.event(
                    "member.banned",
                    Some(GROUP),
                    "user:42",
                    &json!({ "i": i }),
                    NOW + i,
                )?;
            }
            Ok(())
        })
        .await
        .unwrap();
    tokio::time::timeout(std::time::Duration::from_secs(5), waiting)
        .await
        .unwrap()
        .unwrap();
    let next = async || {
        store
            .read(|conn| events::after(conn, events::followed(conn, "digest")?, 2))
            .await
            .unwrap()
    };
    let first = next().await;
    assert_eq!(
        first
            .iter()
            .map(|e| e.body["i"].as_i64())
            .collect::<Vec<_>>(),
        [Some(0), Some(1)]
    );
    let last = first[1].id;
    store
        .write(move |tx| {
            events::follow(tx, "digest", last, NOW)?;
            events::follow(tx, "digest", last - 1, NOW)
        })
        .await
        .unwrap();
    let rest = next().await;
    assert_eq!((rest.len(), rest[0].id), (1, last + 1));
    // Old ones go, the newest stays.
    let gone = store
        .write(|tx| events::purge(tx, i64::MAX, 10))
        .await
        .unwrap();
    assert_eq!(gone, 2);
    let large = json!({ "x": "y".repeat(events::MAX_BODY) });
    let refused = store
        .write(move |tx| tx.event("member.banned", None, "user:1", &large, NOW))
        .await;
    assert!(refused.is_err());
    store.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_that_was_known_is_missed_whatever_the_database_says() {
    let dir = tempfile::tempdir().unwrap();
    let store = written(dir.path()).await;
    let keys = Keyring::new("the key of the vestry", &[]).unwrap();
    let witness = Witness::new(store.clone(), &keys);
    witness.note(NOW).await;
    witness.note(NOW).await;
    let signer = Witness::signer(&keys);
    let ends = || witnessed(dir.path(), Some(&signer));
    assert_eq!((ends().0.len(), ends().1, ends().0[0].id), (1, 0, 6));
    assert_eq!(witness.start(NOW).await.unwrap(), None);
    let hold = async || {
        let (ends, _) = ends();
        store.read(move |conn| verify(conn, ends)).await.unwrap()
    };
    assert_eq!(hold().await.unwrap().rows, 6);

    // Cut off, with the note of it inside the database.
    store
        .write(|tx| {
            tx.execute_batch(
                "DELETE FROM audit_personal WHERE audit > 4; DELETE FROM audit WHERE id > 4;
                 UPDATE meta SET value = '4' WHERE key = 'audit_head'",
            )?;
            Ok(())
        })
        .await
        .unwrap();
    assert_eq!(
        check(&store).await.unwrap().rows,
        4,
        "the database alone does not know"
    );
    assert_eq!(hold().await, Err(Fault::Cut { last: 4, known: 6 }));
    // The next start says so in the chain itself, and goes on from there.
    let gone = witness.start(NOW).await.unwrap();
    assert_eq!(gone, Some(Rewound { last: 4, known: 6 }));
    assert_eq!(hold().await.unwrap().rows, 5);
    let last = store
        .read(|conn| audit::list(conn, &Filter::default(), false, 1))
        .await
        .unwrap();
    assert_eq!(last[0].action, "audit.rewound");
    assert_eq!(last[0].details, json!({ "last": 4, "known": 6 }));
    assert_eq!(witness.start(NOW).await.unwrap(), None);

    // The whole chain written anew, with hashes that fit.
    store
        .write(|tx| {
            tx.execute_batch("DELETE FROM audit_personal; DELETE FROM audit")?;
            for i in 0..5 {
                tx.audit(
                    &AuditEntry::new(Actor::System, "group.joined", "group:1"),
                    NOW + i,
                )?;
            }
            Ok(())
        })
        .await
        .unwrap();
    assert_eq!(check(&store).await.unwrap().rows, 5);
    assert_eq!(hold().await, Err(Fault::Rewritten { id: 5 }));

    // Lines by somebody without the key, and rubbish, count for nothing.
    let path = dir.path().join(WITNESS_FILE);
    let forged = std::fs::read_to_string(&path)
        .unwrap()
        .replace("\"row\":5", "\"row\":50");
    std::fs::write(&path, format!("{forged}\n\u{fffd}{{\n[]\n")).unwrap();
    assert_eq!((ends().0.len(), ends().1), (0, 3));
    std::fs::write(&path, vec![b'x'; 2 << 20]).unwrap();
    assert_eq!(ends().0.len(), 0);
    store.close();
}
