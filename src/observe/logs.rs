//! Logs on standard error: ids and numbers, never words, names or secrets.
use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

/// How lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// For people, with the time.
    Text,
    /// For people, the time is systemd's.
    Journal,
    /// One object a line.
    Json,
}

/// Installs the log for this process. `filter` is a level (`info`) or directives (`beadle=debug`).
pub fn init(filter: &str, shape: Shape) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    // teloxide logs whole requests at debug and trace, which would hold words of members.
    let quiet = [
        "teloxide_core=warn",
        "reqwest=warn",
        "hyper=warn",
        "hyper_util=warn",
        "h2=warn",
        "rustls=warn",
    ];
    let filter = quiet
        .iter()
        .filter_map(|d| d.parse().ok())
        .fold(filter, EnvFilter::add_directive);
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false)
        .with_ansi(std::io::stderr().is_terminal());
    // A second call, in tests, changes nothing.
    let _already = match shape {
        Shape::Text => builder.try_init(),
        Shape::Journal => builder.without_time().try_init(),
        Shape::Json => builder.json().flatten_event(true).try_init(),
    };
}
