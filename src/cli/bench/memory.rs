//! What the process takes: CPU, memory, time to start. Read from /proc.
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;

use super::polled::Telegram;
use crate::telegram::simulator::{SimOptions, Simulator};

/// CPU time of this process so far, all threads.
pub(super) fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    let (secs, nanos) = (
        u64::try_from(time.tv_sec).unwrap_or(0),
        u32::try_from(time.tv_nsec).unwrap_or(0),
    );
    Duration::new(secs, nanos)
}

/// Resident memory of a process, in MB.
fn resident(pid: u32) -> anyhow::Result<f64> {
    let path = format!("/proc/{pid}/status");
    let status = std::fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
    let line = status
        .lines()
        .find_map(|l| l.strip_prefix("VmRSS:"))
        .context("no VmRSS")?;
    let kb: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kb / 1024.0)
}

/// Resident memory of `beadle run` after it has fetched and handled `n` messages, in MB.
pub(super) async fn after(dir: &Path, n: usize) -> anyhow::Result<f64> {
    let telegram = Telegram::start(n).await?;
    let mut child = Ended(spawn(dir, &telegram.url, &telegram.token)?);
    telegram.fetched().await?;
    // The last ones are still in their lanes.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let resident = resident(child.0.id());
    child.end();
    resident
}

pub(super) struct Start {
    pub(super) first_poll_ms: f64,
    pub(super) idle_mb: f64,
}

/// Starts `beadle run` on a database five times; the median time to its first poll, and what it takes
/// when nothing happens.
pub(super) async fn cold_start(dir: &Path) -> anyhow::Result<Start> {
    let mut times = Vec::new();
    let mut idle_mb = 0.0;
    for _ in 0..5 {
        let sim = Simulator::start(SimOptions::default())?;
        // With something to fetch the first poll is answered, and seen, at once.
        sim.push_update(
            serde_json::json!({ "poll": { "id": "1", "question": "?", "options": [] } }),
        );
        let began = Instant::now();
        let mut child = Ended(spawn(dir, &sim.url(), sim.token())?);
        let polled = |s: &Simulator| !s.calls_of("getUpdates").is_empty();
        anyhow::ensure!(
            sim.wait_until(polled, Duration::from_secs(30)).await,
            "no poll within 30 s"
        );
        times.push(began.elapsed().as_secs_f64() * 1e3);
        tokio::time::sleep(Duration::from_secs(2)).await;
        idle_mb = resident(child.0.id())?;
        child.end();
        sim.stop();
    }
    times.sort_by(f64::total_cmp);
    Ok(Start {
        first_poll_ms: times[2],
        idle_mb,
    })
}

fn spawn(dir: &Path, url: &str, token: &str) -> anyhow::Result<Child> {
    let program = std::env::current_exe()?;
    Ok(Command::new(program)
        .arg("run")
        .env_clear()
        .env("TELEGRAM_BOT_TOKEN", token)
        .env("BEADLE_TELEGRAM_API_URL", url)
        .env("BEADLE_DATA_DIR", dir)
        .env("BEADLE_HTTP_LISTEN", "127.0.0.1:0")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?)
}

/// A child that does not outlive the measurement.
pub(super) struct Ended(pub(super) Child);

impl Ended {
    pub(super) fn end(&mut self) {
        // It may have ended by itself.
        let _gone = self.0.kill();
        let _gone = self.0.wait();
    }
}

impl Drop for Ended {
    fn drop(&mut self) {
        self.end();
    }
}
