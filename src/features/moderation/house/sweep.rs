//! The stage that removes Telegram's own notices of the kinds a group does not want, and asks for greetings.
use futures_util::future::BoxFuture;

use super::greet;
use super::settings::HouseSettings;
use crate::community::LaneView;
use crate::pipeline::{Flow, Position, Stage, StageError, Walk};
use crate::telegram::event::Kind;
use crate::telegram::sender::{Effect, SendLane};

/// Looks at service messages and changes of membership.
pub(super) struct SweepStage;

impl Stage for SweepStage {
    fn name(&self) -> &'static str {
        "notices"
    }

    fn position(&self) -> Position {
        Position::Moderate
    }

    fn run<'a>(
        &'a self,
        walk: &'a mut Walk,
        view: &'a mut LaneView,
    ) -> BoxFuture<'a, Result<Flow, StageError>> {
        look(walk, view);
        Box::pin(std::future::ready(Ok(Flow::On)))
    }
}

fn look(walk: &mut Walk, view: &LaneView) {
    let Some(group) = walk
        .event
        .chat
        .as_ref()
        .and_then(|c| view.groups.get(&c.id))
        .cloned()
    else {
        return;
    };
    greet::look(walk, group.id);
    let (Some(service), Some(message), Kind::Message) =
        (&walk.event.service, walk.event.message_id, &walk.event.kind)
    else {
        return;
    };
    let settings = HouseSettings::of(&group);
    if group.can_act() && settings.clean.iter().any(|notice| notice.is(service)) {
        // Nobody is harmed by waiting a moment: people's messages go first.
        walk.send(Effect::delete(group.id, message).lane(SendLane::Other));
    }
}
