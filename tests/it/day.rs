//! A day of a large group, in its small form: what must hold of it at any size.
use std::collections::BTreeMap;

use serde_json::Value;

use crate::cli::beadle;

/// A day as the bench tells it: rows by name.
fn day(args: &[&str]) -> BTreeMap<String, Value> {
    let all = [&["bench", "day", "--json"], args].concat();
    let rows = beadle(&all);
    let rows = rows.lines().map(|line| {
        let row: Value = serde_json::from_str(line).unwrap();
        assert_eq!(row["v"], 1, "{line}");
        (row["name"].as_str().unwrap().to_owned(), row)
    });
    rows.collect()
}

#[test]
fn on_a_small_day_spam_goes_people_are_spared_and_few_cards_are_asked() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().to_str().unwrap();
    let rows = day(&["--messages", "150", "--seed", "3", "--dir", place]);
    let value = |name: &str| rows[name]["value"].as_f64().unwrap();
    assert_eq!(value("messages of people who are no spammers"), 150.0);
    assert!(value("messages of spammers") >= 20.0, "{rows:?}");
    for tactic in [
        "naked ad",
        "look-alike letters",
        "harmless, then edited",
        "quoted from another chat",
        "forwarded from a hidden account",
        "buttons of an inline bot",
        "channel as the sender",
        "on topic, written by a machine",
    ] {
        let how = &rows[&format!("tactic: {tactic}")]["how"];
        assert_eq!(how, "removed", "{tactic}: {rows:?}");
    }
    let tactics = rows.iter().filter(|(name, _)| name.starts_with("tactic: "));
    for (name, row) in tactics {
        assert_eq!(row["met"], true, "{name}: {rows:?}");
    }
    let how = |tactic: &str| rows[&format!("tactic: {tactic}")]["how"].clone();
    assert_eq!(how("reactions only"), "reactions removed");
    assert_eq!(how("advertising name, joins and leaves"), "name hidden");
    assert!(value("of those greeted by name") >= 1.0, "{rows:?}");
    for name in [
        "regulars treated",
        "lasting messages by Beadle in the group",
        "cards",
        "taps per decision, median",
        "precision of treatments without a tap",
    ] {
        assert_eq!(rows[name]["met"], true, "{name}: {rows:?}");
    }
    assert!(value("decisions on cards") >= 8.0, "{rows:?}");
    assert!(value("treatments without a tap") >= 8.0, "{rows:?}");
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}
