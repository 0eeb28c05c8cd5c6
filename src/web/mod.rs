//! The HTTP face.
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};

use crate::observe::Vitals;

/// `/`, `/health` and whatever `more` serves.
pub fn router(vitals: Vitals, more: Option<Router>) -> Router {
    let router = Router::new()
        .route("/", get(root))
        .route("/health", get(health))
        .with_state(vitals);
    match more {
        Some(more) => router.merge(more),
        None => router,
    }
}

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
