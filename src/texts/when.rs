//! Moments and spans of time in words.
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Lang, text};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Where somebody's clock is; UTC unless it is said.
#[derive(Debug, Clone, PartialEq)]
pub struct Zone(TimeZone);

impl Default for Zone {
    fn default() -> Self {
        Self(TimeZone::UTC)
    }
}

impl Zone {
    /// Of an IANA name, as `Europe/Berlin`, in whatever case; None for what is none.
    pub fn parse(name: &str) -> Option<Self> {
        if name.len() > 64 {
            return None;
        }
        TimeZone::get(name).ok().map(Self)
    }

    /// Its IANA name.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// Its rules.
    pub fn rules(&self) -> &TimeZone {
        &self.0
    }
}

/// A moment as `2026-11-20 14:32 CET`; `millis` since 1970.
pub fn moment(millis: i64, zone: &Zone) -> String {
    let Ok(at) = Timestamp::from_millisecond(millis) else {
        // Beyond the year 9999.
        return "–".to_owned();
    };
    at.to_zoned(zone.0.clone())
        .strftime("%Y-%m-%d %H:%M %Z")
        .to_string()
}

/// How long somebody has to wait, rounded up, so that who waits as long as they are told is in time: "30 seconds",
/// "5 minutes", "3 hours".
pub fn wait(lang: Lang, millis: i64) -> String {
    let (key, unit) = if millis < 2 * MINUTE {
        ("span-seconds", 1_000)
    } else if millis < 2 * HOUR {
        ("span-minutes", MINUTE)
    } else if millis < 2 * DAY {
        ("span-hours", HOUR)
    } else {
        ("span-days", DAY)
    };
    let count = millis.max(1).saturating_add(unit - 1) / unit;
    text(lang, key, &[("count", count.into())])
}

/// A length of time in its largest fitting unit, rounded down: "3 days", "12 hours", "5 minutes".
pub fn span(lang: Lang, millis: i64) -> String {
    if millis >= DAY && millis % DAY == 0 || millis >= 2 * DAY {
        text(lang, "span-days", &[("count", (millis / DAY).into())])
    } else if millis >= HOUR {
        text(lang, "span-hours", &[("count", (millis / HOUR).into())])
    } else {
        let minutes = (millis / MINUTE).max(1);
        text(lang, "span-minutes", &[("count", minutes.into())])
    }
}
