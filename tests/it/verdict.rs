//! Verdicts: spam in its hiding places is found, ordinary talk is left alone, and more evidence never helps.
use beadle::features::moderation::classifier::SpamModel;
use beadle::features::moderation::facts::{Before, Carrier, Counts, Facts, Input, Link, Text, Who};
use beadle::features::moderation::rules::{Band, Decision, Mode, Settings, Verdict, judge};
use beadle::features::moderation::signals::{Kind, find};

pub(crate) const ACT: Settings = Settings {
    review_at: 0.5,
    spam_at: 0.9,
    mode: Mode::Act,
    rev: 7,
};
pub(crate) const DAY: u64 = 24 * 3600;

pub(crate) fn verdict(input: &Input<'_>) -> Verdict {
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
pub(crate) fn says(words: &str) -> Input<'_> {
    Input {
        texts: vec![Text {
            source: "text",
            text: words,
        }],
        ..Input::default()
    }
}

pub(crate) fn has(verdict: &Verdict, code: &str) -> bool {
    verdict.reasons.iter().any(|r| r.code == code)
}

pub(crate) fn why(verdict: &Verdict) -> String {
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

/// Ordinary messages, one a line; none of them is in the training data.
const ORDINARY: &str = r#"Hello everyone, glad to be here!
Good afternoon, is this the right group for questions about sourdough?
thanks, that fixed it
lol 😂😂
+1
Has anyone tried running Postgres 17 on a Raspberry Pi? Mine swaps a lot.
Set max_connections first, see https://www.postgresql.org/docs/current/runtime-config.html
I got the job! Starting Monday, remote two days a week 🎉
We pay our juniors about 2500 euros a month, is that low?
My contract ends in June, so I will look for remote work in autumn
bitcoin dropped 8% overnight, my cousin is panicking again
What would a new boiler cost? We were quoted $3,000
I earn less than my plumber, and honestly he deserves it
Please DM me the wifi password, I forgot it again
Why do programmers confuse Halloween and Christmas? Because oct 31 = dec 25
CONGRATULATIONS!!! you two are the best
I have one spare ticket for Friday, 30 euros, write to @sam_k
My investment account finally recovered from last year
here is the recording of the talk https://www.youtube.com/watch?v=abcdefghijk
our chat about gardening moved: https://t.me/gardeners_north
Привет, я новенький, занимаюсь пчеловодством
Здравствуйте! Подскажите, где посмотреть расписание электричек?
спасибо, разобрался
ахаха 😂
Собрал проект на Rust 1.95, сборка занимает три минуты, нормально?
Пишу на c++ и python, httpшные запросы ловлю nginxом
Вчера вышел на новую работу, платят 140 тысяч, коллектив приятный
Ищу работу сисадмином, пока хожу по собеседованиям
Доход у кофейни 300 тысяч в месяц, но аренда съедает половину
Биткоин опять по сто, а я продал всё весной
Напиши мне в личку адрес, завезу банки
Штирлиц шёл по коридору. По ходу дела он понял, что коридор кончился
Вот документация, там всё расписано: https://www.postgresql.org/docs/
ПОЗДРАВЛЯЮ!!! Какая радость 🎉🎉
Удалённая работа меня измотала, хочу обратно в офис
Кто может посидеть с собакой на выходных? Заплачу 2000 рублей
какой у вас тариф на свет, 5 рублей?
Опять спам про заработок, админы, забаньте его
今天天气很好,我们去公园吧
مرحبا، كيف حالكم اليوم؟"#;

#[test]
fn ordinary_talk_is_clear_also_from_newcomers() {
    for words in ORDINARY.lines() {
        let links: Vec<_> = words
            .split(' ')
            .filter(|word| word.starts_with("http") || word.starts_with('@'))
            .map(|target| Link {
                source: "text",
                target,
                shown: None,
            })
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
        facts_v: 3,
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
        back.can_replay()
            && !Facts {
                facts_v: 0,
                ..back.clone()
            }
            .can_replay()
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
    assert_eq!(json["facts_v"], 5);
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
fn a_burst_counts_from_the_fourth_message_and_is_never_enough() {
    let quick = |burst: u32| {
        verdict(&Input {
            burst,
            ..says("The caretaker has the keys to the cellar")
        })
    };
    for talk in 0..=3 {
        assert!(!has(&quick(talk), "burst"), "{talk}");
    }
    let (some, many, flood) = (quick(4), quick(6), quick(1_000));
    assert!(
        has(&some, "burst") && some.score < many.score,
        "{}",
        why(&many)
    );
    assert_eq!(flood.score, many.score, "capped");
    assert_eq!(flood.band, Band::Clear, "{}", why(&flood));
    assert_eq!(find("burst").map(|s| s.kind), Some(Kind::Shape));
}
