//! `/metrics`: what rooms counted, and how they stand at this moment.
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use secrecy::ExposeSecret as _;
use subtle::ConstantTimeEq as _;

use super::{Face, Parts};
use crate::observe::alerts::NAMES;
use crate::observe::metrics::{self, Kind, Page};
use crate::observe::process;
use crate::store::known_schema;
use crate::telegram::link::LinkState;
use crate::telegram::sender::BreakerState;

/// Lanes of the sender, in order.
const LANES: [&str; 5] = ["answers", "moderation", "replies", "messages", "bulk"];

pub(super) async fn serve(State(face): State<Face>, headers: HeaderMap) -> Response {
    match &face.0.metrics_token {
        None if !face.0.listen.ip().is_loopback() => {
            let text = "Beadle listens on a public address: set http.metrics_token (BEADLE_METRICS_TOKEN) to open \
                        /metrics.\n";
            return (StatusCode::FORBIDDEN, text).into_response();
        }
        Some(token) if !may(&headers, token.expose_secret()) => {
            let challenge = [(header::WWW_AUTHENTICATE, "Basic realm=\"Beadle\"")];
            return (
                StatusCode::UNAUTHORIZED,
                challenge,
                "The token of /metrics is wanted.\n",
            )
                .into_response();
        }
        _ => {}
    }
    let mut page = Page::default();
    metrics::write(&mut page);
    now(&face.0, &mut page);
    face.0.figures.write(&mut page);
    ([(header::CONTENT_TYPE, Page::CONTENT_TYPE)], page.finish()).into_response()
}

/// A bearer token, or basic authentication with any name.
fn may(headers: &HeaderMap, token: &str) -> bool {
    let given = headers
        .get(header::AUTHORIZATION)
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.split_once(' '));
    let password = match given {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("bearer") => {
            Some(rest.trim().to_owned())
        }
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("basic") => password(rest.trim()),
        _ => None,
    };
    password.is_some_and(|p| bool::from(p.as_bytes().ct_eq(token.as_bytes())))
}

/// The password in `name:password`, base64 (RFC 7617).
fn password(encoded: &str) -> Option<String> {
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(encoded)
        .ok()?;
    let text = String::from_utf8(bytes).ok()?;
    text.split_once(':')
        .map(|(_, password)| password.to_owned())
}

/// What is asked at the moment of the scrape; all of it is in memory or /proc.
fn now(parts: &Parts, page: &mut Page) {
    lanes_and_link(parts, page);
    sender(parts, page);
    store(parts, page);
    caches(parts, page);
    alerts(parts, page);
    own(parts, page);
}

fn lanes_and_link(parts: &Parts, page: &mut Page) {
    let (lanes, link) = (&parts.lanes, &parts.link);
    page.gauge(
        "beadle_lanes_depth",
        "Updates in memory, waiting or being handled.",
        lanes.depth() as f64,
    );
    page.gauge(
        "beadle_lanes_busy",
        "Lanes that handle something now.",
        lanes.busy() as f64,
    );
    page.gauge(
        "beadle_jobs_running",
        "Jobs under way.",
        parts.jobs.running() as f64,
    );
    let up = link.state() == LinkState::Up;
    page.gauge(
        "beadle_telegram_up",
        "Whether Telegram answers.",
        f64::from(u8::from(up)),
    );
    page.counter(
        "beadle_polls_total",
        "Polls or webhook calls that brought what they should.",
        link.polls() as f64,
    );
}

fn sender(parts: &Parts, page: &mut Page) {
    let status = parts.sender.status();
    let waiting = LANES
        .iter()
        .zip(status.waiting)
        .map(|(l, n)| (*l, n as f64));
    page.gauges(
        "beadle_outbox_waiting",
        "Calls in memory that wait, by lane.",
        "lane",
        waiting,
    );
    page.gauge(
        "beadle_calls_running",
        "Calls to Telegram under way.",
        status.calls as f64,
    );
    let totals = status.totals;
    page.begin(
        "beadle_outbox_settled_total",
        "Calls that came to an end, by outcome.",
        Kind::Counter,
    );
    for (outcome, n) in [
        ("done", totals.done),
        ("failed", totals.failed),
        ("unknown", totals.unknown),
        ("expired", totals.expired),
    ] {
        page.value(&[("outcome", outcome)], n as f64);
    }
    page.counter(
        "beadle_calls_retried_total",
        "Calls tried again.",
        totals.retries as f64,
    );
    page.counter(
        "bot_rate_limit_delays_total",
        "Answers of Telegram that ask to wait (429).",
        totals.floods as f64,
    );
    let state = |s: BreakerState| f64::from(u8::from(status.breaker == s));
    page.gauges(
        "beadle_breaker_state",
        "The breaker over the Bot API: 1 for the state it is in.",
        "state",
        [
            ("closed", state(BreakerState::Closed)),
            ("open", state(BreakerState::Open)),
            ("half_open", state(BreakerState::HalfOpen)),
        ],
    );
}

fn store(parts: &Parts, page: &mut Page) {
    let store = &parts.store;
    let (database, log) = store.sizes();
    page.gauge(
        "beadle_writer_queue",
        "Writes that wait for the writer.",
        store.write_depth() as f64,
    );
    page.gauge(
        "beadle_readers_busy",
        "Read-only connections lent out.",
        store.readers_busy() as f64,
    );
    page.gauge(
        "beadle_database_bytes",
        "Size of the database.",
        database as f64,
    );
    page.gauge(
        "beadle_wal_bytes",
        "Size of the write-ahead log.",
        log as f64,
    );
    if let Some(free) = store.disk_free() {
        page.gauge(
            "beadle_disk_free_bytes",
            "Free on the disk of the data directory.",
            free as f64,
        );
    }
    let components = parts.vitals.health().components;
    page.gauges(
        "beadle_component_up",
        "Whether each part does its work, as /health says.",
        "component",
        components
            .iter()
            .map(|c| (c.name, f64::from(u8::from(c.ok)))),
    );
}

fn caches(parts: &Parts, page: &mut Page) {
    let all = parts.caches.figures();
    page.gauges(
        "cache_hit_rate",
        "Share of questions that a cache answered since the start.",
        "cache",
        all.iter().filter_map(|c| Some((c.name, c.hit_rate?))),
    );
    page.gauges(
        "cache_entries",
        "Entries of a cache.",
        "cache",
        all.iter().map(|c| (c.name, c.entries as f64)),
    );
    page.gauges(
        "cache_bytes",
        "Bytes that a cache takes, as estimated.",
        "cache",
        all.iter().map(|c| (c.name, c.bytes as f64)),
    );
    page.gauges(
        "cache_poor",
        "Whether a cache was asked often and answered less than 70 % of it.",
        "cache",
        all.iter()
            .map(|c| (c.name, f64::from(u8::from(c.is_poor())))),
    );
}

fn alerts(parts: &Parts, page: &mut Page) {
    let standing = parts.vitals.alerts();
    let active = |name: &str| standing.iter().any(|a| a.alert == name);
    page.gauges(
        "beadle_alert_active",
        "Alerts that stand, as the operator is told of them.",
        "alert",
        NAMES.map(|name| (name, f64::from(u8::from(active(name))))),
    );
}

fn own(parts: &Parts, page: &mut Page) {
    let own = process::measure();
    page.counter(
        "process_cpu_seconds_total",
        "CPU time of this process.",
        own.cpu_seconds,
    );
    for (name, help, value) in [
        (
            "process_resident_memory_bytes",
            "Memory of this process.",
            own.resident,
        ),
        (
            "process_virtual_memory_bytes",
            "Addresses of this process.",
            own.virtual_bytes,
        ),
        (
            "process_open_fds",
            "Open files and connections.",
            own.open_fds,
        ),
        ("process_threads", "Threads.", own.threads),
    ] {
        if let Some(value) = value {
            page.gauge(name, help, value as f64);
        }
    }
    page.gauge(
        "process_start_time_seconds",
        "When this process began.",
        parts.started as f64 / 1e3,
    );
    page.begin(
        "beadle_build_info",
        "Version of the program and of its database; always 1.",
        Kind::Gauge,
    );
    page.value(
        &[
            ("version", env!("CARGO_PKG_VERSION")),
            ("schema", &known_schema().to_string()),
        ],
        1.0,
    );
}
