//! Logs on standard error: ids and numbers, never words, names or secrets.
mod line;

use std::io::IsTerminal as _;

pub use line::Shape;
use tracing_subscriber::fmt::format::JsonFields;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, Registry, fmt, reload};

use super::redacted::Redacted;

/// The level of this process's log, to change it while it runs.
#[derive(Clone)]
pub struct Level(reload::Handle<EnvFilter, Registry>);

impl Level {
    /// Takes a level (`info`) or directives (`beadle=debug`), or says what is wrong with them.
    pub fn set(&self, filter: &str) -> Result<(), String> {
        let filter = EnvFilter::try_new(filter).map_err(|e| e.to_string())?;
        self.0.reload(quiet(filter)).map_err(|e| e.to_string())
    }
}

/// Installs the log for this process. `filter` is a level (`info`) or directives (`beadle=debug`).
pub fn init(filter: &str, shape: Shape) -> Level {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let (filter, handle) = reload::Layer::new(quiet(filter));
    let color = shape == Shape::Text && std::io::stderr().is_terminal();
    let lines = line::Lines { shape, color };
    let layer = match shape {
        // Spans keep their fields as JSON, to be taken apart again for the line.
        Shape::Json => fmt::layer()
            .with_writer(Redacted(std::io::stderr))
            .fmt_fields(JsonFields::new())
            .event_format(lines)
            .boxed(),
        Shape::Text | Shape::Journal => fmt::layer()
            .with_writer(Redacted(std::io::stderr))
            .with_ansi(color)
            .event_format(lines)
            .boxed(),
    };
    // A second call, in tests, changes nothing.
    let _already = tracing_subscriber::registry()
        .with(filter)
        .with(layer)
        .try_init();
    Level(handle)
}

/// teloxide logs whole requests at debug and trace, which would hold words of members.
fn quiet(filter: EnvFilter) -> EnvFilter {
    [
        "teloxide_core=warn",
        "reqwest=warn",
        "hyper=warn",
        "hyper_util=warn",
        "h2=warn",
        "rustls=warn",
    ]
    .iter()
    .filter_map(|d| d.parse().ok())
    .fold(filter, EnvFilter::add_directive)
}
