//! Who gives a command, and whether they may.
use crate::community::principals::Doubt;
use crate::features::moderation::order::decide::Moderator;
use crate::features::moderation::order::{Desk, whole_name};
use crate::features::moderation::tools::catch;
use crate::pipeline::stages::{Reply, Said};
use crate::telegram::event::Sender;
use crate::telegram::rights::Right;
use crate::texts::text;

/// Anonymous admins all have this id (Bot API, Message.from); which rights one has nobody is told.
const ANONYMOUS: i64 = 1_087_968_824;

/// Whether an id is that of every anonymous admin.
pub(in crate::features::moderation) fn is_anonymous(id: i64) -> bool {
    id == ANONYMOUS
}

/// The speaker as a moderator of `chat` with `right`, or the polite refusal. An anonymous admin speaks as the
/// group itself: they may what all of the group's anonymous admins may.
pub(in crate::features::moderation) async fn moderator(
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
        frees: false,
        ladder: None,
    };
    let id = match &said.event.sender {
        Sender::User(person) => person.id,
        _ => ANONYMOUS,
    };
    let frozen = desk
        .store
        .read(move |conn| catch::is_frozen(conn, chat, id));
    if frozen.await.unwrap_or(false) {
        return Err(Reply::Fleeting(text(said.lang, "alert-frozen", &[]), None));
    }
    let person = match &said.event.sender {
        Sender::AnonymousAdmin { chat: own } if *own == chat => {
            let key = match desk.rights.anonymous_may(chat, right).await {
                Ok(true) => return Ok(by(ANONYMOUS, text(said.lang, "anonymous-admin", &[]))),
                Ok(false) => "refused-anonymous",
                Err(_) => "alert-rights-unknown",
            };
            return Err(Reply::Fleeting(text(said.lang, key, &[]), None));
        }
        Sender::User(person) => person,
        _ => {
            return Err(Reply::Fleeting(
                text(said.lang, "refused-admins-only", &[]),
                None,
            ));
        }
    };
    match desk.may(chat, person.id, right, false).await {
        Ok(true) => Ok(by(person.id, whole_name(person))),
        Ok(false) => Err(Reply::Fleeting(
            text(said.lang, "refused-admins-only", &[]),
            None,
        )),
        Err(e) => {
            tracing::warn!(chat, error = %e, "a command could not be checked");
            Err(Reply::Fleeting(
                text(said.lang, "alert-rights-unknown", &[]),
                None,
            ))
        }
    }
}

/// Whether the speaker, whom [`moderator`] accepted, may mute, ban and free people in `chat`: asked now.
pub(in crate::features::moderation) async fn may_restrict(
    desk: &Desk,
    chat: i64,
    by: i64,
) -> Result<bool, Doubt> {
    if by == ANONYMOUS {
        return Ok(desk.rights.anonymous_may(chat, Right::Restrict).await?);
    }
    desk.may(chat, by, Right::Restrict, true).await
}
