//! `/rules`, `/welcome`, `/goodbye`: what a group says of itself.
use super::{Room, first, given, say};
use crate::community::GroupFacts;
use crate::features::moderation::house::greet::{fill, rules_button};
use crate::features::moderation::house::store::{self, Item, ItemKind};
use crate::pipeline::StageError;
use crate::pipeline::stages::{Reply, Said};
use crate::telegram::event::Sender;
use crate::telegram::sender::text::{escape, name as shown_name};
use crate::texts::text;

/// `/rules`, `/rules set …`, `/rules clear`, `/setrules …`.
pub(super) async fn rules(
    room: &Room,
    said: &Said<'_>,
    group: &GroupFacts,
    name: &str,
) -> Result<Reply, StageError> {
    let (verb, rest) = first(said.args);
    match (name, verb.as_str()) {
        ("setrules", _) => write(room, said, group, "rules", said.args.trim()).await,
        (_, "set") => write(room, said, group, "rules", rest).await,
        (_, "clear" | "off") if rest.is_empty() => drop(room, said, group, "rules").await,
        _ => show_rules(room, said, group).await,
    }
}

async fn show_rules(room: &Room, said: &Said<'_>, group: &GroupFacts) -> Result<Reply, StageError> {
    let (lang, book) = (said.lang, room.shelf.book(group.id).await?);
    let Some(words) = book.texts.get("rules") else {
        return Ok(say(lang, "rules-none"));
    };
    // In the group a button is enough; until the bot's name is known there is nothing to press.
    Ok(match rules_button(&room.desk, group.id, lang) {
        Some(button) => Reply::Fleeting(text(lang, "rules-here", &[]), Some(button)),
        None => Reply::Fleeting(escape(words), None),
    })
}

/// The rules of the group that a link names, for whoever came by it.
pub(super) async fn in_private(room: &Room, said: &Said<'_>) -> Result<Reply, StageError> {
    let lang = said.lang;
    let (Ok(chat), Sender::User(user)) = (said.args.trim().parse::<i64>(), &said.event.sender)
    else {
        return Ok(say(lang, "house-in-group"));
    };
    let user = user.id;
    let found = room.desk.store.read(move |conn| {
        if !store::may_read(conn, chat, user)? {
            return Ok(None);
        }
        let words = store::text(conn, chat, "rules")?;
        Ok(words.zip(store::group(conn, chat)?))
    });
    let Some((words, (_, _, title))) = found.await? else {
        return Ok(say(lang, "rules-unknown"));
    };
    let group = shown_name(title.as_deref().unwrap_or("…"));
    let args = [("group", group.into()), ("rules", escape(&words).into())];
    Ok(Reply::Html(text(lang, "rules-of", &args), None))
}

/// `/welcome`, `/welcome set …`, `/welcome off`; the same of `/goodbye`.
pub(super) async fn greeting(
    room: &Room,
    said: &Said<'_>,
    group: &GroupFacts,
    name: &str,
) -> Result<Reply, StageError> {
    let which = if name == "welcome" {
        "welcome"
    } else {
        "goodbye"
    };
    let (verb, rest) = first(said.args);
    match verb.as_str() {
        "set" => write(room, said, group, which, rest).await,
        "off" | "clear" => drop(room, said, group, which).await,
        "" => {
            if let Err(refusal) = room.admin(said, group.id).await {
                return Ok(refusal);
            }
            let book = room.shelf.book(group.id).await?;
            let lang = said.lang;
            let key = match which {
                "welcome" => "welcome-how",
                _ => "goodbye-how",
            };
            let now = book.texts.get(which).map_or_else(
                || "–".to_owned(),
                |words| {
                    let who = text(lang, "greet-nameless", &[]);
                    fill(words, &who, group.title.as_deref().unwrap_or("…"))
                },
            );
            Ok(Reply::Fleeting(
                text(lang, key, &[("now", now.into())]),
                None,
            ))
        }
        _ => write(room, said, group, which, said.args.trim()).await,
    }
}

async fn write(
    room: &Room,
    said: &Said<'_>,
    group: &GroupFacts,
    which: &'static str,
    words: &str,
) -> Result<Reply, StageError> {
    let by = match room.admin(said, group.id).await {
        Ok(by) => by,
        Err(refusal) => return Ok(refusal),
    };
    let body = match given(said, words, "house-no-words") {
        Ok(body) => body,
        Err(refusal) => return Ok(refusal),
    };
    let (kind, name) = (ItemKind::Text, which.to_owned());
    let key = match which {
        "rules" => "rules-set",
        "welcome" => "welcome-set",
        _ => "goodbye-set",
    };
    let done = say(said.lang, key);
    Ok(room.put_items(said, group.id, &by, vec![Item { kind, name, body }], done))
}

async fn drop(
    room: &Room,
    said: &Said<'_>,
    group: &GroupFacts,
    which: &'static str,
) -> Result<Reply, StageError> {
    let by = match room.admin(said, group.id).await {
        Ok(by) => by,
        Err(refusal) => return Ok(refusal),
    };
    let gone = || say(said.lang, "house-gone");
    Ok(room.drop_item(
        group.id,
        &by,
        (ItemKind::Text, which.to_owned()),
        (gone(), gone()),
    ))
}
