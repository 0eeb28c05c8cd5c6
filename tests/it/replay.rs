//! `beadle replay`: other settings tried on what was judged move exactly the verdicts they should, and change nothing.
use std::collections::BTreeMap;
use std::path::Path;

use beadle::app::App;
use serde_json::Value;

use crate::cli::command;
use crate::support::house::{SPAM, house, judged, simulator, value};

/// What newcomers say, from harmless to nearly spam.
const SAID: [&str; 7] = [
    SPAM,
    "Where do I find the key of the tool shed? The door is closed today.",
    "Work from home, pays well, write me in private",
    "Earn money from home with me, details in private @nice_boss_here",
    "Доход от 200$ в день, опыт не нужен",
    "Looking for people for remote work, from $150 a day",
    "Join my channel t.me/+somechannel for signals",
];

/// Message → (decision, score), as stored.
async fn stored(app: &App) -> BTreeMap<i64, (String, f64)> {
    let read = app.store.read(|conn| {
        let mut find = conn.prepare("SELECT message, decision, score FROM spam_results")?;
        let rows = find.query_map([], |r| Ok((r.get(0)?, (r.get(1)?, r.get(2)?))))?;
        Ok(rows.collect::<Result<_, _>>()?)
    });
    read.await.unwrap()
}

/// The changed verdicts by message, and the summary.
fn replay(dir: &Path, settings: Option<&str>) -> (BTreeMap<i64, Value>, Value) {
    let mut args = vec!["replay", "--json", "--data-dir", dir.to_str().unwrap()];
    let file = dir.join("tried.toml");
    if let Some(settings) = settings {
        std::fs::write(&file, settings).unwrap();
        args.extend(["--settings", file.to_str().unwrap()]);
    }
    let out = command(&args).output().unwrap();
    let said = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{said}");
    let text = String::from_utf8(out.stdout).unwrap();
    let mut items: Vec<Value> = text
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    assert!(items.iter().all(|i| i["v"] == 1));
    let summary = items.pop().unwrap()["summary"].take();
    let by_message = items.into_iter();
    let listed = by_message.map(|i| (i["message"].as_i64().unwrap(), i));
    (listed.collect(), summary)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_threshold_moves_exactly_the_verdicts_between_the_old_one_and_the_new() {
    let sim = simulator();
    let group = sim.supergroup("The green");
    sim.add_bot_admin(group);
    let dir = tempfile::tempdir().unwrap();
    let app = house(&sim, dir.path()).await;
    for (n, words) in SAID.iter().enumerate() {
        let user = sim.user(&format!("Newcomer {n}"));
        sim.join(group, user);
        let message = sim.say(group, user, words);
        judged(&app, group, message).await;
    }
    let before = stored(&app).await;
    // Twice the same words of two people are not what is tried here: each has its own score.
    let mut scores: Vec<f64> = before.values().map(|(_, score)| *score).collect();
    scores.sort_by(f64::total_cmp);
    let all = SAID.len() as u64;

    // Today's settings: nothing is otherwise.
    let (listed, summary) = replay(dir.path(), None);
    assert!(listed.is_empty(), "{listed:?}");
    assert_eq!(summary["judged"], all);
    assert_eq!(summary["then"], summary["now"]);
    assert!(summary["now"]["delete"].as_u64().unwrap() >= 1, "{summary}");

    // A threshold of spam between the two lowest that are above the harmless one, running and at rest.
    let spam_at = (scores[1] + scores[2]) / 2.0;
    let tried = format!("[moderation]\nreview_at = 0.0\nspam_at = {spam_at}\n");
    let live = replay(dir.path(), Some(&tried));
    let expected: BTreeMap<i64, &str> = before
        .iter()
        .filter_map(|(message, (decision, score))| {
            let now = if *score >= spam_at {
                "delete"
            } else {
                "review"
            };
            (decision != now).then_some((*message, now))
        })
        .collect();
    assert!(expected.len() >= 3, "{before:?}");
    let found: BTreeMap<i64, &str> = live
        .0
        .iter()
        .map(|(message, item)| (*message, item["now"][0].as_str().unwrap()))
        .collect();
    assert_eq!(found, expected);
    assert_eq!(live.1["changed"], expected.len() as u64);
    for (message, item) in &live.0 {
        let (decision, score) = &before[message];
        assert_eq!(item["then"][0], decision.as_str());
        assert!((item["then"][1].as_f64().unwrap() - score).abs() < 1e-6);
        let link = item["link"].as_str().unwrap();
        assert!(link.ends_with(&format!("/{message}")) && link.starts_with("https://t.me/c/"));
    }
    let worst = live
        .0
        .values()
        .max_by_key(|i| i["reasons"].as_array().unwrap().len());
    assert!(!worst.unwrap()["reasons"][0]["code"].is_null());

    // What moderators said of it is held against it.
    let (harmless, _) = before.iter().find(|(_, (_, s))| *s == scores[2]).unwrap();
    let harmless = *harmless;
    let label = app.store.write(move |tx| {
        tx.execute("UPDATE spam_results SET label = 'ham' WHERE message = ?1", [harmless])?;
        tx.execute("UPDATE spam_results SET facts_v = 1 WHERE id = (SELECT id FROM spam_results ORDER BY score LIMIT 1)", [])?;
        Ok(())
    });
    label.await.unwrap();
    let rows =
        "SELECT group_concat(id || decision || facts || coalesce(label, '')) FROM spam_results";
    let as_it_was: String = value(&app, rows).await;
    app.stop().await;
    sim.stop();
    let (listed, summary) = replay(dir.path(), Some(&tried));
    assert_eq!(summary["skipped_version"], 1);
    assert_eq!(summary["judged"], all - 1);
    assert_eq!(summary["now"]["false_positives"], 1);
    assert_eq!(summary["then"]["false_positives"], 0);
    assert_eq!(listed[&harmless]["false_positive"], true);

    // In another mode the same verdicts lead to less.
    let (listed, summary) = replay(dir.path(), Some("mode = \"observe\"\n"));
    assert!(!listed.is_empty());
    for item in listed.values() {
        assert_eq!(
            (&item["then"][0], &item["now"][0]),
            (&"delete".into(), &"would_delete".into())
        );
    }
    assert_eq!(summary["now"]["delete"], 0);
    assert_eq!(summary["now"]["would_delete"], summary["then"]["delete"]);
    let conn = rusqlite::Connection::open(dir.path().join("beadle.db")).unwrap();
    let now: String = conn.query_row(rows, [], |r| r.get(0)).unwrap();
    assert_eq!(now, as_it_was, "nothing was changed");
}

#[test]
fn a_file_that_cannot_be_tried_is_refused_with_all_its_mistakes() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().to_str().unwrap();
    std::fs::write(dir.path().join("beadle.db"), b"").unwrap();
    let refused = |content: &[u8]| {
        let file = dir.path().join("tried.toml");
        std::fs::write(&file, content).unwrap();
        let args = [
            "replay",
            "--data-dir",
            place,
            "--settings",
            file.to_str().unwrap(),
        ];
        let out = command(&args).output().unwrap();
        assert!(!out.status.success());
        String::from_utf8_lossy(&out.stderr).into_owned()
    };
    let said = refused(b"mode = \"war\"\n[moderation]\nspam_at = 7\nspam_ta = 0.5\n");
    for part in ["mode", "spam_at", "spam_ta", "tried.toml"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let said = refused(&[0xff, 0xfe, 0x00, 0x9f]);
    assert!(said.contains("not a text file"), "{said}");
    let said = refused("[".repeat(100_000).as_bytes());
    assert!(said.contains("cannot be tried"), "{said}");
    let said = refused(&b"x = 1\n".repeat(100_000));
    assert!(
        said.contains("line 51") && !said.contains("line 60:"),
        "{said}"
    );
    let said = refused(&b"x = 1\n".repeat(1_000_000));
    assert!(said.contains("4 MiB"), "{said}");
}
