//! Updates whose chat is not known yet are overtaken by none: the order of a chat holds after unclean ends.
use std::sync::{Arc, Mutex};
use std::time::Duration;

use beadle::base::clock::{SharedClock, SystemClock};
use beadle::pipeline::StageError;
use beadle::pipeline::lanes::{Handler, Lanes};
use beadle::store::{Store, StoreOptions};
use beadle::telegram::intake::{Arrival, Intake, RawUpdate, inbox};
use futures_util::future::BoxFuture;
use tokio::sync::{mpsc, watch};

use crate::support::{message, until};

const CHATS: [i64; 2] = [-1001, -1002];

/// Notes what it is given, slowly, and marks it handled.
struct Slow {
    store: Store,
    seen: Mutex<Vec<(i64, i64)>>,
}

impl Handler for Slow {
    fn handle(&self, batch: Vec<Arrival>) -> BoxFuture<'_, Result<(), StageError>> {
        Box::pin(async move {
            for arrival in batch {
                tokio::time::sleep(Duration::from_millis(4)).await;
                let (chat, seq) = (arrival.event.chat.unwrap().id, arrival.seq);
                self.seen.lock().unwrap().push((chat, seq));
                self.store
                    .write(move |tx| inbox::mark_handled(tx, seq, 1))
                    .await?;
            }
            Ok(())
        })
    }
}

/// Update `id`, of one of the chats in turn.
fn update(id: i64, read: bool) -> RawUpdate {
    let text = message(id, CHATS[usize::from(id % 2 == 0)], 1, id, "talk");
    if read {
        RawUpdate::parse(text).unwrap()
    } else {
        RawUpdate::unread(text).unwrap()
    }
}

/// Handles updates of which some wait at the start and the others come later, each read before it was kept or
/// not; gives the rows in the order in which each chat's were handled.
async fn handled(careful: bool, left: &[bool], coming: &[bool]) -> Vec<Vec<i64>> {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&StoreOptions::new(dir.path())).unwrap();
    let clock: SharedClock = Arc::new(SystemClock);
    let rows: Vec<RawUpdate> = (1..)
        .zip(left)
        .map(|(id, read)| update(id, *read))
        .collect();
    store
        .write(move |tx| inbox::insert(tx, &rows, 1))
        .await
        .unwrap();
    let slow = Arc::new(Slow {
        store: store.clone(),
        seen: Mutex::default(),
    });
    let (stop, stopped) = watch::channel(false);
    let lanes = Lanes::new(store.clone(), clock.clone(), slow.clone(), stopped);
    let (sender, arrivals) = mpsc::channel(4);
    let intake = Intake::new(store, clock, sender);
    lanes.recover(careful).await.unwrap();
    tokio::spawn(lanes.clone().run(arrivals));
    let first = left.len() as i64 + 1;
    for (id, read) in (first..).zip(coming) {
        intake.accept(vec![update(id, *read)]).await.unwrap();
    }
    let all = left.len() + coming.len();
    until("all", || slow.seen.lock().unwrap().len() >= all).await;
    stop.send_replace(true);
    let seen = slow.seen.lock().unwrap().clone();
    let of = |chat| move |(c, seq): &(i64, i64)| (*c == chat).then_some(*seq);
    CHATS
        .map(|chat| seen.iter().filter_map(of(chat)).collect())
        .to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_update_of_a_chat_is_handled_before_an_older_one() {
    let (read, unread) = ([true; 12], [false; 12]);
    let mixed = [read, unread, read].concat();
    let turns = [unread, read, unread].concat();
    let cases: [(bool, &[bool], &[bool]); 7] = [
        (true, &read, &unread),
        (true, &mixed, &unread),
        (true, &read, &turns),
        (true, &[], &turns),
        (false, &mixed, &read),
        (false, &unread, &read),
        (false, &read, &read),
    ];
    for (careful, left, coming) in cases {
        let orders = handled(careful, left, coming).await;
        let all = left.len() + coming.len();
        assert_eq!(orders.iter().map(Vec::len).sum::<usize>(), all);
        assert!(
            orders.iter().all(|order| order.is_sorted()),
            "careful {careful}, left {left:?}, coming {coming:?}: {orders:?}"
        );
    }
}
