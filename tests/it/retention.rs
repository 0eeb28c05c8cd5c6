//! How long things are kept is a setting: what deletes and what `/privacy` says go by it, at once; a group may keep
//! words for less.
use std::sync::Arc;

use beadle::app::{App, Ground};
use beadle::base::clock::{Clock as _, ShiftedClock};
use beadle::config::{Env, Flags, Retention, Settings};
use beadle::queue::{Enqueue as _, Job, store as rows};
use beadle::telegram::simulator::Simulator;
use serde_json::json;

use crate::support::TOKEN;
use crate::support::house::{answer, simulator, value, within};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

fn loaded(vars: &[(&str, &str)]) -> Result<Settings, Vec<String>> {
    let mut all = vec![
        ("TELEGRAM_BOT_TOKEN", TOKEN),
        ("BEADLE_DATA_DIR", "nowhere"),
    ];
    all.extend_from_slice(vars);
    Settings::load(&Flags::default(), &Env::of(&all))
        .map(|(settings, _)| settings)
        .map_err(|e| e.0)
}

fn settings_of(sim: &Simulator, dir: &std::path::Path, more: &[(&str, &str)]) -> Settings {
    let url = sim.url();
    let mut vars = vec![
        ("TELEGRAM_BOT_TOKEN", sim.token()),
        ("BEADLE_TELEGRAM_API_URL", &url),
        ("BEADLE_DATA_DIR", dir.to_str().unwrap()),
        ("BEADLE_HTTP_LISTEN", "127.0.0.1:0"),
    ];
    vars.extend(more);
    Settings::load(&Flags::default(), &Env::of(&vars))
        .unwrap()
        .0
}

async fn house(settings: Settings, clock: &Arc<ShiftedClock>) -> App {
    let mut ground = Ground::real(&settings);
    ground.clock = clock.clone();
    App::start(settings, ground).await.unwrap()
}

/// Deletes what is old by now.
async fn expire(app: &App, clock: &ShiftedClock) {
    let (job, now) = (Job::new("ground.expire", json!({})), clock.now());
    let id = app.store.write(move |tx| tx.enqueue(&job, now)).await;
    let id = id.unwrap().unwrap();
    for _ in 0..2_000 {
        let found = app.store.read(move |c| rows::one(c, id)).await.unwrap();
        if found.is_some_and(|(row, ..)| row.state == "done") {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    panic!("ground.expire did not end");
}

async fn with_words(app: &App, chat: i64) -> Vec<i64> {
    app.store
        .read(move |c| {
            let mut find = c.prepare(
                "SELECT message FROM messages WHERE chat = ?1 AND text IS NOT NULL ORDER BY message",
            )?;
            let rows = find.query_map([chat], |r| r.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
        .unwrap()
}

async fn until_kept(app: &App, chat: i64, message: i64) {
    for _ in 0..1_000 {
        if with_words(app, chat).await.contains(&message) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("{message} in {chat} was not kept");
}

async fn privacy(sim: &Simulator, chat: i64, person: i64) -> String {
    let message = sim.say(chat, person, "/privacy");
    within(10, "an answer", || answer(sim, chat, message).is_some()).await;
    answer(sim, chat, message).unwrap()
}

#[test]
fn times_are_settings_and_absurd_ones_are_refused() {
    assert_eq!(loaded(&[]).unwrap().retention, Retention::default());
    let kept = loaded(&[
        ("BEADLE_KEEP_UPDATES", "1h"),
        ("BEADLE_KEEP_WORDS", "3d"),
        ("BEADLE_KEEP_GONE", "365 d"),
        ("BEADLE_KEEP_LOGS", "48h"),
    ])
    .unwrap()
    .retention;
    assert_eq!((kept.raw, kept.words), (HOUR, 3 * DAY));
    assert_eq!((kept.gone, kept.logs), (365 * DAY, 2 * DAY));
    assert_eq!(kept.removed, 3 * DAY, "removed words are words");
    let absurd = [
        ("BEADLE_KEEP_UPDATES", "5m", "between 1h and 30d"),
        ("BEADLE_KEEP_DEAD_LETTERS", "0d", "more than nothing"),
        ("BEADLE_KEEP_CALLS", "31d", "between 1h and 30d"),
        (
            "BEADLE_KEEP_WORDS",
            "9999999999999d",
            "longer than ten years",
        ),
        ("BEADLE_KEEP_WORDS", "731d", "between 1h and 730d"),
        ("BEADLE_KEEP_REMOVED", "-7d", "like 30m, 2h30m or 7d"),
        ("BEADLE_KEEP_EVENTS", "for ever", "like 30m, 2h30m or 7d"),
        ("BEADLE_KEEP_AUDIT_WORDS", "д", "like 30m, 2h30m or 7d"),
        ("BEADLE_KEEP_GONE", "30", "without a unit"),
        ("BEADLE_KEEP_LOGS", "4294967295d", "longer than ten years"),
    ];
    let faults = loaded(&absurd.map(|(name, value, _)| (name, value)));
    // A name can be given once only: the second of two is another run.
    let mut faults = faults.map(|_| ()).unwrap_err();
    faults.extend(
        loaded(&[("BEADLE_KEEP_WORDS", "9999999999999d")])
            .map(|_| ())
            .unwrap_err(),
    );
    for (name, value, remedy) in absurd {
        let told = |f: &&String| f.starts_with(name) && f.contains(value) && f.contains(remedy);
        assert!(
            faults.iter().any(|f| told(&f)),
            "{name}={value}: {faults:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shorter_time_holds_at_the_next_run_and_privacy_says_it() {
    let sim = simulator();
    let (green, ann) = (sim.supergroup("The green"), sim.user("Ann"));
    sim.add_bot_admin(green);
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ShiftedClock::default());
    let app = house(settings_of(&sim, dir.path(), &[]), &clock).await;
    let first = sim.say(green, ann, "the beans are up");
    until_kept(&app, green, first).await;
    clock.shift(3 * HOUR);
    let second = sim.say(green, ann, "and the lettuce too");
    until_kept(&app, green, second).await;
    expire(&app, &clock).await;
    assert!(with_words(&app, green).await.contains(&first));
    assert!(privacy(&sim, green, ann).await.contains("30 days"));
    let raw: i64 = value(&app, "SELECT count(*) FROM inbox WHERE state = 1").await;
    assert!(raw > 0);

    let short = [
        ("BEADLE_KEEP_WORDS", "2h"),
        ("BEADLE_KEEP_UPDATES", "1h"),
        ("BEADLE_OPERATOR", "the sexton"),
        ("ALLOWED_USER_IDS", "4242"),
    ];
    let changed = settings_of(&sim, dir.path(), &short);
    app.take_up(&changed).await.unwrap();
    expire(&app, &clock).await;
    let words = with_words(&app, green).await;
    assert!(
        !words.contains(&first) && words.contains(&second),
        "{words:?}"
    );
    let old = clock.now() - HOUR;
    let raw: i64 = app
        .store
        .read(move |c| {
            let sql = "SELECT count(*) FROM inbox WHERE state = 1 AND handled_at < ?1";
            Ok(c.query_row(sql, [old], |r| r.get(0))?)
        })
        .await
        .unwrap();
    assert_eq!(raw, 0, "updates of more than an hour ago");
    let said = privacy(&sim, green, ann).await;
    assert!(
        said.contains("2 hours") && said.contains("the sexton"),
        "{said}"
    );
    assert!(!said.contains("30 days"), "{said}");
    let operators: i64 = value(&app, "SELECT count(*) FROM grants WHERE role = 'operator'").await;
    assert_eq!(operators, 1);

    // An edit does not bring back words whose time is over, since nothing would come to forget them.
    sim.edit(green, first, "the beans are up, and so am I");
    let third = sim.say(green, ann, "who has a hoe to lend?");
    until_kept(&app, green, third).await;
    assert!(!with_words(&app, green).await.contains(&first));
    let edits: i64 = value(&app, "SELECT count(*) FROM message_edits").await;
    assert_eq!(edits, 0);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_may_keep_words_for_less() {
    let sim = simulator();
    let (green, mill) = (sim.supergroup("The green"), sim.supergroup("The mill"));
    let ann = sim.user("Ann");
    sim.add_bot_admin(green);
    sim.add_bot_admin(mill);
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ShiftedClock::default());
    let app = house(settings_of(&sim, dir.path(), &[]), &clock).await;
    let old = sim.say(green, ann, "the beans are up");
    let elsewhere = sim.say(mill, ann, "the wheel turns");
    until_kept(&app, green, old).await;
    until_kept(&app, mill, elsewhere).await;
    let now = clock.now();
    app.store
        .write(move |tx| {
            use beadle::community::keeping::keep_for;
            assert!(keep_for(tx, green, Some("1d"), now)?);
            assert!(!keep_for(tx, 1, Some("1d"), now)?, "no such group");
            Ok(())
        })
        .await
        .unwrap();
    app.community.refresh(green).await.unwrap();
    assert!(privacy(&sim, green, ann).await.contains("1 day"));
    assert!(!privacy(&sim, mill, ann).await.contains("1 day;"));
    expire(&app, &clock).await;
    assert_eq!(with_words(&app, green).await[0], old);

    clock.shift(25 * HOUR);
    expire(&app, &clock).await;
    assert!(!with_words(&app, green).await.contains(&old));
    assert!(with_words(&app, mill).await.contains(&elsewhere));
    // Nor does an edit bring them back here.
    sim.edit(green, old, "the beans are up, all of them");
    let later = sim.say(mill, ann, "and turns");
    until_kept(&app, mill, later).await;
    assert!(!with_words(&app, green).await.contains(&old));

    // Never for more than the house.
    let now = clock.now();
    app.store
        .write(move |tx| {
            beadle::community::keeping::keep_for(tx, mill, Some("365d"), now)?;
            beadle::community::keeping::keep_for(tx, green, None, now)
        })
        .await
        .unwrap();
    app.community.refresh(mill).await.unwrap();
    assert!(privacy(&sim, mill, ann).await.contains("30 days"));
    let left: String = value(
        &app,
        "SELECT settings FROM groups WHERE title = 'The green'",
    )
    .await;
    assert!(!left.contains("words"), "{left}");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_process_left_half_made_goes_at_the_next_start() {
    let sim = simulator();
    let dir = tempfile::tempdir().unwrap();
    for name in [
        "secret.key.new",
        "beadle.db.rolling-back",
        "audit-ends.new",
        "mine.new",
    ] {
        std::fs::write(dir.path().join(name), "half").unwrap();
    }
    let app = house(settings_of(&sim, dir.path(), &[]), &Arc::default()).await;
    assert!(!dir.path().join("secret.key.new").exists());
    assert!(!dir.path().join("beadle.db.rolling-back").exists());
    assert!(
        dir.path().join("mine.new").exists(),
        "what is not Beadle's stays"
    );
    let ends = std::fs::read_to_string(dir.path().join("audit-ends.new")).unwrap_or_default();
    assert_ne!(ends, "half");
    app.stop().await;
}
