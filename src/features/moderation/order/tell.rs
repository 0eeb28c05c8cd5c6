//! A person learns what was done to them, why, until when, and how to appeal.
use serde_json::{Value, json};

use super::desk::Desk;
use super::mention;
use super::store::treatments;
use super::ways::{self, Reader};
use crate::base::clock::Millis;
use crate::community::fleeting::Fleeting as _;
use crate::community::versions::zone_of;
use crate::community::wording::Wording;
use crate::features::moderation::kept::because;
use crate::store::{StoreError, Tx};
use crate::telegram::sender::text::{escape, name};
use crate::telegram::sender::{Effect, Send as _};
use crate::texts::when::{Zone, moment, span};
use crate::texts::{Lang, text};

/// A note in the group about a mute or ban goes after this.
const NOTE_LIFE: Millis = 600_000;

/// What there is to tell.
#[derive(Debug, Clone)]
pub(in crate::features::moderation) struct News {
    pub treatment: i64,
    pub chat: i64,
    pub user: i64,
    /// `warn`, `mute`, `ban`, `kick`.
    pub kind: &'static str,
    pub until: Option<Millis>,
    /// Why, as codes, the heaviest first.
    pub codes: Vec<String>,
    /// The message it was for.
    pub message: Option<i64>,
    /// The moderator's own words, which may be none, when a command did it.
    pub words: Option<String>,
    /// Nobody else is to read of it.
    pub quiet: bool,
    /// The group's language; a private message is in the person's own.
    pub lang: Lang,
}

/// Tells: by a message that only they see in the group, else by letter, else, of a mute or ban, by a note in
/// the group with a link into the private chat; the note deletes itself.
pub(in crate::features::moderation) fn tell(
    tx: &mut Tx<'_>,
    desk: &Desk,
    news: &News,
    now: Millis,
    seq: Option<i64>,
) -> Result<(), StoreError> {
    let group = treatments::title(tx, news.chat)?;
    let group = name(group.as_deref().unwrap_or("…"));
    let zone = zone_of(tx, news.chat)?;
    let own = Wording::of(tx, news.chat)?;
    let note = if news.kind == "warn" || news.quiet {
        None
    } else {
        Some(note(tx, desk, news, (&zone, &own), now)?)
    };
    let data = desk
        .seal
        .data("appeal", &news.treatment.to_string(), news.user);
    let letter = |lang| {
        let button = json!({ "text": text(lang, "button-appeal", &[]), "callback_data": data });
        let markup = json!({ "inline_keyboard": [[button]] });
        (words(news, &group, lang, (&zone, &own), now), Some(markup))
    };
    let reader = Reader {
        chat: news.chat,
        user: news.user,
        inside: !matches!(news.kind, "ban" | "kick"),
        message: news.message,
        lang: news.lang,
    };
    let noted = note.is_some();
    let Some(effect) = ways::to(tx, reader, letter, note, now)? else {
        return Ok(());
    };
    let row = tx.send(&effect, now, seq)?;
    if noted {
        tx.sweep(row, news.chat, now + NOTE_LIFE, now)?;
    }
    Ok(())
}

/// The note in the group, for those whom nothing else reaches.
fn note(
    tx: &Tx<'_>,
    desk: &Desk,
    news: &News,
    (zone, own): (&Zone, &Wording),
    now: Millis,
) -> Result<Effect, StoreError> {
    let person = treatments::name_of(tx, news.user)?;
    let who = mention::in_public(news.user, person.as_deref(), "note-nameless", news.lang);
    let key = match news.kind {
        "ban" => "note-banned",
        "kick" => "note-kicked",
        _ => "note-muted",
    };
    let lang = news.lang;
    let until = match news.kind {
        "ban" => out_for(news.until, lang, zone, now),
        _ => until(news.until, lang, zone, now),
    };
    let args = [
        ("who", who.into()),
        ("until", until.into()),
        ("reasons", reasons(news, lang).into()),
    ];
    let markup: Option<Value> = desk.link.bot().map(|bot| {
        let payload = desk.seal.link("appeal", &news.treatment.to_string(), news.user);
        json!({ "inline_keyboard": [[
            { "text": text(lang, "button-appeal", &[]), "url": format!("https://t.me/{bot}?start={payload}") },
        ]] })
    });
    let note = Effect::send_html(news.chat, own.say(lang, key, &args), markup);
    Ok(note.until(now + NOTE_LIFE))
}

fn reasons(news: &News, lang: Lang) -> String {
    match news.words.as_deref() {
        // What a person wrote may run right to left; it is closed in itself (UAX 9).
        Some(words) if !words.is_empty() => format!("\u{2068}{}\u{2069}", escape(words)),
        _ => escape(&because(lang, news.codes.iter().map(String::as_str))),
    }
}

/// Until when, in words: for how long, and the moment.
pub(in crate::features::moderation) fn until(
    until: Option<Millis>,
    lang: Lang,
    zone: &Zone,
    now: Millis,
) -> String {
    ends("until-for", until, lang, zone, now)
}

/// The same of a ban, for which languages have other words: "на 7 дней".
pub(in crate::features::moderation) fn out_for(
    until: Option<Millis>,
    lang: Lang,
    zone: &Zone,
    now: Millis,
) -> String {
    ends("out-for", until, lang, zone, now)
}

fn ends(key: &'static str, until: Option<Millis>, lang: Lang, zone: &Zone, now: Millis) -> String {
    until.map_or_else(
        || text(lang, "for-good", &[]),
        |at| {
            let args = [
                ("span", span(lang, at - now).into()),
                ("when", moment(at, zone).into()),
            ];
            text(lang, key, &args)
        },
    )
}

fn words(
    news: &News,
    group: &str,
    lang: Lang,
    (zone, own): (&Zone, &Wording),
    now: Millis,
) -> String {
    let key = match (news.kind, news.words.is_some()) {
        ("ban", false) => "told-banned",
        ("mute", false) => "told-muted",
        (_, false) => "told-warned",
        ("ban", true) => "told-hand-banned",
        ("kick", true) => "told-hand-kicked",
        ("mute", true) => "told-hand-muted",
        (_, true) => "told-hand-warned",
    };
    let until = until(news.until, lang, zone, now);
    own.say(
        lang,
        key,
        &[
            ("group", group.to_owned().into()),
            ("until", until.into()),
            ("reasons", reasons(news, lang).into()),
        ],
    )
}
