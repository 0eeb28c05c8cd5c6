//! What systemd is told: ready, how it stands, alive, stopping. Nothing where there is no systemd.
use std::time::Duration;

use sd_notify::NotifyState;
use tokio::task::JoinHandle;

use crate::app::App;
use crate::observe::Vitals;
use crate::store::Store;
use crate::telegram::link::Link;

/// The longest between two looks, when systemd wants a sign of life.
const EVERY: Duration = Duration::from_secs(10);
/// How much longer a start may take, asked for again and again while the database is copied and upgraded.
const MORE_TIME: Duration = Duration::from_secs(60);

/// Asks for more time until it is dropped.
pub(super) struct Starting(JoinHandle<()>);

impl Starting {
    pub(super) fn begin() -> Self {
        Self(tokio::spawn(async {
            loop {
                let more = u32::try_from(MORE_TIME.as_micros()).unwrap_or(u32::MAX);
                tell(&[
                    NotifyState::Status("opening the database"),
                    NotifyState::ExtendTimeoutUsec(more),
                ]);
                tokio::time::sleep(MORE_TIME / 3).await;
            }
        }))
    }
}

impl Drop for Starting {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Says that Beadle serves.
pub(super) fn ready() {
    tell(&[NotifyState::Ready]);
}

/// Says that settings are read anew; [`ready`] ends it.
pub(super) fn reloading() {
    tell(&[NotifyState::Reloading]);
}

/// Says that Beadle stops.
pub(super) fn stopping() {
    tell(&[
        NotifyState::Stopping,
        NotifyState::Status("stopping: finishing what is under way"),
    ]);
}

/// Tells how Beadle stands, and that it lives, for as long as both its halves do: the writer answers, and
/// the intake does something in the time that it gives itself.
pub(super) fn watch(app: &App) -> JoinHandle<()> {
    let wanted = sd_notify::watchdog_enabled();
    let every = wanted.map_or(EVERY, |wanted| (wanted / 3).min(EVERY));
    let (store, link, vitals) = (app.store.clone(), app.link.clone(), app.vitals.clone());
    tokio::spawn(async move {
        let mut told = String::new();
        loop {
            let status = status(&vitals);
            if status != told {
                tell(&[NotifyState::Status(&status)]);
                told = status;
            }
            if wanted.is_some() && lives(&store, &link, every).await {
                tell(&[NotifyState::Watchdog]);
            }
            tokio::time::sleep(every).await;
        }
    })
}

async fn lives(store: &Store, link: &Link, patience: Duration) -> bool {
    if link.is_overdue() {
        tracing::error!("the intake hangs: systemd is not told that Beadle lives");
        return false;
    }
    // Empty, for a full disk is no reason to be started anew.
    let answer = tokio::time::timeout(patience, store.write(|_| Ok(()))).await;
    let lives = matches!(answer, Ok(Ok(())));
    if !lives {
        tracing::error!("the writer does not answer: systemd is not told that Beadle lives");
    }
    lives
}

fn status(vitals: &Vitals) -> String {
    let health = vitals.health();
    let trouble: Vec<String> = health
        .components
        .iter()
        .filter(|c| !c.ok)
        .map(|c| format!("{}: {}", c.name, c.detail))
        .collect();
    match (health.components.is_empty(), trouble.as_slice()) {
        (true, _) => "starting".to_owned(),
        (false, []) => "all is well".to_owned(),
        // A status is one line.
        (false, trouble) => trouble.join("; ").replace('\n', " "),
    }
}

fn tell(state: &[NotifyState<'_>]) {
    if let Err(e) = sd_notify::notify(state) {
        tracing::debug!(error = %e, "systemd was not told");
    }
}
