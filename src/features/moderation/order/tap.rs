//! Taps on cards: who taps is checked, then the card is decided.
use futures_util::future::BoxFuture;

use super::card::{self, Verb};
use super::decide::{self, Moderator, Outcome};
use super::place;
use super::store::{self, Card};
use crate::community::Community;
use crate::pipeline::StageError;
use crate::pipeline::stages::{ChatCommand, Reply, Said};
use crate::store::{Connection, Store, StoreError};
use crate::telegram::event::User;
use crate::telegram::rights::{Right, Rights};
use crate::telegram::sender::text::plain;
use crate::texts::{Lang, text};

/// Answers the buttons of cards.
pub(in crate::features::moderation) struct CardCommand {
    pub(in crate::features::moderation) store: Store,
    pub(in crate::features::moderation) community: Community,
    pub(in crate::features::moderation) rights: Rights,
}

/// Whether somebody may decide.
enum May {
    Yes,
    No,
    Unknown,
}

impl CardCommand {
    async fn tap(&self, said: &Said<'_>) -> Result<Reply, StageError> {
        let gone = || Reply::Alert(text(said.lang, "alert-card-gone", &[]));
        let Some(callback) = &said.event.callback else {
            return Ok(Reply::Silence);
        };
        let (Some((verb, id)), Some(place)) = (parse(said.args), &said.event.chat) else {
            return Ok(gone());
        };
        let (place, message) = (place.id, callback.message_id);
        let found = self.store.read(move |conn| find(conn, id, place, message));
        let Some(card) = found.await? else {
            return Ok(gone());
        };
        match self.may(&card, verb, callback.from.id).await {
            May::Yes => {}
            May::No => return Ok(Reply::Alert(text(said.lang, "alert-no-right", &[]))),
            May::Unknown => return Ok(Reply::Alert(text(said.lang, "alert-rights-unknown", &[]))),
        }
        let by = Moderator {
            id: callback.from.id,
            name: whole_name(&callback.from),
            now: said.now,
            seq: said.seq,
        };
        let lang = said.lang;
        let (community, chat, user) = (self.community.clone(), card.chat, card.user);
        let reply = Reply::decide(move |tx| {
            if let Some(message) = message {
                store::put_place_message(tx, id, message)?;
            }
            Ok(match decide::decide(tx, id, verb, &by)? {
                Outcome::Done(card) => Reply::Toast(done(&card, lang)),
                Outcome::Late(card) => Reply::Alert(late(&card, lang)),
                Outcome::Gone => Reply::Alert(text(lang, "alert-card-gone", &[])),
            })
        });
        Ok(reply.then(async move {
            if let Some(user) = user {
                community.forget_member(chat, user);
            }
        }))
    }

    /// A tap needs the right that it exercises, in the group it is about. What removes a person is asked
    /// of Telegram at once, the rest may be ten minutes old.
    async fn may(&self, card: &Card, verb: Verb, user: i64) -> May {
        let restricts = match verb {
            Verb::Ban => true,
            Verb::Reopen => card.choice.as_deref() == Some("ban"),
            Verb::Spam | Verb::Ham => false,
        };
        let (powers, right) = if restricts {
            (
                self.rights.powers_now(card.chat, user).await,
                Right::Restrict,
            )
        } else {
            (self.rights.powers(card.chat, user).await, Right::Delete)
        };
        match powers {
            Ok(Some(powers)) if powers.may(right) => May::Yes,
            Ok(_) => May::No,
            Err(e) => {
                tracing::warn!(chat = card.chat, error = %e, "a tap could not be checked");
                May::Unknown
            }
        }
    }
}

impl ChatCommand for CardCommand {
    fn names(&self) -> &'static [&'static str] {
        &["card"]
    }

    fn answer<'a>(&'a self, said: Said<'a>) -> BoxFuture<'a, Result<Reply, StageError>> {
        Box::pin(async move { self.tap(&said).await })
    }
}

fn parse(args: &str) -> Option<(Verb, i64)> {
    let (verb, id) = args.split_once(':')?;
    Some((Verb::from_word(verb)?, id.parse().ok()?))
}

/// The card, if the pressed message is its own: data copied under another message decides nothing.
fn find(
    conn: &Connection,
    id: i64,
    place: i64,
    message: Option<i64>,
) -> Result<Option<Card>, StoreError> {
    let Some(card) = place::located(conn, id)?.filter(|c| c.place == Some(place)) else {
        return Ok(None);
    };
    // Where Telegram's answer was lost nobody knows the card's message; its place must do.
    let same = card.place_message.is_none_or(|own| message == Some(own));
    Ok(Some(card).filter(|_| same))
}

/// What a person is called on a card.
fn whole_name(user: &User) -> String {
    match &user.last_name {
        Some(last) => format!("{} {last}", user.first_name),
        None => user.first_name.clone(),
    }
}

fn done(card: &Card, lang: Lang) -> String {
    let key = match card.choice.as_deref() {
        Some("spam") => "toast-spam",
        Some("ban") => "toast-ban",
        Some(_) => "toast-ham",
        None => "toast-reopened",
    };
    text(lang, key, &[])
}

/// Who was first, for the one who was not.
fn late(card: &Card, lang: Lang) -> String {
    card::outcome(card, lang).map_or_else(
        || text(lang, "alert-open-already", &[]),
        |words| plain(&words),
    )
}
