//! What the process tells about itself: logs, vital signs, numbers.
mod figures;
pub mod logs;
pub mod metrics;
pub mod process;
mod vitals;

pub use figures::{Figure, Figures};
pub use vitals::{Component, Health, Vitals};
