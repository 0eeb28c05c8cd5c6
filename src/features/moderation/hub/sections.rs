//! The sections of the hub, made from the table of settings: which setting stands where, and its short name. Pure.
use sha2::{Digest as _, Sha256};

use crate::community::settings::{Setting, Table};

/// A page of the hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Section {
    /// In the data of buttons.
    pub name: &'static str,
    /// Its title, in the catalogues.
    pub key: &'static str,
    /// First parts of the paths that stand there.
    heads: &'static [&'static str],
}

/// All sections, in the order of their buttons. What no other takes stands in the last.
pub const SECTIONS: [Section; 8] = [
    section("mode", "hub-mode", &["mode", "moderation", "cards"]),
    section("new", "hub-new", &["newcomers", "profile"]),
    section("door", "hub-door", &["captcha", "raid", "lists", "bans"]),
    section("house", "hub-house", &["house", "rules"]),
    section("people", "hub-people", &["reports", "tools", "catch"]),
    section("texts", "hub-texts", &["texts"]),
    section("group", "hub-group", &["language", "timezone", "keep"]),
    section("more", "hub-more", &[]),
];

const fn section(name: &'static str, key: &'static str, heads: &'static [&'static str]) -> Section {
    Section { name, key, heads }
}

impl Section {
    /// The section of that name.
    pub fn named(name: &str) -> Option<Self> {
        SECTIONS.into_iter().find(|s| s.name == name)
    }

    /// Where a setting stands.
    pub fn of(path: &str) -> Self {
        let head = path.split('.').next().unwrap_or(path);
        let last = SECTIONS[SECTIONS.len() - 1];
        let found = SECTIONS.into_iter().find(|s| s.heads.contains(&head));
        found.unwrap_or(last)
    }

    /// Its settings, in the order of the table.
    pub fn settings(self, table: &Table) -> impl Iterator<Item = &'static Setting> + '_ {
        table.all().filter(move |s| Self::of(s.path) == self)
    }
}

/// Letters of a short name: none that a link or a signature uses.
const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// Six letters that stand for a path or a word where 64 bytes are all there is. They do not depend on what else is
/// declared: a button that stands in a chat means the same after an upgrade.
pub fn code(word: &str) -> String {
    let hash = Sha256::digest(word.as_bytes());
    hash[..6]
        .iter()
        .map(|b| char::from(LETTERS[usize::from(*b) % LETTERS.len()]))
        .collect()
}

/// The setting that a code stands for.
pub fn decode(table: &Table, short: &str) -> Option<&'static Setting> {
    table.all().find(|s| code(s.path) == short)
}
