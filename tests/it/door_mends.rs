//! The door, mended: who adds somebody, whose name is printed, what an answer costs, what outlives an outage.
use std::time::Duration;

use beadle::base::clock::Clock as _;
use beadle::telegram::simulator::{Fault, SimMessage, Status};
use serde_json::{Value, json};

use crate::arbiter::is_muted;
use crate::captcha::choose;
use crate::support::green::Green;
use crate::support::house::{SPAM, judged, value, within};

/// A group in *act* with a captcha, and what was chosen besides.
async fn door(chosen: &[(&'static str, Value)]) -> Green {
    let green = Green::in_mode("act").await;
    green.says("Wes", "Good evening").await;
    until(
        &green,
        "SELECT count(*) FROM admissions WHERE outcome IS NOT NULL",
        1,
    )
    .await;
    choose(&green.app, green.group, chosen).await;
    green
}

/// The message of Beadle's in the group with buttons.
async fn asked(green: &Green, chat: i64) -> SimMessage {
    let find = || {
        let all = green.sim.bot_messages(chat);
        all.into_iter().find(|m| !m.buttons().is_empty())
    };
    within(10, "asked", || find().is_some()).await;
    find().unwrap()
}

async fn until(green: &Green, sql: &str, wanted: i64) {
    for _ in 0..500 {
        if value::<i64>(&green.app, sql).await == wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{sql} is {}", value::<i64>(&green.app, sql).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_a_plain_member_adds_goes_through_the_door() {
    let green = door(&[("captcha.kind", json!("button"))]).await;
    let (sim, group) = (&green.sim, green.group);
    let (ann, eve, bob) = (sim.user("Ann"), sim.user("Eve"), sim.user("Bob"));
    sim.invite(group, green.owner, ann);
    sim.invite(group, ann, eve);
    within(10, "asked like others", || is_muted(sim, group, eve)).await;
    asked(&green, group).await;
    // Where Telegram does not say who the admins are, nobody vouches.
    green.says("Zoe", "Fine weather").await;
    sim.demote(group, ann);
    sim.fail_always(
        Some("getChatAdministrators"),
        Some(group),
        Fault::error(500, "Internal Server Error"),
    );
    sim.promote(group, ann, &["can_delete_messages"]);
    sim.invite(group, ann, bob);
    let begun = format!("SELECT count(*) FROM admissions WHERE user = {bob}");
    until(&green, &begun, 1).await;
    let vouched: i64 = value(
        &green.app,
        &format!("SELECT count(*) FROM admissions WHERE user = {ann}"),
    )
    .await;
    assert_eq!(vouched, 0, "added by the owner");
    assert_eq!(sim.member(group, ann).status, Status::Administrator);
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_advertises_is_not_printed_at_the_door_or_in_notes() {
    for (lang, nameless) in [("en", "Newcomer"), ("ru", "Новый участник")] {
        let green = door(&[("captcha.kind", json!("button"))]).await;
        green.set_language(lang).await;
        let sim = &green.sim;
        let eve = sim.user("Earn at t.me/evil");
        sim.set_user(eve, &json!({ "language_code": lang }));
        sim.join(green.group, eve);
        let question = asked(&green, green.group).await;
        assert!(question.text().starts_with(nameless), "{}", question.text());
        assert!(!question.text().contains("evil"));
        let entities = question.value["entities"].as_array().unwrap();
        assert!(
            entities.iter().any(|e| e["user"]["id"] == eve),
            "still a link to them: {entities:?}"
        );
        green.app.stop().await;
    }
    let (green, _) = Green::before_an_old_server().await;
    let (sim, group) = (&green.sim, green.group);
    let (_, first) = green.says("Casino t.me/evil", SPAM).await;
    within(10, "removed", || {
        sim.deleted(group).iter().any(|m| m.message_id == first)
    })
    .await;
    green.set_steps(&["mute 1h"]).await;
    let eve = sim.user("Casino t.me/evil2");
    sim.join(group, eve);
    sim.say(group, eve, &crate::support::house::other_spam(3));
    let note = green.said(group, "This person cannot write").await;
    assert!(!note.text().contains("evil"), "{}", note.text());
    // A moderator's command says it no otherwise.
    sim.say(group, green.owner, &format!("/mute {eve} 2h rude"));
    let told = green.said(group, "rude").await;
    assert!(told.text().contains("This person"), "{}", told.text());
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_typed_answer_is_judged_by_what_is_in_memory() {
    let green = Green::in_mode("suggest").await;
    let (sim, group) = (&green.sim, green.group);
    // Taught as welcome, and taken into memory.
    let (_, taught) = green.says("Mal", SPAM).await;
    sim.reply(group, green.owner, taught, "/ham");
    let counted = "SELECT count(*) FROM learned_samples WHERE label = 'ham'";
    until(&green, counted, 1).await;
    let mut band = String::new();
    for n in 0..50 {
        let (_, message) = green.says(&format!("Una{n}"), SPAM).await;
        band = judged(&green.app, group, message).await.band.clone();
        if band != "spam" {
            break;
        }
    }
    assert_ne!(band, "spam");
    // The whole memory is not read again for each answer: it may be gone from the disk meanwhile.
    let gone = green.app.store.write(|tx| {
        tx.execute("DELETE FROM learned_samples", [])?;
        Ok(())
    });
    gone.await.unwrap();
    let chosen = [
        ("captcha.kind", json!("question")),
        (
            "captcha.questions",
            json!(["What do we grow here? = roses"]),
        ),
    ];
    choose(&green.app, group, &chosen).await;
    let eve = sim.user("Eve");
    sim.join(group, eve);
    asked(&green, group).await;
    sim.private(eve, SPAM);
    let told = || {
        sim.bot_messages(eve)
            .iter()
            .any(|m| m.text().contains("Tries left: 2"))
    };
    within(10, "wrong, and no advertisement", told).await;
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_stays_silent_is_told_so() {
    for (then, words) in [
        ("keep", "for a day you cannot write"),
        ("kick", "come again later"),
    ] {
        let green = door(&[
            ("captcha.kind", json!("sum")),
            ("captcha.then", json!(then)),
        ])
        .await;
        let sim = &green.sim;
        let eve = sim.user("Eve");
        sim.join(green.group, eve);
        let question = asked(&green, green.group).await;
        let sum: u32 = question
            .text()
            .lines()
            .last()
            .unwrap()
            .split(|c: char| !c.is_ascii_digit())
            .filter_map(|n| n.parse::<u32>().ok())
            .sum();
        let wrong = question
            .buttons()
            .into_iter()
            .find(|b| b.text != sum.to_string());
        let data = wrong.unwrap().data.unwrap();
        let mut last = String::new();
        for _ in 0..3 {
            let press = sim.press(green.group, question.message_id, eve, &data);
            within(10, "told", || sim.callback_answer(&press).is_some()).await;
            last = sim.callback_answer(&press).unwrap().text;
        }
        assert!(last.contains(words), "{last}");
        green.app.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_lets_nobody_in_and_nobody_write() {
    let (green, clock) = Green::clocked().await;
    green.says("Wes", "Good evening").await;
    let chosen = [
        ("captcha.kind", json!("sum")),
        ("captcha.time", json!(120_000)),
    ];
    choose(&green.app, green.group, &chosen).await;
    let (sim, group) = (&green.sim, green.group);
    let eve = sim.user("Eve");
    sim.join(group, eve);
    asked(&green, group).await;
    within(10, "muted", || is_muted(sim, group, eve)).await;
    let expired = "SELECT count(*) FROM outbox WHERE state = 5 AND method = 'banChatMember'";
    sim.fail_next(Some("banChatMember"), None, Fault::flood(40));
    clock.shift(121_000);
    until(&green, expired, 1).await;
    assert!(is_muted(sim, group, eve), "not let go before they are out");
    // Given up, it is ordered anew: they have not been put out yet.
    clock.shift(45_000);
    let out = || sim.member(group, eve).status == Status::Kicked;
    within(20, "out", out).await;
    let left = sim.member(group, eve).until * 1_000 - clock.now();
    assert!((25_000..=61_000).contains(&left), "only now: {left} ms");
    // A moderator's word that somebody is to go is no less.
    let (mal, message) = green.says("Mal", "Fine weather").await;
    sim.fail_next(Some("banChatMember"), None, Fault::flood(40));
    sim.reply(group, green.owner, message, "/kick");
    until(&green, expired, 2).await;
    clock.shift(45_000);
    let out = || !sim.member(group, mal).present;
    within(20, "out as well", out).await;
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_put_out_hours_later() {
    let (green, clock) = Green::clocked().await;
    let (sim, group) = (&green.sim, green.group);
    let (mal, message) = green.says("Mal", "Fine weather").await;
    sim.fail_next(Some("banChatMember"), None, Fault::flood(40));
    sim.reply(group, green.owner, message, "/kick");
    let expired = "SELECT count(*) FROM outbox WHERE state = 5 AND method = 'banChatMember'";
    until(&green, expired, 1).await;
    clock.shift(2 * 3_600_000);
    until(&green, "SELECT count(*) FROM held", 0).await;
    green.says("Ann", "Good morning").await;
    assert_eq!(sim.calls_of("banChatMember").len(), 1);
    assert_eq!(sim.member(group, mal).status, Status::Member);
    green.app.stop().await;
}
