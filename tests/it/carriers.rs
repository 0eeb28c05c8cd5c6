//! What newcomers may send, by kind: the table, the rules a group writes, and what follows in each mode.
use beadle::community::settings::{Table, import};
use beadle::features::moderation::carriers::{Policy, Profile, Rule, SETTINGS, TOPICS};
use beadle::features::moderation::facts::{Facts, Input, Text, Who};
use beadle::features::moderation::reading;
use beadle::features::moderation::rules::{Band, Decision, Mode, Settings, judge};
use beadle::features::moderation::{classifier::SpamModel, signals};
use beadle::telegram::event::{MessageKind, MessageKinds, extract};
use beadle::texts::{Lang, text};
use serde_json::{Value, json};

use crate::verdict::DAY;

fn of(kind: MessageKind) -> Facts {
    Facts {
        kinds: MessageKinds::of(&[kind]),
        messages_seen: 1,
        ..Facts::gather(&Input::default(), SpamModel::shipped())
    }
}

fn policy(own: &Value) -> Policy {
    Policy::read(&json!({ "newcomers": own }).to_string())
}

#[test]
fn the_table_is_whole() {
    assert_eq!(
        SETTINGS.len(),
        TOPICS.len() + 2,
        "reactions, and bots that are added"
    );
    for setting in SETTINGS {
        assert!(
            setting.kind.check(&setting.usual()).is_ok(),
            "{}",
            setting.path
        );
        for lang in [Lang::En, Lang::Ru] {
            let key = setting.text_key();
            assert_ne!(text(lang, &key, &[]), key);
        }
    }
    for topic in TOPICS {
        assert_ne!(
            topic.usual,
            Rule::Delete,
            "{}: what nobody chose removes nothing",
            topic.name
        );
        assert_eq!(topic.code, format!("newcomers_{}", topic.name));
        assert!(signals::find(topic.code).is_none());
    }
    let found = import(
        &Table::new(&[SETTINGS]),
        "[newcomers]\ncontact = \"delete\"\nlink = \"review\"\n",
    )
    .unwrap();
    assert_eq!(found.values.len(), 2);
    assert!(
        import(
            &Table::new(&[SETTINGS]),
            "[newcomers]\ncontact = \"burn\"\n"
        )
        .is_err()
    );
}

#[test]
fn cards_of_others_are_looked_at_and_talk_is_not() {
    let usual = Policy::default();
    for kind in [
        MessageKind::Contact,
        MessageKind::Story,
        MessageKind::Giveaway,
        MessageKind::Button,
        MessageKind::ForwardHidden,
        MessageKind::ExternalReply,
        MessageKind::ChannelSender,
        MessageKind::PaidMedia,
        MessageKind::Poll,
        MessageKind::Bot,
        MessageKind::Invite,
    ] {
        let ruled = usual.find(&of(kind)).unwrap_or_else(|| panic!("{kind:?}"));
        assert_eq!(
            (ruled.rule, ruled.written),
            (Rule::Review, false),
            "{kind:?}"
        );
    }
    for kind in [
        MessageKind::Text,
        MessageKind::Link,
        MessageKind::Mention,
        MessageKind::Sticker,
        MessageKind::Voice,
        MessageKind::VideoNote,
        MessageKind::Quote,
        MessageKind::Dice,
        MessageKind::CustomEmoji,
        MessageKind::Unknown,
    ] {
        assert!(usual.find(&of(kind)).is_none(), "{kind:?}");
    }
}

#[test]
fn only_newcomers_are_ruled() {
    let written = policy(&json!({ "contact": "delete" }));
    let new = of(MessageKind::Contact);
    assert!(written.find(&new).is_some());
    let member = Facts {
        messages_seen: 6,
        seconds_since_first_seen: 2 * DAY,
        ..new.clone()
    };
    assert!(written.find(&member).is_none());
    for who in [Who::Admin, Who::AnonymousAdmin, Who::LinkedChannel] {
        assert!(
            written.find(&Facts { who, ..new.clone() }).is_none(),
            "{who:?}"
        );
    }
}

#[test]
fn the_strictest_rule_holds_and_rubbish_is_not_chosen() {
    let mut facts = of(MessageKind::Contact);
    facts.kinds.insert(MessageKind::Link);
    let ruled = policy(&json!({ "link": "delete", "contact": "review" }))
        .find(&facts)
        .unwrap();
    assert_eq!(
        (ruled.topic.name, ruled.rule, ruled.written),
        ("link", Rule::Delete, true)
    );
    let ruled = policy(&json!({ "contact": "allow", "link": "review" }))
        .find(&facts)
        .unwrap();
    assert_eq!((ruled.topic.name, ruled.written), ("link", true));
    for rubbish in [
        json!(7),
        json!({ "contact": "burn" }),
        json!({ "contact": { "a": 1 } }),
        json!([]),
    ] {
        let ruled = policy(&rubbish).find(&facts).unwrap();
        assert_eq!(
            (ruled.topic.name, ruled.written),
            ("contact", false),
            "{rubbish}"
        );
    }
    assert!(Policy::read("{\"newcomers\": ").find(&facts).is_some());
}

#[test]
fn defaults_follow_the_mode_and_written_rules_act_in_each() {
    for mode in [Mode::Observe, Mode::Suggest, Mode::Act] {
        let settings = Settings {
            mode,
            ..Settings::default()
        };
        let facts = of(MessageKind::Contact);
        let mut verdict = judge(&facts, &settings);
        assert_eq!(verdict.band, Band::Clear);
        let ruled = Policy::default().find(&facts).unwrap();
        assert!(!ruled.apply(&mut verdict, &settings));
        assert_eq!(
            (verdict.band, verdict.decision),
            (Band::Review, Decision::Review),
            "{mode:?}"
        );
        assert_eq!(verdict.reasons[0].code, "newcomers_contact");
        assert!(verdict.score >= settings.review_at && !verdict.person);
        let mut verdict = judge(&facts, &settings);
        let ruled = policy(&json!({ "contact": "delete" }))
            .find(&facts)
            .unwrap();
        assert!(ruled.apply(&mut verdict, &settings), "{mode:?}");
        assert_eq!(
            (verdict.band, verdict.decision),
            (Band::Review, Decision::Delete)
        );
        assert!(!verdict.person);
    }
}

#[test]
fn a_profile_is_read_without_keeping_words() {
    for (first, last, advertises) in [
        ("Anna", Some("Petrova"), false),
        ("St.John", None, false),
        ("Илья", Some("Заварзин"), false),
        ("Marta 🌱", None, false),
        ("Dmitry", Some("C++"), false),
        ("Лена", Some("18 лет на даче"), false),
        ("Profit t.me/+abcDEF", None, true),
        ("Lena", Some("@lena_signals_vip"), true),
        ("Заpaбoтoк дома", None, true),
        ("Смотри профиль", Some("👇"), true),
        ("casino-bonus.top", None, true),
        ("Look in my bio", None, true),
    ] {
        let profile = Profile::of_name(first, last);
        assert_eq!(profile.advertises(), advertises, "{first} {last:?}");
        assert!(!profile.asked);
    }
    let plain = Profile::of_name("Ann", None);
    for (bio, channel, advertises) in [
        (
            Some("Gardener, two cats. My photos: leeks.example"),
            None,
            false,
        ),
        (
            Some("Люблю горы и собак"),
            Some("Дневник огородницы"),
            false,
        ),
        (Some("Join us t.me/+AbCdEf"), None, true),
        (
            Some("Earn $300 a day from your phone, write me in private"),
            None,
            true,
        ),
        (None, Some("Казино без вложений"), true),
        (None, None, false),
    ] {
        let found = plain.with_rest(bio, channel);
        assert_eq!(found.bio_advertises(), advertises, "{bio:?} {channel:?}");
        assert!(found.asked && !found.name_advertises());
        assert_eq!(found.channel, channel.is_some());
    }
    let stored = serde_json::to_string(&plain.with_rest(Some("Earn money"), None)).unwrap();
    assert!(!stored.contains("Earn"));
}

#[test]
fn old_facts_are_judged_and_unknown_versions_are_not() {
    let facts = of(MessageKind::Contact);
    let mut stored = serde_json::to_value(&facts).unwrap();
    for name in ["kinds", "profile", "after_post", "copied"] {
        assert!(
            stored.as_object_mut().unwrap().remove(name).is_some(),
            "{name}"
        );
    }
    for (version, replays) in [
        (1, false),
        (2, true),
        (3, true),
        (4, true),
        (5, true),
        (6, false),
    ] {
        stored["facts_v"] = version.into();
        let old: Facts = serde_json::from_value(stored.clone()).unwrap();
        assert_eq!(old.can_replay(), replays, "{version}");
        assert!(Policy::default().find(&old).is_none());
        assert_eq!(judge(&old, &Settings::default()).band, Band::Clear);
    }
}

#[test]
fn seconds_after_a_post_are_counted_for_its_comments_only() {
    let comment = |after: i64, automatic: bool| {
        extract(&json!({ "update_id": 1, "message": {
            "message_id": 9, "date": 1_000 + after, "text": "Nice leeks, everybody",
            "chat": { "id": -1001, "type": "supergroup" }, "from": { "id": 5, "first_name": "Eve" },
            "reply_to_message": { "message_id": 8, "date": 1_000, "text": "post", "is_automatic_forward": automatic,
                "chat": { "id": -1001, "type": "supergroup" }, "from": { "id": 777_000, "first_name": "Telegram" },
                "sender_chat": { "id": -1002, "type": "channel", "title": "News" } },
        }}))
    };
    for (after, automatic, expected) in [
        (2, true, Some(2)),
        (-1, true, None),
        (2, false, None),
        (900, true, Some(900)),
    ] {
        let event = comment(after, automatic);
        assert_eq!(
            reading::input(&event).after_post,
            expected,
            "{after} {automatic}"
        );
    }
    let fast = Facts {
        after_post: Some(2),
        ..of(MessageKind::Text)
    };
    assert_eq!(
        Policy::default().find(&fast).unwrap().topic.name,
        "first_comment"
    );
    let slow = Facts {
        after_post: Some(6),
        ..of(MessageKind::Text)
    };
    assert!(Policy::default().find(&slow).is_none());
    let copy = Input {
        echo: true,
        texts: vec![Text {
            source: "text",
            text: "I put the leeks out under fleece in early April here",
        }],
        ..Input::default()
    };
    let copied = Facts::gather(&copy, SpamModel::shipped());
    assert!(copied.copied);
    let greeting = Input {
        texts: vec![Text {
            source: "text",
            text: "Доброе утро всем",
        }],
        ..copy
    };
    assert!(!Facts::gather(&greeting, SpamModel::shipped()).copied);
}
