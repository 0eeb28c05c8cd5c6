//! Work that comes again: a name, a cron expression, and what becomes of times that were missed.
use serde_json::Value;

use super::job::{Job, checked};
use super::store;
use super::times::Times;
use crate::base::clock::Millis;
use crate::store::{Signal, StoreError, Tx};

/// Who is begun this late, in milliseconds, is still on time.
pub const ON_TIME: Millis = 300_000;
/// Missed times that [`Misfire::All`] makes good at once, at most.
pub const MISSED: usize = 100;
/// A last time further in the future than this was noted by a clock that was wrong, in milliseconds.
const AHEAD: Millis = 25 * 3_600_000;

/// What becomes of times that passed while Beadle did not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misfire {
    /// Nothing.
    Skip,
    /// One job for all of them.
    Once,
    /// A job for each, the oldest [`MISSED`] of them.
    All,
}

impl Misfire {
    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Skip => "skip",
            Self::Once => "once",
            Self::All => "all",
        }
    }

    /// The policy of a name; what is unknown skips.
    pub fn from_name(name: &str) -> Self {
        match name {
            "once" => Self::Once,
            "all" => Self::All,
            _ => Self::Skip,
        }
    }
}

/// A job that comes again.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// Unique; the feature first, as in `ground.expire`.
    pub name: String,
    /// What is to be done; its `run_at` and `unique` are not used. The worker finds in the payload, when
    /// that is an object, `due`: the time it is for.
    pub job: Job,
    /// Five fields, see [`Times`].
    pub cron: String,
    /// An IANA name.
    pub zone: String,
    /// What becomes of missed times.
    pub misfire: Misfire,
    /// A new schedule begins with a job at once.
    pub at_once: bool,
}

impl Schedule {
    /// `job` at the times of `cron` in UTC, under the name of its kind; missed times are skipped.
    pub fn new(job: Job, cron: &str) -> Self {
        Self {
            name: job.kind.to_owned(),
            job,
            cron: cron.to_owned(),
            zone: "UTC".to_owned(),
            misfire: Misfire::Skip,
            at_once: false,
        }
    }

    /// The same, with a first job at once when it is new.
    #[must_use]
    pub fn at_once(mut self) -> Self {
        self.at_once = true;
        self
    }

    /// The same with another policy for missed times.
    #[must_use]
    pub fn misfire(mut self, misfire: Misfire) -> Self {
        self.misfire = misfire;
        self
    }

    /// The same in a time zone.
    #[must_use]
    pub fn zone(mut self, zone: &str) -> Self {
        zone.clone_into(&mut self.zone);
        self
    }
}

/// Keeps schedules in a transaction.
pub trait Timetable {
    /// Adds `schedule`, or changes the one of its name. What was due stays due while cron expression and
    /// zone are the same. Gives when it is due next. Fails, in a sentence, on an expression, zone or
    /// payload that cannot be.
    fn schedule(&mut self, schedule: &Schedule, now: Millis) -> Result<Option<Millis>, StoreError>;

    /// Takes the schedule of this name away; false when there is none. Jobs that wait stay.
    fn unschedule(&mut self, name: &str) -> Result<bool, StoreError>;
}

impl Timetable for Tx<'_> {
    fn schedule(&mut self, schedule: &Schedule, now: Millis) -> Result<Option<Millis>, StoreError> {
        let payload = checked(&schedule.job)?;
        if schedule.name.is_empty() || schedule.name.len() > super::MAX_KEY / 2 {
            let what = "the name of a schedule has 1 to 100 characters";
            return Err(StoreError::Invalid(what.to_owned()));
        }
        let times = Times::parse(&schedule.cron, &schedule.zone)
            .map_err(|e| StoreError::Invalid(format!("schedule {}: {e}", schedule.name)))?;
        let first = if schedule.at_once {
            Some(now)
        } else {
            times.next_after(now)
        };
        let next =
            store::put_schedule(self, schedule, &payload, first, times.next_after(now), now)?;
        self.wake(Signal::Jobs);
        Ok(next)
    }

    fn unschedule(&mut self, name: &str) -> Result<bool, StoreError> {
        store::drop_schedule(self, name)
    }
}

/// What a schedule that is due comes to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Due {
    /// The times for which there is to be a job, in order.
    pub fire: Vec<Millis>,
    /// When it is due again.
    pub next: Option<Millis>,
    /// Missed times that nobody makes good, beyond [`MISSED`].
    pub dropped: bool,
}

/// What is to be done at `now` for a schedule that has been due since `next`. Pure.
pub fn due(times: &Times, misfire: Misfire, next: Millis, now: Millis) -> Due {
    let mut due = Due {
        next: times.next_after(now),
        ..Due::default()
    };
    match misfire {
        Misfire::Once => due.fire.push(next),
        Misfire::Skip => {
            let latest = if now.saturating_sub(next) <= ON_TIME {
                Some(next)
            } else {
                times.next_after(now.saturating_sub(ON_TIME))
            };
            due.fire.extend(latest.filter(|at| *at <= now));
        }
        Misfire::All => {
            let mut at = Some(next);
            while let Some(time) = at.filter(|at| *at <= now) {
                if due.fire.len() == MISSED {
                    due.dropped = true;
                    break;
                }
                due.fire.push(time);
                at = times.next_after(time);
            }
        }
    }
    due
}

/// When a schedule is due next, after the clock may have gone back: what was due up to `last` is not due
/// again, unless that lies more than a day ahead, where only a clock that was wrong can have noted it. Pure.
pub fn rewound(
    times: &Times,
    last: Option<Millis>,
    next: Option<Millis>,
    now: Millis,
) -> Option<Millis> {
    let after = last
        .filter(|last| *last <= now.saturating_add(AHEAD))
        .map_or(now, |last| last.max(now));
    match (next, times.next_after(after)) {
        (Some(next), Some(honest)) => Some(next.min(honest)),
        (next, honest) => next.or(honest),
    }
}

/// The payload of a job that is due at `at`.
pub(super) fn payload_for(payload: &str, at: Millis) -> String {
    match serde_json::from_str::<Value>(payload) {
        Ok(Value::Object(mut map)) => {
            map.insert("due".to_owned(), at.into());
            Value::Object(map).to_string()
        }
        _ => payload.to_owned(),
    }
}
