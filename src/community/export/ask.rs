//! A person asks for a copy of what is kept of them, once a day; a job makes it and sends it as files.
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::person::{Place, document, part};
use super::store;
use crate::base::clock::Millis;
use crate::community::audit::{Actor, Audit as _, AuditEntry};
use crate::community::erasure::Forget;
use crate::queue::{Done, Enqueue as _, Job, Trouble, Work, Worker};
use crate::store::{StoreError, Tx};
use crate::telegram::sender::{Effect, Send as _};
use crate::texts::{Lang, text};

/// The job.
pub(in crate::community) const KIND: &str = "person.copy";
/// What the audit calls it.
const ACTION: &str = "person.copied";
/// A person may have one copy in so long.
pub const COPY_EVERY: Millis = 24 * 3_600_000;
/// Size of one file, in bytes. Telegram takes fifty megabytes; each file is one row of the outbox.
const FILE: usize = 1 << 20;
/// Files for one person at most: more is for the operator's command line.
const FILES: usize = 20;

/// What became of the question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyAsked {
    /// It will be sent.
    Taken,
    /// There was one already; the next may be had then.
    Not {
        /// Milliseconds UTC.
        before: Millis,
    },
}

/// Asks for a copy to be sent to `person` in private. In the audit, which also counts the day.
///
/// # Errors
/// The database's.
pub fn ask_copy(
    tx: &mut Tx<'_>,
    person: i64,
    lang: Lang,
    now: Millis,
) -> Result<CopyAsked, StoreError> {
    let actor = Actor::User(person);
    if let Some(last) = store::last_asked(tx, &actor.to_string(), ACTION, now - COPY_EVERY)? {
        return Ok(CopyAsked::Not {
            before: last + COPY_EVERY,
        });
    }
    copy_made(tx, actor, person, now)?;
    let job =
        Job::new(KIND, json!({ "person": person, "lang": lang.tag() })).unique(person.to_string());
    tx.enqueue(&job, now)?;
    Ok(CopyAsked::Taken)
}

/// Notes in the audit that `by` has a copy made of what is kept of `person`.
///
/// # Errors
/// The database's.
pub fn copy_made(tx: &mut Tx<'_>, by: Actor, person: i64, now: Millis) -> Result<i64, StoreError> {
    tx.audit(&AuditEntry::new(by, ACTION, format!("user:{person}")), now)
}

/// Makes copies and sends them.
pub struct Copyist {
    /// Whoever keeps something of people.
    pub rooms: Arc<[Arc<dyn Forget>]>,
    /// The database, to read.
    pub store: crate::store::Store,
}

/// How far a copy has come.
#[derive(Default, serde::Serialize, serde::Deserialize)]
struct Cursor {
    place: Place,
    files: usize,
}

impl Worker for Copyist {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn lease(&self) -> Duration {
        Duration::from_secs(300)
    }

    fn run<'a>(&'a self, work: &'a mut Work) -> BoxFuture<'a, Result<Done, Trouble>> {
        Box::pin(async move {
            let Some(person) = work.payload["person"].as_i64() else {
                return Err(Trouble::Hopeless("its payload names nobody".to_owned()));
            };
            let lang = Lang::from_tag(work.payload["lang"].as_str());
            let cursor = work
                .cursor
                .clone()
                .and_then(|c| serde_json::from_value(c).ok());
            let mut cursor: Cursor = cursor.unwrap_or_default();
            loop {
                let (rooms, from, now) = (self.rooms.clone(), cursor.place, work.now());
                let made = self
                    .store
                    .read(move |conn| part(conn, &rooms, person, from, FILE))
                    .await?;
                cursor.files += 1;
                let cut = cursor.files == FILES && made.next.is_some();
                let name = if cursor.files == 1 && made.next.is_none() {
                    "beadle.json".to_owned()
                } else {
                    format!("beadle-{}.json", cursor.files)
                };
                let key = match (made.next, cut) {
                    (_, true) => "copy-cut",
                    (None, _) => "copy-here",
                    (Some(_), _) => "copy-part",
                };
                let caption = text(lang, key, &[("part", cursor.files.to_string().into())]);
                let file = document(person, &made, cursor.files, now);
                let effect = Effect::document(person, &name, file, caption);
                let next = made.next.filter(|_| !cut);
                let Some(next) = next else {
                    return Ok(Done::with(move |tx| {
                        tx.send(&effect, now, None)?;
                        Ok(())
                    })
                    .note(format!("{} files", cursor.files)));
                };
                cursor.place = next;
                let saved: Value = serde_json::to_value(&cursor).map_err(StoreError::from)?;
                work.save(saved, move |tx| tx.send(&effect, now, None).map(|_id| ()))
                    .await?;
            }
        })
    }
}
