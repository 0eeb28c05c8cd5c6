//! The real program as a child that can be killed.
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child as Process, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::world::World;

/// Ends with the test, whatever happens to the test.
pub(super) struct Child {
    process: Process,
    log: PathBuf,
    /// Where its words begin in the log.
    from: u64,
}

/// The file in the data directory with what the children said.
const LOG: &str = "said.log";
/// A ban list in the data directory; where it lies, children use it.
pub(super) const LIST: &str = "unwanted.txt";

impl Child {
    /// `beadle run` in the world; `crash_at` names a crash point.
    pub(super) fn start(world: &World, crash_at: Option<&str>) -> Self {
        let mut command = crate::cli::command(&["run", "--listen", "127.0.0.1:0"]);
        if let Some(point) = crash_at {
            command.env("BEADLE_CRASH_AT", point);
        }
        Self::spawn(command, world)
    }

    /// Any command, given the world's settings.
    pub(super) fn spawn(mut command: Command, world: &World) -> Self {
        let path = world.dir.path().join(LOG);
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)
            .unwrap();
        let from = log.metadata().unwrap().len();
        let list = world.dir.path().join(LIST);
        if list.exists() {
            command.env("BEADLE_BAN_LISTS", list);
        }
        let process = command
            .env("TELEGRAM_BOT_TOKEN", world.sim.token())
            .env("BEADLE_TELEGRAM_API_URL", world.sim.url())
            .env("BEADLE_DATA_DIR", world.dir.path())
            .env("BEADLE_MODERATION_MODE", "act")
            .env("BEADLE_LOG", "info")
            .stdout(Stdio::from(log.try_clone().unwrap()))
            .stderr(Stdio::from(log))
            .spawn()
            .unwrap();
        Self {
            process,
            log: path,
            from,
        }
    }

    /// Waits until it says that it has started, and so listens to signals; false when it ends before.
    pub(super) fn started(&mut self) -> bool {
        let deadline = Instant::now() + Duration::from_secs(30);
        while Instant::now() < deadline {
            let said = std::fs::read(&self.log).unwrap();
            let own = said.get(self.from as usize..).unwrap_or_default();
            if String::from_utf8_lossy(own).contains("started, ") {
                return true;
            }
            if self.ended(Duration::from_millis(5)).is_some() {
                return false;
            }
        }
        false
    }

    /// How it ended by itself, if it did within `time`.
    pub(super) fn ended(&mut self, time: Duration) -> Option<ExitStatus> {
        let deadline = Instant::now() + time;
        loop {
            if let Some(status) = self.process.try_wait().unwrap() {
                return Some(status);
            }
            if Instant::now() >= deadline {
                return None;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// SIGKILL: nothing of it runs any more.
    pub(super) fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// SIGTERM, and how it ended; None when it had to be killed after `patience`.
    pub(super) fn stop(mut self, patience: Duration) -> Option<ExitStatus> {
        self.terminate();
        self.ended(patience)
    }

    pub(super) fn terminate(&self) {
        kill_process(Pid::from_child(&self.process), Signal::TERM).unwrap();
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // It may have ended already.
        let _ended = self.process.kill();
        let _waited = self.process.wait();
    }
}

/// Ended by `abort`, as crash points do.
pub(super) fn aborted(status: ExitStatus) -> bool {
    status.signal() == Some(6)
}

/// The last words of all children, for the message of a failed test.
pub(super) fn last_words(dir: &Path) -> String {
    let log = std::fs::read_to_string(dir.join(LOG)).unwrap_or_default();
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(60)..].join("\n")
}
