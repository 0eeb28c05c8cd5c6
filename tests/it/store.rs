//! The database: group commit, refusals that name path and remedy, upgrades of a file that holds data.
use std::path::Path;

use beadle::store::{
    DATABASE_FILE, DataDirLock, Store, StoreError, StoreOptions, known_schema, migrations,
};
use rusqlite::Connection;

fn open(dir: &Path) -> Store {
    Store::open(&StoreOptions::new(dir)).unwrap()
}

async fn count(store: &Store) -> i64 {
    store
        .read(|c| Ok(c.query_row("SELECT count(*) FROM meta", [], |r| r.get(0))?))
        .await
        .unwrap()
}

fn put(tx: &beadle::store::Tx<'_>, key: &str) -> Result<(), StoreError> {
    tx.execute("INSERT INTO meta (key, value) VALUES (?1, 'x')", [key])?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_callers_failure_fails_only_that_caller() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let mut calls = Vec::new();
    for i in 0..200 {
        let store = store.clone();
        calls.push(tokio::spawn(async move {
            store
                .write(move |tx| {
                    put(tx, &format!("k{i}"))?;
                    match i % 10 {
                        3 => Err(StoreError::Invalid("no".into())),
                        7 => panic!("boom {i}"),
                        _ => Ok(i),
                    }
                })
                .await
        }));
    }
    let (mut fine, mut refused, mut panicked) = (0, 0, 0);
    for call in calls {
        match call.await.unwrap() {
            Ok(_) => fine += 1,
            Err(StoreError::Invalid(_)) => refused += 1,
            Err(StoreError::Panicked(text)) => {
                assert!(text.starts_with("boom"));
                panicked += 1;
            }
            Err(e) => panic!("{e}"),
        }
    }
    assert_eq!((fine, refused, panicked), (160, 20, 20));
    assert_eq!(count(&store).await, 160);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_fails_the_write_and_the_next_one_works_when_there_is_room() {
    let dir = tempfile::tempdir().unwrap();
    let mut options = StoreOptions::new(dir.path());
    options.max_pages = 200;
    let store = Store::open(&options).unwrap();
    let big = "x".repeat(1_200_000);
    let e = store
        .write(move |tx| {
            tx.execute("INSERT INTO meta (key, value) VALUES ('big', ?1)", [&big])?;
            Ok(())
        })
        .await
        .unwrap_err();
    assert!(matches!(e, StoreError::DiskFull) && e.is_passing(), "{e}");
    assert!(e.to_string().contains("Free some space"));
    store.write(|tx| put(tx, "small")).await.unwrap();
    assert_eq!(count(&store).await, 1);
}

#[test]
fn a_database_from_a_newer_version_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    open(dir.path()).close();
    let conn = Connection::open(dir.path().join(DATABASE_FILE)).unwrap();
    conn.pragma_update(None, "user_version", known_schema() + 5)
        .unwrap();
    drop(conn);
    let e = Store::open(&StoreOptions::new(dir.path())).unwrap_err();
    assert!(matches!(e, StoreError::Newer { .. }));
    let text = e.to_string();
    assert!(
        text.contains(DATABASE_FILE) && text.contains("newer") && text.contains("backup"),
        "{text}"
    );
}

#[test]
fn a_truncated_or_foreign_file_is_refused_and_left_alone() {
    for (what, bytes) in [
        (
            "rubbish",
            b"not a database, but long enough to be read as one".repeat(40),
        ),
        ("truncated", Vec::new()),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(DATABASE_FILE);
        if bytes.is_empty() {
            open(dir.path()).close();
            let whole = std::fs::read(&path).unwrap();
            std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
            for ending in ["db-wal", "db-shm"] {
                let _absent = std::fs::remove_file(path.with_extension(ending));
            }
        } else {
            std::fs::write(&path, &bytes).unwrap();
        }
        let before = std::fs::read(&path).unwrap();
        match Store::open(&StoreOptions::new(dir.path())) {
            Err(e) => {
                let text = e.to_string();
                assert!(matches!(e, StoreError::Damaged { .. }), "{what}: {text}");
                assert!(
                    text.contains(DATABASE_FILE) && text.contains("Restore a backup"),
                    "{text}"
                );
                assert_eq!(std::fs::read(&path).unwrap(), before, "{what}");
            }
            Ok(_) => panic!("{what}: opened"),
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let other = Connection::open(dir.path().join(DATABASE_FILE)).unwrap();
    other.execute_batch("CREATE TABLE theirs (x)").unwrap();
    drop(other);
    let e = Store::open(&StoreOptions::new(dir.path()))
        .unwrap_err()
        .to_string();
    assert!(e.contains("another program"), "{e}");
}

#[tokio::test]
async fn a_database_whose_making_was_cut_short_is_made_anew() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(DATABASE_FILE);
    // As a kill during the first commit leaves it: pages in the file, and a journal that takes them back
    // (sqlite.org/fileformat.html, 3: magic, no pages, a number, 0 pages before, sector, page size).
    std::fs::write(&path, vec![1_u8; 4096]).unwrap();
    let mut journal = vec![0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];
    for number in [0_u32, 7, 0, 512, 4096] {
        journal.extend(number.to_be_bytes());
    }
    journal.resize(512, 0);
    std::fs::write(dir.path().join(format!("{DATABASE_FILE}-journal")), journal).unwrap();
    made_whole(dir.path()).await;

    // A kill between the first two commits leaves a file that says nothing of whose it is.
    let dir = tempfile::tempdir().unwrap();
    let begun = Connection::open(dir.path().join(DATABASE_FILE)).unwrap();
    begun
        .execute_batch("PRAGMA auto_vacuum = INCREMENTAL")
        .unwrap();
    drop(begun);
    let length = std::fs::metadata(dir.path().join(DATABASE_FILE)).unwrap();
    assert!(length.len() > 0);
    made_whole(dir.path()).await;
}

async fn made_whole(dir: &Path) {
    let store = open(dir);
    assert_eq!(count(&store).await, 0);
    let mode: i64 = store
        .read(|c| Ok(c.query_row("PRAGMA auto_vacuum", [], |r| r.get(0))?))
        .await
        .unwrap();
    assert_eq!(mode, 2, "deleted rows give their room back");
    store.close();
}

#[test]
fn the_data_directory_is_locked_and_the_holder_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let _held = DataDirLock::acquire(dir.path()).unwrap();
    let e = DataDirLock::acquire(dir.path()).unwrap_err().to_string();
    assert!(
        e.contains(&format!("process {}", std::process::id())),
        "{e}"
    );
}

/// Rows of every table as it was after each migration, so that upgrades are tried on data: a file for each
/// folder of `migrations`.
fn samples() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut names: Vec<_> = std::fs::read_dir(root.join("migrations"))
        .unwrap()
        .map(|e| e.unwrap())
        .filter(|e| e.path().is_dir())
        .map(|e| e.file_name().into_string().unwrap())
        .collect();
    names.sort();
    let read = |name: &String| {
        let path = root.join(format!("tests/it/store_samples/{name}.sql"));
        // A migration without a table needs no rows; a table without a row is found below.
        std::fs::read_to_string(path).unwrap_or_default()
    };
    names.iter().map(read).collect()
}

#[test]
fn each_migration_works_on_a_database_that_holds_data() {
    let samples = samples();
    assert_eq!(samples.len(), usize::try_from(known_schema()).unwrap());
    let dir = tempfile::tempdir().unwrap();
    let mut conn = Connection::open(dir.path().join("x.db")).unwrap();
    for (i, sample) in samples.iter().enumerate() {
        migrations().unwrap().to_version(&mut conn, i + 1).unwrap();
        conn.execute_batch(sample).unwrap();
    }
    let tables: Vec<(String, String)> = conn
        .prepare(
            "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
        )
        .unwrap()
        .query_map([], |r| Ok((r.get(0)?, r.get(1)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    for (name, sql) in &tables {
        assert!(sql.trim_end().contains("STRICT"), "{name} is not STRICT");
        let rows: i64 = conn
            .query_row(&format!("SELECT count(*) FROM {name}"), [], |r| r.get(0))
            .unwrap();
        assert!(
            rows > 0,
            "{name} has no sample row: see tests/it/store_samples"
        );
    }
    let broken: i64 = conn
        .query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |r| {
            r.get(0)
        })
        .unwrap();
    assert_eq!(broken, 0);
}

#[test]
fn entities_share_their_columns_and_foreign_keys_have_indexes() {
    let dir = tempfile::tempdir().unwrap();
    open(dir.path()).close();
    let conn = Connection::open(dir.path().join(DATABASE_FILE)).unwrap();
    for entity in ["groups", "users", "media_assets"] {
        for column in ["id", "created_at", "updated_at", "deleted_at"] {
            let n: i64 = conn
                .query_row(
                    "SELECT count(*) FROM pragma_table_info(?1) WHERE name = ?2",
                    [entity, column],
                    |r| r.get(0),
                )
                .unwrap();
            assert_eq!(n, 1, "{entity}.{column}");
        }
    }
    let loose: Vec<String> = conn
        .prepare(
            "SELECT t.name || '.' || f.\"from\" FROM sqlite_schema t, pragma_foreign_key_list(t.name) f
             WHERE t.type = 'table' AND NOT EXISTS (
                 SELECT 1 FROM pragma_index_list(t.name) i, pragma_index_info(i.name) c
                 WHERE c.seqno = 0 AND c.name = f.\"from\")
             AND NOT EXISTS (SELECT 1 FROM pragma_table_info(t.name) k WHERE k.pk = 1 AND k.name = f.\"from\")",
        )
        .unwrap()
        .query_map([], |r| r.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert!(loose.is_empty(), "foreign keys without an index: {loose:?}");
}

#[test]
fn hot_queries_scan_no_table() {
    let dir = tempfile::tempdir().unwrap();
    open(dir.path()).close();
    let conn = Connection::open(dir.path().join(DATABASE_FILE)).unwrap();
    for sql in [
        "SELECT seq FROM inbox WHERE state = 0 AND lane = 1 AND seq > 2 ORDER BY seq LIMIT 3",
        "SELECT raw FROM inbox WHERE epoch = 1 AND update_id = 2",
        "SELECT id FROM outbox WHERE state IN (0, 1) AND id > 0 ORDER BY id LIMIT 100",
        "SELECT messages FROM members WHERE chat = 1 AND user = 2",
        "SELECT text FROM messages WHERE chat = 1 AND message = 2",
        "SELECT score FROM spam_results WHERE message_seq = (SELECT seq FROM messages WHERE chat = 1 AND message = 2)",
        "SELECT mode FROM groups WHERE id = 1",
        "SELECT channel_id FROM group_channel_links WHERE group_id = 1",
        "SELECT id FROM cards WHERE chat = 1 AND message = 2 AND state = 'open' ORDER BY id DESC LIMIT 1",
    ] {
        let plan: Vec<String> = conn
            .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
            .unwrap()
            .query_map([], |r| r.get(3))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        let scans = plan
            .iter()
            .any(|p| p.starts_with("SCAN") && !p.contains("USING"));
        assert!(!scans, "{sql}: {plan:?}");
    }
}

#[tokio::test]
async fn a_statement_is_planned_once_whatever_is_bound() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let planned = |conn: &Connection| {
        let sql = "SELECT seq FROM inbox WHERE state = 0 AND lane = ?1 ORDER BY seq LIMIT ?2";
        let mut find = conn.prepare(sql)?;
        for n in 1..5 {
            let mut rows = find.query([n, n])?;
            while rows.next()?.is_some() {}
        }
        Ok(find.get_status(rusqlite::StatementStatus::RePrepare))
    };
    assert_eq!(store.read(planned).await.unwrap(), 0, "a reader");
    assert_eq!(
        store.write(move |tx| planned(tx)).await.unwrap(),
        0,
        "the writer"
    );
}

#[test]
fn the_card_of_an_author_is_found_without_reading_all_open_cards() {
    let dir = tempfile::tempdir().unwrap();
    open(dir.path()).close();
    let conn = Connection::open(dir.path().join(DATABASE_FILE)).unwrap();
    let plan: String = conn
        .query_row(
            "EXPLAIN QUERY PLAN SELECT id FROM cards WHERE state = 'open' AND chat = ?1 AND user IS ?2
                 AND sender_chat IS ?3 AND kind = 'verdict' AND created_at > ?4
                 AND (treatment IS NULL) = (?5 IS NULL) ORDER BY id DESC LIMIT 1",
            [1, 2, 3, 4, 5],
            |r| r.get(3),
        )
        .unwrap();
    // Of the author in this group, or of the author within the hour: both are few.
    assert!(plan.contains("user=?"), "{plan}");
}

#[test]
fn a_copy_is_made_before_an_upgrade() {
    let dir = tempfile::tempdir().unwrap();
    {
        let mut conn = Connection::open(dir.path().join(DATABASE_FILE)).unwrap();
        conn.execute_batch("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA application_id = 1111834956")
            .unwrap();
        conn.pragma_update(None, "application_id", 0x4245_4144)
            .unwrap();
        migrations().unwrap().to_version(&mut conn, 1).unwrap();
        conn.execute_batch(&samples()[0]).unwrap();
    }
    open(dir.path()).close();
    let copies: Vec<_> = std::fs::read_dir(dir.path().join("backups"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    assert_eq!(copies.len(), 1);
    let copy = Connection::open(&copies[0]).unwrap();
    let version: i64 = copy
        .query_row("PRAGMA user_version", [], |r| r.get(0))
        .unwrap();
    let kept: i64 = copy
        .query_row("SELECT count(*) FROM inbox", [], |r| r.get(0))
        .unwrap();
    assert_eq!((version, kept), (1, 1));
    let now = Connection::open(dir.path().join(DATABASE_FILE)).unwrap();
    let kept: i64 = now
        .query_row("SELECT count(*) FROM inbox", [], |r| r.get(0))
        .unwrap();
    assert_eq!(kept, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_stays_bounded_under_steady_writing() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let words = "w".repeat(60_000);
    for i in 0..2_500 {
        let words = words.clone();
        store
            .write(move |tx| {
                tx.execute(
                    "INSERT OR REPLACE INTO meta VALUES (?1, ?2)",
                    [&format!("k{}", i % 50), &words],
                )?;
                Ok(())
            })
            .await
            .unwrap();
    }
    tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    let wal = std::fs::metadata(dir.path().join("beadle.db-wal"))
        .unwrap()
        .len();
    assert!(wal < 100 << 20, "{} MB of log", wal >> 20);
}
