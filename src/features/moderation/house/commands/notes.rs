//! `/notes /note /save /clear` and `/filters /filter /stop`: what is said when somebody asks, or says a keyword.
use super::{Room, first, given, list, say, say_of};
use crate::community::GroupFacts;
use crate::features::moderation::house::items;
use crate::features::moderation::house::store::{Item, ItemKind};
use crate::pipeline::StageError;
use crate::pipeline::stages::{Reply, Said};
use crate::telegram::sender::text::escape;
use crate::texts::text;

/// Answers the commands of notes.
pub(super) async fn notes(
    room: &Room,
    said: &Said<'_>,
    group: &GroupFacts,
    name: &str,
) -> Result<Reply, StageError> {
    let lang = said.lang;
    let (wanted, words) = first(said.args);
    let wanted = wanted.trim_start_matches('#').to_owned();
    match name {
        "notes" => return names(room, said, group, ItemKind::Note).await,
        "note" => {
            if wanted.is_empty() {
                return Ok(say(lang, "note-how"));
            }
            let book = room.shelf.book(group.id).await?;
            return Ok(match book.notes.get(&wanted) {
                Some(words) => Reply::Fleeting(escape(words), None),
                None => say_of(lang, "note-unknown", &wanted),
            });
        }
        _ => {}
    }
    let by = match room.admin(said, group.id).await {
        Ok(by) => by,
        Err(refusal) => return Ok(refusal),
    };
    if name == "clear" {
        if wanted.is_empty() {
            return Ok(say(lang, "note-how"));
        }
        let replies = (
            say_of(lang, "note-cleared", &wanted),
            say_of(lang, "note-unknown", &wanted),
        );
        return Ok(room.drop_item(group.id, &by, (ItemKind::Note, wanted), replies));
    }
    if wanted.is_empty() {
        return Ok(say(lang, "note-how"));
    }
    let Some(name) = items::note_name(&wanted) else {
        return Ok(say(lang, "note-bad-name"));
    };
    let body = match given(said, words, "house-no-words") {
        Ok(body) => body,
        Err(refusal) => return Ok(refusal),
    };
    let done = say_of(lang, "note-saved", &name);
    let kind = ItemKind::Note;
    Ok(room.put_items(said, group.id, &by, vec![Item { kind, name, body }], done))
}

/// Answers the commands of keywords.
pub(super) async fn filters(
    room: &Room,
    said: &Said<'_>,
    group: &GroupFacts,
    name: &str,
) -> Result<Reply, StageError> {
    let lang = said.lang;
    if name == "filters" {
        return names(room, said, group, ItemKind::Filter).await;
    }
    let by = match room.admin(said, group.id).await {
        Ok(by) => by,
        Err(refusal) => return Ok(refusal),
    };
    let (keyword, words) = keyword(said.args);
    if keyword.is_empty() {
        return Ok(say(lang, "filter-how"));
    }
    if name == "stop" {
        let replies = (
            say_of(lang, "filter-stopped", &keyword),
            say_of(lang, "filter-unknown", &keyword),
        );
        return Ok(room.drop_item(group.id, &by, (ItemKind::Filter, keyword), replies));
    }
    let Some(name) = items::keyword(&keyword) else {
        return Ok(say(lang, "filter-bad-keyword"));
    };
    let body = match given(said, words, "filter-how") {
        Ok(body) => body,
        Err(refusal) => return Ok(refusal),
    };
    let done = say_of(lang, "filter-set", &name);
    let kind = ItemKind::Filter;
    Ok(room.put_items(said, group.id, &by, vec![Item { kind, name, body }], done))
}

/// `word the answer`, `"several words" the answer`.
fn keyword(args: &str) -> (String, &str) {
    let args = args.trim();
    for (open, close) in [('"', '"'), ('“', '”'), ('«', '»')] {
        let quoted = args
            .strip_prefix(open)
            .and_then(|rest| rest.split_once(close));
        if let Some((keyword, rest)) = quoted {
            return (keyword.trim().to_lowercase(), rest.trim());
        }
    }
    let end = args.find(char::is_whitespace).unwrap_or(args.len());
    let (word, rest) = args.split_at(end);
    (word.to_lowercase(), rest.trim())
}

async fn names(
    room: &Room,
    said: &Said<'_>,
    group: &GroupFacts,
    kind: ItemKind,
) -> Result<Reply, StageError> {
    let lang = said.lang;
    let items = room.items(group, kind).await?;
    let notes = kind == ItemKind::Note;
    if items.is_empty() {
        return Ok(say(lang, if notes { "notes-none" } else { "filters-none" }));
    }
    let head = text(lang, if notes { "notes-head" } else { "filters-head" }, &[]);
    let lines = items.into_iter().map(|item| match notes {
        true => format!("#{}", escape(&item.name)),
        false => format!("<code>{}</code>", escape(&item.name)),
    });
    Ok(list(lang, head, lines))
}
