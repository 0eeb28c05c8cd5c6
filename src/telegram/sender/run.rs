//! The sender's loop: one task that reads the outbox, makes each call in a task of its own, and writes
//! outcomes in batches.
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::Value;
use serde_json::value::RawValue;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::Shared;
use super::answer::{self, Aftermath};
use super::breaker::{Breaker, BreakerState};
use super::methods::Method;
use super::outbox::feed::{self, Outcome, Page, Request, Settlement};
use super::outbox::{OutboxId, State};
use super::place::{Key, LANES, Waiting};
use super::schedule::{Batch, Pick, Schedule};
use super::status::Status;
use crate::base::clock::Millis;
use crate::base::crash::crash_point;
use crate::store::{Signal, StoreError};
use crate::telegram::api::CallError;

/// Refills in one read.
const REFILLS: usize = 32;
/// How long a failed read or write of the database waits.
const STORE_REST: Duration = Duration::from_secs(1);
/// A step back that is larger than this is a clock that was set.
const CLOCK_SET: Millis = 1_000;
/// Times the status is freshened and places are forgotten are at least so far apart.
const HOUSEKEEPING: Millis = 1_000;

enum News {
    Loaded(Result<Page, StoreError>),
    Marked(Vec<Batch>, Result<Vec<OutboxId>, StoreError>),
    Slow(u64),
    Answered(u64, Batch, Result<Value, CallError>),
    Settled(Vec<Done>, Result<(), StoreError>),
    Probed(Result<Value, CallError>),
}

/// The outcomes of one call.
#[derive(Clone)]
struct Done {
    /// Whose turn is over; None for rows that never got their turn.
    key: Option<Key>,
    settlements: Vec<Settlement>,
}

pub(super) struct Run {
    shared: Arc<Shared>,
    schedule: Schedule,
    breaker: Breaker,
    news: mpsc::UnboundedReceiver<News>,
    tell: mpsc::UnboundedSender<News>,
    tasks: JoinSet<()>,
    /// Calls under way; true when slow, so that it holds no slot.
    calls: HashMap<u64, bool>,
    marking: usize,
    next_call: u64,
    to_mark: Vec<Batch>,
    to_settle: Vec<Done>,
    settling: bool,
    reading: bool,
    read_wanted: bool,
    cursors: [OutboxId; LANES],
    more: [bool; LANES],
    kept_house_at: Millis,
    looked_at: Millis,
    status: Status,
}

impl Run {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        let (tell, news) = mpsc::unbounded_channel();
        let now = shared.clock.now();
        let s = &shared.settings;
        Self {
            schedule: Schedule::new(s.limits.clone(), now),
            breaker: Breaker::new(s.breaker_threshold, s.breaker_first, s.breaker_cap),
            shared,
            news,
            tell,
            tasks: JoinSet::new(),
            calls: HashMap::new(),
            marking: 0,
            next_call: 0,
            to_mark: Vec::new(),
            to_settle: Vec::new(),
            settling: false,
            reading: false,
            read_wanted: true,
            cursors: [0; LANES],
            more: [false; LANES],
            kept_house_at: 0,
            looked_at: now,
            status: Status::default(),
        }
    }

    /// Runs until `shutdown` is true or its sender is gone, then waits for calls under way.
    pub(super) async fn run(
        mut self,
        mut shutdown: watch::Receiver<bool>,
    ) -> Result<(), StoreError> {
        self.recover().await?;
        crash_point("outbox.recovered");
        let mut stopping_since: Option<tokio::time::Instant> = None;
        let shared = self.shared.clone();
        loop {
            while let Ok(news) = self.news.try_recv() {
                self.hear(news)?;
            }
            while self.tasks.try_join_next().is_some() {}
            let now = self.now();
            self.watch_clock(now);
            let mut due = None;
            if stopping_since.is_none() {
                self.read();
                due = self.dispatch(now);
            }
            self.flush();
            self.keep_house(now);
            if let Some(since) = stopping_since {
                let idle = self.calls.is_empty()
                    && self.marking == 0
                    && self.to_settle.is_empty()
                    && !self.settling;
                if idle || since.elapsed() > self.shared.settings.grace {
                    break;
                }
            }
            let tick = self.shared.settings.tick;
            let sleep = due.map_or(tick, |due| {
                Duration::from_millis((due - now).max(0).cast_unsigned()).min(tick)
            });
            tokio::select! {
                news = self.news.recv() => if let Some(news) = news { self.hear(news)? },
                () = shared.store.woken(Signal::Outbox), if stopping_since.is_none() => self.read_wanted = true,
                () = tokio::time::sleep(sleep) => {}
                stop = shutdown.wait_for(|stop| *stop), if stopping_since.is_none() => {
                    // An error means that whoever could say "stop" is gone.
                    let _told_or_gone = stop.is_ok();
                    stopping_since = Some(tokio::time::Instant::now());
                }
            }
        }
        self.status.ended = true;
        self.publish();
        Ok(())
    }

    fn now(&self) -> Millis {
        self.shared.clock.now()
    }

    /// Shortens what waits when the clock was set back.
    fn watch_clock(&mut self, now: Millis) {
        let back = self.looked_at - now;
        if back > CLOCK_SET {
            tracing::info!(seconds = back / 1_000, "the clock was set back");
            self.schedule.set_back(back, now);
        }
        self.looked_at = now;
    }

    async fn recover(&self) -> Result<(), StoreError> {
        loop {
            let now = self.now();
            match self
                .shared
                .store
                .write(move |tx| feed::recover(tx, now))
                .await
            {
                Ok(0) => return Ok(()),
                Ok(unknown) => {
                    tracing::warn!(
                        unknown,
                        "calls were on their way when Beadle stopped; see `beadle outbox unknown`"
                    );
                    return Ok(());
                }
                Err(e) if e.is_passing() => tokio::time::sleep(STORE_REST).await,
                Err(e) => return Err(e),
            }
        }
    }

    /// Starts a read of the outbox if one is wanted and none is on.
    fn read(&mut self) {
        let more = (0..LANES).any(|l| self.more[l] && self.schedule.room(l) >= feed::PAGE / 4);
        if self.reading || !(self.read_wanted || more || self.schedule.is_hungry()) {
            return;
        }
        self.read_wanted = false;
        self.reading = true;
        self.schedule.reading();
        let mut room = [0; LANES];
        for (lane, room) in room.iter_mut().enumerate() {
            *room = self.schedule.room(lane).min(feed::PAGE);
        }
        let request = Request {
            refills: self.schedule.refills(REFILLS),
            cursors: self.cursors,
            room,
        };
        let (shared, tell) = (self.shared.clone(), self.tell.clone());
        self.tasks.spawn(async move {
            let page = shared
                .store
                .read(move |conn| feed::read(conn, request))
                .await;
            if page.is_err() {
                tokio::time::sleep(STORE_REST).await;
            }
            // The loop is gone only when all its tasks are.
            let _loop_is_gone = tell.send(News::Loaded(page));
        });
    }

    /// Picks all calls that may go now. Returns when the next one may.
    fn dispatch(&mut self, now: Millis) -> Option<Millis> {
        let mut due = self.probe(now);
        let mut slots = self.free_slots();
        while self.breaker.state() == BreakerState::Closed && slots > 0 {
            match self.schedule.pick(now) {
                Pick::Wait(until) => {
                    due = until;
                    break;
                }
                Pick::Expired(row) => self.to_settle.push(Done {
                    key: None,
                    settlements: vec![answer::expired(row)],
                }),
                Pick::Call(batch) => {
                    slots -= 1;
                    if batch.rows.iter().all(answer::is_safe) {
                        self.call(batch);
                    } else {
                        self.to_mark.push(batch);
                    }
                }
            }
        }
        self.mark();
        due
    }

    fn free_slots(&self) -> usize {
        let fast = self.calls.values().filter(|slow| !**slow).count();
        let taken = fast + self.marking;
        self.shared.settings.calls.saturating_sub(taken)
    }

    /// Sends the probe of an open breaker when its time has come.
    fn probe(&mut self, now: Millis) -> Option<Millis> {
        if !self.breaker.begin_probe(now) {
            return self.breaker.probe_at();
        }
        let (shared, tell) = (self.shared.clone(), self.tell.clone());
        self.tasks.spawn(async move {
            let result = shared.api.call(Method::GetMe, &serde_json::json!({})).await;
            let _loop_is_gone = tell.send(News::Probed(result));
        });
        None
    }

    /// Commits that unrepeatable calls are on their way; they are made when that is on disk.
    fn mark(&mut self) {
        if self.to_mark.is_empty() {
            return;
        }
        let batches = std::mem::take(&mut self.to_mark);
        self.marking += batches.len();
        let ids: Vec<OutboxId> = batches
            .iter()
            .flat_map(|b| b.rows.iter().map(|row| row.id))
            .collect();
        let (shared, tell) = (self.shared.clone(), self.tell.clone());
        self.tasks.spawn(async move {
            let marked = shared
                .store
                .write(move |tx| feed::mark_sending(tx, &ids))
                .await;
            let _loop_is_gone = tell.send(News::Marked(batches, marked));
        });
    }

    /// Makes a call in a task of its own.
    fn call(&mut self, mut batch: Batch) {
        for row in &mut batch.rows {
            row.attempts += 1;
        }
        let id = self.next_call;
        self.next_call += 1;
        self.calls.insert(id, false);
        let (method, params) = answer::call_of(&batch);
        let (shared, tell) = (self.shared.clone(), self.tell.clone());
        self.tasks.spawn(async move {
            let call = async {
                let params = RawValue::from_string(params).map_err(|e| CallError::Api {
                    code: 400,
                    text: format!("the stored parameters are not JSON: {e}"),
                    retry_after: None,
                    migrate_to: None,
                })?;
                shared.api.call_raw(method, params).await
            };
            tokio::pin!(call);
            let result = tokio::select! {
                result = &mut call => result,
                () = tokio::time::sleep(shared.settings.slow_after) => {
                    let _loop_is_gone = tell.send(News::Slow(id));
                    call.await
                }
            };
            crash_point("outbox.called");
            let _loop_is_gone = tell.send(News::Answered(id, batch, result));
        });
    }

    fn hear(&mut self, news: News) -> Result<(), StoreError> {
        let now = self.now();
        match news {
            News::Loaded(page) => self.take_in(page, now)?,
            News::Marked(batches, marked) => self.marked(batches, marked, now)?,
            News::Slow(id) => {
                if let Some(slow) = self.calls.get_mut(&id) {
                    *slow = true;
                    // It may be the library's sleep after a 5xx: counted now, not in ten seconds.
                    self.breaker.failed(now);
                }
            }
            News::Answered(id, batch, result) => {
                let was_slow = self.calls.remove(&id) == Some(true);
                self.answered(batch, result, was_slow, now);
            }
            News::Settled(done, Ok(())) => {
                crash_point("outbox.settled");
                self.settling = false;
                for done in done {
                    self.release(done, now);
                }
            }
            News::Settled(done, Err(e)) => {
                if matches!(e, StoreError::Closed) {
                    return Err(e);
                }
                tracing::error!(error = %e, rows = done.len(), "the outcome of calls could not be written; trying again");
                self.settling = false;
                self.to_settle.splice(0..0, done);
            }
            News::Probed(result) => match result {
                Err(e) if answer::is_outage(&e) => {
                    self.status.last_failure = Some(e.to_string());
                    self.breaker.probe_failed(now);
                }
                _ => {
                    tracing::info!("Telegram answers again");
                    self.breaker.succeeded();
                }
            },
        }
        Ok(())
    }

    fn take_in(&mut self, page: Result<Page, StoreError>, now: Millis) -> Result<(), StoreError> {
        self.reading = false;
        let page = match page {
            Ok(page) => page,
            Err(StoreError::Closed) => return Err(StoreError::Closed),
            Err(e) => {
                tracing::error!(error = %e, "the outbox cannot be read; trying again");
                self.schedule.read();
                self.read_wanted = true;
                return Ok(());
            }
        };
        for (refill, rows, full) in page.refills {
            self.schedule.refilled(refill, rows, full, now);
        }
        for row in page.lanes.into_iter().flatten() {
            self.schedule.accept(row, now);
        }
        self.schedule.read();
        self.cursors = page.cursors;
        self.more = page.more;
        if !page.foreign.is_empty() {
            tracing::warn!(
                rows = page.foreign.len(),
                "the outbox holds calls that this version does not know"
            );
            let shared = self.shared.clone();
            self.tasks.spawn(async move {
                let ids = page.foreign;
                let written = shared.store.write(move |tx| feed::fail_foreign(tx, &ids, now)).await;
                if let Err(e) = written {
                    tracing::error!(error = %e, "calls that this version does not know stay in the outbox until the next start");
                }
            });
        }
        Ok(())
    }

    fn marked(
        &mut self,
        batches: Vec<Batch>,
        marked: Result<Vec<OutboxId>, StoreError>,
        now: Millis,
    ) -> Result<(), StoreError> {
        self.marking -= batches.len();
        let marked = match marked {
            Ok(marked) => marked,
            Err(StoreError::Closed) => return Err(StoreError::Closed),
            Err(e) => {
                tracing::error!(error = %e, "cannot note that messages go out; they wait");
                for mut batch in batches {
                    for row in batch.rows.drain(..).rev() {
                        let not_before = now + STORE_REST.as_millis() as Millis;
                        self.schedule.put_back(Waiting { not_before, ..row }, now);
                    }
                    self.schedule.release(batch.key, now);
                }
                return Ok(());
            }
        };
        crash_point("outbox.sending_committed");
        for mut batch in batches {
            // A row that is not queued any more was dropped by the operator.
            for row in batch.rows.extract_if(.., |row| !marked.contains(&row.id)) {
                self.schedule.forget(row.id);
            }
            if batch.rows.is_empty() {
                self.schedule.release(batch.key, now);
            } else {
                self.call(batch);
            }
        }
        Ok(())
    }

    fn answered(
        &mut self,
        batch: Batch,
        result: Result<Value, CallError>,
        was_slow: bool,
        now: Millis,
    ) {
        let key = batch.key;
        let aftermath = match result {
            Ok(value) => {
                self.breaker.succeeded();
                answer::done(batch, &value)
            }
            Err(e) => {
                if !answer::is_outage(&e) {
                    self.breaker.succeeded();
                } else {
                    self.status.last_failure = Some(e.to_string());
                    // A slow call was counted when it became slow.
                    if !was_slow {
                        self.breaker.failed(now);
                    }
                }
                let chance = self.shared.random.below(1_000);
                answer::failed(batch, &e, &self.shared.settings, now, chance)
            }
        };
        let Aftermath {
            settlements,
            flood_until,
            report,
        } = aftermath;
        if let Some(until) = flood_until {
            self.status.totals.floods += 1;
            self.schedule.flooded(key, until, now);
        }
        if let Some(report) = report {
            // Nobody listens where nobody asked for reports.
            let _nobody_listens = self.shared.reports.send(report);
        }
        self.to_settle.push(Done {
            key: Some(key),
            settlements,
        });
    }

    /// Writes the outcomes that have come in, all in one transaction; one such write at a time.
    fn flush(&mut self) {
        if self.settling || self.to_settle.is_empty() {
            return;
        }
        self.settling = true;
        let done = std::mem::take(&mut self.to_settle);
        let settlements: Vec<Settlement> =
            done.iter().flat_map(|d| d.settlements.clone()).collect();
        let now = self.now();
        let (shared, tell) = (self.shared.clone(), self.tell.clone());
        self.tasks.spawn(async move {
            crash_point("outbox.settling");
            let written = shared
                .store
                .write(move |tx| feed::settle(tx, &settlements, now))
                .await;
            if written.is_err() {
                tokio::time::sleep(STORE_REST).await;
            }
            let _loop_is_gone = tell.send(News::Settled(done, written));
        });
    }

    /// An outcome is on disk: the row leaves, or waits again; the chat's next call may go.
    fn release(&mut self, done: Done, now: Millis) {
        let totals = &mut self.status.totals;
        for settlement in done.settlements.into_iter().rev() {
            let (id, from) = (settlement.row.id, settlement.row.chat);
            match &settlement.outcome {
                Outcome::Settled { state, .. } => match state {
                    State::Done => totals.done += 1,
                    State::Unknown => totals.unknown += 1,
                    State::Expired => totals.expired += 1,
                    State::Failed | State::Queued | State::Sending => totals.failed += 1,
                },
                Outcome::Overheard { .. } => totals.failed += 1,
                Outcome::Again { .. } => totals.retries += 1,
                Outcome::Moved { to } => {
                    totals.retries += 1;
                    if let Some(from) = from {
                        self.schedule.migrate(from, *to, now);
                    }
                }
            }
            match answer::waits_again(settlement) {
                Some(row) => self.schedule.put_back(row, now),
                None => self.schedule.forget(id),
            }
        }
        if let Some(key) = done.key {
            self.schedule.release(key, now);
        }
    }

    fn keep_house(&mut self, now: Millis) {
        if (now - self.kept_house_at).abs() >= HOUSEKEEPING {
            self.kept_house_at = now;
            if !self.reading {
                self.schedule.prune(now);
            }
            self.status.oldest = self.schedule.oldest();
        }
        self.publish();
    }

    fn publish(&mut self) {
        let slow = self.calls.values().filter(|slow| **slow).count();
        self.status.waiting = self.schedule.waiting();
        self.status.slow_calls = slow;
        self.status.calls = self.calls.len();
        self.status.breaker = self.breaker.state();
        self.status.failures = self.breaker.failures();
        self.status.acts_per_second = self.schedule.acts_rate();
        self.status.paused_until = self.schedule.paused_until();
        self.shared.set_status(&self.status);
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.shared.started.store(false, Ordering::Release);
    }
}
