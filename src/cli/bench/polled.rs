//! The whole way: a simulator in another process, polled over HTTP.
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context as _;

use super::feed::Feed;
use super::memory::Ended;
use crate::app::{App, Ground};
use crate::base::clock::{Clock as _, SystemClock};
use crate::config::{Env, Flags, Settings};
use crate::telegram::simulator::{SimOptions, Simulator};

/// Updates that wait at once; more are made as these are fetched.
const WAITING: usize = 50_000;

/// Serves `messages` waiting updates until the parent ends it; prints address and token, and
/// a line when all were fetched.
pub(super) async fn serve(messages: usize) -> anyhow::Result<()> {
    let sim = Simulator::start(SimOptions {
        check_answers: false,
        keep_calls: 0,
        ..SimOptions::default()
    })?;
    let mut feed = Feed::new(3, 1, &sim);
    let mut give = |n: usize| -> anyhow::Result<()> {
        for _ in 0..n {
            let (id, json) = feed.next(SystemClock.now());
            sim.push_raw(id, serde_json::from_str(&json)?);
        }
        Ok(())
    };
    let first = messages.min(WAITING);
    give(first)?;
    println!("{} {}", sim.url(), sim.token());
    let mut left = messages - first;
    while left > 0 || sim.pending_updates() > 0 {
        let more = left.min(WAITING.saturating_sub(sim.pending_updates()));
        give(more)?;
        left -= more;
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    println!("all fetched");
    // The parent kills this process; should it be gone, its end of the pipe is.
    tokio::task::spawn_blocking(|| std::io::stdin().lock().lines().count()).await?;
    Ok(())
}

/// Messages a second from the first poll to the last decision.
pub(super) async fn measure(dir: &Path, n: usize) -> anyhow::Result<f64> {
    let mut telegram = Telegram::start(n).await?;
    let env = Env::of(&[
        ("TELEGRAM_BOT_TOKEN", &telegram.token),
        ("BEADLE_TELEGRAM_API_URL", &telegram.url),
        ("BEADLE_DATA_DIR", &dir.to_string_lossy()),
        ("BEADLE_HTTP_LISTEN", "127.0.0.1:0"),
    ]);
    let settings = Settings::load(&Flags::default(), &env)?.0;
    let done = Arc::new(AtomicUsize::new(0));
    let counted = done.clone();
    let mut ground = Ground::real(&settings);
    ground.decided = Some(Arc::new(move |ids: &[i64]| {
        counted.fetch_add(ids.len(), Ordering::Relaxed);
    }));
    let began = Instant::now();
    let app = App::start(settings, ground).await?;
    while done.load(Ordering::Relaxed) < n {
        anyhow::ensure!(
            began.elapsed() < Duration::from_secs(120),
            "not done within two minutes"
        );
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let seconds = began.elapsed().as_secs_f64();
    app.stop().await;
    telegram.child.end();
    #[expect(clippy::cast_precision_loss, reason = "counts are small")]
    Ok(n as f64 / seconds)
}

/// A simulator in a process of its own.
pub(super) struct Telegram {
    pub(super) child: Ended,
    pub(super) url: String,
    pub(super) token: String,
    out: BufReader<std::process::ChildStdout>,
}

impl Telegram {
    /// One with `messages` to fetch.
    pub(super) async fn start(messages: usize) -> anyhow::Result<Self> {
        let child = Command::new(std::env::current_exe()?)
            .args(["bench", "simulator", &messages.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut child = Ended(child);
        let out = child
            .0
            .stdout
            .take()
            .context("the simulator has no output")?;
        let (line, out) = line(BufReader::new(out)).await?;
        let (url, token) = line
            .split_once(' ')
            .context("the simulator did not start")?;
        let (url, token) = (url.to_owned(), token.to_owned());
        Ok(Self {
            child,
            url,
            token,
            out,
        })
    }

    /// Waits until everything was fetched.
    pub(super) async fn fetched(self) -> anyhow::Result<()> {
        line(self.out).await?;
        Ok(())
    }
}

async fn line<R: std::io::Read + Send + 'static>(
    mut out: BufReader<R>,
) -> anyhow::Result<(String, BufReader<R>)> {
    let read = tokio::task::spawn_blocking(move || {
        let mut line = String::new();
        out.read_line(&mut line)
            .map(|_| (line.trim().to_owned(), out))
    });
    Ok(read.await??)
}
