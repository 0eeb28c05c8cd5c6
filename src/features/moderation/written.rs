//! The training texts that Beadle's authors wrote: campaigns and ordinary talk, as templates with choices.
use crate::base::random::{Random as _, SeededRandom};

/// Template files, with whether they are spam.
const FILES: [(&str, bool); 4] = [
    (
        include_str!("../../../models/spam/written/spam-en.txt"),
        true,
    ),
    (
        include_str!("../../../models/spam/written/spam-ru.txt"),
        true,
    ),
    (
        include_str!("../../../models/spam/written/talk-en.txt"),
        false,
    ),
    (
        include_str!("../../../models/spam/written/talk-ru.txt"),
        false,
    ),
];

/// Texts made from each template of campaigns, and of talk.
const VARIANTS: (u64, u64) = (40, 30);

/// The list that a line `@name: a | b` gives, with its name.
fn list(line: &str) -> Option<(&str, Vec<&str>)> {
    let (name, values) = line.strip_prefix('@')?.split_once(": ")?;
    Some((name, values.split(" | ").map(str::trim).collect()))
}

/// Writes `template` out: `{a|b}` (which may be nested) chooses, `$name` takes from a list.
fn expand(template: &str, lists: &[(&str, Vec<&str>)], random: &SeededRandom) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some(at) = rest.find(['{', '$']) {
        out.push_str(&rest[..at]);
        let tail = &rest[at..];
        if let Some(tail) = tail.strip_prefix('$') {
            let end = tail
                .find(|c: char| !c.is_ascii_lowercase())
                .unwrap_or(tail.len());
            let values = lists
                .iter()
                .find(|(name, _)| *name == &tail[..end])
                .map(|(_, values)| values);
            match values.and_then(|v| v.get(usize::try_from(random.below(v.len() as u64)).ok()?)) {
                Some(value) => {
                    out.push_str(value);
                    rest = &tail[end..];
                }
                // A sum such as `$50` is text.
                None => {
                    out.push('$');
                    rest = tail;
                }
            }
        } else {
            let (choices, end) = choices(tail);
            let chosen = usize::try_from(random.below(choices.len() as u64)).unwrap_or(0);
            out.push_str(&expand(
                choices.get(chosen).copied().unwrap_or(""),
                lists,
                random,
            ));
            rest = &tail[end..];
        }
    }
    out.push_str(rest);
    out
}

/// The choices of the group that `text` begins with, and where it ends.
fn choices(text: &str) -> (Vec<&str>, usize) {
    let mut found = Vec::new();
    let (mut depth, mut start) = (0, 1);
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '|' if depth == 1 => {
                found.push(&text[start..at]);
                start = at + 1;
            }
            '}' => {
                depth -= 1;
                if depth == 0 {
                    found.push(&text[start..at]);
                    return (found, at + 1);
                }
            }
            _ => {}
        }
    }
    (vec![text.get(1..).unwrap_or("")], text.len())
}

/// All written texts with their labels, the same for the same seed.
pub fn texts(seed: u64) -> Vec<(String, bool)> {
    let random = SeededRandom::new(seed);
    let mut out = Vec::new();
    for (file, spam) in FILES {
        let lists: Vec<_> = file.lines().filter_map(list).collect();
        for template in file
            .lines()
            .filter(|l| !l.is_empty() && !l.starts_with(['@', '#']))
        {
            for _ in 0..if spam { VARIANTS.0 } else { VARIANTS.1 } {
                out.push((expand(template, &lists, &random), spam));
            }
        }
    }
    out
}
