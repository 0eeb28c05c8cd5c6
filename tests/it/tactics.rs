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
    pub(crate) async fn set_newcomers(&self, rules: Value) {
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

#[tokio::test(flavor = "multi_thread")]
async fn an_advertising_name_is_printed_by_nobody() {
    let green = Green::in_mode("act").await;
    green.says("Wes", "Good morning").await;
    let (ad, ann) = (
        green.sim.user("Заработок t.me/+abcdef"),
        green.sim.user("Ann"),
    );
    for user in [ad, ann] {
        green.sim.join(green.group, user);
    }
    // Who leaves while the door still looks at them is nobody's business any more.
    crate::arbiter::until_value(
        &green.app,
        "SELECT count(*) FROM admissions WHERE outcome IS NOT NULL",
        3,
    )
    .await;
    green.sim.leave(green.group, ad);
    let named = |words: &str| {
        let gone = green.sim.deleted(green.group);
        gone.iter()
            .filter(|m| m.value.to_string().contains(words))
            .count()
    };
    until("both notes go", || named("abcdef") == 2).await;
    assert_eq!(named("\"Ann\""), 0, "who has an ordinary name is greeted");
    // The door knew of it, and let them in: a name removes nobody.
    let notes: String = crate::support::house::value(
        &green.app,
        "SELECT group_concat(notes) FROM admissions ORDER BY user",
    )
    .await;
    assert!(notes.contains("name_advertises"), "{notes}");
    assert!(green.sim.calls_of("banChatMember").is_empty());
    let said = green.sim.bot_messages(green.group);
    assert!(said.iter().all(|m| !m.text().contains("Заработок")));
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bio_seen_at_the_door_counts_for_the_first_word() {
    let green = Green::in_mode("act").await;
    green.says("Wes", "Good morning").await;
    let (eve, ned) = (green.sim.user("Eve"), green.sim.user("Ned"));
    green.sim.set_user(
        eve,
        &json!({ "bio": "Earn $300 a day from your phone, join t.me/+abcdef" }),
    );
    green
        .sim
        .set_user(ned, &json!({ "bio": "Leeks, bees and brass bands" }));
    for user in [eve, ned] {
        green.sim.join(green.group, user);
    }
    crate::arbiter::until_value(
        &green.app,
        "SELECT count(*) FROM admissions WHERE outcome IS NOT NULL",
        3,
    )
    .await;
    for (user, decision) in [(eve, "review"), (ned, "none")] {
        let message = green.sim.say(green.group, user, "interesting");
        let verdict = judged(&green.app, green.group, message).await;
        assert_eq!(verdict.decision, decision, "{verdict:?}");
        assert!(!is_removed(&green.sim, green.group, message));
    }
    let told: i64 = crate::support::house::value(
        &green.app,
        "SELECT count(*) FROM spam_results WHERE facts LIKE '%abcdef%'",
    )
    .await;
    assert_eq!(told, 0, "facts keep flags, no words");
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn telegram_that_does_not_answer_at_the_door_harms_nobody() {
    let green = Green::in_mode("act").await;
    green.sim.fail_always(
        Some("getChat"),
        None,
        beadle::telegram::simulator::Fault::Error {
            code: 400,
            text: "Bad Request: chat not found".to_owned(),
            retry_after: None,
        },
    );
    let (user, message) = green.says("Ann", "Good morning, all of you").await;
    let verdict = judged(&green.app, green.group, message).await;
    assert_eq!(verdict.band, "clear", "{verdict:?}");
    crate::arbiter::until_value(
        &green.app,
        "SELECT count(*) FROM admissions WHERE outcome = 'admitted'",
        1,
    )
    .await;
    assert!(green.sim.calls_of("restrictChatMember").is_empty());
    let asked = green
        .sim
        .calls_of("getChat")
        .iter()
        .filter(|c| c.params["chat_id"] == user)
        .count();
    assert_eq!(asked, 1, "what was not told is not asked again at once");
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reactions_of_an_advertising_name_go_and_others_stay() {
    let green = Green::in_mode("act").await;
    let (wes, message) = green.says("Wes", "Who has seen the wheelbarrow?").await;
    let (ad, ann) = (green.sim.user("Casino bonus in bio"), green.sim.user("Ann"));
    for user in [ad, ann, wes, green.owner] {
        green.sim.react(green.group, message, user, "🔥");
    }
    let gone = || green.sim.calls_of("deleteMessageReaction");
    until("the reaction goes", || !gone().is_empty()).await;
    // Whatever comes after it was looked at as well.
    green.says("Tom", "It is behind the shed").await;
    let calls = gone();
    assert_eq!(calls.len(), 1, "{calls:?}");
    assert_eq!(
        (&calls[0].params["user_id"], &calls[0].params["message_id"]),
        (&json!(ad), &json!(message))
    );
    assert!(green.sim.calls_of("banChatMember").is_empty());
    green.app.stop().await;
    assert!(green.sim.call_violations().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn in_suggest_reactions_and_notes_stay_unless_an_admin_wrote_it() {
    let green = Green::in_mode("suggest").await;
    let (_, message) = green.says("Wes", "Who has seen the wheelbarrow?").await;
    let ad = green.sim.user("Casino bonus in bio");
    green.sim.react(green.group, message, ad, "🔥");
    green.sim.join(green.group, ad);
    green.says("Tom", "It is behind the shed").await;
    assert!(green.sim.calls_of("deleteMessageReaction").is_empty());
    assert!(green.sim.deleted(green.group).is_empty());
    green.set_newcomers(json!({ "reaction": "delete" })).await;
    green.sim.react(green.group, message, ad, "👍");
    until("written", || {
        !green.sim.calls_of("deleteMessageReaction").is_empty()
    })
    .await;
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channels_mask_is_banned_as_a_channel_for_a_time() {
    let green = Green::in_mode("act").await;
    green.set_steps(&["ban 7d"]).await;
    let (eve, mask) = (green.sim.user("Eve"), green.sim.channel("Quick money"));
    let who = beadle::telegram::simulator::SpeakAs::Channel {
        user: eve,
        channel: mask,
    };
    let message = green.sim.say_as(green.group, who, SPAM);
    until("removed", || is_removed(&green.sim, green.group, message)).await;
    until("banned", || {
        !green.sim.calls_of("banChatSenderChat").is_empty()
    })
    .await;
    assert_eq!(
        green.sim.calls_of("banChatSenderChat")[0].params["sender_chat_id"],
        mask
    );
    assert!(
        green.sim.calls_of("banChatMember").is_empty(),
        "never the stand-in of all channels"
    );
    let ends: i64 = crate::support::house::value(
        &green.app,
        "SELECT count(*) FROM restrictions WHERE until_at IS NULL",
    )
    .await;
    assert_eq!(ends, 0, "what machinery imposes ends");
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_regular_who_edits_an_ad_in_loses_the_message_and_nothing_else() {
    let green = Green::in_mode("act").await;
    green.set_steps(&["ban 7d"]).await;
    let rex = green.sim.user("Rex");
    green.sim.join(green.group, rex);
    let group = green.group;
    let write = green.app.store.write(move |tx| {
        tx.execute("INSERT INTO members (chat, user, status, messages, first_seen, last_seen) VALUES (?1, ?2, 'member', 400, 1, 1)
             ON CONFLICT (chat, user) DO UPDATE SET messages = 400, first_seen = 1", [group, rex])?;
        Ok(())
    });
    write.await.unwrap();
    let (sim, dir) = green.stop().await;
    let app = crate::support::house::house(&sim, dir.path()).await;
    let message = sim.say(group, rex, "Seedlings to give away on Saturday");
    assert_eq!(judged(&app, group, message).await.band, "clear");
    let text = format!("{SPAM} Guaranteed profit, no risk, training is free");
    let entities = json!([{ "type": "text_link", "offset": 0, "length": 4, "url": "https://t.me/+quickprofit" }]);
    sim.edit_with(
        group,
        message,
        json!({ "text": text, "entities": entities }),
    );
    until("removed", || is_removed(&sim, group, message)).await;
    let verdict = judged(&app, group, message).await;
    assert!(
        verdict.edit && codes(&verdict).contains(&"regular"),
        "{verdict:?}"
    );
    assert!(
        sim.calls_of("banChatMember").is_empty() && sim.calls_of("restrictChatMember").is_empty()
    );
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn theatre_of_several_accounts_loses_its_offer() {
    let green = Green::in_mode("act").await;
    let (_, offer) = green.says("Max", "Guarantor for USDT deals, escrow without risk, earn 300$ a day, write me in private @max_escrow").await;
    until("the offer goes", || {
        is_removed(&green.sim, green.group, offer)
    })
    .await;
    // The claque praises in words of its own: nothing removes that, and nobody is harmed by having talked.
    let praise = "Max held the money for my deal, all went well, thank you very much";
    let (_, first) = green.says("Kim", praise).await;
    let (_, second) = green.says("Lou", praise).await;
    assert_eq!(judged(&green.app, green.group, first).await.band, "clear");
    let again = judged(&green.app, green.group, second).await;
    assert_eq!(
        (again.decision.as_str(), codes(&again)[0]),
        ("review", "newcomers_copied"),
        "{again:?}"
    );
    green.app.stop().await;
}
