//! What one group's lessons say of a text: counts of n-grams that can be taken back exactly, and the table made of them.
//!
//! A bucket `b` stood in `c` of the `n` texts taught under a label; `p` is its part of ordinary texts of the
//! training data. It speaks for the label by `ln((c + κp) / (n + κ) / p)`: common n-grams hardly, whatever
//! was taught, rare ones at once. A text's log-odds are `GAIN · Σ / √m` over its `m` n-grams, what is below 0
//! counts as 0, and *spam* less *ham* is the answer, at most [`MOST`] either way. A label given to ordinary
//! talk by mistake therefore moves little but that talk's rare words.
use super::super::classifier::SpamModel;
use super::super::grams::{Grams, LESSON_BUCKETS, lesson_bucket};

/// What a person said of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    /// Does not belong here.
    Spam,
    /// Is welcome.
    Ham,
}

impl Label {
    /// The word in the database.
    pub fn word(self) -> &'static str {
        match self {
            Self::Spam => "spam",
            Self::Ham => "ham",
        }
    }

    /// Reads [`Label::word`].
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "spam" => Some(Self::Spam),
            "ham" => Some(Self::Ham),
            _ => None,
        }
    }
}

/// Texts that ordinary talk counts as, under each label.
const KAPPA: f32 = 4.0;
/// Log-odds for each unit of the normalised sum.
const GAIN: f32 = 0.1;
/// Log-odds at most, either way: less than a newcomer's message lacks to review.
pub const MOST: f32 = 2.5;
/// Steps of a byte in the table.
const STEPS: f32 = 16.0;

/// Counts of what was taught. Learning and unlearning the same texts in any order leaves nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lessons {
    counts: Vec<[u16; 2]>,
    taught: [u32; 2],
}

impl Default for Lessons {
    fn default() -> Self {
        Self {
            counts: vec![[0; 2]; LESSON_BUCKETS],
            taught: [0; 2],
        }
    }
}

impl Lessons {
    /// Takes a text in; at most 65,535 under each label count.
    pub fn learn(&mut self, buckets: impl IntoIterator<Item = u16>, label: Label) {
        let side = label as usize;
        for bucket in buckets {
            let count = &mut self.counts[usize::from(bucket)][side];
            *count = count.saturating_add(1);
        }
        self.taught[side] += 1;
    }

    /// Takes a text out that was taken in before.
    pub fn unlearn(&mut self, buckets: impl IntoIterator<Item = u16>, label: Label) {
        let side = label as usize;
        for bucket in buckets {
            let count = &mut self.counts[usize::from(bucket)][side];
            *count = count.saturating_sub(1);
        }
        self.taught[side] = self.taught[side].saturating_sub(1);
    }

    /// The table for judging, beside a classifier that knows what is common.
    pub fn model(&self, base: &SpamModel) -> GroupModel {
        if self.taught == [0; 2] {
            return GroupModel::default();
        }
        let table = self.counts.iter().enumerate().map(|(bucket, counts)| {
            let part = |count: u16| {
                if count == 0 {
                    return 0;
                }
                let said = (f32::from(count) / (KAPPA * base.commonness(bucket))).ln_1p();
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "clamped to a byte"
                )]
                let byte = (said * STEPS).round().clamp(0.0, 255.0) as u8;
                byte
            };
            [part(counts[0]), part(counts[1])]
        });
        #[expect(clippy::cast_precision_loss, reason = "thousands")]
        let less = |n: u32| ((n as f32 + KAPPA) / KAPPA).ln();
        GroupModel {
            table: table.collect(),
            less: [less(self.taught[0]), less(self.taught[1])],
            taught: self.taught,
        }
    }
}

/// What a group's lessons say, ready for judging. 128 KiB where something was taught.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GroupModel {
    /// For each bucket, for *spam* and for *ham*: `ln(1 + c / κp)`, in sixteenths.
    table: Vec<[u8; 2]>,
    /// `ln((n + κ) / κ)` for each label: what an n-gram that was not taught loses.
    less: [f32; 2],
    taught: [u32; 2],
}

impl GroupModel {
    /// Texts taught as spam, and as welcome.
    pub fn taught(&self) -> (u32, u32) {
        (self.taught[0], self.taught[1])
    }

    /// Log-odds that a text is what admins here remove (above 0) or allow (below); [`MOST`] at most. 0 when
    /// nothing was taught.
    pub fn score(&self, grams: &Grams) -> f32 {
        if self.table.is_empty() || grams.buckets.is_empty() {
            return 0.0;
        }
        let mut sums = [0_u32; 2];
        for bucket in &grams.buckets {
            let cell = self.table[usize::from(lesson_bucket(*bucket))];
            sums[0] += u32::from(cell[0]);
            sums[1] += u32::from(cell[1]);
        }
        #[expect(clippy::cast_precision_loss, reason = "at most 65,536 n-grams of 255")]
        let part = |side: usize| {
            let n = grams.buckets.len() as f32;
            let sum = sums[side] as f32 / STEPS - n * self.less[side];
            (GAIN * sum / n.sqrt()).max(0.0)
        };
        (part(Label::Spam as usize) - part(Label::Ham as usize)).clamp(-MOST, MOST)
    }

    /// Bytes it takes.
    pub(super) fn bytes(&self) -> usize {
        size_of::<Self>() + self.table.len() * 2
    }
}
