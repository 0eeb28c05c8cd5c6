//! Ban lists that the operator names, and how often they are looked at again.
use super::parse;
use super::setting::{About, Form, Setting};
use super::table;
use super::values::Values;

const HOUR: i64 = 3_600_000;

/// Lists of people who are not wanted elsewhere. None is asked for unless the operator names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BanLists {
    /// Files, or https addresses.
    pub sources: Vec<String>,
    /// Milliseconds between two looks at a list that is well.
    pub every: i64,
}

impl BanLists {
    /// As `values` say; None when one of them is a fault, which was noted.
    pub(super) fn of(values: &Values) -> Option<Self> {
        Some(Self {
            sources: values.get(&SOURCES).unwrap_or_default(),
            every: values.get(&EVERY)?,
        })
    }
}

pub(super) static SOURCES: Setting<Vec<String>> = Setting {
    about: About {
        key: "lists.sources",
        env: "BEADLE_BAN_LISTS",
        shape: "URL,FILE",
        otherwise: "none, and none is fetched",
        doc: "Ban lists: https addresses or files with a Telegram user id a line, as CAS exports them",
        form: Form::List,
        ..table::PLAIN
    },
    parse: parse::ban_lists,
};

pub(super) static EVERY: Setting<i64> = Setting {
    about: About {
        key: "lists.every",
        env: "BEADLE_BAN_LISTS_EVERY",
        shape: "TIME",
        default: "6h",
        doc: "How often ban lists are looked at again, 1h to 30d",
        ..table::PLAIN
    },
    parse: parse::kept::<HOUR, { 30 * 24 * HOUR }>,
};
