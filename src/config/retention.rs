//! How long things are kept: one place, read by whatever deletes and by what `/privacy` says.
use super::setting::{About, Setting};
use super::values::Values;
use super::{parse, table};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Times in milliseconds, counted from what each field says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Updates as Telegram sent them, after they were handled.
    pub raw: i64,
    /// The same when the disk is nearly full: as long as Telegram may send one again that it was not told of,
    /// because Beadle ended in between. What is forgotten sooner would be handled twice.
    pub raw_low_disk: i64,
    /// Updates that could not be handled, and calls to Telegram of which nobody said what became of them.
    pub dead: i64,
    /// Calls to Telegram after they were settled: they hold words and names.
    pub calls: i64,
    /// Words and media of messages that stayed.
    pub words: i64,
    /// Words and media of messages that were removed, for undo and appeal.
    pub removed: i64,
    /// Events, for those who follow them.
    pub events: i64,
    /// Parts of the audit that belong to a person.
    pub audit_personal: i64,
    /// Profiles, verdicts and counts of somebody who left, after the last sign of life.
    pub gone: i64,
    /// Logs, which the journal deletes: Beadle writes no files of its own.
    pub logs: i64,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            raw: 48 * HOUR,
            raw_low_disk: 10 * MINUTE,
            dead: 14 * DAY,
            calls: 48 * HOUR,
            words: 30 * DAY,
            removed: 7 * DAY,
            events: 14 * DAY,
            audit_personal: 90 * DAY,
            gone: 90 * DAY,
            logs: 14 * DAY,
        }
    }
}

impl Retention {
    /// The same for a group that keeps words for `own` milliseconds: less than the house does, never more.
    #[must_use]
    pub fn in_group(mut self, own: Option<i64>) -> Self {
        if let Some(own) = own {
            self.words = self.words.min(own);
            self.removed = self.removed.min(self.words);
        }
        self
    }

    /// As `values` say; None when one of them is a fault, which was noted.
    pub(super) fn of(values: &Values) -> Option<Self> {
        let words = values.get(&WORDS)?;
        Some(Self {
            raw: values.get(&UPDATES)?,
            dead: values.get(&DEAD)?,
            calls: values.get(&CALLS)?,
            words,
            removed: values.get(&REMOVED)?.min(words),
            events: values.get(&EVENTS)?,
            audit_personal: values.get(&AUDIT)?,
            gone: values.get(&GONE)?,
            logs: values.get(&LOGS)?,
            ..Self::default()
        })
    }
}

/// A setting of section `keep`, a length of time. Shorter than the least something breaks (a mistake could not be
/// undone, an update that Telegram repeats would be handled twice); longer than the most is no keeping but hoarding.
const fn kept(
    key: &'static str,
    env: &'static str,
    default: &'static str,
    doc: &'static str,
    parse: fn(&str) -> Result<i64, String>,
) -> Setting<i64> {
    Setting {
        about: About {
            key,
            env,
            shape: "TIME",
            default,
            doc,
            live: true,
            ..table::PLAIN
        },
        parse,
    }
}

pub(super) static UPDATES: Setting<i64> = kept(
    "keep.updates",
    "BEADLE_KEEP_UPDATES",
    "48h",
    "How long updates are kept as Telegram sent them, after they were handled; 1h to 30d",
    parse::kept::<HOUR, { 30 * DAY }>,
);
pub(super) static DEAD: Setting<i64> = kept(
    "keep.dead_letters",
    "BEADLE_KEEP_DEAD_LETTERS",
    "14d",
    "How long what could not be handled is kept: updates, calls without an answer, jobs; 1d to 365d",
    parse::kept::<DAY, { 365 * DAY }>,
);
pub(super) static CALLS: Setting<i64> = kept(
    "keep.calls",
    "BEADLE_KEEP_CALLS",
    "48h",
    "How long calls to Telegram are kept with their words, after they were settled; 1h to 30d",
    parse::kept::<HOUR, { 30 * DAY }>,
);
pub(super) static WORDS: Setting<i64> = kept(
    "keep.words",
    "BEADLE_KEEP_WORDS",
    "30d",
    "How long words, links and media of messages are kept; a group can have less; 1h to 730d",
    parse::kept::<HOUR, { 730 * DAY }>,
);
pub(super) static REMOVED: Setting<i64> = kept(
    "keep.removed",
    "BEADLE_KEEP_REMOVED",
    "7d",
    "The same for messages that were removed, so that a mistake can be undone; never longer than keep.words; 1d to 90d",
    parse::kept::<DAY, { 90 * DAY }>,
);
pub(super) static EVENTS: Setting<i64> = kept(
    "keep.events",
    "BEADLE_KEEP_EVENTS",
    "14d",
    "How long events are kept for those who follow them; 1h to 365d",
    parse::kept::<HOUR, { 365 * DAY }>,
);
pub(super) static AUDIT: Setting<i64> = kept(
    "keep.audit_words",
    "BEADLE_KEEP_AUDIT_WORDS",
    "90d",
    "How long words and names are kept beside the audit, whose numbers stay; 1d to 730d",
    parse::kept::<DAY, { 730 * DAY }>,
);
pub(super) static GONE: Setting<i64> = kept(
    "keep.gone",
    "BEADLE_KEEP_GONE",
    "90d",
    "How long profile and verdicts of somebody who left are kept, after the last sign of life; 1d to 730d",
    parse::kept::<DAY, { 730 * DAY }>,
);
pub(super) static LOGS: Setting<i64> = kept(
    "keep.logs",
    "BEADLE_KEEP_LOGS",
    "14d",
    "How long the files of the log are kept, 1d to 365d; what standard error leads to, as a journal, has a time of its own",
    parse::kept::<DAY, { 365 * DAY }>,
);
