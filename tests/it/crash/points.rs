//! Every named crash point in the sources is visited once, and the promise holds after it.
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::Duration;

use beadle::base::random::SystemRandom;
use beadle::base::secretbox::Keyring;
use beadle::community::audit::{Actor, Audit as _, AuditEntry, WITNESS_FILE, Witness};
use beadle::community::erasure::LIST_FILE;
use beadle::store::{DATABASE_FILE, Store, StoreOptions, migrations};
use rusqlite::Connection;

use super::child::LIST;
use super::round::{Death, Plan, play};
use super::world::World;
use crate::imports::sources;

/// Names of all crash points, from the text of the sources.
pub(super) fn names() -> Vec<String> {
    let mut found = BTreeSet::new();
    for (_, text) in sources("src") {
        for rest in text.split("crash_point(\"").skip(1) {
            if let Some((name, _)) = rest.split_once('"') {
                found.insert(name.to_owned());
            }
        }
    }
    found.into_iter().collect()
}

/// How to get to a point: what happens before, and whether the database is one of an older version. A
/// point that is not named here must be reached by ordinary work.
fn way(name: &str) -> (Vec<Death>, bool) {
    let at = |name: &str| Death::At(name.to_owned());
    match name {
        "store.copied" => (vec![at(name)], true),
        "app.ended" => {
            let stop = Death::StopAt(Duration::from_millis(400), name.to_owned());
            (vec![stop], false)
        }
        // The first call is a removal or an answer to a button, a later one a message.
        "outbox.called" => (vec![at(name), at("outbox.called:7")], false),
        // Only after two unclean ends with something left to do.
        "lane.counted" => (
            vec![at("intake.committed"), at("app.began"), at(name)],
            false,
        ),
        // What came and was not handled is read from the inbox.
        "lane.reading" => (vec![at("intake.committed"), at(name)], false),
        _ => (vec![at(name)], false),
    }
}

/// A database as the first version made it.
fn old_database(world: &World) {
    let path = world.dir.path().join(DATABASE_FILE);
    let mut conn = Connection::open(path).unwrap();
    conn.execute_batch("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA application_id = 1111834948")
        .unwrap();
    migrations().unwrap().to_version(&mut conn, 1).unwrap();
}

/// A note of an end of the audit that the database does not have.
fn an_end_that_is_gone(world: &World) {
    let (dir, elsewhere) = (world.dir.path(), tempfile::tempdir().unwrap());
    let (keys, _) = Keyring::load(dir, None, &[], &SystemRandom).unwrap();
    let store = Store::open(&StoreOptions::new(elsewhere.path())).unwrap();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        for i in 0..5 {
            let entry = AuditEntry::new(Actor::System, "group.joined", format!("group:{i}"));
            store.write(move |tx| tx.audit(&entry, i)).await.unwrap();
        }
        Witness::new(store.clone(), &keys).note(9).await;
    });
    store.close();
    std::fs::copy(elsewhere.path().join(WITNESS_FILE), dir.join(WITNESS_FILE)).unwrap();
}

/// A database in which somebody asked to be forgotten, and a list with somebody it does not know.
fn somebody_to_forget(world: &World) {
    let mut conn = Connection::open(world.dir.path().join(DATABASE_FILE)).unwrap();
    conn.execute_batch("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA application_id = 1111834948")
        .unwrap();
    migrations().unwrap().to_latest(&mut conn).unwrap();
    conn.execute_batch(
        "INSERT INTO users (id, uid, first_name, created_at, updated_at)
             VALUES (777000777, randomblob(16), 'Zed', 1, 1);
         INSERT INTO messages (chat, message, user, date, content, text, created_at)
             VALUES (-1777, 1, 777000777, 1, 'text', 'forget me not', 1);
         INSERT INTO erasures (hash, key_tag, person, reason, asked_at)
             VALUES (randomblob(32), 7, 777000777, 'operator', 2);",
    )
    .unwrap();
    // Under a key that is at hand; who is listed under another waits for that.
    let (keys, _) = Keyring::load(world.dir.path(), None, &[], &SystemRandom).unwrap();
    let (hash, key) = ("5a".repeat(32), keys.tag());
    let line = format!("{{\"v\":1,\"hash\":\"{hash}\",\"key\":{key},\"asked_at\":1}}\n");
    std::fs::write(world.dir.path().join(LIST_FILE), line).unwrap();
}

#[test]
fn every_crash_point_is_visited_and_the_promise_holds() {
    let names = names();
    assert!(names.len() > 12, "{names:?}");
    let next = Mutex::new(names.iter().enumerate());
    let faults = Mutex::new(Vec::new());
    // Most of a round is waiting for Telegram's limits, so several go side by side.
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let Some((i, name)) = next.lock().unwrap().next() else {
                        break;
                    };
                    let (deaths, old) = way(name);
                    let plan = Plan {
                        deaths,
                        ..Plan::default()
                    };
                    let outcome = play(1_000 + i as u64, &plan, |world| {
                        if old {
                            old_database(world);
                        }
                        if name == "audit.rewound" {
                            an_end_that_is_gone(world);
                        }
                        if name.starts_with("lists.") {
                            std::fs::write(world.dir.path().join(LIST), "id\n12345\n").unwrap();
                        }
                        if name.starts_with("erasure.") {
                            somebody_to_forget(world);
                        }
                    });
                    let mut faults = faults.lock().unwrap();
                    if outcome.reached.iter().any(|reached| !reached) {
                        faults.push(format!("{name}: reached {:?}", outcome.reached));
                    }
                    for fault in outcome.report.faults {
                        faults.push(format!("{name}: {fault}"));
                    }
                }
            });
        }
    });
    assert_eq!(faults.into_inner().unwrap(), Vec::<String>::new());
}
