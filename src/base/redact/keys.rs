//! Secrets: bot tokens, keys of known services, JSON Web Tokens, private keys, named secrets, credentials in addresses.
use super::scan::{is_word, run, words};
use super::{Found, Kind};

/// Prefixes of keys that services publish for such searches, and the fewest characters that follow.
const PREFIXES: [(&str, usize); 22] = [
    ("sk-", 20),      // OpenAI, Anthropic
    ("sk_live_", 16), // Stripe
    ("sk_test_", 16),
    ("rk_live_", 16),
    ("ghp_", 30), // GitHub
    ("gho_", 30),
    ("ghu_", 30),
    ("ghs_", 30),
    ("ghr_", 30),
    ("github_pat_", 30),
    ("glpat-", 18), // GitLab
    ("xoxb-", 20),  // Slack
    ("xoxp-", 20),
    ("xoxa-", 20),
    ("AKIA", 16), // AWS
    ("ASIA", 16),
    ("AIza", 35), // Google
    ("GOCSPX-", 20),
    ("hf_", 30),     // Hugging Face
    ("npm_", 30),    // npm
    ("pypi-", 30),   // PyPI
    ("dop_v1_", 40), // DigitalOcean
];

/// Words after which a secret stands, with `=` or `:` between.
const NAMES: [&str; 17] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "api_key",
    "apikey",
    "api-key",
    "access_key",
    "access_token",
    "refresh_token",
    "client_secret",
    "secret_key",
    "private_key",
    "auth_token",
    "secret_token",
];
/// Shortest named secret; shorter ones are words of a sentence.
const NAMED: usize = 6;
/// Longest part of a named secret that is looked at, in bytes.
const LONGEST: usize = 512;
/// Longest header of a private key: `-----BEGIN ENCRYPTED PRIVATE KEY-----` and its kin.
const HEADER: usize = 64;

pub(super) fn find(text: &str, found: &mut Vec<Found>) {
    let bytes = text.as_bytes();
    for (start, end) in words(bytes) {
        let word = &text[start..end];
        let hit = bot_token(bytes, start, end)
            .or_else(|| jwt(text, start, end))
            .or_else(|| prefixed(word, start))
            .or_else(|| named(bytes, word, end))
            .or_else(|| bearer(bytes, word, end));
        found.extend(hit);
    }
    credentials(text, found);
    private_keys(text, found);
}

fn hit(kind: Kind, start: usize, end: usize) -> Option<Found> {
    Some(Found { kind, start, end })
}

/// `123456:AAE…`, also as `bot123456:AAE…` in an address: 6 to 12 digits, a colon, 30 to 64 characters.
fn bot_token(bytes: &[u8], start: usize, end: usize) -> Option<Found> {
    let word = &bytes[start..end];
    let digits = word.strip_prefix(b"bot").unwrap_or(word);
    if !(6..=12).contains(&digits.len()) || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    // In an address the colon may stand as %3A.
    let rest = if bytes.get(end) == Some(&b':') {
        end + 1
    } else if bytes
        .get(end..end + 3)
        .is_some_and(|e| e.eq_ignore_ascii_case(b"%3a"))
    {
        end + 3
    } else {
        return None;
    };
    let last = run(bytes, rest, is_word);
    let length = last - rest;
    (30..=64).contains(&length).then(|| Found {
        kind: Kind::BotToken,
        start: end - digits.len(),
        end: last,
    })
}

/// Three words of base64url with dots between, of which the first two begin as JSON objects do.
fn jwt(text: &str, start: usize, end: usize) -> Option<Found> {
    let bytes = text.as_bytes();
    let part =
        |at: usize| (bytes.get(at) == Some(&b'.')).then(|| (at + 1, run(bytes, at + 1, is_word)));
    if !text[start..end].starts_with("eyJ") || end - start < 10 {
        return None;
    }
    let (second, second_end) = part(end)?;
    if !text[second..].starts_with("eyJ") {
        return None;
    }
    let (third, third_end) = part(second_end)?;
    if third_end - third < 10 {
        return None;
    }
    hit(Kind::Jwt, start, third_end)
}

fn prefixed(word: &str, start: usize) -> Option<Found> {
    let fits = PREFIXES.iter().any(|(prefix, least)| {
        word.strip_prefix(prefix)
            .is_some_and(|rest| rest.len() >= *least && rest.bytes().any(|b| b.is_ascii_digit()))
    });
    fits.then(|| Found {
        kind: Kind::ApiKey,
        start,
        end: start + word.len(),
    })
}

/// `password=…`, `"token": "…"`, `DB_PASSWORD: …`.
fn named(bytes: &[u8], word: &str, end: usize) -> Option<Found> {
    let is_name = NAMES.iter().any(|name| {
        word.len() >= name.len() && word.len() <= 64 && {
            let (head, tail) = word.as_bytes().split_at(word.len() - name.len());
            tail.eq_ignore_ascii_case(name.as_bytes())
                && head.last().is_none_or(|b| matches!(b, b'_' | b'-'))
        }
    });
    if !is_name {
        return None;
    }
    let quote = |b: u8| matches!(b, b'"' | b'\'' | b'\\' | b'`');
    let at = run_at_most(bytes, end, 4, |b| quote(b) || b == b' ');
    if !matches!(bytes.get(at), Some(b'=' | b':')) {
        return None;
    }
    let at = run_at_most(bytes, at + 1, 4, |b| quote(b) || b == b' ' || b == b'=');
    let last = run_at_most(bytes, at, LONGEST, |b| {
        !b.is_ascii_whitespace()
            && !quote(b)
            && !matches!(b, b',' | b';' | b'&' | b')' | b'}' | b'>' | b'<' | b'[')
    });
    // The cut at the longest may lie inside a character.
    let last = (0..4)
        .map(|back| last - back)
        .find(|at| boundary(bytes, *at))?;
    (last >= at + NAMED).then_some(Found {
        kind: Kind::NamedSecret,
        start: at,
        end: last,
    })
}

/// `Bearer …`, `Basic …`.
fn bearer(bytes: &[u8], word: &str, end: usize) -> Option<Found> {
    let scheme = word.eq_ignore_ascii_case("bearer") || word.eq_ignore_ascii_case("basic");
    if !scheme || bytes.get(end) != Some(&b' ') {
        return None;
    }
    let last = run(bytes, end + 1, |b| {
        is_word(b) || matches!(b, b'.' | b'+' | b'/' | b'=' | b'~')
    });
    (last >= end + 17).then_some(Found {
        kind: Kind::NamedSecret,
        start: end + 1,
        end: last,
    })
}

/// `scheme://user:password@host`.
fn credentials(text: &str, found: &mut Vec<Found>) {
    let bytes = text.as_bytes();
    for (at, _) in text.match_indices("://") {
        let start = at + 3;
        let end = run_at_most(bytes, start, LONGEST, |b| {
            !b.is_ascii_whitespace() && !matches!(b, b'/' | b'?' | b'#' | b'"' | b'<' | b'>')
        });
        let userinfo = bytes[start..end].iter().rposition(|b| *b == b'@');
        if let Some(length) = userinfo
            && bytes[start..start + length].contains(&b':')
        {
            found.push(Found {
                kind: Kind::UrlCredentials,
                start,
                end: start + length,
            });
        }
    }
}

/// From `-----BEGIN … PRIVATE KEY-----` to `-----END … KEY-----`, or to the end of the text.
fn private_keys(text: &str, found: &mut Vec<Found>) {
    const BEGIN: &str = "-----BEGIN ";
    let mut from = 0;
    while let Some(at) = text[from..].find(BEGIN).map(|at| from + at) {
        let header = &text.as_bytes()[at..text.len().min(at + HEADER)];
        let mark = b"PRIVATE KEY-----";
        if !header.windows(mark.len()).any(|w| w == mark) {
            from = at + BEGIN.len();
            continue;
        }
        let end = match text[at..].find("-----END") {
            Some(end) => {
                let line = at + end;
                let rest = text[line..].lines().next().unwrap_or_default();
                line + rest
                    .find("KEY-----")
                    .map_or(rest.len(), |n| n + "KEY-----".len())
            }
            None => text.len(),
        };
        found.push(Found {
            kind: Kind::PrivateKey,
            start: at,
            end,
        });
        from = end;
    }
}

fn run_at_most(bytes: &[u8], at: usize, most: usize, f: impl Fn(u8) -> bool) -> usize {
    let end = bytes.len().min(at.saturating_add(most));
    run(&bytes[..end], at.min(end), f)
}

/// Whether a character begins at `at`.
fn boundary(bytes: &[u8], at: usize) -> bool {
    bytes.get(at).is_none_or(|b| b & 0xC0 != 0x80)
}
