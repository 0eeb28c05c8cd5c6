//! Walks a lane's waiting updates one after another and commits what they decide together.
use std::sync::Arc;
use std::time::Instant;

use futures_util::future::BoxFuture;
use tracing::Instrument as _;

use super::lanes::Handler;
use super::walk::{Flow, Position, Stage, StageError, Walk, Write};
use crate::base::clock::SharedClock;
use crate::base::crash::crash_point;
use crate::community::{Community, LaneView};
use crate::observe::metrics;
use crate::store::Store;
use crate::telegram::event::{Event, Kind, Sender};
use crate::telegram::intake::{Arrival, inbox};

/// The stages in order, and what they stand on.
pub struct Walker {
    store: Store,
    community: Community,
    clock: SharedClock,
    stages: Vec<Arc<dyn Stage>>,
    decided: Option<Decided>,
}

/// Told the ids of updates whose decisions are on disk; must not block.
pub type Decided = Arc<dyn Fn(&[i64]) + Send + Sync>;

impl Walker {
    /// Sorts the stages into their order, whatever order they were registered in.
    pub fn new(
        store: Store,
        community: Community,
        clock: SharedClock,
        mut stages: Vec<Arc<dyn Stage>>,
        decided: Option<Decided>,
    ) -> Self {
        stages.sort_by_key(|s| s.position());
        Self {
            store,
            community,
            clock,
            stages,
            decided,
        }
    }

    async fn walk(&self, walk: &mut Walk, view: &mut LaneView) -> Result<(), StageError> {
        for stage in &self.stages {
            if walk.held && stage.position() > Position::Moderate {
                break;
            }
            walk.trace.push(stage.name());
            match stage.run(walk, view).await? {
                Flow::On => {}
                Flow::Hold => walk.held = true,
                Flow::End => break,
            }
        }
        Ok(())
    }

    async fn batch(&self, batch: Vec<Arrival>) -> Result<(), StageError> {
        let began = Instant::now();
        let messages = batch.iter().filter(|a| is_message(&a.event.kind)).count();
        let events = batch.iter().map(|a| &a.event);
        let mut view = self.community.view(events, self.clock.now()).await?;
        let ids: Vec<i64> = batch.iter().filter_map(|a| a.event.update_id).collect();
        let mut seqs = Vec::with_capacity(batch.len());
        let mut writes: Vec<Write> = Vec::with_capacity(batch.len() * 4);
        let mut after: Vec<BoxFuture<'static, ()>> = Vec::new();
        for arrival in batch {
            let mut walk = Walk::new(arrival.seq, arrival.event, self.clock.now());
            let span = tracing::info_span!(
                "walk",
                trace_id = walk.seq,
                group_id = walk.event.chat.as_ref().map(|c| c.id),
                user_id = user_of(&walk.event.sender),
                channel_id = channel_of(&walk.event),
            );
            async {
                self.walk(&mut walk, &mut view).await?;
                tracing::debug!(stages = ?walk.trace, held = walk.held, "walked");
                Ok::<(), StageError>(())
            }
            .instrument(span)
            .await?;
            seqs.push(walk.seq);
            writes.append(&mut walk.writes);
            after.append(&mut walk.after);
        }
        crash_point("walk.decided");
        let now = self.clock.now();
        let handled = self
            .store
            .write(move |tx| {
                if !inbox::all_waiting(tx, &seqs)? {
                    return Ok(false);
                }
                for write in writes {
                    write(tx)?;
                }
                for seq in seqs {
                    inbox::mark_handled(tx, seq, now)?;
                }
                Ok(true)
            })
            .await?;
        if !handled {
            return Err(StageError::HandledBefore);
        }
        crash_point("walk.committed");
        let took = began.elapsed();
        for _ in &ids {
            metrics::DECIDE_SECONDS.took(took);
        }
        metrics::UPDATES.add_for("handled", ids.len());
        metrics::MESSAGES.add(messages);
        self.community.remember(view);
        for work in after {
            work.await;
        }
        if let Some(decided) = &self.decided {
            decided(&ids);
        }
        Ok(())
    }
}

fn is_message(kind: &Kind) -> bool {
    matches!(
        kind,
        Kind::Message | Kind::EditedMessage | Kind::ChannelPost | Kind::EditedChannelPost
    )
}

fn user_of(sender: &Sender) -> Option<i64> {
    match sender {
        Sender::User(user) => Some(user.id),
        _ => None,
    }
}

impl Handler for Walker {
    fn handle(&self, batch: Vec<Arrival>) -> BoxFuture<'_, Result<(), StageError>> {
        Box::pin(self.batch(batch))
    }
}

/// The channel that speaks, or in which something was written.
fn channel_of(event: &Event) -> Option<i64> {
    match &event.sender {
        Sender::Channel { chat } | Sender::LinkedChannel { chat } => Some(chat.id),
        _ => event
            .chat
            .as_ref()
            .filter(|c| c.kind == "channel")
            .map(|c| c.id),
    }
}
