//! House rules by themselves: what admins write is read, bounded, and found in messages.
use std::collections::VecDeque;
use std::time::{Duration, Instant};

use beadle::community::settings::Table;
use beadle::features::moderation::house::action::Action;
use beadle::features::moderation::house::hours::Hours;
use beadle::features::moderation::house::locks::{self, Lock};
use beadle::features::moderation::house::pace::{Beat, Broken, Limit, Pace, note};
use beadle::features::moderation::house::patterns::{BadEntry, Entry, Looked, strongest};
use beadle::features::moderation::house::settings::{HouseSettings, SETTINGS};
use beadle::telegram::event::{MessageKind, MessageKinds};
use beadle::texts::when::Zone;
use proptest::prelude::*;
use serde_json::json;

fn found(written: &str, text: &str) -> bool {
    let entry = Entry::new(written, Action::Delete).unwrap();
    let entries = [entry];
    let looked = Looked::new([text].into_iter());
    strongest(&entries, &looked).is_some()
}

#[test]
fn words_are_found_through_disguises_and_not_inside_others() {
    for (written, text) in [
        ("casino", "Best CASINO in town"),
        ("casino", "best c a s i n o in town"),
        ("казино", "лучшее кaзинo города"), // Latin a and o
        ("casino*", "casinos!"),
        ("*coin", "bitcoin"),
        ("easy money", "it is EASY   money"),
        ("bit.ly", "see https://bit.ly/x"),
        ("ёлка", "продам елка"),
        ("/buy \\w+ now/", "Buy tokens now"),
        ("/^купи/", "привет\nКУПИ слона"),
        ("/(a+)+$/", "aaaaaaaaaaaaaaaaaaaaaaaa"),
    ] {
        assert!(found(written, text), "{written} in {text}");
    }
    for (written, text) in [
        ("casino", "casinos"),
        ("coin", "bitcoin"),
        ("кот", "котлета и скот"),
        ("easy money", "easy come, money goes"),
        ("/^купи$/", "купить"),
    ] {
        assert!(!found(written, text), "{written} in {text}");
    }
}

#[test]
fn entries_that_cannot_be_are_refused_at_once() {
    let began = Instant::now();
    let long = "a".repeat(64 * 1024);
    let pattern = format!("/{}/", "a".repeat(64 * 1024));
    let nested = format!("/{}a{}/", "(".repeat(1_000), ")".repeat(1_000));
    for (written, want) in [
        (long.as_str(), "longer"),
        (pattern.as_str(), "longer"),
        (nested.as_str(), "not a pattern"),
        ("/(/", "not a pattern"),
        ("/a{1000}{1000}{1000}/", "too large"),
        ("/\\w{500}/", "too large"),
        ("/(?:a?){5000}x/", "too large"),
        ("/x*/", "every message"),
        ("/(a|b|)*/", "every message"),
        ("***", "no letter"),
        ("\u{202e}\u{200b}", "no letter"),
        ("", "no letter"),
    ] {
        let told = Entry::new(written, Action::Delete).unwrap_err().to_string();
        assert!(
            told.contains(want),
            "{}: {told}",
            &written[..written.len().min(40)]
        );
        assert!(told.len() < 250, "{told}");
    }
    assert!(matches!(
        Entry::new("/(?=x)/", Action::Delete),
        Err(BadEntry::Syntax(_))
    ));
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "{:?}",
        began.elapsed()
    );
}

#[test]
fn fifty_of_the_worst_patterns_look_at_the_longest_message_in_bounded_time() {
    let entries: Vec<Entry> = (0..50)
        .map(|n| Entry::new(&format!("/(a|aa|b{n})+(a+)+c{{1,20}}$/"), Action::Delete).unwrap())
        .collect();
    let text = "a".repeat(40_000);
    let looked = Looked::new([text.as_str()].into_iter());
    let began = Instant::now();
    assert!(strongest(&entries, &looked).is_none());
    // Debug builds of this crate, optimised dependencies; the bound is about seconds against centuries.
    assert!(
        began.elapsed() < Duration::from_secs(10),
        "{:?}",
        began.elapsed()
    );
}

#[test]
fn the_strongest_of_several_rules_holds() {
    let entries = [
        Entry::new("casino", Action::Warn).unwrap(),
        Entry::new("easy money", Action::Mute(3_600_000)).unwrap(),
    ];
    let looked = Looked::new(["casino and easy money"].into_iter());
    let hit = strongest(&entries, &looked).unwrap();
    assert_eq!(hit.action, Action::Mute(3_600_000));

    let locks: Vec<Lock> = ["link", "sticker warn", "forward ban 7d"]
        .map(|w| Lock::try_from(w.to_owned()).unwrap())
        .to_vec();
    let kinds = MessageKinds::of(&[MessageKind::Invite, MessageKind::ForwardChannel]);
    assert_eq!(locks::strongest(&locks, kinds).unwrap().name, "forward");
    let kinds = MessageKinds::of(&[MessageKind::Text, MessageKind::Photo]);
    assert!(locks::strongest(&locks, kinds).is_none());
    for name in locks::names() {
        assert!(Lock::try_from(format!("{name} mute 1h")).is_ok(), "{name}");
    }
}

fn beat(message: i64, seconds: i64, says: u64) -> Beat {
    Beat {
        message,
        at: seconds * 1_000,
        digest: Some(says),
        album: None,
        too_soon: false,
    }
}

fn pace(flood: &str, same: &str, slow: i64) -> Pace {
    let limit = |words: &str| Limit::try_from(words.to_owned()).ok();
    Pace {
        flood: limit(flood),
        same: limit(same),
        slow,
    }
}

/// What each message of a row breaks.
fn walk(pace: &Pace, beats: Vec<Beat>) -> Vec<Option<Broken>> {
    let mut before = VecDeque::new();
    beats
        .into_iter()
        .map(|mut beat| {
            let broken = pace.breaks(&before, &beat);
            beat.too_soon = matches!(broken, Some(Broken::Slow(_)));
            note(&mut before, beat);
            broken
        })
        .collect()
}

#[test]
fn floods_repetition_and_slow_mode_are_told_apart() {
    let mute = Some(Broken::Flood(Action::Mute(3_600_000)));
    let pace_1 = pace("3 10s mute 1h", "", 0);
    let row = (0..5).map(|n| beat(n, n, n as u64)).collect();
    assert_eq!(walk(&pace_1, row), [None, None, None, mute, mute]);
    // Slow enough.
    let row = (0..6).map(|n| beat(n, n * 4, n as u64)).collect();
    assert!(walk(&pace_1, row).iter().all(Option::is_none));
    // An album of ten is one message, and its items no flood of their own.
    let album = (0..10)
        .map(|n| Beat {
            album: Some("x".to_owned()),
            ..beat(n, 1, n as u64)
        })
        .collect();
    assert!(walk(&pace_1, album).iter().all(Option::is_none));

    let same = Some(Broken::Same(Action::Delete));
    let pace_2 = pace("", "2 10m", 0);
    let row = [1, 1, 2, 1, 1].iter().enumerate();
    let row = row
        .map(|(n, says)| beat(n as i64, n as i64 * 60, *says))
        .collect();
    assert_eq!(walk(&pace_2, row), [None, None, None, same, same]);

    let pace_3 = pace("", "", 30_000);
    let row = vec![
        beat(1, 0, 1),
        beat(2, 10, 2),
        beat(3, 29, 3),
        beat(4, 30, 4),
    ];
    let told = walk(&pace_3, row);
    assert_eq!(told[1], Some(Broken::Slow(20_000)));
    // Who wrote too soon does not wait anew.
    assert_eq!((told[2], told[3]), (Some(Broken::Slow(1_000)), None));
    // A message that is handled again breaks nothing by itself.
    let mut before = VecDeque::new();
    note(&mut before, beat(1, 0, 1));
    assert_eq!(pace_3.breaks(&before, &beat(1, 0, 1)), None);
}

#[test]
fn nights_are_found_by_the_clock_of_the_group_through_changes_of_it() {
    let hours = Hours::try_from("23:00-07:00".to_owned()).unwrap();
    let berlin = Zone::parse("Europe/Berlin").unwrap();
    let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_millisecond();
    // 22:30 UTC is 23:30 in Berlin's winter.
    let (began, ends) = hours.night(at("2026-11-20T22:30:00Z"), &berlin).unwrap();
    assert_eq!(
        (began, ends),
        (at("2026-11-20T22:00:00Z"), at("2026-11-21T06:00:00Z"))
    );
    assert_eq!(
        hours.night(at("2026-11-21T05:59:59Z"), &berlin),
        Some((began, ends))
    );
    assert_eq!(hours.night(at("2026-11-21T06:00:00Z"), &berlin), None);
    assert_eq!(hours.night(at("2026-11-21T12:00:00Z"), &berlin), None);
    // The night in which the clock is put back is an hour longer.
    let (began, ends) = hours.night(at("2026-10-24T23:00:00Z"), &berlin).unwrap();
    assert_eq!(ends - began, 9 * 3_600_000);
    let noon = Hours::try_from("13:00–14:30".to_owned()).unwrap();
    assert!(noon.night(at("2026-06-01T11:15:00Z"), &berlin).is_some());
    for bad in [
        "",
        "23:00",
        "23:00-23:00",
        "25:00-07:00",
        "23:61-07:00",
        "a-b",
        "-",
        "99999999999-1",
    ] {
        assert!(Hours::try_from(bad.to_owned()).is_err(), "{bad}");
    }
}

#[test]
fn settings_are_read_as_they_are_written() {
    let table = Table::new(&[SETTINGS]);
    for (path, words, shown) in [
        ("house.locks", "link, Sticker WARN", "link, sticker warn"),
        ("house.locks", "link, link ban 7d", "link ban 7d"),
        ("house.locks", "off", "off"),
        ("house.flood", "5 10s mute 1h", "5 10s mute 1h"),
        ("house.same", "3 10m", "3 10m delete"),
        ("house.flood", "off", "off"),
        ("house.slowmode", "30s", "30s"),
        ("house.night", "23:00-7", "23:00-07:00"),
        ("house.clean", "joins, pins", "joins, pins"),
    ] {
        let (setting, value) = table.parse(path, words).unwrap();
        assert_eq!(setting.kind.show(&value), shown, "{path} {words}");
        // What is kept is read by the stage.
        let name = path.strip_prefix("house.").unwrap();
        let read = HouseSettings::read(&json!({"house": {name: value}}).to_string());
        assert_eq!(
            read == HouseSettings::default(),
            shown == "off",
            "{path} {words}"
        );
    }
    for (path, words) in [
        ("house.locks", "everything"),
        ("house.locks", "link mute 0s"),
        ("house.locks", "link ban 99999999999y"),
        ("house.flood", "0 10s"),
        ("house.flood", "5 5"),
        ("house.flood", "99999999999999999999 1s"),
        ("house.slowmode", "2h"),
        ("house.night", "tonight"),
        ("house.clean", "<b>joins</b>"),
    ] {
        let told = table.parse(path, words).unwrap_err().to_string();
        assert!(told.len() < 300, "{told}");
    }
    // What another version wrote there does not take the rest with it.
    let odd =
        json!({"house": {"locks": ["link", "hologram"], "flood": {"x": 1}, "slowmode": 30_000}});
    let read = HouseSettings::read(&odd.to_string());
    assert_eq!(
        (read.locks.len(), read.flood, read.slowmode),
        (1, None, 30_000)
    );
}

proptest! {
    #[test]
    fn whatever_is_written_is_an_entry_or_a_refusal(words in "\\PC{0,60}", text in "\\PC{0,200}") {
        for written in [words.clone(), format!("/{words}/")] {
            if let Ok(entry) = Entry::new(&written, Action::Delete) {
                let looked = Looked::new([text.as_str()].into_iter());
                let _ = strongest(&[entry], &looked);
            }
        }
    }

    #[test]
    fn actions_survive_being_written(minutes in 1..525_600_i64) {
        for action in [Action::Mute(minutes * 60_000), Action::Ban(minutes * 60_000)] {
            prop_assert_eq!(Action::try_from(String::from(action)), Ok(action));
        }
    }
}
