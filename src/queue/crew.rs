//! How many jobs of one kind run side by side: pure, following how many wait.

/// Waiting jobs from which on a crew is at its largest …
pub const FLOOD: usize = 1_000;
/// … and below which it is at its smallest. In between it stays as it is, so that it does not flutter.
pub const CALM: usize = 100;

/// The smallest and largest number of workers of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crew {
    /// With few waiting.
    pub min: usize,
    /// With many waiting.
    pub max: usize,
}

impl Crew {
    /// One after another.
    pub const ONE: Self = Self { min: 1, max: 1 };
    /// For work that mostly waits for others: 5, and 20 with more than a thousand waiting.
    pub const WAITING: Self = Self { min: 5, max: 20 };

    /// For work that keeps a processor busy: half of the `cores`, and all of them with many waiting.
    pub fn busy(cores: usize) -> Self {
        Self {
            min: (cores / 2).max(1),
            max: cores.max(1),
        }
    }

    /// The size with `waiting` jobs, when it has been `size` until now.
    pub fn size(self, size: usize, waiting: usize) -> usize {
        if waiting > FLOOD {
            self.max
        } else if waiting < CALM {
            self.min
        } else {
            size.clamp(self.min, self.max)
        }
    }
}
