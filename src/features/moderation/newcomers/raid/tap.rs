//! Taps on the card of a raid.
use super::{course, store};
use crate::features::moderation::order::Desk;
use crate::pipeline::StageError;
use crate::pipeline::stages::{Reply, Said};
use crate::telegram::rights::Right;
use crate::texts::text;

const VERBS: [&str; 4] = ["end", "remove", "free", "undo"];

/// Answers a tap; it needs the right to restrict people in the group of the raid, asked now.
pub(super) async fn tap(desk: &Desk, said: &Said<'_>) -> Result<Reply, StageError> {
    let lang = said.lang;
    let gone = || Reply::Alert(text(lang, "alert-card-gone", &[]));
    let (Some(callback), Some(place)) =
        (&said.event.callback, said.event.chat.as_ref().map(|c| c.id))
    else {
        return Ok(Reply::Silence);
    };
    let payload = desk.seal.open("raidcard", said.args, place);
    let parsed = payload.and_then(|p| {
        let (verb, id) = p.split_once(':')?;
        let verb = VERBS.into_iter().find(|v| *v == verb)?;
        Some((verb, id.parse::<i64>().ok()?))
    });
    let Some((verb, id)) = parsed else {
        return Ok(gone());
    };
    let found = desk.store.read(move |conn| store::get(conn, id)).await?;
    let Some(raid) = found else { return Ok(gone()) };
    let (user, now) = (callback.from.id, said.now);
    match desk.may(raid.chat, user, Right::Restrict, true).await {
        Ok(true) => {}
        Ok(false) => return Ok(Reply::Alert(text(lang, "alert-no-right", &[]))),
        Err(e) => {
            tracing::warn!(chat = raid.chat, error = %e, "a tap could not be checked");
            return Ok(Reply::Alert(text(lang, "alert-rights-unknown", &[])));
        }
    }
    Ok(Reply::decide(move |tx| {
        // As it stands now.
        let Some(raid) = store::get(tx, id)? else {
            return Ok(Reply::Alert(text(lang, "alert-card-gone", &[])));
        };
        let key = match verb {
            "end" => {
                if !course::end(tx, &raid, "keep", user, now)? {
                    "toast-raid-over"
                } else if let (false, held @ 1..) = course::left(tx, raid.id, now)? {
                    let words = text(lang, "toast-raid-ended-held", &[("held", held.into())]);
                    return Ok(Reply::Toast(words));
                } else {
                    "toast-raid-ended"
                }
            }
            verb => {
                course::decide(tx, &raid, verb, user, now)?;
                "toast-raid-decided"
            }
        };
        Ok(Reply::Toast(text(lang, key, &[])))
    }))
}
