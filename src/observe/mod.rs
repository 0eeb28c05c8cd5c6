//! What the process tells about itself: logs and vital signs.
pub mod logs;
mod vitals;

pub use vitals::{Component, Health, Vitals};
