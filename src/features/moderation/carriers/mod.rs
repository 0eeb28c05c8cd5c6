//! What carries spam beside words: a policy for newcomers by kind of message, profiles, reactions, names in service
//! messages.
pub mod policy;
pub mod profile;
pub mod topics;

pub use policy::{Policy, Rule, Ruled};
pub use profile::Profile;
pub use topics::{SETTINGS, TOPICS, Topic};
