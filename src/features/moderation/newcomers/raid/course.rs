//! A raid begins and ends: what is changed, and the return of exactly that.
use serde_json::json;

use super::{fate, store, watch};
use crate::base::clock::Millis;
use crate::community::admission::{self, Door};
use crate::community::arbiter::{Arbitrate as _, Imposer, Measure, Order, Outcome, Subject};
use crate::community::audit::{Actor, Audit as _, AuditEntry};
use crate::community::events::Emit as _;
use crate::community::{group_on_disk, member_on_disk};
use crate::config::Mode;
use crate::features::moderation::newcomers::settings;
use crate::store::{Connection, StoreError, Tx};
use crate::telegram::sender::{Effect, Method, Send as _, SendLane};

/// Of those who came just before a raid was noticed, at most so many are held as well.
const BEFORE: i64 = 200;
/// Beadle's links are called this where admins see them.
pub(super) const LINK_NAME: &str = "Beadle";

fn actor(by: i64) -> Actor {
    match by {
        0 => Actor::System,
        user => Actor::User(user),
    }
}

fn note(
    tx: &mut Tx<'_>,
    action: &'static str,
    (raid, chat, by): (i64, i64, i64),
    details: serde_json::Value,
    now: Millis,
) -> Result<(), StoreError> {
    tx.event(action, Some(chat), &format!("raid:{raid}"), &details, now)?;
    let entry = AuditEntry::new(actor(by), action, format!("raid:{raid}"))
        .in_chat(chat)
        .with(details);
    tx.audit(&entry, now)?;
    Ok(())
}

/// A raid begins, unless one goes on; `by` is who says so, 0 the surge itself. Gives its id.
pub(super) fn begin(tx: &mut Tx<'_>, chat: i64, by: i64, now: Millis) -> Result<i64, StoreError> {
    if let Some(raid) = store::open(tx, chat)? {
        return Ok(raid.id);
    }
    let raid = store::begin(tx, chat, by, now)?;
    note(tx, "raid.began", (raid, chat, by), json!({}), now)?;
    let mut changed = 0;
    for (id, link) in store::links(tx, chat, None)? {
        change_link(tx, chat, &link, true, now)?;
        store::mark_link(tx, id, Some(raid))?;
        changed += 1;
    }
    store::put_did(tx, raid, &json!({ "links": changed }))?;
    if by == 0 {
        hold_the_first(tx, raid, chat, now)?;
    }
    watch::begin(tx, raid, now)?;
    Ok(raid)
}

/// The first of a surge came in before it was one.
fn hold_the_first(tx: &mut Tx<'_>, raid: i64, chat: i64, now: Millis) -> Result<(), StoreError> {
    let Some(group) = group_on_disk(tx, chat, Mode::default())? else {
        return Ok(());
    };
    let since = now - settings::of(&group).1.within;
    for (user, door, outcome) in admission::arrivals(tx, chat, since, BEFORE)? {
        if door != Door::Join || outcome.as_deref() != Some("admitted") {
            continue;
        }
        let known = super::super::store::passed(tx, chat, user)?
            || member_on_disk(tx, chat, user)?.is_some_and(|m| m.messages - m.removed > 1);
        if known {
            continue;
        }
        let order = Order {
            chat,
            subject: Subject::User(user),
            by: Imposer::Raid,
            what: Measure::Mute,
            // While it holds, and a day at most: absence harms nobody.
            until: Some(now + admission::LONGEST_HOLD),
            reason: "raid".to_owned(),
            verdict: None,
            revoke_messages: false,
            asked: false,
        };
        if !matches!(tx.impose(&order, now, None)?, Outcome::Refused(_)) {
            store::add(tx, raid, user, now)?;
        }
    }
    Ok(())
}

/// A raid ends; `fate` is what becomes of those who are held. False when it was over.
pub(super) fn end(
    tx: &mut Tx<'_>,
    raid: &store::Raid,
    fate: &str,
    by: i64,
    now: Millis,
) -> Result<bool, StoreError> {
    if !store::end(tx, raid.id, by, now)? {
        return Ok(false);
    }
    for (id, link) in store::links(tx, raid.chat, Some(raid.id))? {
        change_link(tx, raid.chat, &link, false, now)?;
        store::mark_link(tx, id, None)?;
    }
    let ids = (raid.id, raid.chat, by);
    note(tx, "raid.ended", ids, json!({ "fate": fate }), now)?;
    // What was decided on the card meanwhile stands, also for those who came after it.
    if raid.fate != "keep" {
        fate::begin(tx, raid.id, &raid.fate, now)?;
    } else if fate != "keep" {
        decide(tx, raid, fate, by, now)?;
    }
    watch::soon(tx, raid.id, now)?;
    Ok(true)
}

/// What is left to do of a raid: whether its people's fate is decided, and how many are held still.
pub(super) fn left(conn: &Connection, raid: i64, now: Millis) -> Result<(bool, i64), StoreError> {
    let decided = store::get(conn, raid)?.is_some_and(|raid| raid.fate != "keep");
    Ok((decided, store::count(conn, raid, now)?.held))
}

/// Says what becomes of those who are held, or, with `undo`, of those who were put out.
pub(super) fn decide(
    tx: &mut Tx<'_>,
    raid: &store::Raid,
    fate: &str,
    by: i64,
    now: Millis,
) -> Result<(), StoreError> {
    let lasting = if fate == "undo" { "free" } else { fate };
    store::put_fate(tx, raid.id, lasting, by)?;
    let ids = (raid.id, raid.chat, by);
    note(tx, "raid.decided", ids, json!({ "fate": fate }), now)?;
    fate::begin(tx, raid.id, fate, now)?;
    watch::soon(tx, raid.id, now)
}

/// Whoever comes by one of Beadle's links must ask, or need not. The link itself stays the same, so that nobody's
/// goes stale.
fn change_link(
    tx: &mut Tx<'_>,
    chat: i64,
    link: &str,
    asks: bool,
    now: Millis,
) -> Result<(), StoreError> {
    let params = json!({ "invite_link": link, "name": LINK_NAME, "creates_join_request": asks });
    let effect =
        Effect::generic(Method::EditChatInviteLink, Some(chat), params).lane(SendLane::Moderation);
    tx.send(&effect, now, None).map(|_row| ())
}
