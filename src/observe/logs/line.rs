//! One line of the log, for people or for machines.
use std::fmt::{self, Debug};

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime as _, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

/// How lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// `2026-11-20T14:05:01.123Z - beadle::app - INFO - started`, for people.
    Text,
    /// The same without the time, which is the journal's.
    Journal,
    /// One object a line: `timestamp`, `level`, `logger`, `message`, then `group_id`, `user_id`,
    /// `trace_id` and whatever else the line says.
    Json,
}

pub(super) struct Lines {
    pub(super) shape: Shape,
    pub(super) color: bool,
}

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        ctx: &FmtContext<'_, S, N>,
        writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        match self.shape {
            Shape::Json => json(ctx, writer, event),
            Shape::Text | Shape::Journal => self.text(ctx, writer, event),
        }
    }
}

impl Lines {
    fn text<S, N>(
        &self,
        ctx: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
        N: for<'a> FormatFields<'a> + 'static,
    {
        let meta = event.metadata();
        if self.shape == Shape::Text {
            write!(writer, "{} - {} - ", timestamp(), meta.target())?;
        }
        let color = match *meta.level() {
            Level::ERROR => "31",
            Level::WARN => "33",
            Level::INFO => "32",
            _ => "2",
        };
        if self.color {
            write!(writer, "\u{1b}[{color}m{}\u{1b}[0m", meta.level())?;
        } else {
            write!(writer, "{}", meta.level())?;
        }
        write!(
            writer,
            "{}",
            if self.shape == Shape::Text {
                " - "
            } else {
                " "
            }
        )?;
        ctx.format_fields(writer.by_ref(), event)?;
        // What a line is about, once more for each span it stands in.
        for span in ctx.event_scope().into_iter().flatten() {
            if let Some(fields) = span.extensions().get::<FormattedFields<N>>()
                && !fields.is_empty()
            {
                write!(writer, " {fields}")?;
            }
        }
        writeln!(writer)
    }
}

fn json<S, N>(ctx: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    let meta = event.metadata();
    let mut rest = Fields(Map::new());
    for span in ctx.event_scope().into_iter().flat_map(|s| s.from_root()) {
        if let Some(fields) = span.extensions().get::<FormattedFields<N>>()
            && let Ok(Value::Object(fields)) = serde_json::from_str(fields)
        {
            for (name, value) in fields {
                rest.put(&name, value);
            }
        }
    }
    event.record(&mut rest);
    // These four first, in this order, whatever a map would do with them.
    let message = rest.0.remove("message").unwrap_or(Value::Null);
    write!(
        writer,
        "{{\"timestamp\":\"{}\",\"level\":\"{}\",\"logger\":{},\"message\":{message}",
        timestamp(),
        meta.level(),
        Value::from(meta.target()),
    )?;
    for (name, value) in &rest.0 {
        write!(writer, ",{}:{value}", Value::from(name.as_str()))?;
    }
    writeln!(writer, "}}")
}

/// ISO 8601 with milliseconds, UTC.
fn timestamp() -> String {
    let mut text = String::new();
    // Gives microseconds, or nothing at all.
    if SystemTime.format_time(&mut Writer::new(&mut text)).is_err() || text.len() < 24 {
        return text;
    }
    text.truncate(23);
    text.push('Z');
    text
}

/// The fields of a line, under the names that machines look for.
struct Fields(Map<String, Value>);

impl Fields {
    fn put(&mut self, name: &str, value: Value) {
        let name = match name {
            "chat" => "group_id",
            "user" => "user_id",
            "seq" => "trace_id",
            // These four are the line's own.
            "timestamp" | "level" | "logger" => return,
            name => name,
        };
        self.0.insert(name.to_owned(), value);
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.put(field.name(), Value::from(format!("{value:?}")));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field.name(), Value::from(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field.name(), Value::from(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field.name(), Value::from(value));
    }

    /// Spans of time in milliseconds are of this kind.
    fn record_u128(&mut self, field: &Field, value: u128) {
        match u64::try_from(value) {
            Ok(value) => self.put(field.name(), Value::from(value)),
            Err(_) => self.put(field.name(), Value::from(value.to_string())),
        }
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field.name(), Value::from(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field.name(), Value::from(value));
    }
}
