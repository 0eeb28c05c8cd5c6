//! Vital signs, measured every few seconds, so that asking for them costs nothing.
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};

/// One part of the appliance.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Component {
    /// `database`, `telegram`, `inbox`, `outbox`, `disk`.
    pub name: &'static str,
    /// Whether it does its work.
    pub ok: bool,
    /// In a few words.
    pub detail: String,
}

/// All parts at one moment.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct Health {
    /// Parts.
    pub components: Vec<Component>,
}

impl Health {
    /// Whether every part does its work. Before the first measurement nobody knows.
    pub fn ok(&self) -> bool {
        !self.components.is_empty() && self.components.iter().all(|c| c.ok)
    }
}

/// Shared vital signs.
#[derive(Clone, Default)]
pub struct Vitals(Arc<Inner>);

#[derive(Default)]
struct Inner {
    health: RwLock<Health>,
    low_disk: Arc<AtomicBool>,
}

impl Vitals {
    /// The last measurement.
    pub fn health(&self) -> Health {
        self.0
            .health
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Stores a measurement.
    pub fn set(&self, health: Health) {
        *self
            .0
            .health
            .write()
            .unwrap_or_else(PoisonError::into_inner) = health;
    }

    /// Whether the disk is nearly full: then words and media are not kept, moderation goes on.
    pub fn low_disk(&self) -> Arc<AtomicBool> {
        self.0.low_disk.clone()
    }

    /// Enters or leaves low-disk mode; true when that changed something.
    pub fn set_low_disk(&self, low: bool) -> bool {
        self.0.low_disk.swap(low, Ordering::Relaxed) != low
    }
}
