//! Behaviour, seen from outside.
mod simulator;
mod simulator_support;
