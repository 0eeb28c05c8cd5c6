//! Signs what a button carries, so that only what Beadle wrote, for whom it wrote it, is taken back.
use ring::hmac;
use subtle::ConstantTimeEq as _;

/// Characters of a signature: 11 of base64url carry 64 bits, which nobody tries out through Telegram.
pub const SIGNATURE: usize = 11;

/// Signs and verifies short texts for one purpose. Cheap to clone.
#[derive(Clone)]
pub struct Signer {
    /// The present secret's key first, then those of earlier ones.
    keys: Vec<hmac::Key>,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer(…)")
    }
}

impl Signer {
    pub(super) fn new(keys: Vec<hmac::Key>) -> Self {
        Self { keys }
    }

    /// The signature of `payload` in a `context` that is known to both sides and not sent: whose button it is,
    /// in which chat. 11 characters of `[A-Za-z0-9_-]`.
    pub fn sign(&self, context: &[u8], payload: &str) -> String {
        self.keys
            .first()
            .map_or_else(String::new, |key| signature(key, context, payload))
    }

    /// `payload` and its signature with a dot between: what a button carries. 12 bytes longer than `payload`.
    pub fn seal(&self, context: &[u8], payload: &str) -> String {
        format!("{payload}.{}", self.sign(context, payload))
    }

    /// The payload of what [`Signer::seal`] gave in the same context; None for anything else.
    pub fn open<'a>(&self, context: &[u8], sealed: &'a str) -> Option<&'a str> {
        let (payload, signature) = sealed.rsplit_once('.')?;
        self.verify(context, payload, signature).then_some(payload)
    }

    /// Whether `signature` is that of `payload` in `context`, under the present secret or an earlier one.
    pub fn verify(&self, context: &[u8], payload: &str, given: &str) -> bool {
        let mut fits = false;
        for key in &self.keys {
            let own = signature(key, context, payload);
            fits |= bool::from(own.as_bytes().ct_eq(given.as_bytes()));
        }
        fits
    }
}

fn signature(key: &hmac::Key, context: &[u8], payload: &str) -> String {
    let mut mac = hmac::Context::with_key(key);
    mac.update(&(context.len() as u64).to_be_bytes());
    mac.update(context);
    mac.update(payload.as_bytes());
    base64url(&mac.sign().as_ref()[..8])
}

/// Base64 for addresses (RFC 4648, section 5), without padding.
fn base64url(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let mut word = [0_u8; 4];
        word[1..=chunk.len()].copy_from_slice(chunk);
        let word = u32::from_be_bytes(word);
        for i in 0..=chunk.len() {
            out.push(char::from(LETTERS[(word >> (18 - 6 * i)) as usize & 63]));
        }
    }
    out
}
