//! Beadle answers while Telegram is slow, and does not answer without end.
use std::time::Duration;

use beadle::telegram::simulator::Fault;

use crate::support::house::{answer, house, simulator, value, within};

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_asks_without_end_is_not_answered_without_end() {
    let sim = simulator();
    let (group, mal, ann) = (
        sim.supergroup("The green"),
        sim.user("Mal"),
        sim.user("Ann"),
    );
    sim.add_bot_admin(group);
    let dir = tempfile::tempdir().unwrap();
    let app = house(&sim, dir.path()).await;
    for _ in 0..60 {
        sim.say(group, mal, "/privacy");
    }
    sim.say(group, ann, "/help");
    let handled = "SELECT count(*) >= 61 FROM inbox WHERE state = 1 AND kind = 'message'";
    for _ in 0..1_000 {
        if value::<bool>(&app, handled).await {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let answers: i64 = value(
        &app,
        "SELECT count(*) FROM outbox WHERE method = 'sendMessage'",
    )
    .await;
    assert!((2..=25).contains(&answers), "{answers}");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_of_many_groups_are_found_while_telegram_is_slow() {
    let sim = simulator();
    let ann = sim.user("Ann");
    let groups: Vec<i64> = (0..14)
        .map(|i| sim.supergroup(&format!("Group {i}")))
        .collect();
    for group in &groups {
        sim.add_bot_admin(*group);
        sim.join(*group, ann);
        sim.promote(*group, ann, &["can_change_info"]);
    }
    let dir = tempfile::tempdir().unwrap();
    let app = house(&sim, dir.path()).await;
    let known = "SELECT count(*) FROM groups";
    for _ in 0..1_000 {
        if value::<i64>(&app, known).await >= 14 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let slow = Fault::Delay(Duration::from_secs(2));
    sim.fail_always(Some("getChatAdministrators"), None, slow);
    let asked = sim.private(ann, "/settings");
    within(12, "answered", || answer(&sim, ann, asked).is_some()).await;
    let sent = sim.bot_messages(ann);
    let last = sent.last().unwrap().value.to_string();
    assert!(
        last.contains("Group 0") && last.contains("Group 13"),
        "{last}"
    );
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn beadle_knows_its_name_before_telegram_says_it() {
    let sim = simulator();
    let (group, ann) = (sim.supergroup("The green"), sim.user("Ann"));
    sim.add_bot_admin(group);
    let dir = tempfile::tempdir().unwrap();
    let app = house(&sim, dir.path()).await;
    let named = "/help@beadle_sim_bot";
    let asked = sim.say(group, ann, "/help");
    within(10, "answered", || answer(&sim, group, asked).is_some()).await;
    let asked = sim.say(group, ann, named);
    within(10, "answered by name", || {
        answer(&sim, group, asked).is_some()
    })
    .await;
    app.stop().await;
    sim.fail_always(Some("getMe"), None, Fault::Status502);
    let app = house(&sim, dir.path()).await;
    let asked = sim.say(group, ann, named);
    within(10, "answered by name after a start", || {
        answer(&sim, group, asked).is_some()
    })
    .await;
    app.stop().await;
}
