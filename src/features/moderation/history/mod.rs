//! Training from a group's own history: an export of Telegram Desktop becomes lessons, which can all be taken back.
//!
//! `export` reads the file message by message, `choose` says whose words are taken. What is ordinary talk is taken from
//! people who have long been writing there; what is spam only where an admin had said so.
mod choose;
mod export;

pub use choose::{Chosen, Gathered, MOST_HAM, Picked, Regulars};
pub use export::{Fault, Head, Said, read};
