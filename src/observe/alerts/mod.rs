//! What the operator should be told of: one table of rules, and the incidents that come of them.
mod book;
mod rules;
mod window;

pub use book::{Book, Kept, News, Standing, Turn};
pub use rules::{NAMES, RULES, Rule};
pub use window::{Counts, Quantile, Window};

/// The state of the database, as the last probing write found it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Database {
    /// Nobody has looked yet.
    #[default]
    Unknown,
    /// It is written and read.
    Fine,
    /// The writer does not answer.
    Silent,
    /// There is no room for it.
    Full,
    /// SQLite found damage.
    Damaged,
    /// It refuses for another reason.
    Failing,
}

/// What rules look at: all of it measured at one moment; None where too little was counted to say.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Signs {
    /// Answers of Telegram that asked to wait (429), within the last minute.
    pub waits: Option<f64>,
    /// 95 of 100 reads of the last five minutes were faster, in milliseconds.
    pub read_p95: Option<f64>,
    /// The database.
    pub database: Database,
    /// Whether the disk is nearly full.
    pub disk_low: bool,
    /// Updates that became dead letters within the last hour.
    pub dead_letters: Option<i64>,
    /// Jobs that failed for good within the last hour, and the kind of the last one.
    pub failed_jobs: Option<(i64, String)>,
    /// Whether the job queue looks no more.
    pub jobs_stuck: bool,
    /// Questions that caches answered within the last half hour, of a hundred; of the worst of them, with its name.
    pub cache_hits: Option<(f64, &'static str)>,
}

/// What is too much, as the operator set it.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// For [`Signs::waits`].
    pub waits: f64,
    /// For [`Signs::read_p95`].
    pub read_p95: f64,
    /// For [`Signs::cache_hits`]: what is too little.
    pub cache_hits: f64,
    /// Rules whose incidents are shown and not sent, by name.
    pub silent: Vec<String>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            waits: 10.0,
            read_p95: 50.0,
            cache_hits: 70.0,
            silent: Vec::new(),
        }
    }
}
