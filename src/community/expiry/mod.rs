//! What is kept of messages and people for a time goes when the time is over.
mod store;

pub(super) use store::WORDS_EXPIRED;
pub use store::{expire_people, expire_words};
