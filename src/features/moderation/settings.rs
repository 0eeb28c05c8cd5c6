//! What admins may set for a group: one typed tree, kept as JSON in `groups.settings`.
use crate::community::GroupFacts;

/// A group's settings. What is missing or cannot be read is the default.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct GroupSettings {
    /// The chat in which cards stand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_chat: Option<i64>,
}

impl GroupSettings {
    /// Of a group as the lane knows it.
    pub fn of(group: &GroupFacts) -> Self {
        Self::read(&group.settings)
    }

    /// Of the JSON in the database.
    pub fn read(json: &str) -> Self {
        if json == "{}" {
            return Self::default();
        }
        serde_json::from_str(json).unwrap_or_else(|e| {
            tracing::warn!(error = %e, "a group's settings cannot be read; it has the defaults");
            Self::default()
        })
    }
}
