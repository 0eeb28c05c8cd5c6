//! Telegram's own words when a call fails, with the code and parameters that go with them.
use serde_json::{Value, json};

/// A failed call: what goes into `{ok:false,…}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ApiError {
    /// `error_code`, also the HTTP status.
    pub(crate) code: u16,
    /// `description`.
    pub(crate) text: String,
    /// `parameters.retry_after` in seconds, also the `Retry-After` header.
    pub(crate) retry_after: Option<i64>,
    /// `parameters.migrate_to_chat_id`.
    pub(crate) migrate_to: Option<i64>,
}

/// What a method gives back.
pub(crate) type Outcome = Result<Value, ApiError>;

impl ApiError {
    pub(crate) fn new(code: u16, text: impl Into<String>) -> Self {
        Self {
            code,
            text: text.into(),
            retry_after: None,
            migrate_to: None,
        }
    }

    /// 400 with `Bad Request: ` in front.
    pub(crate) fn bad(text: impl AsRef<str>) -> Self {
        Self::new(400, format!("Bad Request: {}", text.as_ref()))
    }

    /// 403 with `Forbidden: ` in front.
    pub(crate) fn forbidden(text: impl AsRef<str>) -> Self {
        Self::new(403, format!("Forbidden: {}", text.as_ref()))
    }

    /// 429: both the field and, in the server, the header.
    pub(crate) fn flood(seconds: i64) -> Self {
        Self {
            retry_after: Some(seconds),
            ..Self::new(429, format!("Too Many Requests: retry after {seconds}"))
        }
    }

    /// A basic group that became a supergroup.
    pub(crate) fn migrated(to: i64) -> Self {
        Self {
            migrate_to: Some(to),
            ..Self::bad("group chat was upgraded to a supergroup chat")
        }
    }

    /// The body of the answer.
    pub(crate) fn body(&self) -> Value {
        let mut body = json!({"ok": false, "error_code": self.code, "description": self.text});
        if let Some(seconds) = self.retry_after {
            body["parameters"]["retry_after"] = json!(seconds);
        }
        if let Some(chat) = self.migrate_to {
            body["parameters"]["migrate_to_chat_id"] = json!(chat);
        }
        body
    }
}
