//! A group with an owner and the whole appliance, on which moderators and members act.
use std::sync::Arc;

use beadle::app::{App, Ground};
use beadle::base::clock::ShiftedClock;
use beadle::telegram::simulator::{SimMessage, Simulator};
use serde_json::json;

use super::house::{answer, house, house_with, judged, simulator, simulator_with};
use super::until;

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
        Self::open(mode, change).await.greeted().await
    }

    /// The same, once the owner has written to the bot.
    async fn greeted(self) -> Self {
        self.sim.private(self.owner, "/start");
        let greeted = || !self.sim.bot_messages(self.owner).is_empty();
        until("greeted", greeted).await;
        self
    }

    /// The owner has not started the bot.
    pub(crate) async fn silent(mode: &str) -> Self {
        Self::open(mode, |_| {}).await
    }

    /// In *act*, with a clock that is set forward at will.
    pub(crate) async fn clocked() -> (Self, Arc<ShiftedClock>) {
        let clock = Arc::new(ShiftedClock::default());
        let shared = clock.clone();
        let green = Self::with("act", move |ground| ground.clock = shared).await;
        (green, clock)
    }

    /// In *act*, before a server of the Bot API that knows no messages for one person.
    pub(crate) async fn before_an_old_server() -> (Self, Arc<ShiftedClock>) {
        let clock = Arc::new(ShiftedClock::default());
        let shared = clock.clone();
        let sim = simulator_with(|options| options.ephemeral_messages = false);
        let green = Self::at(sim, "act", move |ground| ground.clock = shared).await;
        (green.greeted().await, clock)
    }

    async fn open(mode: &str, change: impl FnOnce(&mut Ground)) -> Self {
        Self::at(simulator(), mode, change).await
    }

    /// The same in a group with topics.
    pub(crate) async fn forum(mode: &str) -> Self {
        let sim = simulator();
        let group = sim.forum("The green");
        Self::of(sim, group, mode, |_| {}).await.greeted().await
    }

    async fn at(sim: Simulator, mode: &str, change: impl FnOnce(&mut Ground)) -> Self {
        let group = sim.supergroup("The green");
        Self::of(sim, group, mode, change).await
    }

    async fn of(sim: Simulator, group: i64, mode: &str, change: impl FnOnce(&mut Ground)) -> Self {
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

    /// The same after a stop and a start: what was written past the house is known to it.
    pub(crate) async fn again(self) -> Self {
        self.app.stop().await;
        let app = house(&self.sim, self.dir.path()).await;
        Self { app, ..self }
    }

    /// Where the database is.
    pub(crate) fn dir(&self) -> &std::path::Path {
        self.dir.path()
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

    /// Somebody's command in the group, and what is answered to it.
    pub(crate) async fn asks(&self, user: i64, words: &str) -> String {
        let id = self.sim.say(self.group, user, words);
        until("answered", || answer(&self.sim, self.group, id).is_some()).await;
        answer(&self.sim, self.group, id).unwrap()
    }

    /// What Beadle says in a chat and holds `words`, once it is there; also what only one person sees.
    pub(crate) async fn said(&self, chat: i64, words: &str) -> SimMessage {
        let find = || {
            let all = self.sim.bot_messages(chat).into_iter();
            all.rev().find(|m| m.text().contains(words))
        };
        until(words, || find().is_some()).await;
        find().unwrap()
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

    /// Presses the button of that label, as the card reads by then.
    pub(crate) async fn press_label(
        &self,
        card: &SimMessage,
        user: i64,
        label: &str,
    ) -> (String, bool) {
        self.until_label(card, label).await;
        let now = self.now(card);
        let found = now.buttons().into_iter().find(|b| b.text == label);
        let data = found.and_then(|b| b.data).unwrap();
        self.press_data(&now, user, &data).await
    }

    pub(crate) async fn until_label(&self, card: &SimMessage, label: &str) {
        let has = || labels(&self.now(card)).iter().any(|l| l == label);
        until(label, has).await;
    }

    pub(crate) async fn until_text(&self, card: &SimMessage, words: &str) {
        until(words, || self.now(card).text().contains(words)).await;
    }
}

pub(crate) fn labels(card: &SimMessage) -> Vec<String> {
    card.buttons().into_iter().map(|b| b.text).collect()
}
