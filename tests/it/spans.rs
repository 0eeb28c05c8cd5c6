//! Lengths of time as people write them.
use beadle::base::span::{LONGEST, NoSpan, parse, write};
use proptest::prelude::*;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

#[test]
fn the_usual_writings_are_understood() {
    for (text, millis) in [
        ("30m", 30 * MINUTE),
        ("2h30m", 2 * HOUR + 30 * MINUTE),
        ("2h 30m", 2 * HOUR + 30 * MINUTE),
        ("7D", 7 * DAY),
        ("1w", 7 * DAY),
        ("90s", 90_000),
        ("10 min", 10 * MINUTE),
        ("2ч30м", 2 * HOUR + 30 * MINUTE),
        ("3 дня", 3 * DAY),
        ("1н", 7 * DAY),
    ] {
        assert_eq!(parse(text), Ok(millis), "{text}");
    }
}

#[test]
fn what_is_none_is_refused_with_a_reason() {
    for (text, fault) in [
        ("", NoSpan::Other),
        ("spam", NoSpan::Other),
        ("-5m", NoSpan::Other),
        ("5x", NoSpan::Other),
        ("5m!", NoSpan::Other),
        ("5", NoSpan::NoUnit),
        ("0m", NoSpan::Zero),
        ("99999999999y", NoSpan::Other),
        ("99999999999d", NoSpan::TooLong),
        ("9223372036854775807w", NoSpan::TooLong),
        ("99999999999999999999999999d", NoSpan::TooLong),
        ("11w 400d 99999h 9999999m", NoSpan::TooLong),
    ] {
        assert_eq!(parse(text), Err(fault), "{text}");
    }
    let long = "9".repeat(100_000);
    assert_eq!(parse(&long), Err(NoSpan::TooLong));
}

proptest! {
    #[test]
    fn what_is_written_is_read(seconds in 1..=LONGEST / 1_000) {
        prop_assert_eq!(parse(&write(seconds * 1_000)), Ok(seconds * 1_000));
    }

    #[test]
    fn rubbish_harms_nobody(text in "\\PC{0,80}") {
        if let Ok(span) = parse(&text) {
            prop_assert!(span > 0 && span <= LONGEST);
        }
    }
}
