//! The one reading of a folded text that the classifier, the lessons of a group and likeness share.
//!
//! A text (digits as `0`, white space as one space, a space at each end) is the set of its n-grams of 2 to
//! 5 characters; each n-gram has a bucket by its hash. Beside them stand, for the classifier alone, its words, pairs
//! of neighbouring words, and the text's `shapes`.
use super::shapes::shapes;
use crate::base::fold::Folded;

/// Bits of a bucket's number.
const BITS: u32 = 18;
/// Buckets of the hash.
pub const BUCKETS: usize = 1 << BITS;
/// Buckets of lessons: the upper 16 bits of the same hash.
pub const LESSON_BUCKETS: usize = 1 << 16;
/// Shortest and longest n-gram, in characters.
pub const NGRAMS: (usize, usize) = (2, 5);
/// Version of the n-grams and their hash; stored with what is computed from them.
pub const GRAMS_VERSION: i64 = 1;
/// Numbers of a [`Print`].
pub const PRINT: usize = 32;

/// A one-permutation MinHash (Li, Owen, Zhang 2012) of the set of n-grams: the part of equal numbers in two
/// prints estimates the Jaccard similarity of the sets. `u16::MAX` where a bin is empty.
pub type Print = [u16; PRINT];

/// The different n-grams of a text, and its shapes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grams {
    /// Buckets of n-grams, each once, in order of first appearance.
    pub buckets: Vec<u32>,
    /// Buckets of words and of pairs of words that are none of `buckets`, each once; for the classifier only.
    pub words: Vec<u32>,
    /// Buckets of shapes, for the classifier only; they may fall together with those of n-grams.
    pub shapes: [u32; super::shapes::SHAPES],
    /// For likeness.
    pub print: Print,
}

impl Grams {
    /// Reads a folded text; time grows with its length alone.
    pub fn of(folded: &Folded) -> Self {
        // As many as a message of ordinary length has; longer ones grow it a few times.
        let mut buckets = Vec::with_capacity(folded.text.len().min(1024) * 3);
        let mut print = [u16::MAX; PRINT];
        let mut seen = Seen([0; BUCKETS / 64]);
        for_each_hash(&folded.text, &mut seen, |hash| {
            buckets.push(hash >> (32 - BITS));
            let bin = &mut print[(hash & 31) as usize];
            *bin = (*bin).min(((hash >> 5) & 0xffff) as u16);
        });
        Self {
            buckets,
            words: words(&folded.text, &mut seen),
            shapes: shapes(folded).map(|hash| hash >> (32 - BITS)),
            print,
        }
    }

    /// Buckets for lessons, sorted, each once.
    pub fn lesson(&self) -> Vec<u16> {
        let mut all: Vec<u16> = self.buckets.iter().map(|b| lesson_bucket(*b)).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// The bucket of lessons that a bucket lies in.
pub fn lesson_bucket(bucket: u32) -> u16 {
    (bucket >> (BITS - 16)) as u16
}

/// Words (runs of letters and digits, digits alike) and pairs of neighbours; the first word has the beginning
/// of the text as its neighbour.
///
/// A word is hashed as an n-gram is, its first character first, from 0; its bucket is that of `h · 0xC2B2AE35`.
/// A pair is `(before rotated left by 7) xor word`, mixed once more.
fn words(folded: &str, seen: &mut Seen) -> Vec<u32> {
    let mut out = Vec::with_capacity(folded.len().min(1024) / 2);
    let mut before = 0x1357_9BDF_u32;
    let mut hash = 0_u32;
    let mut any = false;
    for c in folded.chars().chain([' ']) {
        let part = match c {
            'а'..='я' => true,
            _ if c.is_ascii() => c.is_ascii_alphanumeric(),
            _ => c.is_alphanumeric(),
        };
        if part {
            let c = if c.is_ascii_digit() { '0' } else { c };
            hash = (hash ^ u32::from(c)).wrapping_mul(0x9E37_79B1);
            hash ^= hash >> 15;
            any = true;
        } else if any {
            let pair = (before.rotate_left(7) ^ hash).wrapping_mul(0x85EB_CA6B);
            let pair = (pair ^ (pair >> 15)).wrapping_mul(0x9E37_79B1);
            for hash in [hash.wrapping_mul(0xC2B2_AE35), pair] {
                let bucket = hash >> (32 - BITS);
                if seen.first(bucket as usize) {
                    out.push(bucket);
                }
            }
            (before, hash, any) = (hash, 0, false);
        }
    }
    out
}

/// Buckets that were seen in a text.
struct Seen([u64; BUCKETS / 64]);

impl Seen {
    /// Whether the bucket was not seen before.
    fn first(&mut self, bucket: usize) -> bool {
        let (cell, bit) = (bucket / 64, 1_u64 << (bucket % 64));
        let first = self.0[cell] & bit == 0;
        self.0[cell] |= bit;
        first
    }
}

/// Calls `each` once for each different bucket of a folded text, with the hash of the n-gram that came
/// first, in order of first appearance.
///
/// The hash of an n-gram: `h = 0x811C9DC5`; for each character, the last first, `h = (h xor code point) ·
/// 0x9E3779B1`, then `h = h xor (h >> 15)`; last `h · 0x85EBCA6B`, all in 32 bits. The bucket is the upper
/// 18 bits.
fn for_each_hash(folded: &str, seen: &mut Seen, mut each: impl FnMut(u32)) {
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
                let hash = h.wrapping_mul(0x85EB_CA6B);
                if seen.first((hash >> (32 - BITS)) as usize) {
                    each(hash);
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
