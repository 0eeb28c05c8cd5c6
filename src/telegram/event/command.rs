//! `/name@bot arguments` at the start of a text or caption.
use serde_json::Value;

use super::Command;
use super::limits::MAX_TEXT_BYTES;
use super::sink::prefix;

/// Longest name taken: twice Telegram's 32, so that a typing error is still answered as one.
const MAX_NAME: usize = 64;

/// Reads a command, with the `bot_command` entity at the start or without any.
///
/// Without the entity the name must end at white space, so that `/etc/passwd` is none.
pub(super) fn read(text: &str, entities: Option<&Value>) -> Option<Command> {
    let body = text.strip_prefix('/')?;
    let name_end = word_end(body);
    if name_end == 0 || name_end > MAX_NAME {
        return None;
    }
    let (name, mut rest) = body.split_at(name_end);
    let mut bot = None;
    if let Some(after) = rest.strip_prefix('@') {
        let end = word_end(after);
        if end > 0 {
            bot = Some(prefix(&after[..end], MAX_NAME).to_owned());
            rest = &after[end..];
        }
    }
    let ends = rest.chars().next().is_none_or(char::is_whitespace);
    if !ends && !has_entity(entities) {
        return None;
    }
    Some(Command {
        name: name.to_ascii_lowercase(),
        bot,
        args: prefix(rest.trim(), MAX_TEXT_BYTES).to_owned(),
    })
}

fn word_end(text: &str) -> usize {
    text.bytes()
        .take_while(|b| b.is_ascii_alphanumeric() || *b == b'_')
        .count()
}

fn has_entity(entities: Option<&Value>) -> bool {
    let list = entities.and_then(Value::as_array);
    list.is_some_and(|list| {
        list.iter().any(|e| {
            e.get("type").and_then(Value::as_str) == Some("bot_command")
                && e.get("offset").and_then(Value::as_i64) == Some(0)
        })
    })
}
