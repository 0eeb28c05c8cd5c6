//! Before a moderator's command is carried out: who asks, about whom, and whether it can be done at all.
use futures_util::future::BoxFuture;

use super::store::Within;
use super::verbs::{self, Deed, Verb};
use super::{people, purge, vouch, words};
use crate::base::clock::Millis;
use crate::base::span::NoSpan;
use crate::community::admission::Doorkeeper;
use crate::community::target::{Target, Terms, asked, terms};
use crate::community::{self, GroupFacts};
use crate::config::Mode;
use crate::features::moderation::commands::who;
use crate::features::moderation::order::Desk;
use crate::features::moderation::order::decide::Moderator;
use crate::pipeline::StageError;
use crate::pipeline::stages::{ChatCommand, Reply, Said};
use crate::store::{StoreError, Tx};
use crate::telegram::rights::Right;
use crate::telegram::sender::{Effect, Send as _};
use crate::texts::Lang;

/// Numbers of chats above this are no channels or supergroups (Bot API: −1000000000000 and lower are).
const CHANNELS: i64 = -1_000_000_000_000;

/// The commands of [`verbs`].
pub(super) struct ToolCommand {
    pub(super) desk: Desk,
    /// Whom the door holds.
    pub(super) keeper: Doorkeeper,
}

impl ChatCommand for ToolCommand {
    fn names(&self) -> &'static [&'static str] {
        &verbs::NAMES
    }

    fn answer<'a>(&'a self, said: Said<'a>) -> BoxFuture<'a, Result<Reply, StageError>> {
        Box::pin(async move { self.run(&said).await })
    }
}

/// A command that may be carried out.
#[derive(Clone)]
pub(super) struct Call {
    pub verb: Verb,
    pub group: GroupFacts,
    pub by: Moderator,
    /// The language of the group.
    pub lang: Lang,
    /// The command's own message.
    pub command: Option<i64>,
    /// The message that it answers, where that is what it is about.
    pub replied: Option<i64>,
    /// Where it was written: in a forum each topic is a place of its own, the general one too.
    pub within: Within,
    /// When it was sent, by Telegram's clock.
    pub at: Millis,
    /// Whether the command's message is to go.
    pub tidy: bool,
}

impl Call {
    /// The command's own message goes, where it is to go.
    pub(super) fn tidy(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let Some(command) = self.command.filter(|_| self.tidy) else {
            return Ok(());
        };
        let (chat, now) = (self.group.id, self.by.now);
        // It does not count against who wrote it.
        community::take_down(tx, chat, command, None, now)?;
        tx.send(&Effect::delete(chat, command), now, Some(self.by.seq))?;
        Ok(())
    }
}

/// A refusal is an answer, too.
type Checked<T> = Result<T, Reply>;

impl ToolCommand {
    async fn run(&self, said: &Said<'_>) -> Result<Reply, StageError> {
        let lang = said.lang;
        let Some(verb) = said
            .event
            .command
            .as_ref()
            .and_then(|c| verbs::find(&c.name))
        else {
            // A button cannot say it.
            return Ok(Reply::Silence);
        };
        let group = said
            .event
            .chat
            .as_ref()
            .and_then(|c| said.view.groups.get(&c.id));
        let Some(group) = group else {
            return Ok(words::say(lang, "tool-in-group"));
        };
        if verb.deed == Deed::Warns
            && let Some(own) = people::own_warns(said, group)
        {
            return Ok(own);
        }
        let by = match self.moderator(said, group.id, verb).await {
            Ok(by) => by,
            Err(refusal) => return Ok(refusal),
        };
        let can_tidy = group.can_act() && (verb.silent || group.mode == Mode::Act);
        let is_forum = said.event.chat.as_ref().is_some_and(|c| c.is_forum);
        let mut call = Call {
            verb,
            group: GroupFacts::clone(group),
            by,
            lang: Lang::from_tag(group.language.as_deref()),
            command: said.event.message_id,
            replied: said.event.reply_to,
            within: match said.event.topic {
                None if !is_forum => Within::Chat,
                topic => Within::Topic(topic),
            },
            at: said
                .event
                .date
                .map_or(said.now, |date| date.saturating_mul(1_000)),
            tidy: can_tidy || matches!(verb.deed, Deed::Del | Deed::Purge),
        };
        if let Err(refusal) = self.able(&call).await {
            return Ok(refusal);
        }
        if matches!(verb.deed, Deed::Purge | Deed::Del) {
            return purge::purge(&self.desk, call, said.args).await;
        }
        let asked = asked(&self.desk.store, said.event, said.args).await?;
        let target = match asked.target {
            Ok(target) => target,
            Err(why) => return Ok(words::no_target(lang, verb.name, &why)),
        };
        // Whoever is named answers for nothing that another wrote.
        call.replied = asked.message;
        if let Err(refusal) = self.fit(&call, &target, asked.name).await {
            return Ok(refusal);
        }
        let terms = match self.terms(verb, asked.rest, lang) {
            Ok(terms) => terms,
            Err(refusal) => return Ok(refusal),
        };
        match verb.deed {
            Deed::Approve | Deed::Unapprove | Deed::Trust => {
                Ok(vouch::vouch(&self.desk, &self.keeper, call, target))
            }
            _ => people::treat((&self.desk, &self.keeper), call, target, terms).await,
        }
    }

    /// The speaker, with every right that the command exercises.
    async fn moderator(&self, said: &Said<'_>, chat: i64, verb: Verb) -> Checked<Moderator> {
        let by = who::moderator(&self.desk, said, chat, verb.deed.right()).await?;
        // What takes from a person is asked of Telegram now; for bans and mutes the desk did so.
        if verb.deed == Deed::Warn && !who::is_anonymous(by.id) {
            match self.desk.may(chat, by.id, Right::Delete, true).await {
                Ok(true) => {}
                Ok(false) => return Err(words::say(said.lang, "refused-admins-only")),
                Err(_) => return Err(words::say(said.lang, "alert-rights-unknown")),
            }
        }
        if verb.deletes && verb.deed.right() != Right::Delete {
            who::moderator(&self.desk, said, chat, Right::Delete)
                .await
                .map_err(|_| words::say(said.lang, "tool-need-delete"))?;
        }
        Ok(by)
    }

    /// Whether Beadle itself can.
    async fn able(&self, call: &Call) -> Checked<()> {
        let Some(own) = self.desk.own else {
            return Ok(());
        };
        // What is not known is tried: Telegram refuses it then, and the ledger says so.
        let Ok(powers) = self.desk.rights.powers(call.group.id, own).await else {
            return Ok(());
        };
        let may = |right| powers.is_some_and(|p| p.may(right));
        let deletes = call.verb.deletes.then_some(Right::Delete);
        let needs = [call.verb.deed.own_right(), deletes];
        for right in needs.into_iter().flatten() {
            if !may(right) {
                let key = match right {
                    Right::Delete => "tool-own-delete",
                    _ => "tool-own-restrict",
                };
                return Err(words::say(call.lang, key));
            }
        }
        Ok(())
    }

    /// Whether the command fits the target.
    async fn fit(&self, call: &Call, target: &Target, called: Option<&str>) -> Checked<()> {
        let (lang, deed) = (call.lang, call.verb.deed);
        let (user, name) = match target {
            Target::Channel { chat, .. } if *chat == call.group.id => {
                return Err(words::say(lang, "tool-ourselves"));
            }
            Target::Channel { chat, title } if *chat > CHANNELS => {
                return Err(words::say_of(lang, "tool-not-a-sender", title));
            }
            Target::Channel { .. }
                if !matches!(
                    deed,
                    Deed::Ban | Deed::Unban | Deed::Warn | Deed::Unwarn | Deed::Warns
                ) =>
            {
                return Err(words::say(lang, "tool-only-ban"));
            }
            Target::Channel { .. } => return Ok(()),
            Target::Person { user, name } => (*user, name),
        };
        if who::is_anonymous(user) {
            return Err(words::say(lang, "tool-ourselves"));
        }
        if deed.takes() && self.desk.own == Some(user) {
            return Err(words::say(lang, "tool-is-me"));
        }
        if !deed.takes() && called.is_none() {
            return Ok(());
        }
        let now = self.desk.rights.standing_now(call.group.id, user).await;
        if let (Ok(now), Some(called)) = (&now, called)
            && !now.is_called(called)
        {
            return Err(words::say_of(
                lang,
                "tool-name-moved",
                &format!("@{called}"),
            ));
        }
        match now.map(|now| now.powers) {
            _ if !deed.takes() => Ok(()),
            Ok(None) => Ok(()),
            Ok(Some(powers)) if powers.is_owner() => Err(words::say(lang, "tool-is-owner")),
            Ok(Some(_)) => Err(words::say(lang, "alert-is-admin")),
            // Telegram does not tell of people that the bot has never met.
            Err(_) if *name == user.to_string() => {
                Err(words::say_of(lang, "tool-unknown-id", name))
            }
            Err(_) => Err(words::say(lang, "alert-rights-unknown")),
        }
    }

    /// How long and why.
    fn terms(&self, verb: Verb, rest: &str, lang: Lang) -> Checked<Terms> {
        let plain = |rest: &str| Terms {
            span: None,
            reason: terms(&format!(". {rest}")).map_or_else(
                |_| String::new(),
                |t| t.reason.trim_start_matches(['.', ' ']).to_owned(),
            ),
        };
        match verb.deed {
            Deed::Mute | Deed::Ban => match terms(rest) {
                Ok(terms) if verb.timed && terms.span.is_none() => {
                    Err(words::no_span(lang, NoSpan::Other))
                }
                Ok(terms) => Ok(terms),
                // "/ban 30" leaves open of what; "for no time" would be "for good".
                Err(why)
                    if verb.timed
                        || matches!(why, NoSpan::TooLong | NoSpan::Zero)
                        || (why == NoSpan::NoUnit && !rest.trim().contains(' ')) =>
                {
                    Err(words::no_span(lang, why))
                }
                // "/ban 3 links in one day" gives a reason.
                Err(_) => Ok(plain(rest)),
            },
            _ => Ok(plain(rest)),
        }
    }
}
