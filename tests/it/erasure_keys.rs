//! The list of the forgotten needs its secret key, and waits for it.
use beadle::store::DATABASE_FILE;

use crate::erasure::{CAPTION, Green, NAME, WORDS, found_in, nowhere};
use crate::support::house::{house, house_with};

#[tokio::test(flavor = "multi_thread")]
async fn an_older_copy_without_the_key_forgets_when_the_key_is_there_again() {
    let green = Green::new();
    let (dir, sim) = (green.dir.path(), &green.sim);
    let app = house(sim, dir).await;
    green.talk(&app).await;
    app.stop().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let older = elsewhere.path().join("older.db");
    rusqlite::Connection::open(dir.join(DATABASE_FILE))
        .unwrap()
        .execute("VACUUM INTO ?1", [older.to_str().unwrap()])
        .unwrap();
    let app = house(sim, dir).await;
    green.erase(&app).await;
    app.stop().await;
    for end in ["-wal", "-shm"] {
        let _may_be_absent = std::fs::remove_file(dir.join(format!("{DATABASE_FILE}{end}")));
    }
    std::fs::copy(older, dir.join(DATABASE_FILE)).unwrap();
    // The key was lost with the machine: whom the list means is not to be found out.
    let (key, away) = (dir.join("secret.key"), elsewhere.path().join("secret.key"));
    std::fs::rename(&key, &away).unwrap();
    let start = || house_with(sim, dir, "act", |ground| ground.fetch = false);
    start().await.stop().await;
    assert!(!found_in(dir, WORDS).is_empty());
    // It is found again.
    std::fs::rename(&away, &key).unwrap();
    start().await.stop().await;
    nowhere(dir, &[WORDS, CAPTION, NAME]);
}
