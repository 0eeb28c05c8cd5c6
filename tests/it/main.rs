//! Behaviour, seen from outside.
mod event;
