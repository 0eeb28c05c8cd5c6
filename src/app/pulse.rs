//! Measures the vital signs every few seconds.
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::base::clock::SharedClock;
use crate::observe::{Component, Health, Vitals};
use crate::store::{Store, StoreError};
use crate::telegram::intake::inbox;
use crate::telegram::link::{Link, LinkState};
use crate::telegram::sender::{BreakerState, Sender};

const EVERY: Duration = Duration::from_secs(5);
/// Below this much free space words and media are no longer kept …
const LOW_DISK: u64 = 256 << 20;
/// … and above this they are again.
const DISK_AGAIN: u64 = 512 << 20;
/// A write that takes longer than this is a database in trouble.
const SLOW_WRITE: Duration = Duration::from_secs(5);
/// Polls answer at least every 30 s; three missed ones are trouble.
const STALE_POLL: i64 = 100_000;
/// An update waiting longer than this is a lag somebody should know of.
const OLD_UPDATE: i64 = 60_000;

pub(super) struct Pulse {
    pub(super) store: Store,
    pub(super) clock: SharedClock,
    pub(super) link: Arc<Link>,
    pub(super) vitals: Vitals,
    pub(super) fetch: bool,
    pub(super) sender: Sender,
}

impl Pulse {
    pub(super) async fn run(self, mut stop: watch::Receiver<bool>) {
        loop {
            let health = Health {
                components: vec![
                    self.database().await,
                    self.telegram(),
                    self.inbox().await,
                    self.outbox(),
                    self.disk(),
                ],
            };
            self.vitals.set(health);
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                _ = stop.changed() => return,
            }
        }
    }

    async fn database(&self) -> Component {
        let began = Instant::now();
        let written: Result<Result<(), StoreError>, _> =
            tokio::time::timeout(SLOW_WRITE, self.store.write(|_| Ok(()))).await;
        let (ok, detail) = match written {
            Ok(Ok(())) => (
                true,
                format!(
                    "a write takes {:.1} ms",
                    began.elapsed().as_secs_f64() * 1e3
                ),
            ),
            Ok(Err(e)) => (false, e.to_string()),
            Err(_) => (false, "a write takes longer than 5 s".to_owned()),
        };
        Component {
            name: "database",
            ok,
            detail,
        }
    }

    fn telegram(&self) -> Component {
        let age = self.clock.now() - self.link.moved_at();
        let (ok, detail) = match self.link.state() {
            _ if !self.fetch => (true, "not fetching".to_owned()),
            LinkState::Up if self.link.polling() && age.abs() > STALE_POLL => {
                (false, format!("no answer to a poll for {} s", age / 1000))
            }
            LinkState::Up => (true, "connected".to_owned()),
            LinkState::Starting => (true, "connecting".to_owned()),
            LinkState::Trouble(why) => (false, why),
            LinkState::BadToken => (false, "the bot token is not accepted".to_owned()),
        };
        Component {
            name: "telegram",
            ok,
            detail,
        }
    }

    async fn inbox(&self) -> Component {
        let (ok, detail) = match self.store.read(inbox::counts).await {
            Ok(c) => {
                let lag = c.oldest.map_or(0, |at| self.clock.now() - at);
                (
                    lag < OLD_UPDATE,
                    format!("{} waiting, {} dead letters", c.waiting, c.dead),
                )
            }
            Err(e) => (false, e.to_string()),
        };
        Component {
            name: "inbox",
            ok,
            detail,
        }
    }

    fn outbox(&self) -> Component {
        let status = self.sender.status();
        let open = status.breaker == BreakerState::Open;
        let waiting: usize = status.waiting.iter().sum();
        let detail = match status.last_failure.filter(|_| open) {
            Some(why) => format!("{waiting} waiting; Telegram does not answer: {why}"),
            None => format!("{waiting} waiting, {} under way", status.calls),
        };
        Component {
            name: "outbox",
            ok: status.running && !open,
            detail,
        }
    }

    fn disk(&self) -> Component {
        let Some(free) = self.store.disk_free() else {
            return Component {
                name: "disk",
                ok: true,
                detail: "unknown".to_owned(),
            };
        };
        let was = self
            .vitals
            .low_disk()
            .load(std::sync::atomic::Ordering::Relaxed);
        let low = free < if was { DISK_AGAIN } else { LOW_DISK };
        if self.vitals.set_low_disk(low) {
            if low {
                tracing::error!(
                    free_mb = free >> 20,
                    "the disk is nearly full: words and media are not kept until there is room; moderation goes on"
                );
            } else {
                tracing::info!(free_mb = free >> 20, "there is room on the disk again");
            }
        }
        Component {
            name: "disk",
            ok: !low,
            detail: format!("{} MB free", free >> 20),
        }
    }
}
