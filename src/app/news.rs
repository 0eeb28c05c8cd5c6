//! What Telegram's answers tell of groups becomes known to the rooms that decide by it.
use tokio::sync::{broadcast, watch};

use crate::base::clock::SharedClock;
use crate::community::{Community, arbiter, reach};
use crate::features::moderation;
use crate::store::{Store, StoreError};
use crate::telegram::rights::Rights;
use crate::telegram::sender::Report;

pub(super) struct News {
    pub(super) store: Store,
    pub(super) community: Community,
    pub(super) rights: Rights,
    pub(super) clock: SharedClock,
}

impl News {
    /// Listens until told to stop, or until the sender is gone.
    pub(super) async fn run(
        self,
        mut reports: broadcast::Receiver<Report>,
        mut stop: watch::Receiver<bool>,
    ) {
        loop {
            let report = tokio::select! {
                report = reports.recv() => report,
                _ = stop.changed() => return,
            };
            match report {
                Ok(report) => {
                    if let Err(e) = self.take(&report).await {
                        tracing::warn!(error = %e, ?report, "news from Telegram could not be kept");
                    }
                }
                // What was missed is told again by the next call that fails for it.
                Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => return,
            }
        }
    }

    async fn take(&self, report: &Report) -> Result<(), StoreError> {
        let now = self.clock.now();
        match report {
            Report::Migrated { from, to } => {
                if self.community.migrated(*from, *to, now).await? {
                    tracing::info!(from, to, "a group has become a supergroup");
                }
                let (old, new) = (*from, *to);
                let write = self
                    .store
                    .write(move |tx| moderation::moved(tx, old, new, now));
                write.await?;
                self.rights.forget(*from);
            }
            // A person who blocked the bot: what they were to decide is shown to somebody else, or waits.
            Report::ChatLost { chat, .. } if *chat > 0 => {
                let person = *chat;
                let write = self.store.write(move |tx| {
                    reach::lose(tx, person, now)?;
                    moderation::shaken(tx, now)
                });
                write.await?;
            }
            Report::ChatLost { chat, text } => {
                self.store
                    .write(move |tx| moderation::shaken(tx, now))
                    .await?;
                if self.community.lost(*chat, now).await? {
                    tracing::warn!(
                        chat,
                        text,
                        "Telegram does not let Beadle into this group any more"
                    );
                }
            }
            Report::NoRight { chat, text } => {
                if self.community.powerless(*chat, now).await? {
                    tracing::warn!(
                        chat,
                        text,
                        "Beadle may not delete messages in this group: it judges, and removes nothing until it may"
                    );
                }
            }
            Report::Refused {
                outbox,
                chat,
                refusal,
                text,
            } => {
                let (outbox, refusal, words) = (*outbox, *refusal, text.clone());
                let written = self.store.write(move |tx| {
                    let known = arbiter::refused(tx, outbox, refusal, &words, now)?;
                    if known {
                        moderation::shaken(tx, now)?;
                    }
                    Ok(known)
                });
                if written.await? {
                    tracing::warn!(
                        chat,
                        text,
                        why = refusal.code(),
                        "Telegram did not restrict or free somebody: the ledger says so"
                    );
                }
                self.rights.forget(*chat);
            }
        }
        Ok(())
    }
}
