//! What the process tells about itself: logs, vital signs, numbers.
pub mod alerts;
pub mod cache;
mod figures;
pub mod logs;
pub mod metrics;
pub mod process;
mod redacted;
mod vitals;

pub use figures::{Figure, Figures};
pub use redacted::{Line, Redacted};
pub use vitals::{Component, Health, Vitals};
