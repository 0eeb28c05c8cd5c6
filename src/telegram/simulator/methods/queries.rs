//! Answers to pressed buttons.
use super::yes;
use crate::telegram::simulator::errors::{ApiError, Outcome};
use crate::telegram::simulator::params::Params;
use crate::telegram::simulator::world::{CallbackAnswer, World};

/// A query can be answered as long as it would have stayed in the queue: 150 s.
pub(crate) const CALLBACK_LIFE: i64 = 150_000;

pub(super) fn callback(w: &mut World, p: &Params) -> Outcome {
    let old =
        || ApiError::bad("query is too old and response timeout expired or query ID is invalid");
    let text = p.text("text").unwrap_or_default().to_owned();
    if text.chars().count() > 200 {
        return Err(ApiError::bad("MESSAGE_TOO_LONG"));
    }
    let now = w.now();
    let id = p.text("callback_query_id").unwrap_or_default().to_owned();
    let query = w.callbacks.get_mut(&id).ok_or_else(old)?;
    if now - query.at > CALLBACK_LIFE {
        return Err(old());
    }
    // A second answer is taken and shows nothing new.
    if query.answer.is_none() {
        query.answer = Some(CallbackAnswer {
            text,
            alert: p.flag("show_alert"),
            at: now,
        });
    }
    let chat = query.chat;
    w.touch(chat);
    yes()
}
