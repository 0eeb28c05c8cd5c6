//! Looks at the lists when it is time, and puts what is new in place of what was.
use std::time::Duration;

use futures_util::future::BoxFuture;
use serde_json::json;

use super::book::{Entry, shown};
use super::fetch::{Fetched, fetch};
use super::{Lists, store};
use crate::base::clock::{Millis, SharedClock};
use crate::queue::{
    Done, Enqueue as _, Job, Priority, Schedule, Timetable as _, Trouble, Work, Worker,
};
use crate::store::{StoreError, Tx};

/// The kind of job.
pub const KIND: &str = "lists.refresh";
/// All lists together take no longer than this.
const LEASE: Duration = Duration::from_secs(20 * 60);

/// The job that looks at the lists that are due.
pub fn job() -> Job {
    Job::new(KIND, json!({}))
        .priority(Priority::Low)
        .unique("all")
}

/// At every start: a look now, and every few minutes, when there are lists.
pub(super) fn stand(tx: &mut Tx<'_>, lists: &Lists, now: Millis) -> Result<(), StoreError> {
    let (book, sources) = (store::book(tx)?, lists.sources());
    if sources.is_empty() && book.0.is_empty() {
        tx.unschedule(KIND)?;
        return Ok(());
    }
    let mut book = book.of(sources);
    for (at, entry) in book.0.iter_mut().enumerate() {
        // The copy was deleted or is damaged.
        if !lists.has(at) && entry.fetched_at.is_some() {
            *entry = Entry::new(&entry.source);
        }
    }
    store::put_book(tx, &book)?;
    if sources.is_empty() {
        tx.unschedule(KIND)?;
    } else {
        tx.schedule(&Schedule::new(job(), "*/5 * * * *"), now)?;
        tx.enqueue(&job(), now)?;
    }
    Ok(())
}

/// The worker.
pub(super) struct RefreshWorker {
    pub(super) lists: Lists,
    pub(super) clock: SharedClock,
}

impl Worker for RefreshWorker {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn lease(&self) -> Duration {
        LEASE
    }

    fn run<'a>(&'a self, work: &'a mut Work) -> BoxFuture<'a, Result<Done, Trouble>> {
        Box::pin(async move {
            let book = work.read(store::book).await?;
            let book = book.of(self.lists.sources());
            let (mut done, mut notes) = (Done::nothing(), Vec::new());
            for (at, mut entry) in book.0.into_iter().enumerate() {
                if !entry.is_due(self.clock.now()) {
                    continue;
                }
                self.look(at, &mut entry).await;
                notes.push(match &entry.error {
                    Some(error) => format!("{}: {error}", shown(&entry.source)),
                    None => format!("{}: {} ids", shown(&entry.source), entry.ids),
                });
                let sources = self.lists.sources().to_vec();
                // Only this entry: what the operator asked for meanwhile of another stays.
                done = done.and(move |tx| {
                    let mut book = store::book(tx)?.of(&sources);
                    if let Some(kept) = book.0.iter_mut().find(|e| e.source == entry.source) {
                        *kept = entry;
                    }
                    store::put_book(tx, &book)
                });
            }
            Ok(match notes.is_empty() {
                true => done,
                false => done.note(notes.join("; ")),
            })
        })
    }
}

impl RefreshWorker {
    async fn look(&self, at: usize, entry: &mut Entry) {
        let source = shown(&entry.source);
        match self.take(at, entry).await {
            Ok(taken) => {
                let now = self.clock.now();
                entry.went_well(taken, self.lists.every(), now);
                tracing::info!(source, ids = entry.ids, "a ban list is up to date");
            }
            Err(why) => {
                entry.failed(&why, self.clock.now());
                tracing::warn!(
                    source,
                    failures = entry.failures,
                    error = why,
                    "a ban list could not be refreshed; the copy at hand stays in use"
                );
            }
        }
    }

    /// What is new in a source, in place; None where it is as it was.
    async fn take(
        &self,
        at: usize,
        entry: &Entry,
    ) -> Result<Option<(u64, super::fetch::Version)>, String> {
        // Without the copy its version says nothing.
        let known = self.lists.has(at).then_some(&entry.version);
        match fetch(&entry.source, known, self.lists.limits()).await? {
            Fetched::Same => Ok(None),
            Fetched::New(ids, version) => {
                let count = ids.len() as u64;
                if let Some(doubt) = entry.doubt(count) {
                    return Err(doubt);
                }
                self.lists.put(at, ids).await?;
                Ok(Some((count, version)))
            }
        }
    }
}
