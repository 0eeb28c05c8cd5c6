//! A simulated message as a person would see it.
use serde_json::Value;

use crate::telegram::simulator::SimMessage;

/// Its words, or what kind of thing it is.
pub(super) fn shown(message: &SimMessage) -> String {
    match message.text() {
        "" => format!("({})", kind(&message.value)),
        text => text.replace('\n', " "),
    }
}

/// What comes with the words: a quote from elsewhere, buttons.
pub(super) fn extras(message: &SimMessage) -> Vec<String> {
    let mut extras = Vec::new();
    if let Some(quote) = quote(&message.value) {
        extras.push(format!("quotes another chat: {quote}"));
    }
    for button in message.buttons() {
        match &button.url {
            Some(url) => extras.push(format!("button [{}] leads to {url}", button.text)),
            None => extras.push(format!("button [{}]", button.text)),
        }
    }
    extras
}

/// The words quoted from another chat.
pub(super) fn quote(value: &Value) -> Option<&str> {
    value.get("external_reply")?;
    value.pointer("/quote/text")?.as_str()
}

/// Telegram's name for content without words.
pub(super) fn kind(value: &Value) -> &'static str {
    const KINDS: [&str; 12] = [
        "photo",
        "video",
        "sticker",
        "voice",
        "document",
        "animation",
        "poll",
        "contact",
        "location",
        "new_chat_members",
        "left_chat_member",
        "pinned_message",
    ];
    KINDS
        .into_iter()
        .find(|k| value.get(k).is_some())
        .unwrap_or("a message")
}
