//! Links by kind: where they stand, what they show, where they lead.
use std::collections::BTreeSet;

use super::facts::{Carrier, Link};
use crate::base::fold::fold;

/// How many links of each kind; each target once per place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Links {
    /// Addresses in the sender's own words.
    pub own: u32,
    /// `@names` in the sender's own words.
    pub mentions: u32,
    /// Addresses under other words, or shown only as a preview.
    pub hidden: u32,
    /// Addresses under words that name another address.
    pub disguised: u32,
    /// Addresses behind buttons.
    pub button: u32,
    /// Addresses and names in words taken from another chat.
    pub quoted: u32,
    /// Addresses in cards, files and the like.
    pub attached: u32,
    /// Invitations to chats, and bots with a start parameter.
    pub invites: u32,
}

/// Host and first path segment of an address, in lower case, without `www.`; `@name` is `t.me` and the name.
fn place(address: &str) -> Option<(String, String)> {
    let address = address.trim();
    if let Some(name) = address.strip_prefix('@') {
        let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        return plain.then(|| ("t.me".to_owned(), name.to_lowercase()));
    }
    let lower = address.to_lowercase();
    let (scheme, rest) = lower
        .split_once("://")
        .map_or(("", lower.as_str()), |(s, r)| (s, r));
    if scheme == "tg" {
        return Some(("t.me".to_owned(), rest.to_owned()));
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
    // What stands before `@` is a user's name: `https://bank.example@evil.example` leads to evil.example.
    let host = authority
        .rsplit('@')
        .next()
        .unwrap_or("")
        .split(':')
        .next()
        .unwrap_or("");
    let host = host.strip_prefix("www.").unwrap_or(host);
    let host = if host == "telegram.me" || host == "telegram.dog" {
        "t.me"
    } else {
        host
    };
    let (name, end) = host.rsplit_once('.')?;
    let is_domain = !name.is_empty()
        && end.chars().count() >= 2
        && end.chars().all(|c| c.is_alphabetic() || c == '-')
        && !host.contains(char::is_whitespace);
    let first = rest[authority.len()..]
        .trim_start_matches('/')
        .split(['/', '#'])
        .next()
        .unwrap_or("");
    is_domain.then(|| (host.to_owned(), first.to_owned()))
}

/// Endings that make a word shown an address; others (`main.rs`, `README.md`) are files as often.
const ENDINGS: &[&str] = &[
    "com", "net", "org", "ru", "io", "me", "info", "app", "dev", "xyz", "top", "site", "online",
    "shop", "club", "gov", "edu", "co", "uk", "de", "ua", "by", "kz", "cn", "fr", "eu", "us", "tv",
    "cc", "pro", "biz", "link", "live", "vip", "finance", "bet", "casino", "example",
];

/// The address that the words shown name, if they name one.
fn shown_place(shown: &str) -> Option<(String, String)> {
    // Folded, so that a name in look-alike letters is compared as it is read.
    let shown = fold(shown).text;
    let found = place(&shown)?;
    let certain = shown.contains("://") || shown.starts_with('@') || shown.starts_with("www.");
    let ending = found.0.rsplit('.').next().unwrap_or("");
    (certain || ENDINGS.contains(&ending)).then_some(found)
}

/// Whether an address shown and an address meant are the same place.
fn agree(shown: &(String, String), target: &(String, String)) -> bool {
    let within =
        |a: &str, b: &str| a == b || a.strip_suffix(b).is_some_and(|rest| rest.ends_with('.'));
    let host = within(&shown.0, &target.0) || within(&target.0, &shown.0);
    // On Telegram the path says who: t.me/one is not t.me/other.
    let path = |p: &str| p.split('?').next().unwrap_or("").to_owned();
    host && (shown.0 != "t.me" || shown.1.is_empty() || path(&shown.1) == path(&target.1))
}

fn is_invite(target: &(String, String)) -> bool {
    target.0 == "t.me"
        && (target.1.starts_with('+')
            || target.1.starts_with("joinchat")
            || target.1.starts_with("join?")
            || target.1.contains("?start"))
}

/// Counts the links of a message.
pub(super) fn count(links: &[Link<'_>], external: bool) -> Links {
    let mut out = Links::default();
    let mut seen = BTreeSet::new();
    let own: BTreeSet<_> = links
        .iter()
        .filter(|l| Carrier::of(l.source, external) == Some(Carrier::Own))
        .filter_map(|l| place(l.target))
        .collect();
    for link in links {
        let Some(carrier) = Carrier::of(link.source, external) else {
            continue;
        };
        if !seen.insert((carrier, link.target, link.shown)) {
            continue;
        }
        let target = place(link.target);
        let is_mention = link.target.starts_with('@');
        if let Some(target) = &target {
            out.invites += u32::from(is_invite(target) && carrier != Carrier::Name);
        }
        match carrier {
            Carrier::Own if is_mention => out.mentions += 1,
            Carrier::Own => out.own += 1,
            Carrier::Button => out.button += u32::from(!is_mention),
            Carrier::Quoted => out.quoted += 1,
            // The page under the message may be another than the one in it.
            Carrier::Attached if link.source == "link_preview" => {
                out.hidden += u32::from(target.as_ref().is_some_and(|t| !own.contains(t)));
            }
            Carrier::Attached => out.attached += 1,
            Carrier::Name => {}
        }
        if let (Some(shown), Some(target)) = (link.shown, &target)
            && carrier != Carrier::Button
        {
            match shown_place(shown) {
                Some(shown) if agree(&shown, target) => {}
                Some(_) => out.disguised += 1,
                None => out.hidden += 1,
            }
        }
    }
    out
}
