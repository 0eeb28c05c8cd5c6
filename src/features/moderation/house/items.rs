//! What items of a group's lists may be, however they come in: in chat or by a file. Pure.
use super::action::Action;
use super::patterns::{Entry, MOST, MOST_PATTERNS, is_pattern};
use super::store::{Item, ItemKind};
use crate::base::fold::fold;

/// Longest text that is said, in bytes.
pub(super) const TEXT: usize = 4 * 1024;
/// Notes of one group, and keywords of one group.
const SAID: usize = 200;
/// Characters of a note's name.
const NAME: usize = 32;
/// Characters of a keyword.
const KEYWORD: usize = 100;
/// Texts that a group says of itself.
const TEXTS: [&str; 3] = ["rules", "welcome", "goodbye"];

/// The most items of a kind that a group has.
pub(super) const fn most(kind: ItemKind) -> usize {
    match kind {
        ItemKind::Word => MOST,
        ItemKind::Note | ItemKind::Filter => SAID,
        ItemKind::Text => TEXTS.len(),
    }
}

/// The name of a note as it is kept: letters, digits, `_` and `-`; None for what is none.
pub(super) fn note_name(words: &str) -> Option<String> {
    let name = words.trim().trim_start_matches('#').to_lowercase();
    let good = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let fits = !name.is_empty() && name.chars().count() <= NAME && name.chars().all(good);
    fits.then_some(name)
}

/// A keyword as it is kept; None for what is none.
pub(super) fn keyword(words: &str) -> Option<String> {
    let word = words.trim().to_lowercase();
    let fits =
        word.chars().count() <= KEYWORD && fold(&word).text.chars().any(char::is_alphanumeric);
    fits.then_some(word)
}

/// An item as it is kept; the fault is one English sentence without a full stop.
pub(super) fn item(kind: ItemKind, name: &str, body: &str) -> Result<Item, String> {
    let name = match kind {
        ItemKind::Word => {
            let action = Action::try_from(body.to_owned()).map_err(|e| e.to_string())?;
            let entry = Entry::new(name, action).map_err(|e| e.to_string())?;
            match is_pattern(&entry.written) {
                true => entry.written,
                false => entry.written.to_lowercase(),
            }
        }
        ItemKind::Note => note_name(name).ok_or_else(|| {
            format!("a name is 1 to {NAME} letters, digits, underscores and dashes")
        })?,
        ItemKind::Filter => keyword(name)
            .ok_or_else(|| format!("a keyword has letters, and at most {KEYWORD} characters"))?,
        ItemKind::Text if TEXTS.contains(&name) => name.to_owned(),
        ItemKind::Text => return Err(format!("there are {}", TEXTS.join(", "))),
    };
    let body = body.trim();
    if body.is_empty() || body.len() > TEXT {
        return Err(format!("its text must be 1 to {TEXT} bytes"));
    }
    Ok(Item {
        kind,
        name,
        body: body.to_owned(),
    })
}

/// What is too much in a group's lists as they would be; English sentences that begin with the list.
pub(super) fn too_much<'i>(all: impl Iterator<Item = &'i Item> + Clone) -> Vec<String> {
    let mut faults = Vec::new();
    for kind in ItemKind::ALL {
        let (count, most) = (all.clone().filter(|i| i.kind == kind).count(), most(kind));
        if count > most {
            let word = kind.word();
            faults.push(format!(
                "house.{word}s: there would be {count}, and a group has at most {most}"
            ));
        }
    }
    let patterns = all.filter(|i| i.kind == ItemKind::Word && is_pattern(&i.name));
    let patterns = patterns.count();
    if patterns > MOST_PATTERNS {
        faults.push(format!(
            "house.words: there would be {patterns} patterns, and a group has at most {MOST_PATTERNS}"
        ));
    }
    faults
}
