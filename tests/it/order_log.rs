//! Log chats: who may make a chat one, and what ends it.
use crate::support::green::Green;
use crate::support::house::{SPAM, answer, is_removed, judged, value};
use crate::support::until;

impl Green {
    /// Somebody's `/log…` in a chat, and what is answered to it.
    async fn log_said(&self, chat: i64, user: i64, words: &str) -> String {
        let id = self.sim.say(chat, user, words);
        until("answered", || answer(&self.sim, chat, id).is_some()).await;
        answer(&self.sim, chat, id).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_cannot_make_the_group_a_log_chat_of_their_own() {
    let green = Green::in_mode("act").await;
    let sim = &green.sim;
    let (mal, _) = green.says("Mal", "Good morning").await;
    // A group of their own, with Beadle in it.
    let own = sim.supergroup("Mal's den");
    sim.promote(own, mal, &["can_change_info", "can_delete_messages"]);
    sim.add_bot_admin(own);
    let first = sim.say(own, mal, "Is anybody here?");
    judged(&green.app, own, first).await;

    let said = green.log_said(green.group, mal, "/log").await;
    assert!(said.contains("Only admins of this chat"), "{said}");
    let (_, spam) = green.says("Eve", SPAM).await;
    until("removed", || is_removed(sim, green.group, spam)).await;

    // Nor by a button that an admin's question left there.
    let second = sim.supergroup("Another den");
    sim.promote(second, mal, &["can_change_info"]);
    sim.promote(second, green.owner, &["can_change_info"]);
    sim.promote(own, green.owner, &["can_change_info"]);
    sim.add_bot_admin(second);
    let there = sim.say(second, mal, "Is anybody here?");
    judged(&green.app, second, there).await;
    let said = green.log_said(green.group, green.owner, "/log").await;
    assert!(said.contains("no longer judge"), "{said}");
    let question = green.card(green.group, "Cards of which group").await;
    for button in question.buttons() {
        let (said, alert) = green
            .press_data(&question, mal, &button.data.unwrap())
            .await;
        assert!(said.contains("Only admins") && alert, "{said}");
    }
    let logs: i64 = value(
        &green.app,
        "SELECT count(*) FROM groups WHERE settings LIKE '%log%'",
    )
    .await;
    assert_eq!(logs, 0);
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_chat_becomes_a_log_chat_only_by_a_button_and_is_judged_again_afterwards() {
    let green = Green::in_mode("act").await;
    let sim = &green.sim;
    green.says("Wes", "Good morning").await;
    let busy = sim.supergroup("The square");
    sim.promote(busy, green.owner, &["can_change_info"]);
    sim.add_bot_admin(busy);
    let crowd: Vec<i64> = (0..40)
        .map(|n| {
            let person = sim.user(&format!("Neighbour {n}"));
            sim.join(busy, person);
            person
        })
        .collect();
    let first = sim.say(busy, crowd[0], "Is anybody here?");
    judged(&green.app, busy, first).await;
    let said = green.log_said(busy, green.owner, "/log").await;
    assert!(said.contains("no longer judge"), "asked first: {said}");
    let logs: i64 = value(
        &green.app,
        "SELECT count(*) FROM groups WHERE settings LIKE '%log%'",
    )
    .await;
    assert_eq!(logs, 0);
    let question = green.card(busy, "Cards of which group").await;
    let data = question.buttons()[0].data.clone().unwrap();
    let (said, _) = green.press_data(&question, green.owner, &data).await;
    assert_eq!(said, "Done.");
    let quoted = sim.say(busy, crowd[1], SPAM);
    // One lane handles a chat's messages in their order.
    let asked = sim.say(busy, green.owner, "/help");
    until("heard", || answer(sim, busy, asked).is_some()).await;
    let said = green.log_said(green.group, green.owner, "/log off").await;
    assert!(said.contains("Cards go to the owner"), "{said}");
    assert!(
        !is_removed(sim, busy, quoted),
        "in a log chat nothing is judged"
    );
    let mal = sim.user("Mal");
    sim.join(busy, mal);
    let spam = sim.say(busy, mal, SPAM);
    until("judged again", || is_removed(sim, busy, spam)).await;
    green.app.stop().await;
}
