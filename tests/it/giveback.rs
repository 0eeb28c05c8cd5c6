//! A group's own permissions are kept until Telegram has taken them back.
use std::sync::Arc;

use beadle::base::clock::ShiftedClock;
use beadle::community::arbiter::ChatImposer;

use crate::arbiter::{HOUR, quiet, until_value};
use crate::support::house::{house_with, judged, simulator, within};

const KEPT: &str = "SELECT count(*) FROM chat_held";
const ENDED: &str = "SELECT count(*) FROM chat_measures WHERE state = 2";
const FAILED: &str =
    "SELECT count(*) FROM outbox WHERE method = 'setChatPermissions' AND state = 3";

#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_not_locked_for_good_when_beadle_lost_the_right_meanwhile() {
    let sim = simulator();
    let group = sim.supergroup("The green");
    sim.add_bot_admin(group);
    let own = ["can_send_messages", "can_send_photos"];
    sim.set_permissions(group, &own);
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ShiftedClock::default());
    let shared = clock.clone();
    let app = house_with(&sim, dir.path(), "act", move |ground| ground.clock = shared).await;
    let owner = sim.owner(group);
    sim.private(owner, "/start");
    judged(&app, group, sim.say(group, owner, "hello")).await;
    quiet(&app, group, ChatImposer::Night, &[], &own, HOUR).await;
    within(10, "night", || sim.permissions(group).is_empty()).await;
    sim.set_bot_rights(group, &["can_delete_messages"]);
    clock.shift(HOUR + 1_000);
    until_value(&app, ENDED, 1).await;
    until_value(&app, FAILED, 1).await;
    clock.shift(3_000);
    let told = || {
        let all = sim.bot_messages(owner);
        all.iter()
            .any(|m| m.text().contains("The green") && m.text().contains("Ban users"))
    };
    within(10, "the owner knows", told).await;
    assert!(sim.permissions(group).is_empty());
    until_value(&app, KEPT, 1).await;
    // Also a restart does not forget it.
    app.stop().await;
    let shared = clock.clone();
    let app = house_with(&sim, dir.path(), "act", move |ground| ground.clock = shared).await;
    until_value(&app, FAILED, 2).await;
    sim.set_bot_rights(group, &["can_delete_messages", "can_restrict_members"]);
    within(10, "as it was", || sim.permissions(group) == own).await;
    clock.shift(3_000);
    until_value(&app, KEPT, 0).await;
    let locked = sim.bot_messages(owner);
    let said = locked.iter().filter(|m| m.text().contains("Ban users"));
    assert_eq!(said.count(), 1, "told once, or at most again at a start");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_admins_set_by_hand_in_the_meantime_is_theirs() {
    let sim = simulator();
    let group = sim.supergroup("The green");
    sim.add_bot_admin(group);
    let own = ["can_send_messages", "can_send_photos"];
    sim.set_permissions(group, &own);
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ShiftedClock::default());
    let shared = clock.clone();
    let app = house_with(&sim, dir.path(), "act", move |ground| ground.clock = shared).await;
    judged(&app, group, sim.say(group, sim.owner(group), "hello")).await;
    quiet(&app, group, ChatImposer::Night, &[], &own, HOUR).await;
    within(10, "night", || sim.permissions(group).is_empty()).await;
    sim.set_bot_rights(group, &["can_delete_messages"]);
    clock.shift(HOUR + 1_000);
    until_value(&app, FAILED, 1).await;
    sim.set_permissions(group, &["can_send_messages"]);
    sim.set_bot_rights(group, &["can_delete_messages", "can_restrict_members"]);
    until_value(&app, KEPT, 0).await;
    assert_eq!(sim.permissions(group), ["can_send_messages"]);
    app.stop().await;
}
