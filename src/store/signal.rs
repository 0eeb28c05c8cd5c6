//! News that a commit carries: who should look at the database now.
use tokio::sync::Notify;

/// Something that a room above waits for instead of polling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Signal {
    /// Rows were added to the outbox.
    Outbox = 0,
    /// Rows were added to the job queue.
    Jobs = 1,
    /// Domain events were written.
    Events = 2,
    /// Somebody is to be forgotten.
    Erasures = 3,
    /// A group was taught what spam is.
    Lessons = 4,
}

const COUNT: usize = 5;

/// A set of [`Signal`]s.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct SignalSet(u8);

impl SignalSet {
    pub(super) fn add(&mut self, signal: Signal) {
        self.0 |= 1 << signal as u8;
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

/// One bell for each signal; a ring with nobody waiting is kept for the next who waits.
#[derive(Debug, Default)]
pub(super) struct Bells([Notify; COUNT]);

impl Bells {
    pub(super) fn ring(&self, set: SignalSet) {
        for (i, bell) in self.0.iter().enumerate() {
            if set.0 & (1 << i) != 0 {
                bell.notify_one();
            }
        }
    }

    pub(super) fn bell(&self, signal: Signal) -> &Notify {
        &self.0[signal as usize]
    }
}
