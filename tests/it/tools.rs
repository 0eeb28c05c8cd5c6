//! Moderators' commands about people and messages: what each does, with which right, and the way back.
use serde_json::json;

use crate::support::green::{Green, labels};
use crate::support::house::{answer, is_removed, value, within};
use crate::support::until;

const TALK: &str = "Does anybody know whether the water will be turned on tomorrow, neighbours?";

/// A command in reply, and what is answered to it.
async fn says(green: &Green, by: i64, to: i64, words: &str) -> String {
    let id = green.sim.reply(green.group, by, to, words);
    let said = || answer(&green.sim, green.group, id).is_some();
    until(words, said).await;
    answer(&green.sim, green.group, id).unwrap()
}

fn bans(green: &Green) -> usize {
    green.sim.calls_of("banChatMember").len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ban_is_carried_out_told_and_taken_back() {
    let green = Green::in_mode("act").await;
    let sim = &green.sim;
    let (eve, message) = green.says("Eve", TALK).await;
    sim.private(eve, "/start");
    until("greeted", || !sim.bot_messages(eve).is_empty()).await;
    let command = sim.reply(
        green.group,
        green.owner,
        message,
        "/tban 2h30m shouting <b>at</b> people",
    );
    // The command may be gone before its answer stands.
    let said = green
        .said(green.group, "is banned for")
        .await
        .text()
        .to_owned();
    assert!(
        said.contains("Eve") && said.contains("is banned for 2 hours, until"),
        "{said}"
    );
    assert!(said.contains("shouting <b>at</b> people"), "{said}");
    until("out", || !sim.member(green.group, eve).present).await;
    let call = sim.calls_of("banChatMember").pop().unwrap();
    assert_eq!(call.params["revoke_messages"], json!(false));
    assert!(
        !is_removed(sim, green.group, message),
        "/ban removes no words"
    );
    // In act the command goes; the person is told why.
    until("tidy", || is_removed(sim, green.group, command)).await;
    until("told", || {
        let told = sim.bot_messages(eve);
        told.iter().any(|m| {
            m.text().contains("banned you from The green") && m.text().contains("shouting")
        })
    })
    .await;
    let note = sim
        .bot_messages(green.group)
        .into_iter()
        .find(|m| m.text() == said)
        .unwrap();
    assert_eq!(labels(&note), ["Take it back"]);
    let data = note.buttons()[0].data.clone().unwrap();
    let (refused, alert) = green.press_data(&note, eve, &data).await;
    assert!(alert && refused.contains("Only admins"), "{refused}");
    let (taken, _) = green.press_data(&note, green.owner, &data).await;
    assert_eq!(taken, "Taken back.");
    until("unbanned", || !sim.calls_of("unbanChatMember").is_empty()).await;
    let (late, alert) = green.press_data(&note, green.owner, &data).await;
    assert!(alert && late.contains("already"), "{late}");
    let acts: i64 = value(
        &green.app,
        "SELECT count(*) FROM audit WHERE action = 'moderation.undo'",
    )
    .await;
    assert_eq!(acts, 1);
    assert!(
        sim.call_violations().is_empty(),
        "{:?}",
        sim.call_violations()
    );
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_command_needs_its_right_and_spares_admins() {
    let green = Green::in_mode("suggest").await;
    let sim = &green.sim;
    let (eve, message) = green.says("Eve", TALK).await;
    let (ann, _) = green.says("Ann", "Good morning").await;
    let refused = says(&green, ann, message, "/ban").await;
    assert!(refused.contains("Only admins"), "{refused}");
    let ben = sim.user("Ben");
    sim.promote(green.group, ben, &["can_delete_messages"]);
    let refused = says(&green, ben, message, "/mute").await;
    assert!(refused.contains("Only admins"), "{refused}");
    // A warning goes with removing messages; the ladder's mute does not.
    green.set_steps(&["warn", "mute 1h"]).await;
    let warned = says(&green, ben, message, "/warn noise").await;
    assert!(warned.contains("is warned (1 of 2)"), "{warned}");
    let warned = says(&green, ben, message, "/warn more noise").await;
    assert!(warned.contains("is warned (2 of 2)"), "{warned}");
    let muted = says(&green, green.owner, message, "/warn still").await;
    assert!(muted.contains("may not write for 1 hour"), "{muted}");
    let list = says(&green, ben, message, "/warns").await;
    assert!(
        list.contains("3 warnings") && list.contains("more noise"),
        "{list}"
    );
    // To take that one back frees somebody.
    let refused = says(&green, ben, message, "/unwarn").await;
    assert!(refused.contains("Ban users"), "{refused}");
    let gone = says(&green, green.owner, message, "/unwarn").await;
    assert!(gone.contains("2 left"), "{gone}");
    until("free", || sim.calls_of("restrictChatMember").len() == 2).await;
    let own = green.asks(eve, "/warns").await;
    assert!(own.contains("2 warnings"), "{own}");
    // Admins, the owner, the bot.
    let own = sim.say(
        green.group,
        ben,
        "I am an admin, after all, and here for the day",
    );
    let refused = says(&green, green.owner, own, "/ban").await;
    assert!(refused.contains("admin of the group"), "{refused}");
    sim.promote(
        green.group,
        ben,
        &["can_delete_messages", "can_restrict_members"],
    );
    let refused = says(&green, ben, message, "/ban @olga_green").await;
    assert!(refused.contains("owner of the group"), "{refused}");
    assert_eq!(bans(&green), 0);
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn silent_and_deleting_ones_do_what_their_letter_says() {
    let green = Green::in_mode("suggest").await;
    let sim = &green.sim;
    let (eve, message) = green.says("Eve", TALK).await;
    let before = sim.bot_messages(green.group).len();
    let command = sim.reply(green.group, green.owner, message, "/smute 1h");
    until("gone", || is_removed(sim, green.group, command)).await;
    until("muted", || !sim.calls_of("restrictChatMember").is_empty()).await;
    let public = || {
        sim.bot_messages(green.group)
            .into_iter()
            .filter(|m| m.receiver.is_none())
            .count()
    };
    assert_eq!(public(), before, "nobody else reads of it");
    assert!(!is_removed(sim, green.group, message));
    let said = says(&green, green.owner, message, "/unmute").await;
    assert!(said.contains("may write again"), "{said}");
    let said = says(&green, green.owner, message, "/dkick").await;
    assert!(said.contains("may come back"), "{said}");
    until("removed", || is_removed(sim, green.group, message)).await;
    until("out", || !sim.member(green.group, eve).present).await;
    let call = sim.calls_of("banChatMember").pop().unwrap();
    assert!(
        call.params["until_date"].as_i64().is_some(),
        "a kick ends by itself: {}",
        call.params
    );
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_go_by_command() {
    let green = Green::in_mode("act").await;
    let sim = &green.sim;
    let (eve, first) = green.says("Eve", TALK).await;
    let mut all = vec![first];
    for i in 0..6 {
        all.push(sim.say(
            green.group,
            eve,
            &format!("And another thing about the water, number {i}"),
        ));
    }
    let refused = says(&green, eve, first, "/purge").await;
    assert!(refused.contains("Only admins"), "{refused}");
    let command = sim.reply(green.group, green.owner, all[5], "/purge");
    until("purged", || is_removed(sim, green.group, command)).await;
    until("gone", || {
        all[5..].iter().all(|id| is_removed(sim, green.group, *id))
    })
    .await;
    assert!(all[..5].iter().all(|id| !is_removed(sim, green.group, *id)));
    // It answers a message that may be gone by then.
    until("said", || {
        sim.bot_messages(green.group)
            .iter()
            .any(|m| m.text().contains("messages are removed"))
    })
    .await;
    let command = sim.reply(green.group, green.owner, all[0], "/del");
    until("gone", || {
        is_removed(sim, green.group, all[0]) && is_removed(sim, green.group, command)
    })
    .await;
    let removed: i64 = value(
        &green.app,
        "SELECT count(*) FROM audit WHERE action = 'moderation.purge'",
    )
    .await;
    assert_eq!(removed, 2);
    let command = sim.say(green.group, green.owner, "/purge 2");
    until("gone", || is_removed(sim, green.group, command)).await;
    within(10, "the last two", || is_removed(sim, green.group, all[4])).await;
    assert!(!is_removed(sim, green.group, all[1]));
    green.app.stop().await;
}
