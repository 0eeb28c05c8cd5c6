//! From what Telegram must hold against somebody to the calls that say so.
use super::order::Subject;
use super::rules::{Hold, Tell};
use crate::base::clock::Millis;
use crate::telegram::sender::{Effect, Method, SendLane};
use serde_json::json;

use super::permissions::Permissions;

/// A call is given up when so little is left of what it says: Telegram takes less than 30 s for "for good".
pub(super) const MARGIN: Millis = 31_000;

/// Where somebody is told of.
#[derive(Debug, Clone, Copy)]
pub(super) struct At {
    pub(super) chat: i64,
    pub(super) subject: Subject,
    /// Basic groups know only a ban, and that for good.
    pub(super) basic: bool,
    /// How far Telegram's clock is ahead of this machine's.
    pub(super) ahead: Millis,
}

/// The call for `tell`; None where there is nothing to call.
pub(super) fn call(at: At, tell: Tell, revoke: bool) -> Option<Effect> {
    let (chat, id) = (at.chat, at.subject.id());
    Some(match (at.subject, tell) {
        (_, Tell::Nothing) => return None,
        (Subject::Channel(_), Tell::Hold(_)) => sender_chat(Method::BanChatSenderChat, chat, id),
        (Subject::Channel(_), _) => sender_chat(Method::UnbanChatSenderChat, chat, id),
        (_, Tell::Hold(Hold { leaves: None, .. })) if at.basic => {
            Effect::ban(chat, id, None, revoke)
        }
        // Nothing else exists in a basic group: a ban there is over once it is done.
        _ if at.basic => return None,
        (_, Tell::Hold(hold)) => {
            let until = hold.until.map(|until| seconds(until + at.ahead));
            let effect = match hold.leaves {
                None => Effect::ban(chat, id, until, revoke),
                Some(left) => Effect::restrict(chat, id, left.to_json(), until),
            };
            // The deadline is by this machine's clock, the end by Telegram's.
            match hold.until {
                Some(until) => effect.until(until - MARGIN),
                None => effect,
            }
        }
        (_, Tell::Unban) => Effect::unban(chat, id, true),
        (_, Tell::Free) => Effect::restrict(chat, id, Permissions::ALL.to_json(), None),
    })
}

/// Frees somebody of whom the ledger knows nothing, of what is meant and of nothing else; None where Telegram knows no
/// such thing.
pub(super) fn free(at: At, tell: Tell) -> Option<Effect> {
    match (at.subject, tell) {
        // A channel is never less than banned.
        (Subject::Channel(_), Tell::Free) => None,
        (_, Tell::Free | Tell::Unban) => call(at, tell, false),
        _ => None,
    }
}

fn sender_chat(method: Method, chat: i64, sender: i64) -> Effect {
    Effect::generic(method, Some(chat), json!({ "sender_chat_id": sender }))
        .lane(SendLane::Moderation)
}

/// Telegram's seconds, rounded up.
fn seconds(at: Millis) -> i64 {
    at.saturating_add(999).div_euclid(1_000)
}
