//! Keeps cards in order: finds them a place when theirs is gone, and lets old ones expire.
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::card;
use super::desk::{self, Desk};
use super::offer;
use super::store::{self, upkeep};
use super::tell::SWEEP;
use crate::base::clock::{Millis, SharedClock};
use crate::queue::{Done, Enqueue as _, Job, Priority, Trouble, Work, Worker};
use crate::store::{StoreError, Tx};
use crate::telegram::api::CallError;
use crate::telegram::sender::text::name;
use crate::telegram::sender::{Effect, Method, Refusal, Send as _, Verdict, classify, outbox};
use crate::texts::{Lang, text};

/// The standing job of cards.
const CARDS: &str = "moderation.cards";
/// The standing job of offers.
const OFFERS: &str = "moderation.offer";
const MINUTE: Millis = 60_000;
const DAY: Millis = 24 * 60 * MINUTE;
/// How often cards are looked after.
const EVERY: Millis = MINUTE;
/// How often it is asked whether a group is ready for *act*.
const OFFERS_EVERY: Millis = 6 * 60 * MINUTE;
/// A card shows somebody's words no longer than they are kept elsewhere.
const LIFE: Millis = 7 * DAY;
/// Cards that found nobody are shown when somebody is there, if they are no older.
const WAITING: Millis = 2 * DAY;
/// Of those the newest so many; the rest stays counted.
const SHOWN: i64 = 10;
/// Rows in one go.
const ROWS: i64 = 100;

/// Asks for the standing work; at every start, and when something happened that moves cards.
pub(in crate::features::moderation) fn stand(
    tx: &mut Tx<'_>,
    now: Millis,
) -> Result<(), StoreError> {
    for kind in [CARDS, OFFERS] {
        let job = Job::new(kind, json!({ "standing": true })).unique("standing");
        tx.enqueue(&job.priority(Priority::Low), now)?;
    }
    Ok(())
}

/// Asks for cards to be looked after at once.
pub(in crate::features::moderation) fn shake(
    tx: &mut Tx<'_>,
    now: Millis,
) -> Result<(), StoreError> {
    let job = Job::new(CARDS, json!({})).unique("now");
    tx.enqueue(&job.priority(Priority::Urgent), now)?;
    Ok(())
}

/// Looks after cards.
pub(in crate::features::moderation) struct CardsWorker {
    pub(in crate::features::moderation) desk: Desk,
    pub(in crate::features::moderation) clock: SharedClock,
}

impl Worker for CardsWorker {
    fn kind(&self) -> &'static str {
        CARDS
    }

    fn run<'a>(&'a self, work: &'a mut Work) -> BoxFuture<'a, Result<Done, Trouble>> {
        Box::pin(async move {
            let now = self.clock.now();
            self.desk.store.write(|tx| upkeep::settle(tx, ROWS)).await?;
            self.rescue(now).await?;
            self.seat(now).await?;
            self.expire(now).await?;
            Ok(if work.payload["standing"] == true {
                Done::nothing().again_at(now + EVERY)
            } else {
                Done::nothing()
            })
        })
    }
}

impl CardsWorker {
    /// Cards whose way to the log chat failed go to the owner. Where Telegram does not let Beadle into the
    /// log chat any more, all that stand there do, the group has no log chat, and the owner is told.
    async fn rescue(&self, now: Millis) -> Result<(), StoreError> {
        let stranded = self
            .desk
            .store
            .read(|conn| upkeep::stranded(conn, ROWS))
            .await?;
        let mut done: Vec<(i64, i64)> = Vec::new();
        for found in stranded {
            let (chat, place) = (found.chat, found.place);
            if done.contains(&(chat, place)) {
                continue;
            }
            let lost = is_lost(&found.error);
            let owner = self.desk.owner(chat).await?.filter(|owner| *owner != place);
            let Some(group) = self.desk.group(chat).await? else {
                continue;
            };
            let lang = Lang::from_tag(group.language.as_deref());
            let title = group.title.unwrap_or_default();
            let seal = self.desk.seal.clone();
            self.desk
                .store
                .write(move |tx| {
                    let cards = if lost {
                        upkeep::standing(tx, chat, place, ROWS)?
                    } else {
                        vec![found.card]
                    };
                    if lost && upkeep::groups_logged_in(tx, place)?.contains(&chat) {
                        upkeep::set(tx, chat, "log_chat", &Value::Null, now)?;
                        if let Some(owner) = owner {
                            let words = text(lang, "log-lost", &[("group", name(&title).into())]);
                            tx.send(&Effect::send_html(owner, words, None), now, None)?;
                        }
                    }
                    for card in cards {
                        match owner {
                            Some(owner) => desk::send(tx, &seal, card, owner, now, None)?,
                            None => upkeep::displace(tx, card)?,
                        }
                    }
                    Ok(())
                })
                .await?;
            if lost {
                self.desk.community.refresh(chat).await?;
                done.push((chat, place));
            }
        }
        Ok(())
    }

    /// Cards that wait for somebody are shown once somebody is there.
    async fn seat(&self, now: Millis) -> Result<(), StoreError> {
        let since = now - WAITING;
        let groups = self
            .desk
            .store
            .read(move |conn| upkeep::waiting_groups(conn, since, ROWS))
            .await?;
        for chat in groups {
            let Some(group) = self.desk.group(chat).await? else {
                continue;
            };
            let Some(place) = self.desk.place(&group).await? else {
                continue;
            };
            let seal = self.desk.seal.clone();
            self.desk
                .store
                .write(move |tx| {
                    for card in upkeep::waiting(tx, chat, since, SHOWN)? {
                        desk::send(tx, &seal, card, place, now, None)?;
                    }
                    Ok(())
                })
                .await?;
        }
        Ok(())
    }

    /// Old cards lose the words they show, and their buttons.
    async fn expire(&self, now: Millis) -> Result<(), StoreError> {
        let seal = self.desk.seal.clone();
        self.desk
            .store
            .write(move |tx| {
                for id in upkeep::old(tx, now - LIFE, ROWS)? {
                    upkeep::expire(tx, id)?;
                    let Some(card) = desk::located(tx, id)? else {
                        continue;
                    };
                    let shown = store::shown(tx, &card)?;
                    if let Some(edit) = card::edited(&seal, &card, &shown) {
                        tx.send(&edit, now, None)?;
                    }
                }
                Ok(())
            })
            .await
    }
}

/// Whether an error of the outbox says that the chat is closed to Beadle for good.
fn is_lost(error: &str) -> bool {
    let error = CallError::Api {
        code: 403,
        text: error.to_owned(),
        retry_after: None,
        migrate_to: None,
    };
    classify(Method::SendMessage, &error) == Verdict::Refused(Refusal::ChatLost)
}

/// Offers mode *act* to groups whose cards speak for it.
pub(in crate::features::moderation) struct OffersWorker {
    pub(in crate::features::moderation) desk: Desk,
    pub(in crate::features::moderation) clock: SharedClock,
}

impl Worker for OffersWorker {
    fn kind(&self) -> &'static str {
        OFFERS
    }

    fn run<'a>(&'a self, _: &'a mut Work) -> BoxFuture<'a, Result<Done, Trouble>> {
        Box::pin(async move {
            let now = self.clock.now();
            offer::all(&self.desk, now).await?;
            Ok(Done::nothing().again_at(now + OFFERS_EVERY))
        })
    }
}

/// Deletes a note of Beadle's own whose time has passed.
pub(in crate::features::moderation) struct SweepWorker {
    pub(in crate::features::moderation) desk: Desk,
    pub(in crate::features::moderation) clock: SharedClock,
}

impl Worker for SweepWorker {
    fn kind(&self) -> &'static str {
        SWEEP
    }

    fn run<'a>(&'a self, work: &'a mut Work) -> BoxFuture<'a, Result<Done, Trouble>> {
        Box::pin(async move {
            let (row, chat) = (
                work.payload["outbox"].as_i64(),
                work.payload["chat"].as_i64(),
            );
            let (Some(row), Some(chat)) = (row, chat) else {
                return Err(Trouble::Hopeless("the payload names no message".to_owned()));
            };
            let now = self.clock.now();
            let found = self
                .desk
                .store
                .read(move |conn| outbox::get(conn, row))
                .await?;
            // A note that never arrived needs no deletion.
            let Some(message) = found.and_then(|row| row.message_id()) else {
                return Ok(Done::nothing());
            };
            Ok(Done::with(move |tx| {
                tx.send(&Effect::delete(chat, message), now, None)?;
                Ok(())
            }))
        })
    }
}
