//! The operator is told in private of what is wrong: once when it began, once when it is over, also when the database
//! cannot be written.
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use beadle::app::{App, Ground};
use beadle::base::clock::ShiftedClock;
use beadle::config::{Env, Flags, Settings};
use beadle::observe::alerts::{
    Book, Database, Limits, NAMES, Quantile, RULES, Signs, Turn, Window,
};
use beadle::observe::metrics::{CACHE_HITS, CACHE_MISSES};
use beadle::queue::{Done, Enqueue as _, Job, Trouble, Work, Worker};
use beadle::store::DATABASE_FILE;
use beadle::telegram::simulator::{Fault, Simulator};
use futures_util::future::BoxFuture;
use serde_json::json;

use crate::support::house::{simulator, value, within};
use crate::support::{Probe, TOKEN};

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

fn settings_of(sim: &Simulator, dir: &Path, operator: i64, more: &[(&str, &str)]) -> Settings {
    let (url, operator) = (sim.url(), operator.to_string());
    let mut vars = vec![
        ("TELEGRAM_BOT_TOKEN", sim.token()),
        ("BEADLE_TELEGRAM_API_URL", &url),
        ("BEADLE_DATA_DIR", dir.to_str().unwrap()),
        ("BEADLE_HTTP_LISTEN", "127.0.0.1:0"),
        ("ALLOWED_USER_IDS", &operator),
    ];
    vars.extend(more);
    Settings::load(&Flags::default(), &Env::of(&vars))
        .unwrap()
        .0
}

async fn house(
    settings: Settings,
    clock: &Arc<ShiftedClock>,
    change: impl FnOnce(&mut Ground),
) -> App {
    let mut ground = Ground::real(&settings);
    ground.clock = clock.clone();
    ground.alerts_every = Some(Duration::from_millis(50));
    change(&mut ground);
    App::start(settings, ground).await.unwrap()
}

/// An operator who has written to the bot, and the house.
async fn watched(
    sim: &Simulator,
    dir: &Path,
    clock: &Arc<ShiftedClock>,
    change: impl FnOnce(&mut Ground),
) -> (App, i64) {
    let warden = sim.user("Warden");
    let app = house(settings_of(sim, dir, warden, &[]), clock, change).await;
    sim.private(warden, "/start");
    within(10, "reachable", || !sim.bot_messages(warden).is_empty()).await;
    // Both are looked at once before anything happens.
    within(10, "looked", || app.vitals.database() == Database::Fine).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    (app, warden)
}

/// How often the operator was told these words.
fn told(sim: &Simulator, warden: i64, words: &str) -> usize {
    let all = sim.bot_messages(warden);
    all.iter().filter(|m| m.text().contains(words)).count()
}

async fn get(app: &App, path: &str) -> String {
    let url = format!("http://{}{path}", app.listen);
    reqwest::get(url).await.unwrap().text().await.unwrap()
}

#[test]
fn each_rule_holds_for_its_time_and_is_told_once_and_once_when_over() {
    let limits = Limits::default();
    let fine = Signs {
        waits: Some(0.0),
        read_p95: Some(1.0),
        database: Database::Fine,
        dead_letters: Some(0),
        failed_jobs: Some((0, String::new())),
        cache_hits: Some((99.0, "groups")),
        ..Signs::default()
    };
    let bad = |name: &str| {
        let mut signs = fine.clone();
        match name {
            "database" => signs.database = Database::Silent,
            "disk" => signs.disk_low = true,
            "damage" => signs.database = Database::Damaged,
            "rate_limits" => signs.waits = Some(11.0),
            "slow_database" => signs.read_p95 = Some(51.0),
            "dead_letters" => signs.dead_letters = Some(1),
            "failed_jobs" => signs.failed_jobs = Some((2, "ground.expire".to_owned())),
            "jobs_stuck" => signs.jobs_stuck = true,
            "cache_hits" => signs.cache_hits = Some((69.0, "members")),
            other => panic!("{other} has no test"),
        }
        signs
    };
    for (place, rule) in RULES.iter().enumerate() {
        assert_eq!(rule.name, NAMES[place]);
        let (mut book, start) = (Book::default(), 1_000_000_000_000);
        assert!(book.look(&fine, &limits, start).is_empty(), "{}", rule.name);
        let signs = bad(rule.name);
        let mut now = start;
        if rule.hold > 0 {
            assert!(book.look(&signs, &limits, now).is_empty(), "{}", rule.name);
            now += rule.hold - 1;
            assert!(book.look(&signs, &limits, now).is_empty(), "{}", rule.name);
            now += 1;
        }
        let news = book.look(&signs, &limits, now);
        assert_eq!(
            (news.len(), news[0].turn, news[0].rule),
            (1, Turn::Began, place)
        );
        assert_eq!(
            book.look(&signs, &limits, now).len(),
            1,
            "until it was told"
        );
        book.told(&news[0], now);
        for _ in 0..100 {
            now += SECOND;
            assert!(book.look(&signs, &limits, now).is_empty(), "{}", rule.name);
        }
        assert_eq!(book.standing()[0].alert, rule.name);
        // Known again after a restart.
        let mut book = Book::resume(&book.kept());
        assert!(book.look(&signs, &limits, now).is_empty(), "{}", rule.name);
        if rule.calm > 0 {
            assert!(book.look(&fine, &limits, now).is_empty(), "{}", rule.name);
        }
        // It flaps: that is no news.
        assert!(
            book.look(&signs, &limits, now + 1).is_empty(),
            "{}",
            rule.name
        );
        assert!(rule.calm == 0 || book.look(&fine, &limits, now + 2).is_empty());
        let over = book.look(&fine, &limits, now + 2 + rule.calm);
        assert_eq!((over.len(), over[0].turn), (1, Turn::Over), "{}", rule.name);
        book.told(&over[0], now + 2 + rule.calm);
        assert!(book.standing().is_empty());
        // The same again, soon after: shown, not told; told when it lasts.
        let again = start + rule.hold + 10 * MINUTE;
        book.look(&signs, &limits, again);
        let soon = book.look(&signs, &limits, again + rule.hold);
        assert!(
            soon.is_empty() && book.standing().len() == 1,
            "{}",
            rule.name
        );
        let late = book.look(&signs, &limits, start + rule.hold + 30 * MINUTE);
        assert_eq!(late.len(), 1, "{}", rule.name);
        // What is silent is shown only.
        let silent = Limits {
            silent: vec![rule.name.to_owned()],
            ..Limits::default()
        };
        let mut book = Book::default();
        book.look(&signs, &silent, start);
        assert!(book.look(&signs, &silent, start + rule.hold).is_empty());
        assert_eq!(book.standing().len(), 1);
    }
    // What nobody can say changes nothing.
    let mut book = Book::default();
    assert!(book.look(&Signs::default(), &limits, 0).is_empty());
}

#[test]
fn windows_and_quantiles_say_what_was_counted_lately() {
    let mut window = Window::new(MINUTE);
    assert_eq!(window.grew(0, vec![5, 0]), (vec![0, 0], 0));
    assert_eq!(
        window.grew(30 * SECOND, vec![7, 1]),
        (vec![2, 1], 30 * SECOND)
    );
    assert_eq!(
        window.grew(70 * SECOND, vec![9, 1]),
        (vec![4, 1], 70 * SECOND)
    );
    assert_eq!(window.grew(100 * SECOND, vec![9, 1]).0, vec![2, 0]);
    // A clock set back, and a counter that began anew.
    assert_eq!(window.grew(SECOND, vec![1, 1]).0, vec![0, 0]);
    let of = |cells: &[u64], q| {
        Quantile {
            bounds: &[1.0, 2.0, 4.0],
            least: 10,
        }
        .of(q, cells)
    };
    assert_eq!(of(&[9, 0, 0, 0], 0.95), None);
    assert_eq!(of(&[10, 0, 0, 0], 0.5), Some(0.5));
    assert_eq!(of(&[0, 0, 20, 0], 0.95), Some(3.9));
    assert_eq!(of(&[0, 0, 0, 20], 0.95), Some(4.0));
}

struct Failing;

impl Worker for Failing {
    fn kind(&self) -> &'static str {
        "ground.backup"
    }

    fn run<'a>(&'a self, _: &'a mut Work) -> BoxFuture<'a, Result<Done, Trouble>> {
        Box::pin(async { Err(Trouble::Hopeless("no room".to_owned())) })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_and_failed_jobs_are_told_once_also_across_a_restart() {
    let sim = simulator();
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ShiftedClock::default());
    let add = |g: &mut Ground| {
        g.stages.push(Arc::new(Probe::default()));
        g.workers.push(Arc::new(Failing));
    };
    let (app, warden) = watched(&sim, dir.path(), &clock, add).await;
    let group = sim.supergroup("The green");
    sim.add_bot_admin(group);
    sim.say(group, warden, "error");
    let job = Job::new("ground.backup", json!({}));
    let now = beadle::base::clock::Clock::now(&*clock);
    app.store
        .write(move |tx| tx.enqueue(&job, now))
        .await
        .unwrap();
    within(30, "told of the job", || {
        told(&sim, warden, "ground.backup") == 1
    })
    .await;
    within(30, "told of the letter", || {
        told(&sim, warden, "beadle inbox") == 1
    })
    .await;
    let metrics = get(&app, "/metrics").await;
    assert!(metrics.contains("beadle_alert_active{alert=\"failed_jobs\"} 1"));
    assert!(metrics.contains("beadle_alert_active{alert=\"damage\"} 0"));
    let health: serde_json::Value = serde_json::from_str(&get(&app, "/health").await).unwrap();
    let names: Vec<_> = health["alerts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| a["alert"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["dead_letters", "failed_jobs"]);
    let address = app.listen.to_string();
    let said = tokio::task::spawn_blocking(move || {
        crate::cli::command(&["status"])
            .env("BEADLE_HTTP_LISTEN", address)
            .output()
            .unwrap()
    });
    let said = String::from_utf8(said.await.unwrap().stdout).unwrap();
    assert!(
        said.contains("ALERT failed_jobs") && said.contains("ground.backup"),
        "{said}"
    );
    // The dead job is discarded from outside, and nothing of it is left.
    let dead: i64 = value(&app, "SELECT id FROM jobs WHERE state = 4").await;
    let folder = dir.path().to_owned();
    let outputs = tokio::task::spawn_blocking(move || {
        let discard = || {
            crate::cli::command(&["jobs", "discard", &dead.to_string()])
                .env("BEADLE_DATA_DIR", &folder)
                .output()
                .unwrap()
        };
        [discard(), discard()]
    });
    let [first, second] = outputs.await.unwrap();
    assert!(first.status.success(), "{first:?}");
    assert_eq!(second.status.code(), Some(1));
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(
        said.contains("no dead job") && said.contains("beadle jobs list"),
        "{said}"
    );
    assert_eq!(
        value::<i64>(&app, "SELECT count(*) FROM jobs WHERE state = 4").await,
        0
    );
    app.stop().await;

    let app = house(settings_of(&sim, dir.path(), warden, &[]), &clock, add).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(
        told(&sim, warden, "ground.backup"),
        1,
        "known after the restart"
    );
    within(20, "over", || {
        told(&sim, warden, "Over: background work") == 1
    })
    .await;
    assert_eq!(told(&sim, warden, "Over: updates"), 0);
    clock.shift(HOUR + MINUTE);
    within(20, "over", || told(&sim, warden, "Over: updates") == 1).await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_told_who_did_not_write_first_and_whoever_does_hears_what_stands() {
    let sim = simulator();
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ShiftedClock::default());
    let warden = sim.user("Warden");
    let add = |g: &mut Ground| g.workers.push(Arc::new(Failing));
    let app = house(settings_of(&sim, dir.path(), warden, &[]), &clock, add).await;
    let job = Job::new("ground.backup", json!({}));
    let now = beadle::base::clock::Clock::now(&*clock);
    app.store
        .write(move |tx| tx.enqueue(&job, now))
        .await
        .unwrap();
    within(20, "it stands", || !app.vitals.alerts().is_empty()).await;
    assert!(sim.bot_messages(warden).is_empty());
    sim.private(warden, "/start");
    within(20, "told", || told(&sim, warden, "ground.backup") == 1).await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn telegrams_waits_slow_reads_and_cold_caches_are_told() {
    let sim = simulator();
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ShiftedClock::default());
    let (app, warden) = watched(&sim, dir.path(), &clock, |_| {}).await;

    // Reads that wait for a connection take long.
    for _ in 0..3 {
        let slow = (0..40).map(|_| {
            app.store.read(|_| {
                std::thread::sleep(Duration::from_millis(70));
                Ok(())
            })
        });
        futures_util::future::join_all(slow).await;
    }
    let slow = || {
        app.vitals
            .alerts()
            .iter()
            .any(|a| a.alert == "slow_database")
    };
    assert!(!slow(), "not for two minutes yet");
    tokio::time::sleep(Duration::from_millis(200)).await;
    clock.shift(2 * MINUTE + SECOND);
    within(10, "slow reads", || told(&sim, warden, "95 of 100") == 1).await;
    assert!(slow());

    // A quarter of the questions is answered, for half an hour.
    for _ in 0..8 {
        CACHE_HITS.add_for("groups", 100);
        CACHE_MISSES.add_for("groups", 300);
        clock.shift(5 * MINUTE);
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    within(10, "cold cache", || told(&sim, warden, "groups: 2") == 1).await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sustained_waits_are_told() {
    let sim = simulator();
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ShiftedClock::default());
    let (app, warden) = watched(&sim, dir.path(), &clock, |_| {}).await;
    let groups: Vec<i64> = (0..14)
        .map(|i| sim.supergroup(&format!("Green {i}")))
        .collect();
    for group in &groups {
        sim.add_bot_admin(*group);
        sim.fail_always(Some("sendMessage"), Some(*group), Fault::flood(2));
        sim.say(*group, warden, "/privacy");
    }
    // Asked to wait again and again, for minutes on end.
    within(60, "waits", || {
        clock.shift(SECOND / 2);
        std::thread::sleep(Duration::from_millis(20));
        told(&sim, warden, "makes me wait") == 1
    })
    .await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_writer_that_does_not_answer_is_told_past_the_database() {
    let sim = simulator();
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ShiftedClock::default());
    let (app, warden) = watched(&sim, dir.path(), &clock, |_| {}).await;
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let store = app.store.clone();
    let held = tokio::spawn(async move {
        let stuck = store.write(move |_| {
            let _either_way = wait.recv_timeout(Duration::from_secs(60));
            Ok(())
        });
        stuck.await.unwrap();
    });
    within(20, "found", || app.vitals.database() == Database::Silent).await;
    // The rule has seen it once before its time begins to pass.
    assert!(
        app.vitals.alerts().is_empty(),
        "not for fifteen seconds yet"
    );
    tokio::time::sleep(Duration::from_millis(500)).await;
    clock.shift(16 * SECOND);
    within(10, "told", || {
        told(&sim, warden, "does not take writes") == 1
    })
    .await;
    let queued: i64 = value(
        &app,
        "SELECT count(*) FROM outbox WHERE params LIKE '%does not take writes%'",
    )
    .await;
    assert_eq!(queued, 0, "past the outbox");
    go.send(()).unwrap();
    held.await.unwrap();
    within(20, "well again", || app.vitals.database() == Database::Fine).await;
    clock.shift(2 * MINUTE);
    within(20, "over", || {
        clock.shift(30 * SECOND);
        std::thread::sleep(Duration::from_millis(100));
        told(&sim, warden, "Over: the database") == 1
    })
    .await;
    assert_eq!(told(&sim, warden, "does not take writes"), 1);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_and_a_damaged_file_are_told_past_the_database() {
    let sim = simulator();
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ShiftedClock::default());
    let (app, warden) = watched(&sim, dir.path(), &clock, |_| {}).await;
    // A disk that is nearly full still takes what is written.
    app.vitals.set_low_disk(true);
    within(10, "told of the disk", || {
        told(&sim, warden, "nearly full") == 1
    })
    .await;

    assert!(app.store.scrub().await);
    let path = dir.path().join(DATABASE_FILE);
    let size = std::fs::metadata(&path).unwrap().len();
    {
        use std::io::{Seek as _, SeekFrom, Write as _};
        let mut file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.seek(SeekFrom::Start(4096)).unwrap();
        file.write_all(&vec![0xAB; usize::try_from(size - 4096).unwrap()])
            .unwrap();
    }
    within(30, "told of the damage", || {
        told(&sim, warden, "is damaged") == 1
    })
    .await;
    drop(tokio::time::timeout(Duration::from_secs(25), app.stop()).await);
}

#[test]
fn limits_are_settings() {
    let load = |vars: &[(&str, &str)]| {
        let mut all = vec![
            ("TELEGRAM_BOT_TOKEN", TOKEN),
            ("BEADLE_DATA_DIR", "nowhere"),
        ];
        all.extend_from_slice(vars);
        Settings::load(&Flags::default(), &Env::of(&all))
            .map(|s| s.0.alerts)
            .map_err(|e| e.0)
    };
    assert_eq!(load(&[]).unwrap(), Limits::default());
    let own = load(&[
        ("BEADLE_ALERTS_RATE_LIMITS", "20"),
        ("BEADLE_ALERTS_DATABASE_MS", "5"),
        ("BEADLE_ALERTS_CACHE_HITS", "0"),
        ("BEADLE_ALERTS_SILENT", "cache_hits, disk"),
    ])
    .unwrap();
    assert_eq!((own.waits, own.read_p95, own.cache_hits), (20.0, 5.0, 0.0));
    assert_eq!(own.silent, ["cache_hits", "disk"]);
    for (name, value) in [
        ("BEADLE_ALERTS_RATE_LIMITS", "0"),
        ("BEADLE_ALERTS_DATABASE_MS", "fast"),
        ("BEADLE_ALERTS_CACHE_HITS", "101"),
        ("BEADLE_ALERTS_SILENT", "everything"),
    ] {
        let faults = load(&[(name, value)]).unwrap_err();
        assert!(
            faults.len() == 1 && faults[0].starts_with(name),
            "{faults:?}"
        );
    }
}
