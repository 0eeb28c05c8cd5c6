//! One caller's part of a group commit.
use rusqlite::Connection;

use super::signal::{Signal, SignalSet};

/// The writer's connection inside one caller's savepoint. Rooms above add their own verbs to it by
/// extension traits (`tx.send(effect)`), so that state and effects land in one transaction.
pub struct Tx<'a> {
    conn: &'a Connection,
    signals: SignalSet,
}

impl<'a> Tx<'a> {
    pub(super) fn new(conn: &'a Connection) -> Self {
        Self {
            conn,
            signals: SignalSet::default(),
        }
    }

    /// Raises `signal` once the commit that holds this part is on disk.
    pub fn wake(&mut self, signal: Signal) {
        self.signals.add(signal);
    }

    pub(super) fn signals(&self) -> SignalSet {
        self.signals
    }
}

impl std::ops::Deref for Tx<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.conn
    }
}
