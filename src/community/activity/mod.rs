//! How much goes on in the groups, in numbers without anybody's name.
mod store;

pub use store::{Activity, REPUTATION_BOUNDS, Standing, measure, standings};
