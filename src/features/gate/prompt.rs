//! What somebody who is held reads: one prompt a group, which moves down now and then, and letters for who asks to come in.
use serde_json::{Value, json};

use super::gates::Channel;
use super::store;
use crate::base::clock::Millis;
use crate::community::fleeting::Fleeting as _;
use crate::community::group_on_disk;
use crate::community::seal::Seal;
use crate::config::Mode;
use crate::store::{StoreError, Tx};
use crate::telegram::sender::text::{escape, name};
use crate::telegram::sender::{Effect, Send as _, SendLane, outbox};
use crate::texts::{Lang, text};

/// A prompt stands for so long after somebody was held last.
const LIFE: Millis = 600_000;
/// It is put at the end of the group again at most so often: once a minute is enough for those who were just held.
const MOVES: Millis = 60_000;
/// Buttons to channels under one prompt.
const BUTTONS: usize = 10;

/// The prompt stands in the group, and not far up.
pub(super) fn show(
    tx: &mut Tx<'_>,
    seal: &Seal,
    chat: i64,
    now: Millis,
    seq: Option<i64>,
) -> Result<(), StoreError> {
    let last = store::prompt(tx, chat)?;
    if last.is_some_and(|(_, at)| now - at < MOVES) {
        return Ok(());
    }
    if let Some((row, _)) = last {
        take_away(tx, chat, row, now)?;
    }
    let (html, markup) = words(tx, seal, chat, chat, "gate-prompt")?;
    let effect = Effect::send_html(chat, html, Some(markup)).lane(SendLane::Moderation);
    let row = tx.send_fleeting(&effect, LIFE, now, seq)?;
    store::put_prompt(tx, chat, row, now)
}

/// Who asks to be let into a group reads what is missing, where Beadle may write to them.
pub(super) fn letter(
    tx: &mut Tx<'_>,
    seal: &Seal,
    chat: i64,
    to: i64,
    now: Millis,
) -> Result<(), StoreError> {
    let (html, markup) = words(tx, seal, chat, to, "gate-letter")?;
    let effect = Effect::send_html(to, html, Some(markup)).lane(SendLane::Reply);
    tx.send(&effect, now, None).map(|_row| ())
}

fn take_away(tx: &mut Tx<'_>, chat: i64, row: i64, now: Millis) -> Result<(), StoreError> {
    let row = outbox::last(tx, row)?;
    if outbox::cancel(tx, row, now)? {
        return Ok(());
    }
    if let Some(message) = outbox::get(tx, row)?.and_then(|row| row.message_id()) {
        tx.send(&Effect::delete(chat, message), now, None)?;
    }
    Ok(())
}

/// The words about the door of `chat` and their buttons, which work in `place` only.
fn words(
    tx: &Tx<'_>,
    seal: &Seal,
    chat: i64,
    place: i64,
    key: &str,
) -> Result<(String, Value), StoreError> {
    let group = group_on_disk(tx, chat, Mode::default())?;
    let lang = Lang::from_tag(group.as_ref().and_then(|g| g.language.as_deref()));
    let title = group
        .and_then(|g| g.title)
        .unwrap_or_else(|| "…".to_owned());
    let channels = store::channels_of(tx, chat)?;
    let args = [
        ("group", name(&title).into()),
        ("channels", list(&channels).into()),
    ];
    let mut rows: Vec<Value> = channels
        .iter()
        .filter_map(|c| Some((c, c.url()?)))
        .take(BUTTONS)
        .map(|(c, url)| {
            let label = text(
                lang,
                "button-gate-join",
                &[("channel", c.title.clone().into())],
            );
            json!([{ "text": label, "url": url }])
        })
        .collect();
    let data = seal.data("gate", &chat.to_string(), place);
    rows.push(json!([{ "text": text(lang, "button-gate-joined", &[]), "callback_data": data }]));
    Ok((text(lang, key, &args), json!({ "inline_keyboard": rows })))
}

/// Channels as a person reads them, as HTML: the public name, else the title.
pub(super) fn list(channels: &[Channel]) -> String {
    let each = channels.iter().map(|c| match &c.username {
        Some(public) => format!("@{}", escape(public)),
        None => format!("<b>{}</b>", name(&c.title)),
    });
    each.collect::<Vec<_>>().join(", ")
}

/// The same without markup, for a window over the chat.
pub(super) fn plain_list<'a>(channels: impl IntoIterator<Item = &'a Channel>) -> String {
    let each = channels.into_iter().map(|c| match &c.username {
        Some(public) => format!("@{public}"),
        None => c.title.clone(),
    });
    each.collect::<Vec<_>>().join(", ")
}
