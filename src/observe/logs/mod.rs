//! Logs on standard error and in files of their own: ids and numbers, never words, names or secrets.
mod files;
mod line;

use std::io::IsTerminal as _;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

pub use files::{FOLDER, files, keep_in};
pub use line::Shape;
use tracing_subscriber::fmt::format::JsonFields;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, Registry, fmt, reload};

use super::redacted::Redacted;

/// The level of this process's log, to change it while it runs.
#[derive(Clone)]
pub struct Level {
    handle: reload::Handle<EnvFilter, Registry>,
    now: Arc<Mutex<String>>,
}

/// The level of the log that this process installed.
static LEVEL: OnceLock<Level> = OnceLock::new();

/// The level of this process's log; None before [`init`].
pub fn level() -> Option<Level> {
    LEVEL.get().cloned()
}

impl Level {
    /// Takes a level (`info`) or directives (`beadle=debug`), or says what is wrong with them.
    pub fn set(&self, filter: &str) -> Result<(), String> {
        let parsed = EnvFilter::try_new(filter).map_err(|e| e.to_string())?;
        self.handle
            .reload(quiet(parsed))
            .map_err(|e| e.to_string())?;
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = filter.to_owned();
        Ok(())
    }

    /// What holds, as it was given.
    pub fn now(&self) -> String {
        self.now
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// Installs the log for this process. `filter` is a level (`info`) or directives (`beadle=debug`).
pub fn init(filter: &str, shape: Shape) -> Level {
    let (filter, now) = match EnvFilter::try_new(filter) {
        Ok(parsed) => (parsed, filter.to_owned()),
        Err(_) => (EnvFilter::new("info"), "info".to_owned()),
    };
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
    // Whatever people read on the error output, what is kept is for machines.
    let kept = fmt::layer()
        .with_writer(Redacted(|| files::Days))
        .fmt_fields(JsonFields::new())
        .event_format(line::Lines {
            shape: Shape::Json,
            color: false,
        });
    let level = Level {
        handle,
        now: Arc::new(Mutex::new(now)),
    };
    // A second call, in tests, changes nothing.
    let installed = tracing_subscriber::registry()
        .with(filter)
        .with(layer)
        .with(kept)
        .try_init();
    if installed.is_ok() {
        let _first = LEVEL.set(level.clone());
    }
    level
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
