//! Behaviour, seen from outside.

mod classifier;
mod fold;
mod verdict;
mod verdict_laws;
