//! Where a group's cards stand, and how they get there.
use std::sync::Arc;

use super::seal::Seal;
use super::store::{self, Card, NewCard};
use super::{card, picture, recount};
use crate::base::clock::Millis;
use crate::community::principals::{Doubt, may_in};
use crate::community::privacy::PrivacyFacts;
use crate::community::settings;
use crate::community::versions::zone_of;
use crate::community::{Community, GroupFacts, reach};
use crate::config::Live;
use crate::features::moderation::declared;
use crate::features::moderation::lists::Lists;
use crate::features::moderation::settings::GroupSettings;
use crate::features::moderation::tools::catch;
use crate::store::{Connection, Store, StoreError, Tx};
use crate::telegram::link::Link;
use crate::telegram::rights::{Right, Rights};
use crate::telegram::sender::{Send as _, outbox};

/// Messages of one author within so long are one card.
const TOGETHER: Millis = 3_600_000;
/// A card has at most so many further messages: a tap on it is one transaction.
const MOST: i64 = 49;

/// What cards, treatments and commands work with. Cheap to clone.
#[derive(Clone)]
pub(in crate::features::moderation) struct Desk {
    pub(in crate::features::moderation) store: Store,
    pub(in crate::features::moderation) community: Community,
    pub(in crate::features::moderation) rights: Rights,
    pub(in crate::features::moderation) link: Arc<Link>,
    pub(in crate::features::moderation) seal: Seal,
    /// Beadle's own id in Telegram.
    pub(in crate::features::moderation) own: Option<i64>,
    /// What the notice for groups tells.
    pub(in crate::features::moderation) privacy: Live<PrivacyFacts>,
    /// Lists of people who are not wanted elsewhere.
    pub(in crate::features::moderation) lists: Lists,
}

impl Desk {
    /// Where cards about `group` go: its log chat, else its owner when they can be written to.
    pub(in crate::features::moderation) async fn place(
        &self,
        group: &GroupFacts,
    ) -> Result<Option<i64>, StoreError> {
        if let Some(chat) = GroupSettings::of(group).log_chat {
            return Ok(Some(chat));
        }
        self.owner(group.id).await
    }

    /// Whether somebody may exercise `right` in a group, by Telegram's rights and the owner's word. What removes
    /// or frees a person is asked of Telegram at once; with `fresh` everything is.
    pub(in crate::features::moderation) async fn may(
        &self,
        chat: i64,
        user: i64,
        right: Right,
        fresh: bool,
    ) -> Result<bool, Doubt> {
        let fresh = fresh || right == Right::Restrict;
        // Whom a safety catch stopped may nothing until the owner has looked.
        if self
            .store
            .read(move |conn| catch::is_frozen(conn, chat, user))
            .await?
        {
            return Ok(false);
        }
        may_in(&self.store, &self.rights, (chat, user), right, fresh).await
    }

    /// A group as it stands on disk.
    pub(in crate::features::moderation) async fn group(
        &self,
        chat: i64,
    ) -> Result<Option<GroupFacts>, StoreError> {
        self.community.group(chat).await
    }

    /// The owner, when they can be written to. When Telegram does not say who it is, nobody is told.
    pub(in crate::features::moderation) async fn owner(
        &self,
        group: i64,
    ) -> Result<Option<i64>, StoreError> {
        let Ok(Some(owner)) = self.rights.owner(group).await else {
            return Ok(None);
        };
        let open = self
            .store
            .read(move |conn| reach::is_reachable(conn, owner))
            .await?;
        Ok(open.then_some(owner))
    }
}

/// Opens a card and sends it to its place; without one it waits to be asked for. A message that has a card
/// gets no second one, further messages of an author whose card is open are added to it, and so are nearly the same
/// words of others: a flood is one decision, and so is a campaign. Gives the card's id.
pub(in crate::features::moderation) fn open(
    tx: &mut Tx<'_>,
    seal: &Seal,
    new: &NewCard,
    now: Millis,
    seq: Option<i64>,
) -> Result<i64, StoreError> {
    let known = match new.kind {
        "verdict" => match store::open_of(tx, new, now - TOGETHER)? {
            Some(known) => Some(known),
            None => store::campaign(tx, new, now - TOGETHER)?,
        },
        _ => None,
    };
    if let Some(known) = known.filter(|k| k.message == new.message || k.also < MOST) {
        if known.message != new.message && store::add(tx, known.id, new)? {
            recount::soon(tx, known.id, now)?;
        }
        return Ok(known.id);
    }
    let id = store::open(tx, new, now)?;
    if let Some(place) = new.place {
        send(tx, seal, id, place, now, seq)?;
    }
    Ok(id)
}

/// Puts the card as it stands in place of what it said, once its message is known.
pub(in crate::features::moderation) fn refresh(
    tx: &mut Tx<'_>,
    seal: &Seal,
    id: i64,
    now: Millis,
    seq: Option<i64>,
) -> Result<(), StoreError> {
    let Some(card) = located(tx, id)? else {
        return Ok(());
    };
    let shown = store::shown(tx, &card)?;
    if let Some(edit) = card::edited(seal, &card, &shown) {
        tx.send(&edit, now, seq)?;
    }
    Ok(())
}

/// Puts the question whether all authors of a card shall go in place of its buttons; any other change of the card puts
/// them back.
pub(super) fn ask_again(
    tx: &mut Tx<'_>,
    seal: &Seal,
    id: i64,
    authors: usize,
    now: Millis,
    seq: Option<i64>,
) -> Result<(), StoreError> {
    let Some(card) = located(tx, id)? else {
        return Ok(());
    };
    let shown = store::shown(tx, &card)?;
    if let Some(edit) = card::asking(seal, &card, &shown, authors) {
        tx.send(&edit, now, seq)?;
    }
    Ok(())
}

/// The card, with the message that it is, as far as Telegram has told.
pub(super) fn located(conn: &Connection, id: i64) -> Result<Option<Card>, StoreError> {
    let Some(mut card) = store::get(conn, id)? else {
        return Ok(None);
    };
    if let (None, Some(row)) = (card.place_message, card.outbox) {
        card.place_message = outbox::get(conn, row)?.and_then(|row| row.message_id());
    }
    Ok(Some(card))
}

/// Sends a card as it stands to `place`.
pub(in crate::features::moderation) fn send(
    tx: &mut Tx<'_>,
    seal: &Seal,
    id: i64,
    place: i64,
    now: Millis,
    seq: Option<i64>,
) -> Result<(), StoreError> {
    let Some(card) = store::get(tx, id)? else {
        return Ok(());
    };
    let shown = store::shown(tx, &card)?;
    let mut sent = card::sent(seal, &card, &shown, place);
    // A private chat is a person's, who may sleep.
    if place > 0 && is_quiet(tx, card.chat, now)? {
        sent = sent.with("disable_notification", true);
    }
    let outbox = tx.send(&sent, now, seq)?;
    picture::remove(tx, &card, now, seq)?;
    store::put_outbox(tx, id, place, outbox)?;
    if card.state == "open" && shown.removed {
        picture::show(tx, &card, place, now, seq)?;
    }
    Ok(())
}

/// Whether a group's moderators are not to be woken now.
fn is_quiet(conn: &Connection, group: i64, now: Millis) -> Result<bool, StoreError> {
    let own = settings::tree(conn, group)?.unwrap_or_default();
    Ok(declared::is_quiet(&own, &zone_of(conn, group)?, now))
}
