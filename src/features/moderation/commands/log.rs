//! `/log`: the chat in which it is said becomes the log chat of a group.
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::settings::administered;
use super::who;
use crate::community::audit::{Actor, Audit as _, AuditEntry};
use crate::community::versions::sign;
use crate::features::moderation::order::store::upkeep;
use crate::features::moderation::order::{Desk, shake};
use crate::pipeline::StageError;
use crate::pipeline::stages::{ChatCommand, Reply, Said};
use crate::store::{StoreError, Tx};
use crate::telegram::event::Sender;
use crate::telegram::rights::Right;
use crate::telegram::sender::text::name;
use crate::texts::{Lang, text};

/// Buttons of groups in one list.
const LISTED: usize = 20;
/// A chat with more members is hardly one of moderators: there a button asks once more, for what is written in a log
/// chat is not judged.
const FEW: i64 = 30;

/// Chooses where cards stand.
pub(super) struct LogCommand(pub(super) Desk);

impl ChatCommand for LogCommand {
    fn names(&self) -> &'static [&'static str] {
        &["log"]
    }

    fn answer<'a>(&'a self, said: Said<'a>) -> BoxFuture<'a, Result<Reply, StageError>> {
        Box::pin(async move {
            if said.event.callback.is_some() {
                self.tap(&said).await
            } else {
                self.ask(&said).await
            }
        })
    }
}

/// A log chat and the group whose it is to be.
#[derive(Debug, Clone, Copy)]
struct Wish {
    group: i64,
    place: i64,
    by: i64,
    now: i64,
}

impl LogCommand {
    async fn ask(&self, said: &Said<'_>) -> Result<Reply, StageError> {
        let lang = said.lang;
        let place = match &said.event.chat {
            Some(chat) if chat.kind != "private" => chat.id,
            _ => return Ok(Reply::Html(text(lang, "log-how", &[]), None)),
        };
        if said.args == "off" {
            return self.off(said, place).await;
        }
        // An anonymous admin of the log chat does not say who they are in the group.
        let Sender::User(person) = &said.event.sender else {
            return Ok(Reply::Html(text(lang, "log-anonymous", &[]), None));
        };
        // Before anything else: any member can say it, and what it changes is this chat, too.
        if let Some(refusal) = self.refusal_here(place, person.id).await {
            return Ok(Reply::Html(text(lang, refusal, &[]), None));
        }
        let mut own = administered(&self.0, person.id).await?;
        if own.len() > 1 {
            own.retain(|(chat, _)| *chat != place);
        }
        match &own[..] {
            [] => Ok(Reply::Html(text(lang, "log-no-groups", &[]), None)),
            [(group, title)] if self.is_small(place).await => {
                let wish = Wish {
                    group: *group,
                    place,
                    by: person.id,
                    now: said.now,
                };
                Ok(self.choose(wish, title.clone(), lang, false))
            }
            many => {
                let rows: Vec<Value> = many
                    .iter()
                    .take(LISTED)
                    .map(|(group, title)| {
                        let data = self.0.seal.data("log", &group.to_string(), place);
                        json!([{ "text": title.as_deref().unwrap_or("…"), "callback_data": data }])
                    })
                    .collect();
                let markup = json!({ "inline_keyboard": rows });
                Ok(Reply::Html(text(lang, "log-choose", &[]), Some(markup)))
            }
        }
    }

    /// Why somebody may not make `place` a log chat: a key of the texts. Asked by the list of admins, which Telegram
    /// gives to bots that are no admin themselves, and asked now.
    async fn refusal_here(&self, place: i64, user: i64) -> Option<&'static str> {
        self.0.rights.forget(place);
        match self.0.rights.powers(place, user).await {
            Ok(Some(powers)) if powers.may(Right::ChangeInfo) => None,
            Ok(_) => Some("log-not-here"),
            Err(_) => Some("alert-rights-unknown"),
        }
    }

    async fn is_small(&self, place: i64) -> bool {
        self.0
            .rights
            .members(place)
            .await
            .is_ok_and(|count| count <= FEW)
    }

    async fn off(&self, said: &Said<'_>, group: i64) -> Result<Reply, StageError> {
        let by = match who::moderator(&self.0, said, group, Right::ChangeInfo).await {
            Ok(by) => by,
            Err(refusal) => return Ok(refusal),
        };
        let (lang, community) = (said.lang, self.0.community.clone());
        let reply = Reply::decide(move |tx| {
            upkeep::set_log(tx, group, None, by.now)?;
            note(tx, group, by.id, by.now)?;
            shake(tx, by.now)?;
            Ok(Reply::Html(text(lang, "log-off", &[]), None))
        });
        Ok(reply.then(async move { refresh(&community, group).await }))
    }

    async fn tap(&self, said: &Said<'_>) -> Result<Reply, StageError> {
        let lang = said.lang;
        let gone = || Reply::Alert(text(lang, "alert-card-gone", &[]));
        let (Some(callback), Some(place)) = (&said.event.callback, &said.event.chat) else {
            return Ok(gone());
        };
        let payload = self.0.seal.open("log", said.args, place.id);
        let Some(group) = payload.and_then(|p| p.parse::<i64>().ok()) else {
            return Ok(gone());
        };
        let by = callback.from.id;
        match self.0.may(group, by, Right::ChangeInfo, true).await {
            Ok(true) => {}
            Ok(false) => return Ok(Reply::Alert(text(lang, "alert-no-right", &[]))),
            Err(_) => return Ok(Reply::Alert(text(lang, "alert-rights-unknown", &[]))),
        }
        if let Some(refusal) = self.refusal_here(place.id, callback.from.id).await {
            return Ok(Reply::Alert(text(lang, refusal, &[])));
        }
        let title = self.0.group(group).await?.and_then(|g| g.title);
        let wish = Wish {
            group,
            place: place.id,
            by,
            now: said.now,
        };
        Ok(self.choose(wish, title, lang, true))
    }

    fn choose(&self, wish: Wish, title: Option<String>, lang: Lang, pressed: bool) -> Reply {
        let community = self.0.community.clone();
        let Wish {
            group,
            place,
            by,
            now,
        } = wish;
        let reply = Reply::decide(move |tx| {
            upkeep::set_log(tx, group, Some(place), now)?;
            note(tx, group, by, now)?;
            shake(tx, now)?;
            let title = name(title.as_deref().unwrap_or("…"));
            let words = text(lang, "log-set", &[("group", title.into())]);
            if pressed {
                return Ok(Reply::Alert(text(lang, "toast-set", &[])));
            }
            Ok(Reply::Html(words, None))
        });
        reply.then(async move {
            refresh(&community, group).await;
            refresh(&community, place).await;
        })
    }
}

fn note(tx: &mut Tx<'_>, group: i64, by: i64, now: i64) -> Result<(), StoreError> {
    sign(tx, group, Actor::User(by), now)?;
    let note = AuditEntry::new(Actor::User(by), "moderation.set", format!("chat:{group}"))
        .in_chat(group)
        .with(json!({ "setting": "log_chat" }));
    tx.audit(&note, now)?;
    Ok(())
}

async fn refresh(community: &crate::community::Community, chat: i64) {
    if let Err(e) = community.refresh(chat).await {
        tracing::warn!(chat, error = %e, "the change is noticed within ten minutes");
    }
}
