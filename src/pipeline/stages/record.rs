//! First of all the message, the person and the group are kept.
use futures_util::future::BoxFuture;

use crate::community::{Community, LaneView, record};
use crate::pipeline::{Flow, Position, Stage, StageError, Walk};

/// Writes what the update tells of group, person, member and message.
pub struct RecordStage(pub Community);

impl Stage for RecordStage {
    fn name(&self) -> &'static str {
        "record"
    }

    fn position(&self) -> Position {
        Position::Record
    }

    fn run<'a>(
        &'a self,
        walk: &'a mut Walk,
        view: &'a mut LaneView,
    ) -> BoxFuture<'a, Result<Flow, StageError>> {
        let writes = record(&self.0, &walk.event, view, walk.now);
        walk.writes.extend(writes);
        Box::pin(std::future::ready(Ok(Flow::On)))
    }
}
