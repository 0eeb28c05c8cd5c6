//! Longer away than Telegram keeps updates: that some are missing is said, and old beliefs are dropped.
use std::sync::Arc;

use beadle::base::clock::{Clock as _, ShiftedClock, SystemClock};

use crate::support::house::{house_with, judged, part, simulator_with, value, within};

const HOUR: i64 = 3_600_000;

#[tokio::test(flavor = "multi_thread")]
async fn more_than_a_day_away_is_told_and_rights_are_asked_anew() {
    let clock = Arc::new(ShiftedClock::default());
    // A clock that begins in the past, so that at the end it shows the real time.
    clock.shift(-50 * HOUR);
    let sim = simulator_with(|o| o.clock = clock.clone());
    let (group, ann) = (sim.supergroup("The green"), sim.user("Ann"));
    sim.add_bot_admin(group);
    let dir = tempfile::tempdir().unwrap();
    let start = || house_with(&sim, dir.path(), "act", |g| g.clock = clock.clone());
    let shown = || crate::cli::beadle(&["inbox", "--data-dir", dir.path().to_str().unwrap()]);
    let app = start().await;
    judged(&app, group, sim.say(group, ann, "hello")).await;
    let known: Option<String> = value(&app, "SELECT bot_status FROM groups").await;
    assert_eq!(known.as_deref(), Some("administrator"));
    app.stop().await;

    // Twenty hours: nothing is missing.
    clock.shift(20 * HOUR);
    let app = start().await;
    judged(&app, group, sim.say(group, ann, "hello again")).await;
    assert!(!part(&app, "inbox").await.1.contains("away"));
    app.stop().await;
    assert!(!shown().contains("away"));

    // Thirty, while the bot was removed: Telegram has dropped that news.
    sim.kick_bot(group);
    clock.shift(30 * HOUR);
    assert!((clock.now() - SystemClock.now()).abs() < HOUR);
    let app = start().await;
    within(10, "measured", || {
        !app.vitals.health().components.is_empty()
    })
    .await;
    let (ok, detail) = part(&app, "inbox").await;
    assert!(
        ok && detail.contains("away for 30 h") && detail.contains("may be missing"),
        "{detail}"
    );
    let known: Option<String> = value(&app, "SELECT bot_status FROM groups").await;
    assert_eq!(known, None, "what Telegram told then is not believed now");
    let told = "SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'absent_until'";
    let first: i64 = value(&app, told).await;
    app.stop().await;
    let text = shown();
    assert!(
        text.contains("away for 30 h") && text.contains("may be missing"),
        "{text}"
    );
    // Found once: the next start begins from here.
    let app = start().await;
    assert_eq!(value::<i64>(&app, told).await, first);
    app.stop().await;
}
