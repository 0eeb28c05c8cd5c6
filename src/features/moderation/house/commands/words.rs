//! `/blacklist`: words and patterns that are removed.
use super::{Room, first, list, say, say_of};
use crate::community::GroupFacts;
use crate::features::moderation::house::action::{Action, take};
use crate::features::moderation::house::patterns::{
    BadEntry, Entry, LONGEST, MOST, MOST_PATTERNS, is_pattern,
};
use crate::features::moderation::house::store::{Item, ItemKind};
use crate::pipeline::StageError;
use crate::pipeline::stages::{Reply, Said};
use crate::telegram::sender::text::{cut, escape};
use crate::texts::{Lang, text};

/// Answers `/blacklist`.
pub(super) async fn answer(
    room: &Room,
    said: &Said<'_>,
    group: &GroupFacts,
) -> Result<Reply, StageError> {
    let by = match room.admin(said, group.id).await {
        Ok(by) => by,
        Err(refusal) => return Ok(refusal),
    };
    let (verb, rest) = first(said.args);
    match verb.as_str() {
        "" | "list" => show(room, said.lang, group).await,
        "add" | "+" => add(room, said, group, &by, rest).await,
        "remove" | "del" | "rm" | "-" if !rest.is_empty() => {
            let name = unquoted(rest).to_lowercase();
            let name = if is_pattern(rest) {
                rest.to_owned()
            } else {
                name
            };
            let replies = (
                say_of(said.lang, "blacklist-removed", &name),
                say_of(said.lang, "blacklist-unknown", &name),
            );
            Ok(room.drop_item(group.id, &by, (ItemKind::Word, name), replies))
        }
        _ => Ok(say(said.lang, "blacklist-how")),
    }
}

async fn show(room: &Room, lang: Lang, group: &GroupFacts) -> Result<Reply, StageError> {
    let items = room.items(group, ItemKind::Word).await?;
    if items.is_empty() {
        return Ok(say(lang, "blacklist-empty"));
    }
    let args = [(
        "count",
        i64::try_from(items.len()).unwrap_or(i64::MAX).into(),
    )];
    let head = text(lang, "blacklist-head", &args);
    let lines = items.into_iter().map(|item| {
        format!(
            "<code>{}</code> {}",
            escape(&cut(&item.name, super::SHOWN)),
            escape(&item.body)
        )
    });
    Ok(list(lang, head, lines))
}

async fn add(
    room: &Room,
    said: &Said<'_>,
    group: &GroupFacts,
    by: &crate::features::moderation::order::decide::Moderator,
    rest: &str,
) -> Result<Reply, StageError> {
    let lang = said.lang;
    let mut items: Vec<Item> = Vec::new();
    for line in rest.lines().map(str::trim).filter(|l| !l.is_empty()) {
        if items.len() > MOST {
            break;
        }
        let (action, written) = split(line);
        let written = unquoted(written);
        // Compiling may take a moment; a hostile pattern is refused by its size within that.
        let entry = Entry::new(written, action);
        match entry {
            Ok(entry) => {
                let name = match is_pattern(&entry.written) {
                    true => entry.written,
                    false => entry.written.to_lowercase(),
                };
                items.retain(|known| known.name != name);
                items.push(Item {
                    kind: ItemKind::Word,
                    name,
                    body: String::from(action),
                });
            }
            Err(e) => return Ok(bad(lang, written, &e)),
        }
    }
    if items.is_empty() {
        return Ok(say(lang, "blacklist-how"));
    }
    let known = room.items(group, ItemKind::Word).await?;
    let patterns = |name: &str| is_pattern(name) && items.iter().all(|i| i.name != name);
    let before = known.iter().filter(|item| patterns(&item.name)).count();
    let now = items.iter().filter(|item| is_pattern(&item.name)).count();
    if now > 0 && before + now > MOST_PATTERNS {
        let args = [(
            "count",
            i64::try_from(MOST_PATTERNS).unwrap_or(i64::MAX).into(),
        )];
        return Ok(Reply::Fleeting(
            text(lang, "blacklist-patterns", &args),
            None,
        ));
    }
    let done = match &items[..] {
        [one] => {
            let args = [
                ("word", escape(&cut(&one.name, super::SHOWN)).into()),
                ("action", one.body.clone().into()),
            ];
            text(lang, "blacklist-added", &args)
        }
        many => {
            let count = i64::try_from(many.len()).unwrap_or(i64::MAX);
            text(lang, "blacklist-added-many", &[("count", count.into())])
        }
    };
    Ok(room.put_items(said, group.id, by, items, Reply::Fleeting(done, None)))
}

fn bad(lang: Lang, written: &str, e: &BadEntry) -> Reply {
    let word = escape(&cut(written, super::SHOWN));
    let (key, why) = match e {
        BadEntry::Empty => ("blacklist-bad-empty", String::new()),
        BadEntry::TooLong => ("blacklist-bad-long", (LONGEST / 1024).to_string()),
        BadEntry::Syntax(why) => ("blacklist-bad-syntax", escape(why)),
        BadEntry::TooLarge => ("blacklist-bad-large", String::new()),
        BadEntry::Everything => ("blacklist-bad-everything", String::new()),
    };
    let args = [("word", word.into()), ("why", why.into())];
    Reply::Fleeting(text(lang, key, &args), None)
}

/// `warn casino*`: what follows, when it is said first and something is left to look for.
fn split(line: &str) -> (Action, &str) {
    let words: Vec<&str> = line.split_whitespace().collect();
    if let Some((action, rest)) = take(&words)
        && let Some(next) = rest.first()
    {
        // Where the rest begins in the line itself: what stands between its words is the admin's own.
        let at = next.as_ptr().addr() - line.as_ptr().addr();
        return (action, &line[at..]);
    }
    (Action::Delete, line)
}

/// Without the quotation marks that keep words together.
fn unquoted(words: &str) -> &str {
    let words = words.trim();
    for (open, close) in [('"', '"'), ('“', '”'), ('«', '»')] {
        if let Some(inner) = words.strip_prefix(open).and_then(|w| w.strip_suffix(close)) {
            return inner.trim();
        }
    }
    words
}
