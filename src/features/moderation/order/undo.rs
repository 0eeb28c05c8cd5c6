//! The way back: what was removed is said again with an apology, and nothing counts against its author.
use super::decide::Moderator;
use super::store::treatments::{self, Treatment};
use crate::community;
use crate::community::arbiter::{Arbitrate as _, Imposer, Lift, Subject, Whose};
use crate::community::fleeting::Fleeting as _;
use crate::store::{StoreError, Tx};
use crate::telegram::sender::text::{cut, escape, name};
use crate::telegram::sender::{Effect, Send as _, outbox};
use crate::texts::{Lang, text};

/// UTF-16 units of the words that are said again.
const WORDS: usize = 3_000;
/// What is on its way to Telegram is known after this, in milliseconds.
const ON_ITS_WAY: i64 = 60_000;

/// Takes back a treatment: its strike no longer counts, what it restricted is lifted.
pub(super) fn treatment(
    tx: &mut Tx<'_>,
    t: &Treatment,
    by: &Moderator,
) -> Result<bool, StoreError> {
    if !treatments::undo(tx, t.id, by.id, by.now)? {
        return Ok(false);
    }
    let subject = t
        .user
        .map(Subject::User)
        .or(t.sender_chat.map(Subject::Channel));
    if let (Some(entry), Some(subject)) = (t.restriction, subject) {
        let lift = Lift {
            chat: t.chat,
            subject,
            by: Imposer::Moderator(by.id),
            whose: Whose::Entry(entry),
        };
        tx.lift(&lift, by.now, Some(by.seq))?;
    }
    Ok(true)
}

/// Says a removed message again, in its author's name, and counts it as never removed. Telegram cannot
/// bring a message back.
pub(super) fn message(
    tx: &mut Tx<'_>,
    chat: i64,
    message: i64,
    user: Option<i64>,
    lang: Lang,
    by: &Moderator,
) -> Result<(), StoreError> {
    let Some(kept) = treatments::quarantined(tx, chat, message)? else {
        return Ok(());
    };
    community::put_back(tx, chat, message, user)?;
    let author = match (kept.author, user) {
        (Some(author), Some(user)) => {
            format!("<a href=\"tg://user?id={user}\">{}</a>", name(&author))
        }
        _ => text(lang, "card-channel", &[]),
    };
    let words = match kept.words.as_deref().map(str::trim) {
        Some(words) if !words.is_empty() => {
            format!(
                "<blockquote expandable>{}</blockquote>",
                escape(&cut(words, WORDS))
            )
        }
        _ => text(lang, "undone-wordless", &[]),
    };
    let html = text(
        lang,
        "undone",
        &[("who", author.into()), ("words", words.into())],
    );
    let mut effect = Effect::send_html(chat, html, None);
    if let Some(topic) = kept.topic {
        effect = effect.with("message_thread_id", topic);
    }
    let row = tx.send(&effect, by.now, Some(by.seq))?;
    treatments::put_repost(tx, (chat, message), row, by.now)?;
    Ok(())
}

/// Takes the words of [`message`] back: what was said again goes. False when nothing was.
pub(super) fn unsay(
    tx: &mut Tx<'_>,
    chat: i64,
    message: i64,
    by: &Moderator,
) -> Result<bool, StoreError> {
    let rows = treatments::take_reposts(tx, chat, message)?;
    let some = !rows.is_empty();
    for row in rows {
        if let Some(said) = outbox::get(tx, row)?.and_then(|row| row.message_id()) {
            tx.send(&Effect::delete(chat, said), by.now, Some(by.seq))?;
        } else if !outbox::cancel(tx, row, by.now)? {
            tx.sweep(row, chat, by.now + ON_ITS_WAY, by.now)?;
        }
    }
    Ok(some)
}
