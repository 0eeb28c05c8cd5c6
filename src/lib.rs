//! Beadle: a Telegram community appliance in one binary and one SQLite file.
//!
//! Imports point down: `cli, web` → `app` → `features` → `pipeline` → `community` → `telegram, queue` →
//! `store` → `config, base`. ARCHITECTURE.md is the map.
pub mod app;
pub mod base;
pub mod cli;
pub mod community;
pub mod config;
pub mod features;
pub mod observe;
pub mod pipeline;
pub mod queue;
pub mod store;
pub mod telegram;
pub mod texts;
pub mod web;
