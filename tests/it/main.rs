//! Behaviour, seen from outside.
mod event;

mod dependencies;
mod imports;
mod papers;
