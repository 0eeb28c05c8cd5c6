//! Who may undo, what is said when something could not be done, and what a slip of the finger leaves.
use beadle::telegram::simulator::{SpeakAs, Status};
use serde_json::json;

use crate::support::green::{Green, labels};
use crate::support::house::{SPAM, answer, is_removed, value};
use crate::support::until;

const TALK: &str = "Does anybody know whether the water will be turned on tomorrow, neighbours?";

impl Green {
    /// A command of an anonymous admin in reply to a message, which may be deleted by now.
    pub(crate) fn anonymously(&self, user: i64, to: i64, words: &str) -> i64 {
        self.commands(SpeakAs::Anonymous(user), to, words)
    }

    fn commands(&self, who: SpeakAs, to: i64, words: &str) -> i64 {
        let length = words.len();
        let mut fields = json!({ "text": words,
            "entities": [{ "type": "bot_command", "offset": 0, "length": length }] });
        let all = self.sim.messages(self.group).into_iter();
        let mut found = all.chain(self.sim.deleted(self.group));
        fields["reply_to_message"] = found.find(|m| m.message_id == to).unwrap().value;
        self.sim.post_as(self.group, who, fields)
    }

    async fn answered(&self, to: i64) -> String {
        until("answered", || answer(&self.sim, self.group, to).is_some()).await;
        answer(&self.sim, self.group, to).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_only_delete_frees_nobody() {
    let green = Green::in_mode("suggest").await;
    let sim = &green.sim;
    let dan = sim.user("Dan");
    sim.promote(green.group, dan, &["can_delete_messages"]);
    let log = green.log_chat().await;
    sim.join(log, dan);
    let (eve, spam) = green.says("Eve", SPAM).await;
    let card = green.card(log, "looks like spam").await;
    green.press(&card, green.owner, "ban").await;
    until("banned", || {
        sim.member(green.group, eve).status == Status::Kicked
    })
    .await;
    // By a command, and by the button.
    let asked = green.commands(SpeakAs::User(dan), spam, "/ham");
    let said = green.answered(asked).await;
    assert!(said.contains("Ban users"), "{said}");
    green.until_text(&card, "Olga decided").await;
    let (said, alert) = green.press(&green.now(&card), dan, "reopen").await;
    assert!(alert, "{said}");
    // A mute by the ladder, on a card that was decided as spam.
    green.set_steps(&["mute 24h"]).await;
    let (mal, talk) = green.says("Mal", TALK).await;
    sim.reply(green.group, green.owner, talk, "/spam");
    until("muted", || {
        sim.member(green.group, mal).status == Status::Restricted
    })
    .await;
    let asked = green.commands(SpeakAs::User(dan), talk, "/ham");
    let said = green.answered(asked).await;
    assert!(said.contains("Ban users"), "{said}");
    assert_eq!(sim.member(green.group, eve).status, Status::Kicked);
    assert_eq!(sim.member(green.group, mal).status, Status::Restricted);
    // Who may, does.
    green.commands(SpeakAs::User(green.owner), talk, "/ham");
    until("freed", || {
        sim.member(green.group, mal).status == Status::Member
    })
    .await;
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_anonymous_admin_may_what_all_anonymous_admins_may() {
    let green = Green::in_mode("suggest").await;
    let sim = &green.sim;
    let (_, talk) = green.says("Wes", TALK).await;
    let vic = sim.user("Vic");
    sim.promote(green.group, vic, &["can_manage_video_chats"]);
    let asked = green.anonymously(vic, talk, "/spam");
    let said = green.answered(asked).await;
    assert!(said.contains("anonymous admins"), "{said}");
    // With the owner anonymous too, one of the two may not.
    let asked = green.anonymously(green.owner, talk, "/spam");
    let said = green.answered(asked).await;
    assert!(said.contains("anonymous admins"), "{said}");
    assert!(!is_removed(sim, green.group, talk));
    sim.demote(green.group, vic);
    green.anonymously(green.owner, talk, "/spam");
    until("removed", || is_removed(sim, green.group, talk)).await;
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ban_that_beadle_may_not_lay_is_not_said_to_be_laid() {
    let green = Green::in_mode("suggest").await;
    let sim = &green.sim;
    sim.set_bot_rights(green.group, &["can_delete_messages"]);
    let eve = sim.user("Eve");
    sim.private(eve, "/start");
    until("greeted", || !sim.bot_messages(eve).is_empty()).await;
    sim.join(green.group, eve);
    let spam = sim.say(green.group, eve, SPAM);
    let card = green.card(green.owner, "looks like spam").await;
    let (said, alert) = green.press(&card, green.owner, "ban").await;
    assert!(said.contains("not banned") && alert, "{said}");
    until("removed", || is_removed(sim, green.group, spam)).await;
    green.until_text(&card, "is not banned").await;
    let kind: String = value(&green.app, "SELECT kind FROM treatments").await;
    assert_eq!(kind, "delete", "nobody warned them");
    assert_eq!(sim.bot_messages(eve).len(), 1, "nothing untrue is told");
    assert!(
        !sim.bot_messages(green.group)
            .iter()
            .any(|m| m.receiver == Some(eve)),
        "nor in the group"
    );
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ban_that_telegram_refuses_later_is_corrected() {
    let green = Green::in_mode("suggest").await;
    let sim = &green.sim;
    let eve = sim.user("Eve");
    sim.private(eve, "/start");
    until("greeted", || !sim.bot_messages(eve).is_empty()).await;
    sim.join(green.group, eve);
    sim.say(green.group, eve, SPAM);
    let card = green.card(green.owner, "looks like spam").await;
    let fault = beadle::telegram::simulator::Fault::error(
        400,
        "Bad Request: not enough rights to restrict/unrestrict chat member",
    );
    sim.fail_always(Some("banChatMember"), None, fault);
    green.press(&card, green.owner, "ban").await;
    green.until_text(&card, "is not banned").await;
    let corrected = async {
        for _ in 0..1_000 {
            for chat in [green.group, eve] {
                let all = sim.bot_messages(chat);
                if all.iter().any(|m| m.text().contains("did not come about")) {
                    return true;
                }
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        false
    };
    assert!(corrected.await, "the person is told");
    let kind: String = value(&green.app, "SELECT kind FROM treatments").await;
    assert_eq!(kind, "delete");
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_moderators_reason_is_theirs_and_no_sentence_is_without_one() {
    let green = Green::in_mode("suggest").await;
    let sim = &green.sim;
    let eve = sim.user("Eve");
    sim.private(eve, "/start");
    until("greeted", || !sim.bot_messages(eve).is_empty()).await;
    sim.join(green.group, eve);
    let file = sim.file("offer.jpg", b"not really a picture");
    let photo = sim.post(
        green.group,
        eve,
        json!({ "photo": sim.media("photo", &file) }),
    );
    crate::support::house::judged(&green.app, green.group, photo).await;
    sim.reply(green.group, green.owner, photo, "/spam");
    green
        .said(green.group, "because an admin here said that it is spam.")
        .await;
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn not_spam_by_a_slip_of_the_finger_leaves_nothing_in_the_group() {
    let green = Green::in_mode("act").await;
    let sim = &green.sim;
    let (_, spam) = green.says("Eve", SPAM).await;
    until("removed", || is_removed(sim, green.group, spam)).await;
    let card = green.card(green.owner, "I removed this").await;
    let again = || {
        let all = sim.bot_messages(green.group).into_iter();
        all.filter(|m| m.text().contains("by mistake")).count()
    };
    for verb in ["reopen", "spam"] {
        green.press(&green.now(&card), green.owner, "ham").await;
        until("said again", || again() == 1).await;
        green.until_text(&card, "Olga decided").await;
        green.press(&green.now(&card), green.owner, "reopen").await;
        until("taken away", || again() == 0).await;
        until("open again", || labels(&green.now(&card)).len() == 3).await;
        if verb == "spam" {
            green.press(&green.now(&card), green.owner, "spam").await;
        }
    }
    let removed: i64 = value(
        &green.app,
        "SELECT count(*) FROM messages WHERE removed_at IS NOT NULL",
    )
    .await;
    assert_eq!(removed, 1);
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_on_a_message_under_appeal_is_taken_and_the_cards_close_with_it() {
    let green = Green::in_mode("act").await;
    let sim = &green.sim;
    let eve = sim.user("Eve");
    sim.private(eve, "/start");
    until("greeted", || !sim.bot_messages(eve).is_empty()).await;
    sim.join(green.group, eve);
    let spam = sim.say(green.group, eve, SPAM);
    until("removed", || is_removed(sim, green.group, spam)).await;
    let letter = green.said(green.group, "This is a warning").await;
    let data = letter.buttons()[0].data.clone().unwrap();
    let card = green.card(green.owner, "I removed this").await;
    green.press_data(&letter, eve, &data).await;
    let appeal = green.card(green.owner, "Somebody appeals").await;
    let command = green.commands(SpeakAs::User(green.owner), spam, "/spam");
    until("taken", || is_removed(sim, green.group, command)).await;
    green.until_text(&card, "Olga decided").await;
    // Opened again, and then the appeal is granted: it has no buttons that lead nowhere.
    green.press(&green.now(&card), green.owner, "reopen").await;
    until("open", || labels(&green.now(&card)).len() == 3).await;
    green.press(&appeal, green.owner, "grant").await;
    green.until_text(&card, "Not spam").await;
    assert_eq!(labels(&green.now(&card)), ["Take it back"]);
    green.app.stop().await;
}
