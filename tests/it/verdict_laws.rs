//! Laws of the verdict, on random facts and messages: evidence adds up, scripts are equal, nothing panics.
use beadle::features::moderation::carriers::Profile;
use beadle::features::moderation::facts::{Before, Carrier, Counts, Facts, Input, Link, Text, Who};
use beadle::features::moderation::ladder::{self, Author, Step};
use beadle::features::moderation::rules::{Band, Decision, Settings, judge};
use beadle::features::moderation::signals::{Group, Kind, TABLE, find};
use proptest::prelude::*;

use crate::verdict::{ACT, DAY, has, says, verdict, why};

#[test]
fn the_table_is_in_order() {
    let mut codes: Vec<_> = TABLE.iter().map(|s| s.code).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), TABLE.len(), "codes are unique");
    for s in TABLE {
        assert_eq!(s.text_key, format!("reason-{}", s.code.replace('_', "-")));
        assert!(s.sentence.ends_with('.') && !s.sentence.is_empty());
        assert_eq!(
            s.weight < 0.0,
            s.kind == Kind::Trust,
            "{}: only trust speaks for a message",
            s.code
        );
        assert!(
            s.cap.abs() >= s.weight.abs() || s.code.starts_with("emoji"),
            "{}",
            s.code
        );
    }
}

fn any_counts() -> impl Strategy<Value = Counts> {
    (
        proptest::option::of(-15.0_f32..15.0),
        proptest::collection::vec(0..8_u32, 10),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(log_odds, n, contact_bait, money_promise)| Counts {
            log_odds,
            words: n[0] * 3,
            letters: n[0] * 15,
            mixed_script_words: n[1],
            invisible_in_words: n[2],
            bidi_overrides: n[3] / 4,
            stacked_marks: n[4],
            styled_letters: n[5],
            spaced_words: n[6],
            digit_words: n[7],
            emoji: n[8],
            easy_terms: n[9] / 2,
            contact_bait,
            money_promise,
            upper: 0,
        })
}

fn any_facts() -> impl Strategy<Value = Facts> {
    (
        proptest::collection::btree_map(
            prop_oneof![
                Just(Carrier::Own),
                Just(Carrier::Quoted),
                Just(Carrier::Button),
                Just(Carrier::Attached)
            ],
            any_counts(),
            0..4,
        ),
        0..100_u32,
        0..20 * DAY,
        any::<[bool; 4]>(),
        0..3_u32,
    )
        .prop_map(
            |(carriers, messages_seen, seconds_since_first_seen, flags, repeated)| Facts {
                facts_v: 3,
                carriers,
                messages_seen,
                seconds_since_first_seen,
                forwarded: flags[0],
                via_bot: flags[1],
                external_reply: flags[2],
                who: if flags[3] { Who::Channel } else { Who::Member },
                repeated,
                ..Facts::default()
            },
        )
}

/// Adds one piece of evidence.
fn worsen(facts: &mut Facts, which: u8, carrier: Carrier) {
    let bump = |n: &mut u32| *n = n.saturating_add(1);
    match which {
        0 => bump(&mut facts.links.hidden),
        1 => bump(&mut facts.links.disguised),
        2 => bump(&mut facts.links.button),
        3 => bump(&mut facts.links.quoted),
        4 => bump(&mut facts.links.invites),
        5 => bump(&mut facts.links.own),
        6 => bump(&mut facts.repeated),
        7 => bump(&mut facts.custom_emoji),
        8 => facts.edit.get_or_insert_default().links_added += 1,
        9 => facts.edit.get_or_insert_default().words_added += 3,
        10 => facts.forwarded = true,
        11 => facts.via_bot = true,
        12 => facts.attachments.push("contact".to_owned()),
        13 => facts.external_reply = true,
        _ => {
            let c = facts.carriers.entry(carrier).or_default();
            match which {
                14 => c.log_odds = Some(c.log_odds.unwrap_or(-3.0) + 2.0),
                15 => bump(&mut c.mixed_script_words),
                16 => bump(&mut c.invisible_in_words),
                17 => c.contact_bait = true,
                18 => c.money_promise = true,
                19 => bump(&mut c.easy_terms),
                20 => bump(&mut c.styled_letters),
                21 => bump(&mut c.spaced_words),
                22 => bump(&mut c.digit_words),
                23 => bump(&mut c.bidi_overrides),
                24 => bump(&mut c.stacked_marks),
                _ => bump(&mut c.emoji),
            }
        }
    }
}

/// What an account and the form of its messages may look like, with nothing against the message itself.
fn any_shape() -> impl Strategy<Value = Facts> {
    (
        any_facts(),
        any::<[bool; 8]>(),
        proptest::collection::vec(0..40_u32, 4),
        -10.0_f32..0.0,
    )
        .prop_map(|(facts, flags, n, reputation)| Facts {
            carriers: std::collections::BTreeMap::new(),
            repeated: 0,
            custom_emoji: 0,
            burst: n[0],
            reputation,
            links: beadle::features::moderation::facts::Links {
                own: n[1],
                mentions: n[2],
                attached: n[3],
                ..Default::default()
            },
            attachments: vec!["contact".to_owned()],
            profile: Profile {
                name_link: flags[0],
                name_offer: flags[1],
                bio_offer: flags[2],
                bio_invite: flags[3],
                channel: flags[4],
                asked: flags[5],
            },
            copied: flags[6],
            after_post: flags[7].then_some(n[0]),
            ..facts
        })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_account_alone_removes_nothing(facts in any_shape(), review in 0.0_f32..1.0, spam in 0.0_f32..1.0) {
        let settings = Settings { review_at: review, spam_at: spam, ..ACT };
        let v = judge(&facts, &settings);
        prop_assert!(v.band < Band::Spam && v.decision <= Decision::Review && !v.person, "{}", why(&v));
    }

    #[test]
    fn a_person_takes_more_than_a_message(facts in any_facts(), spam in 0.05_f32..1.0) {
        let v = judge(&facts, &Settings { review_at: 0.05, spam_at: spam, ..ACT });
        if v.person {
            prop_assert_eq!(v.band, Band::Spam);
            // Without the account it is spam as well: nobody is restricted for who they are.
            let evidence: f32 = v.reasons.iter()
                .filter(|r| find(&r.code).is_some_and(|s| s.kind != Kind::Shape)).map(|r| r.weight).sum();
            prop_assert!(evidence >= 5.0 - 1e-4, "{}", why(&v));
            prop_assert!(!has(&v, "regular"));
            let groups: std::collections::BTreeSet<_> = v.reasons.iter().filter(|r| r.weight > 0.0)
                .filter_map(|r| find(&r.code)).filter(|s| s.kind == Kind::Evidence).map(|s| s.group).collect();
            prop_assert!(groups.len() >= 2, "{}", why(&v));
        }
    }

    #[test]
    fn no_group_of_signals_adds_more_than_its_cap(facts in any_facts()) {
        let v = judge(&facts, &ACT);
        for group in Group::ALL {
            let of = v.reasons.iter().filter(|r| find(&r.code).is_some_and(|s| s.group == group));
            let sum: f32 = of.map(|r| r.weight).sum();
            prop_assert!(sum <= group.cap() + 1e-3, "{group:?}: {}", why(&v));
        }
    }

    #[test]
    fn the_ladder_restricts_only_whom_it_may(
        regular: bool, channel: bool, spared: bool, strikes in 0..20_u32, last in proptest::option::of(0..10_i64),
        steps in proptest::collection::vec(prop_oneof![Just(Step::Warn), (1..999_999_u32).prop_map(|minutes| Step::Mute { minutes }),
            (1..9_999_u32).prop_map(|days| Step::Ban { days })], 0..5),
    ) {
        let author = Author { regular, channel, spared };
        let step = ladder::next(&steps, author, strikes, last.map(|l| l * 40_000), 300_000);
        match step {
            Some(step @ (Step::Mute { .. } | Step::Ban { .. })) => {
                prop_assert!(!regular && !spared);
                let lasts = step.lasts();
                prop_assert!(lasts.is_some_and(|l| l <= 365 * 86_400_000), "what machinery imposes ends");
            }
            Some(Step::Warn) => prop_assert!(!regular),
            None => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn more_evidence_never_lowers_the_score(facts in any_facts(), which in 0..26_u8, part in 0..4_usize) {
        let carrier = [Carrier::Own, Carrier::Quoted, Carrier::Button, Carrier::Attached][part];
        let mut worse = facts.clone();
        worsen(&mut worse, which, carrier);
        let (before, after) = (judge(&facts, &ACT), judge(&worse, &ACT));
        // Reasons are added in f32, where the order of adding moves the last bits.
        prop_assert!(after.score >= before.score - 1e-6, "{which}: {} then {}", why(&before), why(&after));
        prop_assert!((0.0..=1.0).contains(&after.score));
    }

    #[test]
    fn the_score_is_the_sum_of_its_reasons(facts in any_facts()) {
        let v = judge(&facts, &ACT);
        let sum: f32 = -4.0 + v.reasons.iter().map(|r| r.weight).sum::<f32>();
        prop_assert!((v.score - 1.0 / (1.0 + (-sum).exp())).abs() < 1e-4);
    }

    #[test]
    fn a_script_is_never_a_reason(words in "[а-яёА-ЯЁ ,.!?]{1,60}|[一-龥ぁ-んァ-ヶ，。！ ]{1,40}|[ء-ي ،؟]{1,40}|[א-ת ]{1,40}|[α-ωΑ-Ω ]{1,40}|[ก-ฮ ]{1,40}|[अ-ह ]{1,40}") {
        let v = verdict(&says(&words));
        for code in ["homoglyphs", "invisible", "direction", "styled_letters", "stacked_marks", "digit_words"] {
            prop_assert!(!has(&v, code), "{code}: {words}");
        }
    }

    #[test]
    fn rubbish_is_judged_without_panic(
        words in any::<String>(), target in any::<String>(), shown in proptest::option::of(any::<String>()),
        source in "text|quote|button|link_preview|[a-z_]{0,12}", external in any::<bool>(),
    ) {
        let input = Input {
            texts: vec![Text { source: &source, text: &words }],
            links: vec![Link { source: &source, target: &target, shown: shown.as_deref() }],
            before: Some(Before { text: &target, links: vec![] }),
            external_reply: external,
            ..Input::default()
        };
        let v = verdict(&input);
        prop_assert!(v.score.is_finite());
    }

    #[test]
    fn addresses_of_any_shape_are_read(
        target in "(https?://|tg://|@|www\\.)?[a-zа-я0-9@.:_-]{0,20}(/[a-z+?#=]{0,8})?", shown in "(https?://|@)?[a-zо@./:?-]{0,15}",
    ) {
        let input = Input { links: vec![Link { source: "text", target: &target, shown: Some(&shown) }], ..says("see") };
        let v = verdict(&input);
        prop_assert!(has(&v, "newcomer"));
    }
}
