//! The way to Telegram: any method of the Bot API with raw JSON in and out, and long polls.
mod error;
mod poll;
mod raw;
mod upload;

use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use serde_json::value::RawValue;
use teloxide_core::Bot;

pub use error::CallError;

use super::sender::Method;
use crate::observe::metrics;

/// Where and how patiently to call.
#[derive(Debug, Clone)]
pub struct ApiOptions {
    /// Root of a Bot API server; None is Telegram's own.
    pub api_url: Option<reqwest::Url>,
    /// Until a connection stands.
    pub connect_timeout: Duration,
    /// A whole call. The library sleeps 10 s of it after a 5xx.
    pub call_timeout: Duration,
    /// Added to a poll's own timeout before the connection is given up.
    pub poll_slack: Duration,
    /// Largest answer of a poll, in bytes.
    pub max_answer: usize,
}

impl Default for ApiOptions {
    fn default() -> Self {
        Self {
            api_url: None,
            connect_timeout: Duration::from_secs(15),
            call_timeout: Duration::from_secs(30),
            poll_slack: Duration::from_secs(15),
            max_answer: 32 << 20,
        }
    }
}

/// A client could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ApiInitError {
    /// The address cannot carry a path, as in `mailto:`.
    #[error("{0} is not the address of a Bot API server: it must begin with http:// or https://")]
    Url(String),
    /// The system's TLS or resolver cannot be set up.
    #[error("cannot set up the HTTP client: {0}")]
    Client(String),
}

/// The Bot API for one token. Cheap to clone; shows the token nowhere.
#[derive(Clone)]
pub struct Api {
    inner: Arc<Inner>,
}

struct Inner {
    calls: Bot,
    polls: reqwest::Client,
    target: Target,
    options: ApiOptions,
}

/// The server and the token.
struct Target {
    base: reqwest::Url,
    token: SecretString,
}

impl Target {
    fn url(&self, method: &str) -> reqwest::Url {
        let mut url = self.base.clone();
        // `Api::new` refused addresses that have no path.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments
                .pop_if_empty()
                .push(&format!("bot{}", self.token.expose_secret()))
                .push(method);
        }
        url
    }
}

impl std::fmt::Debug for Api {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Api")
            .field("api_url", &self.inner.target.base.as_str())
            .finish_non_exhaustive()
    }
}

impl Api {
    /// Clients for calls and for polls, each with its own limits. Opens no connection yet.
    pub fn new(token: SecretString, options: ApiOptions) -> Result<Self, ApiInitError> {
        let base = match &options.api_url {
            Some(url) => url.clone(),
            None => reqwest::Url::parse(teloxide_core::net::TELEGRAM_API_URL)
                .map_err(|e| ApiInitError::Url(e.to_string()))?,
        };
        if !matches!(base.scheme(), "http" | "https") || base.host_str().is_none() {
            return Err(ApiInitError::Url(base.to_string()));
        }
        let mut calls = Bot::with_client(
            token.expose_secret(),
            client(&options, Some(options.call_timeout))?,
        );
        let mut trimmed = base.clone();
        if let Ok(mut segments) = trimmed.path_segments_mut() {
            segments.pop_if_empty();
        }
        calls = calls.set_api_url(trimmed);
        Ok(Self {
            inner: Arc::new(Inner {
                calls,
                polls: client(&options, None)?,
                target: Target { base, token },
                options,
            }),
        })
    }

    /// Calls `method`. Goes round all budgets: only the sender and questions at start may use it.
    /// Sleeps 10 s after a 5xx, inside the library.
    pub async fn call(&self, method: Method, params: &Value) -> Result<Value, CallError> {
        let raw = serde_json::value::to_raw_value(params).map_err(|e| CallError::Network {
            text: format!("{method}: parameters are not JSON: {e}"),
            maybe_done: false,
        })?;
        self.call_raw(method, raw).await
    }

    /// Like [`Api::call`], with parameters that are JSON text already.
    pub async fn call_raw(
        &self,
        method: Method,
        params: Box<RawValue>,
    ) -> Result<Value, CallError> {
        if let Some(upload) = upload::of(method, &params) {
            let url = self.inner.target.url(method.name());
            let timeout = self.inner.options.call_timeout;
            let answer = upload.send(&self.inner.polls, url, timeout).await;
            return counted(answer.map_err(|e| self.strike(e)));
        }
        let answer = raw::call(&self.inner.calls, method, params).await;
        counted(answer.map_err(|e| self.strike(error::from_library(e))))
    }

    /// One long poll of `timeout_s` seconds (Telegram caps it at 50), at most `limit` (1 to 100)
    /// updates from `offset` on, each as the text that Telegram sent. `allowed` goes with every call.
    pub async fn get_updates(
        &self,
        offset: Option<i64>,
        limit: u8,
        timeout_s: u16,
        allowed: &[&str],
    ) -> Result<Vec<Box<RawValue>>, CallError> {
        let mut params = serde_json::json!({
            "limit": limit,
            "timeout": timeout_s,
            "allowed_updates": allowed,
        });
        if let Some(offset) = offset {
            params["offset"] = offset.into();
        }
        let answer = poll::get_updates(
            &self.inner.polls,
            &self.inner.target,
            &self.inner.options,
            params.to_string().into_bytes(),
            Duration::from_secs(timeout_s.into()),
        )
        .await;
        counted(answer.map_err(|e| self.strike(e)))
    }

    /// The library's client, for typed calls. Its `Debug` shows the token: never log it.
    pub fn bot(&self) -> &Bot {
        &self.inner.calls
    }

    fn strike(&self, error: CallError) -> CallError {
        error.without(self.inner.target.token.expose_secret())
    }
}

/// Counts a call that has come to its end.
fn counted<T>(answer: Result<T, CallError>) -> Result<T, CallError> {
    metrics::API_CALLS.add(1);
    if let Err(e) = &answer {
        metrics::API_ERRORS.inc(match e {
            CallError::Api { code: 429, .. } => "flood",
            CallError::Api { code: 500.., .. } => "server",
            CallError::Api { .. } => "refused",
            _ => "network",
        });
    }
    answer
}

fn client(
    options: &ApiOptions,
    timeout: Option<Duration>,
) -> Result<reqwest::Client, ApiInitError> {
    let mut builder = reqwest::Client::builder()
        .connect_timeout(options.connect_timeout)
        .tcp_nodelay(true)
        // Shorter than what servers keep, so that a call rarely meets a connection just closed.
        .pool_idle_timeout(Duration::from_secs(20))
        // A redirect would carry the token elsewhere.
        .redirect(reqwest::redirect::Policy::none())
        .referer(false);
    if let Some(timeout) = timeout {
        builder = builder.timeout(timeout);
    }
    builder
        .build()
        .map_err(|e| ApiInitError::Client(e.without_url().to_string()))
}
