//! Moderation: each message becomes facts, facts become a verdict with reasons, and the reasons can be replayed.
//!
//! `facts` gathers plain numbers from a message's words, links and sender (folding, the classifier and the
//! word lists of `phrases`); `signals` is the table of what counts and how much; `rules` adds it up. All of
//! it is pure. `train`, `data`, `written` and `evaluate` make and measure the classifier that is shipped.
pub mod classifier;
pub mod data;
pub mod evaluate;
pub mod facts;
mod links;
pub mod phrases;
pub mod rules;
pub mod signals;
pub mod train;
pub mod written;
