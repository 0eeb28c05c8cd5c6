//! The owner's word, the catches and the limit on answers hold wherever a moderator acts; and how long a time is said.
use beadle::base::clock::{Clock as _, SystemClock};
use beadle::texts::Lang;
use beadle::texts::when::{span, wait};
use serde_json::json;

use crate::arbiter::is_muted;
use crate::support::green::Green;
use crate::support::house::{SPAM, answer, is_removed, value, within};
use crate::support::until;

const TALK: &str = "Does anybody know whether the water will be turned on tomorrow, neighbours?";

/// An admin with a public name and these rights.
fn admin(green: &Green, name: &str, username: &str, rights: &[&str]) -> i64 {
    let user = green.sim.user(name);
    green.sim.set_user(user, &json!({ "username": username }));
    green.sim.join(green.group, user);
    green.sim.promote(green.group, user, rights);
    user
}

async fn says(green: &Green, by: i64, words: &str) -> String {
    let id = green.sim.say(green.group, by, words);
    let said = || answer(&green.sim, green.group, id).is_some();
    until(words, said).await;
    answer(&green.sim, green.group, id).unwrap()
}

async fn write(green: &Green, sql: String) {
    let write = green.app.store.write(move |tx| Ok(tx.execute_batch(&sql)?));
    write.await.unwrap();
}

const BOTH: [&str; 2] = ["can_delete_messages", "can_restrict_members"];

#[tokio::test(flavor = "multi_thread")]
async fn what_the_owner_took_away_frees_nobody() {
    let green = Green::in_mode("act").await;
    let sim = &green.sim;
    green.set_steps(&["mute 1h"]).await;
    let log = green.log_chat().await;
    let ben = admin(&green, "Ben", "ben_green", &BOTH);
    says(&green, ben, "/warns").await;
    let said = says(&green, green.owner, "/rights @ben_green -restrict").await;
    assert!(said.contains("−restrict"), "{said}");
    let (eve, _) = green.says("Eve", SPAM).await;
    within(10, "muted", || is_muted(sim, green.group, eve)).await;
    let card = green.card(log, "may not write").await;
    let (said, alert) = green.press(&card, ben, "ham").await;
    assert!(alert && said.contains("Ban users"), "{said}");
    assert!(is_muted(sim, green.group, eve));
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_anonymous_admins_spam_goes_up_the_ladder() {
    let green = Green::in_mode("suggest").await;
    let sim = &green.sim;
    green.set_steps(&["mute 1h"]).await;
    let (eve, talk) = green.says("Eve", TALK).await;
    green.anonymously(green.owner, talk, "/spam");
    within(10, "removed", || is_removed(sim, green.group, talk)).await;
    within(10, "muted", || is_muted(sim, green.group, eve)).await;
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_moderator_is_released_by_no_accomplice() {
    let green = Green::silent("suggest").await;
    let sim = &green.sim;
    let log = green.log_chat().await;
    let (mia, ben) = (
        admin(&green, "Mia", "mia_green", &BOTH),
        admin(&green, "Ben", "ben_green", &BOTH),
    );
    let (_, message) = green.says("Eve", TALK).await;
    let (group, now) = (green.group, SystemClock.now());
    let marks = format!(
        "INSERT INTO catch_marks (chat, source, kind, weight, at) VALUES ({group}, {mia}, 'ban', 15, {now});"
    );
    write(&green, marks).await;
    let command = sim.reply(green.group, mia, message, "/kick");
    until("stopped", || answer(sim, green.group, command).is_some()).await;
    let card = green.card(log, "I have stopped").await;
    let data = card
        .buttons()
        .into_iter()
        .find(|b| b.text.starts_with("It was right"))
        .and_then(|b| b.data)
        .unwrap();
    says(&green, ben, "/warns 123456789").await;
    says(&green, green.owner, "/rights @ben_green -restrict").await;
    let (said, _) = green.press_data(&card, ben, &data).await;
    assert!(said.contains("who have the right"), "{said}");
    says(&green, green.owner, "/rights @ben_green reset").await;
    write(
        &green,
        format!(
            "INSERT INTO freezes (chat, source, kind, since, frozen_at) VALUES ({}, {ben}, 'ban', 1, 1);",
            green.group
        ),
    )
    .await;
    let (said, _) = green.press_data(&card, ben, &data).await;
    assert!(said.contains("stopped until the owner"), "{said}");
    write(
        &green,
        format!(
            "DELETE FROM freezes WHERE source = {ben};
             UPDATE freezes SET source = 1087968824 WHERE source = {mia};"
        ),
    )
    .await;
    for presser in [ben, mia] {
        let (said, _) = green.press_data(&card, presser, &data).await;
        assert!(said.contains("Only the owner"), "{said}");
    }
    let standing = "SELECT count(*) FROM freezes WHERE released_at IS NULL";
    assert_eq!(value::<i64>(&green.app, standing).await, 1);
    green.press_data(&card, green.owner, &data).await;
    assert_eq!(value::<i64>(&green.app, standing).await, 0);
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_calls_without_end_is_not_answered_without_end() {
    for words in ["@admin", "/report", "/warns"] {
        let green = Green::in_mode("suggest").await;
        let sim = &green.sim;
        let (_, message) = green.says("Ann", TALK).await;
        let mal = sim.user("Mal");
        sim.join(green.group, mal);
        for _ in 0..60 {
            match words {
                "/warns" => sim.say(green.group, mal, words),
                _ => sim.reply(green.group, mal, message, words),
            };
        }
        let handled = format!(
            "SELECT (SELECT count(*) FROM messages WHERE user = {mal}) >= 60
                 AND NOT EXISTS (SELECT 1 FROM inbox WHERE state = 0)"
        );
        for _ in 0..1_500 {
            if value::<bool>(&green.app, &handled).await {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        let answers: i64 = value(
            &green.app,
            &format!(
                "SELECT count(*) FROM outbox WHERE method = 'sendMessage' AND chat = {}",
                green.group
            ),
        )
        .await;
        assert!((10..=25).contains(&answers), "{words}: {answers}");
        green.app.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_and_reasons_go_by_themselves() {
    let green = Green::in_mode("suggest").await;
    let (eve, message) = green.says("Eve", TALK).await;
    let fleeting = "SELECT count(*) FROM jobs WHERE kind = 'community.sweep'";
    let mut seen: i64 = value(&green.app, fleeting).await;
    for words in [
        "/lock link",
        "/settings mode act",
        "/spam",
        "/raid on",
        "/why",
    ] {
        let id = green.sim.reply(green.group, eve, message, words);
        until(words, || answer(&green.sim, green.group, id).is_some()).await;
        let now: i64 = value(&green.app, fleeting).await;
        assert!(now > seen, "{words} is answered for ever");
        seen = now;
    }
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_night_needs_the_right_to_mute() {
    let green = Green::in_mode("suggest").await;
    green.says("Eve", TALK).await;
    let ben = admin(&green, "Ben", "ben_green", &["can_change_info"]);
    for words in ["/nightmode 23:00-07:00", "/set house.night 23:00-07:00"] {
        let said = says(&green, ben, words).await;
        assert!(said.contains("Ban users"), "{words}: {said}");
    }
    let night =
        "SELECT count(*) FROM groups WHERE json_extract(settings, '$.house.night') IS NOT NULL";
    assert_eq!(value::<i64>(&green.app, night).await, 0);
    // A rollback is a change as well.
    says(&green, green.owner, "/set house.night 23:00-07:00").await;
    says(&green, green.owner, "/set house.night default").await;
    let said = says(&green, ben, "/settings rollback 2").await;
    assert!(said.contains("Ban users"), "{said}");
    assert_eq!(value::<i64>(&green.app, night).await, 0);
    green.app.stop().await;
}

#[test]
fn russian_times_stand_in_the_case_they_are_used_in() {
    assert_eq!(span(Lang::Ru, 60_000), "1 минуту");
    assert_eq!(span(Lang::Ru, 21 * 60_000), "21 минуту");
    assert_eq!(wait(Lang::Ru, 30_000), "30 секунд");
    assert_eq!(wait(Lang::Ru, 20_001), "21 секунду");
    assert_eq!(wait(Lang::En, 121_000), "3 minutes");
    assert_eq!(wait(Lang::En, 7_200_001), "3 hours");
}
