//! The rules, each once: its name, when it holds, for how long it must, and what its text is told. Pure.
use super::{Database, Limits, Signs};
use crate::base::clock::Millis;

const SECOND: Millis = 1_000;
const MINUTE: Millis = 60 * SECOND;

/// One rule.
#[derive(Debug)]
pub struct Rule {
    /// Stable name, and label of the metric.
    pub name: &'static str,
    /// Key of the text: what is wrong, and the remedy.
    pub told: &'static str,
    /// Key of its name in a few words.
    pub called: &'static str,
    /// Whether it holds; None when nobody can say, which changes nothing.
    pub holds: fn(&Signs, &Limits) -> Option<bool>,
    /// What the text names as `{ $figure }`.
    pub figure: fn(&Signs) -> String,
    /// How long it must hold before somebody is told.
    pub hold: Millis,
    /// How long it must not hold before it counts as over.
    pub calm: Millis,
}

/// All names, in the order of the table.
pub const NAMES: [&str; 9] = [
    "database",
    "disk",
    "damage",
    "rate_limits",
    "slow_database",
    "dead_letters",
    "failed_jobs",
    "jobs_stuck",
    "cache_hits",
];

/// The table.
pub static RULES: [Rule; 9] = [
    Rule {
        name: NAMES[0],
        told: "alarm-database",
        called: "alarm-database-name",
        holds: |signs, _| match signs.database {
            Database::Unknown => None,
            state => Some(matches!(state, Database::Silent | Database::Failing)),
        },
        figure: |_| String::new(),
        hold: 15 * SECOND,
        calm: MINUTE,
    },
    Rule {
        name: NAMES[1],
        told: "alarm-disk",
        called: "alarm-disk-name",
        holds: |signs, _| Some(signs.disk_low || signs.database == Database::Full),
        figure: |_| String::new(),
        hold: 0,
        calm: MINUTE,
    },
    Rule {
        name: NAMES[2],
        told: "alarm-damage",
        called: "alarm-damage-name",
        holds: |signs, _| match signs.database {
            Database::Unknown => None,
            state => Some(state == Database::Damaged),
        },
        figure: |_| String::new(),
        hold: 0,
        calm: 10 * MINUTE,
    },
    // More than ten a minute, sustained: for three minutes on end.
    Rule {
        name: NAMES[3],
        told: "alarm-rate-limits",
        called: "alarm-rate-limits-name",
        holds: |signs, limits| Some(signs.waits? > limits.waits),
        figure: |signs| format!("{:.0}", signs.waits.unwrap_or(0.0)),
        hold: 3 * MINUTE,
        calm: 5 * MINUTE,
    },
    Rule {
        name: NAMES[4],
        told: "alarm-slow-database",
        called: "alarm-slow-database-name",
        holds: |signs, limits| Some(signs.read_p95? > limits.read_p95),
        figure: |signs| format!("{:.0}", signs.read_p95.unwrap_or(0.0)),
        hold: 2 * MINUTE,
        calm: 5 * MINUTE,
    },
    Rule {
        name: NAMES[5],
        told: "alarm-dead-letters",
        called: "alarm-dead-letters-name",
        holds: |signs, _| Some(signs.dead_letters? > 0),
        figure: |signs| signs.dead_letters.unwrap_or(0).to_string(),
        hold: 0,
        calm: 0,
    },
    Rule {
        name: NAMES[6],
        told: "alarm-failed-jobs",
        called: "alarm-failed-jobs-name",
        holds: |signs, _| Some(signs.failed_jobs.as_ref()?.0 > 0),
        figure: |signs| {
            let found = signs.failed_jobs.as_ref();
            found.map_or_else(String::new, |(n, kind)| match n {
                1 => kind.clone(),
                n => format!("{kind} (+{})", n - 1),
            })
        },
        hold: 0,
        calm: 0,
    },
    Rule {
        name: NAMES[7],
        told: "alarm-jobs-stuck",
        called: "alarm-jobs-stuck-name",
        holds: |signs, _| Some(signs.jobs_stuck),
        figure: |_| String::new(),
        hold: 30 * SECOND,
        calm: MINUTE,
    },
    Rule {
        name: NAMES[8],
        told: "alarm-cache-hits",
        called: "alarm-cache-hits-name",
        holds: |signs, limits| Some(signs.cache_hits?.0 < limits.cache_hits),
        figure: |signs| {
            let found = signs.cache_hits;
            found.map_or_else(String::new, |(rate, cache)| format!("{cache}: {rate:.0} %"))
        },
        hold: 5 * MINUTE,
        calm: 10 * MINUTE,
    },
];
