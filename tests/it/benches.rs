//! `beadle bench` from outside: every line says what it is, and what it measures has happened.
use std::collections::BTreeMap;

use serde_json::Value;

use crate::cli::beadle;

fn rows(args: &[&str]) -> BTreeMap<String, Value> {
    beadle(args)
        .lines()
        .map(|line| {
            let row: Value = serde_json::from_str(line).unwrap();
            assert_eq!(row["v"], 1, "{line}");
            let name = row["name"].as_str().unwrap();
            assert_eq!(name, name.trim(), "a line that stands by itself");
            // A bound has a side, and whether it was met is said of it.
            assert_eq!(row["wanted"].is_null(), row["side"].is_null(), "{line}");
            assert_eq!(row["wanted"].is_null(), row["met"].is_null(), "{line}");
            (name.to_owned(), row)
        })
        .collect()
}

#[test]
fn the_time_that_spam_stands_is_measured_on_spam_that_went() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().to_str().unwrap();
    let rows = rows(&[
        "bench",
        "react",
        "--seconds",
        "2",
        "--rate",
        "100",
        "--groups",
        "20",
        "--spam",
        "10",
        "--json",
        "--dir",
        place,
    ]);
    let value = |name: &str| rows[name]["value"].as_f64().unwrap();
    assert!(value("spam that should be removed") >= 5.0, "{rows:?}");
    assert_eq!(value("spam left standing"), 0.0, "{rows:?}");
    assert_eq!(value("ordinary messages removed"), 0.0, "{rows:?}");
    let name = "spam's arrival to the call that removes it";
    let (median, p99) = (
        value(&format!("{name}, median")),
        value(&format!("{name}, p99")),
    );
    assert!(median > 0.0 && median <= p99, "{rows:?}");
    // Two commits stand between, each 4 ms slower.
    let slow = &rows[&format!("{name}, commits 4 ms slower, p99")];
    assert!(slow["value"].as_f64().unwrap() > 8.0, "{slow}");
    // Nothing is left behind.
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn a_raid_is_held_and_few_words_are_made_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().to_str().unwrap();
    let rows = rows(&[
        "bench",
        "raid",
        "--minutes",
        "1",
        "--joins",
        "60",
        "--speed",
        "20",
        "--talk",
        "20",
        "--rounds",
        "1",
        "--json",
        "--dir",
        place,
    ]);
    let value = |name: &str| rows[name]["value"].as_f64().unwrap();
    assert_eq!(value("people of the raid"), 60.0, "{rows:?}");
    assert_eq!(value("neither held nor put out"), 0.0, "{rows:?}");
    let said = value("messages and edits in the busiest simulated minute");
    assert!((1.0..=20.0).contains(&said), "{rows:?}");
    assert!(
        value("the same in another group, raid, p99") > 0.0,
        "{rows:?}"
    );
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}
