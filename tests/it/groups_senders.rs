//! Special senders are neither judged nor treated wrongly; buttons are answered whoever presses them.
use std::sync::Arc;
use std::time::Duration;

use beadle::base::clock::ShiftedClock;
use beadle::telegram::simulator::{BOT_ID, SpeakAs};
use serde_json::json;

use crate::support::house::{
    SPAM, answer, house, house_with, is_removed, judged, simulator, simulator_with, value,
    verdict_on,
};
use crate::support::until;

#[tokio::test(flavor = "multi_thread")]
async fn who_speaks_for_the_group_is_left_alone_and_a_channels_mask_is_not() {
    let sim = simulator();
    let (group, own, foreign) = (
        sim.supergroup("The green"),
        sim.channel("The green's news"),
        sim.channel("Quick money"),
    );
    sim.add_bot_admin(group);
    sim.link(own, group);
    let dir = tempfile::tempdir().unwrap();
    let app = house(&sim, dir.path()).await;
    let owner = sim.owner(group);
    let eve = sim.user("Eve");
    let anonymous = sim.say_as(group, SpeakAs::Anonymous(owner), SPAM);
    let by_owner = sim.say(group, owner, SPAM);
    let (_, linked) = sim.channel_post(own, SPAM);
    let mask = SpeakAs::Channel {
        user: eve,
        channel: foreign,
    };
    let masked = sim.say_as(group, mask, SPAM);
    let helped = sim.say_as(group, SpeakAs::Anonymous(owner), "/help");
    until("the mask falls", || is_removed(&sim, group, masked)).await;
    until("the anonymous admin is answered", || {
        answer(&sim, group, helped).is_some()
    })
    .await;
    for message in [anonymous, by_owner, linked.unwrap()] {
        assert_eq!(judged(&app, group, message).await.band, "clear");
        assert!(!is_removed(&sim, group, message));
    }
    // Nobody is banned, least of all Telegram's stand-ins.
    let treated = ["banChatMember", "restrictChatMember", "banChatSenderChat"];
    assert!(treated.iter().all(|m| sim.calls_of(m).is_empty()));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bots_are_not_answered_and_own_messages_are_not_judged() {
    let sim = simulator();
    let (group, ann) = (sim.supergroup("The green"), sim.user("Ann"));
    let (friend, stranger) = (sim.other_bot("Clock"), sim.other_bot("Ads"));
    sim.add_bot_admin(group);
    sim.promote(group, friend, &["can_manage_chat"]);
    let dir = tempfile::tempdir().unwrap();
    let app = house(&sim, dir.path()).await;
    // The official server keeps bots from each other; local servers and later versions may not.
    let push = |id: i64, from: i64, text: &str| {
        let from = json!({ "id": from, "is_bot": true, "first_name": "B", "username": "b_bot" });
        let entities = json!([{ "type": "bot_command", "offset": 0, "length": 5 }]);
        sim.push_update(json!({ "message": {
            "message_id": id, "date": 1_790_000_000, "from": from, "text": text, "entities": entities,
            "chat": { "id": group, "type": "supergroup", "title": "The green" },
        }}));
    };
    push(9_001, BOT_ID, &format!("/help {SPAM}"));
    push(9_002, friend, "/help");
    push(9_003, friend, SPAM);
    push(9_004, stranger, SPAM);
    let asked = sim.say(group, ann, "/help");
    until("answered", || answer(&sim, group, asked).is_some()).await;
    assert_eq!(verdict_on(&app, group, 9_001).await, None);
    let of_friend = judged(&app, group, 9_003).await;
    assert_eq!(
        of_friend.band, "clear",
        "a bot that is an admin: {of_friend:?}"
    );
    assert!(judged(&app, group, 9_004).await.removes());
    let replies = sim
        .calls_of("sendMessage")
        .iter()
        .filter(|c| c.params.get("reply_parameters").is_some())
        .count();
    assert_eq!(replies, 1, "only a person is answered");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_harmless_message_edited_into_a_hidden_link_goes() {
    let sim = simulator();
    let (group, eve) = (sim.supergroup("The green"), sim.user("Eve"));
    sim.add_bot_admin(group);
    let dir = tempfile::tempdir().unwrap();
    let app = house(&sim, dir.path()).await;
    let message = sim.say(group, eve, "Lovely tomatoes, Marta!");
    assert_eq!(judged(&app, group, message).await.band, "clear");
    let text = "\u{1f345} Lovely tomatoes, earn 300$ a day, write me in private";
    // Offsets count UTF-16 units: the tomato is two.
    let link = json!([{ "type": "text_link", "offset": 3, "length": 15, "url": "https://t.me/+quickprofit" }]);
    sim.edit_with(group, message, json!({ "text": text, "entities": link }));
    until("removed", || is_removed(&sim, group, message)).await;
    let verdict = judged(&app, group, message).await;
    assert!(verdict.edit);
    let codes: Vec<&str> = verdict.reasons.iter().map(|r| r.code.as_str()).collect();
    assert!(
        codes.contains(&"edit_added_link") && codes.contains(&"hidden_link"),
        "{codes:?}"
    );
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_button_is_answered_for_anybody_twice_late_and_after_a_restart() {
    let clock = Arc::new(ShiftedClock::default());
    let sim = simulator_with(|o| o.clock = clock.clone());
    let (group, eve, ann) = (
        sim.supergroup("The green"),
        sim.user("Eve"),
        sim.user("Ann"),
    );
    sim.add_bot_admin(group);
    let dir = tempfile::tempdir().unwrap();
    let start = || house_with(&sim, dir.path(), "act", |g| g.clock = clock.clone());
    let app = start().await;
    let spam = sim.say(group, eve, SPAM);
    let open = || {
        let mut all = sim.bot_messages(group).into_iter();
        all.find(|m| m.receiver.is_none())
    };
    until("noted", || open().is_some()).await;
    let note = open().unwrap();
    let data = note.buttons()[0].data.clone().unwrap();
    assert_eq!(data, format!("why:{spam}"));
    let pressed = |user: i64, data: &str| {
        let id = sim.press(group, note.message_id, user, data);
        let sim = sim.clone();
        async move {
            until("the button is answered", || {
                sim.callback_answer(&id).is_some()
            })
            .await;
            sim.callback_answer(&id).unwrap()
        }
    };
    for user in [eve, ann, ann, sim.user("Passer-by")] {
        let said = pressed(user, &data).await;
        assert!(said.text.contains("spam"), "by {user}");
    }
    let long = format!("why:{}", "9".repeat(200));
    for forged in [
        "why:",
        "why:x",
        "why:-1",
        "nobody:1",
        "",
        "why:9223372036854775808",
        &long,
    ] {
        pressed(ann, forged).await;
    }
    app.stop().await;
    clock.shift(180_000);
    let app = start().await;
    let said = pressed(ann, &data).await;
    assert!(said.text.contains("spam"));
    // One that Telegram has forgotten meanwhile: refused, and that is the end of it.
    let user = json!({ "id": ann, "is_bot": false, "first_name": "Ann" });
    sim.push_update(json!({ "callback_query": {
        "id": "4242", "from": user, "chat_instance": "1", "data": data,
        "message": { "message_id": note.message_id, "date": 0, "chat": { "id": group, "type": "supergroup" } },
    }}));
    let old = |c: &beadle::telegram::simulator::Call| c.params["callback_query_id"] == "4242";
    until("tried", || {
        sim.calls_of("answerCallbackQuery").iter().any(old)
    })
    .await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let calls = sim.calls_of("answerCallbackQuery");
    let refused = calls.iter().find(|c| old(c)).unwrap();
    assert!(refused.outcome.is_err(), "{refused:?}");
    assert_eq!(calls.iter().filter(|c| old(c)).count(), 1);
    let failed: i64 = value(
        &app,
        "SELECT count(*) FROM outbox WHERE state NOT IN (0, 2)",
    )
    .await;
    assert_eq!(failed, 0);
    let dead: i64 = value(&app, "SELECT count(*) FROM inbox WHERE state = 2").await;
    assert_eq!(dead, 0);
    app.stop().await;
    assert!(
        sim.call_violations().is_empty(),
        "{:?}",
        sim.call_violations()
    );
}
