//! The Bot API edge: everything that knows what Telegram looks like.
pub mod api;
pub mod event;
pub mod intake;
pub mod link;
pub mod rights;
pub mod sender;
pub mod simulator;
