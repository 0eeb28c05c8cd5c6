//! Lengths of time as people write them: `2h30m`, `90s`, `7d`, `1w`, `2ч 30м`.
use super::clock::Millis;

const SECOND: Millis = 1_000;
const MINUTE: Millis = 60 * SECOND;
const HOUR: Millis = 60 * MINUTE;
const DAY: Millis = 24 * HOUR;
const WEEK: Millis = 7 * DAY;
/// The longest length of time that is understood: ten years. Whoever means more means "for good".
pub const LONGEST: Millis = 3_653 * DAY;
/// The longest writing of one, in bytes: every unit once, with long numbers and words.
const LONGEST_TEXT: usize = 64;

/// Why something is no length of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoSpan {
    /// It does not begin with a digit, or has a unit that is none: it may be another word altogether.
    #[error("not a length of time; write it like 30m, 2h30m or 7d")]
    Other,
    /// A number, and nothing that says of what.
    #[error("a number without a unit; write it like 30m, 2h30m or 7d")]
    NoUnit,
    /// Zero.
    #[error("a length of time must be more than nothing")]
    Zero,
    /// More than [`LONGEST`].
    #[error("longer than ten years")]
    TooLong,
}

/// Reads a length of time; pieces may be parted by spaces, capital letters count as small ones.
pub fn parse(text: &str) -> Result<Millis, NoSpan> {
    let text = text.trim();
    if text.len() > LONGEST_TEXT || !text.starts_with(|c: char| c.is_ascii_digit()) {
        // A long row of digits is meant as one all the same.
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        return Err(if digits > 8 {
            NoSpan::TooLong
        } else {
            NoSpan::Other
        });
    }
    let mut rest = text;
    let mut sum: Millis = 0;
    let mut over = false;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            return Err(NoSpan::Other);
        }
        let number = rest[..digits].parse::<Millis>();
        rest = rest[digits..].trim_start();
        let end = rest
            .find(|c: char| c.is_ascii_digit() || c.is_whitespace())
            .unwrap_or(rest.len());
        if end == 0 {
            return Err(if rest.is_empty() {
                NoSpan::NoUnit
            } else {
                NoSpan::Other
            });
        }
        let unit = unit(&rest[..end].to_lowercase()).ok_or(NoSpan::Other)?;
        rest = rest[end..].trim_start();
        let piece = number.ok().and_then(|n| n.checked_mul(unit));
        match piece.and_then(|piece| sum.checked_add(piece)) {
            Some(more) => sum = more,
            None => over = true,
        }
    }
    match sum {
        _ if over || sum > LONGEST => Err(NoSpan::TooLong),
        0 => Err(NoSpan::Zero),
        _ => Ok(sum),
    }
}

fn unit(word: &str) -> Option<Millis> {
    Some(match word {
        "s" | "sec" | "secs" | "second" | "seconds" | "с" | "сек" => SECOND,
        "m" | "min" | "mins" | "minute" | "minutes" | "м" | "мин" => MINUTE,
        "h" | "hr" | "hour" | "hours" | "ч" | "час" | "часа" | "часов" => HOUR,
        "d" | "day" | "days" | "д" | "день" | "дня" | "дней" => DAY,
        "w" | "week" | "weeks" | "н" | "нед" | "неделя" | "недели" | "недель" => {
            WEEK
        }
        _ => return None,
    })
}

/// The same as [`parse`], with an error for the command line and for files: it says what was written.
pub fn read(text: &str) -> Result<Millis, String> {
    parse(text).map_err(|e| {
        let shown: String = text.chars().take(40).collect();
        format!("`{shown}`: {e}")
    })
}

/// The same as [`parse`] reads it, in whole seconds: `2h30m`, `7d`; `0s` for less than a second.
pub fn write(span: Millis) -> String {
    let mut rest = span.max(0);
    let mut words = String::new();
    for (unit, letter) in [(DAY, 'd'), (HOUR, 'h'), (MINUTE, 'm'), (SECOND, 's')] {
        let count = rest / unit;
        rest %= unit;
        if count > 0 {
            words.push_str(&count.to_string());
            words.push(letter);
        }
    }
    if words.is_empty() {
        words.push_str("0s");
    }
    words
}
