//! What is too much, for the alerts that the operator is told of.
use super::setting::{About, Form, Setting};
use super::values::Values;
use super::{parse, table};
use crate::observe::alerts::Limits;

/// The limits as `values` say; None when one of them is a fault, which was noted.
pub(super) fn of(values: &Values) -> Option<Limits> {
    Some(Limits {
        waits: values.get(&WAITS)?,
        read_p95: values.get(&READS)?,
        cache_hits: values.get(&CACHES)?,
        silent: values.get(&SILENT).unwrap_or_default(),
    })
}

/// A number of section `alerts`.
const fn limit(
    key: &'static str,
    env: &'static str,
    default: &'static str,
    doc: &'static str,
    parse: fn(&str) -> Result<f64, String>,
) -> Setting<f64> {
    Setting {
        about: About {
            key,
            env,
            shape: "N",
            default,
            doc,
            form: Form::Number,
            live: true,
            ..table::PLAIN
        },
        parse,
    }
}

pub(super) static WAITS: Setting<f64> = limit(
    "alerts.rate_limits",
    "BEADLE_ALERTS_RATE_LIMITS",
    "10",
    "Operators are told when Telegram makes Beadle wait more often a minute, for minutes; 1 to 10000",
    parse::count::<1, 10_000>,
);
pub(super) static READS: Setting<f64> = limit(
    "alerts.database_ms",
    "BEADLE_ALERTS_DATABASE_MS",
    "50",
    "Operators are told when 95 of 100 reads of the database take up to more milliseconds; 1 to 10000",
    parse::count::<1, 10_000>,
);
pub(super) static CACHES: Setting<f64> = limit(
    "alerts.cache_hits",
    "BEADLE_ALERTS_CACHE_HITS",
    "70",
    "Operators are told when a cache answers fewer of a hundred questions; 0 (never) to 99",
    parse::count::<0, 99>,
);
pub(super) static SILENT: Setting<Vec<String>> = Setting {
    about: About {
        key: "alerts.silent",
        env: "BEADLE_ALERTS_SILENT",
        shape: "NAME,NAME",
        otherwise: "every alert is sent",
        doc: "Alerts that are shown by `beadle status` and the metrics only, by name",
        form: Form::List,
        live: true,
        ..table::PLAIN
    },
    parse: parse::alerts,
};
