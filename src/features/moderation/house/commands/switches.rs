//! `/lock /unlock /locks /flood /slowmode /nightmode /clean`: rules that are one setting each.
use serde_json::{Value, json};

use super::{Room, first, say, say_of};
use crate::community::GroupFacts;
use crate::community::settings::Table;
use crate::features::moderation::commands::who;
use crate::features::moderation::house::locks::{self, Lock};
use crate::features::moderation::house::service;
use crate::features::moderation::house::settings::{HouseSettings, SETTINGS};
use crate::pipeline::StageError;
use crate::pipeline::stages::{Reply, Said};
use crate::telegram::rights::Right;
use crate::telegram::sender::text::escape;
use crate::texts::{Lang, text};

/// Asks who speaks, or gives back the refusal.
macro_rules! admin {
    ($room:expr, $said:expr, $group:expr) => {
        match $room.admin($said, $group.id).await {
            Ok(by) => by,
            Err(refusal) => return Ok(refusal),
        }
    };
}

/// Reads `words` for a setting of the table; None for what cannot be.
fn parse(path: &'static str, words: &str) -> Option<Value> {
    let table = Table::new(&[SETTINGS]);
    let (_, value) = table.parse(path, words).ok()?;
    Some(value)
}

/// A value as a person would write it.
fn show(path: &'static str, value: &Value) -> String {
    let table = Table::new(&[SETTINGS]);
    table
        .find(path)
        .map_or_else(|_| String::new(), |setting| setting.kind.show(value))
}

fn told(lang: Lang, key: &str, value: &str) -> Reply {
    Reply::Fleeting(text(lang, key, &[("value", escape(value).into())]), None)
}

/// `/lock link, sticker warn`, `/unlock link`, `/unlock all`, `/locks`.
pub(super) async fn locks(
    room: &Room,
    said: &Said<'_>,
    group: &GroupFacts,
    name: &str,
) -> Result<Reply, StageError> {
    let lang = said.lang;
    let settings = HouseSettings::of(group);
    if name == "locks" {
        return Ok(shown(lang, &settings.locks));
    }
    let by = admin!(room, said, group);
    let words = said.args.trim().to_lowercase();
    if words.is_empty() {
        return Ok(kinds(lang, &settings.locks));
    }
    let mut locks = settings.locks;
    for part in words
        .split([',', '\n'])
        .map(str::trim)
        .filter(|p| !p.is_empty())
    {
        if name == "unlock" {
            if matches!(part, "all" | "все" | "всё") {
                locks.clear();
                continue;
            }
            if locks::kinds(part).is_none() {
                return Ok(say_of(lang, "lock-bad", part));
            }
            let same = |lock: &Lock| locks::kinds(&lock.name) == locks::kinds(part);
            locks.retain(|lock| !same(lock));
            continue;
        }
        let Ok(lock) = Lock::try_from(part.to_owned()) else {
            return Ok(say_of(lang, "lock-bad", part));
        };
        locks.retain(|known| locks::kinds(&known.name) != locks::kinds(&lock.name));
        locks.push(lock);
    }
    let reply = shown(lang, &locks);
    let value = (!locks.is_empty()).then(|| json!(locks));
    Ok(room.set(group.id, &by, "house.locks", value, reply))
}

fn shown(lang: Lang, locks: &[Lock]) -> Reply {
    if locks.is_empty() {
        return say(lang, "locks-none");
    }
    let all: Vec<String> = locks
        .iter()
        .map(|lock| String::from(lock.clone()))
        .collect();
    told(lang, "locks-now", &all.join(", "))
}

/// What can be locked, and what is.
fn kinds(lang: Lang, locks: &[Lock]) -> Reply {
    let all: Vec<&str> = locks::names().collect();
    let now: Vec<String> = locks
        .iter()
        .map(|lock| String::from(lock.clone()))
        .collect();
    let args = [
        ("kinds", all.join(", ").into()),
        (
            "value",
            if now.is_empty() {
                "–".to_owned()
            } else {
                now.join(", ")
            }
            .into(),
        ),
    ];
    Reply::Fleeting(text(lang, "lock-how", &args), None)
}

/// `/flood 5 10s mute 1h`, `/flood same 3 10m`, `/flood off`.
pub(super) async fn flood(
    room: &Room,
    said: &Said<'_>,
    group: &GroupFacts,
) -> Result<Reply, StageError> {
    let lang = said.lang;
    let by = admin!(room, said, group);
    let settings = HouseSettings::of(group);
    let off = |limit: Option<String>| limit.unwrap_or_else(|| "off".to_owned());
    let (verb, rest) = first(said.args);
    let (path, words) = match verb.as_str() {
        "" => {
            let args = [
                ("flood", off(settings.flood.map(String::from)).into()),
                ("same", off(settings.same.map(String::from)).into()),
            ];
            return Ok(Reply::Fleeting(text(lang, "flood-how", &args), None));
        }
        "same" | "повтор" => ("house.same", rest),
        _ => ("house.flood", said.args.trim()),
    };
    let Some(value) = parse(path, words) else {
        return Ok(say_of(lang, "flood-bad", said.args));
    };
    let key = match (path, value.is_null()) {
        ("house.same", false) => "flood-same-set",
        ("house.same", true) => "flood-same-off",
        (_, false) => "flood-set",
        (_, true) => "flood-off",
    };
    let reply = told(lang, key, &show(path, &value));
    let value = Some(value).filter(|v| !v.is_null());
    Ok(room.set(group.id, &by, path, value, reply))
}

/// `/slowmode 30s`, `/slowmode off`.
pub(super) async fn slowmode(
    room: &Room,
    said: &Said<'_>,
    group: &GroupFacts,
) -> Result<Reply, StageError> {
    let (lang, path) = (said.lang, "house.slowmode");
    let by = admin!(room, said, group);
    if said.args.trim().is_empty() {
        let now = show(path, &json!(HouseSettings::of(group).slowmode));
        return Ok(told(lang, "slowmode-how", &now));
    }
    let Some(value) = parse(path, said.args) else {
        return Ok(say_of(lang, "slowmode-bad", said.args));
    };
    let off = value == json!(0);
    let key = if off { "slowmode-off" } else { "slowmode-set" };
    let reply = told(lang, key, &show(path, &value));
    Ok(room.set(group.id, &by, path, Some(value).filter(|_| !off), reply))
}

/// `/nightmode 23:00-07:00`, `/nightmode off`.
pub(super) async fn night(
    room: &Room,
    said: &Said<'_>,
    group: &GroupFacts,
) -> Result<Reply, StageError> {
    let (lang, path) = (said.lang, "house.night");
    let by = admin!(room, said, group);
    if said.args.trim().is_empty() {
        let now = HouseSettings::of(group).night.map(String::from);
        return Ok(told(lang, "night-how", now.as_deref().unwrap_or("off")));
    }
    let Some(value) = parse(path, said.args) else {
        return Ok(say_of(lang, "night-bad", said.args));
    };
    // It takes from all members what a mute takes from one.
    match who::may_restrict(&room.desk, group.id, by.id).await {
        Ok(true) => {}
        Ok(false) => return Ok(say(lang, "night-needs-right")),
        Err(_) => return Ok(say(lang, "alert-rights-unknown")),
    }
    if value.is_null() {
        // The worker opens the group, should it be night.
        return Ok(room.set(group.id, &by, path, None, say(lang, "night-off")));
    }
    let may = match room.desk.own {
        Some(own) => room.desk.rights.powers_now(group.id, own).await,
        None => Ok(None),
    };
    if matches!(&may, Ok(powers) if !powers.is_some_and(|p| p.may(Right::Restrict))) {
        return Ok(say(lang, "night-no-right"));
    }
    let tree: Value = serde_json::from_str(&group.settings).unwrap_or_default();
    let zone = tree["timezone"].as_str().unwrap_or("UTC").to_owned();
    let args = [
        ("value", show(path, &value).into()),
        ("zone", escape(&zone).into()),
    ];
    let reply = Reply::Fleeting(text(lang, "night-set", &args), None);
    Ok(room.set(group.id, &by, path, Some(value), reply))
}

/// `/clean joins, pins`, `/clean off`.
pub(super) async fn clean(
    room: &Room,
    said: &Said<'_>,
    group: &GroupFacts,
) -> Result<Reply, StageError> {
    let (lang, path) = (said.lang, "house.clean");
    let by = admin!(room, said, group);
    if said.args.trim().is_empty() {
        let now = show(path, &json!(HouseSettings::of(group).clean));
        let all: Vec<&str> = service::names().collect();
        let args = [("kinds", all.join(", ").into()), ("value", now.into())];
        return Ok(Reply::Fleeting(text(lang, "clean-how", &args), None));
    }
    // People part kinds by spaces as well.
    let words = said.args.split_whitespace().collect::<Vec<_>>().join(",");
    let Some(value) = parse(path, &words) else {
        return Ok(say_of(lang, "clean-bad", said.args));
    };
    let off = value == json!([]);
    let key = if off { "clean-off" } else { "clean-set" };
    let reply = told(lang, key, &show(path, &value));
    Ok(room.set(group.id, &by, path, Some(value).filter(|_| !off), reply))
}
