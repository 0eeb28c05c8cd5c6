//! Hours of the night, `23:00-07:00`, by the clock of the group. Pure.
use jiff::civil::{Time, time};
use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};

use crate::base::clock::Millis;
use crate::texts::when::Zone;

/// From when to when a group sleeps; may go over midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hours {
    from: Time,
    to: Time,
}

impl From<Hours> for String {
    fn from(hours: Hours) -> Self {
        let show = |t: Time| format!("{:02}:{:02}", t.hour(), t.minute());
        format!("{}-{}", show(hours.from), show(hours.to))
    }
}

impl TryFrom<String> for Hours {
    type Error = String;

    fn try_from(words: String) -> Result<Self, String> {
        let shown: String = words.chars().take(40).collect();
        let refuse = || format!("`{shown}`: write two different times of day: 23:00-07:00");
        let (from, to) = words.split_once(['-', '–', '—']).ok_or_else(refuse)?;
        let (from, to) = (
            clock(from).ok_or_else(refuse)?,
            clock(to).ok_or_else(refuse)?,
        );
        if from == to {
            return Err(refuse());
        }
        Ok(Self { from, to })
    }
}

/// `23:00`, `7:30`, `23`.
fn clock(words: &str) -> Option<Time> {
    let words = words.trim();
    if words.len() > 5 {
        return None;
    }
    let (hour, minute) = words.split_once(':').unwrap_or((words, "0"));
    let (hour, minute): (i8, i8) = (hour.parse().ok()?, minute.parse().ok()?);
    ((0..24).contains(&hour) && (0..60).contains(&minute)).then(|| time(hour, minute, 0, 0))
}

impl Hours {
    /// The night that holds `now`: when it began and when it ends; None by day.
    pub fn night(&self, now: Millis, zone: &Zone) -> Option<(Millis, Millis)> {
        let at = Timestamp::from_millisecond(now).ok()?;
        let here = at.to_zoned(zone.rules().clone());
        // It may have begun yesterday. Where a clock is put forward over it, it begins when the clock goes on.
        for days in [-1, 0] {
            let first = here.date().checked_add(days.days()).ok()?;
            let last = if self.to > self.from {
                first
            } else {
                first.checked_add(1.days()).ok()?
            };
            let moment = |day: jiff::civil::Date, t: Time| {
                let zoned = day.to_datetime(t).to_zoned(zone.rules().clone()).ok()?;
                Some(zoned.timestamp().as_millisecond())
            };
            let (begins, ends) = (moment(first, self.from)?, moment(last, self.to)?);
            if (begins..ends).contains(&now) {
                return Some((begins, ends));
            }
        }
        None
    }
}
