//! A call that brings a file along: a form of several parts, which the library offers only for its own types.
use std::time::Duration;

use reqwest::multipart::{Form, Part};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::error::{CallError, excerpt, from_body, from_http};
use crate::telegram::sender::{ATTACHED, Method};

/// Longest answer that is read, in bytes.
const ANSWER: usize = 1 << 20;

/// A call with its file.
pub(super) struct Upload {
    params: Map<String, Value>,
    name: String,
    text: String,
}

/// The file in these parameters, if the method sends one.
pub(super) fn of(method: Method, params: &RawValue) -> Option<Upload> {
    if method != Method::SendDocument {
        return None;
    }
    let mut params: Map<String, Value> = serde_json::from_str(params.get()).ok()?;
    let mut file = params.remove(ATTACHED)?;
    let mut text = |name: &str| match file[name].take() {
        Value::String(text) => Some(text),
        _ => None,
    };
    Some(Upload {
        name: text("name")?,
        text: text("text")?,
        params,
    })
}

impl Upload {
    /// Sends it.
    pub(super) async fn send(
        self,
        client: &reqwest::Client,
        url: reqwest::Url,
        timeout: Duration,
    ) -> Result<Value, CallError> {
        let mut form = Form::new();
        for (name, value) in self.params {
            let text = match value {
                Value::String(text) => text,
                other => other.to_string(),
            };
            form = form.text(name, text);
        }
        let file = Part::text(self.text).file_name(self.name);
        let response = client
            .post(url)
            .timeout(timeout)
            .multipart(form.part("file", file))
            .send()
            .await
            .map_err(|e| from_http(&e))?;
        read(response).await
    }
}

async fn read(mut response: reqwest::Response) -> Result<Value, CallError> {
    #[derive(serde::Deserialize)]
    struct Answer {
        ok: bool,
        result: Value,
    }
    let status = response.status().as_u16();
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|e| from_http(&e))? {
        if bytes.len() + chunk.len() > ANSWER {
            return Err(CallError::Answer {
                text: format!("longer than {ANSWER} bytes"),
            });
        }
        bytes.extend_from_slice(&chunk);
    }
    let text = String::from_utf8_lossy(&bytes);
    match serde_json::from_str::<Answer>(&text) {
        Ok(Answer { ok: true, result }) => Ok(result),
        _ => Err(match from_body(&text) {
            CallError::Answer { .. } if status >= 500 => CallError::Api {
                code: status,
                text: excerpt(&text),
                retry_after: None,
                migrate_to: None,
            },
            other => other,
        }),
    }
}
