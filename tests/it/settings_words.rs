//! Settings written in words, their history and the way back; rights that an owner gives by name.
use beadle::community::principals::decide;
use beadle::features::moderation::commands::phrase::{Wish, parse, written};
use beadle::features::moderation::ladder::Step;
use beadle::telegram::rights::{Powers, Right};
use beadle::texts::when::{Zone, moment};

use crate::support::green::Green;
use crate::support::house::{SPAM, is_removed, value};
use crate::support::until;

#[test]
fn a_ladder_is_written_and_read_with_and_without_numbers() {
    let ladder = |words: &str| match parse(&format!("ladder {words}")).unwrap() {
        Wish::Ladder(steps) => steps,
        other => panic!("{other:?}"),
    };
    let (hour, week) = (Step::Mute { minutes: 60 }, Step::Ban { days: 7 });
    let steps = ladder("3: mute 1h, 5: ban 7d");
    assert_eq!(steps, [Step::Warn, Step::Warn, hour, hour, week]);
    assert_eq!(written(&steps), "1: warn, 3: mute 1h, 5: ban 7d");
    assert_eq!(ladder(&written(&steps)), steps);
    assert_eq!(
        ladder("Warn,  MUTE   60m ; ban 7d"),
        [Step::Warn, hour, week]
    );
    assert_eq!(
        written(&ladder("warn, mute 1h, ban 7d")),
        "warn, mute 1h, ban 7d"
    );
    for (words, key) in [
        ("ladder", "settings-bad-step"),
        ("ladder 3 mute", "settings-bad-step"),
        ("ladder 3: ban", "settings-bad-step"),
        ("ladder 5: mute 1h, 3: ban 7d", "settings-bad-rung"),
        ("ladder 0: warn", "settings-bad-rung"),
        ("ladder 99999999999999999999: warn", "settings-bad-rung"),
        ("ladder 21: warn", "settings-bad-rung"),
        ("thresholds 90 50", "settings-bad-thresholds"),
        ("thresholds 50", "settings-bad-thresholds"),
        ("thresholds 0 100", "settings-bad-thresholds"),
        ("forget 0d", "settings-bad-forget"),
        ("timezone Mars/Olympus", "settings-bad-timezone"),
        ("timezone ../../etc/passwd", "settings-bad-timezone"),
        ("timezone", "settings-bad-timezone"),
        ("diff x", "settings-bad-number"),
        ("colour red", "settings-bad-name"),
        ("\u{1F9FF}\u{202E} \u{0}", "settings-bad-name"),
    ] {
        let complaint = parse(words).expect_err(words);
        assert_eq!(complaint.key, key, "{words}");
        assert!(complaint.word.chars().count() <= 40);
    }
    let long = "ladder ".to_owned() + &"warn, ".repeat(10_000);
    assert_eq!(parse(&long).unwrap_err().key, "settings-bad-rung");
    assert_eq!(
        parse("thresholds 40%, 80%").unwrap(),
        Wish::Thresholds(0.4, 0.8)
    );
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
    green.said(green.owner, "thresholds: 40 80").await;
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
