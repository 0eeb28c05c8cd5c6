//! Telegram slows one chat down, or breaks: the others go on, nothing is lost, moderation first.
use std::time::{Duration, Instant};

use beadle::telegram::simulator::Fault;

use crate::support::house::{
    SPAM, answer, house, house_with, is_removed, judged, part, simulator, until_health, value,
    within,
};
use crate::support::until;

#[tokio::test(flavor = "multi_thread")]
async fn a_flooded_chat_stalls_no_other_and_not_its_own_moderation() {
    let sim = simulator();
    let (green, pond, ann) = (
        sim.supergroup("The green"),
        sim.supergroup("The pond"),
        sim.user("Ann"),
    );
    sim.add_bot_admin(green);
    sim.add_bot_admin(pond);
    let dir = tempfile::tempdir().unwrap();
    let app = house(&sim, dir.path()).await;
    sim.fail_always(Some("sendMessage"), Some(green), Fault::flood(8_288));
    let first = sim.say(green, ann, "/start");
    until("refused", || !sim.calls_of("sendMessage").is_empty()).await;
    let began = Instant::now();
    let asked: Vec<i64> = (0..3).map(|_| sim.say(pond, ann, "/start")).collect();
    let waiting: Vec<i64> = (0..3).map(|_| sim.say(green, ann, "/start")).collect();
    let spam: Vec<i64> = (0..5)
        .map(|_| sim.say(green, sim.user("Eve"), SPAM))
        .collect();
    within(8, "the other chat is answered", || {
        asked.iter().all(|m| answer(&sim, pond, *m).is_some())
    })
    .await;
    within(5, "spam goes in the flooded chat", || {
        spam.iter().all(|m| is_removed(&sim, green, *m))
    })
    .await;
    assert!(began.elapsed() < Duration::from_secs(10));
    // The flooded chat was asked once, and everything for it is on disk for later.
    let tried = sim.calls_of("sendMessage");
    let tried = tried.iter().filter(|c| c.params["chat_id"] == green);
    assert_eq!(tried.count(), 1);
    let kept: i64 = value(
        &app,
        "SELECT count(*) FROM outbox WHERE state = 0 AND method = 'sendMessage'",
    )
    .await;
    assert!(kept >= 4, "{kept}");
    let due: i64 = value(
        &app,
        "SELECT (max(not_before) - min(created_at)) / 1000 FROM outbox WHERE state = 0",
    )
    .await;
    assert!((8_280..8_300).contains(&due), "{due} s");
    // After a restart it is not asked again either.
    app.stop().await;
    let app = house(&sim, dir.path()).await;
    let more = sim.say(pond, ann, "/start");
    within(8, "answered", || answer(&sim, pond, more).is_some()).await;
    let tried = sim.calls_of("sendMessage");
    let tried = tried.iter().filter(|c| c.params["chat_id"] == green);
    assert_eq!(tried.count(), 1);
    assert!(answer(&sim, green, first).is_none() && answer(&sim, green, waiting[0]).is_none());
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_gateways_in_a_row_are_waited_out() {
    let sim = simulator();
    let (group, ann) = (sim.supergroup("The green"), sim.user("Ann"));
    sim.add_bot_admin(group);
    let dir = tempfile::tempdir().unwrap();
    let app = house_with(&sim, dir.path(), "act", |g| {
        g.sender.breaker_cap = 2_000;
    })
    .await;
    judged(&app, group, sim.say(group, ann, "before")).await;
    for _ in 0..5 {
        sim.fail_next(Some("getUpdates"), None, Fault::Status502);
    }
    sim.fail_always(Some("deleteMessage"), None, Fault::Status502);
    sim.fail_always(Some("deleteMessages"), None, Fault::Status502);
    let spam = sim.say(group, sim.user("Eve"), SPAM);
    judged(&app, group, spam).await;
    until("tried", || !sim.calls_of("deleteMessage").is_empty()).await;
    assert!(!is_removed(&sim, group, spam));
    sim.clear_faults();
    // The library sleeps ten seconds on a 5xx.
    within(40, "removed in the end", || is_removed(&sim, group, spam)).await;
    until_health(&app, 200).await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_is_told_and_ends_by_itself() {
    let sim = simulator();
    let (group, ann) = (sim.supergroup("The green"), sim.user("Ann"));
    sim.add_bot_admin(group);
    let dir = tempfile::tempdir().unwrap();
    let app = house(&sim, dir.path()).await;
    judged(&app, group, sim.say(group, ann, "before")).await;
    sim.fail_always(Some("getUpdates"), None, Fault::Drop);
    sim.say(group, ann, "during");
    until_health(&app, 503).await;
    let (ok, why) = part(&app, "telegram").await;
    assert!(!ok && why.contains("no answer from Telegram"), "{why}");
    sim.clear_faults();
    until_health(&app, 200).await;
    judged(&app, group, sim.say(group, ann, "after")).await;
    app.stop().await;
}
