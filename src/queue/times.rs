//! When a cron expression is due in a time zone: pure, and right through changes of the clocks.
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::base::clock::Millis;

/// Longest cron expression, in bytes.
pub const MAX_CRON: usize = 100;
/// Longest name of a time zone, in bytes.
const MAX_ZONE: usize = 64;

/// A cron expression of five fields (minute, hour, day, month, weekday) in a time zone.
///
/// A fixed time that the clocks skip is due at the first moment after the gap, one that they repeat is due
/// once; `*` and steps follow the wall clock (Open Cron Pattern Specification, as in Vixie cron).
#[derive(Debug, Clone)]
pub struct Times {
    cron: Cron,
    zone: TimeZone,
}

impl Times {
    /// Reads `cron` (as `30 4 * * MON`) and `zone` (an IANA name as `Europe/Berlin`). The error says what
    /// is wrong in a sentence.
    pub fn parse(cron: &str, zone: &str) -> Result<Self, String> {
        if cron.len() > MAX_CRON {
            return Err(format!(
                "a cron expression has at most {MAX_CRON} characters"
            ));
        }
        let known = |name: &str| {
            let plain = |c: char| c.is_ascii_alphanumeric() || "/_+-".contains(c);
            name.len() <= MAX_ZONE && name.chars().all(plain)
        };
        if !known(zone) {
            return Err("a time zone has a name as Europe/Berlin".to_owned());
        }
        let parser = CronParser::builder()
            .seconds(Seconds::Disallowed)
            .year(Year::Disallowed)
            .build();
        let cron = parser
            .parse(cron)
            .map_err(|e| format!("`{cron}` is not a cron expression of five fields: {e}"))?;
        let zone = TimeZone::get(zone)
            .map_err(|_| format!("there is no time zone `{zone}`: use a name as Europe/Berlin"))?;
        Ok(Self { cron, zone })
    }

    /// The first time after `at`; None when there is none in this world.
    pub fn next_after(&self, at: Millis) -> Option<Millis> {
        let start = Timestamp::from_millisecond(at)
            .ok()?
            .to_zoned(self.zone.clone());
        let found = self.cron.find_next_occurrence(&start, false).ok()?;
        Some(found.timestamp().as_millisecond()).filter(|next| *next > at)
    }
}
