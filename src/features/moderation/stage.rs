//! The stage that judges every message, and removes what a group in *act* wants removed.
use futures_util::future::BoxFuture;

use super::campaigns::Key;
use super::carriers::Policy;
use super::carriers::signs::{self, Signs};
use super::classifier::SpamModel;
use super::facts::{Before, Facts, Input, Round, Who};
use super::house::{self, Shelf};
use super::later::{Later, Look};
use super::learning::{self, Learner};
use super::lists::settings::ListSettings;
use super::order::store::upkeep;
use super::order::{Desk, shake};
use super::reading;
use super::rules::{Band, Decision, Mode, Verdict, judge};
use super::settings::GroupSettings;
use super::show::{Judged, Show};
use super::store::{self, VerdictRow};
use super::tools::Held;
use super::wave::Waves;
use super::{album, asked, shared, tools};
use crate::community::reputation::Evidence;
use crate::community::wording::Wording;
use crate::community::{Community, GroupFacts, LaneView, Recent, digest_of_words, words};
use crate::observe::metrics;
use crate::pipeline::stages::Patience;
use crate::pipeline::{Flow, Position, Stage, StageError, Walk};
use crate::store::Store;
use crate::telegram::event::{Event, Kind, Sender, Service};
use crate::telegram::rights::Rights;
use crate::telegram::sender::{Effect, SendLane};
use crate::texts::{Lang, text};

/// Between two notes of removals in a group: they explain, and must not become the noise themselves.
const NOTE_EVERY: i64 = 600_000;
/// Removals looked through for the last note: after a pause as long as [`NOTE_EVERY`] the next removal
/// brings one, and no spam goes on for so long without a pause.
const NOTES_SEARCHED: i64 = 6 * 3_600_000;
/// The same words count as repeated for so long.
const REPEATED_WITHIN: i64 = 600_000;
/// Messages of a sender before this one up to which the profile is looked at.
const FIRST: i64 = 5;
/// Messages of one sender count as a burst within so long.
const BURST_WITHIN: i64 = 60_000;

/// Judges messages of groups.
pub(super) struct ModerationStage {
    pub(super) store: Store,
    pub(super) community: Community,
    pub(super) rights: Rights,
    pub(super) desk: Desk,
    pub(super) learner: Learner,
    pub(super) waves: Waves,
    pub(super) shelf: Shelf,
    pub(super) signs: Signs,
    pub(super) later: Later,
    /// Answers to those who call moderators.
    pub(super) patience: Patience,
}

impl Stage for ModerationStage {
    fn name(&self) -> &'static str {
        "moderate"
    }

    fn position(&self) -> Position {
        Position::Moderate
    }

    fn run<'a>(
        &'a self,
        walk: &'a mut Walk,
        view: &'a mut LaneView,
    ) -> BoxFuture<'a, Result<Flow, StageError>> {
        Box::pin(async move {
            let flow = self.moderate(walk, view).await?;
            if flow == Flow::On {
                tools::report::hear((&self.desk, &self.patience), walk, view).await?;
            }
            Ok(flow)
        })
    }
}

impl ModerationStage {
    async fn moderate(&self, walk: &mut Walk, view: &mut LaneView) -> Result<Flow, StageError> {
        self.watch_rights(&walk.event);
        if let Some(Service::MigratedTo(_) | Service::MigratedFrom(_)) = walk.event.service {
            walk.write(learning::moved);
        }
        follow(walk);
        let edit = match walk.event.kind {
            Kind::Message => false,
            Kind::EditedMessage => true,
            Kind::MessageReaction => {
                self.signs(walk, view).await;
                return Ok(Flow::On);
            }
            _ => return Ok(Flow::On),
        };
        let (Some(chat), Some(message)) = (
            walk.event.chat.as_ref().map(|c| c.id),
            walk.event.message_id,
        ) else {
            return Ok(Flow::On);
        };
        let Some(group) = view.groups.get(&chat).cloned() else {
            self.greet(walk);
            return Ok(Flow::On);
        };
        if walk.event.service.is_some() {
            self.signs(walk, view).await;
        }
        let own = GroupSettings::of(&group);
        if !walk.event.has_content_to_judge() || (own.is_log && self.is_log(chat).await?) {
            return Ok(Flow::On);
        }
        let settings = asked::settings(&group, &own);
        let mut breach = self
            .shelf
            .breach(&walk.event, &group, edit, walk.now)
            .await?;
        let before = if edit {
            self.community.kept(chat, message).await?
        } else {
            None
        };
        let (repeated, echo) = repetition(walk, view, chat, message, edit);
        let memory = self.learner.memory(chat).await?;
        let banned_elsewhere =
            shared::counts(&self.store, &group, newcomer(walk, view), walk.now).await?;
        let input = Input {
            banned_elsewhere,
            before: before.as_ref().map(|kept| Before {
                text: &kept.text,
                links: kept.links.iter().map(String::as_str).collect(),
            }),
            repeated,
            echo,
            memory: Some(&memory),
            round: own.other_groups.then_some(Round {
                waves: &self.waves,
                chat,
                now: walk.now,
            }),
            ..self.input(walk, view, edit)
        };
        let (mut facts, prints) = Facts::with_prints(&input, SpamModel::shipped());
        if !own.other_groups {
            facts.likeness.elsewhere = 0;
        }
        let mut verdict = judge(&facts, &settings);
        let mut ruled = Policy::read(&group.settings).find(&facts);
        let asked = verdict.band != Band::Clear || ruled.is_some() || breach.is_some();
        if asked && facts.who == Who::Member {
            // Asked only when it matters. When Telegram does not say, nobody comes to harm.
            match self.is_admin(&walk.event, chat).await {
                Some(false) => {}
                Some(true) => {
                    facts.who = Who::Admin;
                    verdict = judge(&facts, &settings);
                    ruled = None;
                }
                None => {
                    verdict.decision = verdict.decision.min(Decision::Review);
                    ruled = None;
                    breach = None;
                }
            }
        }
        let exempt = facts.who.is_exempt();
        // What regulars and admins post in several groups is news, not a wave.
        let regular = verdict.reasons.iter().any(|r| r.code == "regular");
        if own.other_groups && !exempt && !regular {
            for print in &prints {
                self.waves.note(chat, print, walk.now);
            }
        }
        if verdict.band != Band::Spam && !exempt && album::is_condemned(walk, view, chat) {
            album::condemn(&mut verdict, &settings);
        }
        let spam = verdict.decision == Decision::Delete;
        // What only a rule of the admins removes is no spam: nobody is treated for it, and nothing is learned.
        let by_rule = ruled.is_some_and(|r| r.apply(&mut verdict, &settings));
        let breach = breach.filter(|b| !exempt && b.meets(regular));
        if let Some(breach) = &breach {
            breach.mark(&mut verdict);
        }
        // A paid post must stay for a day (Bot API, Message.is_paid_post).
        if walk.event.paid_post && verdict.decision == Decision::Delete {
            verdict.decision = Decision::Review;
        }
        // Whom moderators spare, and what a safety catch stopped, a person looks at; rules act as written.
        let written = ruled.is_some_and(|r| r.written);
        let held = match verdict.decision {
            Decision::Delete => self.held(&walk.event, chat).await?,
            _ => Held::No,
        };
        let as_written = breach.is_some() || (by_rule && written);
        if held == Held::Approved || (held == Held::Judgement && !as_written) {
            verdict.decision = Decision::Review;
        }
        let spam = spam && held == Held::No;
        if verdict.decision == Decision::Delete && !group.can_act() {
            verdict.decision = Decision::WouldDelete;
        }
        self.keep(walk, chat, message, edit, &facts, &verdict)?;
        // A rule of the house says nothing about spam, so its album is no album of spam.
        if spam || breach.is_none() {
            album::join(walk, view, &self.community, chat, message, &verdict);
        }
        let deleted = verdict.decision == Decision::Delete;
        let spam = spam && deleted;
        if deleted {
            walk.send(Effect::delete(chat, message));
            let now = walk.now;
            if spam {
                walk.write(move |tx| learning::removed(tx, chat, message, now));
            }
            if let Some(write) = self.community.removed(&walk.event, message, view, walk.now) {
                walk.write(write);
            }
        }
        let notes = own.notes && spam;
        if let (Some(breach), true) = (&breach, deleted) {
            let tools = (&self.shelf, &self.desk, &self.community);
            house::follow(walk, view, tools, (&group, &own), breach, spam);
        }
        let judged = judged(walk, message);
        let said = words(&walk.event).as_deref().and_then(digest_of_words);
        let key = Key::new(prints, said);
        if let (Some(user), false, false) = (judged.user, exempt, deleted)
            && self.is_unasked(view, chat, user)
        {
            let look = Look {
                chat,
                user,
                judged,
                key: key.clone(),
                paid: walk.event.paid_post,
            };
            self.later.after(walk, look);
        }
        if verdict.band != Band::Clear && !by_rule && (settings.mode != Mode::Observe || written) {
            self.card(walk, (&group, own), (judged, key), (&verdict, spam))
                .await?;
            if let (true, Sender::User(user)) = (spam, &walk.event.sender) {
                // The treatment moves it in the transaction; until that is read, this is the least of it.
                let member = view.member(chat, user.id);
                member.reputation = member.reputation.after(Evidence::Removed, walk.now).0;
                view.stale.insert((chat, user.id));
            }
        }
        if !deleted {
            return Ok(Flow::On);
        }
        let last = match view.notices.get(&chat) {
            Some(last) => *last,
            None => self.last_note(chat, walk.now).await?,
        };
        // A note from the future: the clock was set back.
        if notes && (walk.now.saturating_sub(last) > NOTE_EVERY || last > walk.now) {
            view.notices.insert(chat, walk.now);
            let lang = Lang::from_tag(group.language.as_deref());
            let words =
                Wording::read(&group.settings).say(lang, "removed-note", &[("count", 1.into())]);
            walk.send(note((chat, message), walk.event.topic, lang, words));
        }
        Ok(Flow::End)
    }

    /// What keeps Beadle from treating the author by itself.
    async fn held(&self, event: &Event, chat: i64) -> Result<Held, StageError> {
        let user = match &event.sender {
            Sender::User(user) => Some(user.id),
            _ => None,
        };
        let found = self.store.read(move |conn| tools::held(conn, chat, user));
        Ok(found.await?)
    }

    /// Looks at what advertises without being a message.
    async fn signs(&self, walk: &mut Walk, view: &LaneView) {
        let chat = walk.event.chat.as_ref().map_or(0, |c| c.id);
        if let Some(group) = view.groups.get(&chat) {
            signs::look(walk, view, group, &self.signs).await;
        }
    }

    /// Whether a chat that is marked as a log chat still is one.
    async fn is_log(&self, chat: i64) -> Result<bool, StageError> {
        Ok(self
            .store
            .read(move |conn| upkeep::serves(conn, chat))
            .await?)
    }

    /// Treats the author of a removed message, and shows the message to a person who may decide.
    async fn card(
        &self,
        walk: &mut Walk,
        group: (&GroupFacts, GroupSettings),
        (judged, key): (Judged, Key),
        of: (&Verdict, bool),
    ) -> Result<(), StageError> {
        let place = self.desk.place(group.0).await?;
        let show = Show::new(group, judged, of, (key, place));
        let (now, seq, desk) = (walk.now, walk.seq, self.desk.clone());
        let campaigns = self.later.campaigns.clone();
        walk.write(move |tx| show.open(tx, (&desk, &campaigns), now, Some(seq)));
        Ok(())
    }

    /// When the last note about removals left, worked out from the removals: after a start the memory is
    /// empty, and a program that starts often must not become the noise.
    async fn last_note(&self, chat: i64, now: i64) -> Result<i64, StageError> {
        let since = now - NOTES_SEARCHED;
        let removals = self
            .store
            .read(move |conn| store::removals(conn, chat, since))
            .await?;
        let mut last = i64::MIN;
        for at in removals {
            if at.saturating_sub(last) > NOTE_EVERY {
                last = at;
            }
        }
        Ok(last)
    }

    /// Somebody begins to talk to Beadle in private: perhaps an owner whose cards had nowhere to go.
    fn greet(&self, walk: &mut Walk) {
        let begins = walk
            .event
            .command
            .as_ref()
            .is_some_and(|c| c.name == "start");
        let private = walk
            .event
            .chat
            .as_ref()
            .is_some_and(|c| c.kind == "private");
        if begins && private {
            let now = walk.now;
            walk.write(move |tx| shake(tx, now));
        }
    }

    /// Admins that came or went end the belief in the old list.
    fn watch_rights(&self, event: &Event) {
        // Whoever comes or goes without having been one changes nothing, and in a raid many do.
        let admin = |status: &str| matches!(status, "creator" | "administrator");
        if let (Some(change), Some(chat)) = (&event.member, &event.chat)
            && (admin(&change.old) || admin(&change.new))
        {
            self.rights.forget(chat.id);
        }
    }

    async fn is_admin(&self, event: &Event, chat: i64) -> Option<bool> {
        let Sender::User(user) = &event.sender else {
            return Some(false);
        };
        match self.rights.is_admin(chat, user.id).await {
            Ok(found) => Some(found),
            Err(e) => {
                tracing::warn!(chat, error = %e, "not removing anything on a guess");
                None
            }
        }
    }

    /// Whether nobody has asked yet what the profile of somebody shows who has hardly written here.
    fn is_unasked(&self, view: &LaneView, chat: i64, user: i64) -> bool {
        let wrote = view.members.get(&(chat, user)).map_or(0, |m| m.messages);
        wrote <= FIRST + 1 && self.later.profiles.peek(user).is_none()
    }

    /// What is known of the message beside its memory: the event, and the sender's time here.
    fn input<'a>(&self, walk: &'a Walk, view: &LaneView, edit: bool) -> Input<'a> {
        let event = &walk.event;
        let chat = event.chat.as_ref().map_or(0, |c| c.id);
        let member = match &event.sender {
            Sender::User(user) => view.members.get(&(chat, user.id)),
            _ => None,
        };
        let mut member = member.cloned().unwrap_or_default();
        // The message itself is counted already, an edit is not.
        member.messages -= i64::from(!edit);
        let mut input = Input {
            burst: if edit { 0 } else { burst(walk, view, chat) },
            ..reading::input(event)
        };
        if let (Sender::User(user), false) = (&event.sender, member.messages > FIRST) {
            // Where nobody has asked yet, nobody waits for it: it is judged again once Telegram has told.
            if let Some(known) = self.later.profiles.peek(user.id) {
                input.profile = input.profile.and(known);
            }
        }
        if let Sender::User(user) = &event.sender {
            input.listed = self.desk.lists.contains(user.id)
                && view
                    .groups
                    .get(&chat)
                    .is_some_and(|g| ListSettings::read(&g.settings).on);
        }
        asked::known(&member, input, walk.now)
    }

    fn keep(
        &self,
        walk: &mut Walk,
        chat: i64,
        message: i64,
        edit: bool,
        facts: &Facts,
        verdict: &Verdict,
    ) -> Result<(), StageError> {
        let user = match &walk.event.sender {
            Sender::User(user) => Some(user.id),
            _ => None,
        };
        let mut row = VerdictRow {
            chat,
            message,
            edit,
            user,
            ..VerdictRow::default()
        };
        row.judged(verdict, facts)?;
        tracing::debug!(
            message_id = message,
            confidence = row.score,
            band = row.band,
            decision = row.decision,
            "judged"
        );
        let (now, band, decision) = (walk.now, row.band.clone(), row.decision.clone());
        walk.write(move |tx| store::put(tx, &row, now));
        // Once, however often the commit is tried.
        walk.after(Box::pin(async move {
            metrics::VERDICTS.inc(&band);
            if band == "spam" {
                metrics::SPAM.inc(&decision);
            }
        }));
        Ok(())
    }
}

/// The walk's message, as cards and treatments are told of it.
fn judged(walk: &Walk, message: i64) -> Judged {
    let (user, sender_chat) = match &walk.event.sender {
        Sender::User(user) => (Some(user.id), None),
        Sender::Channel { chat } => (None, Some(chat.id)),
        _ => (None, None),
    };
    Judged {
        message,
        user,
        sender_chat,
        at: walk.event.date.map_or(walk.now, |date| date * 1_000),
    }
}

/// A group that became a supergroup takes its cards and treatments along; cards that stood in a chat that
/// Beadle was put out of are shown elsewhere.
fn follow(walk: &mut Walk) {
    let Some(here) = walk.event.chat.as_ref().map(|c| c.id) else {
        return;
    };
    let now = walk.now;
    let out = walk.event.member.as_ref().is_some_and(|m| !m.is_member);
    if walk.event.kind == Kind::MyChatMember && out {
        walk.write(move |tx| shake(tx, now));
    }
    let (from, to) = match walk.event.service {
        Some(Service::MigratedTo(new)) => (here, new),
        Some(Service::MigratedFrom(old)) => (old, here),
        _ => return,
    };
    walk.write(move |tx| super::moved(tx, from, to, now));
}

/// The sender, while they have written little here.
fn newcomer(walk: &Walk, view: &LaneView) -> Option<i64> {
    let (Sender::User(user), Some(chat)) = (&walk.event.sender, &walk.event.chat) else {
        return None;
    };
    let known = view.members.get(&(chat.id, user.id));
    let settled = known.is_some_and(|m| m.messages - m.removed > FIRST);
    (!settled).then_some(user.id)
}

/// How many other recent messages of the group say the same, and whether one of them is another member's; this one is
/// remembered for the next.
fn repetition(
    walk: &Walk,
    view: &mut LaneView,
    chat: i64,
    message: i64,
    edit: bool,
) -> (u32, bool) {
    let Some(words) = words(&walk.event).as_deref().and_then(digest_of_words) else {
        return (0, false);
    };
    let user = match &walk.event.sender {
        Sender::User(user) => user.id,
        _ => 0,
    };
    let same = |r: &&Recent| r.words == words && r.message != message;
    let recent = view.recent.get(&chat);
    let lately = recent.map_or(0, |r| {
        let same = r.iter().filter(same);
        same.filter(|r| walk.now - r.at < REPEATED_WITHIN).count()
    });
    let echo = recent.is_some_and(|r| r.iter().filter(same).any(|r| r.user != user));
    if !edit {
        view.remember(
            chat,
            Recent {
                message,
                user,
                words,
                at: walk.now,
            },
        );
    }
    (u32::try_from(lately).unwrap_or(u32::MAX), echo)
}

/// The sender's other messages of the last minute, of those whose words say something.
fn burst(walk: &Walk, view: &LaneView, chat: i64) -> u32 {
    let Sender::User(user) = &walk.event.sender else {
        return 0;
    };
    let other = |message: i64, at: i64| {
        Some(message) != walk.event.message_id && (0..BURST_WITHIN).contains(&(walk.now - at))
    };
    // The person's own list is the longer one in a busy group, the group's after a start.
    let member = view.members.get(&(chat, user.id));
    let own = member.map_or(0, |m| {
        m.history.iter().filter(|(id, at)| other(*id, *at)).count()
    });
    let recent = view.recent.get(&chat).map_or(0, |r| {
        let theirs = r.iter().filter(|r| r.user == user.id);
        theirs.filter(|r| other(r.message, r.at)).count()
    });
    let count = own.max(recent);
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The note in the group, with a button that explains.
fn note((chat, message): (i64, i64), topic: Option<i64>, lang: Lang, words: String) -> Effect {
    let button = text(lang, "button-why", &[]);
    let markup = serde_json::json!({
        "inline_keyboard": [[{ "text": button, "callback_data": format!("why:{message}") }]],
    });
    let mut effect = Effect::send_html(chat, words, Some(markup)).lane(SendLane::Other);
    if let Some(topic) = topic {
        effect = effect.with("message_thread_id", topic);
    }
    effect
}
