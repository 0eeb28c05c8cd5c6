//! A person learns what was done to them, why, until when, and how to appeal.
use serde_json::json;

use super::desk::Desk;
use super::store::treatments;
use crate::base::clock::Millis;
use crate::community::fleeting::Fleeting as _;
use crate::community::reach;
use crate::store::{StoreError, Tx};
use crate::telegram::sender::text::{escape, name};
use crate::telegram::sender::{Effect, Send as _, SendLane};
use crate::texts::when::{moment, span};
use crate::texts::{Lang, text};

/// A note in the group about a mute or ban goes after this.
const NOTE_LIFE: Millis = 600_000;

/// What there is to tell.
#[derive(Debug, Clone)]
pub(in crate::features::moderation) struct News {
    pub treatment: i64,
    pub chat: i64,
    pub user: i64,
    /// `warn`, `mute`, `ban`.
    pub kind: &'static str,
    pub until: Option<Millis>,
    /// Why, as a part of a sentence in the language of `lang`.
    pub because: String,
    /// The group's language; a private message is in the person's own.
    pub lang: Lang,
}

/// Tells: by private message where the person can be written to, else, of a mute or ban, by a note in the
/// group with a link into the private chat; the note deletes itself.
pub(in crate::features::moderation) fn tell(
    tx: &mut Tx<'_>,
    desk: &Desk,
    news: &News,
    now: Millis,
    seq: Option<i64>,
) -> Result<(), StoreError> {
    let group = treatments::title(tx, news.chat)?;
    let group = name(group.as_deref().unwrap_or("…"));
    if reach::is_reachable(tx, news.user)? {
        let own = treatments::language(tx, news.user)?;
        let lang = own.map_or(news.lang, |tag| Lang::from_tag(Some(&tag)));
        let data = desk
            .seal
            .data("appeal", &news.treatment.to_string(), news.user);
        let markup = json!({ "inline_keyboard": [[
            { "text": text(lang, "button-appeal", &[]), "callback_data": data },
        ]] });
        let effect = Effect::send_html(news.user, words(news, &group, lang, now), Some(markup));
        tx.send(&effect.lane(SendLane::Reply), now, seq)?;
        return Ok(());
    }
    if news.kind == "warn" {
        return Ok(());
    }
    let person = treatments::name_of(tx, news.user)?;
    let who = format!(
        "<a href=\"tg://user?id={}\">{}</a>",
        news.user,
        name(person.as_deref().unwrap_or("…"))
    );
    let key = if news.kind == "ban" {
        "note-banned"
    } else {
        "note-muted"
    };
    let lang = news.lang;
    let until = until(news.until, lang, now);
    let words = text(
        lang,
        key,
        &[
            ("who", who.into()),
            ("until", until.into()),
            ("reasons", escape(&news.because).into()),
        ],
    );
    let markup = desk.link.bot().map(|bot| {
        let payload = desk.seal.link("appeal", &news.treatment.to_string(), news.user);
        json!({ "inline_keyboard": [[
            { "text": text(lang, "button-appeal", &[]), "url": format!("https://t.me/{bot}?start={payload}") },
        ]] })
    });
    let note = Effect::send_html(news.chat, words, markup);
    tx.send_fleeting(&note, NOTE_LIFE, now, seq)?;
    Ok(())
}

/// Until when, in words: for how long, and the moment.
pub(in crate::features::moderation) fn until(
    until: Option<Millis>,
    lang: Lang,
    now: Millis,
) -> String {
    until.map_or_else(
        || text(lang, "for-good", &[]),
        |at| {
            let args = [
                ("span", span(lang, at - now).into()),
                ("when", moment(at).into()),
            ];
            text(lang, "until-for", &args)
        },
    )
}

fn words(news: &News, group: &str, lang: Lang, now: Millis) -> String {
    let key = match news.kind {
        "ban" => "told-banned",
        "mute" => "told-muted",
        _ => "told-warned",
    };
    let until = until(news.until, lang, now);
    text(
        lang,
        key,
        &[
            ("group", group.to_owned().into()),
            ("until", until.into()),
            ("reasons", escape(&news.because).into()),
        ],
    )
}
