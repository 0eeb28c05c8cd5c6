//! The same words in several groups: seen before anybody labelled them, bounded, off where a group says so.
use beadle::base::fold::fold;
use beadle::features::moderation::classifier::SpamModel;
use beadle::features::moderation::facts::{Facts, Round};
use beadle::features::moderation::grams::{Grams, Print};
use beadle::features::moderation::rules::{Band, judge};
use beadle::features::moderation::wave::{GROUPS, ROOM, WITHIN, Waves};

use crate::verdict::{ACT, has, says, why};

/// A campaign of our own that the classifier does not know by its words.
const CAMPAIGN: &str = "Neighbours, the courtyard committee collects signatures about the boiler house, leave yours at \
    the desk of the caretaker until Thursday evening, flat number and name are enough";

fn print(text: &str) -> Print {
    Grams::of(&fold(text)).print
}

fn facts(waves: &Waves, chat: i64, words: &str, now: i64) -> Facts {
    let mut input = says(words);
    input.round = Some(Round { waves, chat, now });
    Facts::gather(&input, SpamModel::shipped())
}

#[test]
fn other_groups_are_counted_and_the_own_is_not() {
    let waves = Waves::default();
    let now = 1_000_000;
    for chat in [-1, -2, -2, -3] {
        waves.note(chat, &print(CAMPAIGN), now);
    }
    assert_eq!(facts(&waves, -4, CAMPAIGN, now).going_round, 3);
    assert_eq!(facts(&waves, -1, CAMPAIGN, now).going_round, 2);
    assert_eq!(waves.len(), 1);
    let verdict = judge(&facts(&waves, -4, CAMPAIGN, now), &ACT);
    assert!(has(&verdict, "going_round"), "{}", why(&verdict));
    assert_ne!(
        verdict.band,
        Band::Spam,
        "words in other groups alone: {}",
        why(&verdict)
    );
}

#[test]
fn small_changes_do_not_hide_it_and_other_talk_is_not_it() {
    let waves = Waves::default();
    waves.note(-1, &print(CAMPAIGN), 5);
    let changed = CAMPAIGN
        .replace("Thursday", "Friday")
        .replace("Neighbours", "Dear neighbours");
    assert_eq!(facts(&waves, -2, &changed, 6).going_round, 1);
    let disguised = CAMPAIGN.replace('o', "о").replace('a', "а\u{200b}");
    assert_eq!(facts(&waves, -2, &disguised, 6).going_round, 1);
    let other = "Neighbours, who parked across the gate again? The lorry with the boiler parts could not get in until \
        Thursday, and the caretaker is not amused";
    assert_eq!(facts(&waves, -2, other, 6).going_round, 0);
    for short in ["good morning, everybody", "Thanks a lot, it worked"] {
        waves.note(-1, &print(short), 5);
        assert_eq!(facts(&waves, -2, short, 6).going_round, 0, "{short}");
    }
}

#[test]
fn an_hour_later_it_is_over() {
    let waves = Waves::default();
    waves.note(-1, &print(CAMPAIGN), 1);
    assert_eq!(facts(&waves, -2, CAMPAIGN, WITHIN).going_round, 1);
    assert_eq!(facts(&waves, -2, CAMPAIGN, WITHIN + 1).going_round, 0);
    // A clock that was set back counts nothing twice.
    waves.note(-3, &print(CAMPAIGN), 10 * WITHIN);
    assert_eq!(facts(&waves, -2, CAMPAIGN, WITHIN).going_round, 1);
}

#[test]
fn room_and_groups_are_bounded() {
    let waves = Waves::default();
    for chat in 1..=100 {
        waves.note(-chat, &print(CAMPAIGN), 10 + chat);
    }
    let count = facts(&waves, -1_000, CAMPAIGN, 200).going_round;
    assert_eq!(count, u32::try_from(GROUPS).unwrap());
    for n in 0..ROOM + 50 {
        let mut print = [0_u16; 32];
        for (at, number) in print.iter_mut().enumerate() {
            *number = u16::try_from((n * 131 + at * 977) % 60_000).unwrap();
        }
        waves.note(-1, &print, 300);
    }
    assert_eq!(waves.len(), ROOM);
    assert_eq!(
        facts(&waves, -2, CAMPAIGN, 301).going_round,
        0,
        "the oldest text went first"
    );
}

#[test]
fn ordinary_words_that_go_round_are_brought_to_a_person_and_not_removed() {
    let waves = Waves::default();
    let words = "Does anyone have a spare key for the tool shed? I left mine at the station and it is raining.";
    for chat in -9..-1 {
        waves.note(chat, &print(words), 5);
    }
    let mut round = facts(&waves, -1, words, 6);
    round.repeated = 9;
    round.copied = true;
    let verdict = judge(&round, &ACT);
    assert_eq!(verdict.band, Band::Review, "{}", why(&verdict));
    // With something to follow, repetition counts in full.
    round.links.own = 1;
    let verdict = judge(&round, &ACT);
    assert_eq!(verdict.band, Band::Spam, "{}", why(&verdict));
}
