//! All that is kept of one group, for whoever takes it away.
mod store;

pub use store::{groups, rows};
