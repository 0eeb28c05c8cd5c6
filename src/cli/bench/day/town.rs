//! The group of that day: its people with their history, its moderators, and the appliance that serves it.
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::ensure;
use serde_json::json;

use super::script::{Size, Who};
use super::words::{self, Topic};
use crate::app::{App, Ground};
use crate::base::clock::{Millis, ShiftedClock};
use crate::base::random::SeededRandom;
use crate::cli::bench::intake::settings_in;
use crate::telegram::intake::inbox;
use crate::telegram::sender::outbox;
use crate::telegram::simulator::{Call, ChatId, SimMessage, SimOptions, Simulator, UserId};

/// The longest that Beadle may take to come to rest.
const PATIENCE: Duration = Duration::from_secs(60);
/// Rounds in which everybody who has a history says something, and the time between two: eleven days.
const ROUNDS: u64 = 53;
const APART: Millis = 5 * 3_600_000;
/// Members have spoken in so many of the last rounds: more than newcomers, far less than regulars.
const MEMBERS_SPOKE: u64 = 7;

/// The group and all that belongs to it.
pub(super) struct Town {
    pub(super) sim: Simulator,
    pub(super) app: App,
    pub(super) clock: Arc<ShiftedClock>,
    pub(super) group: ChatId,
    /// The channel whose discussion it is.
    pub(super) channel: ChatId,
    /// Where cards stand.
    pub(super) log: ChatId,
    pub(super) owner: UserId,
    pub(super) regulars: Vec<UserId>,
    pub(super) members: Vec<UserId>,
    pub(super) newcomers: Vec<UserId>,
}

impl Town {
    /// A group in *act* with a log chat, whose people have talked for eleven days.
    pub(super) async fn settle_down(
        dir: &Path,
        size: Size,
        chance: &SeededRandom,
    ) -> anyhow::Result<Self> {
        let clock = Arc::new(ShiftedClock::default());
        let sim = Simulator::start(SimOptions {
            clock: clock.clone(),
            read_all_messages: true,
            keep_messages: 100_000,
            check_answers: false,
            ..SimOptions::default()
        })?;
        let settings = settings_in(dir, &sim, "act")?;
        let mut ground = Ground::real(&settings);
        ground.clock = clock.clone();
        // A day passes in a minute: what Telegram allows in a minute of the day is no bound here.
        let limits = &mut ground.sender.limits;
        limits.messages_per_second = 1_000;
        limits.group_per_minute = 60_000;
        limits.group_burst = 1_000;
        let app = App::start(settings, ground).await?;
        let group = sim.supergroup("Our town");
        let (owner, channel) = (sim.owner(group), sim.channel("Our town, news"));
        sim.set_user(
            owner,
            &json!({ "first_name": "Olga", "username": "olga_town" }),
        );
        sim.link(channel, group);
        sim.add_bot_admin(group);
        let log = sim.supergroup("Our town, moderators");
        sim.add_bot_admin(log);
        sim.join(log, owner);
        sim.promote(log, owner, &["can_change_info"]);
        let people =
            |n: u64, what: &str| (0..n).map(|i| sim.user(&format!("{what} {i}"))).collect();
        let town = Self {
            regulars: people(size.regulars, "Neighbour"),
            members: people(size.members, "Visitor"),
            newcomers: people(size.joins, "Newcomer"),
            sim,
            app,
            clock,
            group,
            channel,
            log,
            owner,
        };
        town.sim.private(owner, "/start");
        town.rest().await?;
        town.sim.say(log, owner, "/log");
        town.rest().await?;
        let chosen = town.sim.bot_messages(log);
        ensure!(
            chosen.iter().any(|m| m.text().contains("Our town")),
            "the log chat was not chosen"
        );
        // Who greets by name is what some come for. It fades: what lasts in the group is counted.
        for words in [
            "/welcome set Welcome, {name}!",
            "/goodbye set Farewell, {name}!",
        ] {
            town.sim.say(group, owner, words);
        }
        for round in 0..ROUNDS {
            let late = round >= ROUNDS - MEMBERS_SPOKE;
            let members = town.members.iter().filter(|_| late);
            for user in town.regulars.iter().chain(members) {
                let words = words::line(chance, Topic::Talk);
                town.sim.say(town.group, *user, &words);
            }
            town.rest().await?;
            town.clock.shift(APART);
        }
        Ok(town)
    }

    pub(super) fn user(&self, who: Who) -> UserId {
        let (list, n) = match who {
            Who::Regular(n) => (&self.regulars, n),
            Who::Member(n) => (&self.members, n),
            Who::Newcomer(n) => (&self.newcomers, n),
        };
        list[usize::try_from(n).unwrap_or(0)]
    }

    /// All who belong to the group, and all who came to spam: whoever is not there now was never treated.
    pub(super) fn everybody(&self) -> impl Iterator<Item = UserId> + '_ {
        let own = self.regulars.iter().chain(&self.members);
        own.chain(&self.newcomers).copied()
    }

    /// The newest message of a person in the group.
    pub(super) fn last_message(&self) -> Option<i64> {
        let all = self.sim.messages(self.group);
        let said = all.iter().rev().find(|m| !m.is_service() && !m.by_bot);
        said.map(|m| m.message_id)
    }

    /// How many people were greeted by name.
    pub(super) fn greeted(&self) -> usize {
        let calls = self.sim.calls_of("sendMessage");
        let said = |c: &&Call| {
            let words = c.params["text"].as_str();
            words.is_some_and(|w| w.starts_with("Welcome, <a "))
        };
        calls.iter().filter(said).count()
    }

    /// How many reactions of somebody Beadle took away.
    pub(super) fn took_reactions_of(&self, user: UserId) -> usize {
        let calls = self.sim.calls_of("deleteMessageReaction");
        calls.iter().filter(|c| c.params["user_id"] == user).count()
    }

    /// Whether it was said that somebody came or went, and nothing that stands in the group does, nor does Beadle.
    pub(super) fn hid_name_of(&self, user: UserId, name: &str) -> bool {
        let (gone, all) = (self.sim.deleted(self.group), self.sim.messages(self.group));
        let told = |m: &SimMessage| m.is_service() && m.from() == Some(user);
        let printed = |m: &SimMessage| m.by_bot && m.text().contains(name);
        let stands = |m: &SimMessage| told(m) || printed(m);
        gone.iter().any(told) && !all.iter().any(stands) && !gone.iter().any(printed)
    }

    /// The newest words of a regular of at least so many letters.
    pub(super) fn last_words(&self, letters: usize) -> Option<String> {
        let all = self.sim.messages(self.group);
        let long = |m: &&_| is_said_by(m, &self.regulars, letters);
        all.iter().rev().find(long).map(|m| m.text().to_owned())
    }

    /// Waits until all that has happened is judged, and what follows was sent.
    pub(super) async fn rest(&self) -> anyhow::Result<()> {
        let start = Instant::now();
        loop {
            if self.sim.pending_updates() == 0 {
                let read = |conn: &_| Ok((inbox::counts(conn)?, outbox::counts(conn)?));
                let (inbox, outbox) = self.app.store.read(read).await?;
                if inbox.waiting == 0 && outbox[0] + outbox[1] == 0 {
                    ensure!(
                        inbox.dead == 0,
                        "{} updates could not be handled",
                        inbox.dead
                    );
                    return Ok(());
                }
                ensure!(
                    start.elapsed() < PATIENCE,
                    "after {PATIENCE:?} {} updates and {} calls still wait",
                    inbox.waiting,
                    outbox[0] + outbox[1]
                );
            }
            ensure!(start.elapsed() < 2 * PATIENCE, "updates are not fetched");
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
    }
}

fn is_said_by(message: &SimMessage, people: &[UserId], letters: usize) -> bool {
    message.text().chars().count() >= letters
        && message.from().is_some_and(|user| people.contains(&user))
}
