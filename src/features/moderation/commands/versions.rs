//! `/settings` with words behind it: sets by writing, shows what was changed, takes a change back.
use serde_json::{Value, json};

use super::phrase::{self, Complaint, Wish};
use super::who;
use crate::community::audit::{Actor, Audit as _, AuditEntry};
use crate::community::settings::put;
use crate::community::versions::{
    Difference, State, diff, roll_back, sign, version, versions, zone_of,
};
use crate::community::{GroupFacts, set_mode};
use crate::features::moderation::order::store::upkeep;
use crate::features::moderation::order::{Desk, shake};
use crate::pipeline::StageError;
use crate::pipeline::stages::{Reply, Said};
use crate::store::{Connection, StoreError, Tx};
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

/// Answers `/settings` with `words` about `group`.
pub(super) async fn answer(
    desk: &Desk,
    said: &Said<'_>,
    group: &GroupFacts,
    words: &str,
) -> Result<Reply, StageError> {
    let (chat, lang) = (group.id, said.lang);
    let by = match who::moderator(desk, said, chat, Right::ChangeInfo).await {
        Ok(by) => by,
        Err(refusal) => return Ok(refusal),
    };
    let wish = match phrase::parse(words) {
        Ok(wish) => wish,
        Err(Complaint { key, word }) => {
            let args = [("word", escape(&word).into())];
            return Ok(Reply::Html(text(lang, key, &args), None));
        }
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
    let community = desk.community.clone();
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
        let (name, value) = apply(tx, chat, &wish, by.now)?;
        sign(tx, chat, actor, by.now)?;
        let note = AuditEntry::new(actor, "moderation.set", format!("chat:{chat}"))
            .in_chat(chat)
            .with(json!({ "setting": name }));
        tx.audit(&note, by.now)?;
        let args = [("name", name.into()), ("value", escape(&value).into())];
        Ok(Reply::Html(text(lang, "settings-written", &args), None))
    });
    Ok(reply.then(async move {
        if let Err(e) = community.refresh(chat).await {
            tracing::warn!(chat, error = %e, "the change is noticed within ten minutes");
        }
    }))
}

/// Carries a wish out; gives the setting's name and its value as it is written.
fn apply(
    tx: &mut Tx<'_>,
    chat: i64,
    wish: &Wish,
    now: i64,
) -> Result<(&'static str, String), StoreError> {
    Ok(match wish {
        Wish::Ladder(steps) => {
            upkeep::set(tx, chat, &[("steps", json!(steps))], now)?;
            ("ladder", phrase::written(steps))
        }
        Wish::Thresholds(review, spam) => {
            let both = [("review_at", json!(review)), ("spam_at", json!(spam))];
            upkeep::set(tx, chat, &both, now)?;
            let percent = |share: f32| format!("{:.0}", share * 100.0);
            (
                "thresholds",
                format!("{} {}", percent(*review), percent(*spam)),
            )
        }
        Wish::Forget(days) => {
            upkeep::set(tx, chat, &[("forget_after_days", json!(days))], now)?;
            ("forget", format!("{days}d"))
        }
        Wish::Timezone(zone) => {
            put(tx, chat, &[("timezone", Some(json!(zone.name())))], now)?;
            ("timezone", zone.name().to_owned())
        }
        Wish::Mode(mode) => {
            set_mode(tx, chat, *mode)?;
            ("mode", mode.name().to_owned())
        }
        Wish::Language(lang) => {
            upkeep::set_language(tx, chat, lang.tag(), now)?;
            ("language", lang.tag().to_owned())
        }
        Wish::Notes(on) => {
            upkeep::set(tx, chat, &[("notes", json!(on))], now)?;
            ("notes", if *on { "on" } else { "off" }.to_owned())
        }
        Wish::History | Wish::Diff(_) | Wish::Rollback(_) => {
            return Err(StoreError::Invalid(
                "a look at settings sets nothing".to_owned(),
            ));
        }
    })
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
