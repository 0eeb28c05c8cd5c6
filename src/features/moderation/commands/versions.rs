//! `/settings` and `/set` with words behind them: sets by writing, shows what was changed, takes a change back.
use std::sync::Arc;

use serde_json::Value;

use super::phrase::{self, Complaint, Wish};
use super::who;
use crate::community::GroupFacts;
use crate::community::audit::Actor;
use crate::community::settings::{Outcome, Table, at, change, tree};
use crate::community::versions::{Difference, State, diff, roll_back, version, versions, zone_of};
use crate::features::moderation::house::settings::{NIGHT_PATH, also_needs};
use crate::features::moderation::hub::{refresh, shape};
use crate::features::moderation::order::{Desk, shake};
use crate::pipeline::StageError;
use crate::pipeline::stages::{Reply, Said};
use crate::store::{Connection, StoreError};
use crate::telegram::rights::Right;
use crate::telegram::sender::text::{cut, escape};
use crate::texts::when::{Zone, moment};
use crate::texts::{Lang, text};

/// Changes in one list.
const LISTED: usize = 10;
/// Those, and the one before them to compare with.
const SEEN: i64 = 11;
/// Versions among which the one before another is looked for; no more are kept.
const KEPT: i64 = 100;
/// UTF-16 units of a value that are shown.
const SHOWN: usize = 80;
/// The same of one setting alone.
const LONG: usize = 2_500;

/// Answers `/settings` with `words` about `group`.
pub(super) async fn answer(
    desk: &Desk,
    table: &Arc<Table>,
    said: &Said<'_>,
    group: &GroupFacts,
    words: &str,
) -> Result<Reply, StageError> {
    let (chat, lang) = (group.id, said.lang);
    let by = match who::moderator(desk, said, chat, Right::ChangeInfo).await {
        Ok(by) => by,
        Err(refusal) => return Ok(refusal),
    };
    let wish = match phrase::parse(table, words) {
        Ok(wish) => wish,
        Err(complaint) => return Ok(Reply::Html(told(lang, &complaint), None)),
    };
    match wish {
        Wish::History => {
            let look = move |conn: &Connection| history(conn, chat, lang);
            return Ok(Reply::Html(desk.store.read(look).await?, None));
        }
        Wish::Diff(rev) => {
            let look = move |conn: &Connection| changed(conn, chat, rev, lang);
            return Ok(Reply::Html(desk.store.read(look).await?, None));
        }
        Wish::Show(path) => {
            let table = table.clone();
            let look = move |conn: &Connection| one(conn, &table, chat, path, lang);
            return Ok(Reply::Html(desk.store.read(look).await?, None));
        }
        _ => {}
    }
    // Settings decide over people: the right is asked for now.
    if !who::is_anonymous(by.id) {
        match desk.may(chat, by.id, Right::ChangeInfo, true).await {
            Ok(true) => {}
            Ok(false) => return Ok(Reply::Html(text(lang, "refused-admins-only", &[]), None)),
            Err(_) => return Ok(Reply::Html(text(lang, "alert-rights-unknown", &[]), None)),
        }
    }
    let of = wish.clone();
    if desk.store.read(move |conn| mutes(conn, chat, &of)).await? {
        match who::may_restrict(desk, chat, by.id).await {
            Ok(true) => {}
            Ok(false) => return Ok(Reply::Fleeting(text(lang, "night-needs-right", &[]), None)),
            Err(_) => {
                return Ok(Reply::Fleeting(
                    text(lang, "alert-rights-unknown", &[]),
                    None,
                ));
            }
        }
    }
    let community = desk.community.clone();
    let table = table.clone();
    let reply = Reply::decide(move |tx| {
        let actor = Actor::User(by.id);
        if let Wish::Rollback(rev) = wish {
            let Some(new) = roll_back(tx, chat, rev, actor, by.now)? else {
                let args = [("word", rev.to_string().into())];
                return Ok(Reply::Html(text(lang, "settings-no-version", &args), None));
            };
            shake(tx, by.now)?;
            let args = [
                ("rev", rev.to_string().into()),
                ("new", new.to_string().into()),
            ];
            return Ok(Reply::Html(text(lang, "settings-rolled-back", &args), None));
        }
        let Wish::Set(values) = wish else {
            return Ok(Reply::Silence);
        };
        match change(tx, &table, chat, &values, (actor, by.now))? {
            Outcome::Missing => Ok(Reply::Silence),
            Outcome::Refused(faults) => {
                let what: Vec<String> = faults.iter().map(|f| escape(&f.to_string())).collect();
                Ok(Reply::Html(what.join("\n"), None))
            }
            Outcome::Done(_) => {
                let lines = values
                    .iter()
                    .map(|(path, _)| one(tx, &table, chat, path, lang));
                let lines: Vec<String> = lines.collect::<Result<_, _>>()?;
                let args = [("what", lines.join("\n").into())];
                Ok(Reply::Html(text(lang, "settings-written", &args), None))
            }
        }
    });
    Ok(reply.then(refresh(community, chat)))
}

/// Whether a change exercises the right to mute people, as the hours of the night do.
fn mutes(conn: &Connection, chat: i64, wish: &Wish) -> Result<bool, StoreError> {
    Ok(match wish {
        Wish::Set(values) => values.iter().any(|(path, _)| also_needs(path).is_some()),
        Wish::Rollback(rev) => {
            let (now, then) = (tree(conn, chat)?, version(conn, chat, *rev)?);
            let then = then.map(|v| v.state.settings);
            let night =
                |tree: &Option<Value>| tree.as_ref().and_then(|t| at(t, NIGHT_PATH)).cloned();
            then.is_some() && night(&now) != night(&then)
        }
        Wish::Show(_) | Wish::History | Wish::Diff(_) => false,
    })
}

/// What was not understood, and what would be.
fn told(lang: Lang, complaint: &Complaint) -> String {
    let (key, word) = match complaint {
        Complaint::Number(word) => ("settings-bad-number", word),
        Complaint::Thresholds(word) => ("settings-bad-thresholds", word),
        Complaint::Name(word, near) => {
            let near = near.map_or_else(String::new, |near| {
                text(lang, "settings-near", &[("path", near.into())])
            });
            let args = [("word", escape(word).into()), ("near", near.into())];
            return text(lang, "settings-bad-name", &args);
        }
        Complaint::Value(setting, word, detail) => {
            // Faults are English; in other languages the shape says what is right.
            let right = match lang {
                Lang::En => escape(detail),
                Lang::Ru => shape(lang, setting),
            };
            let args = [
                ("word", escape(word).into()),
                ("path", setting.path.into()),
                ("right", right.into()),
            ];
            return text(lang, "settings-bad-value", &args);
        }
    };
    text(lang, key, &[("word", escape(word).into())])
}

/// A setting with the value that holds.
fn one(
    conn: &Connection,
    table: &Table,
    chat: i64,
    path: &str,
    lang: Lang,
) -> Result<String, StoreError> {
    let own = tree(conn, chat)?.unwrap_or_default();
    let Ok(setting) = table.find(path) else {
        return Ok(String::new());
    };
    let chosen = at(&own, path).and_then(|v| setting.kind.check(v).ok());
    let usual = chosen.is_none();
    let value = setting
        .kind
        .show(&chosen.unwrap_or_else(|| setting.usual()));
    let mark = match usual {
        true => format!(" ({})", text(lang, "hub-usual", &[])),
        false => String::new(),
    };
    Ok(format!(
        "{path}: <code>{}</code>{mark}",
        escape(&cut(&value, LONG))
    ))
}

fn history(conn: &Connection, chat: i64, lang: Lang) -> Result<String, StoreError> {
    let zone = zone_of(conn, chat)?;
    let all = versions(conn, chat, SEEN)?;
    if all.is_empty() {
        return Ok(text(lang, "settings-no-history", &[]));
    }
    let mut lines = vec![text(lang, "settings-history", &[])];
    for (i, one) in all.iter().take(LISTED).enumerate() {
        let names: Vec<String> = all
            .get(i + 1)
            .map(|before| diff(&before.state, &one.state))
            .unwrap_or_default()
            .into_iter()
            .map(|d| d.path)
            .collect();
        lines.push(entry(
            one.rev,
            one.at,
            one.by.as_deref(),
            &names.join(", "),
            &zone,
        ));
    }
    Ok(lines.join("\n"))
}

fn entry(rev: i64, at: i64, by: Option<&str>, names: &str, zone: &Zone) -> String {
    let user = by.and_then(|by| by.strip_prefix("user:"));
    let who = user.map_or_else(String::new, |user| {
        format!(" <a href=\"tg://user?id={user}\">{user}</a>")
    });
    let what = match names {
        "" => String::new(),
        names => format!(": {}", escape(names)),
    };
    format!("<code>{rev}</code> {}{who}{what}", moment(at, zone))
}

/// What change `rev` changed.
fn changed(conn: &Connection, chat: i64, rev: i64, lang: Lang) -> Result<String, StoreError> {
    let number = [("word", rev.to_string().into())];
    let (Some(after), Some(before)) = (version(conn, chat, rev)?, previous(conn, chat, rev)?)
    else {
        return Ok(text(lang, "settings-no-version", &number));
    };
    let all = diff(&before, &after.state);
    if all.is_empty() {
        return Ok(text(lang, "settings-same", &number));
    }
    let mut lines = vec![text(lang, "settings-diff", &number)];
    lines.extend(all.iter().map(line));
    Ok(lines.join("\n"))
}

fn previous(conn: &Connection, chat: i64, rev: i64) -> Result<Option<State>, StoreError> {
    let all = versions(conn, chat, KEPT)?;
    Ok(all.into_iter().find(|v| v.rev < rev).map(|v| v.state))
}

fn line(d: &Difference) -> String {
    let value = |v: Option<&Value>| {
        let json = v.map_or_else(|| "–".to_owned(), Value::to_string);
        escape(&cut(&json, SHOWN))
    };
    let (before, after) = (value(d.before.as_ref()), value(d.after.as_ref()));
    format!("<code>{}</code>: {before} → {after}", escape(&d.path))
}
