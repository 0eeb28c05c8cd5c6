//! From spam's arrival to the call that removes it: the time in which people see it.
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::ReactArgs;
use super::feed::{Feed, Mix};
use super::intake::{Scratch, settings_in};
use super::report::{Report, percentile};
use crate::app::{App, Ground};
use crate::base::clock::{Clock as _, SystemClock};
use crate::telegram::intake::RawUpdate;
use crate::telegram::simulator::{SimOptions, Simulator};

/// How long the last removals are waited for.
const PATIENCE: Duration = Duration::from_secs(30);
/// Milliseconds wanted at the 99th percentile.
const WANTED: f64 = 20.0;
/// The same where each of the two commits on the way takes 4 ms longer, and may have to wait for another one.
const WANTED_SLOW: f64 = 40.0;

pub(super) async fn run(args: &ReactArgs, report: &mut Report) -> anyhow::Result<()> {
    let scratch = Scratch::new(args.dir.as_deref())?;
    let quick = measure(args, &scratch.dir("react"), Duration::ZERO).await?;
    #[expect(clippy::cast_precision_loss, reason = "counts are small")]
    let count = |n: usize| n as f64;
    report.row("spam that should be removed", count(quick.spam), "", None);
    let standing = count(quick.spam - quick.waits.len());
    report.row("spam left standing", standing, "", Some((true, 0.0)));
    let others = count(quick.others);
    report.row("ordinary messages removed", others, "", Some((true, 0.0)));
    let name = "spam's arrival to the call that removes it";
    let median = percentile(&quick.waits, 0.5);
    report.row(&format!("{name}, median"), median, "ms", None);
    let p99 = percentile(&quick.waits, 0.99);
    report.row(&format!("{name}, p99"), p99, "ms", Some((true, WANTED)));
    let first = percentile(&quick.first, 0.99);
    let admins = format!("{name}, admins still to be asked for, p99");
    report.row(&admins, first, "ms", None);
    let known = percentile(&quick.known, 0.99);
    report.row(&format!("{name}, admins known, p99"), known, "ms", None);
    let slow = measure(args, &scratch.dir("slow"), Duration::from_millis(4)).await?;
    let p99 = percentile(&slow.waits, 0.99);
    let slower = format!("{name}, commits 4 ms slower, p99");
    report.row(&slower, p99, "ms", Some((true, WANTED_SLOW)));
    Ok(())
}

/// What one run gave; waits in ascending order, in milliseconds.
struct Reaction {
    spam: usize,
    /// Ordinary messages that were removed.
    others: usize,
    waits: Vec<f64>,
    /// Those of the first spam in each group.
    first: Vec<f64>,
    /// The rest.
    known: Vec<f64>,
}

/// Calls that remove messages, as they come.
type Removals = Arc<Mutex<Vec<(i64, Instant)>>>;

async fn measure(args: &ReactArgs, dir: &Path, delay: Duration) -> anyhow::Result<Reaction> {
    let removals = Removals::default();
    let noted = removals.clone();
    let sim = Simulator::start(SimOptions {
        check_answers: false,
        keep_calls: 0,
        heard: Some(Arc::new(move |method, params| {
            let now = Instant::now();
            let mut noted = noted.lock().unwrap_or_else(PoisonError::into_inner);
            noted.extend(removed_by(method, params).into_iter().map(|id| (id, now)));
        })),
        ..SimOptions::default()
    })?;
    let settings = settings_in(dir, &sim, "act")?;
    let mut ground = Ground::real(&settings);
    ground.fetch = false;
    ground.store.commit_delay = delay;
    let app = App::start(settings, ground).await?;
    let mix = Mix {
        groups: usize::try_from(args.groups)?,
        spam: args.spam,
    };
    let mut feed = Feed::of(11, 2_000_000, &sim, mix);
    for group in feed.groups() {
        sim.add_bot_admin(*group);
    }
    let n = usize::try_from(args.seconds)? * usize::try_from(args.rate)?;
    // Made beforehand: the generator is not what is measured.
    let all: Vec<(i64, String, bool)> = (0..n).map(|_| feed.next_of(SystemClock.now())).collect();
    // Beadle's own words in passing are deleted, too; they are nobody's message.
    let talk: HashSet<i64> = all
        .iter()
        .filter(|(.., spam)| !spam)
        .map(|(id, ..)| *id)
        .collect();
    let mut due_of = HashMap::with_capacity(n / 10);
    let (mut groups, mut first) = (HashSet::new(), HashSet::new());
    let start = Instant::now();
    for (i, (id, text, spam)) in all.into_iter().enumerate() {
        let due = start + Duration::from_secs_f64(i as f64 / f64::from(args.rate));
        if let Some(wait) = due.checked_duration_since(Instant::now()) {
            tokio::time::sleep(wait).await;
        }
        if spam {
            // Waits count from when the message was due, so a stall is not hidden.
            due_of.insert(id, due);
            let chat = serde_json::from_str::<Value>(&text)?["message"]["chat"]["id"].as_i64();
            if groups.insert(chat) {
                first.insert(id);
            }
        }
        let intake = app.intake.clone();
        tokio::spawn(async move {
            if let Ok(update) = RawUpdate::parse(text)
                && let Err(e) = intake.accept(vec![update]).await
            {
                tracing::error!(error = %e, "an update was not kept");
            }
        });
    }
    let deadline = Instant::now() + PATIENCE;
    let count = || {
        removals
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .len()
    };
    while count() < due_of.len() && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    app.stop().await;
    sim.stop();
    let removals = std::mem::take(&mut *removals.lock().unwrap_or_else(PoisonError::into_inner));
    let mut reaction = Reaction {
        spam: due_of.len(),
        others: 0,
        waits: Vec::new(),
        first: Vec::new(),
        known: Vec::new(),
    };
    let mut removed = HashSet::new();
    for (id, at) in removals {
        let Some(due) = due_of.get(&id) else {
            reaction.others += usize::from(talk.contains(&id));
            continue;
        };
        // A call may be repeated; the first one counts.
        if !removed.insert(id) {
            continue;
        }
        let wait = at.saturating_duration_since(*due).as_secs_f64() * 1e3;
        reaction.waits.push(wait);
        if first.contains(&id) {
            reaction.first.push(wait);
        } else {
            reaction.known.push(wait);
        }
    }
    for waits in [
        &mut reaction.waits,
        &mut reaction.first,
        &mut reaction.known,
    ] {
        waits.sort_by(f64::total_cmp);
    }
    Ok(reaction)
}

/// The messages that a call removes.
fn removed_by(method: &str, params: &Value) -> Vec<i64> {
    match method {
        "deleteMessage" => params["message_id"].as_i64().into_iter().collect(),
        "deleteMessages" => params["message_ids"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_i64)
            .collect(),
        _ => Vec::new(),
    }
}
