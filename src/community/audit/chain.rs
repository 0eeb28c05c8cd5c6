//! The hash of a row and of what lies beside it: pure, and never changed, or old chains would not verify.
use sha2::{Digest as _, Sha256};

use crate::base::clock::Millis;

/// SHA-256.
pub type Hash = [u8; 32];

/// What comes before the first row.
pub const GENESIS: Hash = [0; 32];

/// The fields of a row that its hash covers, as they are stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Its number: 1 for the first.
    pub id: i64,
    /// When, in milliseconds.
    pub at: Millis,
    /// Who, as text.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// In which chat.
    pub tenant: Option<i64>,
    /// To what.
    pub subject: String,
    /// The JSON as stored, byte for byte.
    pub details: String,
    /// Of the personal part, when there was one.
    pub digest: Option<Hash>,
}

/// The hash of a row that follows one with the hash `before`. Every field is preceded by its length, so
/// that no two rows have one encoding.
pub fn hash(before: &Hash, link: &Link) -> Hash {
    let mut sha = Sha256::new();
    sha.update(b"beadle audit 1");
    sha.update(before);
    sha.update(link.id.to_be_bytes());
    sha.update(link.at.to_be_bytes());
    let mut field = |bytes: &[u8]| {
        sha.update((bytes.len() as u64).to_be_bytes());
        sha.update(bytes);
    };
    field(link.actor.as_bytes());
    field(link.action.as_bytes());
    field(
        link.tenant
            .map(i64::to_be_bytes)
            .as_ref()
            .map_or(&[][..], |b| &b[..]),
    );
    field(link.subject.as_bytes());
    field(link.details.as_bytes());
    field(link.digest.as_ref().map_or(&[][..], |d| &d[..]));
    sha.finalize().into()
}

/// The digest of a personal part. Salted, so that a digest left in the chain does not confirm a guess.
pub fn digest(salt: &[u8; 16], person: Option<i64>, body: &str) -> Hash {
    let mut sha = Sha256::new();
    sha.update(b"beadle audit personal 1");
    sha.update(salt);
    sha.update([u8::from(person.is_some())]);
    sha.update(person.unwrap_or(0).to_be_bytes());
    sha.update(body.as_bytes());
    sha.finalize().into()
}
