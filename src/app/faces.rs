//! The HTTP face: where it listens, and how it stops.
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;

use super::Ground;
use super::rooms::Rooms;
use crate::config::{Delivery, Settings};
use crate::web::{Face, Parts};

/// The longest a stop waits for HTTP requests under way.
const HANG_UP: Duration = Duration::from_secs(3);
/// How long a connection may take for the head of a request, and be idle before the next.
const HEAD: Duration = Duration::from_secs(15);
/// Connections at a time.
const CONNECTIONS: usize = 2_048;

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
        caches: rooms.caches.clone(),
        clock: ground.clock.clone(),
        started: ground.clock.now(),
        listen,
        hosts,
        metrics_token: settings.metrics_token.clone(),
        stop,
    }))
}

/// Serves until told to stop. A connection has so long for the head of its next request, and the router
/// bounds what follows; more connections than [`CONNECTIONS`] wait to be accepted.
pub(super) async fn serve(
    listener: TcpListener,
    router: axum::Router,
    mut stop: watch::Receiver<bool>,
) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD);
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let mut open = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &room) => accepted,
            Some(_) = open.join_next() => continue,
            // An error means that the sender is gone, which is a stop too.
            _ = stop.wait_for(|s| *s) => break,
        };
        match accepted {
            Ok((stream, permit)) => {
                let service = TowerToHyperService::new(router.clone());
                let talk = http.serve_connection(TokioIo::new(stream), service);
                let stop = stop.clone();
                open.spawn(async move {
                    let _permit = permit;
                    see_off(talk, stop).await;
                });
            }
            // Too many open files, or somebody who left while waiting: neither is an end.
            Err(e) => {
                tracing::warn!(error = %e, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    drop(listener);
    let rest = async { while open.join_next().await.is_some() {} };
    // Somebody who began a request and does not finish it is not waited for.
    let _late = tokio::time::timeout(HANG_UP, rest).await;
}

async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> std::io::Result<(TcpStream, OwnedSemaphorePermit)> {
    let permit = room.clone().acquire_owned().await;
    let permit = permit.map_err(std::io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    // An answer is one small packet.
    let _slower_without = stream.set_nodelay(true);
    Ok((stream, permit))
}

/// Carries a connection to its end; once Beadle stops, to the end of the request under way.
async fn see_off<S, B>(
    talk: http1::Connection<TokioIo<TcpStream>, S>,
    mut stop: watch::Receiver<bool>,
) where
    S: hyper::service::HttpService<hyper::body::Incoming, ResBody = B>,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    B: hyper::body::Body + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    tokio::pin!(talk);
    tokio::select! {
        // Whoever hangs up, or takes too long, is nobody to tell.
        _ended = talk.as_mut() => return,
        _ = stop.wait_for(|s| *s) => {}
    }
    talk.as_mut().graceful_shutdown();
    let _ended = talk.await;
}
