//! The table of a group's settings: words, files, mistakes.
use beadle::community::settings::{Kind, Setting, Table, export, import};
use proptest::prelude::*;
use serde_json::json;

static PART: &[Setting] = &[
    Setting {
        path: "moderation.notes",
        kind: Kind::Switch,
        default: "true",
        doc: "Whether a note says that messages were removed",
    },
    Setting {
        path: "moderation.spam_at",
        kind: Kind::Share,
        default: "0.9",
        doc: "Score from which a message is spam",
    },
    Setting {
        path: "captcha.kind",
        kind: Kind::Choice(&["off", "button", "sum"]),
        default: "\"off\"",
        doc: "What newcomers are asked",
    },
    Setting {
        path: "captcha.time",
        kind: Kind::Span(30_000, 86_400_000),
        default: "120000",
        doc: "How long they have",
    },
    Setting {
        path: "rules.words",
        kind: Kind::Texts(3, 20),
        default: "[]",
        doc: "Words that are removed",
    },
];

fn table() -> Table {
    Table::new(&[PART])
}

#[test]
fn words_become_values() {
    for (path, words, value) in [
        ("moderation.notes", "OFF", json!(false)),
        ("moderation.notes", "да", json!(true)),
        ("moderation.spam_at", "0,75", json!(0.75)),
        ("captcha.kind", "Sum", json!("sum")),
        ("captcha.time", "5m", json!(300_000)),
        ("rules.words", "one\n two \n\n", json!(["one", "two"])),
    ] {
        let (setting, found) = table().parse(path, words).unwrap();
        assert_eq!((setting.path, found), (path, value), "{words}");
    }
}

#[test]
fn mistakes_are_told_with_the_remedy() {
    let told: Vec<String> = [
        ("moderation.note", "on"),
        ("notes", "on"),
        ("zzz", "on"),
        ("moderation.notes", "perhaps"),
        ("moderation.spam_at", "7"),
        ("captcha.kind", "puzzle"),
        ("captcha.time", "5"),
        ("captcha.time", "1s"),
        ("captcha.time", "99999999999y"),
        ("rules.words", "a\nb\nc\nd"),
    ]
    .into_iter()
    .map(|(path, words)| table().parse(path, words).unwrap_err().to_string())
    .collect();
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn a_file_says_what_holds_and_is_read_back() {
    let own = json!({"moderation": {"notes": false, "old": 1}, "captcha": {"time": 60_000},
        "rules": {"words": ["a \"b\" \\ \n c", "д\u{7f}"]}});
    let text = export(&table(), &own);
    insta::assert_snapshot!(text);
    let found = import(&table(), &text).unwrap().values;
    assert_eq!(
        found,
        [
            ("captcha.time", json!(60_000)),
            ("moderation.notes", json!(false)),
            ("rules.words", json!(["a \"b\" \\ \n c", "д\u{7f}"])),
        ]
    );
}

#[test]
fn all_mistakes_of_a_file_are_told_at_once() {
    let text = "[moderation]\nnotes = 5\nspam = 1\n[captcha]\nkind = \"sum\"\ntime = \"never\"\n= 3\n[x]\ny=1\n";
    let faults = import(&table(), text).unwrap_err();
    let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(told.join("\n"));
    assert!(import(&table(), &"a".repeat(300 * 1024)).is_err());
}

proptest! {
    #[test]
    fn rubbish_is_a_fault_or_a_value(text in "\\PC{0,200}") {
        let _ = import(&table(), &text);
        for setting in PART {
            if let Ok((_, value)) = table().parse(setting.path, &text) {
                prop_assert!(setting.kind.check(&value).is_ok());
            }
        }
    }

    #[test]
    fn what_holds_survives_a_file(on: bool, share in 0.0..=1.0_f64, seconds in 30..86_400_i64,
                                  words in proptest::collection::vec("[^\\x00]{0,20}", 0..3)) {
        let own = json!({"moderation": {"notes": on, "spam_at": share},
            "captcha": {"time": seconds * 1_000}, "rules": {"words": words}});
        let again = import(&table(), &export(&table(), &own)).unwrap();
        for (path, value) in again.values {
            let mut at = &own;
            for part in path.split('.') { at = &at[part]; }
            prop_assert_eq!(&value, at, "{}", path);
        }
    }
}
