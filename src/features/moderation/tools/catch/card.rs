//! The owner learns that a safety catch tripped, and decides: undo, or go on.
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::rules::Kind;
use super::store::{self, Freeze};
use super::{MACHINE, subject, unwind};
use crate::base::clock::{Millis, SharedClock};
use crate::community::audit::{Actor, Audit as _, AuditEntry};
use crate::community::versions::zone_of;
use crate::features::moderation::commands::who;
use crate::features::moderation::order::Desk;
use crate::features::moderation::order::store::treatments;
use crate::pipeline::StageError;
use crate::pipeline::stages::{ChatCommand, Reply, Said};
use crate::queue::{Done, Enqueue as _, Job, Priority, Trouble, Work, Worker};
use crate::store::{Connection, StoreError, Tx};
use crate::telegram::rights::Right;
use crate::telegram::sender::text::name;
use crate::telegram::sender::{Effect, Send as _, SendLane, outbox};
use crate::texts::when::moment;
use crate::texts::{Lang, text};

/// Tells the owner of one freeze.
const TELL: &str = "moderation.freeze";
/// Nobody could be told: tried again after this.
const AGAIN: Millis = 60_000;
/// What the wider undo takes back.
const DAY: Millis = 86_400_000;

/// Asks for the owner to be told.
pub(super) fn tell(tx: &mut Tx<'_>, chat: i64, id: i64, now: Millis) -> Result<(), StoreError> {
    let job = Job::new(TELL, json!({ "freeze": id }))
        .priority(Priority::Urgent)
        .tenant(chat)
        .unique(id.to_string());
    tx.enqueue(&job, now)?;
    Ok(())
}

/// Sends cards of freezes, and again until somebody can be reached.
pub(in crate::features::moderation) struct TellWorker {
    pub(in crate::features::moderation) desk: Desk,
    pub(in crate::features::moderation) clock: SharedClock,
}

impl Worker for TellWorker {
    fn kind(&self) -> &'static str {
        TELL
    }

    fn run<'a>(&'a self, work: &'a mut Work) -> BoxFuture<'a, Result<Done, Trouble>> {
        Box::pin(async move {
            let Some(id) = work.payload["freeze"].as_i64() else {
                return Err(Trouble::Hopeless("the payload names no freeze".to_owned()));
            };
            let now = self.clock.now();
            let found = self
                .desk
                .store
                .read(move |conn| store::get(conn, id))
                .await?;
            let Some(freeze) = found.filter(|f| !f.released && f.place.is_none()) else {
                return Ok(Done::nothing());
            };
            // Before others the owner: whoever was stopped may sit in the log chat.
            let place = match self.desk.owner(freeze.chat).await? {
                Some(owner) => Some(owner),
                None => match self.desk.group(freeze.chat).await? {
                    Some(group) => self.desk.place(&group).await?,
                    None => None,
                },
            };
            let Some(place) = place else {
                return Ok(Done::nothing().again_at(now + AGAIN));
            };
            let seal = self.desk.seal.clone();
            Ok(Done::with(move |tx| {
                let (html, markup) = page(tx, &seal, &freeze, place)?;
                let effect = Effect::send_html(place, html, Some(markup)).lane(SendLane::Reply);
                let row = tx.send(&effect, now, None)?;
                store::seated(tx, id, place, row)
            }))
        })
    }
}

/// Words and buttons of a freeze as it stands.
fn page(
    conn: &Connection,
    seal: &crate::features::moderation::order::seal::Seal,
    f: &Freeze,
    place: i64,
) -> Result<(String, Value), StoreError> {
    let (title, language) = store::title(conn, f.chat)?;
    let lang = Lang::from_tag(language.as_deref());
    let zone = zone_of(conn, f.chat)?;
    let who = match f.source {
        MACHINE => text(lang, "catch-machine", &[]),
        user => {
            let known = treatments::name_of(conn, user)?;
            let known = name(known.as_deref().unwrap_or("…"));
            format!("<a href=\"tg://user?id={user}\">{known}</a>")
        }
    };
    let group = name(title.as_deref().unwrap_or("…"));
    let key = match f.kind {
        Kind::Treatment => "catch-treatment",
        Kind::Ban => "catch-ban",
        Kind::Purge => "catch-purge",
    };
    let since = moment(f.since, &zone);
    let mut lines = vec![
        text(
            lang,
            key,
            &[
                ("group", group.into()),
                ("who", who.into()),
                ("most", f.kind.most().into()),
            ],
        ),
        text(lang, "catch-since", &[("when", since.clone().into())]),
    ];
    let button = |verb: &str, label: String| {
        let data = seal.data("catch", &format!("{verb}:{}", f.id), place);
        json!([{ "text": label, "callback_data": data }])
    };
    let mut rows = Vec::new();
    if let Some(from) = f.undo_since {
        let key = if f.undo_done {
            "catch-undone"
        } else {
            "catch-undoing"
        };
        let args = [
            ("count", f.undone.into()),
            ("when", moment(from, &zone).into()),
        ];
        lines.push(text(lang, key, &args));
    } else {
        let label = text(lang, "button-catch-undo", &[("when", since.into())]);
        rows.push(button("undo", label));
        rows.push(button("day", text(lang, "button-catch-day", &[])));
    }
    if f.released {
        lines.push(text(lang, "catch-released", &[]));
    } else {
        rows.push(button("go", text(lang, "button-catch-go", &[])));
    }
    Ok((lines.join("\n"), json!({ "inline_keyboard": rows })))
}

/// Puts the card as it stands in place of what it said.
pub(super) fn refresh(
    tx: &mut Tx<'_>,
    seal: &crate::features::moderation::order::seal::Seal,
    id: i64,
    now: Millis,
) -> Result<(), StoreError> {
    let Some(f) = store::get(tx, id)? else {
        return Ok(());
    };
    let row = f
        .outbox
        .map(|row| outbox::get(tx, row))
        .transpose()?
        .flatten();
    let message = row.and_then(|row| row.message_id());
    if let (Some(place), Some(message)) = (f.place, message) {
        let (html, markup) = page(tx, seal, &f, place)?;
        tx.send(
            &Effect::edit_html(place, message, html, Some(markup)),
            now,
            None,
        )?;
    }
    Ok(())
}

/// Answers the buttons of such a card.
pub(in crate::features::moderation) struct CatchCommand(pub(in crate::features::moderation) Desk);

impl ChatCommand for CatchCommand {
    fn names(&self) -> &'static [&'static str] {
        &["catch"]
    }

    fn answer<'a>(&'a self, said: Said<'a>) -> BoxFuture<'a, Result<Reply, StageError>> {
        Box::pin(async move { self.tap(&said).await })
    }
}

impl CatchCommand {
    async fn tap(&self, said: &Said<'_>) -> Result<Reply, StageError> {
        let lang = said.lang;
        let gone = || Reply::Alert(text(lang, "alert-card-gone", &[]));
        let (Some(callback), Some(place)) = (&said.event.callback, &said.event.chat) else {
            return Ok(Reply::Silence);
        };
        let payload = self.0.seal.open("catch", said.args, place.id);
        let parts = payload.and_then(|p| p.split_once(':'));
        let Some((verb, id)) =
            parts.and_then(|(verb, id)| Some((verb.to_owned(), id.parse().ok()?)))
        else {
            return Ok(gone());
        };
        let found = self.0.store.read(move |conn| store::get(conn, id)).await?;
        let Some(f) = found.filter(|f| f.place == Some(place.id)) else {
            return Ok(gone());
        };
        let by = callback.from.id;
        // The owner always; whoever was stopped never decides about themselves.
        match self.0.rights.powers_now(f.chat, by).await {
            Ok(Some(powers)) if powers.is_owner() => {}
            // Behind "an anonymous admin" may be whoever presses.
            Ok(_) if by == f.source || who::is_anonymous(f.source) => {
                return Ok(Reply::Alert(text(lang, "alert-catch-owner", &[])));
            }
            Ok(_) => {
                let chat = f.chat;
                let frozen = self
                    .0
                    .store
                    .read(move |conn| store::is_frozen(conn, chat, by));
                if frozen.await? {
                    return Ok(Reply::Alert(text(lang, "alert-frozen", &[])));
                }
                match self.0.may(chat, by, Right::Restrict, true).await {
                    Ok(true) => {}
                    Ok(false) => return Ok(Reply::Alert(text(lang, "alert-no-right", &[]))),
                    Err(_) => return Ok(Reply::Alert(text(lang, "alert-rights-unknown", &[]))),
                }
            }
            Err(_) => return Ok(Reply::Alert(text(lang, "alert-rights-unknown", &[]))),
        }
        let (seal, now) = (self.0.seal.clone(), said.now);
        Ok(Reply::decide(move |tx| {
            let (changed, key) = match verb.as_str() {
                "go" => (store::release(tx, &f, by, now)?, "toast-catch-go"),
                "undo" | "day" => {
                    let since = if verb == "day" {
                        f.since.min(now - DAY)
                    } else {
                        f.since
                    };
                    let first = store::undo_from(tx, id, since, by)?;
                    if first {
                        unwind::ask(tx, f.chat, id, now)?;
                    }
                    (first, "toast-catch-undo")
                }
                _ => (false, ""),
            };
            if !changed {
                return Ok(Reply::Alert(text(lang, "alert-catch-late", &[])));
            }
            let note = AuditEntry::new(Actor::User(by), "moderation.catch", subject(f.source))
                .in_chat(f.chat)
                .with(json!({ "freeze": id, "choice": verb }));
            tx.audit(&note, now)?;
            refresh(tx, &seal, id, now)?;
            Ok(Reply::Toast(text(lang, key, &[])))
        }))
    }
}
