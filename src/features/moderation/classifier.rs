//! The spam classifier: logistic regression over hashed character n-grams, small enough to ship in the binary.
//!
//! A text (folded, digits as `0`, white space as one space, a space at each end) is the set of its n-grams
//! of 2 to 5 characters. Each n-gram has a bucket, a bucket has a weight of one byte:
//! `log_odds = bias + scale · Σ weight / √n` over the `n` different buckets of the text.
//!
//! The file: `BDLSPAM` and version byte 1; little-endian `u32` buckets, `f32` scale, `f32` bias; 32 bytes
//! SHA-256 of the training data; `u32` length and JSON of the hyper-parameters; one `i8` per bucket;
//! SHA-256 of all that.
use std::sync::LazyLock;

use sha2::{Digest as _, Sha256};

/// Buckets of the hash; also the number of weights.
pub const BUCKETS: usize = 1 << 16;
/// Shortest and longest n-gram, in characters.
pub const NGRAMS: (usize, usize) = (2, 5);
const MAGIC: &[u8; 8] = b"BDLSPAM\x01";
const HEADER: usize = 8 + 4 + 4 + 4 + 32 + 4;
/// Largest hyper-parameter text that is believed.
const MAX_PARAMS: usize = 4096;

/// The model that comes with Beadle; `models/spam/README.md` tells how it was made.
static SHIPPED: &[u8] = include_bytes!("../../../models/spam/spam.bin");

/// Why a file is not a spam model.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ModelError {
    /// Other first bytes.
    #[error("not a spam model: the file does not begin with BDLSPAM")]
    Magic,
    /// Another version of the format.
    #[error("spam model format {0} is not known here; this version reads format 1")]
    Version(u8),
    /// Fewer or more bytes than the header promises.
    #[error(
        "the spam model has {found} bytes where {wanted} are expected: it is cut off or damaged"
    )]
    Length {
        /// Bytes there are.
        found: usize,
        /// Bytes there should be.
        wanted: usize,
    },
    /// The digest at the end does not fit.
    #[error("the spam model's checksum does not fit its content: it is damaged")]
    Checksum,
    /// A number that makes no sense.
    #[error("the spam model's header is not usable: {0}")]
    Header(&'static str),
}

/// A loaded model.
#[derive(Debug, Clone)]
pub struct SpamModel {
    weights: Vec<i8>,
    scale: f32,
    bias: f32,
    data_digest: [u8; 32],
    params: String,
    id: String,
}

impl SpamModel {
    /// The model inside the binary.
    pub fn shipped() -> &'static Self {
        static MODEL: LazyLock<SpamModel> = LazyLock::new(|| {
            SpamModel::load(SHIPPED).expect("the shipped model is checked by a test")
        });
        &MODEL
    }

    /// Reads a model file.
    ///
    /// # Errors
    /// What is wrong with the bytes; nothing is believed before the checksum fits.
    pub fn load(bytes: &[u8]) -> Result<Self, ModelError> {
        let (magic, rest) = bytes.split_at_checked(8).ok_or(ModelError::Magic)?;
        if magic.get(..7) != MAGIC.get(..7) {
            return Err(ModelError::Magic);
        }
        if magic.get(7) != Some(&1) {
            return Err(ModelError::Version(magic.get(7).copied().unwrap_or(0)));
        }
        let short = |wanted| ModelError::Length {
            found: bytes.len(),
            wanted,
        };
        let (head, _) = rest.split_at_checked(HEADER - 8).ok_or(short(HEADER))?;
        let word = |at: usize| {
            let mut four = [0; 4];
            four.copy_from_slice(&head[at..at + 4]);
            four
        };
        if u32::from_le_bytes(word(0)) as usize != BUCKETS {
            return Err(ModelError::Header("another number of buckets"));
        }
        let (scale, bias) = (f32::from_le_bytes(word(4)), f32::from_le_bytes(word(8)));
        if !(scale.is_finite() && bias.is_finite()) {
            return Err(ModelError::Header("scale or bias is not a number"));
        }
        let params_len = u32::from_le_bytes(word(44)) as usize;
        if params_len > MAX_PARAMS {
            return Err(ModelError::Header("too long a list of parameters"));
        }
        let wanted = HEADER + params_len + BUCKETS + 32;
        if bytes.len() != wanted {
            return Err(short(wanted));
        }
        let (content, sum) = bytes.split_at(wanted - 32);
        let found = Sha256::digest(content);
        if found.as_slice() != sum {
            return Err(ModelError::Checksum);
        }
        let mut data_digest = [0; 32];
        data_digest.copy_from_slice(&head[12..44]);
        let params = std::str::from_utf8(&content[HEADER..HEADER + params_len])
            .map_err(|_| ModelError::Header("parameters are not text"))?;
        Ok(Self {
            weights: content[HEADER + params_len..]
                .iter()
                .map(|b| b.cast_signed())
                .collect(),
            scale,
            bias,
            data_digest,
            params: params.to_owned(),
            id: format!("spam-{}", hex(&found[..4])),
        })
    }

    /// The bytes of a model file; `weights` has [`BUCKETS`] entries, missing ones are 0.
    pub fn encode(weights: &[i8], scale: f32, bias: f32, data: &[u8; 32], params: &str) -> Vec<u8> {
        let mut out = Vec::with_capacity(HEADER + params.len() + BUCKETS + 32);
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(&u32::try_from(BUCKETS).unwrap_or(0).to_le_bytes());
        out.extend_from_slice(&scale.to_le_bytes());
        out.extend_from_slice(&bias.to_le_bytes());
        out.extend_from_slice(data);
        out.extend_from_slice(&u32::try_from(params.len()).unwrap_or(0).to_le_bytes());
        out.extend_from_slice(params.as_bytes());
        out.extend((0..BUCKETS).map(|i| weights.get(i).copied().unwrap_or(0).cast_unsigned()));
        let sum = Sha256::digest(&out);
        out.extend_from_slice(&sum);
        out
    }

    /// Log-odds that a folded text is spam, where spam and ordinary texts are equally many: 0 is one in
    /// two, 3 is 95 %. A text without n-grams gives 0.
    pub fn score(&self, folded: &str) -> f32 {
        let mut sum = 0_i64;
        let mut count = 0_u32;
        for_each_bucket(folded, |bucket| {
            sum += i64::from(self.weights[bucket]);
            count += 1;
        });
        if count == 0 {
            return 0.0;
        }
        #[expect(
            clippy::cast_precision_loss,
            reason = "at most 127 · 65,536, exact in f32's 24 bits or near"
        )]
        let sum = sum as f32;
        #[expect(clippy::cast_precision_loss, reason = "at most 65,536")]
        let count = count as f32;
        self.bias + self.scale * sum / count.sqrt()
    }

    /// A short name for verdicts: `spam-` and the first bytes of the file's checksum.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The hyper-parameters it was trained with, JSON.
    pub fn params(&self) -> &str {
        &self.params
    }

    /// SHA-256 of the training data, hexadecimal.
    pub fn data_digest(&self) -> String {
        hex(&self.data_digest)
    }
}

/// Bytes as lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// Calls `each` once for each different bucket of a folded text, in order of first appearance.
///
/// The hash of an n-gram: `h = 0x811C9DC5`; for each character, the last first, `h = (h xor code point) · 0x9E3779B1`, then
/// `h = h xor (h >> 15)`; the bucket is the upper 16 bits of `h · 0x85EBCA6B`, all in 32 bits.
pub(super) fn for_each_bucket(folded: &str, mut each: impl FnMut(usize)) {
    let mut seen = [0_u64; BUCKETS / 64];
    let mut window = [0_u32; NGRAMS.1];
    let mut filled = 0;
    let mut push = |c: u32| {
        window.rotate_left(1);
        window[NGRAMS.1 - 1] = c;
        filled = (filled + 1).min(NGRAMS.1);
        // N-grams that end here, the shortest first: read backwards, so one pass makes them all.
        let mut h = 0x811C_9DC5_u32;
        for (length, c) in window.iter().rev().take(filled).enumerate() {
            h = (h ^ c).wrapping_mul(0x9E37_79B1);
            h ^= h >> 15;
            if length + 1 >= NGRAMS.0 {
                let bucket = (h.wrapping_mul(0x85EB_CA6B) >> 16) as usize;
                let (cell, bit) = (bucket / 64, 1_u64 << (bucket % 64));
                if seen[cell] & bit == 0 {
                    seen[cell] |= bit;
                    each(bucket);
                }
            }
        }
    };
    let mut any = false;
    let mut space = true;
    for c in folded.chars() {
        let c = match c {
            _ if c.is_whitespace() => ' ',
            '0'..='9' => '0',
            _ => c,
        };
        if c == ' ' {
            space = true;
            continue;
        }
        if space {
            push(u32::from(' '));
            space = false;
        }
        push(u32::from(c));
        any = true;
    }
    if any {
        push(u32::from(' '));
    }
}
