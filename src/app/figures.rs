//! Measures what costs a look into the database, once a minute and what costs more every ten.
use std::time::Duration;

use tokio::sync::watch;

use crate::base::clock::{Millis, SharedClock};
use crate::community::activity::{self, Activity};
use crate::features::moderation::lists;
use crate::observe::{Figure, Figures};
use crate::queue::store as jobs;
use crate::store::{Store, StoreError};
use crate::telegram::intake::inbox;
use crate::telegram::sender::outbox;

const EVERY: Duration = Duration::from_secs(60);
/// Counting members reads all of them.
const ACTIVITY_EVERY: Millis = 600_000;

/// Labels of [`activity::REPUTATION_BOUNDS`], as upper bounds.
const REPUTATION: [&str; 7] = ["-5", "-1", "0", "1", "5", "20", "+Inf"];
/// States of the outbox, in the order of `State::ALL`.
const OUTBOX: [&str; 6] = ["queued", "sending", "done", "failed", "unknown", "expired"];

pub(super) async fn run(
    store: Store,
    clock: SharedClock,
    figures: Figures,
    mut stop: watch::Receiver<bool>,
) {
    let mut known: Option<(Millis, Activity)> = None;
    loop {
        let now = clock.now();
        match measure(&store, now, &mut known).await {
            Ok(measured) => figures.set(measured),
            Err(e) => tracing::warn!(error = %e, "the figures could not be measured"),
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            _ = stop.changed() => return,
        }
    }
}

async fn measure(
    store: &Store,
    now: Millis,
    known: &mut Option<(Millis, Activity)>,
) -> Result<Vec<Figure>, StoreError> {
    // A clock set back must not stop the counting.
    let fresh = known.filter(|(at, _)| (now - at).abs() < ACTIVITY_EVERY);
    let (lists, waiting, sent, jobs, active) = store
        .read(move |conn| {
            let active = match fresh {
                Some((_, active)) => active,
                None => activity::measure(conn, now)?,
            };
            Ok((
                lists::store::book(conn)?.0,
                inbox::counts(conn)?,
                outbox::counts(conn)?,
                jobs::counts(conn)?,
                active,
            ))
        })
        .await?;
    if fresh.is_none() {
        *known = Some((now, active));
    }
    let ranges = REPUTATION.iter().zip(active.reputation);
    let mut below = 0;
    let reputation = ranges.map(|(le, n)| {
        below += n;
        (*le, below as f64)
    });
    Ok(vec![
        Figure {
            name: "queue_depth",
            help: "What waits, by queue.",
            label: "kind",
            values: vec![
                ("updates", waiting.waiting as f64),
                ("calls", sent[0] as f64),
                ("jobs", (jobs.ready + jobs.later) as f64),
            ],
        },
        Figure {
            name: "beadle_jobs",
            help: "Jobs, by state.",
            label: "state",
            values: vec![
                ("later", jobs.later as f64),
                ("ready", jobs.ready as f64),
                ("running", jobs.running as f64),
                ("dead", jobs.dead as f64),
            ],
        },
        Figure::one(
            "beadle_dead_letters",
            "Updates that could not be handled and are kept for somebody to look at.",
            waiting.dead as f64,
        ),
        Figure {
            name: "beadle_outbox_rows",
            help: "Calls to Telegram in the database, by state.",
            label: "state",
            values: OUTBOX
                .iter()
                .zip(sent)
                .map(|(s, n)| (*s, n as f64))
                .collect(),
        },
        Figure::one(
            "beadle_groups",
            "Groups that Beadle is in.",
            active.groups as f64,
        ),
        Figure::one(
            "beadle_active_groups",
            "Groups with somebody seen within a day.",
            active.active_groups as f64,
        ),
        Figure {
            name: "beadle_active_users",
            help: "People seen within a day, and within 30 days.",
            label: "window",
            values: vec![("day", active.day as f64), ("month", active.month as f64)],
        },
        Figure::one(
            "beadle_ban_list_ids",
            "Ids on the copies of ban lists in use.",
            lists.iter().map(|e| e.ids as f64).sum(),
        ),
        Figure::one(
            "beadle_ban_list_failures",
            "Failures in a row of the ban list that fares worst.",
            f64::from(lists.iter().map(|e| e.failures).max().unwrap_or(0)),
        ),
        Figure {
            name: "beadle_member_reputation",
            help: "Members with a reputation of at most so much.",
            label: "le",
            values: reputation.collect(),
        },
    ])
}
