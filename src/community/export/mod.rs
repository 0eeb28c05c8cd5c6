//! All that is kept of one group, for whoever takes it away, or of one person, for that person.
mod ask;
mod person;
mod store;

pub(in crate::community) use ask::KIND as COPY_JOB;
pub use ask::{COPY_EVERY, CopyAsked, Copyist, ask_copy, copy_made};
pub use person::{Part, Place, document, part};
pub use store::{Reader, groups, rows};
