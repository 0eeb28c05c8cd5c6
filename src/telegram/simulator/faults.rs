//! Troubles on order: which call fails, how, and whether it was carried out before it failed.
use std::time::Duration;

/// What happens to a call instead of, or before, its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Refused with this code, description and, optionally, seconds to wait; not carried out.
    Error {
        /// `error_code`, also the HTTP status.
        code: u16,
        /// `description`, whole.
        text: String,
        /// `parameters.retry_after` and the `Retry-After` header, in seconds.
        retry_after: Option<i64>,
    },
    /// Carried out; the connection is closed without an answer.
    LoseAnswer,
    /// Not carried out; the connection is closed without an answer.
    Drop,
    /// Carried out after this time.
    Delay(Duration),
    /// 502 with a page of HTML, as a proxy would; not carried out.
    Status502,
    /// 200 with a body that is not JSON; carried out.
    NotJson,
}

impl Fault {
    /// 429 with `retry_after` seconds, in Telegram's words.
    pub fn flood(seconds: i64) -> Self {
        Self::Error {
            code: 429,
            text: format!("Too Many Requests: retry after {seconds}"),
            retry_after: Some(seconds),
        }
    }

    /// A refusal without parameters; `text` is the whole description.
    pub fn error(code: u16, text: &str) -> Self {
        Self::Error {
            code,
            text: text.to_owned(),
            retry_after: None,
        }
    }
}

/// A fault waiting for its call.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    /// Lower-case method name; none: any method but getUpdates.
    pub(crate) method: Option<String>,
    /// The call's `chat_id`; none: any.
    pub(crate) chat: Option<i64>,
    pub(crate) fault: Fault,
    /// Kept after it has struck.
    pub(crate) always: bool,
}

/// The fault that strikes this call, if any; one that strikes once is taken off the list.
pub(crate) fn strike(rules: &mut Vec<Rule>, method: &str, chat: Option<i64>) -> Option<Fault> {
    let method = method.to_ascii_lowercase();
    let at = rules.iter().position(|rule| {
        let named = match &rule.method {
            Some(name) => *name == method,
            None => method != "getupdates",
        };
        named && (rule.chat.is_none() || rule.chat == chat)
    })?;
    let fault = rules[at].fault.clone();
    if !rules[at].always {
        rules.remove(at);
    }
    Some(fault)
}
