//! Verdicts: spam in its hiding places is found, ordinary talk is left alone, and more evidence never helps.
use beadle::features::moderation::classifier::SpamModel;
use beadle::features::moderation::facts::{Before, Carrier, Counts, Facts, Input, Link, Text, Who};
use beadle::features::moderation::rules::{Band, Decision, Mode, Settings, Verdict, judge};
use beadle::features::moderation::signals::{Kind, TABLE, find};
use proptest::prelude::*;

const ACT: Settings = Settings {
    review_at: 0.5,
    spam_at: 0.9,
    mode: Mode::Act,
    rev: 7,
};
const DAY: u64 = 24 * 3600;

fn verdict(input: &Input<'_>) -> Verdict {
    judge(&Facts::gather(input, SpamModel::shipped()), &ACT)
}

fn text(source: &'static str, text: &'static str) -> Text<'static> {
    Text { source, text }
}

fn link(source: &'static str, target: &'static str, shown: Option<&'static str>) -> Link<'static> {
    Link {
        source,
        target,
        shown,
    }
}

/// A newcomer's message with these words.
fn says(words: &str) -> Input<'_> {
    Input {
        texts: vec![Text {
            source: "text",
            text: words,
        }],
        ..Input::default()
    }
}

fn has(verdict: &Verdict, code: &str) -> bool {
    verdict.reasons.iter().any(|r| r.code == code)
}

fn why(verdict: &Verdict) -> String {
    let reasons: Vec<_> = verdict
        .reasons
        .iter()
        .map(|r| format!("{} {:+.2}", r.code, r.weight))
        .collect();
    format!(
        "{:.3} {:?}: {}",
        verdict.score,
        verdict.band,
        reasons.join(", ")
    )
}

#[test]
fn spam_from_newcomers_is_deleted_for_the_right_reasons() {
    let scenes: Vec<(&str, Input<'_>, &[&str])> = vec![
        (
            "a job",
            says(
                "Looking for five people to join a remote project. Payment from $120 per day, all from your phone, \
                  training is free, 18+. Send + in private messages @marta_recruit",
            ),
            &[
                "spam_words",
                "money_promise",
                "contact_bait",
                "easy_terms",
                "newcomer",
            ],
        ),
        (
            "a job in Russian",
            says(
                "Нужны 4 человека на удалёнку, полтора часа в сутки, оплата от 120$ в день. Опыт не требуется, \
                  за деталями пишите в личку",
            ),
            &["spam_words", "money_promise", "contact_bait"],
        ),
        (
            "crypto",
            Input {
                links: vec![link("text", "https://t.me/+Qwerty12345", None)],
                ..says(
                    "My mentor turned my $300 into $4,100 in six days trading bitcoin. Guaranteed profit, he never \
                        fails! Talk to him: https://t.me/+Qwerty12345",
                )
            },
            &["spam_words", "invite_link", "newcomer_link"],
        ),
        (
            "Latin letters in Russian words",
            says(
                "Открывaeм нaбop в кoмaнду, дoхoд oт 900$ в нeдeлю, обучим c нуля, пишитe в личныe cooбщeния",
            ),
            &["homoglyphs", "spam_words", "contact_bait"],
        ),
        (
            "Cyrillic letters in English words",
            says(
                "Еаrn mоnеу from hоmе, inсоmе $500 dаilу, nо ехреriеnсе needed, mеssаgе mе in рrivаtе",
            ),
            &["homoglyphs", "spam_words", "easy_terms"],
        ),
        (
            "a link hidden under words",
            Input {
                links: vec![link(
                    "text",
                    "https://t.me/gift_drop_bot?start=77",
                    Some("here"),
                )],
                ..says("Claim your 750 USDT airdrop before midnight, connect your wallet here")
            },
            &["hidden_link", "invite_link", "spam_words"],
        ),
        (
            "a link that shows another address",
            Input {
                links: vec![link(
                    "text",
                    "https://binance-bonus.example/login",
                    Some("www.binance.com"),
                )],
                ..says("Claim your bonus of 100 USDT today: www.binance.com")
            },
            &["false_link", "newcomer_link"],
        ),
        (
            "an advert quoted from another chat",
            Input {
                texts: vec![
                    text("text", "look at this"),
                    text(
                        "quote",
                        "Guaranteed profit 10% per day, register now and withdraw your bitcoin the same day",
                    ),
                    text("external_reply", "Crypto Profit VIP"),
                ],
                links: vec![link("quote", "https://t.me/+Abcdef", None)],
                external_reply: true,
                ..Input::default()
            },
            &["spam_words_quoted", "external_quote_link", "other_chat"],
        ),
        (
            "an advert in a button",
            Input {
                texts: vec![
                    text("text", "Good evening!"),
                    text("button", "💰 Earn $300 per day, join now"),
                ],
                links: vec![link(
                    "button",
                    "https://t.me/+Abcdef",
                    Some("💰 Earn $300 per day, join now"),
                )],
                via_bot: true,
                ..Input::default()
            },
            &["spam_words_button", "button_link", "via_bot"],
        ),
        (
            "a greeting edited into an advert",
            Input {
                messages_seen: 2,
                before: Some(Before {
                    text: "Всем доброе утро!",
                    links: vec![],
                }),
                links: vec![link("text", "https://t.me/zarabotok_x_bot?start=1", None)],
                ..says(
                    "Всем доброе утро! Раздаю 500$ новым подписчикам, забирай бонус: \
                        https://t.me/zarabotok_x_bot?start=1",
                )
            },
            &["edit_added_link", "edit_added_words", "spam_words"],
        ),
        (
            "zero-width characters",
            says(
                "Заp\u{200b}або\u{200b}ток на до\u{200b}му, доход от 70 000 рублей в не\u{200b}делю, без опыта",
            ),
            &["invisible", "spam_words", "money_promise"],
        ),
    ];
    for (name, input, reasons) in scenes {
        let v = verdict(&input);
        assert_eq!(v.band, Band::Spam, "{name}: {}", why(&v));
        assert_eq!(v.decision, Decision::Delete, "{name}");
        for reason in reasons {
            assert!(has(&v, reason), "{name} lacks {reason}: {}", why(&v));
        }
    }
}

/// Ordinary messages, with the links that some have.
const ORDINARY: &[(&str, &str)] = &[
    ("Hello everyone, glad to be here!", ""),
    (
        "Good afternoon, is this the right group for questions about sourdough?",
        "",
    ),
    ("thanks, that fixed it", ""),
    ("lol 😂😂", ""),
    ("+1", ""),
    (
        "Has anyone tried running Postgres 17 on a Raspberry Pi? Mine swaps a lot.",
        "",
    ),
    (
        "Set max_connections first, see https://www.postgresql.org/docs/current/runtime-config.html",
        "https://www.postgresql.org/docs/current/runtime-config.html",
    ),
    (
        "I got the job! Starting Monday, remote two days a week 🎉",
        "",
    ),
    (
        "We pay our juniors about 2500 euros a month, is that low?",
        "",
    ),
    (
        "My contract ends in June, so I will look for remote work in autumn",
        "",
    ),
    (
        "bitcoin dropped 8% overnight, my cousin is panicking again",
        "",
    ),
    ("What would a new boiler cost? We were quoted $3,000", ""),
    (
        "I earn less than my plumber, and honestly he deserves it",
        "",
    ),
    ("Please DM me the wifi password, I forgot it again", ""),
    (
        "Why do programmers confuse Halloween and Christmas? Because oct 31 = dec 25",
        "",
    ),
    ("CONGRATULATIONS!!! you two are the best", ""),
    (
        "I have one spare ticket for Friday, 30 euros, write to @sam_k",
        "@sam_k",
    ),
    ("My investment account finally recovered from last year", ""),
    (
        "here is the recording of the talk https://www.youtube.com/watch?v=abcdefghijk",
        "https://www.youtube.com/watch?v=abcdefghijk",
    ),
    (
        "our chat about gardening moved: https://t.me/gardeners_north",
        "https://t.me/gardeners_north",
    ),
    ("Привет, я новенький, занимаюсь пчеловодством", ""),
    (
        "Здравствуйте! Подскажите, где посмотреть расписание электричек?",
        "",
    ),
    ("спасибо, разобрался", ""),
    ("ахаха 😂", ""),
    (
        "Собрал проект на Rust 1.95, сборка занимает три минуты, нормально?",
        "",
    ),
    ("Пишу на c++ и python, httpшные запросы ловлю nginxом", ""),
    (
        "Вчера вышел на новую работу, платят 140 тысяч, коллектив приятный",
        "",
    ),
    ("Ищу работу сисадмином, пока хожу по собеседованиям", ""),
    (
        "Доход у кофейни 300 тысяч в месяц, но аренда съедает половину",
        "",
    ),
    ("Биткоин опять по сто, а я продал всё весной", ""),
    ("Напиши мне в личку адрес, завезу банки", ""),
    (
        "Штирлиц шёл по коридору. По ходу дела он понял, что коридор кончился",
        "",
    ),
    (
        "Вот документация, там всё расписано: https://www.postgresql.org/docs/",
        "https://www.postgresql.org/docs/",
    ),
    ("ПОЗДРАВЛЯЮ!!! Какая радость 🎉🎉", ""),
    ("Удалённая работа меня измотала, хочу обратно в офис", ""),
    (
        "Кто может посидеть с собакой на выходных? Заплачу 2000 рублей",
        "",
    ),
    ("какой у вас тариф на свет, 5 рублей?", ""),
    ("Опять спам про заработок, админы, забаньте его", ""),
    ("今天天气很好,我们去公园吧", ""),
    ("مرحبا، كيف حالكم اليوم؟", ""),
];

#[test]
fn ordinary_talk_is_clear_also_from_newcomers() {
    for (words, target) in ORDINARY {
        let links: Vec<_> = Some(*target)
            .filter(|t| !t.is_empty())
            .map(|target| Link {
                source: "text",
                target,
                shown: None,
            })
            .into_iter()
            .collect();
        let fresh = Input {
            links,
            ..says(words)
        };
        let v = verdict(&fresh);
        assert_eq!(v.band, Band::Clear, "{words}: {}", why(&v));
        assert_eq!(v.decision, Decision::None);
        let regular = Input {
            messages_seen: 300,
            seconds_since_first_seen: 90 * DAY,
            ..fresh
        };
        assert!(verdict(&regular).score <= v.score);
        assert!(has(&verdict(&regular), "regular"));
    }
}

#[test]
fn a_link_under_a_word_or_a_file_name_is_ordinary() {
    for shown in [
        "the docs",
        "README.md",
        "main.rs",
        "docs.rs/serde",
        "https://docs.rs/serde/latest",
    ] {
        let input = Input {
            links: vec![Link {
                source: "text",
                target: "https://docs.rs/serde",
                shown: Some(shown),
            }],
            ..says("The answer is in the docs, second paragraph")
        };
        let v = verdict(&input);
        assert_eq!(v.band, Band::Clear, "{shown}: {}", why(&v));
        assert!(!has(&v, "false_link"), "{shown}");
    }
    for (shown, target) in [
        ("paypal.com", "https://paypal.com@evil.example/login"),
        ("t.me/beadle_news", "https://t.me/other_news"),
        ("@support", "https://t.me/not_support"),
        ("gооgle.com", "https://xn--ggle-55da.com"),
        ("https://bank.ru", "https://bank.ru.evil.example"),
    ] {
        let input = Input {
            links: vec![Link {
                source: "text",
                target,
                shown: Some(shown),
            }],
            ..says("it is there")
        };
        assert!(has(&verdict(&input), "false_link"), "{shown} {target}");
    }
}

#[test]
fn an_innocent_text_does_not_cover_what_is_hidden() {
    let hidden = vec![text(
        "button",
        "💰 Earn $300 per day, guaranteed profit, join now",
    )];
    let alone = verdict(&Input {
        texts: hidden.clone(),
        ..Input::default()
    });
    let covered = verdict(&Input {
        texts: [
            vec![text(
                "text",
                "Thanks for the lovely evening yesterday, the soup was great",
            )],
            hidden,
        ]
        .concat(),
        ..Input::default()
    });
    assert!(
        covered.score >= alone.score,
        "{} {}",
        why(&covered),
        why(&alone)
    );
}

#[test]
fn words_of_others_are_not_held_against_a_member() {
    let advert = "Earn $500 per day without experience, guaranteed profit, DM me now";
    for source in ["reply", "quote"] {
        let input = Input {
            texts: vec![
                text("text", "admins, please look at this one"),
                Text {
                    source,
                    text: advert,
                },
            ],
            reply: true,
            ..Input::default()
        };
        let v = verdict(&input);
        assert_eq!(v.band, Band::Clear, "{source}: {}", why(&v));
    }
}

#[test]
fn admins_and_the_linked_channel_are_never_treated() {
    let advert = || says("Earn $500 per day without experience, guaranteed profit, DM me now, 18+");
    assert_eq!(verdict(&advert()).band, Band::Spam);
    for who in [Who::Admin, Who::AnonymousAdmin, Who::LinkedChannel] {
        for settings in [
            ACT,
            Settings {
                review_at: 0.0,
                spam_at: 0.0,
                ..ACT
            },
        ] {
            let facts = Facts::gather(&Input { who, ..advert() }, SpamModel::shipped());
            let v = judge(&facts, &settings);
            assert_eq!(
                (v.band, v.decision),
                (Band::Clear, Decision::None),
                "{who:?}"
            );
            assert!(
                has(&v, "admin") && has(&v, "spam_words"),
                "the reasons are still told"
            );
        }
    }
    let channel = verdict(&Input {
        who: Who::Channel,
        ..advert()
    });
    assert_eq!(channel.decision, Decision::Delete);
    assert!(has(&channel, "channel_sender"));
}

#[test]
fn the_mode_decides_what_is_done() {
    let spam = Facts::gather(
        &says("Earn $500 per day without experience, guaranteed profit, DM me now, 18+"),
        SpamModel::shipped(),
    );
    let decision = |mode| judge(&spam, &Settings { mode, ..ACT }).decision;
    assert_eq!(decision(Mode::Observe), Decision::WouldDelete);
    assert_eq!(decision(Mode::Suggest), Decision::WouldDelete);
    assert_eq!(decision(Mode::Act), Decision::Delete);
    assert_eq!(Settings::default().mode, Mode::Suggest);
    // Thresholds that are no numbers are the defaults: a bad file deletes nothing.
    let hello = Facts::gather(&says("good morning"), SpamModel::shipped());
    let broken = Settings {
        review_at: f32::NAN,
        spam_at: f32::NAN,
        ..ACT
    };
    assert_eq!(judge(&hello, &broken).band, Band::Clear);
    assert_eq!(judge(&spam, &broken).band, Band::Spam);
}

#[test]
fn the_classifier_alone_asks_a_person() {
    let facts = Facts {
        facts_v: 1,
        messages_seen: 20,
        seconds_since_first_seen: 3 * DAY,
        carriers: [(
            Carrier::Own,
            Counts {
                log_odds: Some(1e6),
                words: 20,
                letters: 100,
                ..Counts::default()
            },
        )]
        .into(),
        ..Facts::default()
    };
    let v = judge(&facts, &ACT);
    assert_eq!(
        (v.band, v.decision),
        (Band::Review, Decision::Review),
        "{}",
        why(&v)
    );
    // And a newcomer's with nothing else.
    let v = judge(
        &Facts {
            messages_seen: 0,
            ..facts
        },
        &ACT,
    );
    assert_eq!(v.band, Band::Review, "{}", why(&v));
}

#[test]
fn the_shape_alone_is_never_spam() {
    let v = verdict(&Input {
        texts: vec![text("text", "hm")],
        links: vec![link("text", "https://example.org", None)],
        who: Who::Channel,
        forwarded: true,
        via_bot: true,
        external_reply: true,
        attachments: vec!["contact", "story", "photo"],
        ..Input::default()
    });
    assert_eq!(v.band, Band::Clear, "{}", why(&v));
    let shape: f32 = v
        .reasons
        .iter()
        .filter(|r| find(&r.code).is_some_and(|s| s.kind == Kind::Shape))
        .map(|r| r.weight)
        .sum();
    assert!((shape - 2.5).abs() < 1e-4, "{shape}");
}

#[test]
fn repeating_a_long_text_counts_and_a_short_one_does_not() {
    let again = |words| {
        verdict(&Input {
            repeated: 4,
            ..says(words)
        })
    };
    assert!(has(
        &again("come to our place on the corner tonight"),
        "repeated_text"
    ));
    assert!(!has(&again("thanks a lot"), "repeated_text"));
}

#[test]
fn a_typo_set_right_is_no_rewriting() {
    let edit = |before, after| {
        verdict(&Input {
            before: Some(Before {
                text: before,
                links: vec![],
            }),
            ..says(after)
        })
    };
    assert!(!has(
        &edit("see you tomorow", "see you tomorrow"),
        "edit_added_words"
    ));
    assert!(has(
        &edit("hi", "hi and now for something completely different here"),
        "edit_added_words"
    ));
}

#[test]
fn a_verdict_has_the_agreed_form_and_facts_survive_storage() {
    let input = Input {
        links: vec![link("text", "https://t.me/+Qwerty12345", None)],
        ..says("Guaranteed profit, join https://t.me/+Qwerty12345")
    };
    let facts = Facts::gather(&input, SpamModel::shipped());
    let stored = serde_json::to_string(&facts).expect("JSON");
    assert!(
        !stored.contains("profit") && !stored.contains("Qwerty"),
        "facts hold no text: {stored}"
    );
    let back: Facts = serde_json::from_str(&stored).expect("read back");
    assert_eq!(back, facts);
    assert!(
        back.is_current()
            && !Facts {
                facts_v: 0,
                ..back.clone()
            }
            .is_current()
    );
    let v = judge(&back, &ACT);
    assert_eq!(v, judge(&facts, &ACT), "a replay decides alike");
    let json = serde_json::to_value(&v).expect("JSON");
    let keys: Vec<_> = json
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        keys,
        [
            "band",
            "decision",
            "facts_v",
            "model",
            "reasons",
            "score",
            "settings_rev",
            "stage",
            "v"
        ]
    );
    assert_eq!(json["v"], 1);
    assert_eq!(json["facts_v"], 1);
    assert_eq!(json["settings_rev"], 7);
    assert_eq!(json["stage"], "rules");
    assert_eq!(json["model"], SpamModel::shipped().id());
    assert!(
        v.reasons
            .windows(2)
            .all(|w| w[0].weight.abs() >= w[1].weight.abs()),
        "weightiest first"
    );
    let settings: Settings =
        serde_json::from_str(r#"{"mode":"act"}"#).expect("defaults for the rest");
    assert_eq!(
        settings,
        Settings {
            mode: Mode::Act,
            ..Settings::default()
        }
    );
}

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

#[test]
fn judging_is_fast() {
    let words =
        "Ищу людей в команду, работа удалённо, доход от 200$ в день, пишите в лс, ok? ".repeat(4);
    let words: String = words.chars().take(300).collect();
    let best = (0..5)
        .map(|_| {
            let start = std::time::Instant::now();
            for _ in 0..200 {
                std::hint::black_box(verdict(&says(std::hint::black_box(&words))));
            }
            start.elapsed() / 200
        })
        .min()
        .expect("five rounds");
    println!("fold, classify, phrases and rules: 300 characters {best:?}");
    assert!(best.as_micros() < 1000, "{best:?}");
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
                facts_v: 1,
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
