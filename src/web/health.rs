//! Health and readiness, for people, probes and balancers.
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::Face;

/// 200 when every part does its work, 503 when one does not; the body names them.
pub(super) async fn health(State(face): State<Face>) -> (StatusCode, Json<Value>) {
    let health = face.0.vitals.health();
    let (code, status) = if health.ok() {
        (StatusCode::OK, "healthy")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "degraded")
    };
    let body = json!({
        "v": 1,
        "status": status,
        "version": env!("CARGO_PKG_VERSION"),
        "bot": face.0.link.bot(),
        "uptime_s": (face.0.clock.now() - face.0.started).max(0) / 1000,
        "components": health.components,
        "alerts": face.0.vitals.alerts(),
    });
    (code, Json(body))
}

/// 200 once updates come in and the database takes writes, 503 before and while stopping.
pub(super) async fn ready(State(face): State<Face>) -> (StatusCode, Json<Value>) {
    match face.not_ready() {
        None => (StatusCode::OK, Json(json!({ "v": 1, "ready": true }))),
        Some(why) => (
            StatusCode::SERVICE_UNAVAILABLE,
            Json(json!({ "v": 1, "ready": false, "why": why })),
        ),
    }
}
