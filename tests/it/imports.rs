//! The house rules that a compiler does not hold: imports point down, SQL and teloxide stay in their
//! rooms, files stay small. ARCHITECTURE.md states the rules; this reads the sources and holds them.
mod check;
mod lex;

use std::path::{Path, PathBuf};

use check::{complaints, median_complaint};

/// Every Rust file under `folder`, as (path with `/`, text), in order.
pub(crate) fn sources(folder: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut open: Vec<PathBuf> = vec![root.join(folder)];
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(&dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let name = path
                    .strip_prefix(root)
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .replace('\\', "/");
                found.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn the_house_is_in_order() {
    let files = sources("src");
    assert!(
        files.len() > 10,
        "the sources were not found: {} files",
        files.len()
    );
    let mut found: Vec<String> = files
        .iter()
        .flat_map(|(path, text)| complaints(path, text))
        .collect();
    found.extend(median_complaint(&files));
    assert!(
        found.is_empty(),
        "{} complaints:\n{}",
        found.len(),
        found.join("\n")
    );
}

/// What must be refused, each with a word of the complaint.
const BAD: &[(&str, &str, &str)] = &[
    (
        "src/base/x.rs",
        "use crate::store::Store;",
        "base may not use store",
    ),
    (
        "src/base/x.rs",
        "use crate::texts::text;",
        "base may not use texts",
    ),
    (
        "src/store/x.rs",
        "use crate::telegram::event::Event;",
        "store may not use telegram",
    ),
    (
        "src/config/x.rs",
        "use crate::store::Tx;",
        "config may not use store",
    ),
    (
        "src/telegram/x.rs",
        "use crate::community::Community;",
        "telegram may not use community",
    ),
    (
        "src/telegram/x.rs",
        "use crate::queue::Job;",
        "telegram may not use queue",
    ),
    (
        "src/community/x.rs",
        "fn f() { crate::pipeline::go(); }",
        "community may not use pipeline",
    ),
    (
        "src/pipeline/x.rs",
        "use crate::{base::clock::Clock, features::moderation};",
        "pipeline may not use features",
    ),
    (
        "src/pipeline/x.rs",
        "use crate::{\n    store::{Tx, app},\n    app::App,\n};",
        "line 3: pipeline may not use app",
    ),
    (
        "src/features/gate/x.rs",
        "use crate::features::moderation::Verdict;",
        "feature gate may not use moderation",
    ),
    (
        "src/features/gate/x.rs",
        "use crate::features::{gate::A, finance::B};",
        "feature gate may not use finance",
    ),
    (
        "src/features/gate/mod.rs",
        "use super::moderation::Verdict;",
        "feature gate may not use moderation",
    ),
    (
        "src/features/gate/x.rs",
        "use super::super::moderation::Verdict;",
        "feature gate may not use moderation",
    ),
    (
        "src/features/gate/x.rs",
        "use crate::web::router;",
        "features may not use web",
    ),
    (
        "src/app/x.rs",
        "use crate::cli::Cli;",
        "app may not use cli",
    ),
    (
        "src/web/x.rs",
        "use crate::cli::Cli;",
        "web may not use cli",
    ),
    (
        "src/observe/x.rs",
        "use crate::store::Store;",
        "observe may not use store",
    ),
    (
        "src/texts/x.rs",
        "use crate::observe::logs;",
        "texts may not use observe",
    ),
    (
        "src/store/x.rs",
        "use super::super::app::App;",
        "store may not use app",
    ),
    (
        "src/store/mod.rs",
        "use super::app::App;",
        "store may not use app",
    ),
    (
        "src/store/x.rs",
        "use beadle::app::App;",
        "store may not use app",
    ),
    (
        "src/telegram/x.rs",
        "use crate as house;",
        "by another name",
    ),
    ("src/store/x.rs", "use crate::*;", "everything"),
    (
        "src/features/gate/x.rs",
        "fn f() { self.api.call(Method::BanChatMember, &params); }",
        "goes round the sender",
    ),
    (
        "src/telegram/rights.rs",
        "fn f() { api.call(method, &params); }",
        "goes round the sender",
    ),
    (
        "src/attic/x.rs",
        "use crate::base::clock::Clock;",
        "no room `attic`",
    ),
    (
        "src/store/x.rs",
        "use crate::attic::Box;",
        "no room `attic`",
    ),
    (
        "src/community/record.rs",
        "use rusqlite::Connection;",
        "rusqlite",
    ),
    (
        "src/community/record.rs",
        "fn f() { run(\"SELECT 1 FROM x\"); }",
        "SQL",
    ),
    (
        "src/pipeline/walk.rs",
        "const Q: &str = r#\"\n  INSERT INTO t VALUES (1)\"#;",
        "SQL",
    ),
    (
        "src/cli/inbox.rs",
        "const Q: &str = \"DELETE FROM inbox\";",
        "SQL",
    ),
    (
        "src/app/x.rs",
        "const Q: &str = \"UPDATE inbox SET state = 1\";",
        "SQL",
    ),
    ("src/app/x.rs", "use teloxide_core::Bot;", "teloxide"),
    (
        "src/features/gate/x.rs",
        "fn f(b: &teloxide::Bot) {}",
        "teloxide",
    ),
];

/// What must pass: the same words where they are allowed, or where they are only talk.
const GOOD: &[(&str, &str)] = &[
    (
        "src/store/x.rs",
        "use crate::base::clock::Clock;\nuse crate::config::Mode;\nuse rusqlite::Row;",
    ),
    ("src/store/x.rs", "use super::error::StoreError;"),
    (
        "src/telegram/intake/inbox.rs",
        "const Q: &str = \"SELECT raw FROM inbox\";",
    ),
    ("src/telegram/sender/outbox.rs", "use rusqlite::params;"),
    (
        "src/telegram/sender/x.rs",
        "fn f() { api.call(method, &params); }",
    ),
    (
        "src/app/x.rs",
        "fn f() { api.call(Method::GetMe, &params); }",
    ),
    (
        "src/telegram/sender/outbox/feed.rs",
        "use rusqlite::params;",
    ),
    (
        "src/features/gate/store.rs",
        "const Q: &str = \"SELECT 1\"; use rusqlite::params;",
    ),
    (
        "src/telegram/api/mod.rs",
        "use teloxide_core::Bot; use crate::store::Tx; use crate::texts::Lang;",
    ),
    (
        "src/telegram/rights.rs",
        "use super::api::Api; use super::super::base::clock::Clock;",
    ),
    (
        "src/features/gate/service.rs",
        "use crate::features::gate::rules; use super::store;",
    ),
    ("src/features/mod.rs", "pub mod gate; pub mod moderation;"),
    (
        "src/app/mod.rs",
        "use crate::features::{gate, moderation}; use crate::web;",
    ),
    (
        "src/cli/run.rs",
        "use crate::app::App; use crate::web::router;",
    ),
    (
        "src/observe/logs.rs",
        "const QUIET: &str = \"teloxide_core=warn\"; use crate::base::clock::Clock;",
    ),
    (
        "src/base/x.rs",
        "//! See crate::app.\n/* use crate::app::App; /* nested */ use rusqlite::Row; */ fn f() {}",
    ),
    (
        "src/base/x.rs",
        "fn f<'a>(x: &'a str) -> char { let _ = \"use crate::app::App\"; '\"' }",
    ),
    (
        "src/base/x.rs",
        "const A: &str = \"a \\\" crate::app \"; const B: &[u8] = br##\"use \"# crate::web\"##;",
    ),
    (
        "src/app/x.rs",
        "const T: &str = \"select one of them, update it, delete from here\";",
    ),
    ("src/main.rs", "fn main() { beadle::cli::main() }"),
    ("src/lib.rs", "pub mod app;"),
];

/// A file that begins as every file should.
fn with_title(text: &str) -> String {
    if text.starts_with("//!") {
        text.to_owned()
    } else {
        format!("//! For a test. {text}").replacen(". ", ".\n", 1)
    }
}

#[test]
fn a_break_of_each_rule_is_found() {
    for (path, text, expected) in BAD {
        let found = complaints(path, &with_title(text));
        // The title moves everything down by one line.
        let expected = expected.replace("line 3", "line 4");
        assert!(
            found.iter().any(|c| c.contains(&expected)),
            "{path}: {text}\nexpected {expected:?}, found {found:?}"
        );
    }
}

#[test]
fn what_keeps_the_rules_passes() {
    for (path, text) in GOOD {
        let found = complaints(path, &with_title(text));
        assert!(found.is_empty(), "{path}: {text}\nfound {found:?}");
    }
}

#[test]
fn large_files_and_files_without_a_title_are_found() {
    let lines = |n: usize| format!("//! Title.\n{}", "fn f() {}\n".repeat(n - 1));
    let long = complaints("src/store/x.rs", &lines(601));
    assert!(long.iter().any(|c| c.contains("601 lines")), "{long:?}");
    assert!(complaints("src/store/x.rs", &lines(600)).is_empty());
    let untitled = complaints("src/store/x.rs", "fn f() {}\n");
    assert!(untitled.iter().any(|c| c.contains("//!")), "{untitled:?}");

    let house = |sizes: &[usize]| -> Vec<(String, String)> {
        sizes
            .iter()
            .map(|n| (format!("src/{n}.rs"), lines(*n)))
            .collect()
    };
    assert_eq!(median_complaint(&house(&[10, 149, 400])), None);
    assert!(median_complaint(&house(&[10, 151, 400])).is_some());
    assert!(median_complaint(&house(&[])).is_none());
}
