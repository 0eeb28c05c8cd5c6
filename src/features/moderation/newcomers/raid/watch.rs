//! Keeps the card of a raid true, notices the calm, and tells a new link once Telegram has.
use futures_util::future::BoxFuture;
use serde_json::json;

use super::card::card;
use super::{course, store};
use crate::base::clock::{Millis, SharedClock};
use crate::community::fleeting::{self, Fleeting as _};
use crate::community::versions::zone_of;
use crate::features::moderation::newcomers::captcha::may;
use crate::features::moderation::newcomers::settings;
use crate::features::moderation::order::Desk;
use crate::queue::{Done, Enqueue as _, Job, Priority, Trouble, Work, Worker};
use crate::store::{StoreError, Tx};
use crate::telegram::rights::Right;
use crate::telegram::sender::text::{escape, name};
use crate::telegram::sender::{Effect, Send as _, SendLane, outbox};
use crate::texts::when::moment;
use crate::texts::{Lang, text};

const WATCH: &str = "newcomers.watch";
const LINK: &str = "newcomers.link";
/// Between two looks at a raid: the card is edited at most so often.
const EVERY: Millis = 30_000;
/// What somebody switched on ends after this: nobody who forgets it locks a group.
const LONGEST: Millis = 24 * 3_600_000;
/// A link that was asked for is looked for so often, and given up after so long.
const LINK_EVERY: Millis = 1_000;
const LINK_PATIENCE: Millis = 120_000;

/// Asks for a look at a raid every half minute while it goes on.
pub(super) fn begin(tx: &mut Tx<'_>, raid: i64, now: Millis) -> Result<(), StoreError> {
    let job = Job::new(WATCH, json!({ "raid": raid })).priority(Priority::Urgent);
    tx.enqueue(&job.unique(format!("{raid}")), now)?;
    Ok(())
}

/// Asks for one look now.
pub(super) fn soon(tx: &mut Tx<'_>, raid: i64, now: Millis) -> Result<(), StoreError> {
    let job = Job::new(WATCH, json!({ "raid": raid, "once": true })).priority(Priority::Urgent);
    tx.enqueue(&job.unique(format!("{raid}:once")), now)?;
    Ok(())
}

/// Looks at one raid until it is over.
pub(super) struct WatchWorker(pub(super) Desk);

impl Worker for WatchWorker {
    fn kind(&self) -> &'static str {
        WATCH
    }

    fn run<'a>(&'a self, work: &'a mut Work) -> BoxFuture<'a, Result<Done, Trouble>> {
        Box::pin(async move {
            let Some(id) = work.payload["raid"].as_i64() else {
                return Err(Trouble::Hopeless("it names no raid".to_owned()));
            };
            let desk = self.0.clone();
            let Some(raid) = desk.store.read(move |conn| store::get(conn, id)).await? else {
                return Ok(Done::nothing());
            };
            let chat = raid.chat;
            let Some(group) = desk.group(chat).await? else {
                return Ok(Done::nothing());
            };
            let now = work.now();
            let place = match raid.place {
                Some(place) => Some(place),
                None => desk.place(&group).await?,
            };
            // What Telegram does not say now is said by the next look.
            let mut did = raid.did.clone();
            let lacks = |known: Result<bool, String>| known.is_ok_and(|may| !may);
            did["no_restrict"] = json!(lacks(may(&desk, chat, Right::Restrict).await));
            did["no_invite"] = json!(lacks(may(&desk, chat, Right::Invite).await));
            did["public"] = json!(group.username.is_some());
            let (_, settings) = settings::of(&group);
            let lang = Lang::from_tag(group.language.as_deref());
            let title = name(group.title.as_deref().unwrap_or("…"));
            let again = raid.ended.is_none() && work.payload["once"] != true;
            let done = Done::with(move |tx| {
                let Some(raid) = store::get(tx, id)? else {
                    return Ok(());
                };
                let count = store::count(tx, id, now)?;
                let quiet = now - count.last.unwrap_or(raid.began);
                let over = match raid.by {
                    0 => quiet >= settings.calm,
                    _ => now - raid.began >= LONGEST,
                };
                if raid.ended.is_none() && over {
                    course::end(tx, &raid, &settings.then, 0, now)?;
                }
                store::put_did(tx, id, &did)?;
                let Some(raid) = store::get(tx, id)? else {
                    return Ok(());
                };
                show(tx, &desk, &raid, count, (&title, lang), place, now)
            });
            Ok(if again {
                done.again_at(now + EVERY)
            } else {
                done
            })
        })
    }
}

/// Sends the card, or puts what holds now in its place.
fn show(
    tx: &mut Tx<'_>,
    desk: &Desk,
    raid: &store::Raid,
    count: store::Count,
    (title, lang): (&str, Lang),
    place: Option<i64>,
    now: Millis,
) -> Result<(), StoreError> {
    let Some(place) = place else { return Ok(()) };
    let zone = zone_of(tx, raid.chat)?;
    let began = moment(raid.began, &zone);
    let (html, markup) = card(&desk.seal, raid, count, (title, &began), place, lang);
    let shown = format!("{html}{markup}");
    if raid.shown.as_ref() == Some(&shown) {
        return Ok(());
    }
    let Some(row) = raid.card else {
        let effect = Effect::send_html(place, html, Some(markup)).lane(SendLane::Moderation);
        let row = tx.send(&effect, now, None)?;
        return store::put_card(tx, raid.id, place, row, &shown);
    };
    let sent = outbox::get(tx, row)?;
    let Some(message) = sent.and_then(|row| row.message_id()) else {
        // On its way: the next look edits it. A card that was refused is not sent a second time.
        return Ok(());
    };
    tx.send(
        &Effect::edit_html(place, message, html, Some(markup)),
        now,
        None,
    )?;
    store::put_card(tx, raid.id, place, row, &shown)
}

/// Asks for a new link to be told as an answer to a message.
pub(super) fn tell_link(
    tx: &mut Tx<'_>,
    (link, chat, reply_to): (i64, i64, Option<i64>),
    lang: Lang,
    now: Millis,
) -> Result<(), StoreError> {
    let payload = json!({ "link": link, "chat": chat, "to": reply_to, "lang": lang.tag(), "until": now + LINK_PATIENCE });
    tx.enqueue(&Job::new(LINK, payload).at(now + LINK_EVERY), now)?;
    Ok(())
}

/// Tells new links.
pub(super) struct LinkWorker {
    pub(super) desk: Desk,
    pub(super) clock: SharedClock,
}

impl Worker for LinkWorker {
    fn kind(&self) -> &'static str {
        LINK
    }

    fn run<'a>(&'a self, work: &'a mut Work) -> BoxFuture<'a, Result<Done, Trouble>> {
        Box::pin(async move {
            let number = |name: &str| work.payload[name].as_i64();
            let (Some(id), Some(chat), Some(until)) =
                (number("link"), number("chat"), number("until"))
            else {
                return Err(Trouble::Hopeless("it names no link".to_owned()));
            };
            let (to, now) = (number("to"), self.clock.now());
            let lang = Lang::from_tag(work.payload["lang"].as_str());
            let found = self.desk.store.read(move |conn| store::link(conn, id));
            let html = match found.await? {
                None if now < until => return Ok(Done::nothing().again_at(now + LINK_EVERY)),
                None => text(lang, "invite-failed", &[]),
                Some(link) => {
                    let html = text(lang, "invite-link", &[("link", escape(&link).into())]);
                    return Ok(Done::with(move |tx| {
                        store::put_link(tx, id, &link)?;
                        say(tx, chat, to, html, now)
                    }));
                }
            };
            Ok(Done::with(move |tx| say(tx, chat, to, html, now)))
        })
    }
}

fn say(
    tx: &mut Tx<'_>,
    chat: i64,
    to: Option<i64>,
    html: String,
    now: Millis,
) -> Result<(), StoreError> {
    let effect = match to {
        Some(to) => Effect::reply_html(chat, to, None, html, None),
        None => Effect::send_html(chat, html, None),
    };
    tx.send_fleeting(&effect, 5 * fleeting::USUAL, now, None)
        .map(|_row| ())
}
