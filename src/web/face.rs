//! What the HTTP face looks at.
use std::net::SocketAddr;
use std::sync::Arc;

use secrecy::SecretString;

use crate::base::clock::{Millis, SharedClock};
use crate::observe::cache::Caches;
use crate::observe::{Figures, Vitals};
use crate::pipeline::lanes::Lanes;
use crate::queue;
use crate::store::Store;
use crate::telegram::link::{Link, LinkState};
use crate::telegram::sender::Sender;

/// Rooms that pages and metrics ask. Cheap to clone.
#[derive(Clone)]
pub struct Face(pub Arc<Parts>);

/// See [`Face`].
pub struct Parts {
    /// Vital signs.
    pub vitals: Vitals,
    /// Numbers from the database.
    pub figures: Figures,
    /// The connection to Telegram.
    pub link: Arc<Link>,
    /// Whether updates are fetched at all.
    pub fetch: bool,
    /// The database.
    pub store: Store,
    /// The way out.
    pub sender: Sender,
    /// The lanes.
    pub lanes: Lanes,
    /// The job queue.
    pub jobs: queue::Status,
    /// What is kept in memory.
    pub caches: Caches,
    /// Time.
    pub clock: SharedClock,
    /// When this process began.
    pub started: Millis,
    /// Where HTTP is served.
    pub listen: SocketAddr,
    /// Names under which pages may be asked for, in small letters.
    pub hosts: Vec<String>,
    /// What `/metrics` asks for.
    pub metrics_token: Option<SecretString>,
    /// Turns true when Beadle stops.
    pub stop: tokio::sync::watch::Receiver<bool>,
}

impl Face {
    /// Why Beadle does not serve yet, or not any more; None when it does.
    pub(super) fn not_ready(&self) -> Option<&'static str> {
        let Parts { link, vitals, .. } = &*self.0;
        if *self.0.stop.borrow() {
            return Some("stopping");
        }
        let health = vitals.health();
        let database = health.components.iter().find(|c| c.name == "database");
        if !database.is_some_and(|c| c.ok) {
            return Some("the database does not take writes");
        }
        if !self.0.fetch {
            return None;
        }
        match link.state() {
            LinkState::BadToken => Some("the bot token is not accepted"),
            _ if link.polls() == 0 => Some("no update could be fetched yet"),
            // Telegram being away for a while is nothing that a restart or another route would mend.
            _ => None,
        }
    }
}
