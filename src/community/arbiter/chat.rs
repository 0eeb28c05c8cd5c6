//! What a whole group may do for a time: in the ledger before Telegram is told, and put back in time.
use serde_json::json;

use super::permissions::Permissions;
use super::store::{self, ChatHeld};
use super::{giveback, jobs};
use crate::base::clock::Millis;
use crate::community::audit::{Actor, Audit as _, AuditEntry};
use crate::community::events::Emit as _;
use crate::queue::Enqueue as _;
use crate::store::{StoreError, Tx};
use crate::telegram::sender::{Effect, Method, OutboxId, Send as _, SendLane};

/// Longest that a group is changed by one order; who wants more orders again.
pub const CHAT_LONGEST: Millis = 24 * 3_600_000;

/// A change that was told so recently may not have been made.
const ON_ITS_WAY: Millis = 60_000;

/// Who wants a group changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChatImposer {
    /// The quiet of the night.
    Night,
    /// The protection against raids.
    Raid,
    /// A person with the right; the user's id.
    Moderator(i64),
}

impl ChatImposer {
    /// The word kept on disk, and the person behind it (0 for machinery).
    pub(super) fn parts(self) -> (&'static str, i64) {
        match self {
            Self::Night => ("night", 0),
            Self::Raid => ("raid", 0),
            Self::Moderator(user) => ("moderator", user),
        }
    }
}

/// A group is to be changed for a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatOrder {
    /// Which.
    pub chat: i64,
    /// Who wants it.
    pub by: ChatImposer,
    /// What is left to members; what the group itself does not allow stays forbidden.
    pub leaves: Permissions,
    /// Until when; at most [`CHAT_LONGEST`] ahead.
    pub until: Millis,
    /// What the group allows its members, as `getChat` has just said. While another measure stands, what
    /// was kept then counts.
    pub own: Permissions,
}

/// `tx.change_chat(…)`, `tx.restore_chat(…)`.
pub trait ArbitrateChat {
    /// Enters a measure on a whole group into the ledger and tells Telegram. Gives the call, or None when
    /// nothing changes.
    fn change_chat(
        &mut self,
        order: &ChatOrder,
        now: Millis,
        update_seq: Option<i64>,
    ) -> Result<Option<OutboxId>, StoreError>;

    /// Ends the measure of `by`; the last one gives the group its own permissions back.
    fn restore_chat(
        &mut self,
        chat: i64,
        by: ChatImposer,
        now: Millis,
        update_seq: Option<i64>,
    ) -> Result<Option<OutboxId>, StoreError>;
}

impl ArbitrateChat for Tx<'_> {
    fn change_chat(
        &mut self,
        order: &ChatOrder,
        now: Millis,
        update_seq: Option<i64>,
    ) -> Result<Option<OutboxId>, StoreError> {
        let chat = store::today(self, order.chat)?;
        let until = order.until.clamp(now, now + CHAT_LONGEST);
        let held = store::chat_held(self, chat)?;
        // What was kept counts also while the group waits to be given it back; the call that does it may be on its way.
        let returning = held.is_some() && store::chat_standing(self, chat)?.is_empty();
        store::enter_chat(self, chat, order.by, order.leaves, until, now)?;
        if held.is_none() {
            let held = ChatHeld {
                own: order.own,
                told: order.own,
                told_at: now,
            };
            store::put_chat_held(self, chat, held)?;
        }
        note(
            self,
            "arbiter.change_chat",
            chat,
            order.by,
            Some(until),
            now,
        )?;
        self.enqueue(&jobs::chat_look(chat, until), now)?;
        bring_about(self, chat, returning, now, update_seq)
    }

    fn restore_chat(
        &mut self,
        chat: i64,
        by: ChatImposer,
        now: Millis,
        update_seq: Option<i64>,
    ) -> Result<Option<OutboxId>, StoreError> {
        let chat = store::today(self, chat)?;
        if !store::end_chat(self, chat, by, now)? {
            return Ok(None);
        }
        note(self, "arbiter.restore_chat", chat, by, None, now)?;
        bring_about(self, chat, false, now, update_seq)
    }
}

fn note(
    tx: &mut Tx<'_>,
    action: &'static str,
    chat: i64,
    by: ChatImposer,
    until: Option<Millis>,
    now: Millis,
) -> Result<(), StoreError> {
    let (imposer, person) = by.parts();
    let actor = match person {
        0 => Actor::System,
        user => Actor::User(user),
    };
    let details = json!({ "imposer": imposer, "until": until });
    let subject = format!("chat:{chat}");
    let event = match until {
        Some(_) => "chat.changed",
        None => "chat.restored",
    };
    tx.event(event, Some(chat), &subject, &details, now)?;
    let act = AuditEntry::new(actor, action, subject)
        .in_chat(chat)
        .with(details);
    tx.audit(&act, now)?;
    Ok(())
}

/// A group's time has come, also while Beadle was away: what has run out is put back. `current` is what
/// `getChat` says now: permissions that somebody changed by hand meanwhile are theirs, and stay.
pub(super) fn look(
    tx: &mut Tx<'_>,
    chat: i64,
    current: Option<Permissions>,
    now: Millis,
) -> Result<(), StoreError> {
    let chat = store::today(tx, chat)?;
    if store::chat_standing(tx, chat)?.is_empty() {
        return Ok(());
    }
    let subject = format!("chat:{chat}");
    if let (Some(held), Some(current)) = (store::chat_held(tx, chat)?, current)
        && current != held.told
        && now - held.told_at > ON_ITS_WAY
    {
        store::overrule_chat(tx, chat, now)?;
        tx.event("chat.overruled", Some(chat), &subject, &json!({}), now)?;
        return Ok(());
    }
    for by in store::expire_chat(tx, chat, now)? {
        let details = json!({ "imposer": by });
        tx.event("chat.restored", Some(chat), &subject, &details, now)?;
    }
    bring_about(tx, chat, false, now, None)?;
    Ok(())
}

/// Tells Telegram what all measures that stand leave of what the group allows; with `again` also what it was told
/// before. When nothing stands any more, what the group allows is kept until Telegram has taken it back.
fn bring_about(
    tx: &mut Tx<'_>,
    chat: i64,
    again: bool,
    now: Millis,
    update_seq: Option<i64>,
) -> Result<Option<OutboxId>, StoreError> {
    let Some(held) = store::chat_held(tx, chat)? else {
        return Ok(None);
    };
    let standing = store::chat_standing(tx, chat)?;
    let wanted = standing
        .iter()
        .fold(held.own, |left, leaves| left.and(*leaves));
    let mut outbox = None;
    if again || wanted != held.told {
        outbox = Some(say(tx, chat, wanted, now, update_seq)?);
    }
    match (standing.is_empty(), outbox) {
        (true, None) => store::forget_chat_held(tx, chat)?,
        (true, Some(row)) => giveback::watch(tx, chat, row, 0, now)?,
        (false, _) => {
            let told_at = outbox.map_or(held.told_at, |_| now);
            let told = ChatHeld {
                told: wanted,
                told_at,
                ..held
            };
            store::put_chat_held(tx, chat, told)?;
        }
    }
    Ok(outbox)
}

/// The call that lets the members of a group do this, and nothing else.
pub(super) fn say(
    tx: &mut Tx<'_>,
    chat: i64,
    allowed: Permissions,
    now: Millis,
    update_seq: Option<i64>,
) -> Result<OutboxId, StoreError> {
    let params = json!({
        "permissions": allowed.to_json(),
        "use_independent_chat_permissions": true,
    });
    let effect =
        Effect::generic(Method::SetChatPermissions, Some(chat), params).lane(SendLane::Moderation);
    tx.send(&effect, now, update_seq)
}
