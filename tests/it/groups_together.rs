//! What several groups and their members' pasts add to a verdict, in the whole appliance, and `check --group`.
use std::process::Command;

use beadle::app::App;
use beadle::base::clock::{Clock as _, SystemClock};
use beadle::community::reputation::{Evidence, Repute as _};
use beadle::features::moderation::KeptVerdict;
use beadle::features::moderation::learning::{Label, teach_words};
use beadle::telegram::simulator::Simulator;
use serde_json::Value;

use crate::support::house::{house_with, judged, simulator};

const WORDS: &str = "Neighbours, the courtyard committee collects signatures about the boiler house, leave yours at the \
                     desk of the caretaker until Thursday evening";

fn weight(verdict: &KeptVerdict, code: &str) -> f64 {
    let found = verdict.reasons.iter().find(|r| r.code == code);
    found.map_or(0.0, |r| r.weight)
}

async fn say(app: &App, sim: &Simulator, chat: i64, user: i64, words: &str) -> KeptVerdict {
    let message = sim.say(chat, user, words);
    judged(app, chat, message).await
}

async fn set_apart(app: &App, chat: i64) {
    app.store
        .write(move |tx| {
            tx.execute(
                "UPDATE groups SET settings = json_set(settings, '$.moderation', json_object('other_groups', json('false'))),
                     settings_rev = settings_rev + 1 WHERE id = ?1",
                [chat],
            )?;
            Ok(())
        })
        .await
        .unwrap();
    app.community.refresh(chat).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn words_that_go_round_are_seen_before_anybody_labels_them() {
    let dir = tempfile::tempdir().unwrap();
    let sim = simulator();
    let app = house_with(&sim, dir.path(), "suggest", |_| {}).await;
    let groups: Vec<i64> = (0..4)
        .map(|n| sim.supergroup(&format!("House {n}")))
        .collect();
    let people: Vec<i64> = (0..4).map(|n| sim.user(&format!("Tenant {n}"))).collect();
    for chat in &groups {
        sim.add_bot_admin(*chat);
        for user in &people {
            sim.join(*chat, *user);
        }
    }
    let first = say(&app, &sim, groups[0], people[0], WORDS).await;
    assert_eq!(weight(&first, "going_round"), 0.0);
    let second = say(&app, &sim, groups[1], people[1], WORDS).await;
    assert!(weight(&second, "going_round") > 0.5, "{second:?}");
    // This group wants to know nothing of the others, and is not counted for them.
    say(
        &app,
        &sim,
        groups[2],
        people[2],
        "Hello, is anybody at home?",
    )
    .await;
    set_apart(&app, groups[2]).await;
    let apart = say(&app, &sim, groups[2], people[2], WORDS).await;
    assert_eq!(weight(&apart, "going_round"), 0.0);
    let fourth = say(&app, &sim, groups[3], people[3], WORDS).await;
    assert!(
        (weight(&fourth, "going_round") - 1.6).abs() < 1e-3,
        "{fourth:?}"
    );
    assert_ne!(fourth.band, "spam");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_caught_is_judged_as_such_until_it_is_taken_back() {
    let dir = tempfile::tempdir().unwrap();
    let sim = simulator();
    let app = house_with(&sim, dir.path(), "suggest", |_| {}).await;
    let group = sim.supergroup("House");
    sim.add_bot_admin(group);
    let ann = sim.user("Ann");
    sim.join(group, ann);
    let before = say(
        &app,
        &sim,
        group,
        ann,
        "The caretaker has the keys to the cellar",
    )
    .await;
    assert_eq!(weight(&before, "distrusted"), 0.0);
    let now = SystemClock.now();
    let cause = app
        .store
        .write(move |tx| {
            let cause: i64 = tx.query_row("SELECT max(id) FROM spam_results", [], |r| r.get(0))?;
            tx.repute(group, ann, Evidence::ConfirmedSpam, Some(cause), now)?;
            Ok(cause)
        })
        .await
        .unwrap();
    app.community.forget_member(group, ann);
    let caught = say(
        &app,
        &sim,
        group,
        ann,
        "The caretaker also has the keys to the roof",
    )
    .await;
    assert!(weight(&caught, "distrusted") > 0.0, "{caught:?}");
    app.store
        .write(move |tx| {
            assert!(tx.pardon(cause, now)?);
            Ok(())
        })
        .await
        .unwrap();
    app.community.forget_member(group, ann);
    let pardoned = say(
        &app,
        &sim,
        group,
        ann,
        "And the keys to the bicycle shed as well",
    )
    .await;
    assert_eq!(weight(&pardoned, "distrusted"), 0.0, "{pardoned:?}");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_message_after_another_is_a_burst() {
    const LINES: [&str; 6] = [
        "The caretaker has the keys to the cellar",
        "The lift will be out of order until noon",
        "Somebody left a pushchair in front of number four",
        "The boiler was repaired, it should be warm tonight",
        "Please close the gate when you come in at night",
        "There is a parcel for the Millers at the bakery",
    ];
    let dir = tempfile::tempdir().unwrap();
    let sim = simulator();
    let app = house_with(&sim, dir.path(), "suggest", |_| {}).await;
    let group = sim.supergroup("House");
    sim.add_bot_admin(group);
    let (ann, bob) = (sim.user("Ann"), sim.user("Bob"));
    sim.join(group, ann);
    sim.join(group, bob);
    let mut bursts = Vec::new();
    for line in LINES {
        bursts.push(weight(&say(&app, &sim, group, ann, line).await, "burst"));
    }
    // Talk comes in twos and threes: the fifth has four before it.
    assert_eq!(bursts[..4], [0.0; 4], "{bursts:?}");
    assert!(bursts[4] > 0.0 && bursts[5] > bursts[4], "{bursts:?}");
    let other = say(&app, &sim, group, bob, "What a lot of news for one morning").await;
    assert_eq!(
        weight(&other, "burst"),
        0.0,
        "somebody else's messages are not one's own"
    );
    app.stop().await;
}

fn check(args: &[&str], dir: &std::path::Path) -> (bool, Vec<Value>, String) {
    let out = Command::new(env!("CARGO_BIN_EXE_beadle"))
        .args(["check", "--json"])
        .args(args)
        .env("BEADLE_DATA_DIR", dir)
        .output()
        .unwrap();
    let lines = String::from_utf8(out.stdout).unwrap();
    let verdicts = lines.lines().map(|l| serde_json::from_str(l).unwrap());
    (
        out.status.success(),
        verdicts.collect(),
        String::from_utf8_lossy(&out.stderr).into_owned(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn check_judges_as_a_group_would() {
    let dir = tempfile::tempdir().unwrap();
    let sim = simulator();
    let app = house_with(&sim, dir.path(), "act", |_| {}).await;
    let group = sim.supergroup("House");
    sim.add_bot_admin(group);
    let ann = sim.user("Ann");
    sim.join(group, ann);
    say(
        &app,
        &sim,
        group,
        ann,
        "The caretaker has the keys to the cellar",
    )
    .await;
    app.store
        .write(move |tx| {
            teach_words(tx, group, WORDS, Label::Spam, 1, 5)?;
            tx.execute(
                "UPDATE groups SET settings = json_set(settings, '$.moderation', json_object('review_at', 0.35)) WHERE id = ?1",
                [group],
            )?;
            Ok(())
        })
        .await
        .unwrap();
    app.stop().await;

    let id = group.to_string();
    let (good, anywhere, _) = check(&[WORDS], dir.path());
    assert!(good);
    assert_eq!(anywhere[0]["band"], "clear", "{anywhere:?}");
    let (good, here, said) = check(&["--group", &id, WORDS], dir.path());
    assert!(good, "{said}");
    let known = |v: &Value| {
        v["reasons"]
            .as_array()
            .unwrap()
            .iter()
            .any(|r| r["code"] == "known_spam")
    };
    assert!(known(&here[0]), "{here:?}");
    assert_ne!(here[0]["band"], "clear");

    // Many lines, rubbish among them, an update among them.
    let update = serde_json::json!({ "update_id": 1, "message": { "message_id": 9, "date": 1,
        "chat": { "id": group, "type": "supergroup", "title": "House" },
        "from": { "id": ann, "is_bot": false, "first_name": "Ann" }, "text": WORDS } });
    let file = dir.path().join("lines.jsonl");
    let long = "x".repeat(13_000);
    let lines = format!(
        "{}\n{update}\n{{broken\n{long}\n{}",
        "good morning\n".repeat(70),
        "last line"
    );
    std::fs::write(&file, lines).unwrap();
    let (good, all, said) = check(
        &["--group", &id, "--file", file.to_str().unwrap()],
        dir.path(),
    );
    assert!(!good);
    assert_eq!(all.len(), 72, "{said}");
    assert_eq!(all[70]["user"], ann);
    assert!(known(&all[70]), "{:?}", all[70]);
    assert!(said.contains("line 73: not JSON"), "{said}");
    assert!(said.contains("line 74: longer than"), "{said}");
    assert!(said.contains("2 of 75 lines"), "{said}");

    let (good, _, said) = check(&["--group", "-42", "hello there"], dir.path());
    assert!(!good && said.contains("knows no group -42"), "{said}");
}
