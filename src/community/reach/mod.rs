//! Whom Beadle may write to in private: people who wrote first and have not blocked it.
mod store;

pub use store::{is_reachable, language, lose};

use super::record::Write;
use crate::base::clock::Millis;
use crate::telegram::event::{Event, Kind, Sender};

/// What must be written when `event` tells that a person can, or cannot any more, be written to.
pub(super) fn heard(event: &Event, now: Millis) -> Option<Write> {
    let chat = event.chat.as_ref().filter(|c| c.kind == "private")?.id;
    if event.kind == Kind::MyChatMember {
        let open = event.member.as_ref()?.is_member;
        return Some(Box::new(move |tx| {
            if open {
                store::reach(tx, chat, now)
            } else {
                store::lose(tx, chat, now)
            }
        }));
    }
    let wrote = matches!(&event.sender, Sender::User(user) if !user.is_bot && user.id == chat);
    if event.kind != Kind::Message || !wrote {
        return None;
    }
    Some(Box::new(move |tx| store::reach(tx, chat, now)))
}
