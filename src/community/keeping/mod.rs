//! How long the words of messages are kept, by the house and by a group, and how they are forgotten.
mod store;

use serde_json::Value;

use crate::base::clock::Millis;
use crate::base::span::read as span;

pub(super) use store::are_forgotten;
pub use store::{expire, keep_for};

/// What a group may choose for its words, in `groups.settings` under `keep.words`.
pub const CHOICES: [&str; 3] = ["1d", "7d", "30d"];

/// How long a group keeps words, from its settings; None when it leaves that to the house.
pub fn own(settings: &str) -> Option<Millis> {
    if settings == "{}" {
        return None;
    }
    let tree: Value = serde_json::from_str(settings).ok()?;
    span(tree["keep"]["words"].as_str()?).ok()
}
