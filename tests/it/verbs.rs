//! The operator's verbs: doctor, status, healthcheck and db, as a person meets them.
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

use beadle::store::{DATABASE_FILE, known_schema, migrations};
use beadle::telegram::simulator::{Fault, Simulator};
use rusqlite::Connection;
use serde_json::Value;

use crate::cli::{beadle, command};
use crate::faults_http::Running;
use crate::support::TOKEN;
use crate::support::house::{simulator, within};

fn output(args: &[&str], vars: &[(&str, &str)]) -> (Output, String, String) {
    let out = command(args).envs(vars.iter().copied()).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (stdout, stderr) = (text(&out.stdout), text(&out.stderr));
    (out, stdout, stderr)
}

/// The same on a thread of its own, for the simulator answers on this one's runtime.
async fn asked(args: &[&str], vars: &[(&str, String)]) -> (i32, String) {
    let args: Vec<String> = args.iter().map(|a| (*a).to_owned()).collect();
    let vars: Vec<(String, String)> = vars
        .iter()
        .map(|(k, v)| ((*k).to_owned(), v.clone()))
        .collect();
    tokio::task::spawn_blocking(move || {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let vars: Vec<(&str, &str)> = vars.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        let (out, stdout, stderr) = output(&args, &vars);
        (out.status.code().unwrap(), format!("{stdout}{stderr}"))
    })
    .await
    .unwrap()
}

fn vars(sim: &Simulator, dir: &Path, listen: &str) -> Vec<(&'static str, String)> {
    vec![
        ("TELEGRAM_BOT_TOKEN", sim.token().to_owned()),
        ("BEADLE_TELEGRAM_API_URL", sim.url()),
        ("BEADLE_DATA_DIR", dir.to_str().unwrap().to_owned()),
        ("BEADLE_HTTP_LISTEN", listen.to_owned()),
    ]
}

#[test]
fn every_verb_says_what_it_is_for() {
    for verb in ["doctor", "status", "healthcheck", "db", "config"] {
        insta::assert_snapshot!(format!("help_{verb}"), beadle(&[verb, "--help"]));
    }
    insta::assert_snapshot!("help_db_rollback", beadle(&["db", "rollback", "--help"]));
    insta::assert_snapshot!("help_config_show", beadle(&["config", "show", "--help"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn status_and_healthcheck_tell_of_the_running_beadle() {
    let sim = simulator();
    let dir = tempfile::tempdir().unwrap();
    // Nobody runs yet.
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .to_string();
    let (code, said) = asked(&["healthcheck"], &vars(&sim, dir.path(), &free)).await;
    assert!(code == 1 && said.contains("nobody listens there"), "{said}");
    let running = Running::start(&sim, dir.path(), &[], (Stdio::null(), Stdio::null())).await;
    let all = vars(&sim, dir.path(), &running.listen.to_string());
    let mut last = (1, String::new());
    for _ in 0..50 {
        last = asked(&["healthcheck", "--ready"], &all).await;
        if last.0 == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert_eq!(last, (0, "ok\n".to_owned()));
    let (code, said) = asked(&["status"], &all).await;
    assert_eq!(code, 0, "{said}");
    assert!(
        said.contains("@beadle_sim_bot") && said.contains("well  database"),
        "{said}"
    );
    let (_, said) = asked(&["status", "--json"], &all).await;
    let json: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(
        (json["v"].as_i64(), json["status"].as_str()),
        (Some(1), Some("healthy"))
    );
    let began = std::time::Instant::now();
    assert_eq!(asked(&["healthcheck"], &all).await.0, 0);
    assert!(
        began.elapsed() < Duration::from_secs(2),
        "{:?}",
        began.elapsed()
    );
    running.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_health_check_of_something_else_is_no_health() {
    // Answers with rubbish without an end.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let _asked = stream.read(&mut [0_u8; 1024]).await;
                let _gone = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
                while stream.write_all(&[b'x'; 8192]).await.is_ok() {}
            });
        }
    });
    let all = [("BEADLE_HTTP_LISTEN", address)];
    for verb in ["healthcheck", "status"] {
        let (code, said) = asked(&[verb], &all).await;
        assert!(code == 1 && said.contains("is not Beadle"), "{said}");
    }
    let (code, said) = asked(&["status"], &[("PORT", "0".to_owned())]).await;
    assert!(code == 1 && said.contains("PORT"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_finds_what_is_wrong_and_names_the_remedy() {
    let sim = simulator();
    let (group, basic) = (sim.supergroup("The green"), sim.supergroup("The pond"));
    sim.add_bot_admin(group);
    sim.add_bot(basic);
    let dir = tempfile::tempdir().unwrap();
    let running = Running::start(&sim, dir.path(), &[], (Stdio::null(), Stdio::null())).await;
    let all = vars(&sim, dir.path(), &running.listen.to_string());
    within(10, "Beadle polls", || {
        !sim.calls_of("getUpdates").is_empty()
    })
    .await;
    let (mut code, mut said) = (1, String::new());
    for _ in 0..40 {
        (code, said) = asked(&["doctor"], &all).await;
        if said.contains("all parts are well") && said.contains("The pond") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    assert_eq!(code, 0, "{said}");
    for words in [
        "all parts are well",
        "accepted: @beadle_sim_bot",
        "agrees with Telegram's",
        "polling",
        "sound (quick check)",
        "Beadle may act in 1",
        "The pond",
        "Beadle is no admin",
        "make it an admin",
    ] {
        assert!(said.contains(words), "{words} is missing:\n{said}");
    }
    running.stop();
    // The same without a running Beadle, as JSON, and with a token that Telegram does not take.
    sim.fail_always(Some("getMe"), None, Fault::error(401, "Unauthorized"));
    let (code, said) = asked(&["doctor", "--json"], &all).await;
    assert_eq!(code, 1, "{said}");
    let lines: Vec<Value> = said
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    let finding = |check: &str| lines.iter().find(|l| l["check"] == check).unwrap();
    assert_eq!(finding("token")["state"], "fail");
    assert!(
        finding("token")["remedy"]
            .as_str()
            .unwrap()
            .contains("@BotFather")
    );
    assert_eq!(finding("running")["state"], "skip");
    assert_eq!(lines.last().unwrap()["fails"], 1);
    assert!(!said.contains(sim.token()), "{said}");
}

#[test]
fn the_doctor_sees_bad_settings_and_a_damaged_database_offline() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().to_str().unwrap();
    beadle(&["db", "init", "--data-dir", path]);
    let token = dir.path().join("token");
    std::fs::write(&token, TOKEN).unwrap();
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(&token, std::fs::Permissions::from_mode(0o644)).unwrap();
    let vars = [
        ("BEADLE_DATA_DIR", path),
        ("BEADLE_HTTP_LISTEN", "127.0.0.1:9"),
        ("TELEGRAM_BOT_TOKEN_FILE", token.to_str().unwrap()),
    ];
    let (out, said, _) = output(&["doctor", "--offline"], &vars);
    assert!(out.status.success(), "{said}");
    assert!(
        said.contains("others may read") && said.contains("chmod 600"),
        "{said}"
    );
    let (out, said, _) = output(&["doctor", "--offline"], &[vars[0], vars[1], ("PORT", "x")]);
    assert_eq!(out.status.code(), Some(1), "{said}");
    assert!(
        said.contains("No bot token") && said.contains("beadle config check"),
        "{said}"
    );
    // A page in the middle becomes rubbish.
    let file = dir.path().join(DATABASE_FILE);
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2 / 4096 * 4096;
    bytes[middle..middle + 4096].fill(0xa5);
    std::fs::write(&file, bytes).unwrap();
    let (out, said, _) = output(&["doctor", "--offline"], &vars);
    assert_eq!(out.status.code(), Some(1), "{said}");
    assert!(
        said.contains("FAIL  database") && said.contains("backup"),
        "{said}"
    );
    let (out, said, _) = output(&["db", "check"], &vars);
    assert!(!out.status.success(), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_whole_while_beadle_runs() {
    let sim = simulator();
    let (group, ann) = (sim.supergroup("The green"), sim.user("Ann"));
    sim.add_bot_admin(group);
    let dir = tempfile::tempdir().unwrap();
    let running = Running::start(&sim, dir.path(), &[], (Stdio::null(), Stdio::null())).await;
    let all = vars(&sim, dir.path(), &running.listen.to_string());
    for i in 0..20 {
        sim.say(group, ann, &format!("Chair number {i}"));
    }
    let database = dir.path().join(DATABASE_FILE);
    let judged = || {
        let conn = Connection::open(&database).unwrap();
        conn.query_row("SELECT count(*) FROM spam_results", [], |r| {
            r.get::<_, i64>(0)
        })
        .unwrap_or(0)
    };
    within(20, "all are judged", || judged() >= 20).await;
    let to = dir.path().join("copy.db");
    let (code, said) = asked(&["db", "backup", to.to_str().unwrap()], &all).await;
    assert_eq!(code, 0, "{said}");
    let copy = Connection::open(&to).unwrap();
    let kept: i64 = copy
        .query_row("SELECT count(*) FROM spam_results", [], |r| r.get(0))
        .unwrap();
    assert!(kept >= 20, "{kept}");
    let sound: String = copy
        .query_row("PRAGMA integrity_check", [], |r| r.get(0))
        .unwrap();
    assert_eq!(sound, "ok");
    use std::os::unix::fs::MetadataExt as _;
    assert_eq!(std::fs::metadata(&to).unwrap().mode() & 0o777, 0o600);
    // What is there is not written over.
    let (code, said) = asked(&["db", "backup", to.to_str().unwrap()], &all).await;
    assert!(
        code == 1 && said.contains("there is a file of that name"),
        "{said}"
    );
    let (code, said) = asked(&["db", "backup", "/nowhere/at/all.db"], &all).await;
    assert!(code == 1 && said.contains("/nowhere/at/all.db"), "{said}");
    let (code, said) = asked(&["db", "check"], &all).await;
    assert!(code == 0 && said.contains("sound"), "{said}");
    let (code, said) = asked(&["db", "info", "--json"], &all).await;
    let json: Value = serde_json::from_str(&said).unwrap();
    assert!(code == 0 && json["schema"] == known_schema(), "{said}");
    // All that through its socket: without one, the file of a running Beadle is left alone.
    let (socket, aside) = (dir.path().join("beadle.sock"), dir.path().join("aside"));
    std::fs::rename(&socket, &aside).unwrap();
    for verb in [
        &["db", "check"][..],
        &["db", "info"],
        &["db", "backup", "copy-2.db"],
    ] {
        let (code, said) = asked(verb, &all).await;
        assert!(
            code == 1 && said.contains("is using it"),
            "{verb:?}: {said}"
        );
    }
    std::fs::rename(&aside, &socket).unwrap();
    // The way back wants Beadle stopped, and there is nothing to go back to.
    let (code, said) = asked(&["db", "rollback", "--yes"], &all).await;
    assert!(code == 1 && said.contains("is using it"), "{said}");
    running.stop();
    let (code, said) = asked(&["db", "rollback"], &all).await;
    assert!(code == 1 && said.contains("there is no copy"), "{said}");
}

#[test]
fn the_way_back_restores_the_copy_and_keeps_what_it_replaces() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(DATABASE_FILE);
    let mut conn = Connection::open(&path).unwrap();
    conn.execute_batch("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA application_id = 1111834948")
        .unwrap();
    migrations().unwrap().to_version(&mut conn, 1).unwrap();
    conn.execute("INSERT INTO meta (key, value) VALUES ('mark', 'old')", [])
        .unwrap();
    drop(conn);
    let home = dir.path().to_str().unwrap();
    beadle(&["db", "init", "--data-dir", home]);
    Connection::open(&path)
        .unwrap()
        .execute("UPDATE meta SET value = 'new' WHERE key = 'mark'", [])
        .unwrap();
    let plan = beadle(&["db", "rollback", "--data-dir", home]);
    assert!(
        plan.contains("--yes") && plan.contains("(schema 1)"),
        "{plan}"
    );
    let of = |path: &Path| -> (i64, String) {
        let conn = Connection::open(path).unwrap();
        (
            conn.query_row("PRAGMA user_version", [], |r| r.get(0))
                .unwrap(),
            conn.query_row("SELECT value FROM meta WHERE key = 'mark'", [], |r| {
                r.get(0)
            })
            .unwrap(),
        )
    };
    assert_eq!(of(&path), (known_schema(), "new".to_owned()));
    let done = beadle(&["db", "rollback", "--yes", "--json", "--data-dir", home]);
    let done: Value = serde_json::from_str(&done).unwrap();
    assert_eq!(of(&path), (1, "old".to_owned()));
    let kept = Path::new(done["kept"].as_str().unwrap());
    assert_eq!(of(kept), (known_schema(), "new".to_owned()));
    // And the old one upgrades again as if nothing had happened.
    beadle(&["db", "init", "--data-dir", home]);
    assert_eq!(of(&path), (known_schema(), "old".to_owned()));
}
