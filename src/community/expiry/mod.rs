//! People who are in no group any more are forgotten when their time is over.
mod store;

pub use store::expire_people;
