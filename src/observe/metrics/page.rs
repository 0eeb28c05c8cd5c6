//! One scrape in Prometheus's text format, version 0.0.4.
use std::fmt::Write as _;

/// What a metric is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only grows, but for a new start.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts in ranges.
    Histogram,
}

/// The text of one scrape as it grows.
#[derive(Debug, Default)]
pub struct Page {
    text: String,
    name: &'static str,
}

impl Page {
    /// The content type of the text.
    pub const CONTENT_TYPE: &'static str = "text/plain; version=0.0.4; charset=utf-8";

    /// Begins a metric; its values follow.
    pub fn begin(&mut self, name: &'static str, help: &str, kind: Kind) {
        self.name = name;
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        let help = help.replace('\\', "\\\\").replace('\n', "\\n");
        // Writing to a String cannot fail.
        let _infallible = writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    /// A value of the metric begun last.
    pub fn value(&mut self, labels: &[(&str, &str)], value: f64) {
        self.part("", labels, value);
    }

    /// A gauge with one value.
    pub fn gauge(&mut self, name: &'static str, help: &str, value: f64) {
        self.begin(name, help, Kind::Gauge);
        self.value(&[], value);
    }

    /// A counter with one value, counted elsewhere.
    pub fn counter(&mut self, name: &'static str, help: &str, value: f64) {
        self.begin(name, help, Kind::Counter);
        self.value(&[], value);
    }

    /// A gauge with a value for each of `values` under one label.
    pub fn gauges<'a>(
        &mut self,
        name: &'static str,
        help: &str,
        label: &str,
        values: impl IntoIterator<Item = (&'a str, f64)>,
    ) {
        self.begin(name, help, Kind::Gauge);
        for (value, n) in values {
            self.value(&[(label, value)], n);
        }
    }

    pub(super) fn part(&mut self, suffix: &str, labels: &[(&str, &str)], value: f64) {
        self.text.push_str(self.name);
        self.text.push_str(suffix);
        for (i, (name, value)) in labels.iter().enumerate() {
            let value = value
                .replace('\\', "\\\\")
                .replace('"', "\\\"")
                .replace('\n', "\\n");
            let open = if i == 0 { '{' } else { ',' };
            let _infallible = write!(self.text, "{open}{name}=\"{value}\"");
        }
        if !labels.is_empty() {
            self.text.push('}');
        }
        let _infallible = writeln!(self.text, " {}", number(value));
    }

    /// The whole text.
    pub fn finish(self) -> String {
        self.text
    }
}

/// A number as Prometheus reads it.
pub(super) fn number(value: f64) -> String {
    if value.is_nan() {
        "NaN".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned()
    } else {
        value.to_string()
    }
}
