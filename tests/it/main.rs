//! Behaviour, seen from outside.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on says where, and stops"
)]
mod audit;
mod classifier;
mod cli;
mod config;
mod crash;
mod demo;
mod dependencies;
mod event;
mod faces;
mod faults_absence;
mod faults_clock;
mod faults_disk;
mod faults_http;
mod faults_open;
mod faults_rubbish;
mod faults_telegram;
mod faults_token;
mod fold;
mod groups_albums;
mod groups_order;
mod groups_senders;
mod groups_standing;
mod groups_texts;
mod groups_upgrade;
mod imports;
mod intake;
mod outbox;
mod papers;
mod polling;
mod queue;
mod secretbox;
mod sender_api;
mod sender_fake;
mod sender_faults;
mod sender_limits;
mod sender_run;
mod simulator;
mod simulator_aiogram;
mod simulator_control;
mod simulator_members;
mod simulator_messages;
mod simulator_speed;
mod simulator_support;
mod simulator_table;
mod simulator_teloxide;
mod simulator_updates;
mod simulator_webhook;
mod store;
mod support;
mod text_split;
mod together;
mod verdict;
mod verdict_laws;
