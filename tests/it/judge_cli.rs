//! `beadle check`, `beadle eval` and `beadle bench judge` from outside: verdicts a line, rubbish named by its line.
use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use crate::support::house::SPAM;

fn beadle(args: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_beadle"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // A child that refused its arguments reads nothing.
    let _closed = stdin.write_all(input);
    drop(stdin);
    child.wait_with_output().unwrap()
}

fn objects(output: &Output) -> Vec<Value> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let lines = text.lines().map(|l| serde_json::from_str(l).unwrap());
    lines.collect()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_text_gets_one_verdict() {
    let out = beadle(&["check", "--json", SPAM], b"");
    assert!(out.status.success());
    let [verdict] = &objects(&out)[..] else {
        panic!("{out:?}");
    };
    assert_eq!(verdict["v"], 1);
    assert_eq!(verdict["band"], "spam");
    for name in [
        "id",
        "chat",
        "message",
        "user",
        "score",
        "decision",
        "reasons",
        "stage",
        "model",
        "settings_rev",
        "facts_v",
    ] {
        assert!(verdict.get(name).is_some(), "{name}: {verdict}");
    }
    let plain = beadle(&["check", "is the library open on Monday?"], b"");
    assert!(String::from_utf8_lossy(&plain.stdout).starts_with("clear "));
}

#[test]
fn texts_and_whole_updates_are_judged_line_by_line() {
    let update = json!({ "update_id": 7, "message": {
        "message_id": 12, "date": 1, "chat": { "id": -5, "type": "supergroup", "title": "G" },
        "from": { "id": 9, "is_bot": false, "first_name": "A" }, "text": SPAM,
    }});
    let lines = format!(
        "{update}\n\nsee you at the lake\n{}\n",
        json!({ "text": SPAM })
    );
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("messages.jsonl");
    std::fs::write(&file, &lines).unwrap();
    let from_file = beadle(&["check", "--json", "--file", file.to_str().unwrap()], b"");
    assert!(from_file.status.success(), "{}", said(&from_file));
    let verdicts = objects(&from_file);
    let bands: Vec<_> = verdicts
        .iter()
        .map(|v| v["band"].as_str().unwrap())
        .collect();
    assert_eq!(bands, ["spam", "clear", "spam"]);
    assert_eq!(
        (
            &verdicts[0]["chat"],
            &verdicts[0]["message"],
            &verdicts[0]["user"]
        ),
        (&json!(-5), &json!(12), &json!(9))
    );
    assert_eq!(
        objects(&beadle(&["check", "--json", "-"], lines.as_bytes())),
        verdicts
    );
}

#[test]
fn rubbish_is_named_by_its_line_and_the_rest_is_judged() {
    let mut input = b"hello there, all is well\n{\"text\": 5}\n{broken\n\xff\xfe\n".to_vec();
    input.extend(vec![b'a'; 300 * 1024]);
    input.extend(b"\n{\"update_id\": 1, \"poll\": {}}\nlast one\n");
    let out = beadle(&["check", "--json", "-"], &input);
    assert_eq!(out.status.code(), Some(1));
    assert_eq!(objects(&out).len(), 2);
    let errors = said(&out);
    for (line, word) in [
        (2, "no \"update_id\""),
        (3, "not JSON"),
        (4, "not UTF-8"),
        (5, "longer than"),
        (6, "without a message"),
    ] {
        let named = |l: &str| l.starts_with(&format!("line {line}:")) && l.contains(word);
        assert!(errors.lines().any(named), "{line} {word}: {errors}");
    }
    assert!(errors.contains("5 of 7 lines"), "{errors}");
    let missing = beadle(&["check", "--file", "/nowhere/at/all"], b"");
    assert!(said(&missing).contains("/nowhere/at/all"));
    let nothing = beadle(&["check"], b"");
    assert_eq!(nothing.status.code(), Some(2));
}

/// A small labelled set with two parts, and the report on it.
fn report(write: impl Fn(&std::path::Path)) -> Output {
    let dir = tempfile::tempdir().unwrap();
    let set = dir.path().join("greens");
    std::fs::create_dir(&set).unwrap();
    write(&set);
    beadle(
        &[
            "eval",
            "spam",
            "--json",
            "--seeds",
            "2",
            "--data",
            set.to_str().unwrap(),
        ],
        b"",
    )
}

#[test]
fn evaluation_reads_labelled_files_and_reports_each_test() {
    let goods = [
        "lamps", "chairs", "watches", "shoes", "phones", "bags", "tents", "rings",
    ];
    let places = [
        "lake", "station", "school", "market", "bridge", "garden", "church", "farm",
    ];
    let out = report(|dir| {
        let mut csv = "label,text\n".to_owned();
        let mut tsv = String::new();
        for (i, (thing, place)) in goods.iter().zip(places).enumerate() {
            csv += &format!(
                "spam,\"buy cheap {thing} now, discount {i}{i}%\"\nham,we walk to the {place} after lunch\n"
            );
            tsv += &format!(
                "spam\t{thing} on sale, buy now with discount\nham\tis the path to the {place} still wet?\n"
            );
        }
        std::fs::write(dir.join("one.csv"), csv).unwrap();
        std::fs::write(dir.join("two.tsv"), tsv).unwrap();
    });
    assert!(out.status.success(), "{}", said(&out));
    let rows = objects(&out);
    let find = |test: &str, disguise: &str| {
        let is = |r: &&Value| r["test"] == test && r["disguise"] == disguise;
        rows.iter()
            .find(is)
            .unwrap_or_else(|| panic!("{test} {disguise}: {rows:?}"))
    };
    let folds = find("folds", "none");
    assert_eq!(
        (&folds["spam"], &folds["set"]),
        (&json!(16), &json!("greens"))
    );
    assert!(folds["f1"].as_f64().unwrap() > 0.9, "{folds}");
    assert!(
        folds["recall_at_1pct"].is_null(),
        "too few ordinary texts: {folds}"
    );
    assert!(find("part_left_out", "twins")["recall"].as_f64().unwrap() > 0.7);
    assert_eq!(find("all", "styles")["model"], "shipped");
    assert!(find("cold_start", "none")["ham_in_spam"].as_f64().unwrap() < 0.01);
}

#[test]
fn evaluation_names_the_file_and_line_it_cannot_read() {
    let out = report(|dir| std::fs::write(dir.join("x.tsv"), "spam\tbuy\nperhaps\tbuy\n").unwrap());
    assert!(!out.status.success());
    assert!(said(&out).contains("x.tsv: line 2"), "{}", said(&out));
    let out = report(|dir| std::fs::write(dir.join("x.csv"), "a,b\n1,2\n").unwrap());
    assert!(said(&out).contains("no column"), "{}", said(&out));
    let out = report(|dir| std::fs::write(dir.join("x.jsonl"), "{\"text\": 1}\n").unwrap());
    assert!(said(&out).contains("line 1"), "{}", said(&out));
    let out = report(|_| {});
    assert!(said(&out).contains("spam/ham"), "{}", said(&out));
}
