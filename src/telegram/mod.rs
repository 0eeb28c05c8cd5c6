//! The Bot API edge: everything that knows what Telegram looks like.
pub mod event;
pub mod simulator;
