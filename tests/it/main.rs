//! Behaviour, seen from outside.
