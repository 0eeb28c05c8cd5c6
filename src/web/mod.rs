//! The HTTP face.
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use tower_http::timeout::TimeoutLayer;

use crate::observe::Vitals;

/// `/`, `/health` and whatever `more` serves.
pub fn router(vitals: Vitals, more: Option<Router>) -> Router {
    let router = Router::new()
        .route("/", get(root))
        .route("/health", get(health))
        .with_state(vitals);
    let router = match more {
        Some(more) => router.merge(more),
        None => router,
    };
    router
        .layer(DefaultBodyLimit::max(BODY))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            PATIENCE,
        ))
}

/// Largest body taken where a route says nothing else, in bytes. A webhook's is larger.
const BODY: usize = 64 << 10;
/// The longest a request may take, its body included: longer than the webhook's wait for the commit.
const PATIENCE: Duration = Duration::from_secs(15);

async fn root() -> &'static str {
    "Beadle is running. /health tells how it fares.\n"
}

/// 200 when every part does its work, 503 when one does not; the body names them.
async fn health(State(vitals): State<Vitals>) -> (StatusCode, Json<serde_json::Value>) {
    let health = vitals.health();
    let (code, status) = if health.ok() {
        (StatusCode::OK, "healthy")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "degraded")
    };
    (
        code,
        Json(serde_json::json!({ "v": 1, "status": status, "components": health.components })),
    )
}
