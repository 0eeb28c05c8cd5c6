//! What is kept in memory: how often it has the answer, how long, how much; told to whoever asks.
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use beadle::app::{App, Ground};
use beadle::base::clock::{Clock as _, Millis, ShiftedClock};
use beadle::base::random::{Random as _, SeededRandom};
use beadle::observe::cache::CacheFigure;
use serde_json::Value;

use crate::support::{message, raw, settings_at};

const GROUP: i64 = -1_000_000_000_077;
const MINUTE: Millis = 60_000;

/// An appliance with a clock of its own that counts decisions; no Telegram, nobody is removed.
async fn appliance(dir: &Path, clock: &Arc<ShiftedClock>) -> (App, Arc<AtomicUsize>) {
    let settings = settings_at(dir, "http://127.0.0.1:9", "observe");
    let mut ground = Ground::real(&settings);
    ground.fetch = false;
    ground.clock = clock.clone();
    let decided = Arc::new(AtomicUsize::new(0));
    let counted = decided.clone();
    ground.decided = Some(Arc::new(move |ids: &[i64]| {
        counted.fetch_add(ids.len(), Ordering::SeqCst);
    }));
    (App::start(settings, ground).await.unwrap(), decided)
}

/// Says something, and waits until it is decided: each message asks for itself.
async fn say(app: &App, decided: &AtomicUsize, id: i64, user: i64) {
    let text = format!("the {id}th thing that was said here, and nothing but a thing");
    let before = decided.load(Ordering::SeqCst);
    let update = raw(message(id, GROUP, user, id, &text));
    app.intake.accept(vec![update]).await.unwrap();
    while decided.load(Ordering::SeqCst) == before {
        tokio::time::sleep(Duration::from_micros(200)).await;
    }
}

fn figure(app: &App, name: &str) -> CacheFigure {
    let all = app.caches.figures();
    all.into_iter().find(|c| c.name == name).unwrap()
}

fn asked(app: &App, name: &str) -> (u64, u64) {
    let f = figure(app, name);
    (f.hits, f.misses)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_of_a_group_is_answered_from_memory() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ShiftedClock::default());
    let (app, decided) = appliance(dir.path(), &clock).await;
    let chance = SeededRandom::new(5);
    let people = 150;
    let (mut id, mut minutes, mut talks) = (0, 0_i64, 0);
    // From seven in the morning to seven in the morning: conversations of two to five people, an hour
    // apart at night and minutes apart in the evening. Some talk much, most little.
    while minutes < 24 * 60 {
        let hour = (7 + minutes / 60) % 24;
        let pause = match hour {
            0..=6 => 70,
            17..=22 => 9,
            _ => 22,
        };
        let those: Vec<i64> = (0..2 + chance.below(4))
            .map(|_| {
                let one = chance.below(people) * chance.below(people) / people;
                1_000 + i64::try_from(one).unwrap()
            })
            .collect();
        let words = 6 + chance.below(24);
        for _ in 0..words {
            id += 1;
            let who = those[usize::try_from(chance.below(those.len() as u64)).unwrap()];
            say(&app, &decided, id, who).await;
            clock.shift(i64::try_from(5 + chance.below(40)).unwrap() * 1_000);
        }
        let quiet = i64::try_from(1 + chance.below(2 * pause)).unwrap();
        clock.shift(quiet * MINUTE);
        minutes += quiet + i64::try_from(words * 25 / 60).unwrap();
        talks += 1;
    }
    let figures = app.caches.figures();
    let (mut hits, mut questions) = (0, 0);
    for f in &figures {
        println!("{}: {} of {}", f.name, f.hits, f.hits + f.misses);
        hits += f.hits;
        questions += f.hits + f.misses;
    }
    let rate = hits as f64 / questions as f64;
    println!("{id} messages in {talks} conversations of {people} people: {rate:.3}");
    assert!(id > 600, "a day of talk, not {id} messages");
    assert!(rate >= 0.9, "{rate}");
    assert!(figures.iter().all(|f| !f.is_poor()), "{figures:?}");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_are_kept_as_long_as_promised() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ShiftedClock::default());
    let (app, decided) = appliance(dir.path(), &clock).await;
    say(&app, &decided, 1, 42).await;
    for name in ["groups", "members", "recent"] {
        assert_eq!(asked(&app, name), (0, 1), "{name}: nobody knew");
    }
    clock.shift(9 * MINUTE);
    say(&app, &decided, 2, 42).await;
    for name in ["groups", "members", "recent"] {
        assert_eq!(asked(&app, name), (1, 1), "{name}: nine minutes old");
    }
    // The group was read nineteen minutes ago; its talk is nine minutes old; a person is kept for a day.
    clock.shift(9 * MINUTE);
    say(&app, &decided, 3, 42).await;
    assert_eq!(asked(&app, "groups"), (1, 2));
    assert_eq!(asked(&app, "recent"), (2, 1));
    clock.shift(23 * 60 * MINUTE);
    say(&app, &decided, 4, 42).await;
    assert_eq!(asked(&app, "recent"), (2, 2));
    assert_eq!(asked(&app, "members"), (3, 1));
    clock.shift(24 * 60 * MINUTE);
    say(&app, &decided, 5, 42).await;
    assert_eq!(asked(&app, "members"), (3, 2));
    // What is read back is what was kept.
    let member = app
        .store
        .read(|c| Ok(c.query_row("SELECT messages FROM members", [], |r| r.get::<_, i64>(0))?))
        .await
        .unwrap();
    assert_eq!(member, 5);
    let _now = clock.now();
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cache_info_tells_of_the_running_beadle_only() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ShiftedClock::default());
    let (app, decided) = appliance(dir.path(), &clock).await;
    for id in 1..=3 {
        say(&app, &decided, id, 42).await;
    }
    let place = dir.path().to_str().unwrap().to_owned();
    let ask = move |args: &'static [&'static str]| {
        let place = place.clone();
        tokio::task::spawn_blocking(move || {
            let all = [args, &["--data-dir", place.as_str()]].concat();
            let out = crate::cli::command(&all).output().unwrap();
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
            (out.status.success(), text(&out.stdout) + &text(&out.stderr))
        })
    };
    let (well, said) = ask(&["cache", "info", "--json"]).await.unwrap();
    assert!(well, "{said}");
    let rows: Vec<Value> = said
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    let names: Vec<_> = rows.iter().map(|r| r["name"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "groups",
            "members",
            "recent",
            "albums",
            "admins",
            "memberships",
            "house",
            "lessons",
            "profiles"
        ]
    );
    let group = &rows[0];
    assert_eq!(
        (
            &group["v"],
            &group["entries"],
            &group["hits"],
            &group["misses"],
            &group["ttl"]
        ),
        (&1.into(), &1.into(), &2.into(), &1.into(), &600.into())
    );
    assert!(group["bytes"].as_u64().unwrap() > 100);
    // The parts of 64 MiB, all together no more.
    let rooms: u64 = rows.iter().map(|r| r["room"].as_u64().unwrap()).sum();
    assert!((60 << 20..=64 << 20).contains(&rooms), "{rooms}");
    let (_, said) = ask(&["cache", "info"]).await.unwrap();
    assert!(said.contains("groups") && said.contains("66.7 %"), "{said}");
    app.stop().await;
    let (well, said) = ask(&["cache", "info"]).await.unwrap();
    assert!(!well && said.contains("no Beadle runs here"), "{said}");
}

#[test]
fn a_cache_that_misses_often_is_poor_once_it_was_asked_enough() {
    let figure = |hits: u64, misses: u64| CacheFigure {
        name: "groups",
        entries: 0,
        bytes: 0,
        room: 1,
        hits,
        misses,
        hit_rate: Some(hits as f64 / (hits + misses) as f64),
        ttl: 600,
        idle: false,
    };
    assert!(figure(600, 400).is_poor());
    assert!(!figure(700, 300).is_poor());
    // The first questions of a start miss, which says nothing.
    assert!(!figure(6, 900).is_poor());
}
