//! What carries spam beside words: a policy for newcomers by kind of message, profiles, reactions, names in service
//! messages.
mod door;
pub mod policy;
pub mod profile;
mod profiles;
pub(super) mod signs;
pub mod topics;

pub(super) use door::ProfileStep;
pub use policy::{Policy, Rule, Ruled};
pub use profile::Profile;
pub use profiles::Profiles;
pub use topics::{SETTINGS, TOPICS, Topic};
