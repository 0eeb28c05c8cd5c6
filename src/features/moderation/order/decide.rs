//! What a tap on a card does, in the transaction of its update.
use super::card::{self, Verb};
use super::store::{self, Card};
use crate::base::clock::Millis;
use crate::community;
use crate::store::{StoreError, Tx};
use crate::telegram::sender::{Effect, Send as _};

/// A person who decides, and when.
#[derive(Debug, Clone)]
pub(in crate::features::moderation) struct Moderator {
    /// Telegram's id.
    pub id: i64,
    /// As shown on the card.
    pub name: String,
    /// When.
    pub now: Millis,
    /// The row of the inbox that brought it.
    pub seq: i64,
}

/// What became of a tap.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::features::moderation) enum Outcome {
    /// It was carried out; the card as it is now.
    Done(Card),
    /// Somebody else was first; the card as they left it.
    Late(Card),
    /// There is no such card any more.
    Gone,
}

/// Carries out `verb` on card `id` as it stands in this transaction: the first to come decides.
pub(in crate::features::moderation) fn decide(
    tx: &mut Tx<'_>,
    id: i64,
    verb: Verb,
    by: &Moderator,
) -> Result<Outcome, StoreError> {
    let Some(card) = store::get(tx, id)? else {
        return Ok(Outcome::Gone);
    };
    if card.state == "expired" {
        return Ok(Outcome::Gone);
    }
    let taken = match verb {
        Verb::Reopen => store::reopen(tx, id)?,
        _ => store::decide(tx, id, verb.word(), (by.id, &by.name), by.now)?,
    };
    if !taken {
        return Ok(Outcome::Late(card));
    }
    match verb {
        Verb::Spam => condemn(tx, &card, by)?,
        Verb::Ban => {
            condemn(tx, &card, by)?;
            ban(tx, &card, by)?;
        }
        Verb::Ham => clear(tx, &card)?,
        Verb::Reopen => take_back(tx, &card, by)?,
    }
    let Some(card) = store::get(tx, id)? else {
        return Ok(Outcome::Gone);
    };
    let shown = store::shown(tx, &card)?;
    if let Some(edit) = card::edited(&card, &shown) {
        tx.send(&edit, by.now, Some(by.seq))?;
    }
    Ok(Outcome::Done(card))
}

/// The messages go, and are labelled.
fn condemn(tx: &mut Tx<'_>, card: &Card, by: &Moderator) -> Result<(), StoreError> {
    for message in store::messages(tx, card)? {
        store::label(tx, card.chat, message, Some("spam"))?;
        if community::take_down(tx, card.chat, message, card.user, by.now)? {
            tx.send(&Effect::delete(card.chat, message), by.now, Some(by.seq))?;
        }
    }
    Ok(())
}

fn ban(tx: &mut Tx<'_>, card: &Card, by: &Moderator) -> Result<(), StoreError> {
    if let Some(user) = card.user {
        let effect = Effect::ban(card.chat, user, None, true);
        tx.send(&effect, by.now, Some(by.seq))?;
    }
    Ok(())
}

fn clear(tx: &mut Tx<'_>, card: &Card) -> Result<(), StoreError> {
    for message in store::messages(tx, card)? {
        store::label(tx, card.chat, message, Some("ham"))?;
    }
    Ok(())
}

/// What the decision did is undone.
fn take_back(tx: &mut Tx<'_>, card: &Card, by: &Moderator) -> Result<(), StoreError> {
    for message in store::messages(tx, card)? {
        store::label(tx, card.chat, message, None)?;
    }
    if let (Some("ban"), Some(user)) = (card.choice.as_deref(), card.user) {
        tx.send(&Effect::unban(card.chat, user, true), by.now, Some(by.seq))?;
    }
    Ok(())
}
