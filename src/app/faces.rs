//! The HTTP face: where it listens, and how it stops.
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::Ground;
use super::rooms::Rooms;
use crate::config::{Delivery, Settings};
use crate::web::{Face, Parts};

/// The longest a stop waits for HTTP requests under way.
const HANG_UP: Duration = Duration::from_secs(3);

/// Takes the address, or says what to do when somebody else has it.
pub(super) async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!(
            "cannot listen on {address}: choose another address with BEADLE_HTTP_LISTEN or --listen"
        )
    })
}

/// What the pages look at.
pub(super) fn face(
    settings: &Settings,
    ground: &Ground,
    rooms: &Rooms,
    listen: SocketAddr,
    stop: watch::Receiver<bool>,
) -> Face {
    let mut hosts = settings.hosts.clone();
    if let Delivery::Webhook { url } = &settings.delivery {
        let parsed = reqwest::Url::parse(url).ok();
        hosts.extend(parsed.and_then(|u| u.host_str().map(str::to_ascii_lowercase)));
    }
    Face(Arc::new(Parts {
        vitals: rooms.vitals.clone(),
        figures: rooms.figures.clone(),
        link: rooms.link.clone(),
        fetch: ground.fetch,
        store: rooms.store.clone(),
        sender: rooms.sender.clone(),
        lanes: rooms.lanes.clone(),
        jobs: rooms.runner.status(),
        community: rooms.community.clone(),
        clock: ground.clock.clone(),
        started: ground.clock.now(),
        listen,
        hosts,
        metrics_token: settings.metrics_token.clone(),
        stop,
    }))
}

/// Serves until told to stop.
pub(super) async fn serve(
    listener: TcpListener,
    router: axum::Router,
    mut stop: watch::Receiver<bool>,
) {
    let mut told = stop.clone();
    let stopped = async move {
        // An error means that the sender is gone, which is a stop too.
        let _gone = stop.wait_for(|s| *s).await;
    };
    let late = async move {
        drop(told.wait_for(|s| *s).await);
        tokio::time::sleep(HANG_UP).await;
    };
    let serving = axum::serve(listener, router).with_graceful_shutdown(stopped);
    tokio::select! {
        ended = serving => if let Err(e) = ended {
            tracing::error!(error = %e, "HTTP ended");
        },
        // Somebody who began a request and does not finish it is not waited for.
        () = late => {}
    }
}
