//! Behaviour, seen from outside.
mod event;
mod cli;
mod intake;
mod store;
mod support;
mod simulator;
mod simulator_support;

mod classifier;
mod fold;

mod dependencies;
mod imports;
