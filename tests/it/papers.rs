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

/// Names of environment variables that are read in `text`.
fn variables(text: &str) -> BTreeSet<String> {
    let mut found = quoted_after(text, &[".get(", ".secret("]);
    found.retain(|name| name.chars().all(|c| c.is_ascii_uppercase() || c == '_') && name.len() > 3);
    found
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
fn every_setting_is_in_the_readme() {
    let config: String = sources("src")
        .into_iter()
        .filter(|(path, _)| path.starts_with("src/config/"))
        .map(|(_, text)| text)
        .collect();
    let names = variables(&config);
    assert!(names.len() > 10, "the settings were not found: {names:?}");
    assert_eq!(
        missing(&names, &document("README.md")),
        Vec::<String>::new()
    );
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
    let source = "env.get(\"BEADLE_NEW\").or(self.secret(\"API_KEY\")); map.get(\"title\"); crash_point(\"a.b\");";
    assert_eq!(missing(&variables(source), "`API_KEY`"), ["BEADLE_NEW"]);
    assert_eq!(
        missing(&quoted_after(source, &["crash_point("]), "`a.c`"),
        ["a.b"]
    );
}
