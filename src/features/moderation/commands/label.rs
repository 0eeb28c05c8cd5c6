//! `/spam` and `/ham` in reply to a message: a moderator says what it is, and Beadle learns and acts.
use futures_util::future::BoxFuture;

use super::who;
use crate::community::fleeting::Fleeting as _;
use crate::features::moderation::order::card::Verb;
use crate::features::moderation::order::decide::{self, Outcome};
use crate::features::moderation::order::desk::{self, Desk};
use crate::features::moderation::order::store::{self, NewCard, treatments};
use crate::features::moderation::settings::GroupSettings;
use crate::pipeline::StageError;
use crate::pipeline::stages::{ChatCommand, Reply, Said};
use crate::telegram::rights::Right;
use crate::telegram::sender::{Effect, Send as _};
use crate::texts::{Lang, text};

/// The thanks go after this, in milliseconds.
const THANKS: i64 = 30_000;

/// Takes a moderator's word.
pub(super) struct LabelCommand(pub(super) Desk);

impl ChatCommand for LabelCommand {
    fn names(&self) -> &'static [&'static str] {
        &["spam", "ham"]
    }

    fn answer<'a>(&'a self, said: Said<'a>) -> BoxFuture<'a, Result<Reply, StageError>> {
        Box::pin(async move { self.label(&said).await })
    }
}

impl LabelCommand {
    async fn label(&self, said: &Said<'_>) -> Result<Reply, StageError> {
        let Some(command) = &said.event.command else {
            return Ok(Reply::Silence);
        };
        let verb = if command.name == "spam" {
            Verb::Spam
        } else {
            Verb::Ham
        };
        let lang = said.lang;
        let how = || Reply::Fleeting(text(lang, "label-how", &[]), None);
        let Some(group) = said
            .event
            .chat
            .as_ref()
            .and_then(|c| said.view.groups.get(&c.id))
        else {
            return Ok(how());
        };
        let Some(target) = said.event.reply_to else {
            return Ok(how());
        };
        let chat = group.id;
        let mut by = match who::moderator(&self.0, said, chat, Right::Delete).await {
            Ok(by) => by,
            Err(refusal) => return Ok(refusal),
        };
        let known = self
            .0
            .store
            .read(move |conn| store::author(conn, chat, target))
            .await?;
        let Some((user, sender_chat)) = known else {
            return Ok(Reply::Fleeting(text(lang, "label-unknown", &[]), None));
        };
        if verb == Verb::Spam && (user, sender_chat) == (None, Some(chat)) {
            return Ok(Reply::Fleeting(text(lang, "why-admin", &[]), None));
        }
        if let (Verb::Spam, Some(author)) = (verb, user) {
            // What follows may remove a person: whoever it is, Telegram is asked now.
            match self.0.rights.powers_now(chat, author).await {
                Ok(None) => {}
                Ok(Some(_)) => return Ok(Reply::Fleeting(text(lang, "why-admin", &[]), None)),
                Err(_) => {
                    return Ok(Reply::Fleeting(
                        text(lang, "alert-rights-unknown", &[]),
                        None,
                    ));
                }
            }
            if let Ok(true) = who::may_restrict(&self.0, chat, by.id).await {
                by.ladder = Some(GroupSettings::of(group));
            }
        }
        if verb == Verb::Ham {
            let now = said.now;
            let held = self
                .0
                .store
                .read(move |conn| treatments::restrains(conn, chat, target, false, now));
            if held.await? {
                match who::may_restrict(&self.0, chat, by.id).await {
                    Ok(frees) => by.frees = frees,
                    Err(_) => {
                        return Ok(Reply::Fleeting(
                            text(lang, "alert-rights-unknown", &[]),
                            None,
                        ));
                    }
                }
                if !by.frees {
                    return Ok(Reply::Fleeting(text(lang, "alert-frees", &[]), None));
                }
            }
        }
        let place = self.0.place(group).await?;
        let card = NewCard {
            chat,
            message: Some(target),
            user,
            sender_chat,
            lang: Lang::from_tag(group.language.as_deref()).tag(),
            place: None,
            treatment: None,
            kind: "verdict",
            shows: None,
            campaign: None,
        };
        let (desk, community) = (self.0.clone(), self.0.community.clone());
        let (command, topic) = (said.event.message_id, said.event.topic);
        let tidy = group.can_act() && verb == Verb::Spam;
        let reply = Reply::decide(move |tx| {
            let open = store::verdict_of(tx, chat, target)?.filter(|c| c.state == "open");
            let outcome = match &open {
                Some(card) => decide::decide(tx, &desk, card.id, verb, &by)?,
                None => {
                    let id = store::open(tx, &card, by.now)?;
                    let outcome = decide::decide(tx, &desk, id, verb, &by)?;
                    if let Some(place) = place {
                        desk::send(tx, &desk.seal, id, place, by.now, Some(by.seq))?;
                    }
                    outcome
                }
            };
            let key = match (outcome, verb) {
                (Outcome::Done(_), Verb::Spam) => "toast-spam",
                (Outcome::Done(_), _) => "toast-ham",
                (Outcome::Frozen, _) => "alert-frozen",
                (Outcome::NoRight, _) => "alert-frees",
                _ => "alert-card-gone",
            };
            let mut thanks = Effect::send_html(chat, text(lang, key, &[]), None);
            if let Some(topic) = topic {
                thanks = thanks.with("message_thread_id", topic);
            }
            tx.send_fleeting(&thanks, THANKS, by.now, Some(by.seq))?;
            if let (true, Some(command)) = (tidy, command) {
                tx.send(&Effect::delete(chat, command), by.now, Some(by.seq))?;
            }
            Ok(Reply::Silence)
        });
        Ok(reply.then(async move {
            if let Some(user) = user {
                community.forget_member(chat, user);
            }
        }))
    }
}
