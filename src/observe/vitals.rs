//! Vital signs, measured every few seconds, so that asking for them costs nothing.
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};

use super::alerts::{Database, Standing};

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
    database: RwLock<Database>,
    alerts: RwLock<Vec<Standing>>,
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

    /// The database, as the last look found it.
    pub fn database(&self) -> Database {
        *self
            .0
            .database
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes how the database was found.
    pub fn set_database(&self, found: Database) {
        *self
            .0
            .database
            .write()
            .unwrap_or_else(PoisonError::into_inner) = found;
    }

    /// Alerts that stand.
    pub fn alerts(&self) -> Vec<Standing> {
        self.0
            .alerts
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Notes which alerts stand.
    pub fn set_alerts(&self, standing: Vec<Standing>) {
        *self
            .0
            .alerts
            .write()
            .unwrap_or_else(PoisonError::into_inner) = standing;
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
