//! Keeps cards in order: finds them a place when theirs is gone, and lets old ones expire.
use std::collections::HashSet;

use futures_util::future::BoxFuture;
use serde_json::json;

use super::card;
use super::desk::{self, Desk};
use super::store::{self, treatments, upkeep};
use super::ways::{self, Reader};
use super::{appeal, offer, picture};
use crate::base::clock::{Millis, SharedClock};
use crate::base::crash::crash_point;
use crate::queue::{Done, Enqueue as _, Job, Priority, Trouble, Work, Worker};
use crate::store::{Connection, StoreError, Tx};
use crate::telegram::api::CallError;
use crate::telegram::sender::text::name;
use crate::telegram::sender::{Effect, Method, Refusal, Send as _, Verdict, classify};
use crate::texts::{Lang, text};

/// The standing job of cards.
const CARDS: &str = "moderation.cards";
/// The standing job of offers.
const OFFERS: &str = "moderation.offer";
const MINUTE: Millis = 60_000;
const HOUR: Millis = 60 * MINUTE;
/// How often cards are looked after.
const EVERY: Millis = MINUTE;
/// How often it is asked whether a group is ready for *act*.
const OFFERS_EVERY: Millis = 6 * HOUR;
/// Cards that found nobody are shown when somebody is there, if they are no older.
const WAITING: Millis = 48 * HOUR;
/// Of those at most so many stand undecided at a time; who decides one is shown the next. The rest stays counted.
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
        tx.enqueue(&job.priority(Priority::Low).standing(), now)?;
    }
    Ok(())
}

/// Forgets up to `limit` cards, and as many treatments, from before `before` that nobody can act on any more. Gives how many.
pub(in crate::features::moderation) fn expire_cards(
    tx: &Tx<'_>,
    before: Millis,
    limit: i64,
) -> Result<usize, StoreError> {
    upkeep::purge(tx, before, limit)
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
            // Looked at every minute: where there is nothing to note, nobody waits for it.
            let store = &self.desk.store;
            if store.read(upkeep::unsettled).await? {
                store.write(|tx| upkeep::settle(tx, ROWS)).await?;
            }
            crash_point("cards.settled");
            self.rescue(now).await?;
            crash_point("cards.rescued");
            self.seat(now).await?;
            crash_point("cards.seated");
            self.mend(now).await?;
            crash_point("cards.mended");
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
    /// Cards whose way to the log chat failed go to the owner. Where Beadle is not let into the log chat any
    /// more, all that stand there do, the group has no log chat, and the owner is told.
    async fn rescue(&self, now: Millis) -> Result<(), StoreError> {
        let look =
            |conn: &Connection| Ok((upkeep::stranded(conn, ROWS)?, upkeep::closed(conn, ROWS)?));
        let (stranded, closed) = self.desk.store.read(look).await?;
        // A group and its log chat that is lost; or one card that did not get through, for another reason.
        let mut found: Vec<(i64, i64, Option<i64>)> = closed
            .into_iter()
            .map(|(chat, place)| (chat, place, None))
            .collect();
        for s in stranded {
            found.push((s.chat, s.place, (!is_lost(&s.error)).then_some(s.card)));
        }
        let mut done = HashSet::new();
        for (chat, place, card) in found {
            if done.insert((chat, place, card)) {
                self.move_away(chat, place, card, now).await?;
            }
        }
        Ok(())
    }

    /// Moves one card, or all that stand in a lost place, to the owner; without one they wait.
    async fn move_away(
        &self,
        chat: i64,
        place: i64,
        only: Option<i64>,
        now: Millis,
    ) -> Result<(), StoreError> {
        let owner = self.desk.owner(chat).await?.filter(|owner| *owner != place);
        let Some(group) = self.desk.group(chat).await? else {
            return Ok(());
        };
        let lang = Lang::from_tag(group.language.as_deref());
        let title = group.title.unwrap_or_default();
        let seal = self.desk.seal.clone();
        let write = self.desk.store.write(move |tx| {
            let cards = match only {
                Some(card) => vec![card],
                None => upkeep::standing(tx, chat, place, ROWS)?,
            };
            if let Some(card) = only {
                upkeep::tried(tx, card)?;
            }
            if only.is_none() && upkeep::groups_logged_in(tx, place)?.contains(&chat) {
                upkeep::set_log(tx, chat, None, now)?;
                if let Some(owner) = owner {
                    let words = text(lang, "log-lost", &[("group", name(&title).into())]);
                    let note = Effect::send_html(owner, words, None);
                    let note = desk::hushed(tx, note, (chat, owner), now)?;
                    tx.send(&note, now, None)?;
                }
            }
            for card in cards {
                match owner {
                    Some(owner) => desk::send(tx, &seal, card, owner, now, None)?,
                    // A picture in a lost chat is out of reach.
                    None => upkeep::displace(tx, card)?,
                }
            }
            Ok(())
        });
        write.await?;
        self.desk.community.refresh(chat).await
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
                    for card in upkeep::waiting(tx, chat, place, since, SHOWN)? {
                        desk::send(tx, &seal, card, place, now, None)?;
                        upkeep::seated(tx, card)?;
                    }
                    Ok(())
                })
                .await?;
        }
        Ok(())
    }

    /// Old cards lose the words they show, and their buttons.
    async fn expire(&self, now: Millis) -> Result<(), StoreError> {
        let desk = self.desk.clone();
        // A card shows somebody's words no longer than they are kept elsewhere.
        let life = self.desk.privacy.get().kept.removed;
        self.desk
            .store
            .write(move |tx| {
                for id in upkeep::old(tx, now - life, ROWS)? {
                    let before = store::get(tx, id)?;
                    upkeep::expire(tx, id)?;
                    if let Some(card) = before.filter(|c| c.kind == "appeal" && c.state == "open") {
                        appeal::unheard(tx, &desk, &card, now)?;
                    }
                    let Some(card) = desk::located(tx, id)? else {
                        continue;
                    };
                    picture::remove(tx, &card, now, None)?;
                    let shown = store::shown(tx, &card)?;
                    if let Some(edit) = card::edited(&desk.seal, &card, &shown) {
                        tx.send(&edit, now, None)?;
                    }
                }
                Ok(())
            })
            .await
    }

    /// What was said of a mute or ban that Telegram then refused is said again, as it is.
    async fn mend(&self, now: Millis) -> Result<(), StoreError> {
        let since = now - 24 * HOUR;
        let refused = self
            .desk
            .store
            .read(move |conn| upkeep::refused(conn, since, ROWS))
            .await?;
        if refused.is_empty() {
            return Ok(());
        }
        let seal = self.desk.seal.clone();
        self.desk
            .store
            .write(move |tx| {
                for t in refused {
                    for card in upkeep::put_refused(tx, &t)? {
                        desk::refresh(tx, &seal, card, now, None)?;
                    }
                    let Some(user) = t.user else { continue };
                    let group = treatments::title(tx, t.chat)?;
                    let group = name(group.as_deref().unwrap_or("…"));
                    let words = |lang| {
                        let args = [("group", group.clone().into())];
                        (text(lang, "told-not-done", &args), None)
                    };
                    // Whoever is in the group sees it there.
                    let reader = Reader {
                        chat: t.chat,
                        user,
                        inside: true,
                        message: t.message,
                        lang: Lang::from_tag(upkeep::language(tx, t.chat)?.as_deref()),
                    };
                    if let Some(effect) = ways::to(tx, reader, words, None, now)? {
                        tx.send(&effect, now, None)?;
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
            crash_point("offers.made");
            Ok(Done::nothing().again_at(now + OFFERS_EVERY))
        })
    }
}
