//! How long things are kept: one place, read by whatever deletes and by what `/privacy` says.

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
    /// Logs, where Beadle writes them itself.
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
