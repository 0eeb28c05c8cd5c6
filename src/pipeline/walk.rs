//! One update on its way through the stages.
use futures_util::future::BoxFuture;

use crate::base::clock::Millis;
use crate::community::LaneView;
use crate::store::{StoreError, Tx};
use crate::telegram::event::Event;
use crate::telegram::sender::{Effect, Send as _};

/// Where in the walk a stage stands. The order is a contract: whoever is not let in is still judged, and
/// what moderation removed never reaches an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Position {
    /// Keep the message, the person, the group.
    Record,
    /// Gather what later stages want to know.
    Context,
    /// May this person write here?
    Gate,
    /// Is it spam or abuse?
    Moderate,
    /// What does it want?
    Route,
    /// Find an answer.
    Answer,
    /// Say it.
    Reply,
}

/// Whether the walk goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// To the next stage.
    On,
    /// Skip what comes after `moderate`.
    Hold,
    /// The walk ends here; what was decided is committed.
    End,
}

/// Why a stage could not finish. The update is tried again, then parked.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An earlier trial, given up for taking too long, has handled it after all.
    #[error("an earlier trial has handled it")]
    HandledBefore,
    /// Anything else, in words for the log.
    #[error("{0}")]
    Other(String),
}

pub use crate::community::Write;

/// One update, and what was decided about it so far.
pub struct Walk {
    /// Its row in the inbox.
    pub seq: i64,
    /// What it says.
    pub event: Event,
    /// When its handling began.
    pub now: Millis,
    /// Held by the gate: judged, but neither routed nor answered.
    pub held: bool,
    /// Stages it went through, for tests and traces.
    pub trace: Vec<&'static str>,
    pub(in crate::pipeline) writes: Vec<Write>,
    pub(in crate::pipeline) after: Vec<BoxFuture<'static, ()>>,
}

impl Walk {
    /// An update at the start of its way.
    pub fn new(seq: i64, event: Event, now: Millis) -> Self {
        Self {
            seq,
            event,
            now,
            held: false,
            trace: Vec::new(),
            writes: Vec::new(),
            after: Vec::new(),
        }
    }

    /// Adds a change to the transaction.
    pub fn write(
        &mut self,
        f: impl FnOnce(&mut Tx<'_>) -> Result<(), StoreError> + Send + 'static,
    ) {
        self.writes.push(Box::new(f));
    }

    /// Adds what is done once the transaction is on disk, as bringing caches up to date. A crash may
    /// come first, so nothing that must happen belongs here.
    pub fn after(&mut self, work: BoxFuture<'static, ()>) {
        self.after.push(work);
    }

    /// Adds a call to Telegram, which leaves after the commit.
    pub fn send(&mut self, effect: Effect) {
        let (now, seq) = (self.now, self.seq);
        self.write(move |tx| {
            tx.send(&effect, now, Some(seq))?;
            Ok(())
        });
    }
}

/// A stage of the walk. Features implement it; `app` registers it.
pub trait Stage: Send + Sync + 'static {
    /// For traces and metrics.
    fn name(&self) -> &'static str;

    /// Where it stands.
    fn position(&self) -> Position;

    /// Looks at one update, and adds what it decides to the walk and the lane's view.
    fn run<'a>(
        &'a self,
        walk: &'a mut Walk,
        view: &'a mut LaneView,
    ) -> BoxFuture<'a, Result<Flow, StageError>>;
}
