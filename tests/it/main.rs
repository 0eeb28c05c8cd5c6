//! Behaviour, seen from outside.
mod sender_fake;
mod sender_run;
