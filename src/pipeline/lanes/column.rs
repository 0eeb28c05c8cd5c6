//! All waiting updates one behind another, whatever their lanes: after unclean ends, and as long as the lanes
//! of some are not known, because they were kept before they were read.
use std::collections::HashSet;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::{CALM, Desk, LANE_ROOM, Lanes};
use crate::store::StoreError;
use crate::telegram::intake::{UNREAD, Waiting, inbox};

/// Between two looks whether the lanes have come to rest.
const PAUSE: Duration = Duration::from_millis(10);

/// Where the column stands. While there is one, no lane runs: an update that was not read may be of any chat,
/// and what its chat sent before and after it must not be handled beside it.
#[derive(Default)]
pub(super) struct Column {
    /// The last row handled.
    after: i64,
    /// It goes on up to this row, the last one whose lane is not known or that is taken up carefully.
    until: i64,
    /// The last row that was begun when the process ended.
    suspect: i64,
    /// Lanes with updates that may come after `until`.
    behind: HashSet<i64>,
    /// Updates came after the last look into the inbox began.
    more: bool,
    /// An old row waits anew.
    again: bool,
}

impl Column {
    /// One that takes up what was left: all of it with `careful`, else up to the last one that was not read.
    /// None when nothing calls for it.
    pub(super) fn of(left: &inbox::Left, careful: bool) -> Option<Self> {
        let until = if careful { left.last } else { left.unread }?;
        Some(Self {
            after: left.first.unwrap_or(1) - 1,
            until,
            suspect: left.suspect.filter(|_| careful).unwrap_or(0),
            behind: left.lanes.iter().copied().collect(),
            ..Self::default()
        })
    }

    /// Leaves an update that came, in the inbox, to be taken up from there.
    pub(super) fn leave(&mut self, waiting: &Waiting) {
        self.more = true;
        if waiting.is_unread() {
            self.until = self.until.max(waiting.seq);
        } else {
            self.behind.insert(waiting.lane());
        }
    }

    /// Looks through the inbox again, from its beginning.
    pub(super) fn look_again(&mut self, lane: i64) {
        self.again = true;
        self.behind.insert(lane);
    }

    /// Whether a suspect is ahead: nothing else may happen then.
    pub(super) fn is_suspicious(&self) -> bool {
        self.after < self.suspect
    }
}

impl Lanes {
    /// Handles what waits, one after another and each counted before it is begun, until nothing waits or all
    /// that waits has a lane; then the lanes go on.
    pub(super) async fn run_column(&self) {
        while self.lock().lanes.values().any(|lane| lane.running) {
            if self.stopping() {
                return;
            }
            self.sleep(PAUSE).await;
        }
        while !self.stopping() {
            let after = {
                let mut desk = self.lock();
                let Some(column) = &mut desk.column else {
                    return;
                };
                if std::mem::take(&mut column.again) {
                    column.after = 0;
                }
                column.more = false;
                column.after
            };
            let (rows, unread) = match self.look(after).await {
                Ok(found) => found,
                Err(e) => {
                    tracing::error!(error = %e, "the inbox cannot be read; trying again");
                    self.sleep(Duration::from_secs(1)).await;
                    continue;
                }
            };
            if let (Some(column), Some(unread)) = (&mut self.lock().column, unread) {
                column.until = column.until.max(unread);
            }
            if rows.is_empty() && self.hand_over(i64::MAX) {
                return;
            }
            for waiting in rows {
                let seq = waiting.seq;
                if self.stopping() || self.hand_over(seq) {
                    return;
                }
                if !self.one(waiting).await {
                    break;
                }
            }
        }
    }

    /// The next rows, and the last one whose lane is not known.
    async fn look(&self, after: i64) -> Result<(Vec<Waiting>, Option<i64>), StoreError> {
        let look = self.0.store.read(move |conn| {
            let rows = inbox::load_all(conn, after, LANE_ROOM)?;
            Ok((rows, inbox::last_unread(conn)?))
        });
        look.await
    }

    /// Handles one; false when older ones wait anew.
    async fn one(&self, waiting: Waiting) -> bool {
        let seq = waiting.seq;
        let suspicious = self
            .lock()
            .column
            .as_ref()
            .is_some_and(Column::is_suspicious);
        if suspicious && waiting.attempts > 0 {
            self.sleep(CALM).await;
        }
        self.0.in_memory.fetch_add(1, Ordering::Relaxed);
        self.0.busy.fetch_add(1, Ordering::Relaxed);
        self.settle(vec![waiting], true).await;
        self.0.busy.fetch_sub(1, Ordering::Relaxed);
        self.0.in_memory.fetch_sub(1, Ordering::Relaxed);
        let mut desk = self.lock();
        let Some(column) = &mut desk.column else {
            return false;
        };
        column.after = seq;
        if suspicious && !column.is_suspicious() {
            self.0.calm.send_replace(true);
        }
        !column.again
    }

    /// Ends the column when the next row, `seq`, is behind it, and starts the lanes that have something to do.
    fn hand_over(&self, seq: i64) -> bool {
        let behind = {
            let mut desk = self.lock();
            let Desk { lanes, column } = &mut *desk;
            let over = column.as_ref().is_none_or(|c| {
                let empty = seq == i64::MAX;
                !c.again && if empty { !c.more } else { seq > c.until }
            });
            if !over {
                return false;
            }
            let mut behind = column.take().map(|c| c.behind).unwrap_or_default();
            behind.remove(&UNREAD);
            for key in &behind {
                let lane = lanes.entry(*key).or_default();
                (lane.running, lane.spilled, lane.more) = (true, true, true);
            }
            behind
        };
        self.0.calm.send_replace(true);
        self.start(behind);
        true
    }
}
