//! When work comes again: through changes of the clocks, missed times and clocks that were wrong.
use std::collections::BTreeSet;

use beadle::base::clock::Millis;
use beadle::queue::{Due, MISSED, Misfire, ON_TIME, Times, due, rewound};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use proptest::prelude::*;

const MINUTE: Millis = 60_000;
const HOUR: Millis = 60 * MINUTE;
const DAY: Millis = 24 * HOUR;

/// Zones with whole and half hours of change, north and south, with changes at midnight, and with none.
const ZONES: [&str; 10] = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Asia/Kathmandu",
    "Africa/Cairo",
    "America/Havana",
    "Pacific/Apia",
    "Europe/Moscow",
    "UTC",
];

fn times(cron: &str, zone: &str) -> Times {
    Times::parse(cron, zone).unwrap()
}

/// A moment in UTC.
fn utc(text: &str) -> Millis {
    local(text, "UTC")
}

fn local(text: &str, zone: &str) -> Millis {
    let time: DateTime = text.parse().unwrap();
    let zone = TimeZone::get(zone).unwrap();
    time.to_zoned(zone).unwrap().timestamp().as_millisecond()
}

fn wall(at: Millis, zone: &str) -> DateTime {
    let zone = TimeZone::get(zone).unwrap();
    Timestamp::from_millisecond(at)
        .unwrap()
        .to_zoned(zone)
        .datetime()
}

fn run(times: &Times, from: Millis, to: Millis) -> Vec<Millis> {
    let mut found = Vec::new();
    let mut at = from;
    while let Some(next) = times.next_after(at).filter(|next| *next <= to) {
        assert!(next > at, "{next} is not after {at}");
        found.push(next);
        at = next;
    }
    found
}

#[test]
fn a_time_that_the_clocks_skip_is_due_once_after_the_gap() {
    // On 2026-03-29 Berlin goes from 2:00 to 3:00.
    let daily = times("30 2 * * *", "Europe/Berlin");
    let found = run(&daily, utc("2026-03-28T00:00"), utc("2026-03-31T00:00"));
    let wanted = ["2026-03-28T01:30", "2026-03-29T01:00", "2026-03-30T00:30"];
    assert_eq!(found, wanted.map(utc));
}

#[test]
fn a_time_that_the_clocks_repeat_is_due_once_and_an_hour_twice() {
    // On 2026-10-25 Berlin goes from 3:00 back to 2:00.
    let daily = times("30 2 * * *", "Europe/Berlin");
    let found = run(&daily, utc("2026-10-24T12:00"), utc("2026-10-26T12:00"));
    assert_eq!(found, ["2026-10-25T00:30", "2026-10-26T01:30"].map(utc));
    let hourly = times("0 * * * *", "Europe/Berlin");
    let found = run(&hourly, utc("2026-10-24T23:30"), utc("2026-10-25T02:30"));
    let wanted = ["2026-10-25T00:00", "2026-10-25T01:00", "2026-10-25T02:00"];
    assert_eq!(found, wanted.map(utc));
}

#[test]
fn expressions_and_zones_that_cannot_be_are_refused_in_words() {
    let long = format!("{} * * * *", "1,".repeat(60));
    let bad = [
        ("", "UTC"),
        ("* * * *", "UTC"),
        ("* * * * * *", "UTC"),
        ("61 * * * *", "UTC"),
        ("* 25 * * *", "UTC"),
        ("*/0 * * * *", "UTC"),
        ("a b c d e", "UTC"),
        ("5-1 * * * *", "UTC"),
        (&long, "UTC"),
        ("0 4 * * *", ""),
        ("0 4 * * *", "Europe/Atlantis"),
        ("0 4 * * *", "../../etc/passwd"),
        ("0 4 * * *", "Europe/Berlin\0"),
        ("\u{202e}* * * * *", "UTC"),
    ];
    for (cron, zone) in bad {
        let e = Times::parse(cron, zone).expect_err(&format!("{cron:?} in {zone:?}"));
        assert!(e.len() > 20 && e.len() < 400, "{e}");
    }
    // What can be read and never comes ends as well, and soon.
    let began = std::time::Instant::now();
    assert_eq!(
        times("0 0 30 2 *", "Europe/Berlin").next_after(utc("2026-01-01T00:00")),
        None
    );
    assert!(
        began.elapsed() < std::time::Duration::from_secs(2),
        "{:?}",
        began.elapsed()
    );
    let leap = times("0 0 29 2 *", "UTC").next_after(utc("2026-01-01T00:00"));
    assert_eq!(leap, Some(utc("2028-02-29T00:00")));
}

#[test]
fn missed_times_are_skipped_made_good_once_or_all() {
    let hourly = times("0 * * * *", "UTC");
    let (since, now) = (utc("2026-05-01T01:00"), utc("2026-05-01T05:20"));
    let next = Some(utc("2026-05-01T06:00"));
    let fire = |misfire, now| due(&hourly, misfire, since, now);
    assert_eq!(
        fire(Misfire::Skip, now),
        Due {
            next,
            ..Due::default()
        }
    );
    assert_eq!(fire(Misfire::Once, now).fire, [since]);
    let all = fire(Misfire::All, now);
    assert_eq!(
        all.fire,
        [1, 2, 3, 4, 5].map(|h| utc(&format!("2026-05-01T0{h}:00")))
    );
    assert_eq!((all.next, all.dropped), (next, false));
    // On time, and the last of several just in time.
    assert_eq!(fire(Misfire::Skip, since + ON_TIME).fire, [since]);
    let five = utc("2026-05-01T05:00");
    assert_eq!(fire(Misfire::Skip, five + 1).fire, [five]);
    // A clock that leapt by years makes no flood.
    let years = fire(Misfire::All, utc("2036-05-01T05:20"));
    assert_eq!((years.fire.len(), years.dropped), (MISSED, true));
    assert_eq!(years.next, Some(utc("2036-05-01T06:00")));
}

#[test]
fn a_clock_that_goes_back_repeats_nothing_and_puts_nothing_off_for_years() {
    let daily = times("0 3 * * *", "UTC");
    let (ran, next) = (utc("2026-05-01T03:00"), utc("2026-05-02T03:00"));
    // An hour back, before the time that was seen to.
    assert_eq!(
        rewound(&daily, Some(ran), Some(next), ran - HOUR),
        Some(next)
    );
    // Nothing jumped.
    assert_eq!(
        rewound(&daily, Some(ran), Some(next), ran + HOUR),
        Some(next)
    );
    // Due just now stays due.
    assert_eq!(rewound(&daily, Some(ran), Some(next), next + 1), Some(next));
    // The clock said 2031, and is right again.
    let wrong = (Some(utc("2031-01-01T03:00")), Some(utc("2031-01-02T03:00")));
    assert_eq!(rewound(&daily, wrong.0, wrong.1, ran + 1), Some(next));
}

fn zone() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&ZONES[..])
}

/// Between 2015 and 2030.
fn moment() -> impl Strategy<Value = Millis> {
    1_420_070_400_000..1_893_456_000_000_i64
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Each local day has its time exactly once, whatever the clocks do; the days that a zone leaves out
    /// altogether (Apia, 2011) lie before the years asked for.
    #[test]
    fn a_daily_time_comes_once_on_each_local_day(
        zone in zone(), from in moment(), hour in 0..24_u8, minute in 0..60_u8,
    ) {
        let daily = times(&format!("{minute} {hour} * * *"), zone);
        let to = from + 400 * DAY;
        let found = run(&daily, from, to);
        let days: BTreeSet<_> = found.iter().map(|at| wall(*at, zone).date()).collect();
        prop_assert_eq!(days.len(), found.len(), "twice on a day");
        prop_assert!((399..=401).contains(&found.len()), "{}", found.len());
        for at in &found {
            let time = wall(*at, zone);
            let exact = (time.hour(), time.minute()) == (hour.cast_signed(), minute.cast_signed());
            // Else it was skipped by the clocks: the wall clock shows a later time, and just before the
            // moment an earlier one.
            let before = wall(*at - 1, zone);
            let wanted = time.date().at(hour.cast_signed(), minute.cast_signed(), 0, 0);
            prop_assert!(exact || (before < wanted && wanted < time), "{time} for {hour}:{minute}");
        }
    }

    /// Steps follow the wall clock: the same as asking each minute of three days, around a change too.
    #[test]
    fn steps_are_due_whenever_the_wall_clock_shows_them(
        zone in zone(), near in moment(), step in prop::sample::select(&[5_i8, 7, 15, 20, 30][..]),
        hours in prop::bool::ANY,
    ) {
        // Around the next change of the clocks, where there is one.
        let tz = TimeZone::get(zone).unwrap();
        let start = Timestamp::from_millisecond(near).unwrap();
        let change = tz.following(start).next().map_or(near, |t| t.timestamp().as_millisecond());
        let from = (change - 36 * HOUR) / MINUTE * MINUTE;
        let cron = if hours { format!("0 */{step} * * *") } else { format!("*/{step} * * * *") };
        let steps = times(&cron, zone);
        let found = run(&steps, from, from + 72 * HOUR);
        let asked: Vec<Millis> = (1..=72 * 60)
            .map(|m| from + m * MINUTE)
            .filter(|at| {
                let time = wall(*at, zone);
                if hours { time.minute() == 0 && time.hour() % step == 0 } else { time.minute() % step == 0 }
            })
            .collect();
        prop_assert_eq!(found, asked);
    }

    /// Whatever the policy and the moment: what is made good was due, in order and once; the next is later.
    #[test]
    fn what_is_made_good_was_due(
        zone in zone(), since in moment(), late in 0..40 * DAY,
        policy in prop::sample::select(&[Misfire::Skip, Misfire::Once, Misfire::All][..]),
    ) {
        let times = times("30 */3 * * *", zone);
        let next = times.next_after(since).unwrap();
        let now = next + late;
        let outcome = due(&times, policy, next, now);
        let every = run(&times, since, now);
        prop_assert!(outcome.fire.iter().all(|at| every.contains(at)));
        prop_assert!(outcome.fire.is_sorted() && outcome.next.unwrap() > now);
        match policy {
            Misfire::Skip => prop_assert!(
                outcome.fire.len() <= 1 && outcome.fire.iter().all(|at| now - at <= ON_TIME)
            ),
            Misfire::Once => prop_assert_eq!(outcome.fire.len(), 1),
            Misfire::All => prop_assert_eq!(outcome.fire.len(), every.len().min(MISSED)),
        }
        // However far it goes back, it waits for no longer than from now on or from the last time on.
        let back = now - late / 2;
        let again = rewound(&times, Some(now), outcome.next, back).unwrap();
        prop_assert!(again <= outcome.next.unwrap() && again > back);
    }
}
