//! The spam classifier: a linear model over hashed character n-grams, words and shapes, small enough to ship in the binary.
//!
//! Each bucket of a text (`grams`) has a weight `w`, one byte, and a factor `f`, how much it told spam from
//! ordinary texts in training by itself, in 64ths: `log_odds = bias + scale · Σ w / √(Σ f²)` over the buckets
//! of the text. Beside them stands how common the n-grams are in ordinary talk, which the lessons of a group
//! are measured against.
//!
//! The file: `BDLSPAM` and version byte 3; little-endian `u32` buckets, `f32` scale, `f32` bias; 32 bytes
//! SHA-256 of the training data; `u32` length and JSON of the hyper-parameters; one `i8` per bucket; one
//! `u8` per bucket; one `u8` per bucket of lessons, `-40 · ln` of the part of ordinary texts it stands in;
//! SHA-256 of all that.
use std::sync::LazyLock;

use sha2::{Digest as _, Sha256};

use super::grams::{BUCKETS, Grams, LESSON_BUCKETS};
use crate::base::fold::Folded;

const MAGIC: &[u8; 8] = b"BDLSPAM\x03";
/// Bytes of all tables.
const TABLES: usize = 2 * BUCKETS + LESSON_BUCKETS;
/// What a factor of 1 is stored as.
pub(super) const FACTOR: f32 = 64.0;
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
    #[error("spam model format {0} is not known here; this version reads format 3")]
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

/// What a model file is made of.
#[derive(Debug, Clone, Copy)]
pub struct ModelFile<'a> {
    /// One a bucket.
    pub weights: &'a [i8],
    /// One a bucket, in 64ths.
    pub factors: &'a [u8],
    /// One a bucket of lessons, as [`SpamModel::common_byte`] makes them.
    pub common: &'a [u8],
    /// Log-odds for each unit of the normalised sum.
    pub scale: f32,
    /// Log-odds of a text of no weight.
    pub bias: f32,
    /// SHA-256 of the training data.
    pub data: &'a [u8; 32],
    /// The hyper-parameters, JSON.
    pub params: &'a str,
}

/// A loaded model.
#[derive(Debug, Clone)]
pub struct SpamModel {
    /// Weight and factor.
    table: Vec<(i8, u8)>,
    common: Vec<u8>,
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
        if magic.get(7) != Some(&3) {
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
        let wanted = HEADER + params_len + TABLES + 32;
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
        let (weights, tables) = content[HEADER + params_len..].split_at(BUCKETS);
        let (factors, common) = tables.split_at(BUCKETS);
        let weights = weights.iter().map(|b| b.cast_signed());
        Ok(Self {
            table: weights.zip(factors.iter().copied()).collect(),
            common: common.to_vec(),
            scale,
            bias,
            data_digest,
            params: params.to_owned(),
            id: format!("spam-{}", hex(&found[..4])),
        })
    }

    /// The bytes of a model file; missing weights and factors are 0, missing commonness is 1.
    pub fn encode(file: &ModelFile<'_>) -> Vec<u8> {
        let mut out = Vec::with_capacity(HEADER + file.params.len() + TABLES + 32);
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(&u32::try_from(BUCKETS).unwrap_or(0).to_le_bytes());
        out.extend_from_slice(&file.scale.to_le_bytes());
        out.extend_from_slice(&file.bias.to_le_bytes());
        out.extend_from_slice(file.data);
        out.extend_from_slice(&u32::try_from(file.params.len()).unwrap_or(0).to_le_bytes());
        out.extend_from_slice(file.params.as_bytes());
        let weight = |i| file.weights.get(i).copied().unwrap_or(0);
        out.extend((0..BUCKETS).map(|i| weight(i).cast_unsigned()));
        let byte = |list: &[u8], i| list.get(i).copied().unwrap_or(0);
        out.extend((0..BUCKETS).map(|i| byte(file.factors, i)));
        out.extend((0..LESSON_BUCKETS).map(|i| byte(file.common, i)));
        let sum = Sha256::digest(&out);
        out.extend_from_slice(&sum);
        out
    }

    /// The byte that stands for a part of ordinary texts, 0 to 1.
    pub fn common_byte(part: f64) -> u8 {
        // By comparing, not by a logarithm: the system's differs between systems in the last bit.
        (0..=u8::MAX)
            .find(|byte| part >= f64::from(COMMON[usize::from(*byte)]))
            .unwrap_or(u8::MAX)
    }

    /// The part of ordinary texts that a bucket of lessons stands in, at least 1 in 587.
    pub fn commonness(&self, bucket: usize) -> f32 {
        COMMON[usize::from(self.common.get(bucket).copied().unwrap_or(u8::MAX))]
    }

    /// Log-odds that a folded text is spam, where spam and ordinary texts are equally many: 0 is one in
    /// two, 3 is 95 %. A text without n-grams gives 0.
    pub fn score(&self, folded: &Folded) -> f32 {
        self.score_grams(&Grams::of(folded))
    }

    /// [`SpamModel::score`] of a text that was read already.
    pub fn score_grams(&self, grams: &Grams) -> f32 {
        if grams.buckets.is_empty() {
            return 0.0;
        }
        let (mut sum, mut squares) = (0_i32, 0_u32);
        let all = grams.buckets.iter().chain(&grams.words);
        let all = all.chain(&grams.shapes);
        for bucket in all {
            let (weight, factor) = self.table[*bucket as usize];
            sum += i32::from(weight);
            squares += u32::from(factor) * u32::from(factor);
        }
        #[expect(
            clippy::cast_precision_loss,
            reason = "at most 262,159 buckets: near enough in f32's 24 bits"
        )]
        let (sum, squares) = (sum as f32, squares.max(1) as f32);
        self.bias + self.scale * FACTOR * sum / squares.sqrt()
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

/// `e^(-byte / 40)` for each byte, by repeated multiplication.
static COMMON: [f32; 256] = {
    // e^(-1/40)
    const STEP: f64 = 0.975_309_912_028_332_6;
    let mut parts = [1.0; 256];
    let (mut part, mut byte) = (1.0_f64, 0);
    while byte < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "between 0 and 1")]
        {
            parts[byte] = part as f32;
        }
        part *= STEP;
        byte += 1;
    }
    parts
};

/// Bytes as lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}
