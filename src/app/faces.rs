//! The HTTP face: where it listens, and how it stops.
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio::sync::watch;

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
