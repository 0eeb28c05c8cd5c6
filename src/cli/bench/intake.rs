//! Throughput, latency, and what a full database adds.
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::feed::Feed;
use super::report::{Report, percentile};
use super::{IntakeArgs, memory, polled, preload, store};
use crate::app::{App, Ground};
use crate::base::clock::{Clock as _, SystemClock};
use crate::config::{Env, Flags, Settings};
use crate::telegram::intake::RawUpdate;
use crate::telegram::simulator::{SimOptions, Simulator};

/// Updates handed over at once, as a full poll would.
const BATCH: usize = 100;
/// Updates under way at most, so that queues do not stand in for speed.
const UNDER_WAY: usize = 2_000;

pub(super) async fn run(args: &IntakeArgs, report: &mut Report) -> anyhow::Result<()> {
    let scratch = Scratch::new(args.dir.as_deref())?;
    let n = args.messages;

    let empty = throughput(&scratch.dir("fill"), n, Duration::ZERO).await?;
    report.row(
        "intake function, messages a second",
        empty.rate,
        "/s",
        Some((false, 5_000.0)),
    );
    report.row(
        "intake function, CPU of a message",
        empty.cpu_us,
        "µs",
        None,
    );

    let rate = polled::measure(&scratch.dir("polled"), n.min(40_000)).await?;
    report.row(
        "polled over HTTP from another process, messages a second",
        rate,
        "/s",
        Some((false, 2_000.0)),
    );

    let run = Duration::from_secs(args.seconds);
    let at = latency(&scratch.dir("lat"), run, Duration::ZERO).await?;
    report.row(
        "arrival to decision on disk at 1,000/s, median",
        percentile(&at, 0.5),
        "ms",
        None,
    );
    report.row(
        "arrival to decision on disk at 1,000/s, p99",
        percentile(&at, 0.99),
        "ms",
        Some((true, 10.0)),
    );
    let at = latency(&scratch.dir("slow"), run, Duration::from_millis(4)).await?;
    report.row(
        "arrival to decision at 1,000/s, commits 4 ms slower, p99",
        percentile(&at, 0.99),
        "ms",
        Some((true, 25.0)),
    );

    if args.stored > 0 {
        growth(args, &scratch, report).await?;
    }
    if args.memory_messages > 0 {
        let rss = memory::after(&scratch.dir("memory"), args.memory_messages).await?;
        let name = format!(
            "resident after {} messages in one process",
            args.memory_messages
        );
        report.row(&name, rss, "MB", Some((true, 150.0)));
    }
    Ok(())
}

/// The same work in the same groups with a past and without one, in turns, so that a noisy machine
/// disturbs both.
async fn growth(args: &IntakeArgs, scratch: &Scratch, report: &mut Report) -> anyhow::Result<()> {
    let (small, full) = (scratch.dir("small"), scratch.dir("full"));
    preload::fill(&full, args.stored).await?;
    let (from, to) = (full.clone(), small.clone());
    tokio::task::spawn_blocking(move || store::without_messages(&from, &to)).await??;
    let n = args.messages / 3;
    let (mut cpu, mut rate) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        let few = throughput(&small, n, Duration::ZERO).await?;
        let many = throughput(&full, n, Duration::ZERO).await?;
        cpu.push(many.cpu_us / few.cpu_us);
        rate.push(few.rate / many.rate);
    }
    cpu.sort_by(f64::total_cmp);
    rate.sort_by(f64::total_cmp);
    let name = format!("CPU of a message with {} stored, against none", args.stored);
    report.row(&name, (cpu[1] - 1.0) * 100.0, "% more", Some((true, 10.0)));
    report.row(
        &format!(
            "time of a message with {} stored, against none",
            args.stored
        ),
        (rate[1] - 1.0) * 100.0,
        "% more",
        Some((true, 10.0)),
    );
    let start = memory::cold_start(&full).await?;
    report.row(
        "start to first poll on that database",
        start.first_poll_ms,
        "ms",
        Some((true, 300.0)),
    );
    report.row(
        "resident when idle",
        start.idle_mb,
        "MB",
        Some((true, 45.0)),
    );
    Ok(())
}

pub(super) struct Throughput {
    pub(super) rate: f64,
    pub(super) cpu_us: f64,
}

/// Feeds `n` messages as fast as they are decided.
pub(super) async fn throughput(
    dir: &Path,
    n: usize,
    delay: Duration,
) -> anyhow::Result<Throughput> {
    let done = Arc::new(AtomicUsize::new(0));
    let counted = done.clone();
    let bench = Bench::start(
        dir,
        delay,
        Arc::new(move |ids: &[i64]| {
            counted.fetch_add(ids.len(), Ordering::Relaxed);
        }),
    )
    .await?;
    let mut feed = bench.feed();
    // A first part fills the caches, as in a process that has run for a while.
    let warm = n / 2;
    // Made beforehand: the generator is not what is measured.
    let texts: Vec<String> = (0..n + warm)
        .map(|_| feed.next(SystemClock.now()).1)
        .collect();
    let (mut began, mut cpu) = (Instant::now(), memory::cpu_time());
    let mut sent = 0_usize;
    for (i, chunk) in texts.chunks(BATCH).enumerate() {
        if i == warm / BATCH {
            while done.load(Ordering::Relaxed) < sent {
                tokio::time::sleep(Duration::from_micros(200)).await;
            }
            (began, cpu) = (Instant::now(), memory::cpu_time());
        }
        // Decisions may be counted before the call that let the updates in has returned.
        while sent.saturating_sub(done.load(Ordering::Relaxed)) > UNDER_WAY {
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
        let batch = chunk
            .iter()
            .cloned()
            .map(RawUpdate::parse)
            .collect::<Result<Vec<_>, _>>()?;
        sent += bench.app.intake.accept(batch).await?.fresh;
    }
    while done.load(Ordering::Relaxed) < sent {
        tokio::time::sleep(Duration::from_micros(200)).await;
    }
    let (seconds, cpu) = (began.elapsed().as_secs_f64(), memory::cpu_time() - cpu);
    bench.stop().await;
    #[expect(clippy::cast_precision_loss, reason = "counts are small")]
    let n = (sent - warm / BATCH * BATCH) as f64;
    Ok(Throughput {
        rate: n / seconds,
        cpu_us: cpu.as_secs_f64() * 1e6 / n,
    })
}

/// One message each millisecond, whatever comes of the others; the waits in ascending order, in ms.
async fn latency(dir: &Path, run: Duration, delay: Duration) -> anyhow::Result<Vec<f64>> {
    let n = usize::try_from(run.as_millis())?;
    let ended: Arc<Mutex<Vec<(i64, Instant)>>> = Arc::new(Mutex::new(Vec::with_capacity(n)));
    let noted = ended.clone();
    let bench = Bench::start(
        dir,
        delay,
        Arc::new(move |ids: &[i64]| {
            let now = Instant::now();
            noted
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .extend(ids.iter().map(|id| (*id, now)));
        }),
    )
    .await?;
    let mut feed = bench.feed();
    let first = feed.next(0).0 + 1;
    let texts: Vec<String> = (0..n).map(|_| feed.next(SystemClock.now()).1).collect();
    let mut begun = Vec::with_capacity(n);
    let start = Instant::now();
    for (i, text) in texts.into_iter().enumerate() {
        let due = start + Duration::from_millis(i as u64);
        if let Some(wait) = due.checked_duration_since(Instant::now()) {
            tokio::time::sleep(wait).await;
        }
        // Waits count from when the message was due, so a stall is not hidden.
        begun.push(due);
        let intake = bench.app.intake.clone();
        tokio::spawn(async move {
            if let Ok(update) = RawUpdate::parse(text)
                && let Err(e) = intake.accept(vec![update]).await
            {
                tracing::error!(error = %e, "an update was not kept");
            }
        });
    }
    let deadline = Instant::now() + Duration::from_secs(30);
    while ended.lock().unwrap_or_else(PoisonError::into_inner).len() < n
        && Instant::now() < deadline
    {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    bench.stop().await;
    let ended = std::mem::take(&mut *ended.lock().unwrap_or_else(PoisonError::into_inner));
    anyhow::ensure!(
        ended.len() >= n,
        "{} of {n} messages were not decided in 30 s",
        n - ended.len()
    );
    let mut waits: Vec<f64> = ended
        .into_iter()
        .filter_map(|(id, at)| {
            let due = begun.get(usize::try_from(id - first).ok()?)?;
            Some(at.saturating_duration_since(*due).as_secs_f64() * 1e3)
        })
        .collect();
    waits.sort_by(f64::total_cmp);
    Ok(waits)
}

/// An appliance in front of a simulator that only answers its calls.
struct Bench {
    app: App,
    sim: Simulator,
}

impl Bench {
    async fn start(
        dir: &Path,
        delay: Duration,
        decided: crate::pipeline::Decided,
    ) -> anyhow::Result<Self> {
        let sim = Simulator::start(SimOptions {
            check_answers: false,
            keep_calls: 0,
            ..SimOptions::default()
        })?;
        let settings = settings(dir, &sim)?;
        let mut ground = Ground::real(&settings);
        ground.fetch = false;
        ground.store.commit_delay = delay;
        ground.decided = Some(decided);
        let app = App::start(settings, ground).await?;
        Ok(Self { app, sim })
    }

    /// Messages that this database has not seen.
    fn feed(&self) -> Feed {
        let seed = u64::try_from(SystemClock.now()).unwrap_or(1);
        Feed::new(
            seed,
            SystemClock.now() % 1_000_000_000 + 2_000_000,
            &self.sim,
        )
    }

    async fn stop(self) {
        self.app.stop().await;
        self.sim.stop();
    }
}

/// Settings for a database in `dir` and a simulator. Suggest: what is measured ends with the decision.
pub(super) fn settings(dir: &Path, sim: &Simulator) -> anyhow::Result<Settings> {
    settings_in(dir, sim, "suggest")
}

/// The same, with groups in another mode.
pub(super) fn settings_in(dir: &Path, sim: &Simulator, mode: &str) -> anyhow::Result<Settings> {
    let env = Env::of(&[
        ("BEADLE_MODERATION_MODE", mode),
        ("TELEGRAM_BOT_TOKEN", sim.token()),
        ("BEADLE_TELEGRAM_API_URL", &sim.url()),
        ("BEADLE_DATA_DIR", &dir.to_string_lossy()),
        ("BEADLE_HTTP_LISTEN", "127.0.0.1:0"),
    ]);
    Ok(Settings::load(&Flags::default(), &env)?.0)
}

/// Folders that go when the bench ends.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    pub(super) fn new(dir: Option<&Path>) -> anyhow::Result<Self> {
        let base = dir.map_or_else(std::env::temp_dir, Path::to_owned);
        let root = base.join(format!("beadle-bench-{}", std::process::id()));
        std::fs::create_dir_all(&root)?;
        Ok(Self(root))
    }

    pub(super) fn dir(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(e) = std::fs::remove_dir_all(&self.0) {
            eprintln!("{} could not be removed: {e}", self.0.display());
        }
    }
}
