//! Measures the vital signs every few seconds.
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::base::clock::SharedClock;
use crate::community::Community;
use crate::observe::alerts::Database;
use crate::observe::{Component, Health, Vitals};
use crate::queue::{self, store::Counts};
use crate::store::{Store, StoreError, meta};
use crate::telegram::intake::absence::{self, Absence};
use crate::telegram::intake::inbox;
use crate::telegram::link::{Link, LinkState};
use crate::telegram::rights::Rights;
use crate::telegram::sender::{BreakerState, Sender};

const EVERY: Duration = Duration::from_secs(5);
/// Below this much free space words and media are no longer kept …
const LOW_DISK: u64 = 256 << 20;
/// … and above this they are again.
const DISK_AGAIN: u64 = 512 << 20;
/// A write that takes longer than this is a database in trouble.
const SLOW_WRITE: Duration = Duration::from_secs(5);
/// Polls answer at least every 30 s; three missed ones are trouble.
const STALE_POLL: Duration = Duration::from_secs(100);
/// The job queue looks every five seconds, whatever happens.
const STUCK_JOBS: Duration = Duration::from_secs(60);
/// An update waiting longer than this is a lag somebody should know of.
const OLD_UPDATE: i64 = 60_000;

pub(super) struct Pulse {
    pub(super) store: Store,
    pub(super) clock: SharedClock,
    pub(super) link: Arc<Link>,
    pub(super) vitals: Vitals,
    pub(super) fetch: bool,
    pub(super) sender: Sender,
    pub(super) community: Community,
    pub(super) rights: Rights,
    pub(super) jobs: queue::Status,
}

/// Name of the number that shows whether the database can be written.
const BEAT: &str = "beat";

impl Pulse {
    pub(super) async fn run(self, mut stop: watch::Receiver<bool>) {
        loop {
            let mut found = Database::Fine;
            let health = Health {
                components: vec![
                    self.database(&mut found).await,
                    self.telegram(),
                    self.inbox(&mut found).await,
                    self.outbox(),
                    self.jobs(&mut found).await,
                    self.disk(),
                ],
            };
            self.vitals.set_database(found);
            self.vitals.set(health);
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                _ = stop.changed() => return,
            }
        }
    }

    async fn database(&self, found: &mut Database) -> Component {
        let began = Instant::now();
        let now = self.clock.now();
        if let Err(e) = self.community.watch_clock(now).await {
            tracing::warn!(error = %e, "that this machine's clock was set could not be kept");
        }
        let contact = (self.fetch && self.link.state() == LinkState::Up).then(|| {
            // A webhook is silent while nobody writes; a poll is answered all the same.
            if self.link.polling() {
                self.link.moved_at()
            } else {
                now
            }
        });
        // An empty transaction would succeed on a full disk.
        let write = self.store.write(move |tx| {
            meta::put_number(tx, BEAT, now)?;
            contact.map_or(Ok(None), |at| absence::contact(tx, at))
        });
        let written: Result<Result<Option<Absence>, StoreError>, _> =
            tokio::time::timeout(SLOW_WRITE, write).await;
        if let Ok(Ok(Some(absence))) = written {
            missed(absence, &self.community, &self.rights).await;
        }
        let (ok, detail) = match written {
            Ok(Ok(_)) => (
                true,
                format!(
                    "a write takes {:.1} ms",
                    began.elapsed().as_secs_f64() * 1e3
                ),
            ),
            Ok(Err(e)) => {
                *found = match &e {
                    StoreError::DiskFull => Database::Full,
                    e if e.is_damage() => Database::Damaged,
                    _ => Database::Failing,
                };
                (false, e.to_string())
            }
            Err(_) => {
                *found = Database::Silent;
                (false, "a write takes longer than 5 s".to_owned())
            }
        };
        Component {
            name: "database",
            ok,
            detail,
        }
    }

    fn telegram(&self) -> Component {
        let idle = self.link.idle();
        let (ok, detail) = match self.link.state() {
            _ if !self.fetch => (true, "not fetching".to_owned()),
            LinkState::Up if self.link.polling() && idle > STALE_POLL => (
                false,
                format!("no answer to a poll for {} s", idle.as_secs()),
            ),
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

    async fn inbox(&self, found: &mut Database) -> Component {
        let now = self.clock.now();
        let read = move |conn: &_| Ok((inbox::counts(conn)?, inbox::recent_absence(conn, now)?));
        let (ok, detail) = match self.store.read(read).await {
            Ok((c, away)) => {
                let lag = c.oldest.map_or(0, |at| now - at);
                let mut detail = format!("{} waiting, {} dead letters", c.waiting, c.dead);
                if let Some(absence) = away {
                    detail = format!("{detail}; {absence}");
                }
                (lag < OLD_UPDATE, detail)
            }
            Err(e) => {
                damaged(&e, found);
                (false, e.to_string())
            }
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
            ok: !status.ended && !open,
            detail,
        }
    }

    async fn jobs(&self, found: &mut Database) -> Component {
        // Before its first look the queue waits for what was left at the last end.
        let stuck = self.jobs.idle().is_some_and(|idle| idle > STUCK_JOBS);
        let (ok, detail) = match self.store.read(queue::store::counts).await {
            Ok(Counts { ready, dead, .. }) => {
                let running = self.jobs.running();
                let detail = format!("{ready} waiting, {running} under way, {dead} dead letters");
                (!stuck, detail)
            }
            Err(e) => {
                damaged(&e, found);
                (false, e.to_string())
            }
        };
        Component {
            name: "jobs",
            ok,
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

/// A read that finds damage tells more than a write that went well.
fn damaged(e: &StoreError, found: &mut Database) {
    if e.is_damage() {
        *found = Database::Damaged;
    }
}

/// Telegram has dropped updates meanwhile: says so, and forgets what they may have changed.
pub(super) async fn missed(absence: Absence, community: &Community, rights: &Rights) {
    tracing::warn!("{absence}: members who came or went, and changed rights, are asked for anew");
    rights.forget_all();
    if let Err(e) = community.forget_standing().await {
        tracing::warn!(error = %e, "Beadle's standing in groups could not be forgotten");
    }
}
