//! The present secret and earlier ones: seals and signs with the first, opens with any.
use std::path::{Path, PathBuf};

use ring::hmac;

use super::keys::{KeyTag, SealError, Secret, tag_of};
use super::signer::Signer;
use crate::base::random::Random;

/// Shortest secret that is taken, in bytes.
pub const MIN_SECRET: usize = 16;
/// Name of the file in the data directory that holds a secret made by Beadle.
const FILE: &str = "secret.key";
/// Longest such file.
const MAX_FILE: u64 = 4096;

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
        Ok(Self { secrets })
    }

    /// Keys from `given` (SECRET_KEY), else from the file in the data directory, which is made with a secret
    /// from `random` when it is missing, readable by its owner only. Errors are words for the operator.
    pub fn load(
        dir: &Path,
        given: Option<&str>,
        earlier: &[&str],
        random: &dyn Random,
    ) -> Result<(Self, Origin), String> {
        let path = dir.join(FILE);
        let kept = read(&path)?;
        if let Some(secret) = given {
            // A file from before SECRET_KEY was set still opens what was sealed with it.
            let mut earlier = earlier.to_vec();
            earlier.extend(kept.as_deref());
            return Ok((Self::new(secret, &earlier)?, Origin::Given));
        }
        if let Some(secret) = kept {
            let ring = Self::new(&secret, earlier).map_err(|_| {
                format!(
                    "{} does not hold a secret: restore it from a backup, or remove it and lose what was sealed with it",
                    path.display()
                )
            })?;
            return Ok((ring, Origin::Kept(path)));
        }
        let secret = write(dir, &path, random)?;
        Ok((Self::new(&secret, earlier)?, Origin::Made(path)))
    }

    /// Keys from `given` and the file in the data directory, as [`Keyring::load`], without making any; None when there
    /// are none.
    pub fn existing(
        dir: &Path,
        given: Option<&str>,
        earlier: &[&str],
    ) -> Result<Option<Self>, String> {
        let kept = read(&dir.join(FILE))?;
        let mut all: Vec<&str> = given.into_iter().chain(kept.as_deref()).collect();
        if all.is_empty() {
            return Ok(None);
        }
        let present = all.remove(0);
        all.extend(earlier);
        Self::new(present, &all).map(Some)
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

    /// A signer for one purpose, as `callback`.
    pub fn signer(&self, purpose: &str) -> Signer {
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

fn read(path: &Path) -> Result<Option<String>, String> {
    let size = match std::fs::metadata(path) {
        Ok(meta) => meta.len(),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(format!("cannot read {}: {e}", path.display())),
    };
    if size > MAX_FILE {
        return Err(format!(
            "{} is {size} bytes long and cannot be a secret",
            path.display()
        ));
    }
    std::fs::read_to_string(path)
        .map(|s| Some(s.trim().to_owned()))
        .map_err(|e| format!("cannot read {}: {e}", path.display()))
}

/// Writes a new secret: whole or not at all, whatever happens meanwhile.
fn write(dir: &Path, path: &Path, random: &dyn Random) -> Result<String, String> {
    use std::fmt::Write as _;
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut bytes = [0_u8; 32];
    random.fill(&mut bytes);
    let mut secret = String::with_capacity(64);
    for byte in bytes {
        // Writing to a String cannot fail.
        let _infallible = write!(secret, "{byte:02x}");
    }
    let new = path.with_extension("key.new");
    let made = std::fs::create_dir_all(dir)
        .and_then(|()| {
            std::fs::OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .open(&new)
        })
        .and_then(|mut file| {
            writeln!(file, "{secret}")?;
            file.sync_all()
        })
        .and_then(|()| std::fs::rename(&new, path))
        .and_then(|()| std::fs::File::open(dir)?.sync_all());
    made.map_err(|e| {
        format!(
            "cannot write {}: {e}. Make the folder writable, or give a secret in SECRET_KEY",
            path.display()
        )
    })?;
    Ok(secret)
}
