//! Taps on cards: who taps is checked, then the card is decided.
use futures_util::future::BoxFuture;

use super::appeal;
use super::card::{self, Verb};
use super::decide::{self, Moderator, Outcome};
use super::desk::{self, Desk};
use super::store::{self, Card, treatments};
use crate::base::clock::Millis;
use crate::community::versions::zone_of;
use crate::features::moderation::tools::catch;
use crate::pipeline::StageError;
use crate::pipeline::stages::{ChatCommand, Reply, Said};
use crate::store::{Connection, StoreError};
use crate::telegram::event::User;
use crate::telegram::rights::Right;
use crate::telegram::sender::text::plain;
use crate::texts::when::Zone;
use crate::texts::{Lang, text};

/// Answers the buttons of cards.
pub(in crate::features::moderation) struct CardCommand(pub(in crate::features::moderation) Desk);

/// Why somebody may not decide: a key of the texts.
type Objection = &'static str;

impl CardCommand {
    async fn tap(&self, said: &Said<'_>) -> Result<Reply, StageError> {
        let gone = || Reply::Alert(text(said.lang, "alert-card-gone", &[]));
        let Some(callback) = &said.event.callback else {
            return Ok(Reply::Silence);
        };
        let Some(place) = said.event.chat.as_ref().map(|c| c.id) else {
            return Ok(gone());
        };
        let payload = self.0.seal.open("card", said.args, place);
        let Some((verb, id)) = payload.and_then(parse) else {
            return Ok(gone());
        };
        let message = callback.message_id;
        let found = self
            .0
            .store
            .read(move |conn| find(conn, id, place, message));
        let Some(card) = found.await? else {
            return Ok(gone());
        };
        if let Some(why) = self.objection(&card, verb, callback.from.id).await? {
            return Ok(Reply::Alert(text(said.lang, why, &[])));
        }
        let frees = match self
            .frees(&card, verb, (callback.from.id, said.now))
            .await?
        {
            Ok(frees) => frees,
            Err(why) => return Ok(Reply::Alert(text(said.lang, why, &[]))),
        };
        let by = Moderator {
            id: callback.from.id,
            name: whole_name(&callback.from),
            now: said.now,
            seq: said.seq,
            frees,
            ladder: None,
        };
        let lang = said.lang;
        let (desk, community) = (self.0.clone(), self.0.community.clone());
        let chat = card.chat;
        let of = card.clone();
        let authors = self.0.store.read(move |conn| store::authors(conn, &of));
        let people: Vec<i64> = authors.await?.into_iter().filter_map(|a| a.0).collect();
        let reply = Reply::decide(move |tx| {
            if let Some(message) = message {
                store::put_place_message(tx, id, message)?;
            }
            Ok(match decide::decide(tx, &desk, id, verb, &by)? {
                Outcome::Done(card) if card.choice.as_deref() == Some(decide::NO_BAN) => {
                    Reply::Alert(text(lang, "alert-not-banned", &[]))
                }
                Outcome::Done(card) => Reply::Toast(done(&card, lang)),
                Outcome::Late(card) => {
                    let zone = zone_of(tx, card.chat)?;
                    Reply::Alert(late(&card, &zone, lang))
                }
                Outcome::Asked(count) => {
                    Reply::Toast(text(lang, "toast-ban-all-sure", &[("count", count.into())]))
                }
                Outcome::Frozen => Reply::Alert(text(lang, "alert-frozen", &[])),
                Outcome::NoRight => Reply::Alert(text(lang, "alert-frees", &[])),
                Outcome::Gone => Reply::Alert(text(lang, "alert-card-gone", &[])),
            })
        });
        Ok(reply.then(async move {
            for user in people {
                community.forget_member(chat, user);
            }
            if verb == Verb::Act
                && let Err(e) = community.refresh(chat).await
            {
                tracing::warn!(chat, error = %e, "the group's new mode is noticed within ten minutes");
            }
        }))
    }

    /// Whether who taps may free a person; asked, and asked now, where undoing the card frees one.
    async fn frees(
        &self,
        card: &Card,
        verb: Verb,
        (user, now): (i64, Millis),
    ) -> Result<Result<bool, Objection>, StageError> {
        let of = card.clone();
        let held = self
            .0
            .store
            .read(move |conn| decide::frees(conn, &of, verb, now));
        if !held.await? {
            return Ok(Ok(false));
        }
        Ok(
            match self.0.may(card.chat, user, Right::Restrict, true).await {
                Ok(true) => Ok(true),
                Ok(false) => Err("alert-frees"),
                Err(_) => Err("alert-rights-unknown"),
            },
        )
    }

    /// A tap needs the right that it exercises, in the group it is about. What removes or frees a person is
    /// asked of Telegram at once, the rest may be ten minutes old.
    async fn objection(
        &self,
        card: &Card,
        verb: Verb,
        user: i64,
    ) -> Result<Option<Objection>, StageError> {
        let rights = &self.0.rights;
        let (chat, conn) = (card.chat, &self.0.store);
        if conn
            .read(move |conn| catch::is_frozen(conn, chat, user))
            .await?
        {
            return Ok(Some("alert-frozen"));
        }
        let right = match verb {
            Verb::Ban | Verb::All | Verb::Grant | Verb::Refuse => Right::Restrict,
            Verb::Reopen if matches!(card.choice.as_deref(), Some("ban" | "all")) => {
                Right::Restrict
            }
            Verb::Spam | Verb::Ham | Verb::Reopen => Right::Delete,
            Verb::Act | Verb::Later => Right::ChangeInfo,
        };
        match self.0.may(card.chat, user, right, false).await {
            Ok(true) => {}
            Ok(false) => return Ok(Some("alert-no-right")),
            Err(e) => {
                tracing::warn!(chat = card.chat, error = %e, "a tap could not be checked");
                return Ok(Some("alert-rights-unknown"));
            }
        }
        if verb == Verb::All {
            let of = card.clone();
            let authors = self.0.store.read(move |conn| store::authors(conn, &of));
            // Whoever is an admin was never put on a card; who became one since is on the list.
            for author in authors.await?.into_iter().filter_map(|a| a.0) {
                match rights.is_admin(card.chat, author).await {
                    Ok(false) => {}
                    Ok(true) => return Ok(Some("alert-is-admin")),
                    Err(_) => return Ok(Some("alert-rights-unknown")),
                }
            }
        }
        if let (Verb::Ban | Verb::All, Some(author)) = (verb, card.user) {
            match rights.powers_now(card.chat, author).await {
                Ok(None) => {}
                Ok(Some(_)) => return Ok(Some("alert-is-admin")),
                Err(_) => return Ok(Some("alert-rights-unknown")),
            }
        }
        if let (Verb::Grant | Verb::Refuse, Some(id)) = (verb, card.treatment) {
            let found = self.0.store.read(move |conn| treatments::get(conn, id));
            if let Some(t) = found.await?
                && appeal::is_partial(&self.0, &t, user).await
            {
                return Ok(Some("alert-own-decision"));
            }
        }
        Ok(None)
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
    let Some(card) = desk::located(conn, id)?.filter(|c| c.place == Some(place)) else {
        return Ok(None);
    };
    // Where Telegram's answer was lost nobody knows the card's message; its place must do.
    let same = card.place_message.is_none_or(|own| message == Some(own));
    Ok(Some(card).filter(|_| same))
}

/// What a person is called on a card.
pub(in crate::features::moderation) fn whole_name(user: &User) -> String {
    match &user.last_name {
        Some(last) => format!("{} {last}", user.first_name),
        None => user.first_name.clone(),
    }
}

fn done(card: &Card, lang: Lang) -> String {
    let key = match card.choice.as_deref() {
        Some("spam") => "toast-spam",
        Some("ban") => "toast-ban",
        Some("all") => "toast-ban-all",
        Some("grant") => "toast-granted",
        Some("refuse") => "toast-refused",
        Some("act") => "toast-act",
        Some("later") => "toast-later",
        Some(_) => "toast-ham",
        None => "toast-reopened",
    };
    text(lang, key, &[])
}

/// Who was first, for the one who was not.
fn late(card: &Card, zone: &Zone, lang: Lang) -> String {
    card::outcome(card, zone, lang).map_or_else(
        || text(lang, "alert-open-already", &[]),
        |words| plain(&words),
    )
}
