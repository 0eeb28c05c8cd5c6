//! `/quiet` in private: when cards and notes come to one moderator without a sound.
use crate::features::moderation::house::hours::Hours;
use crate::features::moderation::order::Desk;
use crate::features::moderation::order::store::quiet::{self, Quiet};
use crate::pipeline::StageError;
use crate::pipeline::stages::{Reply, Said};
use crate::telegram::sender::text::escape;
use crate::texts::when::Zone;
use crate::texts::{Lang, text};

/// Answers `/quiet`, `/quiet 23-7`, `/quiet 23-7 Europe/Berlin`, `/quiet off`.
pub(super) async fn own(desk: &Desk, said: &Said<'_>, user: i64) -> Result<Reply, StageError> {
    let lang = said.lang;
    let say = |key: &str| Reply::Html(text(lang, key, &[]), None);
    let words = said.args.trim();
    if words.is_empty() {
        let known = desk.store.read(move |conn| quiet::of(conn, user)).await?;
        return Ok(known.map_or_else(|| say("quiet-own-how"), |known| told(lang, &known)));
    }
    let now = said.now;
    if matches!(words.to_lowercase().as_str(), "off" | "no" | "нет" | "выкл") {
        let done = say("quiet-own-off");
        return Ok(Reply::decide(move |tx| {
            quiet::put(tx, user, None, now)?;
            Ok(done)
        }));
    }
    let Some(chosen) = read(words) else {
        return Ok(say("quiet-own-how"));
    };
    let done = told(lang, &chosen);
    Ok(Reply::decide(move |tx| {
        quiet::put(tx, user, Some(&chosen), now)?;
        Ok(done)
    }))
}

fn read(words: &str) -> Option<Quiet> {
    let (hours, zone) = words.split_once(char::is_whitespace).unwrap_or((words, ""));
    let hours = Hours::try_from(hours.to_owned()).ok()?;
    let zone = match zone.trim() {
        "" => None,
        zone if zone.len() > 64 => return None,
        zone => Some(Zone::parse(zone)?.name().to_owned()),
    };
    Some(Quiet {
        hours: hours.into(),
        zone,
    })
}

fn told(lang: Lang, quiet: &Quiet) -> Reply {
    let hours = ("hours", quiet.hours.clone().into());
    let words = match &quiet.zone {
        Some(zone) => text(lang, "quiet-own", &[hours, ("zone", escape(zone).into())]),
        None => text(lang, "quiet-own-group", &[hours]),
    };
    Reply::Html(words, None)
}
