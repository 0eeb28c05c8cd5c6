//! What can come back from a call instead of its result. No text in here holds the token.
use teloxide_core::{ApiError, RequestError};

/// A call that brought no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// Telegram answered: no.
    #[error("Telegram answered {code}: {text}")]
    Api {
        /// HTTP-like code, as in 400.
        code: u16,
        /// Telegram's words, as in `Bad Request: chat not found`.
        text: String,
        /// Seconds to wait, with code 429.
        retry_after: Option<u64>,
        /// The supergroup that this group has become.
        migrate_to: Option<i64>,
    },
    /// No answer came.
    #[error("no answer from Telegram: {text}")]
    Network {
        /// What the network said.
        text: String,
        /// Whether Telegram may have carried the call out. False when nothing was sent.
        maybe_done: bool,
    },
    /// The answer was not one of the Bot API: a page of a proxy, a cut answer, too large a one.
    #[error("not an answer of the Bot API: {text}")]
    Answer {
        /// What was wrong, with the beginning of the answer.
        text: String,
    },
}

impl CallError {
    /// Whether the fault lies with the way or the server, not with the call.
    pub fn is_outage(&self) -> bool {
        match self {
            Self::Api { code, .. } => *code >= 500,
            Self::Network { .. } | Self::Answer { .. } => true,
        }
    }
}

/// Longest text of an answer kept in an error, in bytes.
const EXCERPT: usize = 300;

/// The first part of a foreign text, on one line.
pub(super) fn excerpt(text: &str) -> String {
    let mut end = text.len().min(EXCERPT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].replace(['\n', '\r'], " ")
}

/// Telegram's own form of an error.
#[derive(serde::Deserialize)]
pub(super) struct Refusal {
    #[serde(default)]
    error_code: Option<u16>,
    description: Option<String>,
    parameters: Option<Parameters>,
}

#[derive(serde::Deserialize)]
struct Parameters {
    retry_after: Option<u64>,
    migrate_to_chat_id: Option<i64>,
}

impl Refusal {
    pub(super) fn into_error(self) -> Option<CallError> {
        let text = self.description?;
        let (retry_after, migrate_to) = self
            .parameters
            .map_or((None, None), |p| (p.retry_after, p.migrate_to_chat_id));
        Some(CallError::Api {
            code: self.error_code.unwrap_or_else(|| code_of(&text)),
            text,
            retry_after,
            migrate_to,
        })
    }
}

/// The code that belongs to an error text, for the library drops the code itself. Telegram's texts of
/// 4xx errors begin with the code's name; anything else is taken for trouble on the server, which is
/// the careful reading: an unrepeatable call is then not sent again.
fn code_of(text: &str) -> u16 {
    const NAMES: [(&str, u16); 11] = [
        ("Bad Request", 400),
        ("Unauthorized", 401),
        ("Forbidden", 403),
        ("Not Found", 404),
        ("Conflict", 409),
        ("Request Entity Too Large", 413),
        ("Too Many Requests", 429),
        ("Internal Server Error", 500),
        ("Bad Gateway", 502),
        ("Service Unavailable", 503),
        ("Gateway Timeout", 504),
    ];
    NAMES
        .iter()
        .find(|(name, _)| text.starts_with(name))
        .map_or(500, |&(_, code)| code)
}

/// The library's error in our words.
pub(super) fn from_library(error: RequestError) -> CallError {
    match error {
        RequestError::Api(ApiError::InvalidToken) => CallError::Api {
            // The library folds "Unauthorized" and a bare "Not Found" into one: Telegram answers either
            // to a token that it does not know.
            code: 401,
            text: "Unauthorized".to_owned(),
            retry_after: None,
            migrate_to: None,
        },
        RequestError::Api(api) => {
            let text = match api {
                ApiError::Unknown(text) => text,
                known => known.to_string(),
            };
            CallError::Api {
                code: code_of(&text),
                text,
                retry_after: None,
                migrate_to: None,
            }
        }
        RequestError::MigrateToChatId(to) => CallError::Api {
            code: 400,
            text: "Bad Request: group chat was upgraded to a supergroup chat".to_owned(),
            retry_after: None,
            migrate_to: Some(to.0),
        },
        RequestError::RetryAfter(seconds) => CallError::Api {
            code: 429,
            text: format!("Too Many Requests: retry after {}", seconds.seconds()),
            retry_after: Some(u64::from(seconds.seconds())),
            migrate_to: None,
        },
        RequestError::Network(e) => from_http(&e),
        RequestError::InvalidJson { raw, .. } => from_body(&raw),
        RequestError::Io(e) => CallError::Network {
            text: e.to_string(),
            maybe_done: false,
        },
    }
}

/// What the body of a failed call says, when it says anything.
pub(super) fn from_body(raw: &str) -> CallError {
    serde_json::from_str::<Refusal>(raw)
        .ok()
        .and_then(Refusal::into_error)
        .unwrap_or_else(|| CallError::Answer { text: excerpt(raw) })
}

/// An HTTP client's error, with its causes and without its address.
pub(super) fn from_http(error: &reqwest::Error) -> CallError {
    use std::error::Error;
    // The address holds the token: only the causes are told.
    let mut parts = Vec::new();
    let mut cause = error.source();
    while let Some(e) = cause {
        parts.push(e.to_string());
        cause = e.source();
    }
    if error.is_timeout() {
        parts.insert(0, "timed out".to_owned());
    }
    if parts.is_empty() {
        parts.push("the request failed".to_owned());
    }
    parts.dedup();
    CallError::Network {
        text: excerpt(&parts.join(": ")),
        maybe_done: !(error.is_connect() || error.is_builder()),
    }
}

impl CallError {
    /// The same error with `secret` struck out of its text, should somebody have echoed the call.
    #[must_use]
    pub fn without(mut self, secret: &str) -> Self {
        let (Self::Api { text, .. } | Self::Network { text, .. } | Self::Answer { text }) =
            &mut self;
        if text.contains(secret) {
            *text = text.replace(secret, "[secret]");
        }
        self
    }
}
