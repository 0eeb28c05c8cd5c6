//! First of all the message, the person and the group are kept.
use futures_util::future::BoxFuture;

use crate::community::{Community, LaneView, record};
use crate::pipeline::{Flow, Position, Stage, StageError, Walk};
use crate::telegram::event::{Event, Sender};

/// Writes what the update tells of group, person, member and message.
pub struct RecordStage {
    /// Where it is written.
    pub community: Community,
    /// This bot's own id: what it wrote itself goes no further.
    pub own: Option<i64>,
}

impl RecordStage {
    fn is_own(&self, event: &Event) -> bool {
        let sender = match &event.sender {
            Sender::User(user) => Some(user.id),
            _ => None,
        };
        event.kind.is_message() && sender.is_some() && sender == self.own
    }
}

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
        if let Some(news) = self.community.clock_news(walk.event.date, walk.now) {
            let community = self.community.clone();
            walk.write(move |tx| news.write(tx));
            walk.after(Box::pin(async move { community.clock_kept(news) }));
        }
        let writes = record(&self.community, &walk.event, view, walk.now);
        walk.writes.extend(writes);
        let flow = if self.is_own(&walk.event) {
            Flow::End
        } else {
            Flow::On
        };
        Box::pin(std::future::ready(Ok(flow)))
    }
}
