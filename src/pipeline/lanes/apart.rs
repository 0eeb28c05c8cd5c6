//! Which waiting updates may be decided together.
use std::collections::HashSet;

use crate::telegram::event::Kind;
use crate::telegram::intake::Arrival;

/// Cuts a batch, in order, before each update that asks the database about a message which an earlier
/// one of the same part brings: it must be on disk by then. Such are edits, compared with what was said
/// before, and commands that answer a message. Without this a verdict would depend on what happened to
/// come together, and after a crash much does.
pub(super) fn split(batch: Vec<Arrival>) -> Vec<Vec<Arrival>> {
    let mut parts = Vec::new();
    let mut part: Vec<Arrival> = Vec::with_capacity(batch.len());
    let mut brought = HashSet::new();
    for arrival in batch {
        let event = &arrival.event;
        let chat = event.chat.as_ref().map(|c| c.id);
        let edited = matches!(event.kind, Kind::EditedMessage | Kind::EditedChannelPost);
        let asks = if edited {
            event.message_id
        } else {
            event.reply_to.filter(|_| event.command.is_some())
        };
        if asks.is_some_and(|message| brought.contains(&(chat, message))) {
            parts.push(std::mem::take(&mut part));
            brought.clear();
        }
        if let (true, Some(message)) = (event.kind.is_message(), event.message_id) {
            brought.insert((chat, message));
        }
        part.push(arrival);
    }
    if !part.is_empty() {
        parts.push(part);
    }
    parts
}
