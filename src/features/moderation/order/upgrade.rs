//! A group that becomes a supergroup: what is about it follows, what names its messages does not.
use super::store::upkeep;
use super::{desk, shake, wipe};
use crate::base::clock::Millis;
use crate::store::{StoreError, Tx};

/// Takes cards and treatments along to the new id. Messages are numbered anew in the supergroup, so open cards about
/// one are closed: a tap would hit another person's message. Telegram shows the old ones there, and lets no bot
/// touch them.
pub(in crate::features::moderation) fn moved(
    tx: &mut Tx<'_>,
    from: i64,
    to: i64,
    now: Millis,
) -> Result<(), StoreError> {
    for id in upkeep::open_verdicts(tx, from)? {
        let Some(card) = desk::located(tx, id)? else {
            continue;
        };
        // One that stood in the group itself is out of reach.
        if card.place != Some(from) {
            wipe::wipe(tx, &card, "card-upgraded", now)?;
        }
        upkeep::expire(tx, id)?;
    }
    upkeep::moved(tx, from, to)?;
    shake(tx, now)
}
