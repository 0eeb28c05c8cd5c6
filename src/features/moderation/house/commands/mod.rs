//! The chat face of the house rules: who may change them, and how a change is written.
mod notes;
mod switches;
mod texts;
mod words;

use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::items::{TEXT, most};
use super::shelf::Shelf;
use super::store::{self, Item, ItemKind};
use crate::base::clock::Millis;
use crate::community::GroupFacts;
use crate::community::audit::{Actor, Audit as _, AuditEntry};
use crate::community::settings::put;
use crate::community::versions::sign;
use crate::features::moderation::commands::who;
use crate::features::moderation::order::Desk;
use crate::features::moderation::order::decide::Moderator;
use crate::pipeline::StageError;
use crate::pipeline::stages::{ChatCommand, Reply, Said};
use crate::store::StoreError;
use crate::telegram::rights::Right;
use crate::telegram::sender::text::{cut, escape};
use crate::texts::{Lang, text};

/// UTF-16 units of one item in a list.
const SHOWN: usize = 60;
/// UTF-16 units of a whole list.
const LIST: usize = 3_000;

/// Adds the commands.
pub(super) fn register(desk: &Desk, shelf: &Shelf, chat: &mut Vec<Arc<dyn ChatCommand>>) {
    chat.push(Arc::new(HouseCommand(Room {
        desk: desk.clone(),
        shelf: shelf.clone(),
    })));
}

/// What the commands work with.
#[derive(Clone)]
struct Room {
    desk: Desk,
    shelf: Shelf,
}

/// All commands of the house rules.
struct HouseCommand(Room);

impl ChatCommand for HouseCommand {
    fn names(&self) -> &'static [&'static str] {
        &[
            "blacklist",
            "lock",
            "unlock",
            "locks",
            "flood",
            "slowmode",
            "nightmode",
            "clean",
            "rules",
            "setrules",
            "welcome",
            "goodbye",
            "notes",
            "note",
            "save",
            "clear",
            "filters",
            "filter",
            "stop",
        ]
    }

    fn answer<'a>(&'a self, said: Said<'a>) -> BoxFuture<'a, Result<Reply, StageError>> {
        Box::pin(async move {
            let name = said.event.command.as_ref().map_or("", |c| c.name.as_str());
            let room = &self.0;
            let Some(group) = said
                .event
                .chat
                .as_ref()
                .and_then(|c| said.view.groups.get(&c.id))
            else {
                // A link brings whoever asks for the rules here.
                return match name {
                    "start" | "rules" => texts::in_private(room, &said).await,
                    _ => Ok(Reply::Html(text(said.lang, "house-in-group", &[]), None)),
                };
            };
            match name {
                "blacklist" => words::answer(room, &said, group).await,
                "lock" | "unlock" | "locks" => switches::locks(room, &said, group, name).await,
                "flood" => switches::flood(room, &said, group).await,
                "slowmode" => switches::slowmode(room, &said, group).await,
                "nightmode" => switches::night(room, &said, group).await,
                "clean" => switches::clean(room, &said, group).await,
                "rules" | "setrules" => texts::rules(room, &said, group, name).await,
                "welcome" | "goodbye" => texts::greeting(room, &said, group, name).await,
                "notes" | "note" | "save" | "clear" => notes::notes(room, &said, group, name).await,
                _ => notes::filters(room, &said, group, name).await,
            }
        })
    }
}

/// Says a text of the catalogue.
fn say(lang: Lang, key: &str) -> Reply {
    Reply::Fleeting(text(lang, key, &[]), None)
}

/// The same with one word in it, escaped and cut.
fn say_of(lang: Lang, key: &str, word: &str) -> Reply {
    let word = escape(&cut(word.trim(), SHOWN));
    Reply::Fleeting(text(lang, key, &[("word", word.into())]), None)
}

/// A list under a head; what does not fit is counted.
fn list(lang: Lang, head: String, items: impl ExactSizeIterator<Item = String>) -> Reply {
    let (mut html, mut left) = (head, items.len());
    for item in items {
        if html.len() + item.len() > LIST {
            break;
        }
        html.push('\n');
        html.push_str(&item);
        left -= 1;
    }
    if left > 0 {
        html.push('\n');
        let args = [("count", i64::try_from(left).unwrap_or(i64::MAX).into())];
        html.push_str(&text(lang, "house-more", &args));
    }
    Reply::Fleeting(html, None)
}

impl Room {
    /// The speaker, when they may change the group's rules; the right is asked for now.
    async fn admin(&self, said: &Said<'_>, chat: i64) -> Result<Moderator, Reply> {
        let by = who::moderator(&self.desk, said, chat, Right::ChangeInfo).await?;
        if who::is_anonymous(by.id) {
            return Ok(by);
        }
        match self.desk.may(chat, by.id, Right::ChangeInfo, true).await {
            Ok(true) => Ok(by),
            Ok(false) => Err(say(said.lang, "refused-admins-only")),
            Err(_) => Err(say(said.lang, "alert-rights-unknown")),
        }
    }

    /// A change of a setting, and what is said then.
    fn set(
        &self,
        chat: i64,
        by: &Moderator,
        path: &'static str,
        value: Option<Value>,
        reply: Reply,
    ) -> Reply {
        let (id, now) = (by.id, by.now);
        let reply = Reply::decide(move |tx| {
            put(tx, chat, &[(path, value)], now)?;
            sign(tx, chat, Actor::User(id), now)?;
            note(tx, chat, id, "house.set", path, now)?;
            Ok(reply)
        });
        let (community, shelf) = (self.desk.community.clone(), self.shelf.clone());
        reply.then(async move {
            shelf.pace_changed(chat);
            if let Err(e) = community.refresh(chat).await {
                tracing::warn!(chat, error = %e, "the change is noticed within ten minutes");
            }
        })
    }

    /// Writes items, and what is said then; when there is no room for one more, none of them is written.
    fn put_items(
        &self,
        said: &Said<'_>,
        chat: i64,
        by: &Moderator,
        items: Vec<Item>,
        reply: Reply,
    ) -> Reply {
        let ids: Vec<[u8; 16]> = items
            .iter()
            .map(|_| self.desk.community.fresh_id(by.now))
            .collect();
        let (id, now, lang) = (by.id, by.now, said.lang);
        self.change(chat, move |tx| {
            let kind = items.first().map_or(ItemKind::Text, |item| item.kind);
            let most = most(kind);
            let known = store::all(tx, chat)?;
            let known: Vec<&Item> = known.iter().filter(|i| i.kind == kind).collect();
            let mut new: Vec<&str> = items.iter().map(|i| i.name.as_str()).collect();
            new.retain(|name| known.iter().all(|k| k.name != *name));
            new.sort_unstable();
            new.dedup();
            if known.len() + new.len() > most {
                let args = [("count", i64::try_from(most).unwrap_or(i64::MAX).into())];
                return Ok(Reply::Fleeting(text(lang, "house-full", &args), None));
            }
            for (item, fresh) in items.iter().zip(ids) {
                store::put(tx, (fresh, chat, Some(id)), item, most, now)?;
            }
            note(tx, chat, id, "house.put", kind.word(), now)?;
            Ok(reply)
        })
    }

    /// Takes an item away; `gone` is said then, `missing` when there was none.
    fn drop_item(
        &self,
        chat: i64,
        by: &Moderator,
        (kind, name): (ItemKind, String),
        (gone, missing): (Reply, Reply),
    ) -> Reply {
        let (id, now) = (by.id, by.now);
        self.change(chat, move |tx| {
            if !store::drop(tx, chat, kind, &name)? {
                return Ok(missing);
            }
            note(tx, chat, id, "house.drop", kind.word(), now)?;
            Ok(gone)
        })
    }

    /// A change of the lists.
    fn change(
        &self,
        chat: i64,
        act: impl FnOnce(&mut crate::store::Tx<'_>) -> Result<Reply, StoreError> + Send + 'static,
    ) -> Reply {
        let shelf = self.shelf.clone();
        Reply::decide(act).then(async move { shelf.changed(chat) })
    }

    /// Items of one kind of a group.
    async fn items(&self, group: &GroupFacts, kind: ItemKind) -> Result<Vec<Item>, StageError> {
        let chat = group.id;
        let all = self
            .desk
            .store
            .read(move |conn| store::all(conn, chat))
            .await?;
        Ok(all.into_iter().filter(|item| item.kind == kind).collect())
    }
}

fn note(
    tx: &mut crate::store::Tx<'_>,
    chat: i64,
    by: i64,
    action: &'static str,
    what: &str,
    now: Millis,
) -> Result<(), StoreError> {
    let note = AuditEntry::new(Actor::User(by), action, format!("chat:{chat}"))
        .in_chat(chat)
        .with(json!({ "what": what }));
    tx.audit(&note, now)?;
    Ok(())
}

/// The first word, in lower case, and what follows it.
fn first(words: &str) -> (String, &str) {
    let words = words.trim();
    let end = words.find(char::is_whitespace).unwrap_or(words.len());
    let (word, rest) = words.split_at(end);
    (
        word.chars().take(64).collect::<String>().to_lowercase(),
        rest.trim(),
    )
}

/// The words behind a command, else those of the message that it answers; `missing` is said when there are none.
fn given(said: &Said<'_>, words: &str, missing: &str) -> Result<String, Reply> {
    let words = match words {
        "" => answered(said).unwrap_or_default(),
        words => words.to_owned(),
    };
    match words.len() {
        0 => Err(say(said.lang, missing)),
        1..=TEXT => Ok(words),
        _ => Err(say(said.lang, "house-long")),
    }
}

/// The words of the message that is answered, when there are some.
fn answered(said: &Said<'_>) -> Option<String> {
    use crate::telegram::event::Source;
    let parts = said
        .event
        .texts
        .iter()
        .filter(|t| t.source == Source::Reply);
    let words: Vec<&str> = parts.map(|t| t.text.trim()).collect();
    let words = words.join("\n").trim().to_owned();
    (said.event.reply_to.is_some() && !words.is_empty()).then_some(words)
}
