//! Choices that settings offer: how updates come in, and what a group does with verdicts.

/// How updates reach this process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// Long polling: nothing needs to be reachable from outside.
    Polling,
    /// Telegram calls this address; a proxy with TLS stands in front.
    Webhook {
        /// Public https address, with or without a path.
        url: String,
    },
}

/// What a group does with verdicts until its admins choose otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Verdicts are recorded, nothing else.
    Observe,
    /// Verdicts are recorded and offered; nothing changes in the group.
    #[default]
    Suggest,
    /// Verdicts are carried out.
    Act,
}

impl Mode {
    /// The word used in settings and in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Observe => "observe",
            Self::Suggest => "suggest",
            Self::Act => "act",
        }
    }

    /// The mode of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Observe, Self::Suggest, Self::Act]
            .into_iter()
            .find(|m| m.name() == name)
    }
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line, for machines.
    Json,
}
