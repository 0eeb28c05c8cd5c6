//! What is asked for: a job before it is a row.
use serde_json::Value;

use super::store;
use crate::base::clock::Millis;
use crate::store::{Signal, StoreError, Tx};

/// Longest payload as JSON, in bytes. What is larger belongs into a table, and its id into the payload.
pub const MAX_PAYLOAD: usize = 64 << 10;
/// Longest unique key, in bytes.
pub const MAX_KEY: usize = 200;
/// Trials before a job is a dead letter, unless it says otherwise: with the pauses of [`super::pause()`]
/// about ten minutes.
const TRIALS: u32 = 8;

/// Who goes first. A lower one is overtaken only for a time: it ranks as if it had been asked for later
/// by its handicap, so a steady stream of urgent jobs cannot starve it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[repr(u8)]
pub enum Priority {
    /// A person waits.
    Urgent = 0,
    /// Most jobs.
    #[default]
    Normal = 1,
    /// Nobody waits.
    Low = 2,
    /// Housekeeping.
    Idle = 3,
}

impl Priority {
    /// By how much a later job of the highest priority may overtake it, in milliseconds.
    pub const fn handicap(self) -> Millis {
        match self {
            Self::Urgent => 0,
            Self::Normal => 30_000,
            Self::Low => 300_000,
            Self::Idle => 1_800_000,
        }
    }

    /// The name people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Urgent => "urgent",
            Self::Normal => "normal",
            Self::Low => "low",
            Self::Idle => "idle",
        }
    }

    /// The priority kept as `number`; what is out of range is the nearest.
    pub const fn from_number(number: i64) -> Self {
        match number {
            i64::MIN..=0 => Self::Urgent,
            1 => Self::Normal,
            2 => Self::Low,
            _ => Self::Idle,
        }
    }
}

/// Work to be done, now or later.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// `feature.verb`; the [`super::Worker`] of that kind does it.
    pub kind: &'static str,
    /// What the worker needs to know: ids, never words of people. At most [`MAX_PAYLOAD`].
    pub payload: Value,
    /// Who goes first.
    pub priority: Priority,
    /// Not before this moment; None is now.
    pub run_at: Option<Millis>,
    /// While a job of this kind and key waits, another is not added. One that runs does not count: what
    /// it has not seen any more needs another run.
    pub unique: Option<String>,
    /// The group, project or owner on whose behalf.
    pub tenant: Option<i64>,
    /// Trials before it is a dead letter, at least one.
    pub max_attempts: u32,
}

impl Job {
    /// A job for now, of normal priority, tried as often as usual.
    pub fn new(kind: &'static str, payload: Value) -> Self {
        Self {
            kind,
            payload,
            priority: Priority::default(),
            run_at: None,
            unique: None,
            tenant: None,
            max_attempts: TRIALS,
        }
    }

    /// The same with another priority.
    #[must_use]
    pub fn priority(mut self, priority: Priority) -> Self {
        self.priority = priority;
        self
    }

    /// The same, not before `run_at`.
    #[must_use]
    pub fn at(mut self, run_at: Millis) -> Self {
        self.run_at = Some(run_at);
        self
    }

    /// The same, added only while no other of this kind and `key` waits.
    #[must_use]
    pub fn unique(mut self, key: impl Into<String>) -> Self {
        self.unique = Some(key.into());
        self
    }

    /// The same on behalf of `tenant`.
    #[must_use]
    pub fn tenant(mut self, tenant: i64) -> Self {
        self.tenant = Some(tenant);
        self
    }

    /// The same, tried for ever: standing work that must not end with a bad day of Telegram's or the disk's.
    #[must_use]
    pub fn standing(self) -> Self {
        self.trials(u32::MAX)
    }

    /// The same with at most `trials`.
    #[must_use]
    pub fn trials(mut self, trials: u32) -> Self {
        self.max_attempts = trials.max(1);
        self
    }
}

/// Adds jobs to a transaction.
pub trait Enqueue {
    /// Adds `job`; it is begun within milliseconds of the commit, or when its time has come. Gives its
    /// number, or None when a job of the same kind and unique key waits already. `now` is when it is
    /// asked for. Fails when the payload or key is too large, or the kind is not `feature.verb`.
    fn enqueue(&mut self, job: &Job, now: Millis) -> Result<Option<i64>, StoreError>;
}

impl Enqueue for Tx<'_> {
    fn enqueue(&mut self, job: &Job, now: Millis) -> Result<Option<i64>, StoreError> {
        let payload = checked(job)?;
        let added = store::add(self, job, &payload, now)?;
        if added.is_some() {
            self.wake(Signal::Jobs);
        }
        Ok(added)
    }
}

/// The payload as text, when all of `job` is within its limits.
pub(super) fn checked(job: &Job) -> Result<String, StoreError> {
    let refuse = |what: String| Err(StoreError::Invalid(format!("job {}: {what}", job.kind)));
    let named = job.kind.split_once('.').is_some_and(|(feature, verb)| {
        let plain =
            |s: &str| !s.is_empty() && s.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        plain(feature) && plain(verb)
    });
    if !named {
        return refuse("its kind is not of the form feature.verb".to_owned());
    }
    if job.unique.as_ref().is_some_and(|key| key.len() > MAX_KEY) {
        return refuse(format!("its key is longer than {MAX_KEY} bytes"));
    }
    let payload = job.payload.to_string();
    if payload.len() > MAX_PAYLOAD {
        return refuse(format!(
            "its payload has {} bytes, more than {MAX_PAYLOAD}: keep the data in a table and its id here",
            payload.len()
        ));
    }
    Ok(payload)
}
