//! From raw JSON to [`Event`]: tolerant by design. What cannot be understood never hides what can.
mod types;

pub use types::*;
