//! Whoever is treated is told, by the first way that is open: for their eyes in the group, by letter, by a note.
use beadle::features::moderation::ladder::BURST;
use beadle::telegram::simulator::{Fault, Status};

use crate::support::green::{Green, labels};
use crate::support::house::{SPAM, is_removed, value};
use crate::support::until;

const REFUSED: &str = "Bad Request: this chat takes no such messages";

impl Green {
    async fn muted(&self) -> i64 {
        self.set_steps(&["mute 1h"]).await;
        let (eve, _) = self.says("Eve", SPAM).await;
        let status = || self.sim.member(self.group, eve).status;
        until("muted", || status() == Status::Restricted).await;
        eve
    }

    fn clean(&self) {
        let found = self.sim.call_violations();
        assert!(found.is_empty(), "{found:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_muted_reads_it_in_the_group_alone_and_appeals_there() {
    let green = Green::in_mode("act").await;
    let sim = &green.sim;
    let eve = green.muted().await;
    let whisper = green
        .said(green.group, "You cannot write there for 1 hour")
        .await;
    assert_eq!(whisper.receiver, Some(eve));
    assert!(whisper.text().contains("because "), "{}", whisper.text());
    assert_eq!(labels(&whisper), ["This is a mistake"]);
    let data = whisper.buttons()[0].data.clone().unwrap();
    let (said, _) = green.press_data(&whisper, eve, &data).await;
    assert!(said.contains("An admin will look"), "{said}");
    let card = green.card(green.owner, "Somebody appeals").await;
    green.press(&card, green.owner, "refuse").await;
    let answer = green
        .said(green.group, "looked at by an admin and refused")
        .await;
    assert_eq!(
        answer.receiver,
        Some(eve),
        "she has never written to Beadle"
    );
    assert!(sim.bot_messages(eve).is_empty());
    let open = sim.bot_messages(green.group).into_iter();
    assert_eq!(open.filter(|m| m.receiver.is_none()).count(), 0, "no note");
    green.clean();
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_reads_another_language_is_told_in_theirs() {
    let green = Green::in_mode("act").await;
    let eve = green.sim.user("Eve");
    green
        .sim
        .set_user(eve, &serde_json::json!({ "language_code": "ru" }));
    green.set_steps(&["mute 1h"]).await;
    green.sim.join(green.group, eve);
    green.sim.say(green.group, eve, SPAM);
    let whisper = green.said(green.group, "Причина: ").await;
    assert_eq!(whisper.receiver, Some(eve));
    let latin = |c: char| c.is_ascii_alphabetic();
    let sentence = whisper.text().split_once("Причина: ").unwrap().1;
    let sentence = sentence.split('.').next().unwrap();
    assert!(!sentence.contains(latin), "the reasons too: {sentence}");
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_whisper_becomes_a_letter_and_a_refused_letter_a_note() {
    let green = Green::in_mode("act").await;
    let sim = &green.sim;
    green.set_steps(&["mute 1h"]).await;
    for (round, blocked) in [(0, false), (1, true)] {
        let eve = sim.user(&format!("Eve {round}"));
        sim.private(eve, "/start");
        until("greeted", || sim.bot_messages(eve).len() == 1).await;
        sim.join(green.group, eve);
        sim.fail_next(
            Some("sendMessage"),
            Some(green.group),
            Fault::error(400, REFUSED),
        );
        if blocked {
            // Without a word to the bot: it learns of it by the refusal.
            sim.fail_next(
                Some("sendMessage"),
                Some(eve),
                Fault::error(403, "Forbidden: bot was blocked by the user"),
            );
        }
        sim.say(green.group, eve, &format!("{SPAM} {round}"));
        if blocked {
            let note = green
                .said(green.group, &format!("Eve {round} cannot write"))
                .await;
            assert_eq!(note.receiver, None);
            assert!(note.buttons()[0].url.is_some());
            assert_eq!(sim.bot_messages(eve).len(), 1);
        } else {
            let letter = green.said(eve, "You cannot write there").await;
            assert_eq!(labels(&letter), ["This is a mistake"]);
            let open = sim.bot_messages(green.group);
            assert!(!open.iter().any(|m| m.text().contains("cannot write")));
        }
    }
    let followed: i64 = value(
        &green.app,
        "SELECT count(*) FROM outbox WHERE followed_by IS NOT NULL AND instead IS NULL AND state = 3",
    )
    .await;
    assert_eq!(followed, 3);
    green.clean();
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_not_followed() {
    let green = Green::in_mode("act").await;
    let sim = &green.sim;
    green.set_steps(&["mute 1h"]).await;
    sim.fail_next(Some("sendMessage"), Some(green.group), Fault::LoseAnswer);
    let (eve, _) = green.says("Eve", SPAM).await;
    green.said(green.group, "You cannot write there").await;
    for _ in 0..200 {
        let unknown: i64 = value(&green.app, "SELECT count(*) FROM outbox WHERE state = 4").await;
        if unknown == 1 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let rest: i64 = value(
        &green.app,
        "SELECT count(*) FROM outbox WHERE state = 4 AND followed_by IS NULL",
    )
    .await;
    assert_eq!(rest, 1, "she may have read it: a person decides");
    let told = sim.bot_messages(green.group).into_iter();
    assert_eq!(told.filter(|m| m.receiver == Some(eve)).count(), 1);
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_whispers_shows_it_once_and_is_not_tried_again() {
    let (green, clock) = Green::before_an_old_server().await;
    let sim = &green.sim;
    green.muted().await;
    green.said(green.group, "Eve cannot write").await;
    let shown = |words: &'static str| {
        let all = sim.deleted(green.group).into_iter();
        all.filter(move |m| m.text().contains(words)).count()
    };
    until("taken away", || shown("You cannot write there") == 1).await;
    let (mal, _) = green.says("Mal", &format!("{SPAM} Now!")).await;
    green.said(green.group, "Mal cannot write").await;
    let whispers = || {
        let calls = sim.calls_of("sendMessage").into_iter();
        let whisper = |c: &beadle::telegram::simulator::Call| {
            c.params.get("ephemeral_message_parameters").is_some()
        };
        calls.filter(whisper).count()
    };
    assert_eq!(whispers(), 1);
    // A day later the server may be another.
    clock.shift(25 * 3_600_000);
    assert!(sim.member(green.group, mal).present);
    green.says("Sid", &format!("{SPAM} Later!")).await;
    until("tried again", || whispers() == 2).await;
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_to_join_elsewhere_is_written_to_while_telegram_allows_it() {
    let (green, clock) = Green::clocked().await;
    let sim = &green.sim;
    green.set_steps(&["ban 30d"]).await;
    let other = sim.supergroup("The other green");
    sim.add_bot_admin(other);
    let eve = sim.user("Eve");
    sim.join(green.group, eve);
    assert!(sim.request_join(other, eve));
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    sim.say(green.group, eve, SPAM);
    let letter = green.said(eve, "You were removed from The green").await;
    assert_eq!(labels(&letter), ["This is a mistake"]);
    let data = letter.buttons()[0].data.clone().unwrap();
    let (said, _) = green.press_data(&letter, eve, &data).await;
    assert!(said.contains("An admin will look"), "{said}");

    // Answered by another admin: the way is closed, and Telegram says so.
    let mal = sim.user("Mal");
    sim.join(green.group, mal);
    assert!(sim.request_join(other, mal));
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    sim.fail_next(
        Some("sendMessage"),
        Some(mal),
        Fault::error(
            403,
            "Forbidden: bot can't initiate conversation with a user",
        ),
    );
    sim.say(green.group, mal, &format!("{SPAM} Now!"));
    green.said(green.group, "Mal is banned").await;

    // And five minutes later it is not tried.
    let sid = sim.user("Sid");
    sim.join(green.group, sid);
    assert!(sim.request_join(other, sid));
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    clock.shift(BURST + 300_000);
    sim.say(green.group, sid, &format!("{SPAM} Later!"));
    green.said(green.group, "Sid is banned").await;
    let tried = sim.calls_of("sendMessage").into_iter();
    assert_eq!(tried.filter(|c| c.params["chat_id"] == sid).count(), 0);
    green.clean();
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_be_written_to_finds_a_link_in_a_note() {
    let (green, clock) = Green::before_an_old_server().await;
    let sim = &green.sim;
    green.set_steps(&["mute 1h"]).await;
    let (eve, _) = green.says("Eve", SPAM).await;
    until("muted", || {
        sim.member(green.group, eve).status == Status::Restricted
    })
    .await;
    let note = green.said(green.group, "Eve cannot write").await;
    assert!(
        note.text().starts_with("Eve cannot write for 1 hour"),
        "{}",
        note.text()
    );
    let url = note.buttons()[0].url.clone().unwrap();
    let (start, payload) = url.split_once("?start=").unwrap();
    assert_eq!(start, "https://t.me/beadle_sim_bot");
    assert!(payload.len() <= 64, "{payload}");
    // Another person opens it first, in vain.
    let mal = sim.user("Mal");
    sim.private(mal, &format!("/start {payload}"));
    green.said(mal, "somebody else").await;
    sim.private(eve, &format!("/start {payload}"));
    green.said(eve, "An admin will look").await;
    let card = green.card(green.owner, "Somebody appeals").await;
    green.press(&card, green.owner, "refuse").await;
    green.said(eve, "refused").await;
    assert_eq!(sim.member(green.group, eve).status, Status::Restricted);
    // The note goes by itself.
    clock.shift(11 * 60_000);
    sim.private(mal, "/start");
    until("swept", || is_removed(sim, green.group, note.message_id)).await;
    assert!(
        sim.call_violations().is_empty(),
        "{:?}",
        sim.call_violations()
    );
    green.app.stop().await;
}
