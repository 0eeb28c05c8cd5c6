//! From Telegram's answer to what becomes of the rows that asked. Pure; chance and time are passed in.
use serde_json::{Value, json};

use super::budget::back_off;
use super::classify::{Refusal, Repair, Verdict, classify};
use super::methods::{Class, Method};
use super::outbox::State;
use super::outbox::feed::{Outcome, Settlement};
use super::place::Waiting;
use super::schedule::{Batch, readdress};
use super::settings::SenderSettings;
use super::status::Report;
use crate::base::clock::Millis;
use crate::telegram::api::CallError;

/// Longest error text kept, in bytes.
const ERROR_TEXT: usize = 500;
/// Longest result kept as it is, in bytes.
const RESULT_TEXT: usize = 4_096;

/// What an answer leads to.
#[derive(Debug)]
pub(super) struct Aftermath {
    pub settlements: Vec<Settlement>,
    /// The chat's budget waits until then.
    pub flood_until: Option<Millis>,
    pub report: Option<Report>,
}

/// Whether an error speaks against the way to Telegram as a whole: an outage, or a refused token.
pub(super) fn is_outage(error: &CallError) -> bool {
    error.is_outage() || matches!(error, CallError::Api { code: 401, .. })
}

/// The call succeeded.
pub(super) fn done(mut batch: Batch, value: &Value) -> Aftermath {
    if let Some((chat, message)) = overheard(&batch, value)
        && let Some(row) = batch.rows.pop()
    {
        let outcome = Outcome::Overheard { chat, message };
        return only(vec![Settlement { row, outcome }]);
    }
    let result = shorten(value);
    only(
        batch
            .rows
            .into_iter()
            .map(|row| settled(row, State::Done, result.clone(), None))
            .collect(),
    )
}

/// Where a message stands for all to see that one person was to see. A server before Bot API 10.3 does not
/// know the parameter that says so, and servers of the Bot API pass over what they do not know.
fn overheard(batch: &Batch, value: &Value) -> Option<(i64, i64)> {
    let [row] = &batch.rows[..] else { return None };
    let params: Value = serde_json::from_str(&row.params).ok()?;
    params.get("ephemeral_message_parameters")?;
    if !value["ephemeral_message_id"].is_null() {
        return None;
    }
    Some((value["chat"]["id"].as_i64()?, value["message_id"].as_i64()?))
}

/// The row's deadline passed while it waited.
pub(super) fn expired(row: Waiting) -> Settlement {
    settled(row, State::Expired, None, None)
}

/// The call brought `error`. `chance` in 0..1000.
pub(super) fn failed(
    batch: Batch,
    error: &CallError,
    settings: &SenderSettings,
    now: Millis,
    chance: u64,
) -> Aftermath {
    let joined = batch.rows.len() > 1;
    let method = if joined {
        Method::DeleteMessages
    } else {
        batch.rows[0].method
    };
    let text = bounded(&error.to_string());
    let chat = batch.rows[0].chat;
    match classify(method, error) {
        Verdict::Flood(seconds) => {
            let wait = i64::try_from(seconds).unwrap_or(i64::MAX / 2_000).max(1);
            // Telegram's second ends somewhere in the second that it names.
            let until = now.saturating_add(wait.saturating_mul(1_000)) + chance as Millis / 4;
            let again = |mut row: Waiting| {
                row.not_before = until;
                if row.deadline.is_some_and(|deadline| deadline <= until) {
                    return settled(row, State::Expired, None, Some(text.clone()));
                }
                Settlement {
                    row,
                    outcome: Outcome::Again {
                        error: text.clone(),
                    },
                }
            };
            Aftermath {
                settlements: batch.rows.into_iter().map(again).collect(),
                flood_until: Some(until),
                report: None,
            }
        }
        Verdict::Migrated(to) => migrated(batch, to, &text, settings),
        verdict @ (Verdict::NotSent | Verdict::Uncertain) => only(
            batch
                .rows
                .into_iter()
                .map(|row| {
                    let sure = verdict == Verdict::NotSent || is_safe(&row);
                    if sure {
                        later(row, &text, settings, now, chance)
                    } else {
                        settled(row, State::Unknown, None, Some(text.clone()))
                    }
                })
                .collect(),
        ),
        Verdict::Refused(Refusal::ChatLost) => Aftermath {
            report: chat.map(|chat| Report::ChatLost {
                chat,
                text: text.clone(),
            }),
            ..refused(batch, &text)
        },
        Verdict::Refused(Refusal::NoRight) if method == Method::DeleteMessage => Aftermath {
            report: chat.map(|chat| Report::NoRight {
                chat,
                text: text.clone(),
            }),
            ..refused(batch, &text)
        },
        // One of many cannot be deleted, and Telegram does not say which.
        _ if joined => only(
            batch
                .rows
                .into_iter()
                .map(|mut row| {
                    row.alone = true;
                    Settlement {
                        row,
                        outcome: Outcome::Again {
                            error: text.clone(),
                        },
                    }
                })
                .collect(),
        ),
        Verdict::AlreadySo => only(
            batch
                .rows
                .into_iter()
                .map(|row| settled(row, State::Done, None, Some(text.clone())))
                .collect(),
        ),
        Verdict::Repair(kind) => repaired(batch, kind, &text, settings),
        Verdict::Refused(refusal) => Aftermath {
            report: chat
                .filter(|_| is_about_people(method))
                .map(|chat| Report::Refused {
                    outbox: batch.rows[0].id,
                    chat,
                    refusal,
                    text: text.clone(),
                }),
            ..refused(batch, &text)
        },
    }
}

/// Whether other rooms keep a ledger of what such a call does.
fn is_about_people(method: Method) -> bool {
    matches!(
        method,
        Method::RestrictChatMember
            | Method::BanChatMember
            | Method::UnbanChatMember
            | Method::BanChatSenderChat
            | Method::UnbanChatSenderChat
            | Method::SetChatPermissions
    )
}

fn migrated(batch: Batch, to: i64, text: &str, settings: &SenderSettings) -> Aftermath {
    let from = batch.rows[0].chat;
    let tired = batch.rows[0].repairs >= settings.max_retries;
    let Some(from) = from.filter(|&from| from != to && !tired) else {
        return refused(batch, text);
    };
    Aftermath {
        settlements: batch
            .rows
            .into_iter()
            .map(|mut row| {
                row.repairs += 1;
                Settlement {
                    row,
                    outcome: Outcome::Moved { to },
                }
            })
            .collect(),
        flood_until: None,
        report: Some(Report::Migrated { from, to }),
    }
}

fn repaired(batch: Batch, kind: Repair, text: &str, settings: &SenderSettings) -> Aftermath {
    let repair = |mut row: Waiting| match repair(&row.params, kind) {
        Some(params) if row.repairs < settings.max_retries => {
            row.params = params;
            row.repairs += 1;
            Settlement {
                row,
                outcome: Outcome::Again {
                    error: text.to_owned(),
                },
            }
        }
        _ => settled(row, State::Failed, None, Some(text.to_owned())),
    };
    only(batch.rows.into_iter().map(repair).collect())
}

/// The parameters without what Telegram objected to; None when there is nothing of it in them.
fn repair(params: &str, kind: Repair) -> Option<String> {
    let mut params: Value = serde_json::from_str(params).ok()?;
    let map = params.as_object_mut()?;
    match kind {
        Repair::Plain => {
            map.remove("parse_mode")?;
            for field in ["text", "caption"] {
                if let Some(html) = map.get(field).and_then(Value::as_str) {
                    let plain = super::text::plain(html);
                    map.insert(
                        field.to_owned(),
                        super::text::cut(&plain, super::text::LIMIT).into(),
                    );
                }
            }
        }
        Repair::NoThread => {
            map.remove("message_thread_id")?;
        }
        Repair::NoReply => {
            let parameters = map.remove("reply_parameters");
            let old_form = map.remove("reply_to_message_id");
            parameters.or(old_form)?;
        }
    }
    Some(params.to_string())
}

fn later(
    mut row: Waiting,
    text: &str,
    settings: &SenderSettings,
    now: Millis,
    chance: u64,
) -> Settlement {
    if now.saturating_sub(row.created_at) > settings.max_age {
        let text = format!("given up: {text}");
        return settled(row, State::Failed, None, Some(text));
    }
    let wait = back_off(
        row.attempts,
        settings.retry_first,
        settings.retry_cap,
        chance,
    );
    row.not_before = now.saturating_add(wait);
    if row.is_expired(row.not_before) {
        return settled(row, State::Expired, None, Some(text.to_owned()));
    }
    Settlement {
        row,
        outcome: Outcome::Again {
            error: text.to_owned(),
        },
    }
}

/// Whether a call whose answer was lost may be made again.
pub(super) fn is_safe(row: &Waiting) -> bool {
    match row.method.class() {
        Class::Repeatable | Class::Harmless => true,
        Class::Unrepeatable => serde_json::from_str(&row.params)
            .is_ok_and(|params| row.method.class_with(&params) != Class::Unrepeatable),
    }
}

fn refused(batch: Batch, text: &str) -> Aftermath {
    only(
        batch
            .rows
            .into_iter()
            .map(|row| settled(row, State::Failed, None, Some(text.to_owned())))
            .collect(),
    )
}

fn settled(
    row: Waiting,
    state: State,
    result: Option<String>,
    error: Option<String>,
) -> Settlement {
    Settlement {
        row,
        outcome: Outcome::Settled {
            state,
            result,
            error,
        },
    }
}

fn only(settlements: Vec<Settlement>) -> Aftermath {
    Aftermath {
        settlements,
        flood_until: None,
        report: None,
    }
}

fn bounded(text: &str) -> String {
    super::text::cut(text, ERROR_TEXT)
}

/// What is kept of a result: of messages where they are, of other results the whole when it is small.
fn shorten(value: &Value) -> Option<String> {
    if value == &Value::Bool(true) {
        return None;
    }
    let place = |message: &Value| {
        json!({
            "message_id": message["message_id"],
            "chat_id": message["chat"]["id"],
            "date": message["date"],
        })
    };
    let is_message = |value: &Value| value["message_id"].is_i64() && value["chat"].is_object();
    let kept = match value {
        Value::Array(items) if !items.is_empty() && items.iter().all(is_message) => {
            Value::Array(items.iter().map(place).collect())
        }
        one if is_message(one) => place(one),
        other => other.clone(),
    };
    Some(kept.to_string()).filter(|text| text.len() <= RESULT_TEXT)
}

/// The call that a batch makes: its method and its parameters as JSON text.
pub(super) fn call_of(batch: &Batch) -> (Method, String) {
    let first = &batch.rows[0];
    if batch.rows.len() == 1 {
        return (first.method, first.params.clone());
    }
    let mut ids: Vec<i64> = batch.rows.iter().filter_map(Waiting::joinable).collect();
    ids.sort_unstable();
    ids.dedup();
    let params = json!({ "chat_id": first.chat, "message_ids": ids });
    (Method::DeleteMessages, params.to_string())
}

/// The row as it is after its outcome is written, when it waits again.
pub(super) fn waits_again(settlement: Settlement) -> Option<Waiting> {
    match settlement.outcome {
        Outcome::Settled { .. } | Outcome::Overheard { .. } => None,
        Outcome::Again { .. } => Some(settlement.row),
        Outcome::Moved { to } => {
            let mut row = settlement.row;
            readdress(&mut row, to);
            Some(row)
        }
    }
}
