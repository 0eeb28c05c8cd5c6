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

/// Serves `messages` waiting updates until the parent ends it; prints address and token.
pub(super) async fn serve(messages: usize) -> anyhow::Result<()> {
    let sim = Simulator::start(SimOptions {
        check_answers: false,
        keep_calls: 0,
        ..SimOptions::default()
    })?;
    let mut feed = Feed::new(3, 1, &sim);
    for _ in 0..messages {
        let (id, json) = feed.next(SystemClock.now());
        sim.push_raw(id, serde_json::from_str(&json)?);
    }
    println!("{} {}", sim.url(), sim.token());
    // The parent kills this process; should it be gone, its end of the pipe is.
    tokio::task::spawn_blocking(|| std::io::stdin().lock().lines().count()).await?;
    Ok(())
}

/// Messages a second from the first poll to the last decision.
pub(super) async fn measure(dir: &Path, n: usize) -> anyhow::Result<f64> {
    let child = Command::new(std::env::current_exe()?)
        .args(["bench", "simulator", &n.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut child = Ended(child);
    let out = child
        .0
        .stdout
        .take()
        .context("the simulator has no output")?;
    let line = tokio::task::spawn_blocking(move || {
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line).map(|_| line)
    })
    .await??;
    let (url, token) = line
        .trim()
        .split_once(' ')
        .context("the simulator did not start")?;
    let env = Env::of(&[
        ("TELEGRAM_BOT_TOKEN", token),
        ("BEADLE_TELEGRAM_API_URL", url),
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
    child.end();
    #[expect(clippy::cast_precision_loss, reason = "counts are small")]
    Ok(n as f64 / seconds)
}
