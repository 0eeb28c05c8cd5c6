//! Which rule of the house one message breaks: the strongest of them.
use super::action::Action;
use super::locks;
use super::pace::Broken;
use super::patterns::{Looked, strongest};
use super::settings::HouseSettings;
use super::shelf::Shelf;
use crate::base::clock::Millis;
use crate::community::GroupFacts;
use crate::features::moderation::rules::{Decision, Reason, Verdict};
use crate::store::StoreError;
use crate::telegram::event::{Event, Sender, Source};

/// Codes of the rules, as in verdicts and treatments, with their sentences. The text `reason-` + code (underscores as
/// dashes) names them to people.
pub const CODES: [(&str, &str); 5] = [
    ("house_word", "It holds a word of the group's blacklist."),
    ("house_lock", "This kind of message is locked in the group."),
    (
        "house_flood",
        "Its sender wrote too many messages in a short time.",
    ),
    ("house_same", "Its sender wrote the same too often."),
    ("house_slow", "Its sender has to wait between two messages."),
];

/// A rule that a message breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::features::moderation) struct Breach {
    /// One of [`CODES`].
    pub(super) code: &'static str,
    /// What follows, beside the removal.
    pub(super) action: Action,
    /// The locked kind, for people.
    pub(super) kind: Option<String>,
    /// How long is left to wait, in milliseconds.
    pub(super) wait: Option<Millis>,
    /// Whether regulars are spared in this group.
    spares_regulars: bool,
}

impl Breach {
    fn new(code: &'static str, action: Action, settings: &HouseSettings) -> Self {
        Self {
            code,
            action,
            kind: None,
            wait: None,
            spares_regulars: settings.spare_regulars,
        }
    }

    /// Whether the rule holds for somebody who has long been writing here.
    pub(in crate::features::moderation) fn meets(&self, regular: bool) -> bool {
        !(regular && self.spares_regulars)
    }

    /// Removes the message by `verdict`, with the rule as its first reason; score and band stay what they are, for a
    /// rule of the house says nothing about spam.
    pub(in crate::features::moderation) fn mark(&self, verdict: &mut Verdict) {
        let sentence = CODES.iter().find(|(code, _)| *code == self.code);
        let reason = Reason {
            code: self.code.to_owned(),
            weight: 1.0,
            text: sentence.map_or("", |(_, text)| text).to_owned(),
        };
        verdict.reasons.insert(0, reason);
        verdict.decision = Decision::Delete;
        "house".clone_into(&mut verdict.stage);
    }
}

impl Shelf {
    /// The rule that the message breaks, the one with the strongest action. Who is exempt is for the caller to know.
    pub(in crate::features::moderation) async fn breach(
        &self,
        event: &Event,
        group: &GroupFacts,
        edit: bool,
        now: Millis,
    ) -> Result<Option<Breach>, StoreError> {
        // The linked channel and admins who write as the group have no house rules.
        let user = match &event.sender {
            Sender::User(user) => user.id,
            Sender::Channel { chat } => chat.id,
            Sender::AnonymousAdmin { .. } | Sender::LinkedChannel { .. } => return Ok(None),
            Sender::Unknown => 0,
        };
        let settings = HouseSettings::of(group);
        let mut found: Vec<Breach> = Vec::new();
        if let Some(lock) = locks::strongest(&settings.locks, event.kinds) {
            let mut breach = Breach::new("house_lock", lock.action, &settings);
            breach.kind = Some(lock.name.clone());
            found.push(breach);
        }
        let book = self.book(group.id).await?;
        if !book.words.is_empty() {
            let looked = Looked::new(own_words(event));
            if let Some(entry) = strongest(&book.words, &looked) {
                found.push(Breach::new("house_word", entry.action, &settings));
            }
        }
        let pace = settings.pace();
        if pace.is_any() && !edit && user != 0 {
            let broken = self.pace(&pace, (group.id, user), event, now).await?;
            found.extend(broken.map(|broken| match broken {
                Broken::Flood(action) => Breach::new("house_flood", action, &settings),
                Broken::Same(action) => Breach::new("house_same", action, &settings),
                Broken::Slow(wait) => Breach {
                    wait: Some(wait),
                    ..Breach::new("house_slow", Action::Delete, &settings)
                },
            }));
        }
        if let Some(album) = &event.album
            && found.is_empty()
            && let Some(code) = self.album(group.id, album)
        {
            found.push(Breach::new(code, Action::Delete, &settings));
        }
        // Of equals the first: a lock says more than a word.
        Ok(found.into_iter().rev().max_by_key(|breach| breach.action))
    }
}

/// Words that the sender wrote or chose, and the addresses of links.
fn own_words(event: &Event) -> impl Iterator<Item = &str> {
    let words = event.own_words().map(|text| text.text.as_str());
    let links = event.links.iter().filter(|l| l.source != Source::Reply);
    words.chain(links.map(|link| link.target.as_str()))
}
