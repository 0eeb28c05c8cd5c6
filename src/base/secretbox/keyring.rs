//! The present secret and earlier ones: seals and signs with the first, opens with any.
use std::path::{Path, PathBuf};

use ring::hmac;

use super::file;
use super::keys::{KeyTag, SealError, Secret, tag_of};
use super::signer::Signer;
use crate::base::clock::Millis;
use crate::base::random::Random;

/// Shortest secret that is taken, in bytes.
pub const MIN_SECRET: usize = 16;
/// How long buttons signed with a replaced secret still work: as long as cards have buttons by default.
pub const GRACE: Millis = 7 * 86_400_000;

/// Where the present secret came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// SECRET_KEY.
    Given,
    /// The file, written at an earlier start.
    Kept(PathBuf),
    /// The file, written just now.
    Made(PathBuf),
}

/// Keys for every purpose. Cheap enough to clone; never printed.
#[derive(Clone)]
pub struct Keyring {
    secrets: Vec<Secret>,
    /// Tags of secrets that were replaced, by when.
    replaced: Vec<(KeyTag, Millis)>,
    /// Tags of those whose signatures are no longer taken.
    lapsed: Vec<KeyTag>,
    given: bool,
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keyring({} secrets)", self.secrets.len())
    }
}

impl Keyring {
    /// Keys from `secret`; what was sealed under `earlier` ones can still be opened. Each secret has at least
    /// [`MIN_SECRET`] bytes, or it is refused in words for the operator.
    pub fn new(secret: &str, earlier: &[&str]) -> Result<Self, String> {
        let mut secrets = Vec::with_capacity(1 + earlier.len());
        for (i, secret) in std::iter::once(&secret).chain(earlier).enumerate() {
            let secret = secret.trim();
            if secret.len() < MIN_SECRET {
                let name = if i == 0 {
                    "SECRET_KEY"
                } else {
                    "SECRET_KEY_PREVIOUS"
                };
                return Err(format!(
                    "{name}: at least {MIN_SECRET} characters; `openssl rand -hex 32` makes a good one"
                ));
            }
            secrets.push(Secret::new(secret.as_bytes()));
        }
        Ok(Self {
            secrets,
            replaced: Vec::new(),
            lapsed: Vec::new(),
            given: false,
        })
    }

    /// What the file keeps of replaced secrets opens and hashes as ever; their signatures are taken until
    /// [`Keyring::lapse`] says otherwise.
    fn with_replaced(mut self, kept: &file::Kept) -> Self {
        for (secret, at) in &kept.replaced {
            let secret = Secret::new(secret.as_bytes());
            if self.secrets.iter().all(|known| known.tag != secret.tag) {
                self.replaced.push((secret.tag, *at));
                self.secrets.push(secret);
            }
        }
        self
    }

    /// No longer takes what secrets signed that were replaced more than [`GRACE`] before `now`.
    #[must_use]
    pub fn lapse(mut self, now: Millis) -> Self {
        let old = |(tag, at): &(KeyTag, Millis)| (now - at > GRACE).then_some(*tag);
        self.lapsed = self.replaced.iter().filter_map(old).collect();
        self
    }

    /// Whether the present secret is SECRET_KEY, and not the file's.
    pub fn is_given(&self) -> bool {
        self.given
    }

    /// Puts a new secret into the file of `dir`; the one before it goes on opening what lies under it. Whole or not at
    /// all: a crash leaves the old file or the new one. Gives how many earlier ones the file keeps.
    pub fn rotate(dir: &Path, random: &dyn Random, now: Millis) -> Result<usize, String> {
        let path = dir.join(file::NAME);
        let Some(kept) = file::read(&path)? else {
            file::write(dir, &path, &file::Kept::fresh(random))?;
            return Ok(0);
        };
        Self::new(&kept.present, &[]).map_err(|_| file::no_secret(&path))?;
        let next = kept.rotated(random, now)?;
        file::write(dir, &path, &next)?;
        Ok(next.replaced.len())
    }

    /// Keys from `given` (SECRET_KEY), else from the file in the data directory, which is made with a secret
    /// from `random` when it is missing, readable by its owner only. Errors are words for the operator.
    pub fn load(
        dir: &Path,
        given: Option<&str>,
        earlier: &[&str],
        random: &dyn Random,
    ) -> Result<(Self, Origin), String> {
        let path = dir.join(file::NAME);
        let kept = file::read(&path)?;
        if let Some(secret) = given {
            // A file from before SECRET_KEY was set still opens what was sealed with it.
            let mut earlier = earlier.to_vec();
            earlier.extend(kept.as_ref().map(|k| k.present.as_str()));
            let mut ring = Self::new(secret, &earlier)?;
            if let Some(kept) = &kept {
                ring = ring.with_replaced(kept);
            }
            ring.given = true;
            return Ok((ring, Origin::Given));
        }
        if let Some(kept) = kept {
            let ring = Self::new(&kept.present, earlier).map_err(|_| file::no_secret(&path))?;
            return Ok((ring.with_replaced(&kept), Origin::Kept(path)));
        }
        let made = file::Kept::fresh(random);
        file::write(dir, &path, &made)?;
        Ok((Self::new(&made.present, earlier)?, Origin::Made(path)))
    }

    /// Keys from `given` and the file in the data directory, as [`Keyring::load`], without making any; None when there
    /// are none.
    pub fn existing(
        dir: &Path,
        given: Option<&str>,
        earlier: &[&str],
    ) -> Result<Option<Self>, String> {
        let kept = file::read(&dir.join(file::NAME))?;
        let present = kept.as_ref().map(|k| k.present.as_str());
        let mut all: Vec<&str> = given.into_iter().chain(present).collect();
        if all.is_empty() {
            return Ok(None);
        }
        let present = all.remove(0);
        all.extend(earlier);
        let ring = Self::new(present, &all)?;
        Ok(Some(match &kept {
            Some(kept) => ring.with_replaced(kept),
            None => ring,
        }))
    }

    fn present(&self) -> &Secret {
        // `new` puts one in.
        self.secrets.first().expect("a keyring holds a secret")
    }

    /// Names the present secret, so that what lies under an older one can be sealed anew.
    pub fn tag(&self) -> KeyTag {
        self.present().tag
    }

    /// Seals `plain` for a `purpose` and a `place` (table, column and row: sealed values cannot be moved).
    /// Gives 37 bytes more than `plain`.
    pub fn seal(
        &self,
        purpose: &str,
        place: &[u8],
        plain: &[u8],
        random: &dyn Random,
    ) -> Result<Vec<u8>, SealError> {
        self.present().seal(purpose, place, plain, random)
    }

    /// Opens what [`Keyring::seal`] gave for the same purpose and place, under any known secret.
    pub fn open(&self, purpose: &str, place: &[u8], sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let tag = tag_of(sealed)?;
        let secret = self
            .secrets
            .iter()
            .find(|s| s.tag == tag)
            .ok_or(SealError::UnknownKey(tag))?;
        secret.open(purpose, place, sealed)
    }

    /// Whether `sealed` lies under an earlier secret and should be sealed anew.
    pub fn is_stale(&self, sealed: &[u8]) -> bool {
        tag_of(sealed).is_ok_and(|tag| tag != self.tag())
    }

    /// A signer for one purpose, as `callback`; what lapsed secrets signed is not taken.
    pub fn signer(&self, purpose: &str) -> Signer {
        let valid = self
            .secrets
            .iter()
            .filter(|s| !self.lapsed.contains(&s.tag));
        Signer::new(valid.map(|s| s.mac(purpose)).collect())
    }

    /// A signer for what is read again years later: every known secret's signatures are taken.
    pub fn lasting_signer(&self, purpose: &str) -> Signer {
        Signer::new(self.secrets.iter().map(|s| s.mac(purpose)).collect())
    }

    /// A keyed hash of `value` under the present secret: the same value is known again, but cannot be read or
    /// guessed without the secret.
    pub fn hash(&self, purpose: &str, value: &[u8]) -> [u8; 32] {
        digest(&self.present().mac(purpose), value)
    }

    /// The hash under the secret named `tag`; None when that is not known.
    pub fn hash_under(&self, tag: KeyTag, purpose: &str, value: &[u8]) -> Option<[u8; 32]> {
        let secret = self.secrets.iter().find(|s| s.tag == tag)?;
        Some(digest(&secret.mac(purpose), value))
    }

    /// A bare key for one purpose, for what is signed by another's rules (a token, a webhook).
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        digest(&self.present().mac("derive"), purpose.as_bytes())
    }
}

fn digest(key: &hmac::Key, value: &[u8]) -> [u8; 32] {
    let mut out = [0_u8; 32];
    out.copy_from_slice(hmac::sign(key, value).as_ref());
    out
}
