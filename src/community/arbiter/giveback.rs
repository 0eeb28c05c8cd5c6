//! A group gets its own permissions back: they are kept until Telegram has taken them, however often it must be asked.
use std::time::Duration;

use futures_util::future::BoxFuture;
use serde_json::json;

use super::permissions::Permissions;
use super::{chat, jobs, store};
use crate::base::clock::Millis;
use crate::community::events::Emit as _;
use crate::community::{group_on_disk, reach};
use crate::config::Mode;
use crate::queue::{Done, Enqueue as _, Job, Priority, Trouble, Work, Worker};
use crate::store::{StoreError, Tx};
use crate::telegram::sender::outbox::{self, State};
use crate::telegram::sender::text::name;
use crate::telegram::sender::{Effect, Method, OutboxId, Send as _, Sender};
use crate::texts::{Lang, text};

/// Gives a group back what it allowed its members.
const KIND: &str = "arbiter.giveback";
/// After the call it is looked at so soon, and so often while it is on its way.
const SOON: Millis = 2_000;
const ON_ITS_WAY: Millis = 30_000;
/// A refused call is made again after so long, each time twice as long, and once a day at least.
const AGAIN: Millis = 600_000;
const DAY: Millis = 86_400_000;
/// A question about a group is given up after this.
const PATIENCE: Duration = Duration::from_secs(5);

/// Looks after the call `row` until it is done. `tries` were refused before it.
pub(super) fn watch(
    tx: &mut Tx<'_>,
    chat: i64,
    row: OutboxId,
    tries: i64,
    now: Millis,
) -> Result<(), StoreError> {
    tx.enqueue(&look(chat, row, tries, now + SOON), now)
        .map(|_job| ())
}

fn look(chat: i64, row: OutboxId, tries: i64, at: Millis) -> Job {
    let payload = json!({ "chat": chat, "row": row, "tries": tries });
    Job::new(KIND, payload)
        .priority(Priority::Urgent)
        .at(at)
        .tenant(chat)
        .standing()
}

/// Asks for the call to be made again at `at`.
pub(super) fn again(chat: i64, tries: i64, at: Millis) -> Job {
    Job::new(KIND, json!({ "chat": chat, "tries": tries }))
        .priority(Priority::Urgent)
        .at(at)
        .unique(format!("{chat}:{at}"))
        .tenant(chat)
        .standing()
}

/// Beadle may restrict people in a group again: what it owes the group is given back now.
pub(super) fn owed(tx: &mut Tx<'_>, chat: i64, now: Millis) -> Result<(), StoreError> {
    if is_owed(tx, chat)? {
        tx.enqueue(&again(chat, 1, now), now)?;
    }
    Ok(())
}

/// Whether a group on which nothing stands any more waits for its permissions.
fn is_owed(tx: &Tx<'_>, chat: i64) -> Result<bool, StoreError> {
    Ok(store::chat_held(tx, chat)?.is_some() && store::chat_standing(tx, chat)?.is_empty())
}

/// The work of it; groups are asked about through `sender`.
pub(super) struct GiveBack {
    pub(super) sender: Sender,
}

impl Worker for GiveBack {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn run<'a>(&'a self, work: &'a mut Work) -> BoxFuture<'a, Result<Done, Trouble>> {
        Box::pin(async move {
            let number = |name: &str| work.payload[name].as_i64();
            let Some(chat) = number("chat") else {
                return Err(Trouble::Hopeless("it names no group".to_owned()));
            };
            let (row, tries) = (number("row"), number("tries").unwrap_or(0));
            let now = work.now();
            // What a retry is decided on: somebody may have set the permissions by hand meanwhile.
            let (current, owner) = match row {
                None => (jobs::current(&self.sender, chat).await, None),
                Some(_) => (None, owner(&self.sender, chat).await),
            };
            Ok(Done::with(move |tx| match row {
                Some(row) => settle(tx, chat, (row, tries), owner, now),
                None => retry(tx, chat, tries, current, now),
            }))
        })
    }
}

/// The owner of a group, where Telegram says who it is.
async fn owner(sender: &Sender, chat: i64) -> Option<i64> {
    let question = json!({ "chat_id": chat });
    let asked = sender.ask(Method::GetChatAdministrators, &question);
    let list = tokio::time::timeout(PATIENCE, asked).await.ok()?.ok()?;
    let owner = list.as_array()?.iter().find(|m| m["status"] == "creator")?;
    owner.pointer("/user/id")?.as_i64()
}

/// What became of the call.
fn settle(
    tx: &mut Tx<'_>,
    chat: i64,
    (row, tries): (OutboxId, i64),
    owner: Option<i64>,
    now: Millis,
) -> Result<(), StoreError> {
    let chat = store::today(tx, chat)?;
    if !is_owed(tx, chat)? {
        return Ok(());
    }
    // Settled so long ago that it is not kept any more is done.
    match outbox::get(tx, row)?.map(|row| row.state) {
        None | Some(State::Done) => store::forget_chat_held(tx, chat),
        Some(State::Queued | State::Sending | State::Unknown) => {
            let job = look(chat, row, tries, now + ON_ITS_WAY);
            tx.enqueue(&job, now).map(|_job| ())
        }
        Some(State::Failed | State::Expired) => {
            if let (0, Some(owner)) = (tries, owner) {
                tell(tx, chat, owner, now)?;
            }
            // Where Beadle is not any more there is nothing to try; should it come back, it is tried again.
            if store::place(tx, chat, 0)?.away {
                return Ok(());
            }
            let due = now + (AGAIN << tries.clamp(0, 10)).min(DAY);
            tx.enqueue(&again(chat, tries + 1, due), now).map(|_job| ())
        }
    }
}

fn retry(
    tx: &mut Tx<'_>,
    chat: i64,
    tries: i64,
    current: Option<Permissions>,
    now: Millis,
) -> Result<(), StoreError> {
    let chat = store::today(tx, chat)?;
    let Some(held) = store::chat_held(tx, chat)? else {
        return Ok(());
    };
    if !is_owed(tx, chat)? {
        return Ok(());
    }
    // As they were, or as somebody has set them by hand since: they are theirs.
    if current.is_some_and(|current| current != held.told) {
        let subject = format!("chat:{chat}");
        tx.event("chat.overruled", Some(chat), &subject, &json!({}), now)?;
        return store::forget_chat_held(tx, chat);
    }
    let row = chat::say(tx, chat, held.own, now, None)?;
    watch(tx, chat, row, tries, now)
}

/// The owner learns that the group is locked, and what they can do.
fn tell(tx: &mut Tx<'_>, chat: i64, owner: i64, now: Millis) -> Result<(), StoreError> {
    let group = group_on_disk(tx, chat, Mode::default())?;
    let own = reach::language(tx, owner)?;
    let tag = own.or(group.as_ref().and_then(|g| g.language.clone()));
    let title = group.and_then(|g| g.title);
    let title = name(title.as_deref().unwrap_or("…"));
    let words = text(
        Lang::from_tag(tag.as_deref()),
        "chat-locked",
        &[("group", title.into())],
    );
    tx.send(&Effect::send_html(owner, words, None), now, None)
        .map(|_row| ())
}
