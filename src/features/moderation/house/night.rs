//! Night mode: a worker that looks each half minute where night has come or gone, and changes permissions through the
//! arbiter's ledger, which puts them back by itself, also after a stop.
use std::collections::HashMap;

use futures_util::future::BoxFuture;
use serde_json::json;

use super::settings::HouseSettings;
use super::store::{self, Sleeper};
use crate::base::clock::{Millis, SharedClock};
use crate::community::arbiter::{ArbitrateChat as _, ChatImposer, ChatOrder, Permissions};
use crate::community::fleeting::{self, Fleeting as _};
use crate::features::moderation::order::Desk;
use crate::queue::{Done, Enqueue as _, Job, Trouble, Work, Worker};
use crate::store::{StoreError, Tx};
use crate::telegram::sender::Effect;
use crate::texts::when::Zone;
use crate::texts::{Lang, text};

/// The kind of the job; there is always one.
const KIND: &str = "house.night";
/// How often it looks.
const EVERY: Millis = 30_000;
/// Groups changed in one look: each is asked about first.
const AT_ONCE: usize = 20;
/// So little of a night is not begun any more.
const TOO_SHORT: Millis = 60_000;
/// What is left to members at night: to look on, to react, to bring others.
const LEFT: [&str; 2] = ["can_react_to_messages", "can_invite_users"];

/// Asks for the standing look.
pub(super) fn stand(tx: &mut Tx<'_>, now: Millis) -> Result<(), StoreError> {
    tx.enqueue(&Job::new(KIND, json!({})).unique("all").standing(), now)?;
    Ok(())
}

/// What is to be done in a group. Pure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// Night came: until then.
    Sleep(Millis),
    /// Night is not wanted any more.
    Wake,
    /// It is as it should be.
    Stay,
}

fn turn(sleeper: &Sleeper, now: Millis) -> Turn {
    let settings = HouseSettings::read(&sleeper.settings);
    let zone = sleeper.zone.as_deref().and_then(Zone::parse);
    let night = settings
        .night
        .and_then(|hours| hours.night(now, &zone.unwrap_or_default()));
    match (night, sleeper.until) {
        // What has run out the arbiter puts back: it asks first what somebody may have changed by hand.
        (None, Some(until)) if until > now => Turn::Wake,
        // Somebody opened the group by hand in this night: that stands.
        (Some((began, _)), None) if sleeper.last.is_some_and(|last| last >= began) => Turn::Stay,
        (Some((_, ends)), None) if ends - now > TOO_SHORT => Turn::Sleep(ends),
        // The hours were changed while it lasts.
        (Some((_, ends)), Some(until)) if until != ends => Turn::Sleep(ends),
        _ => Turn::Stay,
    }
}

/// Looks at all groups with a night.
pub(super) struct NightWorker {
    desk: Desk,
    clock: SharedClock,
    /// Groups that Telegram said nothing of, and when to ask again.
    later: std::sync::Mutex<HashMap<i64, Millis>>,
}

impl NightWorker {
    pub(super) fn new(desk: Desk, clock: SharedClock) -> Self {
        Self {
            desk,
            clock,
            later: std::sync::Mutex::default(),
        }
    }

    fn is_put_off(&self, chat: i64, now: Millis) -> bool {
        let later = self
            .later
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        later.get(&chat).is_some_and(|at| *at > now)
    }

    fn put_off(&self, chat: i64, now: Millis) {
        let mut later = self
            .later
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        later.retain(|_, at| *at > now);
        later.insert(chat, now + 10 * EVERY);
    }

    async fn look(&self, now: Millis) -> Result<Done, Trouble> {
        let sleepers = self.desk.store.read(store::sleepers).await?;
        let turns = sleepers
            .into_iter()
            .map(|sleeper| (turn(&sleeper, now), sleeper))
            .filter(|(turn, sleeper)| *turn != Turn::Stay && !self.is_put_off(sleeper.chat, now));
        let mut done = Done::nothing();
        for (turn, sleeper) in turns.take(AT_ONCE) {
            let chat = sleeper.chat;
            let lang = Lang::from_tag(sleeper.language.as_deref());
            done = match turn {
                Turn::Sleep(until) => {
                    let Some(own) = self.permissions(chat).await else {
                        self.put_off(chat, now);
                        continue;
                    };
                    let settings = HouseSettings::read(&sleeper.settings);
                    let hours = settings.night.map(String::from).unwrap_or_default();
                    done.and(move |tx| sleep(tx, (chat, own), until, (lang, &hours), now))
                }
                Turn::Wake => done.and(move |tx| {
                    tx.restore_chat(chat, ChatImposer::Night, now, None)?;
                    say(tx, chat, text(lang, "night-over", &[]), now)
                }),
                Turn::Stay => done,
            };
        }
        Ok(done.again_at(now + EVERY))
    }

    /// What members of a group may do, as Telegram says now, when Beadle may change it.
    async fn permissions(&self, chat: i64) -> Option<Permissions> {
        let own = self.desk.own?;
        let powers = self.desk.rights.powers(chat, own).await.ok()??;
        if !powers.may(crate::telegram::rights::Right::Restrict) {
            tracing::info!(chat, "no night: the right to restrict members is missing");
            return None;
        }
        let found = self.desk.rights.chat_now(chat).await;
        let found = found
            .inspect_err(|e| tracing::warn!(chat, error = %e, "no night yet"))
            .ok()?;
        let permissions = found.get("permissions").filter(|p| p.is_object())?;
        Some(Permissions::from_json(permissions))
    }
}

fn sleep(
    tx: &mut Tx<'_>,
    (chat, own): (i64, Permissions),
    until: Millis,
    (lang, hours): (Lang, &str),
    now: Millis,
) -> Result<(), StoreError> {
    let order = ChatOrder {
        chat,
        by: ChatImposer::Night,
        leaves: Permissions::of(&LEFT),
        until,
        own,
    };
    tx.change_chat(&order, now, None)?;
    let args = [("hours", hours.to_owned().into())];
    say(tx, chat, text(lang, "night-begins", &args), now)
}

fn say(tx: &mut Tx<'_>, chat: i64, words: String, now: Millis) -> Result<(), StoreError> {
    let note = Effect::send_html(chat, words, None);
    tx.send_fleeting(&note, 10 * fleeting::USUAL, now, None)?;
    Ok(())
}

impl Worker for NightWorker {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn run<'a>(&'a self, _: &'a mut Work) -> BoxFuture<'a, Result<Done, Trouble>> {
        Box::pin(async move { self.look(self.clock.now()).await })
    }
}
