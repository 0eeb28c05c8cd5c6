//! What was left at the last stop is taken up, and the standing work begins.
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::rooms::{Arrivals, Rooms};
use super::telegram::calmly;
use super::{Ground, figures, janitor, news, pulse};
use crate::base::crash::crash_point;
use crate::telegram::intake::absence;
use crate::telegram::sender::Sender;

/// Unclean ends in a row after which what was left is taken up one by one.
const CRASHES: i64 = 2;

/// Takes up what was waiting at the last stop; carefully, when Beadle ended unclean more than once.
pub(super) async fn recover(rooms: &Rooms, ground: &Ground) -> anyhow::Result<()> {
    let crashes = janitor::began(&rooms.store).await?;
    rooms.runner.recover(crashes > 0).await?;
    crash_point("app.began");
    if ground.fetch {
        let now = ground.clock.now();
        let contact = rooms.store.write(move |tx| absence::contact(tx, now));
        if let Some(absence) = contact.await? {
            pulse::missed(absence, &rooms.community, &rooms.rights).await;
        }
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
    let news = news::News {
        community: rooms.community.clone(),
        rights: rooms.rights.clone(),
        clock: ground.clock.clone(),
    };
    tasks.spawn(news.run(rooms.sender.reports(), stop.clone()));
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
    };
    tasks.spawn(pulse.run(stop.clone()));
    tasks.spawn(figures::run(
        rooms.store.clone(),
        ground.clock.clone(),
        rooms.figures.clone(),
        stop.clone(),
    ));
    tasks.spawn(janitor::run(
        rooms.store.clone(),
        ground.clock.clone(),
        rooms.vitals.clone(),
        stop.clone(),
    ));
}

/// The sender ends early only when the database does, and then everything else says so too.
async fn send(sender: Sender, stop: watch::Receiver<bool>) {
    if let Err(e) = sender.run(stop).await {
        tracing::error!(error = %e, "the sender ended");
    }
}
