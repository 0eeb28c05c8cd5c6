//! What a tap on a card does, in the transaction of its update.
use serde_json::json;

use super::card::{self, Verb};
use super::desk::{self, Desk};
use super::store::{self, Card, treatments};
use super::treat::{self, Case};
use super::{appeal, picture, undo};
use crate::base::clock::Millis;
use crate::community;
use crate::community::arbiter::Why;
use crate::community::audit::{Actor, Audit as _, AuditEntry};
use crate::community::reputation::{Evidence, Repute as _};
use crate::community::set_mode;
use crate::community::versions::sign;
use crate::config::Mode;
use crate::features::moderation::learning::{self, Label, Lesson};
use crate::features::moderation::settings::GroupSettings;
use crate::features::moderation::store::verdict_id;
use crate::features::moderation::tools::catch::{self, rules::Kind};
use crate::features::moderation::tools::report;
use crate::store::{Connection, StoreError, Tx};
use crate::telegram::sender::{Effect, Send as _};

/// What stands as the choice on a card when a ban was chosen and could not be carried out.
pub(super) const NO_BAN: &str = "noban";
/// Why a person's decision was made: what Beadle itself saw in the message is not the moderator's reason.
const BY_ADMIN: &str = "by_admin";

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
    /// Whether they may free people, as Telegram says now; asked where there is somebody to free.
    pub frees: bool,
    /// The group's settings, when what they call spam also takes its author up the ladder.
    pub ladder: Option<GroupSettings>,
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
    /// It would free somebody, and they may not.
    NoRight,
    /// It is asked again: the buttons of the card now say whom it would reach.
    Asked(usize),
    /// A safety catch stopped them.
    Frozen,
}

/// Carries out `verb` on card `id` as it stands in this transaction: the first to come decides.
pub(in crate::features::moderation) fn decide(
    tx: &mut Tx<'_>,
    desk: &Desk,
    id: i64,
    verb: Verb,
    by: &Moderator,
) -> Result<Outcome, StoreError> {
    let Some(card) = store::get(tx, id)? else {
        return Ok(Outcome::Gone);
    };
    // A card about a message that has another id by now is not decided, nor taken back, by that id.
    let nameless = card.kind == "verdict" && card.message.is_none();
    if card.state == "expired" || nameless || !verb.fits(&card) {
        return Ok(Outcome::Gone);
    }
    if verb == Verb::Ban && card.state == "open" {
        let many = store::authors(tx, &card)?.len();
        if many > 1 {
            desk::ask_again(tx, &desk.seal, id, many, by.now, Some(by.seq))?;
            return Ok(Outcome::Asked(many));
        }
    }
    if stopped(tx, &card, verb, by)? {
        return Ok(Outcome::Frozen);
    }
    // Somebody may have been banned since the rights were asked.
    if !by.frees && frees(tx, &card, verb, by.now)? {
        return Ok(Outcome::NoRight);
    }
    let taken = match verb {
        Verb::Reopen => store::reopen(tx, id)?,
        _ => store::decide(tx, id, verb.word(), (by.id, &by.name), by.now)?,
    };
    if !taken {
        return Ok(Outcome::Late(card));
    }
    match verb {
        Verb::Spam => {
            condemn(tx, desk, &card, by, false)?;
        }
        Verb::Ban | Verb::All => {
            if condemn(tx, desk, &card, by, true)?.is_some() {
                store::choose(tx, id, NO_BAN)?;
            }
        }
        Verb::Ham => clear(tx, &card, by)?,
        Verb::Reopen => take_back(tx, &card, by)?,
        Verb::Grant | Verb::Refuse => appeal::settle(tx, desk, &card, verb == Verb::Grant, by)?,
        Verb::Act => {
            set_mode(tx, card.chat, Mode::Act)?;
            sign(tx, card.chat, Actor::User(by.id), by.now)?;
        }
        Verb::Later => {}
    }
    // What was decided is what reports of it are worth.
    let worth = match verb {
        Verb::Spam | Verb::Ban | Verb::All => Some("upheld"),
        Verb::Ham => Some("rejected"),
        Verb::Reopen => Some("open"),
        _ => None,
    };
    if let Some(worth) = worth {
        for message in store::messages(tx, &card)? {
            report::settle(tx, card.chat, message, worth)?;
        }
    }
    let note = AuditEntry::new(Actor::User(by.id), "moderation.decide", subject(&card))
        .in_chat(card.chat)
        .with(json!({ "card": card.id, "kind": card.kind, "choice": verb.word() }));
    tx.audit(&note, by.now)?;
    picture::remove(tx, &card, by.now, Some(by.seq))?;
    desk::refresh(tx, &desk.seal, id, by.now, Some(by.seq))?;
    Ok(store::get(tx, id)?.map_or(Outcome::Gone, Outcome::Done))
}

/// Whether `verb` on a card frees a person: a mute or ban for one of its messages still holds, and is taken back.
/// To take a decision back undoes what people did, and leaves what was done before.
pub(in crate::features::moderation) fn frees(
    conn: &Connection,
    card: &Card,
    verb: Verb,
    now: Millis,
) -> Result<bool, StoreError> {
    if !matches!(verb, Verb::Ham | Verb::Reopen) {
        return Ok(false);
    }
    for message in store::messages(conn, card)? {
        if treatments::restrains(conn, card.chat, message, verb == Verb::Reopen, now)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a safety catch has stopped who decides, or does now: what a tap bans and removes counts like a command's.
fn stopped(tx: &mut Tx<'_>, card: &Card, verb: Verb, by: &Moderator) -> Result<bool, StoreError> {
    let source = (card.chat, by.id);
    if catch::is_frozen(tx, card.chat, by.id)? {
        return Ok(true);
    }
    if card.state != "open" || !matches!(verb, Verb::Spam | Verb::Ban | Verb::All) {
        return Ok(false);
    }
    let bans = match verb {
        Verb::Ban => 1,
        Verb::All => i64::try_from(store::authors(tx, card)?.len()).unwrap_or(i64::MAX),
        _ => 0,
    };
    if bans > 0 && !catch::pass(tx, source, Kind::Ban, (by.now, bans), by.now)? {
        return Ok(true);
    }
    let mut standing = 0;
    for message in store::messages(tx, card)? {
        standing += i64::from(store::stands(tx, card.chat, message)?);
    }
    Ok(standing > 0 && !catch::pass(tx, source, Kind::Purge, (by.now, standing), by.now)?)
}

fn subject(card: &Card) -> String {
    match card.message {
        Some(message) => format!("message:{}/{message}", card.chat),
        None => format!("chat:{}", card.chat),
    }
}

/// What is learned of a card's message.
pub(super) fn lesson(card: &Card, message: i64, label: Label, by: &Moderator) -> Lesson {
    Lesson {
        chat: card.chat,
        message,
        label,
        teacher: by.id,
    }
}

/// The messages go, and are learned; with `ban` their author goes too.
fn condemn(
    tx: &mut Tx<'_>,
    desk: &Desk,
    card: &Card,
    by: &Moderator,
    ban: bool,
) -> Result<Option<Why>, StoreError> {
    let mut culprits: Vec<Culprit> = Vec::new();
    for message in store::messages(tx, card)? {
        let author = store::author_of(tx, card, message)?;
        learning::teach(tx, &lesson(card, message, Label::Spam, by), by.now)?;
        if let Some(user) = author.0 {
            let cause = verdict_id(tx, card.chat, message)?;
            tx.repute(card.chat, user, Evidence::ConfirmedSpam, cause, by.now)?;
        }
        undo::unsay(tx, card.chat, message, by)?;
        let removed = community::take_down(tx, card.chat, message, author.0, by.now)?;
        if removed {
            tx.send(&Effect::delete(card.chat, message), by.now, Some(by.seq))?;
        }
        match culprits.iter_mut().find(|c| c.author == author) {
            Some(known) if removed && !known.removed => {
                (known.message, known.removed) = (message, true);
            }
            Some(_) => {}
            None => culprits.push(Culprit {
                author,
                message,
                removed,
            }),
        }
    }
    let (mut refused, all) = (Vec::new(), culprits.len());
    for culprit in culprits {
        let case = Case {
            chat: card.chat,
            message: culprit.message,
            at: by.now,
            user: culprit.author.0,
            sender_chat: culprit.author.1,
            // A tap removes the message and no more: who wants the author gone has a button for that.
            regular: by.ladder.is_none(),
            spared: false,
            codes: vec![BY_ADMIN.to_owned()],
            by: Some(by.id),
            settings: by.ladder.clone().unwrap_or_default(),
            lang: card::lang(card),
        };
        if ban {
            refused.extend(treat::ban(tx, desk, &case, by.now, Some(by.seq))?);
        } else if culprit.removed {
            treat::treat(tx, desk, &case, by.now, Some(by.seq))?;
        }
    }
    // Of a campaign those are gone who can be; the card says otherwise only when nobody is.
    Ok(refused.pop().filter(|_| refused.len() + 1 == all))
}

/// An author of a card's messages, and the message that is held against them.
struct Culprit {
    author: store::Author,
    message: i64,
    removed: bool,
}

/// It was no spam: what was done is undone.
fn clear(tx: &mut Tx<'_>, card: &Card, by: &Moderator) -> Result<(), StoreError> {
    let lang = card::lang(card);
    for message in store::messages(tx, card)? {
        while let Some(t) = treatments::of_message(tx, card.chat, message)? {
            undo::treatment(tx, &t, by)?;
        }
        let user = store::author_of(tx, card, message)?.0;
        undo::message(tx, card.chat, message, user, lang, by)?;
        pardon(tx, card, message, by)?;
        learning::teach(tx, &lesson(card, message, Label::Ham, by), by.now)?;
    }
    Ok(())
}

/// What the decision did is undone; what was done before anybody decided stays.
pub(in crate::features::moderation) fn take_back(
    tx: &mut Tx<'_>,
    card: &Card,
    by: &Moderator,
) -> Result<(), StoreError> {
    let lang = card::lang(card);
    for message in store::messages(tx, card)? {
        let user = store::author_of(tx, card, message)?.0;
        learning::untaught(tx, card.chat, message)?;
        if matches!(
            card.choice.as_deref(),
            Some("spam" | "ban" | "all" | NO_BAN)
        ) {
            pardon(tx, card, message, by)?;
        }
        let mut by_hand = false;
        while let Some(t) = treatments::of_message(tx, card.chat, message)?
            && t.by.is_some()
        {
            undo::treatment(tx, &t, by)?;
            by_hand = true;
        }
        if card.choice.as_deref() == Some("ham") && undo::unsay(tx, card.chat, message, by)? {
            community::take_down(tx, card.chat, message, user, by.now)?;
        }
        if by_hand && card.treatment.is_none() {
            undo::message(tx, card.chat, message, user, lang, by)?;
        }
    }
    Ok(())
}

/// What the message took from its author's reputation is given back.
pub(super) fn pardon(
    tx: &mut Tx<'_>,
    card: &Card,
    message: i64,
    by: &Moderator,
) -> Result<(), StoreError> {
    if let Some(cause) = verdict_id(tx, card.chat, message)? {
        tx.pardon(cause, by.now)?;
    }
    Ok(())
}
