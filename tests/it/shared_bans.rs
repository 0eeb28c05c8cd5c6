//! Shared bans: what a moderator decides in one group of an owner, in the owner's other groups that want it.
use beadle::community::settings;
use beadle::features::moderation::SETTINGS;
use beadle::features::moderation::shared::rules::{Course, LEAST, Spared, There, course, lasts};
use beadle::features::moderation::shared::settings::Sharing;
use serde_json::json;

use crate::support::green::Green;
use crate::support::house::{SPAM, judged, value};
use crate::support::until;

const TALK: &str = "Does anybody know whether the water will be turned on tomorrow, neighbours?";

async fn share(green: &Green, chat: i64, how: &str) {
    let table = settings::Table::new(SETTINGS);
    let (setting, chosen) = table.check("bans.shared", &json!(how)).unwrap();
    let values = vec![(setting.path, Some(chosen))];
    green
        .app
        .store
        .write(move |tx| settings::put(tx, chat, &values, 1))
        .await
        .unwrap();
    green.app.community.refresh(chat).await.unwrap();
}

/// Another group, in which somebody has said good morning, so that it is known.
async fn another(green: &Green, owner: i64, title: &str, how: &str) -> i64 {
    let chat = green.sim.supergroup_of(owner, title);
    green.sim.add_bot_admin(chat);
    let wes = green.sim.user("Wes");
    says(green, chat, wes, "Good morning").await;
    share(green, chat, how).await;
    chat
}

async fn says(green: &Green, chat: i64, user: i64, words: &str) -> i64 {
    green.sim.join(chat, user);
    let message = green.sim.say(chat, user, words);
    judged(&green.app, chat, message).await;
    message
}

/// What became of bans that were shared, once there are so many.
async fn shares(green: &Green, count: i64) -> Vec<(i64, String)> {
    for _ in 0..2_000 {
        let found: String = value(
            &green.app,
            "SELECT coalesce(json_group_array(json_array(chat, what)), '[]') FROM shared_bans",
        )
        .await;
        let found: Vec<(i64, String)> = serde_json::from_str(&found).unwrap();
        if found.len() as i64 == count {
            return found;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    panic!("not {count} shares within 10 s");
}

fn is_out(green: &Green, chat: i64, user: i64) -> bool {
    !green.sim.member(chat, user).present
}

/// Jobs that look at bans, done or given up.
async fn looked(green: &Green) -> i64 {
    value(
        &green.app,
        "SELECT count(*) FROM jobs WHERE kind = 'arbiter.follow' AND state IN ('done', 'dead')",
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ban_holds_in_the_owners_other_groups_and_falls_with_its_origin() {
    let green = Green::in_mode("act").await;
    let (sim, owner) = (&green.sim, green.owner);
    let (eve, message) = green.says("Eve", TALK).await;
    share(&green, green.group, "note").await;
    let firm = another(&green, owner, "The firm green", "ban").await;
    let mild = another(&green, owner, "The mild green", "note").await;
    let apart = another(&green, owner, "The green apart", "off").await;
    let stranger = sim.user("Somebody else");
    let foreign = another(&green, stranger, "A foreign green", "ban").await;
    for chat in [firm, mild, apart, foreign] {
        says(&green, chat, eve, "Good evening, neighbours").await;
    }
    sim.reply(green.group, owner, message, "/ban enough");
    let mut found = shares(&green, 2).await;
    found.sort();
    let mut expected = vec![(firm, "banned".to_owned()), (mild, "noted".to_owned())];
    expected.sort();
    assert_eq!(found, expected);
    until("out", || is_out(&green, firm, eve)).await;
    assert!(!is_out(&green, mild, eve) && !is_out(&green, apart, eve));
    assert!(!is_out(&green, foreign, eve), "not this owner's group");
    green.said(owner, "is banned here too").await;
    green.said(owner, "it counts as a sign").await;

    // Where it is noted, ordinary words stay, and the reason is told.
    let hello = says(&green, mild, eve, "Is the shop by the bridge still open?").await;
    let verdict = judged(&green.app, mild, hello).await;
    assert!(verdict.reasons.iter().any(|r| r.code == "banned_elsewhere"));
    assert_eq!(verdict.band, "clear");
    let other = says(&green, apart, eve, "Is the shop by the river still open?").await;
    let verdict = judged(&green.app, apart, other).await;
    assert!(!verdict.reasons.iter().any(|r| r.code == "banned_elsewhere"));

    // Undone where it was laid, it goes everywhere.
    sim.say(green.group, owner, &format!("/unban {eve}"));
    shares(&green, 0).await;
    until("free", || {
        let lifted = sim.calls_of("unbanChatMember");
        lifted.iter().any(|c| c.params["chat_id"] == json!(firm))
    })
    .await;
    let standing: i64 = value(
        &green.app,
        "SELECT count(*) FROM restrictions WHERE state = 0",
    )
    .await;
    assert_eq!(standing, 0);
    let acts: String = value(
        &green.app,
        "SELECT group_concat(action) FROM (SELECT action FROM audit WHERE action LIKE 'bans.%' ORDER BY id)",
    )
    .await;
    assert_eq!(acts, "bans.share,bans.share,bans.unshare,bans.unshare");
    assert!(
        sim.call_violations().is_empty(),
        "{:?}",
        sim.call_violations()
    );
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn admins_are_told_of_instead_and_pauses_and_machinery_stay_at_home() {
    let green = Green::in_mode("act").await;
    let (sim, owner) = (&green.sim, green.owner);
    share(&green, green.group, "ban").await;
    let (ben, message) = green.says("Ben", TALK).await;
    share(&green, green.group, "ban").await;
    let other = another(&green, owner, "The other green", "ban").await;
    says(&green, other, ben, "Good evening, neighbours").await;
    sim.promote(other, ben, &["can_delete_messages"]);

    // A pause of two hours is the matter of one group.
    sim.reply(green.group, owner, message, "/tban 2h loud");
    until("out", || is_out(&green, green.group, ben)).await;
    // What Beadle does by itself is not shared.
    let eve = sim.user("Eve");
    sim.join(green.group, eve);
    let spam = sim.say(green.group, eve, SPAM);
    judged(&green.app, green.group, spam).await;
    for _ in 0..1_000 {
        if looked(&green).await > 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    shares(&green, 0).await;

    sim.say(green.group, owner, &format!("/ban {ben} for good"));
    assert_eq!(shares(&green, 1).await, [(other, "spared".to_owned())]);
    green
        .said(owner, "They are an admin here, so nothing happens")
        .await;
    assert!(!is_out(&green, other, ben));
    assert!(
        sim.calls_of("banChatMember")
            .iter()
            .all(|c| c.params["chat_id"] == json!(green.group))
    );
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ban_by_hand_is_shared_and_what_the_other_group_undoes_stays_undone() {
    let green = Green::in_mode("act").await;
    let (sim, owner) = (&green.sim, green.owner);
    let (eve, _) = green.says("Eve", TALK).await;
    share(&green, green.group, "note").await;
    let other = another(&green, owner, "The other green", "ban").await;
    says(&green, other, eve, "Good evening, neighbours").await;
    sim.ban(green.group, eve);
    assert_eq!(shares(&green, 1).await, [(other, "banned".to_owned())]);
    until("out", || is_out(&green, other, eve)).await;
    let card = green.card(owner, "is banned here too").await;
    let data = card.buttons()[0].data.clone().unwrap();
    let (taken, _) = green.press_data(&card, owner, &data).await;
    assert_eq!(taken, "Taken back.");
    until("free", || !sim.calls_of("unbanChatMember").is_empty()).await;
    // The origin's ban is looked at again: here it is not laid anew.
    let before = looked(&green).await;
    let group = green.group;
    green
        .app
        .store
        .write(move |tx| {
            use beadle::queue::{Enqueue as _, Job};
            let payload = json!({ "chat": group, "subject": eve });
            tx.enqueue(
                &Job::new(beadle::community::arbiter::KIND_FOLLOW, payload),
                1,
            )
        })
        .await
        .unwrap();
    for _ in 0..2_000 {
        if looked(&green).await > before {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let bans = sim.calls_of("banChatMember");
    assert_eq!(
        bans.iter()
            .filter(|c| c.params["chat_id"] == json!(other))
            .count(),
        1
    );
    green.app.stop().await;
}

#[test]
fn what_a_ban_comes_to_elsewhere() {
    let nobody = There::default();
    let spared = |there| course(Sharing::Ban, there);
    assert_eq!(course(Sharing::Off, nobody), None);
    assert_eq!(course(Sharing::Note, nobody), Some(Course::Note));
    assert_eq!(course(Sharing::Ban, nobody), Some(Course::Ban));
    let admin = There {
        admin: true,
        ..nobody
    };
    let regular = There {
        regular: true,
        ..nobody
    };
    let approved = There {
        approved: true,
        ..nobody
    };
    assert_eq!(spared(admin), Some(Course::Spare(Spared::Admin)));
    assert_eq!(spared(regular), Some(Course::Spare(Spared::Regular)));
    assert_eq!(spared(approved), Some(Course::Spare(Spared::Regular)));
    assert_eq!(
        course(Sharing::Note, regular),
        Some(Course::Spare(Spared::Regular))
    );
    assert!(lasts(5, None) && lasts(5, Some(5 + LEAST)) && !lasts(5, Some(4 + LEAST)));
    assert!(!lasts(i64::MAX, Some(0)));
    for (json, how) in [
        ("{}", Sharing::Off),
        ("rubbish", Sharing::Off),
        (r#"{"bans":{"shared":"everything"}}"#, Sharing::Off),
        (r#"{"bans":{"shared":"ban"}}"#, Sharing::Ban),
    ] {
        assert_eq!(Sharing::read(json), how, "{json}");
    }
}
