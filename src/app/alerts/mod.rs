//! Looks after what the operator should be told of, and tells: through the outbox, or past it when the database
//! cannot be written.
mod measure;
mod tell;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::base::clock::SharedClock;
use crate::config::Live;
use crate::observe::Vitals;
use crate::observe::alerts::{Book, Database, Limits};
use crate::store::Store;
use crate::telegram::api::Api;
use crate::telegram::sender::Sender;
use measure::Meter;
use tell::Teller;

/// How often the rules are looked at.
pub(super) const EVERY: Duration = Duration::from_secs(5);

/// What the rules look at, and those who are told.
pub(super) struct Alerts {
    pub(super) store: Store,
    pub(super) clock: SharedClock,
    pub(super) vitals: Vitals,
    pub(super) sender: Sender,
    pub(super) api: Api,
    pub(super) limits: Live<Limits>,
    pub(super) every: Duration,
}

impl Alerts {
    /// Looks and tells until told to stop.
    pub(super) async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut teller = Teller::new(self.store.clone(), self.api.clone());
        let mut book = teller.resume().await;
        let mut meter = Meter::default();
        while !*stop.borrow() {
            tokio::select! {
                () = self.look(&mut meter, &mut book, &mut teller) => {}
                _ = stop.changed() => return,
            }
            tokio::select! {
                () = tokio::time::sleep(self.every) => {}
                _ = stop.changed() => return,
            }
        }
    }

    async fn look(&self, meter: &mut Meter, book: &mut Book, teller: &mut Teller) {
        let now = self.clock.now();
        let signs = meter.signs(self, now).await;
        let limits: Arc<Limits> = self.limits.get();
        let news = book.look(&signs, &limits, now);
        self.vitals.set_alerts(book.standing());
        let well = matches!(signs.database, Database::Fine | Database::Unknown);
        if well {
            teller.learn().await;
        }
        for one in news {
            let told = if well {
                teller.durably(book, &one, now).await
            } else {
                teller.directly(&one, now).await
            };
            if told {
                book.told(&one, now);
            }
        }
        if well {
            teller.keep(book).await;
        }
        self.vitals.set_alerts(book.standing());
    }
}
