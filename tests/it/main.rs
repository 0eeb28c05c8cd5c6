//! Behaviour, seen from outside.

mod fold;
