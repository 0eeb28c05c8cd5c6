//! Webhook: Telegram calls us. Answered 200 only after the commit.
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Router, response::IntoResponse};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

use super::{ALLOWED_UPDATES, Intake, MAX_UPDATE_BYTES};
use crate::telegram::api::{Api, CallError};
use crate::telegram::link::{Link, LinkState};
use crate::telegram::sender::Method;

/// Header that carries the secret.
pub const SECRET_HEADER: &str = "x-telegram-bot-api-secret-token";
/// Both paths of the designs this grew from lead to the same place.
pub const PATHS: [&str; 2] = ["/telegram", "/api/v1/webhook"];
/// Calls Telegram may make at once. Its queue is by chat, so this bounds how many chats come in parallel.
const MAX_CONNECTIONS: u8 = 40;
/// The longest wait for the commit; Telegram then sends the update again.
const COMMIT_TIME: Duration = Duration::from_secs(10);

#[derive(Clone)]
struct Door {
    intake: Intake,
    link: Arc<Link>,
    secret: Arc<SecretString>,
}

/// The routes. `secret` must come with every call.
pub fn router(intake: Intake, link: Arc<Link>, secret: SecretString) -> Router {
    let door = Door {
        intake,
        link,
        secret: Arc::new(secret),
    };
    let mut router = Router::new();
    for path in PATHS {
        router = router.route(path, post(take));
    }
    router
        .layer(DefaultBodyLimit::max(MAX_UPDATE_BYTES))
        .with_state(door)
}

async fn take(State(door): State<Door>, headers: HeaderMap, body: Bytes) -> impl IntoResponse {
    let given = headers
        .get(SECRET_HEADER)
        .map_or(&b""[..], |v| v.as_bytes());
    let expected = door.secret.expose_secret().as_bytes();
    if !bool::from(given.ct_eq(expected)) {
        return StatusCode::UNAUTHORIZED;
    }
    let Ok(raw) = String::from_utf8(body.to_vec()) else {
        return StatusCode::BAD_REQUEST;
    };
    let update = match door.intake.open(raw) {
        Ok(update) => update,
        Err(e) => {
            tracing::warn!(error = %e, "a webhook call that is not an update");
            return StatusCode::BAD_REQUEST;
        }
    };
    match tokio::time::timeout(COMMIT_TIME, door.intake.accept(vec![update])).await {
        Ok(Ok(_)) => {
            door.link.moved();
            StatusCode::OK
        }
        Ok(Err(e)) => {
            tracing::error!(error = %e, "an update could not be kept; Telegram will send it again");
            let why = format!("updates could not be kept: {e}");
            door.link.set(LinkState::Trouble(why));
            StatusCode::SERVICE_UNAVAILABLE
        }
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// Tells Telegram where to call, keeping what waits.
pub async fn set(api: &Api, url: &str, secret: &SecretString) -> Result<(), CallError> {
    let params = serde_json::json!({
        "url": address(url),
        "secret_token": secret.expose_secret(),
        "allowed_updates": ALLOWED_UPDATES,
        "max_connections": MAX_CONNECTIONS,
        "drop_pending_updates": false,
    });
    let set = api.call(Method::SetWebhook, &params).await;
    set.map(|_| ())
        .map_err(|e| e.without(secret.expose_secret()))
}

/// The full address: an address without a path gets the first of [`PATHS`].
pub fn address(url: &str) -> String {
    let bare = url.trim_end_matches('/');
    let has_path = bare
        .split_once("://")
        .is_some_and(|(_, rest)| rest.contains('/'));
    if has_path {
        bare.to_owned()
    } else {
        format!("{bare}{}", PATHS[0])
    }
}
