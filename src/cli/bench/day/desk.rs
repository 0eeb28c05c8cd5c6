//! The moderators of that day, who decide every card by what they know, and the count of what Beadle did.
use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::ensure;

use super::tactics::Trace;
use super::town::Town;
use crate::telegram::simulator::{SimMessage, Simulator, Status, UserId};

/// The longest that a tap may wait for its answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// A card that is not decided after so many taps is a fault.
const MOST_TAPS: usize = 6;
/// What moderators tap for spam and for what is none, in the order in which they would: some cards ask twice.
const FOR_SPAM: [&str; 5] = ["sure", "all", "ban", "spam", "refuse"];
const FOR_HAM: [&str; 2] = ["ham", "grant"];

/// What was seen so far.
#[derive(Default)]
pub(super) struct Desk {
    /// Messages that went, and whether a tap came first.
    pub(super) removed: BTreeMap<i64, bool>,
    /// People who were muted or banned, and whether a tap came first.
    pub(super) treated: BTreeMap<UserId, bool>,
    /// Taps for each decision.
    pub(super) taps: Vec<usize>,
    /// Cards, by their message in the log chat: as they read at first.
    pub(super) cards: BTreeMap<i64, SimMessage>,
}

impl Desk {
    /// Notes what has happened to messages and people since the last look.
    pub(super) fn look(&mut self, town: &Town, traces: &[Trace], tapped: bool) {
        let deleted = town.sim.deleted(town.group);
        for m in deleted.iter().filter(|m| !m.by_bot && !m.is_service()) {
            self.removed.entry(m.message_id).or_insert(tapped);
        }
        let spammers = traces.iter().flat_map(|t| t.people.iter().copied());
        for user in town.everybody().chain(spammers) {
            let status = town.sim.member(town.group, user).status;
            if matches!(status, Status::Restricted | Status::Kicked) {
                self.treated.entry(user).or_insert(tapped);
            }
        }
    }

    /// Decides every open card.
    pub(super) async fn work(&mut self, town: &Town, traces: &[Trace]) -> anyhow::Result<()> {
        let mut open: Vec<SimMessage> = Vec::new();
        for place in [town.log, town.owner] {
            let cards = town.sim.bot_messages(place);
            open.extend(cards.into_iter().filter(|m| button(m, &ANY).is_some()));
        }
        for card in open {
            let known = self.cards.entry(card.message_id);
            known.or_insert_with(|| card.clone());
            let wanted: &[&str] = if traces.iter().any(|t| is_about(&card, t)) {
                &FOR_SPAM
            } else {
                &FOR_HAM
            };
            let (mut now, mut taps) = (card, 0);
            while let Some(data) = button(&now, wanted) {
                ensure!(taps < MOST_TAPS, "a card stays undecided: {}", now.text());
                let id = town
                    .sim
                    .press(now.chat_id, now.message_id, town.owner, &data);
                taps += 1;
                let answered = |s: &Simulator| s.callback_answer(&id).is_some();
                ensure!(
                    town.sim.wait_until(answered, PATIENCE).await,
                    "no answer to a tap on: {}",
                    now.text()
                );
                town.rest().await?;
                let all = town.sim.bot_messages(now.chat_id).into_iter();
                let Some(found) = all.rev().find(|m| m.message_id == now.message_id) else {
                    break;
                };
                now = found;
            }
            if taps > 0 {
                self.taps.push(taps);
            }
        }
        Ok(())
    }

    /// What the days before brought is decided, and not counted.
    pub(super) async fn clear(&mut self, town: &Town, traces: &[Trace]) -> anyhow::Result<()> {
        self.work(town, traces).await?;
        self.look(town, traces, true);
        self.cards.clear();
        self.taps.clear();
        Ok(())
    }

    /// How a tactic was caught; None when it was not.
    pub(super) fn caught(&self, town: &Town, trace: &Trace) -> Option<&'static str> {
        let untapped = |tapped: Option<&bool>| tapped == Some(&false);
        let removed = |id: &i64| untapped(self.removed.get(id));
        if !trace.messages.is_empty() && trace.messages.iter().any(removed) {
            return Some("removed");
        }
        if trace.people.iter().any(|u| untapped(self.treated.get(u))) {
            return Some("restricted");
        }
        if self.cards.values().any(|card| is_about(card, trace)) {
            return Some("on a card");
        }
        let taken = |u: &UserId| town.took_reactions_of(*u) >= trace.reactions;
        if trace.reactions > 0 && trace.people.iter().all(taken) {
            return Some("reactions removed");
        }
        let hidden = |(user, name): &(UserId, &str)| town.hid_name_of(*user, name);
        trace
            .name
            .as_ref()
            .filter(|n| hidden(n))
            .map(|_| "name hidden")
    }
}

const ANY: [&str; 7] = ["sure", "all", "ban", "spam", "refuse", "ham", "grant"];

/// The data of the first button under a message for one of these verbs, in their order.
fn button(card: &SimMessage, verbs: &[&str]) -> Option<String> {
    let data: Vec<String> = card.buttons().into_iter().filter_map(|b| b.data).collect();
    verbs.iter().find_map(|verb| {
        let start = format!("card:{verb}:");
        data.iter().find(|d| d.starts_with(&start)).cloned()
    })
}

/// Whether a card is about what a tactic did: it names one of its people, or quotes its words.
pub(super) fn is_about(card: &SimMessage, trace: &Trace) -> bool {
    let entities = card.value["entities"].as_array();
    let named = entities.into_iter().flatten().any(|e| {
        let user = e["user"]["id"].as_i64();
        user.is_some_and(|user| trace.people.contains(&user))
    });
    named
        || trace.words.iter().any(|words| {
            let begin: String = words.chars().take(40).collect();
            begin.chars().count() > 12 && card.text().contains(&begin)
        })
}
