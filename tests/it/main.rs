//! Behaviour, seen from outside.
mod outbox;
mod sender_api;
mod sender_fake;
mod sender_faults;
mod sender_limits;
mod sender_run;
mod text_split;
