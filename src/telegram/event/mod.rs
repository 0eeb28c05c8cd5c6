//! From raw JSON to [`Event`]: tolerant by design. What cannot be understood never hides what can.
//!
//! [`extract`] reads a parsed update, [`parse`] one that is still text and may be damaged. Neither
//! fails and neither panics; `limits` says how much they take in. Every carrier of words and links
//! comes out with the [`Source`] it was found in, the sender's own first, a replied-to message last.
mod command;
mod contents;
mod entities;
mod keys;
mod lane;
mod lenient;
mod limits;
mod message;
mod rich;
mod scan;
mod sink;
mod types;
mod update;
mod view;
mod walk;
mod who;

pub use contents::{MessageKind, MessageKinds};
pub use lane::Lane;
pub use limits::{MAX_LINKS, MAX_TEXT_BYTES, MAX_TEXTS, MAX_TOTAL_BYTES, MAX_UNKNOWN};
pub use types::*;
pub use who::{CHANNEL_BOT, GROUP_ANONYMOUS_BOT, TELEGRAM};

/// Whether this version has heard of a kind of update, by Telegram's name.
pub fn knows_kind(name: &str) -> bool {
    keys::is_known_kind(name)
        || matches!(
            name,
            "message"
                | "edited_message"
                | "channel_post"
                | "edited_channel_post"
                | "callback_query"
                | "chat_member"
                | "my_chat_member"
                | "chat_join_request"
                | "message_reaction"
                | "message_reaction_count"
        )
}

/// Reads a parsed update as far as it can be read. Total: any JSON value gives an event.
pub fn extract(raw: &serde_json::Value) -> Event {
    update::read(raw)
}

/// Reads an update that is still text.
///
/// Where serde_json refuses it (cut off, lone surrogates, nested deeper than 128), a tolerant reader
/// takes over, and `unknown` says `unreadable json`, so that damage is counted and shown.
pub fn parse(raw: &str) -> Event {
    match serde_json::from_str(raw) {
        Ok(value) => extract(&value),
        Err(_) => {
            let mut event = extract(&lenient::read(raw));
            event.truncated = true;
            event.unknown.insert(0, "unreadable json".to_owned());
            event.unknown.truncate(MAX_UNKNOWN);
            event
        }
    }
}
