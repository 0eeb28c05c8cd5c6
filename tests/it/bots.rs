//! Bots by approval: whoever adds one, it is silent until an admin has decided.
use beadle::telegram::simulator::Status;
use serde_json::json;

use crate::support::green::{Green, labels};
use crate::support::until;

impl Green {
    fn status(&self, user: i64) -> Status {
        self.sim.member(self.group, user).status
    }

    /// A member adds a bot.
    async fn adds_bot(&self, by: i64, name: &str) -> i64 {
        let bot = self.sim.other_bot(name);
        self.sim.invite(self.group, by, bot);
        bot
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_that_a_member_adds_waits_for_an_admin() {
    let green = Green::in_mode("act").await;
    let (wes, _) = green.says("Wes", "Good morning").await;
    let bot = green.adds_bot(wes, "Poster <b>bot</b>").await;
    until("silent", || green.status(bot) == Status::Restricted).await;
    let card = green.card(green.owner, "is no admin").await;
    assert!(card.text().contains("Wes") && card.text().contains("Poster"));
    assert_eq!(labels(&card).len(), 2);
    let ends: i64 = crate::support::house::value(
        &green.app,
        "SELECT count(*) FROM restrictions WHERE until_at IS NULL",
    )
    .await;
    assert_eq!(ends, 0, "what machinery imposes ends");
    // Who may not ban does not decide, nor does a button written by somebody else.
    let data = card.buttons().into_iter().find_map(|b| b.data).unwrap();
    let forged = data.replace("botcard:y", "botcard:n");
    for (user, data) in [(wes, &data), (green.owner, &forged)] {
        let (_, alert) = green.press_data(&card, user, data).await;
        assert!(alert);
    }
    assert_eq!(green.status(bot), Status::Restricted);
    let (toast, alert) = green.press_data(&card, green.owner, &data).await;
    assert_eq!((toast.as_str(), alert), ("It stays", false));
    until("it may write", || green.status(bot) == Status::Member).await;
    green.until_text(&card, "Decided by").await;
    assert!(green.now(&card).buttons().is_empty());
    green.app.stop().await;
    assert!(green.sim.call_violations().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_can_put_it_out_and_what_admins_add_is_welcome() {
    let green = Green::in_mode("act").await;
    let (wes, _) = green.says("Wes", "Good morning").await;
    let own = green.adds_bot(green.owner, "Weather").await;
    let bot = green.adds_bot(wes, "Poster").await;
    let card = green.card(green.owner, "Poster").await;
    assert_eq!(green.status(own), Status::Member);
    assert_eq!(green.cards(green.owner, "Weather").count(), 0);
    let out = labels(&card)[1].clone();
    let (toast, _) = green.press_label(&card, green.owner, &out).await;
    assert_eq!(toast, "It goes");
    until("put out", || green.status(bot) == Status::Kicked).await;
    assert_eq!(
        green.status(wes),
        Status::Member,
        "nobody is treated for it"
    );
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_setting_decides_and_suggest_does_nothing_by_itself() {
    let green = Green::in_mode("suggest").await;
    let (wes, _) = green.says("Wes", "Good morning").await;
    let first = green.adds_bot(wes, "First").await;
    green.says("Tom", "Good morning to you").await;
    green.set_newcomers(json!({ "bots_added": "kick" })).await;
    let second = green.adds_bot(wes, "Second").await;
    until("put out", || green.status(second) == Status::Kicked).await;
    green.said(green.owner, "It was put out").await;
    green.set_newcomers(json!({ "bots_added": "allow" })).await;
    let third = green.adds_bot(wes, "Third").await;
    green.says("Ann", "And a good morning to all").await;
    for bot in [first, third] {
        assert_eq!(green.status(bot), Status::Member);
    }
    green.app.stop().await;
}
