//! The way back: what was removed is said again with an apology, and nothing counts against its author.
use serde_json::{Value, json};

use super::decide::Moderator;
use super::store::treatments::{self, Treatment};
use crate::community;
use crate::community::arbiter::{Arbitrate as _, Imposer, Lift, Subject, Whose};
use crate::community::fleeting::Fleeting as _;
use crate::store::{StoreError, Tx};
use crate::telegram::sender::text::{cut, escape, name};
use crate::telegram::sender::{Effect, Method, Send as _, outbox};
use crate::texts::{Lang, text};

/// UTF-16 units of the words that are said again.
const WORDS: usize = 3_000;
/// Items of one album (Bot API, sendMediaGroup).
const ALBUM: usize = 10;
/// What is on its way to Telegram is known after this, in milliseconds.
const ON_ITS_WAY: i64 = 60_000;

/// Takes back a treatment: its strike no longer counts, what it restricted is lifted.
pub(in crate::features::moderation) fn treatment(
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

/// Says a removed message again, in its author's name and with what it carried, and counts it as never removed;
/// of an album all items that were removed and are still kept, once. Telegram cannot bring a message back.
pub(in crate::features::moderation) fn message(
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
    let items = treatments::album(tx, chat, message)?;
    let mut words = Vec::new();
    let mut media = Vec::new();
    for item in &items {
        let Some(kept) = treatments::quarantined(tx, chat, *item)? else {
            continue;
        };
        community::put_back(tx, chat, *item, user)?;
        words.extend(kept.words.map(|w| w.trim().to_owned()));
        media.extend(treatments::media(tx, chat, *item)?);
    }
    words.retain(|w| !w.is_empty());
    let author = match (kept.author, user) {
        (Some(author), Some(user)) => {
            format!("<a href=\"tg://user?id={user}\">{}</a>", name(&author))
        }
        _ => text(lang, "card-channel", &[]),
    };
    let words = match (words.join("\n"), media.is_empty()) {
        (words, _) if !words.is_empty() => {
            format!(
                "<blockquote expandable>{}</blockquote>",
                escape(&cut(&words, WORDS))
            )
        }
        (_, true) => text(lang, "undone-wordless", &[]),
        (_, false) => String::new(),
    };
    let html = text(
        lang,
        "undone",
        &[("who", author.into()), ("words", words.into())],
    );
    let mut all = vec![Effect::send_html(chat, html.trim_end(), None)];
    all.extend(carried(chat, &media));
    for mut effect in all {
        if let Some(topic) = kept.topic {
            effect = effect.with("message_thread_id", topic);
        }
        let row = tx.send(&effect, by.now, Some(by.seq))?;
        treatments::put_repost(tx, (chat, message), row, by.now)?;
    }
    Ok(())
}

/// What is sent for media of these kinds and handles, in their order: what Telegram shows as one album together,
/// 2 to 10 of it (Bot API, sendMediaGroup), the rest by itself.
fn carried(chat: i64, media: &[(String, String)]) -> Vec<Effect> {
    let mut all = Vec::new();
    for run in media.chunk_by(|a, b| class(&a.0).is_some() && class(&a.0) == class(&b.0)) {
        for part in run.chunks(ALBUM) {
            if let [(kind, file)] = part {
                all.extend(alone(chat, kind, file));
                continue;
            }
            let items: Vec<Value> = part
                .iter()
                .map(|(kind, file)| json!({ "type": kind, "media": file }))
                .collect();
            let params = json!({ "media": items });
            all.push(Effect::generic(Method::SendMediaGroup, Some(chat), params));
        }
    }
    all
}

/// With what else a kind stands in one album.
fn class(kind: &str) -> Option<u8> {
    match kind {
        "photo" | "video" => Some(0),
        "document" => Some(1),
        "audio" => Some(2),
        _ => None,
    }
}

/// None for what cannot be sent by its handle alone.
fn alone(chat: i64, kind: &str, file: &str) -> Option<Effect> {
    let method = match kind {
        "photo" => Method::SendPhoto,
        "video" => Method::SendVideo,
        "animation" => Method::SendAnimation,
        "document" => Method::SendDocument,
        "audio" => Method::SendAudio,
        "voice" => Method::SendVoice,
        "video_note" => Method::SendVideoNote,
        "sticker" => Method::SendSticker,
        _ => return None,
    };
    Some(Effect::generic(method, Some(chat), json!({ kind: file })))
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
