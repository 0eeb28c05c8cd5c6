//! The walk: an update goes through named stages in a fixed order, and what they decide is committed
//! together.
pub mod lanes;
pub mod stages;
mod walk;
mod walker;

pub use walk::{Flow, Position, Stage, StageError, Walk, Write};
pub use walker::{Decided, Walker};
