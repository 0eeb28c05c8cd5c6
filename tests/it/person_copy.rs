//! A person is given all that is kept of them, and nothing of anybody else; each table with people in it is in it.
use std::sync::Arc;

use beadle::app::App;
use beadle::base::clock::{Clock as _, ShiftedClock, SystemClock};
use beadle::community::audit::{Actor, Audit as _, AuditEntry};
use beadle::telegram::simulator::Simulator;
use serde_json::{Value, json};

use crate::erasure_tables::{every_table_knows, places_of};
use crate::support::house::{
    SPAM, answer, house, house_with, is_removed, judged, simulator, value, within,
};

/// What only Bob said, and his name: never Ann's to have.
const BOBS: &[&str] = &["Balthazar", "rhubarb", "@balthazar_b", "Vestryman"];

struct Yard {
    sim: Simulator,
    dir: tempfile::TempDir,
    group: i64,
    ann: i64,
    bob: i64,
}

impl Yard {
    fn new() -> Self {
        let sim = simulator();
        let group = sim.supergroup("The yard");
        sim.add_bot_admin(group);
        let (ann, bob) = (sim.user("Annabel"), sim.user("Balthazar"));
        Self {
            sim,
            dir: tempfile::tempdir().unwrap(),
            group,
            ann,
            bob,
        }
    }

    /// Ann talks, answers Bob with a quote, forwards him; Bob answers her.
    async fn talk(&self, app: &App) {
        let (sim, group) = (&self.sim, self.group);
        let bobs = sim.say(group, self.bob, "my rhubarb is for sale, ask @balthazar_b");
        judged(app, group, bobs).await;
        let quote = json!({ "text": "is it the sweet kind?", "reply_to": bobs,
                            "quote": { "text": "my rhubarb is for sale", "position": 0, "is_manual": true } });
        let first = sim.post(group, self.ann, quote);
        judged(app, group, first).await;
        sim.edit(group, first, "is it the sour kind?");
        let forward = json!({ "text": "heard elsewhere", "forward_origin":
            { "type": "hidden_user", "sender_user_name": "Vestryman", "date": 1 } });
        let forwarded = sim.post(group, self.ann, forward);
        judged(app, group, forwarded).await;
        let told = json!({ "text": "rhubarb is sour", "reply_to": first });
        let last = sim.post(group, self.bob, told);
        judged(app, group, last).await;
    }

    fn files(&self) -> Vec<Value> {
        let sent = self.sim.bot_messages(self.ann);
        sent.iter()
            .filter_map(|m| m.value["document"]["file_id"].as_str().map(str::to_owned))
            .map(|id| serde_json::from_slice(&self.sim.bytes_of(&id).unwrap()).unwrap())
            .collect()
    }

    async fn ask(&self, words: &str) -> String {
        let (sim, ann) = (&self.sim, self.ann);
        let asked = sim.private(ann, words);
        within(10, "an answer", || answer(sim, ann, asked).is_some()).await;
        answer(sim, ann, asked).unwrap()
    }
}

fn free_of_others(text: &str, bob: i64) {
    for words in BOBS {
        assert!(!text.contains(words), "{words} is in {text}");
    }
    let id = bob.to_string();
    let digits = |c: char| c.is_ascii_digit();
    for (at, _) in text.match_indices(&id) {
        let alone = !text[..at].ends_with(digits) && !text[at + id.len()..].starts_with(digits);
        assert!(!alone, "Bob's number is in {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_in_private_is_sent_a_file_once_a_day_with_their_own_words_only() {
    let yard = Yard::new();
    let clock = Arc::new(ShiftedClock::default());
    let app = house_with(&yard.sim, yard.dir.path(), "act", |g| {
        g.clock = clock.clone();
    })
    .await;
    yard.talk(&app).await;
    let said = yard.ask("/privacy export").await;
    assert!(said.contains("file"), "{said}");
    within(20, "a file", || !yard.files().is_empty()).await;
    let file = yard.files().remove(0);
    assert_eq!(
        (&file["person"], &file["more_parts"]),
        (&json!(yard.ann), &json!(false))
    );
    let kept = &file["kept"];
    assert_eq!(kept["users"][0]["first_name"], "Annabel");
    let said: Vec<_> = kept["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| &m["text"])
        .collect();
    assert_eq!(
        said,
        ["is it the sour kind?", "heard elsewhere", "/privacy export"]
    );
    assert_eq!(kept["message_edits"][0]["text"], "is it the sweet kind?");
    assert!(
        kept["spam_results"].as_array().unwrap().len() >= 2,
        "{kept}"
    );
    assert!(
        kept["members"][0]["first_seen"]
            .as_str()
            .unwrap()
            .ends_with('Z')
    );
    assert!(kept["inbox"].as_array().unwrap().len() >= 4, "{kept}");
    free_of_others(&file.to_string(), yard.bob);
    // Telegram has it: nothing of it stays in the way out, once the answer is on disk.
    for _ in 0..500 {
        let left: i64 = value(
            &app,
            "SELECT count(*) FROM outbox WHERE params LIKE '%sour kind%'",
        )
        .await;
        if left == 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let left: i64 = value(
        &app,
        "SELECT count(*) FROM outbox WHERE params LIKE '%sour kind%'",
    )
    .await;
    assert_eq!(left, 0);

    let said = yard.ask("/privacy export").await;
    assert!(said.contains("one copy a day"), "{said}");
    clock.shift(25 * 3_600_000);
    yard.ask("/privacy export").await;
    within(20, "another", || yard.files().len() == 2).await;
    let audited: i64 = value(
        &app,
        "SELECT count(*) FROM audit WHERE action = 'person.copied'",
    )
    .await;
    assert_eq!(audited, 2);
    // In the group it is only told how.
    let in_group = yard.sim.say(yard.group, yard.bob, "/privacy export");
    within(10, "told", || {
        answer(&yard.sim, yard.group, in_group).is_some()
    })
    .await;
    assert_eq!(yard.sim.bot_messages(yard.bob).len(), 0);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_much_for_one_file_comes_in_several_and_is_whole() {
    let yard = Yard::new();
    let app = house(&yard.sim, yard.dir.path()).await;
    yard.talk(&app).await;
    let (group, ann, now) = (yard.group, yard.ann, SystemClock.now());
    app.store
        .write(move |tx| {
            let mut add = tx.prepare(
                "INSERT INTO messages (chat, message, user, date, content, text, own, created_at)
                 VALUES (?1, ?2, ?3, ?4, 'text', ?5, length(?5), ?4)",
            )?;
            for n in 0..1_500 {
                let words = format!("word {n} {}", "a long sentence ".repeat(100));
                add.execute(rusqlite::params![group, 10_000 + n, ann, now, words])?;
            }
            Ok(())
        })
        .await
        .unwrap();
    yard.ask("/privacy export").await;
    let whole = || {
        yard.files()
            .last()
            .is_some_and(|f| f["more_parts"] == false)
    };
    within(60, "all files", whole).await;
    let files = yard.files();
    assert!(files.len() >= 3, "{}", files.len());
    let mut seen: Vec<i64> = Vec::new();
    for file in &files {
        assert!(file.to_string().len() < 3 << 20);
        for row in file["kept"]["messages"].as_array().into_iter().flatten() {
            seen.push(row["message"].as_i64().unwrap());
        }
    }
    let count = seen.len();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!((seen.len(), count), (1_503, 1_503));
    app.stop().await;
}

/// Tables in which a person's id may stand and which a copy does not show, and why.
const NOT_SHOWN: &[(&str, &str)] = &[
    (
        "jobs",
        "what is to be done next, by number; gone within a day",
    ),
    ("erasures", "shown while it waits; afterwards a hash"),
];

/// Tables in which no person stands, or only in what belongs to a group.
const NOBODY: &[&str] = &[
    "meta",
    "intake",
    "groups",
    "group_channel_links",
    "event_followers",
    "jobs",
    "schedules",
    "learned_groups",
    "chat_measures",
    "chat_held",
    "card_messages",
    "reposts",
    "kept_bans",
    "enforced_channels",
    "gate_prompts",
    "raids",
    "invite_links",
];

#[test]
fn each_table_of_the_schema_is_shown_or_known_to_hold_nobody() {
    let mut conn = rusqlite::Connection::open_in_memory().unwrap();
    beadle::store::migrations()
        .unwrap()
        .to_latest(&mut conn)
        .unwrap();
    let mut find = conn
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        .unwrap();
    let tables: Vec<String> = find
        .query_map([], |r| r.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let mut rooms = beadle::community::erasure::house_rooms();
    rooms.extend(beadle::features::moderation::forgetful_rooms());
    rooms.extend(beadle::features::gate::forgetful_rooms());
    let shown: Vec<&str> = rooms
        .iter()
        .flat_map(|r| r.kept())
        .map(|k| k.table)
        .collect();
    for table in &tables {
        let nobody = NOBODY.contains(&table.as_str());
        assert!(
            shown.contains(&table.as_str()) != nobody,
            "{table}: let its room show it (Forget::kept), or say here that nobody stands in it"
        );
    }
    for kept in rooms.iter().flat_map(|r| r.kept()) {
        assert!(tables.iter().any(|t| t == kept.table), "{}", kept.table);
        conn.prepare(kept.rows).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_table_that_knows_a_person_is_in_the_copy_or_said_to_be_left_out() {
    let yard = Yard::new();
    let app = house(&yard.sim, yard.dir.path()).await;
    yard.talk(&app).await;
    let (sim, group, ann) = (&yard.sim, yard.group, yard.ann);
    let spam = sim.say(group, ann, SPAM);
    within(10, "removed", || is_removed(sim, group, spam)).await;
    every_table_knows(&app, group, ann).await;
    yard.ask("/start").await;
    app.store
        .write(move |tx| {
            let entry = AuditEntry::new(Actor::System, "card.decided", "message:1/1")
                .personal(Some(ann), json!({ "text": "mine" }));
            tx.audit(&entry, SystemClock.now())
        })
        .await
        .unwrap();
    let places = app
        .store
        .read(move |conn| Ok(places_of(conn, ann)))
        .await
        .unwrap();
    let dir = yard.dir.path().to_str().unwrap().to_owned();
    let id = ann.to_string();
    let verb = tokio::task::spawn_blocking({
        let (dir, id) = (dir.clone(), id.clone());
        move || {
            crate::cli::command(&["export", "person", &id, "--data-dir", &dir])
                .output()
                .unwrap()
        }
    });
    let out = verb.await.unwrap();
    assert!(
        out.status.success(),
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
    let file: Value = serde_json::from_slice(&out.stdout).unwrap();
    free_of_others(&file.to_string(), yard.bob);
    let mut missing: Vec<_> = places
        .iter()
        .filter_map(|p| p.split('.').next())
        .filter(|t| !NOT_SHOWN.iter().any(|(name, _)| name == t))
        .filter(|t| file["kept"].get(*t).is_none())
        .collect();
    missing.dedup();
    assert_eq!(
        missing,
        Vec::<&str>::new(),
        "tables that know Ann and are not in her copy"
    );
    app.stop().await;

    // Without a running Beadle, into a file that only its owner reads; never over another.
    let path = yard.dir.path().join("ann.json");
    let to = path.to_str().unwrap().to_owned();
    let verb = move || {
        crate::cli::command(&["export", "person", &id, "--data-dir", &dir, "--out", &to])
            .output()
            .unwrap()
    };
    let (first, again) = tokio::task::spawn_blocking(move || (verb(), verb()))
        .await
        .unwrap();
    assert!(first.status.success() && !again.status.success());
    let other: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    assert_eq!(other["kept"]["messages"], file["kept"]["messages"]);
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_objects_to_a_reputation_has_none_until_they_agree() {
    let yard = Yard::new();
    let app = house(&yard.sim, yard.dir.path()).await;
    let (sim, group, ann) = (&yard.sim, yard.group, yard.ann);
    let evidence = async || value::<i64>(&app, "SELECT count(*) FROM reputation").await;
    let remove = async || {
        let spam = sim.say(group, ann, SPAM);
        within(10, "removed", || is_removed(sim, group, spam)).await;
    };
    remove().await;
    assert!(evidence().await > 0);
    let press = async |label: &str| {
        let asked = sim.private(ann, "/privacy");
        within(10, "privacy", || answer(sim, ann, asked).is_some()).await;
        let told = sim
            .bot_messages(ann)
            .into_iter()
            .find(|m| m.reply_to() == Some(asked))
            .unwrap();
        assert!(told.text().contains("reputation"), "{}", told.text());
        let button = &told.value["reply_markup"]["inline_keyboard"][2][0];
        assert_eq!(button["text"], label);
        let before = sim.calls_of("answerCallbackQuery").len();
        sim.press(
            ann,
            told.message_id,
            ann,
            button["callback_data"].as_str().unwrap(),
        );
        within(10, "answered", || {
            sim.calls_of("answerCallbackQuery").len() > before
        })
        .await;
    };
    press("Keep no reputation of me").await;
    assert_eq!(evidence().await, 0);
    remove().await;
    assert_eq!(evidence().await, 0);
    let sum: f64 = value(
        &app,
        "SELECT coalesce(sum(abs(reputation)), 0.0) FROM members",
    )
    .await;
    let everywhere: f64 = value(
        &app,
        "SELECT coalesce(sum(abs(reputation)), 0.0) FROM users",
    )
    .await;
    assert_eq!((sum, everywhere), (0.0, 0.0));
    press("Keep a reputation of me again").await;
    remove().await;
    assert!(evidence().await > 0);
    app.stop().await;
}
