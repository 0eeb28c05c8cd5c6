//! What a group's owner lets somebody do with Beadle there beyond Telegram's rights, or not do in spite of them.

use super::store;
use crate::store::{Store, StoreError};
use crate::telegram::rights::{Powers, Right, Rights, Unknown};

/// Whether somebody may was not to be found out.
#[derive(Debug, thiserror::Error)]
pub enum Doubt {
    /// Telegram did not say.
    #[error(transparent)]
    Telegram(#[from] Unknown),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How a right is called by an owner and in the database; None for one that no command or button needs.
pub fn ability(right: Right) -> Option<&'static str> {
    match right {
        Right::Delete => Some("delete"),
        Right::Restrict => Some("restrict"),
        Right::ChangeInfo => Some("settings"),
        Right::Invite => None,
    }
}

/// The right of a word that an owner writes.
pub fn right_of(word: &str) -> Option<Right> {
    Some(match word {
        "delete" | "spam" | "ham" | "warn" | "cards" => Right::Delete,
        "restrict" | "ban" | "mute" | "appeals" => Right::Restrict,
        "settings" | "mode" | "log" => Right::ChangeInfo,
        _ => return None,
    })
}

/// What follows from Telegram's rights and the owner's word: pure. `present` is asked only where the word gives
/// what Telegram does not. The owner has every right; what the owner gave ends when the person is gone.
pub fn decide(powers: Option<Powers>, word: Option<bool>, present: bool, right: Right) -> bool {
    let by_telegram = powers.is_some_and(|p| p.may(right));
    match word {
        _ if powers.is_some_and(Powers::is_owner) => true,
        Some(false) => false,
        Some(true) => by_telegram || present,
        None => by_telegram,
    }
}

/// Whether `user` may exercise `right` in `chat`. With `fresh`, and always where the owner's word gives more than
/// Telegram, Telegram is asked now; else what is known may be ten minutes old.
pub async fn may_in(
    store: &Store,
    rights: &Rights,
    (chat, user): (i64, i64),
    right: Right,
    fresh: bool,
) -> Result<bool, Doubt> {
    let word = match ability(right) {
        Some(ability) => {
            store
                .read(move |conn| store::allowance(conn, chat, user, ability))
                .await?
        }
        None => None,
    };
    if fresh || word == Some(true) {
        let now = rights.standing_now(chat, user).await?;
        return Ok(decide(now.powers, word, now.present, right));
    }
    let powers = rights.powers(chat, user).await?;
    Ok(decide(powers, word, false, right))
}
