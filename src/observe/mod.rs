//! What the process tells about itself: logs and vital signs.
pub mod logs;
mod redacted;
mod vitals;

pub use redacted::{Line, Redacted};
pub use vitals::{Component, Health, Vitals};
