//! An appeal: who was treated asks once, and somebody else decides where there is somebody else.
use futures_util::future::BoxFuture;
use serde_json::json;

use super::decide::{self, Moderator};
use super::desk::{self, Desk};
use super::store::treatments::{self, Treatment};
use super::store::{Card, NewCard};
use super::undo;
use super::ways::{self, Reader};
use super::{card, store};
use crate::base::clock::Millis;
use crate::features::moderation::learning::{self, Label};
use crate::pipeline::StageError;
use crate::pipeline::stages::{ChatCommand, Reply, Said};
use crate::store::{StoreError, Tx};
use crate::telegram::event::Sender;
use crate::telegram::rights::Right;
use crate::telegram::sender::Send as _;
use crate::telegram::sender::text::name;
use crate::texts::{Lang, text};

/// The button under a private message about a treatment, and the link in a note about one.
pub(in crate::features::moderation) struct AppealCommand(pub(in crate::features::moderation) Desk);

impl ChatCommand for AppealCommand {
    fn names(&self) -> &'static [&'static str] {
        &["appeal"]
    }

    fn answer<'a>(&'a self, said: Said<'a>) -> BoxFuture<'a, Result<Reply, StageError>> {
        Box::pin(async move { self.ask(&said).await })
    }
}

impl AppealCommand {
    async fn ask(&self, said: &Said<'_>) -> Result<Reply, StageError> {
        let pressed = said.event.callback.is_some();
        let say = move |words: String| {
            if pressed {
                Reply::Alert(words)
            } else {
                Reply::Html(words, None)
            }
        };
        let lang = said.lang;
        let Sender::User(person) = &said.event.sender else {
            return Ok(Reply::Silence);
        };
        let user = person.id;
        let payload = if pressed {
            self.0.seal.open("appeal", said.args, user)
        } else {
            self.0.seal.open_link("appeal", said.args, user)
        };
        let Some(id) = payload.and_then(|p| p.parse::<i64>().ok()) else {
            return Ok(say(text(lang, "appeal-not-yours", &[])));
        };
        let treatment = self.0.store.read(move |conn| treatments::get(conn, id));
        let Some(t) = treatment.await?.filter(|t| t.user == Some(user)) else {
            return Ok(say(text(lang, "appeal-not-yours", &[])));
        };
        let chat = t.chat;
        let group = self.0.group(chat).await?;
        let place = match &group {
            Some(group) => self.0.place(group).await?,
            None => None,
        };
        let group_lang = Lang::from_tag(group.and_then(|g| g.language).as_deref());
        let (seal, now, seq) = (self.0.seal.clone(), said.now, said.seq);
        Ok(Reply::decide(move |tx| {
            if !treatments::appeal(tx, id, now)? {
                let Some(t) = treatments::get(tx, id)? else {
                    return Ok(say(text(lang, "appeal-not-yours", &[])));
                };
                return Ok(say(text(lang, answer_key(&t), &[])));
            }
            let card = NewCard {
                chat,
                message: t.message,
                user: t.user,
                sender_chat: None,
                lang: group_lang.tag(),
                place,
                treatment: Some(id),
                kind: "appeal",
                shows: None,
                campaign: None,
            };
            desk::open(tx, &seal, &card, now, Some(seq))?;
            let key = match place {
                Some(_) => "appeal-taken",
                None => "appeal-waits",
            };
            Ok(say(text(lang, key, &[])))
        }))
    }
}

/// How an appeal stands, for one who asks again.
fn answer_key(t: &Treatment) -> &'static str {
    match t.appeal.as_deref() {
        Some("refused") => "appeal-refused",
        Some("open") => "appeal-open",
        _ => "appeal-granted",
    }
}

/// Whether `user` should leave an appeal to somebody else: it is about what they did themselves, and another
/// person with the right is there.
pub(super) async fn is_partial(desk: &Desk, t: &Treatment, user: i64) -> bool {
    if t.by != Some(user) {
        return false;
    }
    let Ok(admins) = desk.rights.list(t.chat).await else {
        return false;
    };
    let other = |(id, powers): &(i64, crate::telegram::rights::Powers)| {
        *id != user && !powers.is_bot() && powers.may(Right::Restrict)
    };
    admins.iter().any(other)
}

/// Carries out what was decided about an appeal, and tells the person.
pub(super) fn settle(
    tx: &mut Tx<'_>,
    desk: &Desk,
    card: &Card,
    granted: bool,
    by: &Moderator,
) -> Result<(), StoreError> {
    let Some(t) = card
        .treatment
        .map(|id| treatments::get(tx, id))
        .transpose()?
        .flatten()
    else {
        return Ok(());
    };
    treatments::settle(tx, t.id, granted, by.id)?;
    if granted {
        undo::treatment(tx, &t, by)?;
        if let Some(message) = t.message {
            undo::message(tx, t.chat, message, t.user, card::lang(card), by)?;
            decide::pardon(tx, card, message, by)?;
            let lesson = decide::lesson(card, message, Label::Ham, by);
            learning::teach(tx, &lesson, by.now)?;
        }
    }
    let Some(user) = t.user else { return Ok(()) };
    let group = treatments::title(tx, t.chat)?;
    let group = name(group.as_deref().unwrap_or("…"));
    let key = if granted {
        "told-granted"
    } else {
        "told-refused"
    };
    let words = |lang| (text(lang, key, &[("group", group.clone().into())]), None);
    let reader = Reader {
        chat: t.chat,
        user,
        inside: t.kind != "ban",
        message: t.message,
        lang: card::lang(card),
    };
    if let Some(effect) = ways::to(tx, reader, words, None, by.now)? {
        tx.send(&effect, by.now, Some(by.seq))?;
    }
    // The card about the message itself no longer says what holds.
    if let (true, Some(message)) = (granted, t.message) {
        for id in store::decide_on(tx, t.chat, message, (by.id, &by.name), by.now)? {
            desk::refresh(tx, &desk.seal, id, by.now, Some(by.seq))?;
        }
    }
    Ok(())
}

/// Nobody decided, and the card of the appeal goes: the person is told, and may appeal again.
pub(super) fn unheard(
    tx: &mut Tx<'_>,
    desk: &Desk,
    card: &Card,
    now: Millis,
) -> Result<(), StoreError> {
    let Some(t) = card
        .treatment
        .map(|id| treatments::get(tx, id))
        .transpose()?
        .flatten()
    else {
        return Ok(());
    };
    treatments::give_back_appeal(tx, t.id)?;
    let Some(user) = t.user.filter(|_| !t.undone) else {
        return Ok(());
    };
    let group = treatments::title(tx, t.chat)?;
    let group = name(group.as_deref().unwrap_or("…"));
    let data = desk.seal.data("appeal", &t.id.to_string(), user);
    let words = |lang| {
        let button = json!({ "text": text(lang, "button-appeal", &[]), "callback_data": data });
        let markup = json!({ "inline_keyboard": [[button]] });
        let words = text(lang, "told-unheard", &[("group", group.clone().into())]);
        (words, Some(markup))
    };
    let reader = Reader {
        chat: t.chat,
        user,
        inside: t.kind != "ban",
        message: t.message,
        lang: card::lang(card),
    };
    if let Some(effect) = ways::to(tx, reader, words, None, now)? {
        tx.send(&effect, now, None)?;
    }
    Ok(())
}
