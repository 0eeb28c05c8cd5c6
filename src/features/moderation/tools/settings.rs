//! What admins may set about reports.
use serde::Deserialize;

use crate::community::GroupFacts;
use crate::community::settings::{Kind, Setting};

/// Declared for the table of group settings.
pub static SETTINGS: &[Setting] = &[
    Setting {
        path: "reports.on",
        kind: Kind::Switch,
        default: "true",
        doc: "whether members may report messages with /report or @admin",
    },
    Setting {
        path: "reports.threshold",
        kind: Kind::Number(1, 20),
        default: "1",
        doc: "how many members must report a message before moderators see a card; who was often wrong counts less",
    },
];

/// Reports in a group.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(default)]
pub struct ReportSettings {
    /// Whether members may report.
    pub on: bool,
    /// Weight from which a card is shown.
    pub threshold: u32,
}

impl Default for ReportSettings {
    fn default() -> Self {
        Self {
            on: true,
            threshold: 1,
        }
    }
}

#[derive(Default, Deserialize)]
struct Tree {
    #[serde(default)]
    reports: ReportSettings,
}

impl ReportSettings {
    /// Of a group; what cannot be read is the default.
    pub fn of(group: &GroupFacts) -> Self {
        serde_json::from_str::<Tree>(&group.settings)
            .unwrap_or_default()
            .reports
    }
}
