//! Kicked, demoted, without the right to delete: Beadle notices, stops trying, and goes on when it may.
use std::time::Duration;

use beadle::app::App;
use beadle::telegram::simulator::{Fault, Simulator};

use crate::support::house::{SPAM, answer, house, is_removed, judged, simulator};
use crate::support::until;

fn deletions(sim: &Simulator) -> usize {
    sim.calls_of("deleteMessage").len() + sim.calls_of("deleteMessages").len()
}

async fn standing(app: &App, group: i64) -> Option<(Option<String>, bool)> {
    app.store
        .read(move |conn| {
            let mut find = conn
                .prepare("SELECT bot_status, deleted_at IS NOT NULL FROM groups WHERE id = ?1")?;
            let mut rows = find.query_map([group], |r| Ok((r.get(0)?, r.get(1)?)))?;
            Ok(rows.next().transpose()?)
        })
        .await
        .unwrap()
}

async fn until_standing(app: &App, group: i64, status: Option<&str>, gone: bool) {
    for _ in 0..1_000 {
        if standing(app, group).await == Some((status.map(str::to_owned), gone)) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{:?}", standing(app, group).await);
}

/// Somebody new posts spam: everything about it but the standing of the bot is the same each time.
fn spam(sim: &Simulator, group: i64) -> i64 {
    sim.say(group, sim.user("Eve"), SPAM)
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_right_nothing_is_tried_until_it_comes_back() {
    let sim = simulator();
    let group = sim.supergroup("The green");
    sim.add_bot_admin(group);
    let dir = tempfile::tempdir().unwrap();
    let app = house(&sim, dir.path()).await;
    let first = spam(&sim, group);
    until("removed", || is_removed(&sim, group, first)).await;
    let tried = deletions(&sim);

    for rights in [&["can_manage_chat", "can_invite_users"][..], &[]] {
        sim.set_bot_rights(group, rights);
        let stays = spam(&sim, group);
        let verdict = judged(&app, group, stays).await;
        assert_eq!(
            (verdict.band.as_str(), verdict.decision.as_str()),
            ("spam", "would_delete")
        );
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert_eq!(deletions(&sim), tried, "with {rights:?}");
    }

    sim.add_bot_admin(group);
    let last = spam(&sim, group);
    until("removed again", || is_removed(&sim, group, last)).await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_deletion_tells_too() {
    let sim = simulator();
    let group = sim.supergroup("The green");
    sim.add_bot_admin(group);
    let dir = tempfile::tempdir().unwrap();
    let app = house(&sim, dir.path()).await;
    let refused = Fault::error(400, "Bad Request: not enough rights to delete a message");
    sim.fail_always(Some("deleteMessage"), None, refused);
    let first = spam(&sim, group);
    assert!(judged(&app, group, first).await.removes());
    until_standing(&app, group, Some("member"), false).await;
    let tried = deletions(&sim);
    assert_eq!(tried, 1, "a refusal is not repeated");
    let second = spam(&sim, group);
    assert_eq!(judged(&app, group, second).await.decision, "would_delete");
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(deletions(&sim), tried);
    sim.clear_faults();
    sim.set_bot_rights(group, &["can_delete_messages"]);
    let third = spam(&sim, group);
    until("removed again", || is_removed(&sim, group, third)).await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kick_is_noticed_and_a_return_too() {
    let sim = simulator();
    let (group, other, ann) = (
        sim.supergroup("The green"),
        sim.supergroup("The pond"),
        sim.user("Ann"),
    );
    sim.add_bot_admin(group);
    sim.add_bot_admin(other);
    let dir = tempfile::tempdir().unwrap();
    let app = house(&sim, dir.path()).await;
    judged(&app, group, sim.say(group, ann, "hello")).await;
    sim.kick_bot(group);
    until_standing(&app, group, Some("kicked"), true).await;
    // Others are served as before.
    let asked = sim.say(other, ann, "/help");
    until("answered", || answer(&sim, other, asked).is_some()).await;
    sim.add_bot_admin(group);
    until_standing(&app, group, Some("administrator"), false).await;
    let there = spam(&sim, group);
    until("removed", || is_removed(&sim, group, there)).await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_door_found_by_a_call_is_remembered_until_messages_come_again() {
    let sim = simulator();
    let (group, ann) = (sim.supergroup("The green"), sim.user("Ann"));
    sim.add_bot_admin(group);
    let dir = tempfile::tempdir().unwrap();
    let app = house(&sim, dir.path()).await;
    sim.fail_next(
        Some("sendMessage"),
        Some(group),
        Fault::error(403, "Forbidden: bot was kicked from the supergroup chat"),
    );
    sim.say(group, ann, "/help");
    until_standing(&app, group, Some("left"), true).await;
    assert_eq!(
        sim.calls_of("sendMessage").len(),
        1,
        "a closed door is not knocked at again"
    );
    // Telegram's dates have whole seconds.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let there = spam(&sim, group);
    until("removed", || is_removed(&sim, group, there)).await;
    until_standing(&app, group, None, false).await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_blocks_the_bot_stops_nothing() {
    let sim = simulator();
    let (ann, bob) = (sim.user("Ann"), sim.user("Bob"));
    let dir = tempfile::tempdir().unwrap();
    let app = house(&sim, dir.path()).await;
    sim.fail_next(
        Some("sendMessage"),
        Some(ann),
        Fault::error(403, "Forbidden: bot was blocked by the user"),
    );
    sim.private(ann, "/start");
    sim.block(ann, true);
    let asked = sim.private(bob, "/start");
    until("answered", || answer(&sim, bob, asked).is_some()).await;
    assert_eq!(answer(&sim, ann, 1), None);
    app.stop().await;
}
