//! The rules, as functions over one file's path and text.
use super::lex;

/// Rooms by height: a room may use every lower one, and no other of its own height, unless [`ALSO`]
/// says so.
const HEIGHTS: [&[&str]; 9] = [
    &["base"],
    &["config"],
    &["store"],
    &["queue", "telegram", "inference"],
    &["community"],
    &["pipeline"],
    &["features"],
    &["app"],
    &["cli", "web"],
];
/// Used by every room but `base`; they use `base` only.
const LEAVES: [&str; 2] = ["texts", "observe"];
/// Same height, allowed: the composition serves the pages, the command line starts them.
const ALSO: [(&str, &str); 2] = [("app", "web"), ("cli", "web")];
/// The longest file.
const LONGEST: usize = 600;
/// Half of the files are shorter than this.
const HALF: usize = 150;
/// What begins a statement of SQL, with the word that follows further on where one must.
const SQL: [(&str, &str); 12] = [
    ("SELECT ", ""),
    ("INSERT INTO ", ""),
    ("INSERT OR ", ""),
    ("REPLACE INTO ", ""),
    ("UPDATE ", " SET "),
    ("DELETE FROM ", ""),
    ("CREATE TABLE ", ""),
    ("CREATE INDEX ", ""),
    ("DROP TABLE ", ""),
    ("ALTER TABLE ", ""),
    ("PRAGMA ", ""),
    ("VACUUM", ""),
];

/// What may be asked of Telegram past the sender: nothing that a person sees.
const PAST_THE_SENDER: [&str; 4] = ["GetMe", "GetWebhookInfo", "SetWebhook", "DeleteWebhook"];

/// What is wrong with the file; `path` is from the package's root.
pub(super) fn complaints(path: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let lines = text.lines().count();
    if lines > LONGEST {
        found.push(format!(
            "{path}: {lines} lines, more than {LONGEST}: split it"
        ));
    }
    if !text.starts_with("//!") {
        found.push(format!(
            "{path}: the first line does not say what the room is for (//!)"
        ));
    }
    let Some(inside) = path.strip_prefix("src/") else {
        return found;
    };
    let parts = lex::split(text);
    // What lies at the top (main.rs, lib.rs) is the map itself.
    if let Some((room, _)) = inside.split_once('/') {
        imports(path, room, inside, &parts, &mut found);
    }
    residents(path, inside, &parts, &mut found);
    found
}

/// Whether half of the files are short.
pub(super) fn median_complaint(files: &[(String, String)]) -> Option<String> {
    let mut sizes: Vec<usize> = files.iter().map(|(_, text)| text.lines().count()).collect();
    sizes.sort_unstable();
    let middle = *sizes.get(sizes.len() / 2)?;
    (middle >= HALF).then(|| {
        format!("half of the files have {middle} lines or more; it should be under {HALF}")
    })
}

fn height(room: &str) -> Option<usize> {
    HEIGHTS.iter().position(|level| level.contains(&room))
}

fn may_use(room: &str, other: &str) -> bool {
    if room == other || ALSO.contains(&(room, other)) {
        return true;
    }
    match (height(room), height(other)) {
        (Some(own), Some(its)) => its < own,
        // A leaf is used by all but the ground …
        (Some(own), None) => own > 0,
        // … and stands on nothing else.
        (None, its) => its == Some(0),
    }
}

fn is_room(name: &str) -> bool {
    height(name).is_some() || LEAVES.contains(&name)
}

fn imports(path: &str, room: &str, inside: &str, parts: &lex::Parts, found: &mut Vec<String>) {
    if !is_room(room) {
        found.push(format!(
            "{path}: there is no room `{room}` in the plan of the house"
        ));
        return;
    }
    let feature = inside
        .strip_prefix("features/")
        .and_then(|rest| rest.split_once('/'))
        .map(|(f, _)| f);
    let module: Vec<&str> = inside
        .trim_end_matches(".rs")
        .trim_end_matches("/mod")
        .split('/')
        .collect();
    for (at, used) in paths(&parts.code, &module) {
        let line = parts.code[..at].matches('\n').count() + 1;
        let here = format!("{path}: line {line}");
        match used.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["*"] => found.push(format!(
                "{here}: takes everything from the top of the crate"
            )),
            ["as"] => found.push(format!("{here}: calls the crate by another name")),
            [other, ..] if !is_room(other) => {
                found.push(format!(
                    "{here}: there is no room `{other}` in the plan of the house"
                ));
            }
            [other, ..] if !may_use(room, other) => {
                found.push(format!("{here}: {room} may not use {other}"))
            }
            ["features", other, ..] if feature.is_some_and(|own| own != other) => {
                found.push(format!(
                    "{here}: feature {} may not use {other}",
                    feature.unwrap_or_default()
                ));
            }
            _ => {}
        }
    }
}

/// SQL and the Telegram library stay where they live.
fn residents(path: &str, inside: &str, parts: &lex::Parts, found: &mut Vec<String>) {
    // A store.rs that grew becomes a folder store/, and so on.
    let lives_in = |room: &str| {
        inside
            .split('/')
            .any(|part| part == room || part.strip_suffix(".rs") == Some(room))
    };
    let sql_lives_here = lives_in("store")
        || (inside.starts_with("telegram/") && (lives_in("inbox") || lives_in("outbox")));
    for (number, line) in parts.code.lines().enumerate() {
        let here = format!("{path}: line {}", number + 1);
        if !sql_lives_here && line.contains("rusqlite") {
            found.push(format!("{here}: rusqlite belongs into a store.rs"));
        }
        if !inside.starts_with("telegram/sender/") && line.contains("api.call(") {
            let harmless = |name: &str| line.contains(&format!("api.call(Method::{name},"));
            // What cannot be written down first: that nothing can be written down.
            let alarm = inside == "app/alerts/tell.rs" && harmless("SendMessage");
            if !alarm && !PAST_THE_SENDER.iter().any(|name| harmless(name)) {
                found.push(format!("{here}: this call goes round the sender"));
            }
        }
        if !inside.starts_with("telegram/") && line.contains("teloxide") {
            found.push(format!("{here}: only `telegram` may name teloxide"));
        }
    }
    if sql_lives_here {
        return;
    }
    for (line, string) in &parts.strings {
        let is_sql = string.lines().any(|l| {
            let l = l.trim_start();
            SQL.iter()
                .any(|(head, tail)| l.starts_with(head) && l.contains(tail))
        });
        if is_sql {
            found.push(format!("{path}: line {line}: SQL belongs into a store.rs"));
        }
    }
}

/// Every path that starts at the top of the crate, as (place in the code, its first two names). `module`
/// is the file's own path, from which `super` is counted.
fn paths(code: &str, module: &[&str]) -> Vec<(usize, Vec<String>)> {
    let mut found = Vec::new();
    for root in ["crate", "beadle"] {
        for at in words(code, root) {
            let rest = &code[at + root.len()..];
            // `pub(crate)` and a lone word are no paths.
            if let Some(tail) = rest.trim_start().strip_prefix("::") {
                read(tail, code.len() - tail.len(), &[], &mut found);
            } else if rest.trim_start().starts_with("as ") {
                found.push((at, vec!["as".to_owned()]));
            }
        }
    }
    for at in words(code, "super") {
        if code[..at].trim_end().ends_with("::") {
            continue;
        }
        let (mut tail, mut steps) = (&code[at..], 0);
        while let Some(next) = tail
            .strip_prefix("super")
            .and_then(|t| t.trim_start().strip_prefix("::"))
        {
            (tail, steps) = (next.trim_start(), steps + 1);
        }
        let place = code.len() - tail.len();
        // `pub(super)` is no path.
        match &module[..module.len().saturating_sub(steps)] {
            _ if steps == 0 => {}
            [first, second, ..] => {
                found.push((place, vec![(*first).to_owned(), (*second).to_owned()]))
            }
            before => read(tail, place, before, &mut found),
        }
    }
    found
}

/// Reads what follows `::`: a name and the next one, or a group of such.
fn read(tail: &str, place: usize, before: &[&str], found: &mut Vec<(usize, Vec<String>)>) {
    let skipped = tail.len() - tail.trim_start().len();
    let (tail, place) = (tail.trim_start(), place + skipped);
    if let Some(group) = tail.strip_prefix('{') {
        for (at, part) in members(group) {
            read(part, place + 1 + at, before, found);
        }
        return;
    }
    let name: String = tail
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect();
    if name.is_empty() {
        if tail.starts_with('*') && before.is_empty() {
            found.push((place, vec!["*".to_owned()]));
        }
        return;
    }
    let mut names: Vec<&str> = before.to_vec();
    names.push(&name);
    let rest = tail[name.len()..].trim_start();
    match rest.strip_prefix("::") {
        Some(next) if names.len() < 2 => {
            let before: Vec<&str> = names;
            let count = found.len();
            read(next, place + (tail.len() - next.len()), &before, found);
            if found.len() == count {
                found.push((place, before.iter().map(|n| (*n).to_owned()).collect()));
            }
        }
        _ => found.push((place, names.iter().map(|n| (*n).to_owned()).collect())),
    }
}

/// The parts of a group, split at its own commas, up to its end; each with its place.
fn members(group: &str) -> Vec<(usize, &str)> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0, 0);
    for (i, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                parts.push((start, &group[start..i]));
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push((start, &group[start..i]));
                start = i + 1;
            }
            _ => {}
        }
    }
    parts
}

/// Places where `word` stands alone.
fn words<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let inner = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word)
        .map(|(at, _)| at)
        .filter(move |at| {
            !code[..*at].ends_with(inner) && !code[at + word.len()..].starts_with(inner)
        })
}
