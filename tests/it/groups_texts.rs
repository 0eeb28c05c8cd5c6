//! What people read exists in both languages, with the same values put in.
use std::collections::{BTreeMap, BTreeSet};

use beadle::features::moderation::{carriers, signals};
use beadle::texts::{CATALOGUES, Lang, text};

/// Entries by key: the words, and the names of the values in them. Continued lines belong to their entry.
fn entries(catalogue: &str) -> BTreeMap<String, (String, BTreeSet<String>)> {
    let mut all: BTreeMap<String, (String, BTreeSet<String>)> = BTreeMap::new();
    let mut key = String::new();
    for line in catalogue.lines() {
        if line.starts_with('#') || line.trim().is_empty() {
            continue;
        }
        let words = if line.starts_with([' ', '\t', '}']) {
            assert!(!key.is_empty(), "a line that belongs to nothing: {line}");
            line
        } else {
            let (name, words) = line.split_once('=').unwrap_or_else(|| panic!("{line}"));
            key = name.trim().to_owned();
            assert!(!all.contains_key(&key), "{key} is there twice");
            words
        };
        let entry = all.entry(key.clone()).or_default();
        entry.0.push_str(words);
        for part in words.split('$').skip(1) {
            let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-');
            entry.1.insert(part[..end.unwrap_or(part.len())].to_owned());
        }
    }
    all
}

fn both() -> [BTreeMap<String, (String, BTreeSet<String>)>; 2] {
    CATALOGUES.map(|(_, catalogue)| entries(catalogue))
}

#[test]
fn both_catalogues_parse_strictly() {
    for (tag, catalogue) in CATALOGUES {
        let parsed = fluent_bundle::FluentResource::try_new(catalogue.to_owned());
        let faults = parsed.err().map(|(_, faults)| faults);
        assert!(faults.is_none(), "{tag}: {faults:?}");
    }
}

#[test]
fn both_have_the_same_keys_and_values() {
    let [en, ru] = both();
    let keys = |c: &BTreeMap<String, _>| c.keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&en), keys(&ru));
    for (key, (words, values)) in &en {
        let (other, others) = &ru[key];
        assert_eq!(values, others, "{key}");
        assert_ne!(words, other, "{key} is not translated");
        assert!(
            other.chars().any(|c| ('а'..='я').contains(&c)) || key == "button-why",
            "{key}: {other}"
        );
    }
}

/// Source files under `dir`, with their text.
fn sources(dir: &std::path::Path, all: &mut String) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, all);
        } else if path.extension().is_some_and(|e| e == "rs") {
            all.push_str(&std::fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn every_text_that_is_asked_for_is_there_and_every_other_is_gone() {
    let [en, _] = both();
    let mut source = String::new();
    sources(
        &std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut source,
    );
    // `text(lang, "key", …)`: the key may stand on the next line.
    let mut asked: BTreeSet<String> = BTreeSet::new();
    for call in source.split("text(").skip(1) {
        let head: String = call.chars().take(120).collect();
        let args: Vec<&str> = head.splitn(3, ',').collect();
        let (Some(lang), Some(key)) = (args.first(), args.get(1).map(|k| k.trim())) else {
            continue;
        };
        if lang.contains("lang") && key.starts_with('"') && key.ends_with('"') {
            asked.insert(key.trim_matches('"').to_owned());
        }
    }
    assert!(asked.contains("start-private") && asked.contains("why-nothing"));
    for key in &asked {
        assert!(en.contains_key(key), "{key} is asked for and not there");
    }
    // Keys chosen by a `match` stand in the source as words of their own; settings find theirs by their paths.
    let by_path = |key: &str| key.starts_with("reason-") || key.starts_with("set-");
    for key in en.keys().filter(|key| !by_path(key)) {
        let word = format!("\"{key}\"");
        assert!(source.contains(&word), "nobody asks for {key}");
    }
}

#[test]
fn every_signal_is_said_in_both_languages_as_a_part_of_a_list() {
    let [en, ru] = both();
    let mut reasons: BTreeSet<&str> = signals::TABLE.iter().map(|s| s.text_key).collect();
    reasons.insert("reason-album");
    let of_topics: Vec<String> = carriers::TOPICS
        .iter()
        .map(|t| format!("reason-{}", t.code.replace('_', "-")))
        .collect();
    reasons.extend(of_topics.iter().map(String::as_str));
    // A person's word, and what is said where nothing can be named.
    reasons.extend(["reason-by-admin", "reason-by-command", "reason-unnamed"]);
    reasons.insert("reason-shared-ban");
    // Rules that admins wrote.
    let house: Vec<String> = beadle::features::moderation::house::CODES
        .iter()
        .map(|(code, _)| format!("reason-{}", code.replace('_', "-")))
        .collect();
    reasons.extend(house.iter().map(String::as_str));
    for signal in signals::TABLE {
        // By this rule a kept verdict finds its words again.
        let by_code = format!("reason-{}", signal.code.replace('_', "-"));
        assert_eq!(signal.text_key, by_code);
    }
    for catalogue in [&en, &ru] {
        let there: BTreeSet<&str> = catalogue
            .keys()
            .map(String::as_str)
            .filter(|k| k.starts_with("reason-"))
            .collect();
        assert_eq!(there, reasons);
        for key in &reasons {
            let words = catalogue[*key].0.trim();
            let first = words.chars().next().unwrap();
            assert!(first.is_lowercase(), "{key} begins a sentence: {words}");
            assert!(!words.ends_with('.') && !words.contains(", "), "{key}");
        }
    }
}

#[test]
fn texts_come_in_the_language_asked_for() {
    assert_eq!(Lang::from_tag(Some("ru-RU")), Lang::Ru);
    assert_eq!(Lang::from_tag(Some("de")), Lang::En);
    let note = |lang, n: i64| text(lang, "removed-note", &[("count", n.into())]);
    assert_eq!(
        note(Lang::En, 1),
        "I removed a message that looks like spam."
    );
    assert!(note(Lang::Ru, 3).contains("3 сообщения"));
    assert!(note(Lang::Ru, 5).contains("5 сообщений"));
    assert!(note(Lang::Ru, 21).contains("21 сообщение,"));
}

#[test]
fn every_setting_and_every_choice_has_a_name_and_nothing_else_has() {
    use beadle::community::settings::Kind;
    let [en, _] = both();
    let mut wanted = BTreeSet::new();
    let mut words = BTreeSet::new();
    for setting in beadle::app::group_settings().all() {
        if let Kind::Choice(choices) = setting.kind {
            let key = setting.text_key();
            words.extend(choices.iter().map(|word| format!("{key}-{word}")));
        }
        wanted.insert(setting.text_key());
    }
    for key in &wanted {
        assert!(en.contains_key(key), "{key} is missing");
    }
    for key in en.keys().filter(|key| key.starts_with("set-")) {
        assert!(
            wanted.contains(key) || words.contains(key),
            "{key} is no setting's"
        );
    }
}
