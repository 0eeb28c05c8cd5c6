//! Tactics whose payload is told late or seen by nobody: profiles that Telegram tells of after the first word, reactions,
//! letters in pictures, other people's words. And who is left alone.
use std::time::Duration;

use beadle::telegram::simulator::Fault;
use serde_json::{Value, json};

use crate::support::green::Green;
use crate::support::house::{is_removed, judged, value};
use crate::support::until;

const AD: &str = "My private photos and videos 18+ 👉 t.me/+kristinahot";

impl Green {
    /// Somebody who has never been here, with this in their profile.
    fn stranger(&self, name: &str, bio: &str) -> i64 {
        let user = self.sim.user(name);
        self.sim.set_user(user, &json!({ "bio": bio }));
        user
    }

    /// Has each of them count as somebody who has written here for long, and starts the house again.
    async fn with_regulars(self, users: &[i64]) -> Self {
        let (group, users) = (self.group, users.to_vec());
        let write = self.app.store.write(move |tx| {
            for user in users {
                tx.execute("INSERT INTO members (chat, user, status, messages, first_seen, last_seen) VALUES (?1, ?2, 'member', 400, 1, 1)
                     ON CONFLICT (chat, user) DO UPDATE SET messages = 400, first_seen = 1", [group, user])?;
            }
            Ok(())
        });
        write.await.unwrap();
        self.again().await
    }

    fn asked_about(&self, user: i64) -> usize {
        let calls = self.sim.calls_of("getChat");
        calls.iter().filter(|c| c.params["chat_id"] == user).count()
    }

    fn unreacted(&self, user: i64) -> usize {
        let calls = self.sim.calls_of("deleteMessageReaction");
        calls.iter().filter(|c| c.params["user_id"] == user).count()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_word_is_judged_again_once_the_profile_is_told() {
    let green = Green::in_mode("act").await;
    green.says("Wes", "Good morning").await;
    let slow = Fault::Delay(Duration::from_millis(700));
    green.sim.fail_always(Some("getChat"), None, slow);
    // They comment without having joined: no door looked at them.
    let (kris, ned) = (
        green.stranger("Kristina", AD),
        green.stranger("Ned", "Leeks, bees and brass bands"),
    );
    let ad = green.sim.say(green.group, kris, "interesting");
    let word = green.sim.say(green.group, ned, "interesting");
    for message in [ad, word] {
        let verdict = judged(&green.app, green.group, message).await;
        assert_eq!(verdict.band, "clear", "nobody waits: {verdict:?}");
    }
    let card = green.card(green.owner, "Kristina").await;
    assert!(card.text().contains("profile"), "{}", card.text());
    let verdict = judged(&green.app, green.group, ad).await;
    assert_eq!(
        (verdict.decision.as_str(), verdict.reasons[0].code.as_str()),
        ("review", "newcomers_profile"),
        "{verdict:?}"
    );
    until("asked about Ned", || green.asked_about(ned) == 1).await;
    // What is told of him comes in before what is said after it.
    green.sim.clear_faults();
    let next = green.sim.say(green.group, ned, "Are there any leeks left?");
    judged(&green.app, green.group, next).await;
    assert_eq!(judged(&green.app, green.group, word).await.band, "clear");
    assert_eq!(green.cards(green.owner, "Ned").count(), 0);
    // A profile removes nobody, and no word of it is kept.
    assert!(!is_removed(&green.sim, green.group, ad));
    for method in ["restrictChatMember", "banChatMember"] {
        assert!(green.sim.calls_of(method).is_empty());
    }
    let told: i64 = value(
        &green.app,
        "SELECT count(*) FROM spam_results WHERE facts LIKE '%kristinahot%'",
    )
    .await;
    assert_eq!(told, 0, "facts keep flags, no words");
    // The card can be decided as any other.
    green.press(&card, green.owner, "spam").await;
    until("removed", || is_removed(&green.sim, green.group, ad)).await;
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_for_profiles_that_removes_does_so_when_the_profile_is_told() {
    let green = Green::in_mode("act").await;
    green.set_newcomers(json!({ "profile": "delete" })).await;
    let slow = Fault::Delay(Duration::from_millis(300));
    green.sim.fail_always(Some("getChat"), None, slow);
    let kris = green.stranger("Kristina", AD);
    let message = green.sim.say(green.group, kris, "+");
    until("removed", || is_removed(&green.sim, green.group, message)).await;
    let verdict = judged(&green.app, green.group, message).await;
    assert_eq!(verdict.band, "review", "no spam for that: {verdict:?}");
    let strikes: i64 = value(&green.app, "SELECT count(*) FROM treatments").await;
    assert_eq!(strikes, 0, "nobody is treated for a rule about profiles");
    let removed: i64 = value(&green.app, "SELECT sum(removed) FROM members").await;
    assert_eq!(removed, 1);
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn profiles_of_regulars_and_admins_bring_nothing_to_anybody() {
    let green = Green::in_mode("act").await;
    let rex = green.stranger("Rex", AD);
    green
        .sim
        .set_user(green.owner, &json!({ "bio": AD, "first_name": "Olga" }));
    let green = green.with_regulars(&[rex]).await;
    for user in [rex, green.owner] {
        let message = green.sim.say(green.group, user, "interesting");
        let verdict = judged(&green.app, green.group, message).await;
        assert_eq!(verdict.band, "clear", "{verdict:?}");
    }
    until("the owner's profile was asked", || {
        green.asked_about(green.owner) > 0
    })
    .await;
    assert_eq!(green.asked_about(rex), 0, "nobody asks about regulars");
    // Whatever comes after it was looked at as well.
    green.says("Tom", "It is behind the shed").await;
    let cards: i64 = value(&green.app, "SELECT count(*) FROM cards").await;
    assert_eq!(cards, 0);
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reaction_goes_once_the_profile_is_told_and_others_stay() {
    let green = Green::in_mode("act").await;
    let rex = green.stranger("Rex", AD);
    let green = green.with_regulars(&[rex]).await;
    let (_, message) = green.says("Wes", "Who has seen the wheelbarrow?").await;
    let (kris, ned) = (
        green.stranger("Kristina", AD),
        green.stranger("Ned", "Leeks, bees and brass bands"),
    );
    // Told after they have reacted: the door is still asking as well.
    let slow = Fault::Delay(Duration::from_millis(500));
    green.sim.fail_always(Some("getChat"), None, slow);
    for user in [rex, ned, kris] {
        green.sim.join(green.group, user);
        green.sim.react(green.group, message, user, "🔥");
    }
    until("the reaction goes", || green.unreacted(kris) == 1).await;
    until("Ned was looked at", || green.asked_about(ned) == 1).await;
    green.sim.clear_faults();
    green.says("Tom", "It is behind the shed").await;
    assert_eq!((green.unreacted(ned), green.unreacted(rex)), (0, 0));
    for method in ["restrictChatMember", "banChatMember"] {
        assert!(green.sim.calls_of(method).is_empty());
    }
    green.app.stop().await;
    assert!(green.sim.call_violations().is_empty());
}

/// A message whose characters beyond ASCII are custom emoji.
fn in_pictures(words: &str) -> Value {
    let (mut entities, mut at) = (Vec::new(), 0);
    for c in words.chars() {
        if !c.is_ascii() {
            entities.push(json!({ "type": "custom_emoji", "offset": at, "length": c.len_utf16(), "custom_emoji_id": format!("53{at:017}") }));
        }
        at += c.len_utf16();
    }
    json!({ "text": words, "entities": entities })
}

#[tokio::test(flavor = "multi_thread")]
async fn words_in_pictures_of_letters_reach_a_person() {
    let green = Green::in_mode("act").await;
    let rex = green.sim.user("Rex");
    let green = green.with_regulars(&[rex]).await;
    for (name, words, decision) in [
        ("Box", "🅴🅰🆁🅽 💵 🅵🅰🆂🆃", "review"),
        ("Six", "🍏🍐🍊🍋🍌🍉", "review"),
        ("Few", "🍏🍐🍊🍋🍌", "none"),
        ("Hey", "Good morning, everybody 🌞🌞🌞🌞🌞🌞", "none"),
    ] {
        let user = green.sim.user(name);
        let message = green.sim.post(green.group, user, in_pictures(words));
        let verdict = judged(&green.app, green.group, message).await;
        assert_eq!(verdict.decision, decision, "{name}: {verdict:?}");
        if decision == "review" {
            assert_eq!(verdict.reasons[0].code, "newcomers_emoji_text", "{name}");
            green.card(green.owner, name).await;
        }
        assert!(!is_removed(&green.sim, green.group, message));
    }
    let message = green
        .sim
        .post(green.group, rex, in_pictures("🅴🅰🆁🅽 💵 🅵🅰🆂🆃"));
    let verdict = judged(&green.app, green.group, message).await;
    assert_eq!(verdict.decision, "none", "a regular: {verdict:?}");
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_members_words_are_no_spam_because_a_spammer_repeated_them() {
    let green = Green::in_mode("act").await;
    let wes = green.sim.user("Wes");
    let green = green.with_regulars(&[wes]).await;
    let words = "I put the leeks out under fleece in early April, and they stood the frost well";
    green.sim.say(green.group, wes, words);
    let (_, copy) = green.says("Cop", words).await;
    let card = green.card(green.owner, "Cop").await;
    green.press(&card, green.owner, "spam").await;
    until("the copy goes", || {
        is_removed(&green.sim, green.group, copy)
    })
    .await;
    let lessons: i64 = value(&green.app, "SELECT count(*) FROM learned_samples").await;
    assert_eq!(lessons, 0, "the words are Wes's");
    let told: i64 = value(
        &green.app,
        "SELECT count(*) FROM spam_results WHERE label = 'spam'",
    )
    .await;
    assert_eq!(told, 1, "that it was spam is counted");
    let (_, message) = green
        .says(
            "Ann",
            "I put the leeks out under fleece in late April, and they stood the frost well",
        )
        .await;
    let verdict = judged(&green.app, green.group, message).await;
    assert_eq!(verdict.band, "clear", "{verdict:?}");
    // Words of the spammer's own are learned as ever.
    let ad = "Look at the channel of my aunt, she sells the best seedlings of the whole valley";
    let (kim, own) = green.says("Kim", ad).await;
    green.sim.reply(green.group, green.owner, own, "/spam");
    until("removed", || is_removed(&green.sim, green.group, own)).await;
    let lessons: i64 = value(&green.app, "SELECT count(*) FROM learned_samples").await;
    assert_eq!(lessons, 1, "{kim}");
    green.app.stop().await;
}
