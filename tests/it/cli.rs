//! The command line as a person meets it.
use std::process::{Command, Output};

/// The binary under test, with an empty environment.
pub(crate) fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_beadle"));
    command
        .args(args)
        .env_clear()
        .stdin(std::process::Stdio::null());
    command
}

fn run(args: &[&str]) -> Output {
    command(args).output().unwrap()
}

/// Runs the binary, which must succeed, and gives what it printed.
pub(crate) fn beadle(args: &[&str]) -> String {
    let out = run(args);
    let err = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(out.status.success(), "beadle {args:?}: {err}");
    String::from_utf8(out.stdout).unwrap()
}

#[test]
fn run_without_a_token_explains_and_exits_78() {
    let out = run(&["run"]);
    let err = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(78), "{err}");
    assert!(
        err.contains("@BotFather")
            && err.contains("TELEGRAM_BOT_TOKEN")
            && err.contains("beadle demo"),
        "{err}"
    );
}

#[test]
fn all_faults_of_the_settings_are_told_at_once() {
    let out = command(&["run"])
        .envs([
            ("TELEGRAM_BOT_TOKEN", "not-a-token"),
            ("BEADLE_TELEGRAM_API_URL", "ftp://x"),
            ("DATABASE_URL", "postgres://u:secretpassword@h/db"),
            ("DB_POOL_SIZE", "many"),
            ("PORT", "0"),
            ("ENVIRONMENT", "production"),
            ("WEBHOOK_URL", "http://example.org"),
            ("WEBHOOK_SECRET", "with space"),
            ("BEADLE_MODERATION_MODE", "strict"),
        ])
        .output()
        .unwrap();
    assert_eq!(out.status.code(), Some(78));
    let err = String::from_utf8_lossy(&out.stderr);
    for name in [
        "TELEGRAM_BOT_TOKEN",
        "BEADLE_TELEGRAM_API_URL",
        "DATABASE_URL",
        "DB_POOL_SIZE",
        "PORT",
        "WEBHOOK_URL",
        "WEBHOOK_SECRET",
        "BEADLE_MODERATION_MODE",
    ] {
        assert!(err.contains(name), "{name} is missing from: {err}");
    }
    assert!(
        !err.contains("secretpassword") && !err.contains("not-a-token"),
        "{err}"
    );
}

#[test]
fn help_is_stable() {
    insta::assert_snapshot!("help", beadle(&["--help"]));
    insta::assert_snapshot!("help_run", beadle(&["run", "--help"]));
}

#[test]
fn looking_into_a_folder_without_a_database_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let out = run(&["inbox", "--data-dir", dir.path().to_str().unwrap()]);
    assert!(!out.status.success());
    let err = String::from_utf8_lossy(&out.stderr);
    assert!(
        err.contains("there is no database in") && err.contains("--data-dir"),
        "{err}"
    );
}

#[test]
fn names_from_designs_with_several_processes_start_the_one_there_is_and_say_so() {
    for verb in ["start-worker", "start-scheduler"] {
        let out = run(&[verb]);
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(said.contains("starts everything, as `run` does"), "{said}");
        assert_eq!(out.status.code(), Some(78), "and wants a token as ever");
    }
    let help = run(&["--help"]);
    assert!(!String::from_utf8_lossy(&help.stdout).contains("start-worker"));
}
