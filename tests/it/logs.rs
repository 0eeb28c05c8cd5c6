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
