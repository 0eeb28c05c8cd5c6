//! Leaving a group, or somebody, as they would be without Beadle.
use super::chat::{self, ArbitrateChat as _};
use super::ledger::{bring_about, end_all};
use super::order::{Imposer, Subject};
use super::rules::Standing;
use super::store::{self, End};
use crate::base::clock::Millis;
use crate::store::{StoreError, Tx};
use crate::telegram::sender::OutboxId;

/// What letting a group go came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Released {
    /// Calls that free people, with whom each frees.
    pub freed: Vec<(i64, OutboxId)>,
    /// The call that gives the group its permissions back.
    pub permissions: Option<OutboxId>,
    /// People against whom a person's decision stands, which is not Beadle's to lift.
    pub kept: Vec<i64>,
    /// People whom Telegram did not let Beadle free when it tried.
    pub stuck: Vec<i64>,
}

/// Lifts what Beadle imposed in a group by itself, and with `people` what moderators imposed through it too.
/// What admins did by hand stands.
pub fn release(
    tx: &mut Tx<'_>,
    chat: i64,
    people: bool,
    now: Millis,
) -> Result<Released, StoreError> {
    let chat = store::today(tx, chat)?;
    let mut released = Released {
        stuck: store::refused_lifts(tx, chat)?,
        ..Released::default()
    };
    for subject in store::subjects(tx, chat)? {
        let standing = store::standing(tx, chat, subject)?;
        let stays = |s: &Standing| match s.imposer {
            Imposer::Outside(_) => true,
            Imposer::Moderator(_) => !people,
            _ => false,
        };
        let fall: Vec<&Standing> = standing.iter().filter(|s| !stays(s)).collect();
        end_all(
            tx,
            chat,
            &fall,
            End::Lifted,
            Imposer::Moderation,
            Some("retire"),
            now,
        )?;
        if standing.iter().any(stays) {
            released.kept.push(subject);
        }
        let whom = Subject::from_id(subject);
        if let Some(outbox) = bring_about(tx, chat, whom, false, now, None)? {
            released.freed.push((subject, outbox));
        }
    }
    for by in store::chat_imposers(tx, chat)? {
        let told = tx.restore_chat(chat, by, now, None)?;
        released.permissions = told.or(released.permissions);
    }
    // Or one that Telegram did not take when the last measure ended.
    if released.permissions.is_none()
        && let Some(held) = store::chat_held(tx, chat)?
    {
        released.permissions = Some(chat::say(tx, chat, held.own, now, None)?);
    }
    Ok(released)
}

/// Telegram takes an end more than 366 days ahead for none (Bot API, restrictChatMember); a day less, for clocks
/// that differ.
const FOREVER: Millis = 365 * 86_400_000;

/// Somebody is about to be forgotten: what Telegram holds against them without an end would be known to nobody
/// any more, and lifted by nobody. It falls, in every group; what has an end is left to Telegram, a ban stays, and
/// so does what admins did by hand.
pub(in crate::community) fn let_go(
    tx: &mut Tx<'_>,
    person: i64,
    now: Millis,
) -> Result<(), StoreError> {
    for chat in store::held_for_good(tx, person, now + FOREVER)? {
        let standing = store::standing(tx, chat, person)?;
        let ours = |s: &&Standing| s.leaves.is_some() && !matches!(s.imposer, Imposer::Outside(_));
        let fall: Vec<&Standing> = standing.iter().filter(ours).collect();
        end_all(
            tx,
            chat,
            &fall,
            End::Lifted,
            Imposer::Moderation,
            Some("erased"),
            now,
        )?;
        bring_about(tx, chat, Subject::User(person), false, now, None)?;
    }
    Ok(())
}
