//! Tactics of spammers, one scene each, before the whole appliance: what is caught, what a person is shown, and who is
//! left alone.
use beadle::features::moderation::KeptVerdict;
use serde_json::{Value, json};

use crate::support::green::Green;
use crate::support::house::{SPAM, is_removed, judged};
use crate::support::until;

fn codes(verdict: &KeptVerdict) -> Vec<&str> {
    verdict.reasons.iter().map(|r| r.code.as_str()).collect()
}

impl Green {
    /// Somebody new posts something; gives the verdict.
    async fn posts(&self, name: &str, fields: Value) -> (i64, KeptVerdict) {
        let user = self.sim.user(name);
        self.sim.join(self.group, user);
        let message = self.sim.post(self.group, user, fields);
        (message, judged(&self.app, self.group, message).await)
    }

    /// Chooses what newcomers may send.
    async fn set_newcomers(&self, rules: Value) {
        self.says("Wes", "Good morning").await;
        let group = self.group;
        let write = self.app.store.write(move |tx| {
            let values: Vec<(String, Value)> = rules
                .as_object()
                .unwrap()
                .iter()
                .map(|(name, rule)| (format!("newcomers.{name}"), rule.clone()))
                .collect();
            for (path, rule) in &values {
                beadle::community::settings::put(tx, group, &[(path, Some(rule.clone()))], 1)?;
            }
            Ok(())
        });
        write.await.unwrap();
        self.app.community.refresh(self.group).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn carriers_without_words_of_their_own_reach_a_person() {
    let green = Green::in_mode("act").await;
    let contact = json!({ "contact": { "phone_number": "+37120000000", "first_name": "Maxim work", "user_id": 5 } });
    let story = json!({ "story": { "id": 3, "chat": { "id": -1_001_777, "type": "channel", "title": "Gold" } } });
    let giveaway = json!({ "giveaway": { "chats": [{ "id": -1_001_777, "type": "channel", "title": "Gold" }],
        "winners_selection_date": 1_900_000_000, "winner_count": 5 } });
    let button = json!({ "text": "Morning", "reply_markup": { "inline_keyboard": [[{ "text": "Open", "url": "https://gold.example" }]] } });
    let hidden = json!({ "text": "See you there", "forward_origin": { "type": "hidden_user", "sender_user_name": "Max", "date": 1 } });
    let photo = green
        .sim
        .media("photo", &green.sim.file("p.jpg", b"picture"));
    let picture = json!({ "photo": photo });
    let captioned = json!({ "photo": photo, "caption": "look 👇" });
    let emoji: String = "🍎".repeat(12);
    let entities: Vec<Value> = (0..12).map(|i| json!({ "type": "custom_emoji", "offset": i * 2, "length": 2, "custom_emoji_id": "5" })).collect();
    let written = json!({ "text": emoji, "entities": entities });
    for (name, fields, code) in [
        ("Con", contact, "newcomers_contact"),
        ("Sto", story, "newcomers_story"),
        ("Giv", giveaway, "newcomers_giveaway"),
        ("But", button, "newcomers_button"),
        ("Hid", hidden, "newcomers_forward_hidden"),
        ("Pic", picture, "newcomers_wordless"),
        ("Cap", captioned, "newcomers_wordless"),
        ("Emo", written, "newcomers_emoji_text"),
    ] {
        let (message, verdict) = green.posts(name, fields).await;
        assert_eq!(
            (verdict.band.as_str(), verdict.decision.as_str()),
            ("review", "review"),
            "{name}: {verdict:?}"
        );
        assert_eq!(codes(&verdict)[0], code, "{name}: {verdict:?}");
        assert!(!is_removed(&green.sim, green.group, message));
        green.card(green.owner, name).await;
    }
    // Nobody was restricted for any of it, and the same from the owner is nobody's business.
    for method in ["restrictChatMember", "banChatMember"] {
        assert!(green.sim.calls_of(method).is_empty());
    }
    let own = green.sim.post(
        green.group,
        green.owner,
        json!({ "contact": { "phone_number": "+371", "first_name": "Shop" } }),
    );
    assert_eq!(judged(&green.app, green.group, own).await.band, "clear");
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_written_rule_removes_in_suggest_without_treating_anybody() {
    let green = Green::in_mode("suggest").await;
    green
        .set_newcomers(json!({ "contact": "delete", "poll": "allow" }))
        .await;
    let contact = json!({ "contact": { "phone_number": "+37120000000", "first_name": "Maxim work", "user_id": 5 } });
    let (message, verdict) = green.posts("Con", contact.clone()).await;
    assert_eq!(
        (verdict.band.as_str(), verdict.removes()),
        ("review", true),
        "{verdict:?}"
    );
    until("removed", || is_removed(&green.sim, green.group, message)).await;
    let poll = json!({ "poll": { "id": "1", "question": "Leeks?", "options": [] } });
    let (poll, verdict) = green.posts("Pol", poll).await;
    assert_eq!(verdict.band, "clear", "{verdict:?}");
    assert!(!is_removed(&green.sim, green.group, poll));
    assert_eq!(
        green.cards(green.owner, "Con").count(),
        0,
        "the admins said so themselves"
    );
    let own = green.sim.post(green.group, green.owner, contact);
    assert_eq!(judged(&green.app, green.group, own).await.band, "clear");
    assert!(!is_removed(&green.sim, green.group, own));
    let strikes: i64 =
        crate::support::house::value(&green.app, "SELECT count(*) FROM treatments").await;
    assert_eq!(strikes, 0);
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn quotes_and_answers_to_elsewhere_are_read() {
    let green = Green::in_mode("act").await;
    let origin = json!({ "type": "channel", "date": 1, "message_id": 4,
        "chat": { "id": -1_001_777, "type": "channel", "title": "Gold rush", "username": "goldrush" } });
    let (message, verdict) = green
        .posts("Quo", json!({ "text": "interesting",
            "external_reply": { "origin": origin, "chat": { "id": -1_001_777, "type": "channel", "title": "Gold rush" } },
            "quote": { "text": SPAM, "position": 0 } }))
        .await;
    assert!(verdict.removes(), "{verdict:?}");
    assert!(
        codes(&verdict).contains(&"spam_words_quoted"),
        "{verdict:?}"
    );
    until("removed", || is_removed(&green.sim, green.group, message)).await;
    // A quote of a member's message is that member's.
    let (_, wes) = green
        .says("Wes", "Who has seen the wheelbarrow near the gate?")
        .await;
    let (_, verdict) = green
        .posts("Ann", json!({ "text": "It is behind the shed", "reply_to_message": { "message_id": wes, "date": 1,
            "chat": { "id": green.group, "type": "supergroup" } }, "quote": { "text": "wheelbarrow", "position": 17 } }))
        .await;
    assert_eq!(verdict.band, "clear", "{verdict:?}");
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_short_word_under_an_advertising_name_reaches_a_person() {
    let green = Green::in_mode("act").await;
    for (name, words) in [
        ("Заработок дома t.me/+abcdef", "+"),
        ("Casino bonus in bio", "interesting"),
    ] {
        let (user, message) = green.says(name, words).await;
        let verdict = judged(&green.app, green.group, message).await;
        assert_eq!(verdict.decision, "review", "{verdict:?}");
        assert_eq!(codes(&verdict)[0], "newcomers_profile");
        assert!(!is_removed(&green.sim, green.group, message));
        assert!(
            green.sim.member(green.group, user).status
                != beadle::telegram::simulator::Status::Kicked
        );
    }
    let (_, message) = green.says("Ann", "+").await;
    assert_eq!(judged(&green.app, green.group, message).await.band, "clear");
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn copied_words_and_comments_at_once_reach_a_person() {
    let green = Green::in_mode("act").await;
    let words = "I put the leeks out under fleece in early April, and they stood the frost well";
    green.says("Wes", words).await;
    let (_, message) = green.says("Cop", words).await;
    let verdict = judged(&green.app, green.group, message).await;
    assert_eq!(
        (verdict.decision.as_str(), codes(&verdict)[0]),
        ("review", "newcomers_copied"),
        "{verdict:?}"
    );
    let channel = green.sim.channel("The green's news");
    green.sim.link(channel, green.group);
    let (_, post) = green.sim.channel_post(channel, "The gate is mended");
    let eve = green.sim.user("Eve");
    let comment = green
        .sim
        .reply(green.group, eve, post.unwrap(), "Cool, thank you all!");
    let verdict = judged(&green.app, green.group, comment).await;
    assert_eq!(
        (verdict.decision.as_str(), codes(&verdict)[0]),
        ("review", "newcomers_first_comment"),
        "{verdict:?}"
    );
    let post = judged(&green.app, green.group, post.unwrap()).await;
    assert_eq!(post.band, "clear", "the linked channel");
    green.app.stop().await;
}
