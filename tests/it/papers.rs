//! What the documents promise to list, compared with the sources: settings and crash points.
use std::collections::BTreeSet;
use std::path::Path;

use crate::imports::sources;

fn document(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// Every word that stands in quotation marks right after one of `heads`.
fn quoted_after(text: &str, heads: &[&str]) -> BTreeSet<String> {
    heads
        .iter()
        .flat_map(|head| text.split(head).skip(1))
        .filter_map(|rest| Some(rest.strip_prefix('"')?.split_once('"')?.0.to_owned()))
        .collect()
}

/// Names that `document` does not show as `name`.
fn missing(names: &BTreeSet<String>, document: &str) -> Vec<String> {
    names
        .iter()
        .filter(|name| !document.contains(&format!("`{name}")))
        .cloned()
        .collect()
}

#[test]
fn the_tables_of_settings_are_those_of_the_declaration() {
    assert!(
        document("docs/settings.md").contains(&beadle::config::markdown()),
        "docs/settings.md is not what `beadle config markdown` prints: put that in the place of its tables"
    );
}

#[test]
fn the_table_of_group_settings_is_that_of_the_declaration() {
    let args = ["group", "settings", "--markdown"];
    let printed = crate::cli::command(&args).output().unwrap();
    let printed = String::from_utf8(printed.stdout).unwrap();
    assert!(printed.contains("`moderation.spam_at`"), "{printed}");
    assert!(
        document("docs/group-settings.md").contains(&printed),
        "docs/group-settings.md does not hold what `beadle group settings --markdown` prints: put that in the place of its table"
    );
}

/// Names in capitals that `text` shows as code, as a variable is shown.
fn shown_variables(text: &str) -> BTreeSet<String> {
    text.split('`')
        .skip(1)
        .step_by(2)
        .filter(|word| {
            word.len() > 3
                && word.contains('_')
                && word.chars().all(|c| c.is_ascii_uppercase() || c == '_')
        })
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_readme_names_no_variable_that_is_not_declared() {
    let mut known: BTreeSet<String> = ["CREDENTIALS_DIRECTORY", "BEADLE_SOAK_ROUNDS"]
        .map(str::to_owned)
        .into();
    for about in beadle::config::ALL.iter().map(|s| s.about()) {
        known.extend(about.env_names().map(str::to_owned));
        if about.secret {
            known.insert(format!("{}_FILE", about.env));
        }
    }
    known.extend(beadle::config::FOREIGN.iter().map(|f| f.env.to_owned()));
    let shown = shown_variables(&document("README.md"));
    assert!(shown.len() > 4, "the variables were not found: {shown:?}");
    let unknown: Vec<_> = shown.difference(&known).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn every_crash_point_is_in_the_document_on_delivery() {
    let all: String = sources("src").into_iter().map(|(_, text)| text).collect();
    let names = quoted_after(&all, &["crash_point("]);
    assert!(
        names.len() > 4,
        "the crash points were not found: {names:?}"
    );
    assert_eq!(
        missing(&names, &document("docs/delivery.md")),
        Vec::<String>::new()
    );
}

#[test]
fn what_is_not_listed_is_found() {
    let source = "map.get(\"title\"); crash_point(\"a.b\");";
    assert_eq!(
        missing(&quoted_after(source, &["crash_point("]), "`a.c`"),
        ["a.b"]
    );
    let shown = shown_variables("set `BEADLE_NEW` and `title`, not BEADLE_OLD");
    assert_eq!(shown.into_iter().collect::<Vec<_>>(), ["BEADLE_NEW"]);
}
