//! Beadle: a Telegram community appliance in one binary and one SQLite file.
pub mod base;
pub mod features;
pub mod telegram;
