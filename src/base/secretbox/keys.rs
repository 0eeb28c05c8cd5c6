//! Keys from one secret by labelled HKDF-SHA256 (RFC 5869), and what is done with them.
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use ring::hmac;

use crate::base::random::Random;

/// First byte of what is sealed: the form of the rest.
const FORM: u8 = 1;
/// Chance in what is sealed. Each sealing has a key of its own, derived from this, so the nonce may be fixed;
/// two alike are not to be expected before 2^64 sealings.
const CHANCE: usize = 16;
/// AES-GCM's tag.
const TAG: usize = 16;
/// Form, key tag, chance.
const HEAD: usize = 1 + 4 + CHANCE;

/// Names a secret without telling it, so that what was sealed under an older one is known.
pub type KeyTag = u32;

/// What cannot be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Not something that was sealed here, or changed since, or for another purpose.
    #[error("it was changed, or sealed for another purpose")]
    Broken,
    /// The secret it was sealed under is not there.
    #[error(
        "the secret with the tag {0:08x} it was sealed under is not known: give it in SECRET_KEY_PREVIOUS"
    )]
    UnknownKey(KeyTag),
}

/// One secret, ready to derive keys from.
#[derive(Clone)]
pub(super) struct Secret {
    prk: Prk,
    pub(super) tag: KeyTag,
}

/// So many bytes of output.
struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

impl Secret {
    pub(super) fn new(secret: &[u8]) -> Self {
        let prk = Salt::new(HKDF_SHA256, b"beadle secretbox 1").extract(secret);
        let tag: [u8; 4] = derive(&prk, &[b"tag"]);
        Self {
            prk,
            tag: KeyTag::from_be_bytes(tag),
        }
    }

    /// A key for signing and keyed hashes of one purpose.
    pub(super) fn mac(&self, purpose: &str) -> hmac::Key {
        let key: [u8; 32] = derive(&self.prk, &[b"mac:", purpose.as_bytes()]);
        hmac::Key::new(hmac::HMAC_SHA256, &key)
    }

    fn cipher(&self, purpose: &str, chance: &[u8]) -> Result<LessSafeKey, SealError> {
        let key: [u8; 32] = derive(&self.prk, &[b"seal:", purpose.as_bytes(), b":", chance]);
        let key = UnboundKey::new(&AES_256_GCM, &key).map_err(|_| SealError::Broken)?;
        Ok(LessSafeKey::new(key))
    }

    pub(super) fn seal(
        &self,
        purpose: &str,
        place: &[u8],
        plain: &[u8],
        random: &dyn Random,
    ) -> Result<Vec<u8>, SealError> {
        let mut out = Vec::with_capacity(HEAD + plain.len() + TAG);
        out.push(FORM);
        out.extend_from_slice(&self.tag.to_be_bytes());
        let mut chance = [0_u8; CHANCE];
        random.fill(&mut chance);
        out.extend_from_slice(&chance);
        let mut body = plain.to_vec();
        self.cipher(purpose, &chance)?
            .seal_in_place_append_tag(nonce(), Aad::from(place), &mut body)
            .map_err(|_| SealError::Broken)?;
        out.append(&mut body);
        Ok(out)
    }

    pub(super) fn open(
        &self,
        purpose: &str,
        place: &[u8],
        sealed: &[u8],
    ) -> Result<Vec<u8>, SealError> {
        let (head, body) = sealed.split_at_checked(HEAD).ok_or(SealError::Broken)?;
        let mut body = body.to_vec();
        let plain = self
            .cipher(purpose, &head[5..])?
            .open_in_place(nonce(), Aad::from(place), &mut body)
            .map_err(|_| SealError::Broken)?
            .len();
        body.truncate(plain);
        Ok(body)
    }
}

/// The tag of the secret something was sealed under.
pub(super) fn tag_of(sealed: &[u8]) -> Result<KeyTag, SealError> {
    match sealed {
        [FORM, a, b, c, d, ..] => Ok(KeyTag::from_be_bytes([*a, *b, *c, *d])),
        _ => Err(SealError::Broken),
    }
}

fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; NONCE_LEN])
}

fn derive<const N: usize>(prk: &Prk, info: &[&[u8]]) -> [u8; N] {
    let mut out = [0_u8; N];
    prk.expand(info, Length(N))
        .and_then(|okm| okm.fill(&mut out))
        .expect("HKDF-SHA256 gives up to 8,160 bytes");
    out
}
