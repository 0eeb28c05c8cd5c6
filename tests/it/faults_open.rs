//! A database that cannot be used: `beadle run` says which file, why, and what to do, and leaves it alone.
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use beadle::store::{DATABASE_FILE, Store, StoreOptions, known_schema};

use crate::support::TOKEN;

/// A user that owns nothing here.
const NOBODY: &str = "65534";

fn made(dir: &Path) {
    Store::open(&StoreOptions::new(dir)).unwrap().close();
    for ending in ["db-wal", "db-shm"] {
        let _absent = std::fs::remove_file(dir.join(DATABASE_FILE).with_extension(ending));
    }
}

fn with_settings(mut command: Command, dir: &Path) -> Output {
    command
        .env_clear()
        .env("TELEGRAM_BOT_TOKEN", TOKEN)
        .env("BEADLE_TELEGRAM_API_URL", "http://127.0.0.1:9")
        .env("BEADLE_HTTP_LISTEN", "127.0.0.1:0")
        .env("BEADLE_DATA_DIR", dir)
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap()
}

fn run(dir: &Path) -> Output {
    with_settings(crate::cli::command(&["run"]), dir)
}

/// The same as somebody who owns nothing; None, with a note, where that cannot be done.
fn run_as_nobody(dir: &Path) -> Option<Output> {
    if !rustix::process::geteuid().is_root() {
        println!("skipped: running as another user needs root");
        return None;
    }
    // The build's folder may be closed to others.
    let open = tempfile::tempdir().unwrap();
    std::fs::set_permissions(open.path(), PermissionsExt::from_mode(0o755)).unwrap();
    let binary = open.path().join("beadle");
    std::fs::copy(env!("CARGO_BIN_EXE_beadle"), &binary).unwrap();
    let mut command = Command::new("/usr/bin/setpriv");
    command
        .args(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"])
        .arg(&binary)
        .arg("run");
    Some(with_settings(command, dir))
}

fn chmod(path: &Path, mode: u32) {
    std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
}

#[track_caller]
fn refused(out: &Output, words: &[&str]) {
    let err = String::from_utf8_lossy(&out.stderr);
    assert!(!out.status.success(), "{err}");
    assert!(
        out.stdout.is_empty(),
        "{}",
        String::from_utf8_lossy(&out.stdout)
    );
    for word in words {
        assert!(err.contains(word), "{word:?} is missing from: {err}");
    }
    assert!(
        !err.contains("panicked") && !err.contains("AAEfake"),
        "{err}"
    );
}

#[test]
fn a_newer_or_truncated_database_is_named_and_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(DATABASE_FILE);
    made(dir.path());
    let conn = rusqlite::Connection::open(&path).unwrap();
    conn.pragma_update(None, "user_version", known_schema() + 1)
        .unwrap();
    conn.close().unwrap();
    let newer = std::fs::read(&path).unwrap();
    let name = path.display().to_string();
    refused(
        &run(dir.path()),
        &[
            &name,
            "newer Beadle",
            "Install that version again",
            "backup",
        ],
    );
    assert_eq!(std::fs::read(&path).unwrap(), newer);

    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(DATABASE_FILE);
    made(dir.path());
    let whole = std::fs::read(&path).unwrap();
    for length in [100, 4096, whole.len() / 2, whole.len() - 1] {
        std::fs::write(&path, &whole[..length]).unwrap();
        let name = path.display().to_string();
        refused(
            &run(dir.path()),
            &[&name, "not a usable Beadle database", "Restore a backup"],
        );
        assert_eq!(std::fs::read(&path).unwrap(), &whole[..length], "{length}");
        for ending in ["db-wal", "db-shm"] {
            let _absent = std::fs::remove_file(path.with_extension(ending));
        }
    }
}

#[test]
fn a_folder_of_another_user_is_named_with_owner_and_remedy() {
    let dir = tempfile::tempdir().unwrap();
    made(dir.path());
    chmod(dir.path(), 0o755);
    let Some(out) = run_as_nobody(dir.path()) else {
        return;
    };
    let folder = dir.path().display().to_string();
    refused(
        &out,
        &[&folder, "owner is uid 0", "uid 65534", "chown -R 65534"],
    );

    // A folder that cannot even be looked into.
    chmod(dir.path(), 0o700);
    let out = run_as_nobody(dir.path()).unwrap();
    refused(&out, &[&folder, "owner", "65534"]);
}

#[test]
fn a_database_that_may_only_be_read_is_named_with_owner_and_remedy() {
    let dir = tempfile::tempdir().unwrap();
    made(dir.path());
    let path = dir.path().join(DATABASE_FILE);
    // The folder is everybody's, the file is not.
    chmod(dir.path(), 0o777);
    chmod(&path, 0o644);
    let before = std::fs::read(&path).unwrap();
    let Some(out) = run_as_nobody(dir.path()) else {
        return;
    };
    let name = path.display().to_string();
    refused(&out, &[&name, "owner is uid 0", "chown"]);
    assert_eq!(std::fs::read(&path).unwrap(), before);

    // One's own file, read-only.
    let own = std::os::unix::fs::chown(&path, Some(65534), Some(65534));
    own.unwrap();
    chmod(&path, 0o444);
    let _absent = std::fs::remove_file(dir.path().join("beadle.lock"));
    let out = run_as_nobody(dir.path()).unwrap();
    refused(&out, &[&name, "read-only", "chmod u+w"]);
}

#[test]
fn a_second_process_on_the_same_folder_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let _held = beadle::store::DataDirLock::acquire(dir.path()).unwrap();
    let me = std::process::id().to_string();
    refused(
        &run(dir.path()),
        &["beadle.lock", &me, "Stop that one first"],
    );
}
