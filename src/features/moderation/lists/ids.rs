//! A set of people's ids that takes four bytes each, in memory and on disk.
use sha2::{Digest as _, Sha256};

/// Begins the file; the number is the version of its form.
const MAGIC: &[u8] = b"beadle-ids-1\n";
/// Bytes of the digest that ends it.
const DIGEST: usize = 32;

/// A sorted set of ids. Telegram's ids have up to 52 bits, and most of a list share their upper ones: those are kept
/// once for each block.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ids {
    blocks: Vec<(u32, Vec<u32>)>,
    count: usize,
}

impl Ids {
    /// Of ids in any order, repeated or not.
    pub fn of(mut all: Vec<u64>) -> Self {
        all.sort_unstable();
        all.dedup();
        let mut blocks: Vec<(u32, Vec<u32>)> = Vec::new();
        for part in all.chunk_by(|a, b| a >> 32 == b >> 32) {
            blocks.push((
                halves(part[0]).0,
                part.iter().map(|id| halves(*id).1).collect(),
            ));
        }
        Self {
            blocks,
            count: all.len(),
        }
    }

    /// Whether `user` is among them: two binary searches.
    pub fn contains(&self, user: i64) -> bool {
        let Ok(user) = u64::try_from(user) else {
            return false;
        };
        let (high, low) = halves(user);
        self.blocks
            .binary_search_by_key(&high, |block| block.0)
            .is_ok_and(|at| self.blocks[at].1.binary_search(&low).is_ok())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Bytes in memory, without the few of the blocks themselves.
    pub fn bytes(&self) -> usize {
        let held = self.blocks.iter().map(|(_, block)| block.capacity());
        held.sum::<usize>() * size_of::<u32>()
    }

    /// As it is kept: blocks, each with its upper bits and its size before its ids, all little-endian; a digest ends it.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.count * 4 + 1_024);
        out.extend_from_slice(MAGIC);
        for (high, block) in &self.blocks {
            let size = u32::try_from(block.len()).unwrap_or(u32::MAX);
            out.extend_from_slice(&high.to_le_bytes());
            out.extend_from_slice(&size.to_le_bytes());
            for low in block {
                out.extend_from_slice(&low.to_le_bytes());
            }
        }
        let digest = Sha256::digest(&out);
        out.extend_from_slice(&digest);
        out
    }

    /// The reverse; None for anything else, such as half of it.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (body, digest) = bytes.split_at_checked(bytes.len().checked_sub(DIGEST)?)?;
        if Sha256::digest(body).as_slice() != digest {
            return None;
        }
        let mut words = body
            .strip_prefix(MAGIC)?
            .chunks_exact(4)
            .map(|w| u32::from_le_bytes([w[0], w[1], w[2], w[3]]));
        let mut all = Self::default();
        while let Some(high) = words.next() {
            let size = usize::try_from(words.next()?).ok()?;
            let block: Vec<u32> = words.by_ref().take(size).collect();
            if block.len() != size {
                return None;
            }
            all.count += size;
            all.blocks.push((high, block));
        }
        Some(all)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "halves of 64 bits")]
const fn halves(id: u64) -> (u32, u32) {
    ((id >> 32) as u32, id as u32)
}
