//! The admin socket: verbs reach a running Beadle, and its database when none runs; rubbish reaches nobody.
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use beadle::app::App;
use beadle::app::admin::{MAX_ASK, SOCKET};
use beadle::base::random::{Random as _, SeededRandom};
use beadle::queue::{Done, Enqueue as _, Job, Trouble, Work, Worker};
use beadle::store::{DATABASE_FILE, DataDirLock};
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use crate::support::house::{house_with, simulator, value};
use crate::support::{Probe, app, message, raw, until};

/// Fails the first time, and then never.
struct Fickle;

impl Worker for Fickle {
    fn kind(&self) -> &'static str {
        "test.fickle"
    }

    fn run<'a>(&'a self, work: &'a mut Work) -> BoxFuture<'a, Result<Done, Trouble>> {
        Box::pin(async move {
            if work.payload["wait"] == true {
                work.progress(0.5, "half").await?;
                work.over().await;
                return Err(Trouble::Cancelled);
            }
            let seen = work
                .read(|c| beadle::store::meta::number(c, "seen"))
                .await?;
            if seen == 0 {
                return Err(Trouble::Hopeless("not the first time".into()));
            }
            Ok(Done::nothing())
        })
    }
}

async fn house(dir: &Path) -> App {
    let sim = simulator();
    house_with(&sim, dir, "act", |g| {
        g.fetch = false;
        g.workers.push(Arc::new(Fickle));
    })
    .await
}

fn verb(dir: &Path, args: &[&str]) -> Output {
    let dir = dir.to_str().unwrap();
    crate::cli::command(&[args, &["--data-dir", dir]].concat())
        .output()
        .unwrap()
}

/// What a verb that must succeed prints.
fn said(dir: &Path, args: &[&str]) -> String {
    let out = verb(dir, args);
    let err = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{args:?}: {err}");
    String::from_utf8(out.stdout).unwrap()
}

/// The JSON lines of a verb.
fn listed(dir: &Path, args: &[&str]) -> Vec<Value> {
    let text = said(dir, &[args, &["--json"]].concat());
    let rows: Vec<Value> = text
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    assert!(rows.iter().all(|r| r["v"] == 1));
    rows
}

async fn add(app: &App, payload: Value) -> i64 {
    let job = Job::new("test.fickle", payload);
    app.store
        .write(move |tx| tx.enqueue(&job, 1))
        .await
        .unwrap()
        .unwrap()
}

fn state(dir: &Path, id: i64) -> String {
    let row = listed(dir, &["jobs", "show", &id.to_string()]).remove(0);
    row["state"].as_str().unwrap().to_owned()
}

async fn until_state(dir: &Path, id: i64, wanted: &str) {
    until(wanted, || state(dir, id) == wanted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_are_shown_cancelled_and_retried_in_a_running_beadle_and_without_one() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path();
    let app = house(path).await;
    let mode = std::fs::metadata(path.join(SOCKET))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);

    let (fails, waits) = (
        add(&app, json!({ "n": 1 })).await,
        add(&app, json!({ "wait": true })).await,
    );
    until_state(path, fails, "dead").await;
    let dead = listed(path, &["jobs", "list", "--state", "dead"]);
    assert_eq!(dead.len(), 1);
    assert_eq!(
        (&dead[0]["id"], &dead[0]["error"]),
        (&json!(fails), &json!("not the first time"))
    );
    let text = said(path, &["jobs"]);
    assert!(
        text.contains("1 dead") && text.contains("not the first time"),
        "{text}"
    );
    assert!(said(path, &["jobs", "show", &fails.to_string()]).contains("payload       {\"n\":1}"));

    until_state(path, waits, "running").await;
    let text = said(path, &["jobs", "cancel", &waits.to_string()]);
    assert!(text.contains("told to end"), "{text}");
    until_state(path, waits, "cancelled").await;

    app.store
        .write(|tx| beadle::store::meta::put_number(tx, "seen", 1))
        .await
        .unwrap();
    assert!(said(path, &["jobs", "retry", &fails.to_string()]).contains("again now"));
    until_state(path, fails, "done").await;
    let schedules = listed(path, &["jobs", "schedules"]);
    let names: Vec<_> = schedules
        .iter()
        .map(|s| s["name"].as_str().unwrap())
        .collect();
    assert!(
        names.contains(&"ground.expire") && names.contains(&"ground.copies"),
        "{names:?}"
    );
    for (args, words) in [
        (&["jobs", "retry", "99"][..], "neither dead nor cancelled"),
        (&["jobs", "show", "99"], "no job number 99"),
        (&["jobs", "list", "--state", "odd"], "one of later, ready"),
        (&["jobs", "list", "--limit", "5000"], "1 to 1000"),
        (&["outbox", "drop", "99"], "no open call number 99"),
    ] {
        let out = verb(path, args);
        let err = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(
            !out.status.success() && err.contains(words),
            "{args:?}: {err}"
        );
    }
    app.stop().await;
    assert!(!path.join(SOCKET).exists());

    // Nobody runs: the same verbs, and what they change waits for the next start.
    assert_eq!(state(path, fails), "done");
    assert!(said(path, &["jobs", "retry", &waits.to_string()]).contains("next start"));
    // A socket left by a Beadle that was killed listens to nobody.
    drop(UnixListener::bind(path.join(SOCKET)).unwrap());
    assert_eq!(state(path, waits), "ready");
    // The lock is held, and nobody listens: refused, with the holder's name.
    let _held = DataDirLock::acquire(path).unwrap();
    let out = verb(path, &["jobs"]);
    let err = String::from_utf8_lossy(&out.stderr);
    assert!(
        err.contains(&format!("process {}", std::process::id())),
        "{err}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_put_back_in_a_running_beadle_is_handled_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let probe = Arc::new(Probe::default());
    let app = app(dir.path(), probe.clone()).await;
    app.intake
        .accept(vec![raw(message(1, -5, 7, 1, "error"))])
        .await
        .unwrap();
    let dead = "SELECT count(*) FROM inbox WHERE state = 2";
    while value::<i64>(&app, dead).await == 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let tries = probe.tries.lock().unwrap().len();
    let row = listed(dir.path(), &["inbox"]).remove(0);
    let text = said(dir.path(), &["inbox", "replay", &row["seq"].to_string()]);
    assert!(text.contains("handled now"), "{text}");
    until("tried again", || probe.tries.lock().unwrap().len() > tries).await;
    app.stop().await;
}

/// One line to the socket, and the lines of the answer until an end or an error; None when it hung up.
fn talk(path: &Path, bytes: &[u8]) -> Option<Vec<Value>> {
    let mut stream = UnixStream::connect(path.join(SOCKET)).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    // It may hang up before it has heard all.
    let _sent = stream.write_all(bytes);
    let _closed = stream.shutdown(std::net::Shutdown::Write);
    let mut lines = Vec::new();
    for line in BufReader::new(stream).lines() {
        let line: Value = serde_json::from_str(&line.ok()?).unwrap();
        let last = line.get("end").is_some() || line.get("error").is_some();
        lines.push(line);
        if last {
            return Some(lines);
        }
    }
    None
}

#[tokio::test(flavor = "multi_thread")]
async fn rubbish_is_refused_in_words_and_hurts_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path();
    let app = house(path).await;
    let asked = |verb: &str, args: Value| {
        format!(
            "{}\n",
            json!({ "v": 1, "id": "x", "verb": verb, "args": args })
        )
        .into_bytes()
    };
    let fine = talk(path, &asked("jobs.counts", json!({}))).unwrap();
    assert_eq!((&fine[0]["id"], &fine[1]["end"]), (&json!("x"), &json!(1)));

    let mut bad: Vec<Vec<u8>> = [
        "\n",
        "null\n",
        "[]\n",
        "\"x\"\n",
        "{}\n",
        "{\"v\":1}\n",
        "{\"v\":2,\"id\":\"x\",\"verb\":\"jobs.list\"}\n",
        "{\"v\":1,\"id\":7,\"verb\":\"jobs.list\"}\n",
        "{\"v\":1,\"id\":\"x\",\"verb\":\"\"}\n",
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "{\"v\":1,\"id\":\"x\",\"verb\":\"jobs.list\"",
    ]
    .map(|t| t.as_bytes().to_vec())
    .to_vec();
    bad.push(b"\xff\xfe\x00\n".to_vec());
    bad.push(format!("{}\n", "[".repeat(60_000)).into_bytes());
    bad.push(vec![b'x'; MAX_ASK + 10]);
    bad.push([vec![b' '; 4 * MAX_ASK], b"\n".to_vec()].concat());
    bad.push(asked("no.such", json!({})));
    bad.push(asked(&"v".repeat(70), json!({})));
    bad.push(asked("jobs.list", json!([])));
    bad.push(asked("jobs.list", json!({ "limit": -1 })));
    bad.push(asked("jobs.list", json!({ "limit": 1e99 })));
    bad.push(asked("jobs.list", json!({ "kind": ["x"] })));
    bad.push(asked("jobs.list", json!({ "state": "x".repeat(200) })));
    bad.push(asked(
        "jobs.show",
        json!({ "number": "1; DROP TABLE jobs" }),
    ));
    bad.push(asked("jobs.cancel", json!({})));
    for bytes in &bad {
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(60)]).into_owned();
        let answer = talk(path, bytes).unwrap_or_else(|| panic!("no answer to {shown:?}"));
        let error = &answer.last().unwrap()["error"];
        assert_eq!(error["code"], "bad_request", "{shown:?}: {error}");
        assert!(error["detail"].as_str().unwrap().len() > 10, "{error}");
    }
    let random = SeededRandom::new(3);
    for _ in 0..60 {
        let mut bytes = vec![0; usize::try_from(random.below(3_000)).unwrap()];
        random.fill(&mut bytes);
        bytes.push(b'\n');
        let answer = talk(path, &bytes);
        assert!(
            answer.is_none_or(|lines| lines.iter().all(|l| l["error"]["code"] == "bad_request"))
        );
    }
    // Callers who say nothing are shown out, and delay nobody meanwhile.
    let mut silent: Vec<UnixStream> = (0..12)
        .map(|_| UnixStream::connect(path.join(SOCKET)).unwrap())
        .collect();
    let began = Instant::now();
    assert!(talk(path, &asked("jobs.counts", json!({}))).is_some());
    assert!(
        began.elapsed() < Duration::from_secs(3),
        "{:?}",
        began.elapsed()
    );
    silent[0]
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    assert_eq!(silent[0].read(&mut [0; 8]).unwrap(), 0, "hung up");
    assert!(began.elapsed() > Duration::from_secs(5));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_path_and_another_user() {
    let dir = tempfile::tempdir().unwrap();
    let deep = dir.path().join("a-folder-with-a-long-name/".repeat(6));
    std::fs::create_dir_all(&deep).unwrap();
    let app = house(&deep).await;
    assert!(said(&deep, &["jobs"]).contains("ready"));
    app.stop().await;

    if !rustix::process::geteuid().is_root() {
        println!("skipped: being another user needs root");
        return;
    }
    let app = house(dir.path()).await;
    let open = |path: &Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    open(dir.path(), 0o755);
    let other = |dir: &Path| {
        // The program itself may lie where others cannot go: the socket is spoken to by another one.
        let script = "import socket,sys\ns=socket.socket(socket.AF_UNIX)\ns.connect(sys.argv[1])\n\
                      # Who is refused is told so at once, and may be hung up on.\n\
                      try: s.sendall(b'{\"v\":1,\"id\":\"1\",\"verb\":\"jobs.list\"}\\n')\n\
                      except BrokenPipeError: pass\nprint(s.recv(4000).decode())";
        Command::new("python3")
            .args(["-c", script, dir.join(SOCKET).to_str().unwrap()])
            .uid(65_534)
            .current_dir("/")
            .output()
            .unwrap()
    };
    let out = other(dir.path());
    assert!(
        String::from_utf8_lossy(&out.stderr).contains("Permission"),
        "{out:?}"
    );
    open(&dir.path().join(SOCKET), 0o666);
    let out = other(dir.path());
    let said = String::from_utf8_lossy(&out.stdout);
    assert!(
        said.contains("forbidden") && said.contains("sudo -u"),
        "{out:?}"
    );
    app.stop().await;
}

#[tokio::test]
async fn a_closed_pipe_ends_a_verb_quietly() {
    let dir = tempfile::tempdir().unwrap();
    let store = beadle::store::Store::open(&beadle::store::StoreOptions::new(dir.path())).unwrap();
    for n in 0..4 {
        store
            .write(move |tx| {
                for i in 0..250 {
                    let job = Job::new("test.fickle", json!({}))
                        .unique(format!("{n} {i} {}", "x".repeat(150)));
                    tx.enqueue(&job, 1)?;
                }
                Ok(())
            })
            .await
            .unwrap();
    }
    store.close();
    assert!(dir.path().join(DATABASE_FILE).exists());
    for args in [
        &["jobs", "list", "--limit", "1000", "--json"][..],
        &["jobs", "list", "--limit", "1000"],
        &["config", "generate"],
    ] {
        let mut args = args.to_vec();
        if args[0] == "jobs" {
            args.extend(["--data-dir", dir.path().to_str().unwrap()]);
        }
        let mut child = crate::cli::command(&args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // As `head -0` does: nobody reads.
        drop(child.stdout.take());
        let status = child.wait().unwrap();
        let mut err = String::new();
        child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut err)
            .unwrap();
        assert!(
            status.success() && err.is_empty(),
            "{args:?}: {status}: {err}"
        );
    }
}
