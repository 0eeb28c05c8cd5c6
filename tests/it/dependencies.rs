//! What may be linked: the part of deny.toml that needs no tool to be held, so that it always is.
use std::path::Path;

fn read(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// Crates that deny.toml refuses without exception.
fn banned(deny: &str) -> Vec<String> {
    deny.lines()
        .filter(|line| {
            line.contains("use-instead")
                && !line.contains("wrappers")
                && !line.trim_start().starts_with('#')
        })
        .filter_map(|line| {
            Some(
                line.split_once("crate = \"")?
                    .1
                    .split_once('"')?
                    .0
                    .to_owned(),
            )
        })
        .collect()
}

/// Names and sources in a Cargo.lock; a package of our own has no source.
fn locked(lock: &str) -> Vec<(String, Option<String>)> {
    let value = |part: &str, key: &str| {
        part.lines().find_map(|l| {
            Some(
                l.strip_prefix(key)?
                    .strip_prefix(" = \"")?
                    .trim_end_matches('"')
                    .to_owned(),
            )
        })
    };
    lock.split("[[package]]")
        .skip(1)
        .filter_map(|part| Some((value(part, "name")?, value(part, "source"))))
        .collect()
}

fn complaints(deny: &str, lock: &str) -> Vec<String> {
    let banned = banned(deny);
    let packages = locked(lock);
    let mut found = Vec::new();
    for (name, source) in &packages {
        if banned.contains(name) {
            found.push(format!("{name} is banned by deny.toml"));
        }
        match source.as_deref() {
            None if name == "beadle" => {}
            Some("registry+https://github.com/rust-lang/crates.io-index") => {}
            other => found.push(format!("{name} comes from {}", other.unwrap_or("a path"))),
        }
    }
    let sqlite = packages
        .iter()
        .filter(|(name, _)| name == "libsqlite3-sys")
        .count();
    if sqlite != 1 {
        found.push(format!(
            "{sqlite} versions of libsqlite3-sys, and there must be one"
        ));
    }
    found
}

#[test]
fn nothing_banned_is_linked() {
    let (deny, lock) = (read("deny.toml"), read("Cargo.lock"));
    assert!(
        banned(&deny).len() >= 6,
        "the bans of deny.toml were not understood: {:?}",
        banned(&deny)
    );
    assert!(locked(&lock).len() > 100, "Cargo.lock was not understood");
    assert_eq!(complaints(&deny, &lock), Vec::<String>::new());
}

#[test]
fn a_banned_crate_a_second_sqlite_and_a_foreign_source_are_found() {
    let deny = "    { crate = \"openssl\", use-instead = \"rustls\" },\n";
    let package = |name: &str, source: &str| {
        format!("[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\n{source}\n")
    };
    let crates_io = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
    let sound = package("libsqlite3-sys", crates_io) + &package("beadle", "");
    assert_eq!(complaints(deny, &sound), Vec::<String>::new());
    for (more, expected) in [
        (package("openssl", crates_io), "openssl is banned"),
        (
            package("libsqlite3-sys", crates_io),
            "2 versions of libsqlite3-sys",
        ),
        (
            package("serde", "source = \"git+https://example.org/serde\""),
            "serde comes from git",
        ),
        (package("serde", ""), "serde comes from a path"),
    ] {
        let found = complaints(deny, &(sound.clone() + &more));
        assert!(
            found.iter().any(|c| c.starts_with(expected)),
            "{expected}: {found:?}"
        );
    }
}
