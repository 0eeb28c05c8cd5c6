//! What systemd is told, and how Beadle ends.
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use beadle::store::DATABASE_FILE;
use beadle::telegram::simulator::Simulator;
use rusqlite::Connection;
use rustix::process::Signal;

use crate::faults_http::Running;
use crate::support::house::simulator;

/// Plays the manager's side of the socket.
struct Manager {
    socket: UnixDatagram,
    path: PathBuf,
}

impl Manager {
    fn new(dir: &Path) -> Self {
        let path = dir.join("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        Self { socket, path }
    }

    /// Everything that was said within `time`, one message after another.
    fn heard_for(&self, time: Duration) -> Vec<String> {
        let mut heard = Vec::new();
        let end = Instant::now() + time;
        while let Some(left) = end
            .checked_duration_since(Instant::now())
            .filter(|l| !l.is_zero())
        {
            self.socket.set_read_timeout(Some(left)).unwrap();
            let mut bytes = [0_u8; 4096];
            if let Ok(n) = self.socket.recv(&mut bytes) {
                heard.push(String::from_utf8(bytes[..n].to_vec()).unwrap());
            }
        }
        heard
    }

    /// Waits for a message that holds `words`.
    fn hears(&self, words: &str, time: Duration) -> bool {
        let end = Instant::now() + time;
        while let Some(left) = end
            .checked_duration_since(Instant::now())
            .filter(|l| !l.is_zero())
        {
            self.socket.set_read_timeout(Some(left)).unwrap();
            let mut bytes = [0_u8; 4096];
            if let Ok(n) = self.socket.recv(&mut bytes)
                && String::from_utf8_lossy(&bytes[..n]).contains(words)
            {
                return true;
            }
        }
        false
    }

    async fn start(&self, sim: &Simulator, dir: &Path, log: &Path) -> Running {
        let log = std::fs::File::create(log).unwrap();
        let more = [
            ("NOTIFY_SOCKET", self.path.to_str().unwrap()),
            ("WATCHDOG_USEC", "1500000"),
        ];
        Running::start(sim, dir, &more, (Stdio::null(), log.into())).await
    }
}

const SOON: Duration = Duration::from_secs(15);

/// Somebody else holds the database, so that the writer hangs.
fn hold(dir: &Path) -> Connection {
    let other = Connection::open(dir.join(DATABASE_FILE)).unwrap();
    other.busy_timeout(Duration::from_secs(10)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    other
}

#[tokio::test(flavor = "multi_thread")]
async fn systemd_hears_of_life_only_while_the_writer_answers() {
    let sim = simulator();
    let dir = tempfile::tempdir().unwrap();
    let manager = Manager::new(dir.path());
    let log = dir.path().join("log");
    let running = manager.start(&sim, dir.path(), &log).await;
    let heard = manager.heard_for(Duration::from_secs(8));
    let said = |words: &str| heard.iter().any(|m| m.contains(words));
    assert!(
        said("READY=1") && said("WATCHDOG=1") && said("STATUS=all is well"),
        "{heard:?} {}",
        std::fs::read_to_string(&log).unwrap()
    );
    let held = hold(dir.path());
    // One may have been on its way.
    manager.heard_for(Duration::from_secs(1));
    let heard = manager.heard_for(Duration::from_secs(4));
    assert!(!heard.iter().any(|m| m.contains("WATCHDOG=1")), "{heard:?}");
    held.execute_batch("ROLLBACK").unwrap();
    assert!(manager.hears("WATCHDOG=1", SOON));
    running.signal(Signal::TERM);
    assert!(manager.hears("STOPPING=1", SOON));
    let mut running = running;
    assert!(running.ended_within(SOON).unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_at_once() {
    let sim = simulator();
    let dir = tempfile::tempdir().unwrap();
    let manager = Manager::new(dir.path());
    let log = dir.path().join("log");
    let mut running = manager.start(&sim, dir.path(), &log).await;
    assert!(manager.hears("READY=1", SOON));
    // With the writer stuck the stop cannot come to its end.
    let held = hold(dir.path());
    running.signal(Signal::TERM);
    assert!(manager.hears("STOPPING=1", SOON));
    assert!(running.ended_within(Duration::from_secs(1)).is_none());
    running.signal(Signal::TERM);
    let status = running
        .ended_within(Duration::from_secs(2))
        .expect("it ends at once");
    assert_eq!(status.code(), Some(1));
    drop(held);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "soak: takes half a minute"]
async fn soak_a_stop_takes_at_most_thirty_seconds() {
    let sim = simulator();
    let dir = tempfile::tempdir().unwrap();
    let manager = Manager::new(dir.path());
    let log = dir.path().join("log");
    let mut running = manager.start(&sim, dir.path(), &log).await;
    assert!(manager.hears("READY=1", SOON));
    let held = hold(dir.path());
    let began = Instant::now();
    running.signal(Signal::TERM);
    let status = running
        .ended_within(Duration::from_secs(40))
        .expect("it ends");
    println!("a stop with a stuck writer took {:?}", began.elapsed());
    assert!(
        began.elapsed() < Duration::from_secs(30),
        "{:?} {status:?}",
        began.elapsed()
    );
    drop(held);
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_read_anew_and_bad_ones_change_nothing() {
    let sim = simulator();
    let dir = tempfile::tempdir().unwrap();
    let manager = Manager::new(dir.path());
    let log = dir.path().join("log");
    let file = dir.path().join("beadle.toml");
    std::fs::write(&file, "[log]\nlevel = \"info\"\n").unwrap();
    let running = manager.start(&sim, dir.path(), &log).await;
    assert!(manager.hears("READY=1", SOON));
    let said = || std::fs::read_to_string(&log).unwrap();
    std::fs::write(
        &file,
        "[log]\nlevel = \"debug\"\n[http]\nlisten = \"127.0.0.1:1\"\n",
    )
    .unwrap();
    // The listener of this run was given in the environment, which wins.
    running.signal(Signal::HUP);
    assert!(manager.hears("RELOADING=1", SOON) && manager.hears("READY=1", SOON));
    assert!(said().contains("a setting has changed"), "{}", said());
    assert!(!said().contains("http.listen"), "{}", said());
    std::fs::write(&file, "[log]\nlevel = \"debug\"\n[store]\nreaders = 9\n").unwrap();
    running.signal(Signal::HUP);
    assert!(manager.hears("READY=1", SOON));
    assert!(
        said().contains("waits for a restart") && said().contains("store.readers"),
        "{}",
        said()
    );
    std::fs::write(&file, "[log]\nlevle = \"debug\"\n").unwrap();
    running.signal(Signal::HUP);
    assert!(manager.hears("READY=1", SOON));
    assert!(
        said().contains("did you mean `log.level`") && said().contains("stay as they were"),
        "{}",
        said()
    );
    assert!(running.stop().success());
}
