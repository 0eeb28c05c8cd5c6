//! Who gives a command, and whether they may.
use crate::features::moderation::order::decide::Moderator;
use crate::features::moderation::order::{Desk, whole_name};
use crate::pipeline::stages::{Reply, Said};
use crate::telegram::event::Sender;
use crate::telegram::rights::Right;
use crate::texts::text;

/// Anonymous admins all have this id (Bot API, Message.from); which rights one has nobody is told.
const ANONYMOUS: i64 = 1_087_968_824;

/// Whether an id is that of every anonymous admin.
pub(super) fn is_anonymous(id: i64) -> bool {
    id == ANONYMOUS
}

/// The speaker as a moderator of `chat` with `right`, or the polite refusal. An anonymous admin speaks as the
/// group itself and has every right that takes nothing away from a person.
pub(super) async fn moderator(
    desk: &Desk,
    said: &Said<'_>,
    chat: i64,
    right: Right,
) -> Result<Moderator, Reply> {
    let by = |id, name| Moderator {
        id,
        name,
        now: said.now,
        seq: said.seq,
        ladder: None,
    };
    let person = match &said.event.sender {
        Sender::AnonymousAdmin { chat: own } if *own == chat && right != Right::Restrict => {
            return Ok(by(ANONYMOUS, text(said.lang, "anonymous-admin", &[])));
        }
        Sender::User(person) => person,
        _ => {
            return Err(Reply::Html(
                text(said.lang, "refused-admins-only", &[]),
                None,
            ));
        }
    };
    match desk.may(chat, person.id, right, false).await {
        Ok(true) => Ok(by(person.id, whole_name(person))),
        Ok(false) => Err(Reply::Html(
            text(said.lang, "refused-admins-only", &[]),
            None,
        )),
        Err(e) => {
            tracing::warn!(chat, error = %e, "a command could not be checked");
            Err(Reply::Html(
                text(said.lang, "alert-rights-unknown", &[]),
                None,
            ))
        }
    }
}
