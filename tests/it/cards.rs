//! Cards: what a moderator is shown, and what a tap does.
use beadle::app::{App, Ground};
use beadle::telegram::simulator::{SimMessage, Simulator};
use serde_json::json;

use crate::support::house::{SPAM, answer, house_with, is_removed, judged, simulator, value};
use crate::support::until;

/// A group in *suggest* whose owner has started the bot, and its appliance.
pub(crate) struct Green {
    pub(crate) sim: Simulator,
    pub(crate) group: i64,
    pub(crate) owner: i64,
    pub(crate) app: App,
    dir: tempfile::TempDir,
}

impl Green {
    pub(crate) async fn in_mode(mode: &str) -> Self {
        Self::with(mode, |_| {}).await
    }

    pub(crate) async fn with(mode: &str, change: impl FnOnce(&mut Ground)) -> Self {
        let green = Self::open(mode, change).await;
        green.sim.private(green.owner, "/start");
        let greeted = || !green.sim.bot_messages(green.owner).is_empty();
        until("greeted", greeted).await;
        green
    }

    /// The owner has not started the bot.
    pub(crate) async fn silent(mode: &str) -> Self {
        Self::open(mode, |_| {}).await
    }

    async fn open(mode: &str, change: impl FnOnce(&mut Ground)) -> Self {
        let sim = simulator();
        let group = sim.supergroup("The green");
        let owner = sim.owner(group);
        sim.set_user(
            owner,
            &json!({ "first_name": "Olga", "username": "olga_green" }),
        );
        sim.add_bot_admin(group);
        let dir = tempfile::tempdir().unwrap();
        let app = house_with(&sim, dir.path(), mode, change).await;
        Self {
            sim,
            group,
            owner,
            app,
            dir,
        }
    }

    /// Stops the house; the world and the data stay.
    pub(crate) async fn stop(self) -> (Simulator, tempfile::TempDir) {
        self.app.stop().await;
        (self.sim, self.dir)
    }

    /// A log chat, chosen by the owner.
    pub(crate) async fn log_chat(&self) -> i64 {
        let log = self.sim.supergroup("Moderators");
        self.sim.add_bot(log);
        self.sim.promote(log, self.owner, &["can_change_info"]);
        self.says("Wes", "Good morning").await;
        let asked = self.sim.say(log, self.owner, "/log");
        until("chosen", || answer(&self.sim, log, asked).is_some()).await;
        let said = answer(&self.sim, log, asked).unwrap();
        assert!(said.contains("Cards about The green stand here"), "{said}");
        log
    }

    /// Chooses the language of the group.
    pub(crate) async fn set_language(&self, tag: &str) {
        let (group, tag) = (self.group, tag.to_owned());
        let write = self.app.store.write(move |tx| {
            tx.execute(
                "UPDATE groups SET language = ?2, settings_rev = settings_rev + 1 WHERE id = ?1",
                rusqlite::params![group, tag],
            )?;
            Ok(())
        });
        write.await.unwrap();
        self.app.community.refresh(self.group).await.unwrap();
    }

    /// Chooses the ladder, as the settings keep it.
    pub(crate) async fn set_steps(&self, steps: &[&str]) {
        let (group, steps) = (self.group, json!(steps).to_string());
        self.says("Wes", "Good morning").await;
        let write = self.app.store.write(move |tx| {
            tx.execute(
                "UPDATE groups SET settings = json_set(settings, '$.moderation', json_object('steps', json(?2))),
                     settings_rev = settings_rev + 1 WHERE id = ?1",
                rusqlite::params![group, steps],
            )?;
            Ok(())
        });
        write.await.unwrap();
        self.app.community.refresh(self.group).await.unwrap();
    }

    /// Somebody new says something.
    pub(crate) async fn says(&self, name: &str, words: &str) -> (i64, i64) {
        let user = self.sim.user(name);
        self.sim.join(self.group, user);
        let message = self.sim.say(self.group, user, words);
        judged(&self.app, self.group, message).await;
        (user, message)
    }

    /// The card in `place` that holds `words`, once it is there.
    pub(crate) async fn card(&self, place: i64, words: &str) -> SimMessage {
        until("a card", || self.cards(place, words).next().is_some()).await;
        self.cards(place, words).last().unwrap()
    }

    pub(crate) fn cards(&self, place: i64, words: &str) -> impl Iterator<Item = SimMessage> {
        let words = words.to_owned();
        let all = self.sim.bot_messages(place).into_iter();
        all.filter(move |m| m.text().contains(&words) && !m.buttons().is_empty())
    }

    /// Presses the button of a card whose data begins with `verb`; gives what was answered.
    pub(crate) async fn press(&self, card: &SimMessage, user: i64, verb: &str) -> (String, bool) {
        let start = format!("card:{verb}:");
        let data = card
            .buttons()
            .into_iter()
            .filter_map(|b| b.data)
            .find(|d| d.starts_with(&start))
            .unwrap_or_else(|| panic!("no button {verb} under {}", card.text()));
        self.press_data(card, user, &data).await
    }

    pub(crate) async fn press_data(
        &self,
        card: &SimMessage,
        user: i64,
        data: &str,
    ) -> (String, bool) {
        let id = self.sim.press(card.chat_id, card.message_id, user, data);
        until("answered", || self.sim.callback_answer(&id).is_some()).await;
        let answer = self.sim.callback_answer(&id).unwrap();
        (answer.text, answer.alert)
    }

    /// The card as it reads now.
    pub(crate) fn now(&self, card: &SimMessage) -> SimMessage {
        let all = self.sim.messages(card.chat_id);
        all.into_iter()
            .find(|m| m.message_id == card.message_id)
            .unwrap()
    }

    pub(crate) async fn until_text(&self, card: &SimMessage, words: &str) {
        until(words, || self.now(card).text().contains(words)).await;
    }
}

pub(crate) fn labels(card: &SimMessage) -> Vec<String> {
    card.buttons().into_iter().map(|b| b.text).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn in_suggest_the_owner_gets_a_card_and_one_tap_removes() {
    let green = Green::in_mode("suggest").await;
    let (eve, spam) = green.says("Eve & <Co>", SPAM).await;
    let card = green.card(green.owner, "looks like spam").await;
    assert!(
        !is_removed(&green.sim, green.group, spam),
        "suggest changes nothing"
    );
    assert!(
        card.text().contains("The green") && card.text().contains("Eve & <Co>"),
        "{}",
        card.text()
    );
    assert!(
        card.text().contains("easy_income_now") && card.text().contains("Because "),
        "{}",
        card.text()
    );
    assert_eq!(labels(&card), ["Spam", "Not spam", "Ban"]);

    let (said, alert) = green.press(&card, green.owner, "spam").await;
    assert!(said.contains("goes") && !alert, "{said}");
    until("removed", || is_removed(&green.sim, green.group, spam)).await;
    green.until_text(&card, "Olga decided").await;
    assert_eq!(labels(&green.now(&card)), ["Take it back"]);
    let label: String = value(
        &green.app,
        "SELECT label FROM spam_results WHERE label IS NOT NULL",
    )
    .await;
    assert_eq!(label, "spam");
    assert!(
        green.sim.member(green.group, eve).present,
        "nobody was banned"
    );
    green.app.stop().await;
    assert!(
        green.sim.call_violations().is_empty(),
        "{:?}",
        green.sim.call_violations()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tap_without_the_right_is_refused_politely() {
    let green = Green::in_mode("suggest").await;
    let (_, spam) = green.says("Eve", SPAM).await;
    let card = green.card(green.owner, "looks like spam").await;
    let ben = green.sim.user("Ben");
    green.sim.join(green.group, ben);
    let data = card.buttons()[0].data.clone().unwrap();
    let (said, alert) = green.press_data(&card, ben, &data).await;
    assert!(said.contains("Only admins") && alert, "{said}");
    // The same data under another message, in another chat.
    green.sim.private(ben, "/start");
    until("greeted", || !green.sim.bot_messages(ben).is_empty()).await;
    let other = green.sim.bot_messages(ben)[0].clone();
    let (said, alert) = green.press_data(&other, green.owner, &data).await;
    assert!(said.contains("no longer know") && alert, "{said}");
    assert!(!is_removed(&green.sim, green.group, spam));
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ban_removes_the_person_and_can_be_taken_back() {
    let green = Green::in_mode("suggest").await;
    let (eve, spam) = green.says("Eve", SPAM).await;
    let card = green.card(green.owner, "looks like spam").await;
    let (said, _) = green.press(&card, green.owner, "ban").await;
    assert!(said.contains("banned"), "{said}");
    until("banned", || !green.sim.member(green.group, eve).present).await;
    until("removed", || is_removed(&green.sim, green.group, spam)).await;
    green.until_text(&card, "banned").await;
    let (said, _) = green.press(&green.now(&card), green.owner, "reopen").await;
    assert!(said.contains("Taken back"), "{said}");
    until("unbanned", || {
        green.sim.member(green.group, eve).status == beadle::telegram::simulator::Status::Left
    })
    .await;
    green.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_one_author_is_one_card() {
    let green = Green::in_mode("suggest").await;
    let (eve, first) = green.says("Eve", SPAM).await;
    let card = green.card(green.owner, "looks like spam").await;
    let more: Vec<i64> = (0..3)
        .map(|i| {
            green
                .sim
                .say(green.group, eve, &format!("{SPAM} Offer {i}"))
        })
        .collect();
    green.until_text(&card, "3 more messages").await;
    assert_eq!(green.cards(green.owner, "looks like spam").count(), 1);
    green.press(&card, green.owner, "spam").await;
    until("all gone", || {
        more.iter()
            .chain([&first])
            .all(|m| is_removed(&green.sim, green.group, *m))
    })
    .await;
    green.app.stop().await;
}
