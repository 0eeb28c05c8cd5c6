//! Verdicts are counted once, however often their commit is tried.
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use beadle::community::LaneView;
use beadle::config::Env;
use beadle::observe::metrics;
use beadle::pipeline::{Flow, Position, Stage, StageError, Walk};
use beadle::store::StoreError;
use futures_util::future::BoxFuture;

use crate::support::house::{SPAM, house_with, is_removed, judged, simulator, within};

/// Its write for one message fails twice.
#[derive(Default)]
struct Stumbles(Arc<AtomicUsize>);

impl Stage for Stumbles {
    fn name(&self) -> &'static str {
        "stumbles"
    }

    fn position(&self) -> Position {
        // After the verdict, so that its rows are written when this fails.
        Position::Reply
    }

    fn run<'a>(
        &'a self,
        walk: &'a mut Walk,
        _: &'a mut LaneView,
    ) -> BoxFuture<'a, Result<Flow, StageError>> {
        let times = self.0.clone();
        if walk.event.texts.iter().any(|t| t.text.contains("chairs")) {
            walk.write(move |_| match times.fetch_add(1, Ordering::Relaxed) {
                0 | 1 => Err(StoreError::Invalid("it stumbles".to_owned())),
                _ => Ok(()),
            });
        }
        Box::pin(std::future::ready(Ok(Flow::On)))
    }
}

/// What a child does, for the counters are the whole process's; without the variable nothing.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "runs as a child of the test beside it"]
async fn child_that_counts() {
    if Env::from_process().get("COUNT_TEST_CHILD").is_none() {
        return;
    }
    let (sim, dir) = (simulator(), tempfile::tempdir().unwrap());
    let group = sim.supergroup("The green");
    sim.add_bot_admin(group);
    let stumbles = Stumbles::default();
    let times = stumbles.0.clone();
    let app = house_with(&sim, dir.path(), "act", |ground| {
        ground.stages.push(Arc::new(stumbles));
    })
    .await;
    let spam = sim.say(group, sim.user("Kevin"), SPAM);
    within(20, "removed", || is_removed(&sim, group, spam)).await;
    let last = sim.say(
        group,
        sim.user("Ann"),
        "Good morning, who brings the chairs?",
    );
    judged(&app, group, last).await;
    within(20, "counted", || metrics::VERDICTS.get("clear") > 0).await;
    assert_eq!(times.load(Ordering::Relaxed), 3, "it stumbled twice");
    assert_eq!(
        (
            metrics::VERDICTS.get("spam"),
            metrics::SPAM.get("delete"),
            metrics::VERDICTS.get("clear")
        ),
        (1, 1, 1)
    );
    app.stop().await;
}

#[test]
fn a_verdict_whose_commit_fails_is_counted_once() {
    let out = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "verdict_counts::child_that_counts"])
        .args(["--ignored", "--nocapture", "--test-threads", "1"])
        .env("COUNT_TEST_CHILD", "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&out.stdout);
    assert!(
        out.status.success() && said.contains("1 passed"),
        "{said}\n{}",
        String::from_utf8_lossy(&out.stderr)
    );
}
