//! Warnings, mutes, kicks and bans by command, and the way back from each.
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::catch::rules::Kind;
use super::command::Call;
use super::verbs::Deed;
use super::{catch, store, words};
use crate::base::clock::Millis;
use crate::community::admission::Doorkeeper;
use crate::community::arbiter::{Arbitrate as _, Imposer, Lift, Outcome, Subject, Whose};
use crate::community::audit::{Actor, Audit as _, AuditEntry};
use crate::community::target::{Target, Terms};
use crate::community::versions::zone_of;
use crate::community::{self, GroupFacts};
use crate::features::moderation::commands::who;
use crate::features::moderation::ladder::{self, Author, Step};
use crate::features::moderation::newcomers;
use crate::features::moderation::order::decide::Moderator;
use crate::features::moderation::order::store::treatments;
use crate::features::moderation::order::tell::{out_for, until};
use crate::features::moderation::order::{
    Carried, Desk, Sentence, What, carry_out, undo, whole_name,
};
use crate::features::moderation::settings::GroupSettings;
use crate::pipeline::StageError;
use crate::pipeline::stages::{ChatCommand, Reply, Said};
use crate::store::{StoreError, Tx};
use crate::telegram::event::Sender;
use crate::telegram::rights::Right;
use crate::telegram::sender::text::name;
use crate::telegram::sender::{Effect, Send as _};
use crate::texts::when::moment;
use crate::texts::{Lang, text};

const DAY: Millis = 86_400_000;

/// Carries out a checked command about `target`.
pub(super) async fn treat(
    (desk, keeper): (&Desk, &Doorkeeper),
    call: Call,
    target: Target,
    terms: Terms,
) -> Result<Reply, StageError> {
    let chat = call.group.id;
    // Where a warning leads further up the ladder, or is taken back from there, the right for that is asked now.
    let mut call = call;
    if matches!(call.verb.deed, Deed::Warn | Deed::Unwarn) {
        let frees = who::may_restrict(desk, chat, call.by.id).await;
        call.by.frees = frees.unwrap_or(false);
    }
    // Whoever is banned is not let in by a word about writing: to Telegram both are one call.
    if let (Deed::Unmute, Target::Person { user, .. }) = (call.verb.deed, &target)
        && let Ok(now) = desk.rights.standing_now(chat, *user).await
        && now.banned
    {
        return Ok(is_banned(&call, &target));
    }
    let keeper = keeper.clone();
    let log = GroupSettings::of(&call.group).log_chat;
    let (desk, community) = (desk.clone(), desk.community.clone());
    let user = match &target {
        Target::Person { user, .. } => Some(*user),
        Target::Channel { .. } => None,
    };
    let reply = Reply::decide(move |tx| {
        let (reply, done) = match call.verb.deed {
            Deed::Warn | Deed::Mute | Deed::Kick | Deed::Ban => {
                take(tx, &desk, &call, &target, &terms, log)?
            }
            Deed::Unwarn => unwarn(tx, &call, &target, &terms)?,
            Deed::Unmute | Deed::Unban => free(tx, &keeper, &call, &target)?,
            _ => (
                warns(tx, &call.group, &target, call.lang, call.by.now)?,
                true,
            ),
        };
        if done {
            call.tidy(tx)?;
        }
        Ok(if call.verb.silent && done {
            Reply::Silence
        } else {
            reply
        })
    });
    Ok(reply.then(async move {
        if let Some(user) = user {
            community.forget_member(chat, user);
        }
    }))
}

/// Whom a target is for the arbiter.
fn subject(target: &Target) -> Subject {
    match target {
        Target::Person { user, .. } => Subject::User(*user),
        Target::Channel { chat, .. } => Subject::Channel(*chat),
    }
}

/// As the tables of treatments name them.
fn whose(target: &Target) -> (Option<i64>, Option<i64>) {
    match target {
        Target::Person { user, .. } => (Some(*user), None),
        Target::Channel { chat, .. } => (None, Some(*chat)),
    }
}

/// What is said, and whether something was done.
type Said1 = (Reply, bool);

fn take(
    tx: &mut Tx<'_>,
    desk: &Desk,
    call: &Call,
    target: &Target,
    terms: &Terms,
    log: Option<i64>,
) -> Result<Said1, StoreError> {
    let (lang, chat, by) = (call.lang, call.group.id, &call.by);
    let settings = GroupSettings::of(&call.group);
    let (strikes, _) = treatments::strikes(tx, chat, whose(target), by.now)?;
    let (what, lasts) = match call.verb.deed {
        Deed::Mute => (What::Mute, terms.span),
        Deed::Kick => (What::Kick, None),
        Deed::Ban => (What::Ban, terms.span),
        _ => step(&settings, strikes, target, by.frees),
    };
    let counts = call.verb.deed == Deed::Warn;
    let sentence = Sentence {
        chat,
        whom: subject(target),
        message: call.replied,
        what,
        until: lasts.map(|lasts| by.now.saturating_add(lasts)),
        counts_until: counts.then(|| by.now + Millis::from(settings.forget_after_days) * DAY),
        words: terms.reason.clone(),
        by: by.id,
        at: call.at,
        quiet: call.verb.silent,
        lang,
    };
    // The answered message goes with it: that counts as every removal by command does.
    let goes = call.replied.filter(|_| call.verb.deletes);
    if goes.is_some() && !catch::pass(tx, (chat, by.id), Kind::Purge, (call.at, 1), by.now)? {
        return Ok((words::say(lang, "alert-frozen"), false));
    }
    let (treatment, end) = match carry_out(tx, desk, &sentence, by.now, Some(by.seq))? {
        Carried::Stopped => return Ok((words::say(lang, "alert-frozen"), false)),
        Carried::Refused(why) => return Ok((words::refused(lang, why), false)),
        Carried::Done { treatment, until } => (treatment, until),
    };
    if let Some(message) = goes {
        let author = treatments::get(tx, treatment)?.and_then(|t| t.user);
        community::take_down(tx, chat, message, author, by.now)?;
        tx.send(&Effect::delete(chat, message), by.now, Some(by.seq))?;
    }
    let key = match what {
        What::Warn => "tool-warned",
        What::Mute => "tool-muted",
        What::Kick => "tool-kicked",
        What::Ban => "tool-banned",
    };
    let zone = zone_of(tx, chat)?;
    let most = settings.steps.len().max(1);
    let ends = match what {
        What::Ban => out_for(end, lang, &zone, by.now),
        _ => until(end, lang, &zone, by.now),
    };
    let args = [
        ("who", words::who(target, lang).into()),
        ("until", ends.into()),
        ("count", (i64::from(strikes) + 1).into()),
        ("most", i64::try_from(most).unwrap_or(i64::MAX).into()),
    ];
    let said = text(lang, key, &args) + &words::reason(lang, &terms.reason);
    if let Some(place) = log.filter(|place| *place != chat) {
        let group = name(call.group.title.as_deref().unwrap_or("…"));
        let args = [
            ("by", name(&by.name).into()),
            ("group", group.into()),
            ("what", said.clone().into()),
        ];
        let markup = undo_button(desk, treatment, place, lang);
        let line = Effect::send_html(place, text(lang, "tool-logged", &args), Some(markup));
        tx.send(&line, by.now, Some(by.seq))?;
    }
    let markup = undo_button(desk, treatment, chat, lang);
    Ok((Reply::Fleeting(said, Some(markup)), true))
}

/// What the next warning is: the ladder's step, as far as the moderator and Telegram allow it.
fn step(
    settings: &GroupSettings,
    strikes: u32,
    target: &Target,
    may_restrict: bool,
) -> (What, Option<Millis>) {
    let author = Author {
        regular: false,
        channel: matches!(target, Target::Channel { .. }),
        spared: false,
    };
    // A person who warns twice in a minute means it.
    let step = ladder::next(&settings.steps, author, strikes, None, 0);
    match step {
        Some(step @ Step::Mute { .. }) if may_restrict => (What::Mute, step.lasts()),
        Some(step @ Step::Ban { .. }) if may_restrict => (What::Ban, step.lasts()),
        _ => (What::Warn, None),
    }
}

fn undo_button(desk: &Desk, treatment: i64, place: i64, lang: Lang) -> Value {
    let data = desk.seal.data("undo", &treatment.to_string(), place);
    json!({ "inline_keyboard": [[{ "text": text(lang, "button-tool-undo", &[]), "callback_data": data }]] })
}

fn unwarn(
    tx: &mut Tx<'_>,
    call: &Call,
    target: &Target,
    terms: &Terms,
) -> Result<Said1, StoreError> {
    let (lang, chat, by) = (call.lang, call.group.id, &call.by);
    let all = matches!(terms.reason.to_lowercase().as_str(), "all" | "все");
    let found = store::strikes(tx, chat, whose(target), by.now)?;
    let take = if all { found.len() } else { 1 };
    let mut gone: i64 = 0;
    for id in found.iter().take(take) {
        let Some(t) = treatments::get(tx, *id)? else {
            continue;
        };
        let holds = t.restriction.is_some() && t.until.is_none_or(|until| until > by.now);
        if holds && !by.frees {
            return Ok((words::say(lang, "alert-frees"), gone > 0));
        }
        gone += i64::from(undo::treatment(tx, &t, by)?);
    }
    note(tx, call, target, "moderation.unwarn")?;
    let left = i64::try_from(found.len()).unwrap_or(0) - gone;
    let args = [
        ("who", words::who(target, lang).into()),
        ("count", gone.into()),
        ("left", left.into()),
    ];
    let key = if gone == 0 {
        "tool-no-warns"
    } else {
        "tool-unwarned"
    };
    Ok((Reply::Fleeting(text(lang, key, &args), None), true))
}

fn is_banned(call: &Call, target: &Target) -> Reply {
    let args = [("who", words::who(target, call.lang).into())];
    Reply::Fleeting(text(call.lang, "tool-is-banned", &args), None)
}

/// What a moderator frees somebody of: everything that stands, whoever imposed it, and what Beadle knows nothing of.
fn free(
    tx: &mut Tx<'_>,
    keeper: &Doorkeeper,
    call: &Call,
    target: &Target,
) -> Result<Said1, StoreError> {
    let (lang, chat, by) = (call.lang, call.group.id, &call.by);
    let whom = subject(target);
    let (muted, banned) = store::stands(tx, chat, whom.id(), by.now)?;
    // Who is banned is not let in by a word about writing.
    if call.verb.deed == Deed::Unmute && banned {
        return Ok((is_banned(call, target), false));
    }
    let lift = Lift {
        chat,
        subject: whom,
        by: Imposer::Moderator(by.id),
        whose: match call.verb.deed {
            Deed::Unmute => Whose::Mutes,
            _ => Whose::All,
        },
    };
    if let Outcome::Refused(why) = tx.lift(&lift, by.now, Some(by.seq))? {
        return Ok((words::refused(lang, why), false));
    }
    // Who may write again need not answer at the door either.
    if let (Deed::Unmute, true, Subject::User(user)) = (call.verb.deed, muted, whom) {
        newcomers::vouched(tx, keeper, (chat, user), by.now)?;
    }
    note(tx, call, target, "moderation.free")?;
    let key = match (call.verb.deed, muted || banned) {
        (Deed::Unban, true) => "tool-unbanned",
        (Deed::Unban, false) => "tool-not-banned",
        (_, true) => "tool-unmuted",
        _ => "tool-not-muted",
    };
    let args = [("who", words::who(target, lang).into())];
    Ok((Reply::Fleeting(text(lang, key, &args), None), true))
}

fn note(
    tx: &mut Tx<'_>,
    call: &Call,
    target: &Target,
    action: &'static str,
) -> Result<(), StoreError> {
    let subject = match subject(target) {
        Subject::User(user) => format!("user:{user}"),
        Subject::Channel(chat) => format!("channel:{chat}"),
    };
    let note = AuditEntry::new(Actor::User(call.by.id), action, subject)
        .in_chat(call.group.id)
        .with(json!({ "command": call.verb.name }));
    tx.audit(&note, call.by.now)?;
    Ok(())
}

/// The warnings that count against a target.
fn warns(
    tx: &Tx<'_>,
    group: &GroupFacts,
    target: &Target,
    lang: Lang,
    now: Millis,
) -> Result<Reply, StoreError> {
    let found = store::strikes(tx, group.id, whose(target), now)?;
    let settings = GroupSettings::of(group);
    let who = words::who(target, lang);
    if found.is_empty() {
        return Ok(Reply::Fleeting(
            text(lang, "tool-no-warns", &[("who", who.into())]),
            None,
        ));
    }
    let zone = zone_of(tx, group.id)?;
    let args = [
        ("who", who.into()),
        (
            "count",
            i64::try_from(found.len()).unwrap_or(i64::MAX).into(),
        ),
        (
            "most",
            i64::try_from(settings.steps.len())
                .unwrap_or(i64::MAX)
                .into(),
        ),
    ];
    let mut lines = vec![text(lang, "tool-warns", &args)];
    for strike in store::strike_lines(tx, group.id, whose(target), now)? {
        let args = [
            ("when", moment(strike.at, &zone).into()),
            ("until", moment(strike.until, &zone).into()),
        ];
        let line = text(lang, "tool-warns-line", &args);
        lines.push(line + &words::reason(lang, strike.words.as_deref().unwrap_or_default()));
    }
    Ok(Reply::Fleeting(lines.join("\n"), None))
}

/// `/warns` about oneself, which everybody may ask; None when it is about somebody else.
pub(super) fn own_warns(said: &Said<'_>, group: &GroupFacts) -> Option<Reply> {
    let Sender::User(person) = &said.event.sender else {
        return None;
    };
    if !said.args.trim().is_empty() || said.event.reply_to.is_some() {
        return None;
    }
    let target = Target::Person {
        user: person.id,
        name: whole_name(person),
    };
    let (group, lang, now) = (group.clone(), said.lang, said.now);
    let reply = Reply::decide(move |tx| warns(tx, &group, &target, lang, now));
    Some(reply.for_anybody())
}

/// The button under what was done.
pub(super) struct UndoCommand(pub(super) Desk);

impl ChatCommand for UndoCommand {
    fn names(&self) -> &'static [&'static str] {
        &["undo"]
    }

    fn answer<'a>(&'a self, said: Said<'a>) -> BoxFuture<'a, Result<Reply, StageError>> {
        Box::pin(async move { self.tap(&said).await })
    }
}

impl UndoCommand {
    async fn tap(&self, said: &Said<'_>) -> Result<Reply, StageError> {
        let lang = said.lang;
        let (Some(callback), Some(place)) = (&said.event.callback, &said.event.chat) else {
            return Ok(words::say(lang, "tool-undo-how"));
        };
        let id = self
            .0
            .seal
            .open("undo", said.args, place.id)
            .and_then(|p| p.parse::<i64>().ok());
        let Some(id) = id else {
            return Ok(Reply::Alert(text(lang, "alert-card-gone", &[])));
        };
        let found = self
            .0
            .store
            .read(move |conn| treatments::get(conn, id))
            .await?;
        let Some(t) = found else {
            return Ok(Reply::Alert(text(lang, "alert-card-gone", &[])));
        };
        let by = callback.from.id;
        let chat = t.chat;
        let frozen = self
            .0
            .store
            .read(move |conn| catch::is_frozen(conn, chat, by));
        if frozen.await? {
            return Ok(Reply::Alert(text(lang, "alert-frozen", &[])));
        }
        let right = if t.kind == "warn" {
            Right::Delete
        } else {
            Right::Restrict
        };
        match self.0.may(chat, by, right, true).await {
            Ok(true) => {}
            Ok(false) => return Ok(Reply::Alert(text(lang, "alert-no-right", &[]))),
            Err(_) => return Ok(Reply::Alert(text(lang, "alert-rights-unknown", &[]))),
        }
        let by = Moderator {
            id: by,
            name: whole_name(&callback.from),
            now: said.now,
            seq: said.seq,
            frees: true,
            ladder: None,
        };
        let (community, user) = (self.0.community.clone(), t.user);
        let reply = Reply::decide(move |tx| {
            if !undo::treatment(tx, &t, &by)? {
                return Ok(Reply::Alert(text(lang, "alert-open-already", &[])));
            }
            let subject = format!("treatment:{id}");
            let note =
                AuditEntry::new(Actor::User(by.id), "moderation.undo", subject).in_chat(chat);
            tx.audit(&note, by.now)?;
            Ok(Reply::Toast(text(lang, "toast-undone", &[])))
        });
        Ok(reply.then(async move {
            if let Some(user) = user {
                community.forget_member(chat, user);
            }
        }))
    }
}
