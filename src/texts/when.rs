//! Moments and spans of time in words.
use super::{Lang, text};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A moment as `2026-11-20 14:32 UTC`; `millis` since 1970.
pub fn moment(millis: i64) -> String {
    let (year, month, day) = civil(millis.div_euclid(DAY));
    let rest = millis.rem_euclid(DAY);
    let (hour, minute) = (rest / HOUR, rest % HOUR / MINUTE);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02} UTC")
}

/// Year, month and day of a day counted from 1970-01-01, by H. Hinnant's `civil_from_days`.
fn civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + i64::from(month <= 2);
    (year, month, doy - (153 * mp + 2) / 5 + 1)
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
