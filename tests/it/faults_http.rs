//! The HTTP face: health in two codes, a thousand connections kept alive, limits of size and patience.
use std::net::SocketAddr;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use beadle::telegram::simulator::{Fault, Simulator};

use crate::support::house::{health, house, simulator, until_health};

/// `beadle run` in a process of its own, ended with the test.
pub(crate) struct Running {
    child: Child,
    pub(crate) listen: SocketAddr,
}

impl Running {
    pub(crate) async fn start(
        sim: &Simulator,
        dir: &std::path::Path,
        more: &[(&str, &str)],
        out: (Stdio, Stdio),
    ) -> Self {
        let listen = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let child = crate::cli::command(&["run"])
            .env("TELEGRAM_BOT_TOKEN", sim.token())
            .env("BEADLE_TELEGRAM_API_URL", sim.url())
            .env("BEADLE_DATA_DIR", dir)
            .env("BEADLE_HTTP_LISTEN", listen.to_string())
            .envs(more.iter().copied())
            .stdout(out.0)
            .stderr(out.1)
            .spawn()
            .unwrap();
        let this = Self { child, listen };
        for _ in 0..2_000 {
            if TcpStream::connect(listen).await.is_ok() {
                return this;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("`beadle run` does not listen");
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// Waits until it has ended by itself, for at most so long.
    pub(crate) fn ended_within(&mut self, time: Duration) -> Option<std::process::ExitStatus> {
        let began = Instant::now();
        while began.elapsed() < time {
            if let Some(status) = self.child.try_wait().unwrap() {
                return Some(status);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        None
    }

    /// Asks it to stop and waits until it has.
    pub(crate) fn stop(mut self) -> std::process::ExitStatus {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        self.child.wait().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Ended already after `stop`.
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// Sends a request on an open connection and reads the answer's head and body; None when it was closed.
async fn ask(stream: &mut TcpStream, request: &str) -> Option<String> {
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut text = Vec::new();
    let mut chunk = [0_u8; 4096];
    loop {
        let n = stream.read(&mut chunk).await.ok()?;
        if n == 0 {
            return (!text.is_empty()).then(|| String::from_utf8_lossy(&text).into_owned());
        }
        text.extend_from_slice(&chunk[..n]);
        let so_far = String::from_utf8_lossy(&text).to_lowercase();
        if let Some((head, body)) = so_far.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|l| l.strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                return Some(String::from_utf8_lossy(&text).into_owned());
            }
        }
    }
}

const GET: &str = "GET /health HTTP/1.1\r\nHost: beadle\r\n\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_connections_are_kept_and_answered() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    if limit.maximum.is_some_and(|most| most < 2_048) {
        println!(
            "skipped: at most {:?} files may be open here",
            limit.maximum
        );
        return;
    }
    let enough = Rlimit {
        current: limit
            .maximum
            .map_or(Some(4_096), |most| Some(most.min(4_096))),
        maximum: limit.maximum,
    };
    setrlimit(Resource::Nofile, enough).unwrap();
    let sim = simulator();
    let (group, ann) = (sim.supergroup("The green"), sim.user("Ann"));
    sim.add_bot_admin(group);
    let dir = tempfile::tempdir().unwrap();
    let running = Running::start(&sim, dir.path(), &[], (Stdio::null(), Stdio::null())).await;
    let mut open = Vec::new();
    for _ in 0..1_000 {
        open.push(TcpStream::connect(running.listen).await.unwrap());
    }
    // Each of them twice: nobody was hung up on in between.
    for round in 0..2 {
        let mut asking = tokio::task::JoinSet::new();
        for mut stream in open.drain(..) {
            asking.spawn(async move {
                let answer =
                    tokio::time::timeout(Duration::from_secs(20), ask(&mut stream, GET)).await;
                (answer.ok().flatten().unwrap_or_default(), stream)
            });
        }
        while let Some(done) = asking.join_next().await {
            let (answer, stream) = done.unwrap();
            assert!(answer.starts_with("HTTP/1.1 "), "round {round}: {answer:?}");
            assert!(answer.contains("\"components\""), "{answer}");
            open.push(stream);
        }
        assert_eq!(open.len(), 1_000);
    }
    // And the bot does its work beside them.
    let asked = sim.say(group, ann, "/help");
    let answered = |sim: &Simulator| {
        sim.bot_messages(group)
            .iter()
            .any(|m| m.reply_to() == Some(asked))
    };
    assert!(sim.wait_until(answered, Duration::from_secs(10)).await);
    let began = Instant::now();
    assert!(running.stop().success());
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[tokio::test(flavor = "multi_thread")]
async fn health_is_200_or_503_and_names_the_part() {
    let sim = simulator();
    let dir = tempfile::tempdir().unwrap();
    let app = house(&sim, dir.path()).await;
    until_health(&app, 200).await;
    let (_, body) = health(&app).await;
    assert_eq!(
        (body["v"].as_i64(), body["status"].as_str()),
        (Some(1), Some("healthy"))
    );
    let names: Vec<&str> = body["components"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        ["database", "telegram", "inbox", "outbox", "jobs", "disk"]
    );
    sim.fail_always(Some("getUpdates"), None, Fault::Status502);
    sim.user("Wake the poll");
    let group = sim.supergroup("The green");
    sim.add_bot_admin(group);
    until_health(&app, 503).await;
    let (_, body) = health(&app).await;
    assert_eq!(body["status"], "degraded");
    let ill: Vec<&str> = body["components"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|c| c["ok"] == false)
        .map(|c| c["name"].as_str().unwrap())
        .collect();
    assert_eq!(ill, ["telegram"]);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn large_and_unfinished_requests_do_not_hold_it_up() {
    let sim = simulator();
    let dir = tempfile::tempdir().unwrap();
    let app = house(&sim, dir.path()).await;
    let connect = || TcpStream::connect(app.listen);
    // What is too long for a head is refused.
    let long = format!(
        "GET /health HTTP/1.1\r\nHost: b\r\nX: {}\r\n\r\n",
        "x".repeat(1 << 20)
    );
    let answer = ask(&mut connect().await.unwrap(), &long).await;
    assert!(answer.is_none_or(|a| a.starts_with("HTTP/1.1 4")));
    // Neither a wrong method nor a wrong path is more than that.
    let post = "POST /health HTTP/1.1\r\nHost: b\r\nContent-Length: 2\r\n\r\nhi";
    assert!(
        ask(&mut connect().await.unwrap(), post)
            .await
            .unwrap()
            .starts_with("HTTP/1.1 405")
    );
    let hook = "POST /telegram HTTP/1.1\r\nHost: b\r\nContent-Length: 2\r\n\r\n{}";
    let answer = ask(&mut connect().await.unwrap(), hook).await.unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 404"),
        "no webhook while polling: {answer}"
    );
    // Fifty people who begin and do not go on: others are answered, and a stop does not wait for them.
    let mut idle = Vec::new();
    for _ in 0..50 {
        let mut stream = connect().await.unwrap();
        stream
            .write_all(b"GET /health HTTP/1.1\r\nHos")
            .await
            .unwrap();
        idle.push(stream);
    }
    assert!(ask(&mut connect().await.unwrap(), GET).await.is_some());
    let began = Instant::now();
    app.stop().await;
    assert!(
        began.elapsed() < Duration::from_secs(8),
        "{:?}",
        began.elapsed()
    );
}
