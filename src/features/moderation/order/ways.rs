//! The ways to a person whom something is to be told: a message that only they see in the group, else a letter,
//! else what the caller names; the sender takes the next when Telegram refuses one.
use serde_json::{Value, json};

use super::store::treatments;
use crate::base::clock::Millis;
use crate::community::{admission, reach};
use crate::store::{StoreError, Tx};
use crate::telegram::sender::{Effect, SendLane, outbox};
use crate::texts::Lang;

/// Who wrote so long ago is taken to look at the group still: Telegram does not promise to keep a message for
/// one person until they come back.
const PRESENT: Millis = 300_000;

/// Whom something is told, about which group.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader {
    pub chat: i64,
    pub user: i64,
    /// Not banned: nobody outside sees what is said in a group.
    pub inside: bool,
    /// The message it is about, for its topic.
    pub message: Option<i64>,
    /// The group's language, for those who have none of their own.
    pub lang: Lang,
}

/// What is sent to `reader`, first the way that is likeliest to reach them; `last` is what is done when none of
/// them is open. `words` are written in the reader's language, with their buttons. None when there is no way.
pub(super) fn to(
    tx: &Tx<'_>,
    reader: Reader,
    words: impl Fn(Lang) -> (String, Option<Value>),
    last: Option<Effect>,
    now: Millis,
) -> Result<Option<Effect>, StoreError> {
    let own = treatments::language(tx, reader.user)?;
    let lang = own.map_or(reader.lang, |tag| Lang::from_tag(Some(&tag)));
    let (html, markup) = words(lang);
    let say = |chat| Effect::send_html(chat, html.clone(), markup.clone()).lane(SendLane::Reply);
    let mut ways = Vec::with_capacity(3);
    if reader.inside && outbox::may_whisper(tx, now)? {
        let mut whisper = say(reader.chat).whispered(reader.user);
        if let Some(message) = reader.message
            && let Some(topic) = treatments::topic(tx, reader.chat, message)?
        {
            whisper = whisper.with("message_thread_id", json!(topic));
        }
        ways.push(whisper);
    }
    let letter = if reach::is_reachable(tx, reader.user)? {
        Some(say(reader.user))
    } else {
        let door = admission::letterbox(tx, reader.user, now)?;
        door.map(|(chat, until)| say(chat).until(until))
    };
    let seen = treatments::last_seen(tx, reader.chat, reader.user)?;
    let present = seen.is_some_and(|seen| now - seen <= PRESENT);
    let at = if present { ways.len() } else { 0 };
    ways.splice(at..at, letter);
    ways.extend(last);
    Ok(ways.into_iter().rev().reduce(|next, way| way.or(next)))
}
