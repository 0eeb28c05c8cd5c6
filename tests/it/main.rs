//! Behaviour, seen from outside.

mod classifier;
mod fold;
