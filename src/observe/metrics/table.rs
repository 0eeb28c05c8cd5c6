//! What rooms count up, each declared once. Names without `beadle_` are those of the designs it grew from.
use super::{Counted, Counter, Histogram, Label, PLAIN};

/// All of them, in the order of the page.
pub(super) static ALL: &[&dyn Counted] = &[
    &UPDATES,
    &MESSAGES,
    &DECIDE_SECONDS,
    &VERDICTS,
    &SPAM,
    &FEEDBACK,
    &CACHE_HITS,
    &CACHE_MISSES,
    &API_CALLS,
    &API_ERRORS,
    &QUERY_SECONDS,
    &COMMIT_SECONDS,
    &COMMIT_CALLERS,
];

/// Seconds, from a tenth of a millisecond to ten seconds; 0.05 and 0.1 are bounds that alerts name.
const SECONDS: &[f64] = &[
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5,
    10.0,
];

/// Updates, by what became of them.
pub static UPDATES: Counter = Counter::new(
    "beadle_updates_total",
    "Updates from Telegram: taken in, known already, handled, given up as dead letters.",
    Label {
        name: "outcome",
        values: &["in", "duplicate", "handled", "dead"],
    },
);

/// Messages, channel posts and edits that were walked through the stages.
pub static MESSAGES: Counter = Counter::new(
    "messages_processed_total",
    "Messages handled to the end.",
    PLAIN,
);

/// From the beginning of a lane's batch to its commit, for each update in it.
pub static DECIDE_SECONDS: Histogram = Histogram::new(
    "beadle_decide_seconds",
    "From taking up an update to its decision being on disk.",
    SECONDS,
);

/// Verdicts on messages, by band.
pub static VERDICTS: Counter = Counter::new(
    "beadle_verdicts_total",
    "Verdicts on messages, by band.",
    Label {
        name: "band",
        values: &["clear", "review", "spam"],
    },
);

/// Messages in band *spam*, by what was decided.
pub static SPAM: Counter = Counter::new(
    "spam_detected_total",
    "Messages taken for spam, by what was decided.",
    Label {
        name: "action",
        values: &["none", "review", "would_delete", "delete"],
    },
);

/// What people said of verdicts: precision and recall of the band *spam* follow from it.
pub static FEEDBACK: Counter = Counter::new(
    "beadle_spam_feedback_total",
    "Verdicts that people confirmed or corrected; positive means taken for spam.",
    Label {
        name: "kind",
        values: &[
            "true_positive",
            "false_positive",
            "false_negative",
            "true_negative",
        ],
    },
);

/// The caches that are counted, under the same label.
const CACHES: Label = Label {
    name: "cache",
    values: &CACHE_NAMES,
};

/// Names of the caches that are counted.
pub const CACHE_NAMES: [&str; 9] = [
    "groups",
    "members",
    "recent",
    "albums",
    "admins",
    "lessons",
    "house",
    "profiles",
    "memberships",
];

/// Questions that a cache answered.
pub static CACHE_HITS: Counter = Counter::new(
    "cache_hits_total",
    "Questions that a cache answered.",
    CACHES,
);

/// Questions that went to the database.
pub static CACHE_MISSES: Counter = Counter::new(
    "cache_misses_total",
    "Questions that a cache could not answer.",
    CACHES,
);

/// Calls to Telegram.
pub static API_CALLS: Counter = Counter::new(
    "api_calls_total",
    "Calls to Telegram that have come to an end, polls included.",
    PLAIN,
);

/// Calls that did not succeed.
pub static API_ERRORS: Counter = Counter::new(
    "api_errors_total",
    "Calls to Telegram that did not succeed, by what came back.",
    Label {
        name: "kind",
        values: &["refused", "flood", "server", "network"],
    },
);

/// Reads of the database, waiting for a connection included.
pub static QUERY_SECONDS: Histogram = Histogram::new(
    "db_query_duration_seconds",
    "Reads of the database, waiting for a connection included.",
    SECONDS,
);

/// Group commits.
pub static COMMIT_SECONDS: Histogram = Histogram::new(
    "beadle_commit_seconds",
    "Commits, from the first caller's begin to the disk.",
    SECONDS,
);

/// How many callers shared a commit.
pub static COMMIT_CALLERS: Histogram = Histogram::new(
    "beadle_commit_callers",
    "Callers that shared one commit.",
    &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0],
);
