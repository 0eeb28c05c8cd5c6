//! A raid at compressed time: who is held, how much Beadle says, and what the others feel of it.
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::RaidArgs;
use super::intake::{Scratch, settings_in};
use super::report::{Report, percentile};
use crate::app::{App, Ground};
use crate::base::clock::{Clock, Millis, SystemClock};
use crate::community::settings;
use crate::telegram::intake::RawUpdate;
use crate::telegram::sender::outbox::{self, Filter};
use crate::telegram::simulator::{SimOptions, Simulator, Status};

/// Milliseconds wanted for people who were in before, at the 99th percentile.
const WANTED: f64 = 50.0;
/// Messages a minute that Beadle may say in a raid.
const SAID: f64 = 20.0;
/// Per cent by which a group that has nothing to do with it may become slower.
const SLOWER: f64 = 10.0;
/// How long the last of the raid are waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// A clock that runs faster than the machine's.
struct Fast {
    start: Millis,
    speed: i64,
}

impl Clock for Fast {
    fn now(&self) -> Millis {
        self.start + (SystemClock.now() - self.start) * self.speed
    }
}

/// What one run gave.
#[derive(Default)]
struct Storm {
    came: usize,
    /// Neither held nor put out in the end.
    loose: usize,
    /// Messages and edits of the busiest minute.
    said: usize,
    /// Milliseconds from when a message was due to its decision, in ascending order: in the raided group, elsewhere.
    inside: Vec<f64>,
    elsewhere: Vec<f64>,
}

pub(super) async fn run(args: &RaidArgs, report: &mut Report) -> anyhow::Result<()> {
    let scratch = Scratch::new(args.dir.as_deref())?;
    let (mut calm, mut storms) = (Vec::new(), Vec::new());
    for round in 0..args.rounds {
        calm.push(measure(args, &scratch.dir(&format!("calm{round}")), false).await?);
        storms.push(measure(args, &scratch.dir(&format!("raid{round}")), true).await?);
    }
    #[expect(clippy::cast_precision_loss, reason = "counts are small")]
    let most = |f: fn(&Storm) -> usize| storms.iter().map(f).max().unwrap_or(0) as f64;
    report.row("people of the raid", most(|s| s.came), "", None);
    let loose = most(|s| s.loose);
    report.row("neither held nor put out", loose, "", Some((true, 0.0)));
    let said = most(|s| s.said);
    let name = "messages and edits in the busiest simulated minute";
    report.row(name, said, "", Some((true, SAID)));
    let median = |of: &[Storm], f: fn(&Storm) -> &Vec<f64>, share: f64| {
        let mut all: Vec<f64> = of.iter().map(|s| percentile(f(s), share)).collect();
        all.sort_by(f64::total_cmp);
        percentile(&all, 0.5)
    };
    let inside = median(&storms, |s| &s.inside, 0.99);
    let name = "an ordinary member's message to its decision in the raided group, p99";
    report.row(name, inside, "ms", Some((true, WANTED)));
    let before = median(&calm, |s| &s.elsewhere, 0.99);
    report.row(
        "the same in another group, no raid, p99",
        before,
        "ms",
        None,
    );
    let after = median(&storms, |s| &s.elsewhere, 0.99);
    report.row("the same in another group, raid, p99", after, "ms", None);
    let slower = (after / before - 1.0) * 100.0;
    let name = "the other group's p99 with the raid, against none";
    report.row(name, slower, "% more", Some((true, SLOWER)));
    Ok(())
}

/// When each update was due, and how long it took.
#[derive(Default)]
struct Waits {
    due: HashMap<i64, (bool, Instant)>,
    inside: Vec<f64>,
    elsewhere: Vec<f64>,
}

async fn measure(args: &RaidArgs, dir: &Path, storm: bool) -> anyhow::Result<Storm> {
    let sim = Simulator::start(SimOptions {
        check_answers: false,
        keep_calls: 0,
        ..SimOptions::default()
    })?;
    let settings = settings_in(dir, &sim, "act")?;
    let mut ground = Ground::real(&settings);
    ground.fetch = false;
    let clock = Arc::new(Fast {
        start: SystemClock.now(),
        speed: i64::from(args.speed),
    });
    ground.clock = clock.clone();
    let waits = Arc::new(Mutex::new(Waits::default()));
    let noted = waits.clone();
    ground.decided = Some(Arc::new(move |ids| {
        let now = Instant::now();
        let mut waits = noted.lock().unwrap_or_else(PoisonError::into_inner);
        for id in ids {
            if let Some((inside, due)) = waits.due.remove(id) {
                let took = now.saturating_duration_since(due).as_secs_f64() * 1e3;
                let list = if inside {
                    &mut waits.inside
                } else {
                    &mut waits.elsewhere
                };
                list.push(took);
            }
        }
    }));
    let app = App::start(settings, ground).await?;
    let (raided, other) = (sim.supergroup("Raided"), sim.supergroup("Quiet"));
    sim.add_bot_admin(raided);
    sim.add_bot_admin(other);
    let people: Vec<i64> = (0..50).map(|i| sim.user(&format!("Ann {i}"))).collect();
    let mut next = 1_i64;
    for group in [raided, other] {
        accept(&app, said(next, group, people[0], clock.now()));
        next += 1;
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let asks = [("captcha.kind", Some(json!("button")))];
    let at = clock.now();
    app.store
        .write(move |tx| settings::put(tx, raided, &asks, at))
        .await?;
    app.community.refresh(raided).await?;

    let minutes = f64::from(args.minutes);
    let seconds = minutes * 60.0 / f64::from(args.speed);
    let joins = if storm { args.joins * args.minutes } else { 0 };
    let raiders: Vec<i64> = (0..joins)
        .map(|i| sim.user(&format!("Raider {i}")))
        .collect();
    // What happens, in order: (when, who joins) and (when, in which group is talked).
    let mut plan: Vec<(f64, Option<i64>, bool)> = Vec::new();
    for (i, user) in raiders.iter().enumerate() {
        let share = f64::from(u32::try_from(i)?) / f64::from(joins.max(1));
        plan.push((seconds * share, Some(*user), true));
    }
    let mut at = 0.0;
    while at < seconds {
        plan.push((at, None, true));
        plan.push((at, None, false));
        at += 1.0 / f64::from(args.talk);
    }
    plan.sort_by(|a, b| a.0.total_cmp(&b.0));
    let start = Instant::now();
    for (when, joins, inside) in plan {
        let due = start + Duration::from_secs_f64(when);
        if let Some(wait) = due.checked_duration_since(Instant::now()) {
            tokio::time::sleep(wait).await;
        }
        next += 1;
        let text = if let Some(user) = joins {
            sim.join(raided, user);
            joined(next, raided, user, clock.now())
        } else {
            let mut waits = waits.lock().unwrap_or_else(PoisonError::into_inner);
            // Waits count from when the message was due, so a stall is not hidden.
            waits.due.insert(next, (inside, due));
            let who = people[usize::try_from(next)? % people.len()];
            let group = if inside { raided } else { other };
            said(next, group, who, clock.now())
        };
        accept(&app, text);
    }
    let loose = || {
        let held = |user: &&i64| {
            let status = sim.member(raided, **user).status;
            !matches!(status, Status::Restricted | Status::Kicked)
        };
        raiders.iter().filter(held).count()
    };
    let deadline = Instant::now() + PATIENCE;
    while loose() > 0 && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let result = Storm {
        came: raiders.len(),
        loose: loose(),
        said: busiest_minute(&app).await?,
        ..Storm::default()
    };
    app.stop().await;
    sim.stop();
    let mut waits = waits.lock().unwrap_or_else(PoisonError::into_inner);
    let (mut inside, mut elsewhere) = (
        std::mem::take(&mut waits.inside),
        std::mem::take(&mut waits.elsewhere),
    );
    inside.sort_by(f64::total_cmp);
    elsewhere.sort_by(f64::total_cmp);
    Ok(Storm {
        inside,
        elsewhere,
        ..result
    })
}

fn accept(app: &App, text: String) {
    let intake = app.intake.clone();
    tokio::spawn(async move {
        if let Ok(update) = RawUpdate::parse(text)
            && let Err(e) = intake.accept(vec![update]).await
        {
            tracing::error!(error = %e, "an update was not kept");
        }
    });
}

/// Messages and edits that were written to be sent, by the minute of the simulated clock: what the sender's own limits
/// hold back counts too.
async fn busiest_minute(app: &App) -> anyhow::Result<usize> {
    let mut minutes: HashMap<Millis, usize> = HashMap::new();
    let mut before = None;
    loop {
        let filter = Filter {
            before,
            ..Filter::default()
        };
        let rows = app
            .store
            .read(move |conn| outbox::list(conn, filter, 500))
            .await?;
        let Some(last) = rows.last().map(|row| row.id) else {
            break;
        };
        for row in &rows {
            if row.method.starts_with("send") || row.method.starts_with("edit") {
                *minutes.entry(row.created_at / 60_000).or_default() += 1;
            }
        }
        before = Some(last);
    }
    Ok(minutes.into_values().max().unwrap_or(0))
}

fn group(id: i64) -> Value {
    json!({ "id": id, "type": "supergroup", "title": "Group" })
}

fn said(id: i64, chat: i64, user: i64, now: Millis) -> String {
    json!({ "update_id": id, "message": {
        "message_id": id,
        "date": now / 1_000,
        "chat": group(chat),
        "from": { "id": user, "is_bot": false, "first_name": "Ann" },
        "text": format!("The {id}th of my remarks on gardening, and no two are alike"),
    }})
    .to_string()
}

fn joined(id: i64, chat: i64, user: i64, now: Millis) -> String {
    let person = json!({ "id": user, "is_bot": false, "first_name": "Raider" });
    json!({ "update_id": id, "chat_member": {
        "chat": group(chat),
        "from": person,
        "date": now / 1_000,
        "old_chat_member": { "status": "left", "user": person },
        "new_chat_member": { "status": "member", "user": person },
    }})
    .to_string()
}
