//! The HTTP face: a page, health, metrics, and what others hang in (webhook, demo page).
mod face;
pub mod guard;
mod health;
mod metrics;
mod page;

use std::time::Duration;

use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Router, middleware};
pub use face::{Face, Parts};
use tower_http::timeout::TimeoutLayer;

/// Everything Beadle serves, and whatever `more` serves.
pub fn router(face: Face, more: Option<Router>) -> Router {
    // Pages are for this machine; probes may come by any name, and tell nothing that is secret.
    let pages = Router::new()
        .route("/", get(page::root))
        .route("/style.css", get(page::style))
        .route("/metrics", get(metrics::serve))
        .route_layer(middleware::from_fn_with_state(
            face.clone(),
            guard::ours_only,
        ));
    let router = Router::new()
        .route("/health", get(health::health))
        .route("/health/detailed", get(health::health))
        .route("/ready", get(health::ready))
        .merge(pages)
        .with_state(face);
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
