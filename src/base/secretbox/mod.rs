//! What the database may hold only sealed, what a button may carry only signed, and ids that may be known
//! again but not read: one secret, a key of its own for each purpose.
mod file;
mod keyring;
mod keys;
mod signer;

pub use keyring::{GRACE, Keyring, MIN_SECRET, Origin};
pub use keys::{KeyTag, SealError};
pub use signer::{SIGNATURE, Signer};
