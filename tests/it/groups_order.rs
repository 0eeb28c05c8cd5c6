//! The order of the walk is a contract: what was removed is never answered, who is held is still judged.
use std::sync::{Arc, Mutex};

use beadle::community::LaneView;
use beadle::pipeline::{Flow, Position, Stage, StageError, Walk};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use crate::support::house::{SPAM, answer, house_with, is_removed, judged, simulator};
use crate::support::until;

type Traces = Arc<Mutex<Vec<(i64, Vec<&'static str>)>>>;

/// Stands anywhere in the walk, holds what begins with `/help me`, and notes how each walk went so far.
struct Watch(&'static str, Position, Traces);

impl Stage for Watch {
    fn name(&self) -> &'static str {
        self.0
    }

    fn position(&self) -> Position {
        self.1
    }

    fn run<'a>(
        &'a self,
        walk: &'a mut Walk,
        _: &'a mut LaneView,
    ) -> BoxFuture<'a, Result<Flow, StageError>> {
        let message = walk.event.message_id.unwrap_or(0);
        self.2.lock().unwrap().push((message, walk.trace.clone()));
        let hold = self.1 == Position::Gate
            && walk
                .event
                .texts
                .iter()
                .any(|t| t.text.starts_with("/help me"));
        let flow = if hold { Flow::Hold } else { Flow::On };
        std::future::ready(Ok(flow)).boxed()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn removed_messages_are_not_answered_and_held_ones_are_judged_only() {
    let sim = simulator();
    let (group, ann) = (sim.supergroup("The green"), sim.user("Ann"));
    sim.add_bot_admin(group);
    let dir = tempfile::tempdir().unwrap();
    let traces = Traces::default();
    let app = house_with(&sim, dir.path(), "act", |ground| {
        // Registered in the wrong order.
        for (name, position) in [
            ("last", Position::Reply),
            ("answer", Position::Answer),
            ("door", Position::Gate),
            ("context", Position::Context),
        ] {
            ground
                .stages
                .push(Arc::new(Watch(name, position, traces.clone())));
        }
    })
    .await;
    let plain = sim.say(group, ann, "Good morning, neighbours");
    let asked = sim.say(group, ann, "/help");
    let spam = sim.say(group, sim.user("Eve"), &format!("/help {SPAM}"));
    let held = sim.say(group, ann, "/help me please");
    let held_spam = sim.say(group, sim.user("Mal"), &format!("/help me! {SPAM}"));
    let after = sim.say(group, ann, "And good night");
    let whole = |message| {
        let of = |m: &&(i64, Vec<&str>)| m.0 == message;
        let all = traces.lock().unwrap();
        all.iter().rfind(of).map(|(_, t)| t.clone())
    };
    until("all walked", || {
        whole(after).is_some_and(|t| t.last() == Some(&"last"))
    })
    .await;
    let order = [
        "record",
        "admission",
        "context",
        "gate",
        "door",
        "moderate",
        "notices",
        "value",
        "route",
        "captcha",
        "house-answers",
        "answer",
        "last",
    ];
    assert_eq!(whole(plain).unwrap(), order);
    // Up to where each went: the door sees everybody, `answer` and `last` only who is let through.
    assert_eq!(
        whole(asked).unwrap(),
        order[..5],
        "route answered and ended"
    );
    for message in [spam, held, held_spam] {
        assert_eq!(whole(message).unwrap(), order[..5], "{message}");
    }
    until("answered", || answer(&sim, group, asked).is_some()).await;
    until("removed", || {
        is_removed(&sim, group, spam) && is_removed(&sim, group, held_spam)
    })
    .await;
    assert_eq!(judged(&app, group, held).await.band, "clear");
    for message in [spam, held, held_spam] {
        assert_eq!(answer(&sim, group, message), None);
    }
    // One answer to /help and one note of removals: nothing else was said.
    let open = || {
        let all = sim.bot_messages(group).into_iter();
        // What one person is told about their own message, nobody else sees.
        all.filter(|m| m.receiver.is_none()).count()
    };
    until("noted", || open() >= 2).await;
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    assert_eq!(open(), 2);
    app.stop().await;
    assert!(sim.call_violations().is_empty());
}
