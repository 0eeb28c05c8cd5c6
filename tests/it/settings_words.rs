//! Settings written in words, their history and the way back; rights that an owner gives by name.
use beadle::app::group_settings;
use beadle::community::principals::decide;
use beadle::features::moderation::commands::phrase::{Complaint, Wish, parse};
use beadle::features::moderation::ladder::{self, Step, written};
use beadle::telegram::rights::{Powers, Right};
use beadle::texts::when::{Zone, moment};

use serde_json::json;

use crate::support::green::Green;
use crate::support::house::{SPAM, is_removed, value};
use crate::support::until;

#[test]
fn a_ladder_is_written_and_read_with_and_without_numbers() {
    let (hour, week) = (Step::Mute { minutes: 60 }, Step::Ban { days: 7 });
    let steps = ladder::parse("3: mute 1h, 5: ban 7d").unwrap();
    assert_eq!(steps, [Step::Warn, Step::Warn, hour, hour, week]);
    assert_eq!(written(&steps), "1: warn, 3: mute 1h, 5: ban 7d");
    assert_eq!(ladder::parse(&written(&steps)).unwrap(), steps);
    assert_eq!(
        ladder::parse("Warn,  MUTE   60m ; ban 7d").unwrap(),
        [Step::Warn, hour, week]
    );
    assert_eq!(
        written(&ladder::parse("warn, mute 1h, ban 7d").unwrap()),
        "warn, mute 1h, ban 7d"
    );
    for words in ["5: mute 1h, 3: ban 7d", "0: warn", "21: warn"] {
        assert!(ladder::parse(words).unwrap_err().contains("out of order"));
    }
    for words in ["", "3 mute", "3: ban", "\u{1F9FF}\u{202E}"] {
        assert!(ladder::parse(words).unwrap_err().contains("is no step"));
    }
    assert!(ladder::parse(&"warn, ".repeat(10_000)).is_err());
}

#[test]
fn what_is_written_is_understood_by_the_table() {
    let table = group_settings();
    let said = |words: &str| parse(&table, words);
    let set = |words: &str| match said(words).unwrap() {
        Wish::Set(values) => json!(values),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        set("thresholds 40%, 80%"),
        json!([["moderation.review_at", 0.4], ["moderation.spam_at", 0.8]])
    );
    assert_eq!(set("notes off"), json!([["moderation.notes", false]]));
    assert_eq!(set("mode = ACT"), json!([["mode", "act"]]));
    assert_eq!(
        set("forget 7d"),
        json!([["moderation.forget_after_days", 7]])
    );
    assert_eq!(set("timezone default"), json!([["timezone", null]]));
    assert_eq!(
        set("ladder 2: mute 1h"),
        json!([["moderation.steps", ["warn", "mute 1h"]]])
    );
    assert_eq!(said("spam_at").unwrap(), Wish::Show("moderation.spam_at"));
    assert!(matches!(said("history"), Ok(Wish::History)));
    assert!(matches!(said("diff #7"), Ok(Wish::Diff(7))));
    for words in [
        "diff x",
        "rollback",
        "thresholds 90 50",
        "thresholds 50",
        "thresholds 0 100",
    ] {
        assert!(said(words).is_err(), "{words}");
    }
    for (words, near) in [
        ("moderation.note on", Some("moderation.notes")),
        ("languag ru", Some("language")),
        ("colour red", None),
        ("log_chat -1", None),
        ("is_log on", None),
        ("\u{1F9FF}\u{202E} \u{0}", None),
    ] {
        match said(words) {
            Err(Complaint::Name(word, found)) => {
                assert_eq!(found, near, "{words}");
                assert!(word.chars().count() <= 40);
            }
            other => panic!("{words}: {other:?}"),
        }
    }
    for words in [
        "mode fast",
        "forget 0d",
        "timezone ../../etc/passwd",
        "notes perhaps",
    ] {
        assert!(matches!(said(words), Err(Complaint::Value(..))), "{words}");
    }
    assert!(said(&format!("timezone {}", "x".repeat(60_000))).is_err());
}

#[test]
fn declared_defaults_are_those_of_the_code() {
    use beadle::features::moderation::settings::GroupSettings;
    let table = group_settings();
    let mut tree = json!({});
    for setting in table.all() {
        let usual = setting.usual();
        if !usual.is_null() {
            assert_eq!(
                setting.kind.check(&usual).as_ref(),
                Ok(&usual),
                "{}",
                setting.path
            );
        }
        if let Some(name) = setting.path.strip_prefix("moderation.") {
            tree["moderation"][name] = usual;
        }
    }
    assert_eq!(
        GroupSettings::read(&tree.to_string()),
        GroupSettings::default()
    );
    // What the struct reads and the table has not are the two that only /log may choose.
    let all = json!(GroupSettings {
        log_chat: Some(-1),
        is_log: true,
        ..GroupSettings::default()
    });
    for name in all.as_object().unwrap().keys() {
        let declared = table.find(&format!("moderation.{name}")).is_ok();
        assert_eq!(
            declared,
            !["log_chat", "is_log"].contains(&name.as_str()),
            "{name}"
        );
    }
    assert_eq!(Zone::default().name(), "UTC");
}

#[test]
fn short_names_in_buttons_are_all_different() {
    use beadle::features::moderation::hub::sections::{Section, code, decode};
    let table = group_settings();
    for setting in table.all() {
        assert_eq!(
            decode(&table, &code(setting.path)).unwrap().path,
            setting.path
        );
        assert!(Section::of(setting.path).settings(&table).count() <= 90);
    }
}

#[test]
fn a_moment_is_told_by_the_groups_clock() {
    let at = 1_795_185_120_000; // 2026-11-20 14:32 UTC
    assert_eq!(moment(at, &Zone::default()), "2026-11-20 14:32 UTC");
    let berlin = Zone::parse("europe/berlin").unwrap();
    assert_eq!(berlin.name(), "Europe/Berlin");
    assert_eq!(moment(at, &berlin), "2026-11-20 15:32 CET");
    let summer = at - 120 * 86_400_000;
    assert_eq!(moment(summer, &berlin), "2026-07-23 16:32 CEST");
    assert_eq!(moment(i64::MAX, &berlin), "–");
}

#[test]
fn the_owners_word_gives_and_takes_and_never_binds_the_owner() {
    let none: Option<Powers> = None;
    let bare = Some(Powers::default());
    for right in [Right::Delete, Right::Restrict, Right::ChangeInfo] {
        assert!(!decide(none, None, true, right));
        assert!(decide(none, Some(true), true, right));
        assert!(
            !decide(none, Some(true), false, right),
            "who is gone has nothing"
        );
        assert!(!decide(bare, Some(false), true, right));
        assert!(!decide(bare, None, true, right));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_written_shown_and_taken_back() {
    let green = Green::in_mode("act").await;
    let sim = &green.sim;
    let (ann, _) = green.says("Ann", "Good morning").await;
    let said = green.asks(ann, "/settings ladder mute 1h").await;
    assert!(said.contains("Only admins"), "{said}");
    let said = green.asks(green.owner, "/settings ladder 2: kick").await;
    assert!(
        said.contains("do not understand") && said.contains("2: kick"),
        "{said}"
    );
    let said = green
        .asks(green.owner, "/settings ladder 1: mute 90m")
        .await;
    assert!(said.contains("mute 90m"), "{said}");
    let said = green
        .asks(green.owner, "/settings timezone Europe/Berlin")
        .await;
    assert!(said.contains("Europe/Berlin"), "{said}");
    let (eve, _) = green.says("Eve", SPAM).await;
    let whisper = green
        .said(green.group, "You cannot write there for 1 hour")
        .await;
    assert_eq!(whisper.receiver, Some(eve));
    assert!(
        whisper.text().contains(" CE"),
        "the group's clock: {}",
        whisper.text()
    );

    let said = green.asks(green.owner, "/settings history").await;
    assert!(
        said.contains("moderation.steps") && said.contains("timezone"),
        "{said}"
    );
    let revs: i64 = value(&green.app, "SELECT max(rev) FROM settings_versions").await;
    let said = green
        .asks(green.owner, &format!("/settings diff {}", revs - 1))
        .await;
    assert!(
        said.contains("moderation.steps: – → [\"mute 90m\"]"),
        "{said}"
    );
    let said = green
        .asks(green.owner, &format!("/settings rollback {}", revs - 2))
        .await;
    assert!(said.contains("holds again"), "{said}");
    let now: String = value(
        &green.app,
        "SELECT settings FROM groups WHERE title = 'The green'",
    )
    .await;
    assert_eq!(now, "{}");
    let said = green.asks(green.owner, "/settings rollback 9999").await;
    assert!(said.contains("no change 9999"), "{said}");
    let (_, signed): (i64, i64) = (
        revs,
        value(
            &green.app,
            "SELECT count(*) FROM settings_versions WHERE by IS NOT NULL",
        )
        .await,
    );
    assert_eq!(signed, 3);
    let audited: i64 = value(
        &green.app,
        "SELECT count(*) FROM audit WHERE action = 'settings.rolled_back'",
    )
    .await;
    assert_eq!(audited, 1);
    // In private about the one group; words that are none are answered there too.
    sim.private(green.owner, "/settings thresholds 40 80");
    green.said(green.owner, "moderation.spam_at: 0.8").await;
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_gives_and_takes_rights_by_name() {
    let green = Green::in_mode("suggest").await;
    let sim = &green.sim;
    let log = green.log_chat().await;
    let (ann, _) = green.says("Ann", "Good morning").await;
    sim.set_user(
        ann,
        &serde_json::json!({ "first_name": "Ann", "username": "Ann_W" }),
    );
    sim.say(green.group, ann, "And a good day to all of you");
    let (_, spam) = green.says("Eve", SPAM).await;
    let card = green.card(log, "Eve").await;
    let (said, alert) = green.press(&card, ann, "spam").await;
    assert!(said.contains("Only admins") && alert, "{said}");
    let said = green.asks(ann, "/rights @ann_w +ban").await;
    assert!(said.contains("Only the owner"), "{said}");
    let said = green.asks(green.owner, "/rights @nobody +ban").await;
    assert!(said.contains("not seen that person"), "{said}");
    let said = green.asks(green.owner, "/rights @ann_w +fly").await;
    assert!(said.contains("Write who and what"), "{said}");
    let said = green.asks(green.owner, "/rights @ann_w +delete +ban").await;
    assert!(said.contains("Ann: +delete +restrict"), "{said}");
    green.press(&card, ann, "spam").await;
    until("removed", || is_removed(sim, green.group, spam)).await;
    green.until_text(&card, "Ann decided").await;

    // An admin by Telegram, from whom the owner takes it away.
    let ben = sim.user("Ben");
    sim.promote(
        green.group,
        ben,
        &["can_delete_messages", "can_restrict_members"],
    );
    let hello = sim.say(green.group, ben, "Hello, I am new among the admins here");
    crate::support::house::judged(&green.app, green.group, hello).await;
    let order = sim.reply(green.group, green.owner, hello, "/rights -ban");
    until("answered", || {
        crate::support::house::answer(sim, green.group, order).is_some()
    })
    .await;
    let (mal, _) = green.says("Mal", &format!("{SPAM} Now!")).await;
    let card = green.card(log, "Mal").await;
    let (said, _) = green.press(&card, ben, "ban").await;
    assert!(said.contains("Only admins"), "{said}");
    // What the owner gave ends when the person is gone: Telegram is asked.
    sim.leave(green.group, ann);
    let (said, _) = green.press(&card, ann, "ban").await;
    assert!(said.contains("Only admins"), "{said}");
    assert!(sim.member(green.group, mal).present);
    let audited: i64 = value(
        &green.app,
        "SELECT count(*) FROM audit WHERE action = 'rights.set'",
    )
    .await;
    assert_eq!(audited, 2);
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_album_is_said_again_whole() {
    let green = Green::in_mode("act").await;
    let sim = &green.sim;
    let eve = sim.user("Eve");
    sim.join(green.group, eve);
    let mut posted = Vec::new();
    for i in 0..3 {
        let file = sim.file(&format!("offer{i}.jpg"), format!("picture {i}").as_bytes());
        let mut fields = serde_json::json!({
            "photo": sim.media("photo", &file), "media_group_id": "777" });
        if i == 0 {
            fields["caption"] = SPAM.into();
        }
        posted.push(sim.post(green.group, eve, fields));
    }
    until("removed", || {
        posted.iter().all(|m| is_removed(sim, green.group, *m))
    })
    .await;
    let card = green.card(green.owner, "I removed this as spam").await;
    green.press(&card, green.owner, "ham").await;
    until("said again", || sim.calls_of("sendMediaGroup").len() == 1).await;
    let call = sim.calls_of("sendMediaGroup").pop().unwrap();
    assert_eq!(call.params["chat_id"], green.group);
    assert_eq!(call.params["media"].as_array().unwrap().len(), 3);
    let apology = green.said(green.group, "by mistake").await;
    assert!(apology.text().contains("easy_income_now"));
    let counted: i64 = value(&green.app, "SELECT max(removed) FROM members").await;
    assert_eq!(counted, 0);
    let again = sim.bot_messages(green.group).into_iter();
    assert_eq!(again.filter(|m| m.text().contains("by mistake")).count(), 1);
    let found = sim.call_violations();
    assert!(found.is_empty(), "{found:?}");
    green.app.stop().await;
}
