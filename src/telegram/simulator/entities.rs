//! What Telegram marks in a text by itself: commands, mentions, hashtags, addresses.
use serde_json::{Value, json};

use super::html::utf16;

/// Top-level domains after which a word without a scheme is a link; enough for scenes.
const DOMAINS: [&str; 16] = [
    "com", "org", "net", "io", "me", "ru", "info", "xyz", "top", "app", "dev", "example", "click",
    "online", "site", "test",
];

/// Finds entities in a text; offsets are UTF-16.
pub(crate) fn find(text: &str) -> Vec<Value> {
    let mut found = Vec::new();
    let mut offset = 0_usize;
    for word in text.split_inclusive(char::is_whitespace) {
        let bare = word.trim_end();
        let lead = bare.len() - bare.trim_start_matches(['(', '"', '\'', '«', '[']).len();
        let core =
            bare[lead..].trim_end_matches(['.', ',', '!', '?', ')', '"', '\'', '»', ':', ';', ']']);
        if let Some((kind, length)) = kind_of(core) {
            let start = offset + utf16(&bare[..lead]);
            found.push(json!({"type": kind, "offset": start, "length": length}));
        }
        offset += utf16(word);
    }
    found
}

fn kind_of(word: &str) -> Option<(&'static str, usize)> {
    let name_char = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if let Some(rest) = word.strip_prefix('/') {
        let (command, bot) = rest
            .split_once('@')
            .map_or((rest, None), |(c, b)| (c, Some(b)));
        let good = (1..=64).contains(&command.len()) && command.chars().all(name_char);
        let bot_good = bot.is_none_or(|b| b.len() >= 3 && b.chars().all(name_char));
        return (good && bot_good).then(|| ("bot_command", utf16(word)));
    }
    if let Some(rest) = word.strip_prefix('@') {
        let good = (3..=32).contains(&rest.len()) && rest.chars().all(name_char);
        return good.then(|| ("mention", utf16(word)));
    }
    if let Some(rest) = word.strip_prefix('#') {
        let good = !rest.is_empty()
            && rest.chars().all(|c| c.is_alphanumeric() || c == '_')
            && !rest.chars().all(|c| c.is_ascii_digit());
        return good.then(|| ("hashtag", utf16(word)));
    }
    let lower = word.to_ascii_lowercase();
    for scheme in ["http://", "https://", "tg://", "ftp://"] {
        if lower
            .strip_prefix(scheme)
            .is_some_and(|rest| !rest.is_empty())
        {
            return Some(("url", utf16(word)));
        }
    }
    let host = lower.split(['/', '?', '#', ':']).next().unwrap_or_default();
    if let Some((user, domain)) = host.split_once('@') {
        let good = !user.is_empty() && is_host(domain);
        return good.then(|| ("email", utf16(word)));
    }
    is_host(host).then(|| ("url", utf16(word)))
}

fn is_host(host: &str) -> bool {
    let Some((name, ending)) = host.rsplit_once('.') else {
        return false;
    };
    let good = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    !name.is_empty() && name.chars().all(good) && DOMAINS.contains(&ending)
}
