//! Long polling with the updates exactly as Telegram wrote them, which the library cannot give.
use std::time::Duration;

use serde_json::value::RawValue;

use super::error::{CallError, excerpt, from_body, from_http};
use super::{ApiOptions, Target};

/// One `getUpdates`; asks for `allowed` every time, for Telegram keeps the list of the last call.
pub(super) async fn get_updates(
    client: &reqwest::Client,
    target: &Target,
    options: &ApiOptions,
    body: Vec<u8>,
    timeout: Duration,
) -> Result<Vec<Box<RawValue>>, CallError> {
    let response = client
        .post(target.url("getUpdates"))
        .header(reqwest::header::CONTENT_TYPE, "application/json")
        .timeout(timeout + options.poll_slack)
        .body(body)
        .send()
        .await
        .map_err(|e| from_http(&e))?;
    let status = response.status().as_u16();
    let text = read_limited(response, options.max_answer).await?;
    parse(status, &text)
}

fn parse(status: u16, text: &str) -> Result<Vec<Box<RawValue>>, CallError> {
    #[derive(serde::Deserialize)]
    struct Updates {
        ok: bool,
        result: Vec<Box<RawValue>>,
    }
    match serde_json::from_str::<Updates>(text) {
        Ok(Updates { ok: true, result }) => Ok(result),
        _ => Err(match from_body(text) {
            CallError::Answer { .. } if status >= 500 => CallError::Api {
                code: status,
                text: excerpt(text),
                retry_after: None,
                migrate_to: None,
            },
            other => other,
        }),
    }
}

async fn read_limited(mut response: reqwest::Response, max: usize) -> Result<String, CallError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|e| from_http(&e))? {
        if bytes.len() + chunk.len() > max {
            return Err(CallError::Answer {
                text: format!("longer than {max} bytes"),
            });
        }
        bytes.extend_from_slice(&chunk);
    }
    String::from_utf8(bytes).map_err(|_| CallError::Answer {
        text: "not UTF-8".to_owned(),
    })
}
