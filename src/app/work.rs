//! What was left at the last stop is taken up, and the standing work begins.
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::rooms::{Arrivals, Rooms};
use super::telegram::calmly;
use super::{Ground, admin, alerts, ends, figures, news, pulse, upkeep};
use crate::base::crash::crash_point;
use crate::community::arbiter;
use crate::features::moderation;
use crate::telegram::intake::absence;
use crate::telegram::sender::Sender;

/// Unclean ends in a row after which what was left is taken up one by one.
const CRASHES: i64 = 2;

/// Takes up what was waiting at the last stop; carefully, when Beadle ended unclean more than once.
pub(super) async fn recover(rooms: &Rooms, ground: &Ground) -> anyhow::Result<()> {
    // First of all, and before anything new is heard.
    forget_again(rooms).await?;
    let crashes = ends::began(&rooms.store).await?;
    rooms.runner.recover(crashes > 0).await?;
    let now = ground.clock.now();
    let lists = rooms.lists.clone();
    rooms
        .store
        .write(move |tx| moderation::stand(tx, &lists, now))
        .await?;
    upkeep::schedule(&rooms.store, ground.clock.now()).await?;
    crash_point("app.began");
    if ground.fetch {
        let contact = rooms.store.write(move |tx| absence::contact(tx, now));
        if let Some(absence) = contact.await? {
            pulse::missed(absence, &rooms.community, &rooms.rights).await;
        }
    }
    let now = ground.clock.now();
    rooms.store.write(move |tx| arbiter::stand(tx, now)).await?;
    if crashes >= CRASHES {
        rooms.intake.be_careful();
    }
    let left = rooms.lanes.recover(crashes >= CRASHES).await?;
    if left > 0 {
        tracing::info!(
            lanes = left,
            crashes,
            "taking up what was waiting at the last stop"
        );
    }
    Ok(())
}

/// Lanes, sender, and those who listen to what Telegram's answers tell.
pub(super) fn begin(
    rooms: &Rooms,
    ground: &Ground,
    arrivals: Arrivals,
    stop: &watch::Receiver<bool>,
    tasks: &mut JoinSet<()>,
) {
    tasks.spawn(rooms.lanes.clone().run(arrivals));
    tasks.spawn(rooms.erasures.clone().run(stop.clone()));
    let news = news::News {
        store: rooms.store.clone(),
        community: rooms.community.clone(),
        rights: rooms.rights.clone(),
        clock: ground.clock.clone(),
    };
    tasks.spawn(news.run(rooms.sender.reports(), stop.clone()));
    tasks.spawn(rooms.learner.clone().run(stop.clone()));
    tasks.spawn(calmly(
        &rooms.lanes,
        send(rooms.sender.clone(), stop.clone()),
    ));
    tasks.spawn(calmly(&rooms.lanes, rooms.runner.clone().run(stop.clone())));
}

/// What happens every few seconds, whatever comes in.
pub(super) fn tend(
    rooms: &Rooms,
    ground: &Ground,
    stop: &watch::Receiver<bool>,
    tasks: &mut JoinSet<()>,
) {
    let pulse = pulse::Pulse {
        store: rooms.store.clone(),
        clock: ground.clock.clone(),
        link: rooms.link.clone(),
        vitals: rooms.vitals.clone(),
        fetch: ground.fetch,
        sender: rooms.sender.clone(),
        community: rooms.community.clone(),
        rights: rooms.rights.clone(),
        jobs: rooms.runner.status(),
    };
    tasks.spawn(pulse.run(stop.clone()));
    let alerts = alerts::Alerts {
        store: rooms.store.clone(),
        clock: ground.clock.clone(),
        vitals: rooms.vitals.clone(),
        sender: rooms.sender.clone(),
        api: rooms.api.clone(),
        limits: rooms.limits.clone(),
        every: ground.alerts_every.unwrap_or(alerts::EVERY),
    };
    tasks.spawn(alerts.run(stop.clone()));
    let desk = admin::Desk {
        store: rooms.store.clone(),
        clock: ground.clock.clone(),
        lanes: Some(rooms.lanes.clone()),
        secret_given: rooms.keys.is_given(),
        caches: Some(rooms.caches.clone()),
        community: Some(rooms.community.clone()),
        shelf: Some(rooms.shelf.clone()),
    };
    match admin::serve(desk, stop.clone()) {
        Ok(serving) => {
            tasks.spawn(serving);
        }
        // Groups are looked after all the same.
        Err(e) => {
            tracing::error!("{e:#}; verbs that look into a running Beadle will not work");
        }
    }
    tasks.spawn(ends::settled(rooms.store.clone(), stop.clone()));
    tasks.spawn(figures::run(
        rooms.store.clone(),
        ground.clock.clone(),
        rooms.figures.clone(),
        stop.clone(),
    ));
}

/// The sender ends early only when the database does, and then everything else says so too.
async fn send(sender: Sender, stop: watch::Receiver<bool>) {
    if let Err(e) = sender.run(stop).await {
        tracing::error!(error = %e, "the sender ended");
    }
}

/// Whoever was forgotten is forgotten again, should this be an older copy of the database.
async fn forget_again(rooms: &Rooms) -> anyhow::Result<()> {
    let replayed = rooms.erasures.replay().await?;
    if replayed.people > 0 {
        tracing::warn!(
            people = replayed.people,
            "this is an older copy of the database: it knew people who have been erased since, and forgot them again"
        );
    }
    if replayed.keyless > 0 {
        tracing::error!(
            people = replayed.keyless,
            "the list of the forgotten (forgotten.jsonl) names people under a secret key that is not at hand: should \
             this be an older copy of the database, they are still in it. Give the key as SECRET_KEY_PREVIOUS and \
             start again"
        );
    }
    if replayed.rubbish > 0 {
        tracing::warn!(
            lines = replayed.rubbish,
            "lines of the list of the forgotten (forgotten.jsonl) make no sense: was it edited by hand?"
        );
    }
    Ok(())
}
