//! The log: its two forms, what stands in a line, and what never does.
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use beadle::telegram::simulator::Simulator;
use serde_json::Value;

use crate::faults_http::Running;
use crate::support::house::{SPAM, is_removed, simulator, within};

/// Runs a group's day with the log at its most talkative, and gives what was written.
async fn day(format: &str, level: &str) -> (Simulator, i64, i64, String) {
    let sim = simulator();
    let (group, ann) = (sim.supergroup("Wexcombe allotments"), sim.user("Philippa"));
    sim.add_bot_admin(group);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log");
    let log = std::fs::File::create(&path).unwrap();
    let more = [
        ("BEADLE_LOG", level),
        ("LOG_FORMAT", format),
        ("BEADLE_MODERATION_MODE", "act"),
    ];
    let running = Running::start(&sim, dir.path(), &more, (Stdio::null(), log.into())).await;
    sim.say(group, ann, "Rhubarb by the shed, please take some");
    let hello = sim.say(group, ann, "/help");
    let spam = sim.say(group, sim.user("Ferdinand"), &format!("{SPAM} Zanzibar"));
    within(30, "the spam is removed and the question answered", || {
        is_removed(&sim, group, spam)
            && sim
                .bot_messages(group)
                .iter()
                .any(|m| m.reply_to() == Some(hello))
    })
    .await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    running.stop();
    let text = read(&path);
    (sim, group, ann, text)
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

/// Words, names, titles and the token: what a log must never hold.
fn private(sim: &Simulator) -> Vec<String> {
    let mut words = [
        "Rhubarb",
        "Zanzibar",
        "easy_income_now",
        "Philippa",
        "Ferdinand",
        "Wexcombe",
    ]
    .map(str::to_owned)
    .to_vec();
    words.push(sim.token().to_owned());
    words.push(sim.token().split(':').next_back().unwrap().to_owned());
    words
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_for_machines_has_its_keys_and_nobodys_words() {
    let (sim, group, ann, text) = day("json", "debug").await;
    assert!(text.lines().count() > 5, "{text}");
    let (mut about, mut judged) = (false, false);
    for line in text.lines() {
        let value: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        let at = value["timestamp"].as_str().unwrap();
        assert!(
            at.len() == 24 && at.ends_with('Z') && at.as_bytes()[10] == b'T',
            "{at}"
        );
        assert!(
            ["ERROR", "WARN", "INFO", "DEBUG"].contains(&value["level"].as_str().unwrap()),
            "{line}"
        );
        assert!(
            value["logger"].is_string() && value["message"].is_string(),
            "{line}"
        );
        judged |= value["message"] == "judged" && value["confidence"].is_f64();
        about |=
            value["group_id"] == group && value["user_id"] == ann && value["trace_id"].is_i64();
    }
    assert!(judged, "no line tells of a verdict:\n{text}");
    assert!(about, "no line says whom it is about:\n{text}");
    for word in private(&sim) {
        assert!(!text.contains(&word), "{word} stands in the log");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_for_people_begins_with_time_logger_and_level() {
    let (sim, _, _, text) = day("text", "trace").await;
    let line = text
        .lines()
        .find(|l| l.contains("started, polling"))
        .unwrap();
    let parts: Vec<&str> = line.splitn(4, " - ").collect();
    assert!(
        parts[0].len() == 24 && parts[1].starts_with("beadle::") && parts[2] == "INFO",
        "{line}"
    );
    for word in private(&sim) {
        assert!(!text.contains(&word), "{word} stands in the log");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn kept_lines_are_found_by_level_group_person_and_part_and_say_more_when_asked() {
    let sim = simulator();
    let (group, ann) = (sim.supergroup("Wexcombe allotments"), sim.user("Philippa"));
    let (other, bob) = (sim.supergroup("Elsewhere"), sim.user("Ferdinand"));
    sim.add_bot_admin(group);
    sim.add_bot_admin(other);
    let dir = tempfile::tempdir().unwrap();
    // Of a day long ago, of another kind, and rubbish.
    let folder = dir.path().join("logs");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("2020-01-01.jsonl"), "{}\n").unwrap();
    std::fs::write(folder.join("notes.txt"), "mine\n").unwrap();
    let more = [("BEADLE_LOG", "info"), ("BEADLE_MODERATION_MODE", "act")];
    let running = Running::start(&sim, dir.path(), &more, (Stdio::null(), Stdio::null())).await;
    let logs = |args: &[&str]| {
        let mut all = vec!["logs"];
        all.extend(args);
        all.extend(["--data-dir", dir.path().to_str().unwrap()]);
        let out = crate::cli::command(&all).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (out.status.success(), text(out.stdout), text(out.stderr))
    };
    assert_eq!(logs(&["level"]).1.trim(), "info");
    let (ok, _, told) = logs(&["level", "beadle=loudest"]);
    assert!(!ok && told.contains("debug"), "{told}");
    assert_eq!(logs(&["level", "debug"]).1.trim(), "debug");
    sim.say(group, ann, "Rhubarb by the shed, please take some");
    let spam = sim.say(other, bob, &format!("{SPAM} Zanzibar"));
    within(30, "removed", || is_removed(&sim, other, spam)).await;
    assert_eq!(logs(&["level", "warn"]).1.trim(), "warn");
    tokio::time::sleep(Duration::from_millis(300)).await;
    running.stop();

    let lines = |args: &[&str]| -> Vec<Value> {
        let (ok, out, err) = logs(args);
        assert!(ok, "{err}");
        out.lines()
            .map(|l| serde_json::from_str(l).unwrap())
            .collect()
    };
    let all = lines(&["--json", "--since", "1h"]);
    let id = group.to_string();
    let of_group = lines(&["--json", "--since", "1h", "--group", &id]);
    assert!(!of_group.is_empty() && of_group.len() < all.len());
    assert!(of_group.iter().all(|l| l["group_id"] == group));
    let of_ann = lines(&["--json", "--since", "1h", "--user", &ann.to_string()]);
    assert!(!of_ann.is_empty() && of_ann.iter().all(|l| l["user_id"] == ann));
    let trace = of_ann[0]["trace_id"].to_string();
    assert!(
        lines(&["--json", "--since", "1h", "--trace", &trace])
            .iter()
            .all(|l| l["user_id"] == ann)
    );
    let loud = lines(&["--json", "--since", "1h", "--level", "INFO"]);
    assert!(!loud.is_empty() && loud.iter().all(|l| l["level"] != "DEBUG"));
    let part = lines(&["--json", "--since", "1h", "--service", "pipeline"]);
    assert!(
        !part.is_empty()
            && part
                .iter()
                .all(|l| l["logger"].as_str().unwrap().contains("pipeline"))
    );
    assert_eq!(logs(&["-n", "2"]).1.lines().count(), 2);
    assert!(logs(&["-n", "1"]).1.starts_with("20"));
    // Nobody's words; the old day went; what is not ours stays.
    let mut text = String::new();
    for file in std::fs::read_dir(&folder).unwrap() {
        let path = file.unwrap().path();
        assert!(!path.ends_with("2020-01-01.jsonl"));
        text += &read(&path);
    }
    assert!(text.contains("mine"));
    for words in private(&sim) {
        assert!(!text.contains(&words), "{words}");
    }
    let (ok, _, told) = logs(&["level"]);
    assert!(!ok && told.contains("no Beadle runs"), "{told}");
}
