//! Forgetting: after an erasure, and after what is kept has expired, no byte of the words is left anywhere.
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use beadle::app::App;
use beadle::base::clock::{Clock as _, ShiftedClock, SystemClock};
use beadle::community::audit::{Actor, Audit as _, AuditEntry, verify};
use beadle::community::erasure::{LIST_FILE, kept_ban};
use beadle::queue::{Enqueue as _, Job, store as rows};
use beadle::store::DATABASE_FILE;
use beadle::telegram::simulator::Simulator;
use serde_json::json;

use crate::support::house::{answer, house, house_with, judged, simulator, value, within};

/// Words that stand nowhere else.
pub(crate) const WORDS: &str = "gooseberry heliotrope";
pub(crate) const CAPTION: &str = "turpentine marmalade";
pub(crate) const NAME: &str = "Philomena";

/// Files of the data directory in which `needle` stands.
pub(crate) fn found_in(dir: &Path, needle: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![dir.to_owned()];
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            // The admin socket is no file.
            if !path.is_file() {
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            let needle = needle.as_bytes();
            if bytes.windows(needle.len()).any(|w| w == needle) {
                found.push(path.file_name().unwrap().to_string_lossy().into_owned());
            }
        }
    }
    found
}

pub(crate) fn nowhere(dir: &Path, needles: &[&str]) {
    for needle in needles {
        let found = found_in(dir, needle);
        assert!(found.is_empty(), "{needle} is still in {found:?}");
    }
}

pub(crate) struct Green {
    pub(crate) sim: Simulator,
    pub(crate) dir: tempfile::TempDir,
    pub(crate) group: i64,
    pub(crate) ann: i64,
    bob: i64,
}

impl Green {
    pub(crate) fn new() -> Self {
        let sim = simulator();
        let group = sim.supergroup("The green");
        sim.add_bot_admin(group);
        let (ann, bob) = (sim.user(NAME), sim.user("Bob"));
        Self {
            sim,
            dir: tempfile::tempdir().unwrap(),
            group,
            ann,
            bob,
        }
    }

    /// Ann says things, edits one, asks the bot; Bob quotes her and says something of his own, which he edits.
    pub(crate) async fn talk(&self, app: &App) {
        let (sim, group) = (&self.sim, self.group);
        let first = sim.say(group, self.ann, &format!("I like {WORDS} very much"));
        judged(app, group, first).await;
        sim.edit(group, first, &format!("I like {WORDS} and {CAPTION}"));
        let quote = json!({ "reply_to": first, "text": "my own umbrella stand",
                            "quote": { "text": WORDS, "position": 7, "is_manual": true } });
        let bobs = sim.post(group, self.bob, quote);
        judged(app, group, bobs).await;
        // What he said first stays as an earlier version, with the quote in it.
        sim.edit(group, bobs, "my own umbrella stand, mended");
        sim.private(self.ann, &format!("/start {CAPTION}"));
        let asked = sim.say(group, self.ann, "/help");
        within(10, "help", || answer(sim, group, asked).is_some()).await;
        let ann = self.ann;
        app.store
            .write(move |tx| {
                let entry = AuditEntry::new(Actor::System, "card.decided", "message:1/1")
                    .personal(Some(ann), json!({ "text": WORDS }));
                tx.audit(&entry, SystemClock.now())
            })
            .await
            .unwrap();
    }

    /// Ann has herself erased, by the buttons in private.
    pub(crate) async fn erase(&self, app: &App) {
        let (sim, ann) = (&self.sim, self.ann);
        let said = |words: &str| {
            let all = sim.bot_messages(ann);
            all.iter().filter(|m| m.text().contains(words)).count()
        };
        let (asked_before, done_before) = (said("cannot be undone"), said("is erased"));
        let asked = sim.private(ann, "/privacy");
        within(10, "privacy", || answer(sim, ann, asked).is_some()).await;
        let told = sim
            .bot_messages(ann)
            .into_iter()
            .find(|m| m.reply_to() == Some(asked))
            .unwrap();
        sim.press(ann, told.message_id, ann, &button(&told));
        within(10, "asked again", || {
            said("cannot be undone") > asked_before
        })
        .await;
        let question = sim.bot_messages(ann).into_iter().next_back().unwrap();
        sim.press(ann, question.message_id, ann, &button(&question));
        within(20, "told", || said("is erased") > done_before).await;
        let open: i64 = value(app, "SELECT count(*) FROM erasures WHERE state < 2").await;
        assert_eq!(open, 0);
    }
}

fn button(message: &beadle::telegram::simulator::SimMessage) -> String {
    message.value["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_in_private_is_forgotten_to_the_last_byte_and_again_after_a_restore() {
    let green = Green::new();
    let app = house(&green.sim, green.dir.path()).await;
    green.talk(&app).await;
    app.stop().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let older = elsewhere.path().join("older.db");
    rusqlite::Connection::open(green.dir.path().join(DATABASE_FILE))
        .unwrap()
        .execute("VACUUM INTO ?1", [older.to_str().unwrap()])
        .unwrap();
    assert!(!found_in(green.dir.path(), WORDS).is_empty());
    assert!(!found_in(green.dir.path(), NAME).is_empty());

    let app = house(&green.sim, green.dir.path()).await;
    green.erase(&app).await;
    nowhere(green.dir.path(), &[WORDS, CAPTION, NAME]);
    let bobs: i64 = value(
        &app,
        "SELECT count(*) FROM messages WHERE text LIKE '%umbrella stand%'",
    )
    .await;
    assert_eq!(bobs, 1, "another's words stay");
    let chain = app
        .store
        .read(|conn| verify(conn, Vec::new()))
        .await
        .unwrap();
    let seen = chain.unwrap();
    assert_eq!(seen.erased, 1);
    app.stop().await;
    nowhere(green.dir.path(), &[WORDS, CAPTION, NAME]);
    let list = std::fs::read_to_string(green.dir.path().join(LIST_FILE)).unwrap();
    assert_eq!(list.lines().count(), 1);
    assert!(!list.contains(&green.ann.to_string()), "{list}");

    // An older copy is put in place: it forgets again before it asks Telegram for anything.
    let polls = green.sim.calls_of("getUpdates").len();
    for end in ["-wal", "-shm"] {
        let beside = green.dir.path().join(format!("{DATABASE_FILE}{end}"));
        let _may_be_absent = std::fs::remove_file(beside);
    }
    std::fs::copy(older, green.dir.path().join(DATABASE_FILE)).unwrap();
    assert!(!found_in(green.dir.path(), WORDS).is_empty());
    let app = house_with(&green.sim, green.dir.path(), "act", |ground| {
        ground.fetch = false
    })
    .await;
    nowhere(green.dir.path(), &[WORDS, CAPTION, NAME]);
    assert_eq!(green.sim.calls_of("getUpdates").len(), polls);
    app.stop().await;
    nowhere(green.dir.path(), &[WORDS, CAPTION, NAME]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ban_outlives_the_data_of_whom_it_is_about() {
    let green = Green::new();
    let app = house(&green.sim, green.dir.path()).await;
    green.talk(&app).await;
    let (group, ann, bob) = (green.group, green.ann, green.bob);
    green.sim.ban(group, ann);
    for _ in 0..500 {
        let banned: i64 = value(&app, "SELECT count(*) FROM members WHERE status = 'kicked'").await;
        if banned == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    green.erase(&app).await;
    let rows: i64 = value(&app, "SELECT count(*) FROM kept_bans").await;
    assert_eq!(rows, 1);
    let (keys, now) = (app.keys.clone(), SystemClock.now());
    let kept = app
        .store
        .read(move |conn| {
            Ok((
                kept_ban(conn, &keys, group, ann, now)?.is_some(),
                kept_ban(conn, &keys, group, bob, now)?.is_some(),
                kept_ban(conn, &keys, group + 1, ann, now)?.is_some(),
            ))
        })
        .await
        .unwrap();
    assert_eq!(kept, (true, false, false));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_button_of_somebody_else_or_of_yesterday_erases_nobody() {
    let green = Green::new();
    let clock = Arc::new(ShiftedClock::default());
    let app = house_with(&green.sim, green.dir.path(), "act", |g| {
        g.clock = clock.clone()
    })
    .await;
    green.talk(&app).await;
    let (sim, ann, bob) = (&green.sim, green.ann, green.bob);
    for person in [ann, bob] {
        let asked = sim.private(person, "/privacy");
        within(10, "privacy", || answer(sim, person, asked).is_some()).await;
    }
    let of_ann = sim.bot_messages(ann).into_iter().next_back().unwrap();
    let of_bob = sim.bot_messages(bob).into_iter().next_back().unwrap();
    sim.press(ann, of_ann.message_id, ann, &button(&of_ann));
    within(10, "asked again", || {
        sim.bot_messages(ann)
            .iter()
            .any(|m| m.text().contains("cannot be undone"))
    })
    .await;
    let question = sim.bot_messages(ann).into_iter().next_back().unwrap();
    let presses = |sim: &Simulator| sim.calls_of("answerCallbackQuery").len();
    let before = presses(sim);
    // Bob presses with Ann's data; then rubbish; then Ann, too late.
    sim.press(bob, of_bob.message_id, bob, &button(&question));
    sim.press(
        ann,
        of_ann.message_id,
        ann,
        "privacy:yes:9999999999999.AAAAAAAAAAA",
    );
    within(10, "answered", || presses(sim) == before + 2).await;
    clock.shift(11 * 60_000);
    sim.press(ann, question.message_id, ann, &button(&question));
    within(10, "answered", || presses(sim) == before + 3).await;
    let rows: i64 = value(&app, "SELECT count(*) FROM erasures").await;
    assert_eq!(rows, 0);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_with_rubbish_in_it_is_read_as_far_as_it_makes_sense() {
    let green = Green::new();
    let app = house(&green.sim, green.dir.path()).await;
    green.talk(&app).await;
    green.erase(&app).await;
    app.stop().await;
    let path = green.dir.path().join(LIST_FILE);
    let whole = std::fs::read(&path).unwrap();
    let mut torn = b"\xff\xfe{}\n[1]\n{\"v\":1,\"hash\":\"zz\"}\n".to_vec();
    torn.extend(&whole);
    torn.extend(&whole[..whole.len() / 2]);
    std::fs::write(&path, &torn).unwrap();
    let app = house(&green.sim, green.dir.path()).await;
    green.talk(&app).await;
    green.erase(&app).await;
    app.stop().await;
    let list = std::fs::read(&path).unwrap();
    assert!(list.starts_with(&torn), "nothing on the list is lost");
    let last = String::from_utf8_lossy(&list)
        .lines()
        .last()
        .unwrap()
        .to_owned();
    assert!(last.starts_with("{\"") && last.ends_with('}'), "{last}");
    // A list that is lost is made anew from the database.
    std::fs::remove_file(&path).unwrap();
    let app = house(&green.sim, green.dir.path()).await;
    app.stop().await;
    assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 1);
}

/// Runs the job that deletes by age, now, and waits for its end.
async fn expire(app: &App, clock: &ShiftedClock) {
    let job = Job::new("ground.expire", json!({}));
    let now = clock.now();
    let id = app
        .store
        .write(move |tx| tx.enqueue(&job, now))
        .await
        .unwrap()
        .unwrap();
    for _ in 0..2_000 {
        let row = app.store.read(move |c| rows::one(c, id)).await.unwrap();
        if row.is_some_and(|(row, ..)| row.state == "done") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("ground.expire did not end");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_been_kept_long_enough_leaves_no_byte() {
    const DAY: i64 = 86_400_000;
    let green = Green::new();
    let clock = Arc::new(ShiftedClock::default());
    let app = house_with(&green.sim, green.dir.path(), "act", |g| {
        g.clock = clock.clone()
    })
    .await;
    green.talk(&app).await;
    let photo = green.sim.post(
        green.group,
        green.bob,
        json!({ "document": { "file_id": "f", "file_unique_id": "u", "file_name": "periwinkle.pdf" } }),
    );
    judged(&app, green.group, photo).await;
    expire(&app, &clock).await;
    let there = |words: &str| !found_in(green.dir.path(), words).is_empty();
    assert!(there(WORDS) && there(CAPTION) && there(NAME) && there("periwinkle"));

    clock.shift(3 * DAY);
    expire(&app, &clock).await;
    let raw: i64 = value(&app, "SELECT count(*) FROM inbox").await;
    assert_eq!(raw, 0);
    assert!(
        there(WORDS) && there("periwinkle"),
        "words of messages stay for thirty days"
    );

    clock.shift(28 * DAY);
    expire(&app, &clock).await;
    let texts: i64 = value(&app, "SELECT count(*) FROM messages WHERE text IS NOT NULL").await;
    let assets: i64 = value(&app, "SELECT count(*) FROM media_assets").await;
    assert_eq!((texts, assets), (0, 0));
    nowhere(green.dir.path(), &[CAPTION, "periwinkle", "umbrella stand"]);
    assert!(
        there(WORDS),
        "the audit's personal part stays for ninety days"
    );
    assert!(there(NAME), "a member's name stays");

    green.sim.leave(green.group, green.ann);
    for _ in 0..500 {
        let left: i64 = value(&app, "SELECT count(*) FROM members WHERE status = 'left'").await;
        if left > 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    clock.shift(91 * DAY);
    // The name stands in what was said about her leaving, too, and that is handled by now.
    expire(&app, &clock).await;
    nowhere(green.dir.path(), &[WORDS, CAPTION, NAME]);
    let chain = app
        .store
        .read(|conn| verify(conn, Vec::new()))
        .await
        .unwrap();
    assert_eq!(chain.unwrap().erased, 1);
    app.stop().await;
    nowhere(green.dir.path(), &[WORDS, CAPTION, NAME]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_erases_by_id_beside_a_running_beadle_and_without_one() {
    let green = Green::new();
    let app = house(&green.sim, green.dir.path()).await;
    green.talk(&app).await;
    let dir = green.dir.path().to_str().unwrap().to_owned();
    let (ann, bob) = (green.ann.to_string(), green.bob.to_string());
    let verb = move |more: &[&str]| {
        let mut args = vec!["db", "erase", "--data-dir", &dir, "--user"];
        args.extend(more);
        crate::cli::command(&args).output().unwrap()
    };
    let out = tokio::task::spawn_blocking({
        let (verb, ann) = (verb.clone(), ann.clone());
        move || verb(&[&ann])
    });
    let out = out.await.unwrap();
    assert!(!out.status.success(), "not without --yes");
    assert!(String::from_utf8_lossy(&out.stdout).contains("--yes"));
    let out = tokio::task::spawn_blocking({
        let (verb, ann) = (verb.clone(), ann.clone());
        move || verb(&[&ann, "--yes", "--json"])
    });
    let said: serde_json::Value = serde_json::from_slice(&out.await.unwrap().stdout).unwrap();
    assert_eq!(
        (&said["state"], &said["live"]),
        (&json!("taken"), &json!(true))
    );
    for _ in 0..1_000 {
        let done: i64 = value(&app, "SELECT count(*) FROM erasures WHERE state = 2").await;
        if done == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    nowhere(green.dir.path(), &[WORDS, CAPTION, NAME]);
    app.stop().await;

    // Without one: at the next start, before anything is heard.
    assert!(!found_in(green.dir.path(), "umbrella stand").is_empty());
    let out = verb(&[&bob, "--yes"]);
    assert!(
        out.status.success(),
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
    assert!(String::from_utf8_lossy(&out.stdout).contains("when Beadle starts"));
    let app = house_with(&green.sim, green.dir.path(), "act", |g| g.fetch = false).await;
    nowhere(green.dir.path(), &["umbrella stand"]);
    app.stop().await;
    let bad = verb(&["-5", "--yes"]);
    assert!(!bad.status.success());

    // The audit tells both, and holds.
    let dir = green.dir.path().to_str().unwrap();
    let list = crate::cli::beadle(&[
        "audit",
        "list",
        "--action",
        "person.erased",
        "--json",
        "--data-dir",
        dir,
    ]);
    assert_eq!(list.lines().count(), 2, "{list}");
    assert!(
        list.contains("\"reason\":\"operator\"") && !list.contains(&ann),
        "{list}"
    );
    let whole = crate::cli::beadle(&["audit", "verify", "--json", "--data-dir", dir]);
    let whole: serde_json::Value = serde_json::from_str(&whole).unwrap();
    assert_eq!(whole["ok"], true);
    let conn = rusqlite::Connection::open(green.dir.path().join(DATABASE_FILE)).unwrap();
    conn.execute("UPDATE audit SET subject = 'user:1' WHERE id = 2", [])
        .unwrap();
    let broken = crate::cli::command(&["audit", "verify", "--data-dir", dir])
        .output()
        .unwrap();
    assert!(!broken.status.success());
    let said = String::from_utf8_lossy(&broken.stdout).into_owned();
    assert!(said.contains("row 2 "), "{said}");
}
