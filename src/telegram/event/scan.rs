//! Addresses written in plain words: URLs, `@names` and e-mail addresses that no entity marks.
use std::ops::Range;

/// What the scan found, as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found<'t> {
    /// A URL, or a host name that apps make one of.
    Url(&'t str),
    /// `@name`.
    Mention(&'t str),
    /// `somebody@host`.
    Email(&'t str),
}

/// Ends of host names taken for a link without `http` or `www.` before and a path behind.
///
/// Country codes that are English words (`in`, `it`, `is`, `me` …) and file endings (`rs`, `md`, `py`,
/// `sh`, `zip`) are left out: "done.it" and "main.rs" are no links. With a path all are taken.
const ENDS: &[&str] = &[
    "app",
    "art",
    "asia",
    "bar",
    "bet",
    "bid",
    "biz",
    "blog",
    "buzz",
    "by",
    "ca",
    "casino",
    "cc",
    "cfd",
    "chat",
    "ch",
    "click",
    "cloud",
    "club",
    "cn",
    "co",
    "com",
    "cyou",
    "cz",
    "date",
    "de",
    "dev",
    "digital",
    "edu",
    "es",
    "eu",
    "exchange",
    "expert",
    "finance",
    "fi",
    "fr",
    "fun",
    "fund",
    "games",
    "gg",
    "gov",
    "group",
    "help",
    "host",
    "icu",
    "id",
    "info",
    "io",
    "ir",
    "jp",
    "kr",
    "kz",
    "life",
    "link",
    "live",
    "loan",
    "lol",
    "ltd",
    "market",
    "media",
    "mobi",
    "money",
    "net",
    "network",
    "news",
    "nl",
    "one",
    "online",
    "org",
    "pl",
    "poker",
    "press",
    "pro",
    "pw",
    "quest",
    "ru",
    "sbs",
    "se",
    "services",
    "shop",
    "site",
    "skin",
    "space",
    "store",
    "stream",
    "su",
    "support",
    "surf",
    "team",
    "tech",
    "tk",
    "today",
    "tools",
    "top",
    "trade",
    "trading",
    "tube",
    "tv",
    "ua",
    "uk",
    "us",
    "uz",
    "vip",
    "vn",
    "wang",
    "watch",
    "website",
    "wiki",
    "win",
    "wiki",
    "work",
    "world",
    "ws",
    "wtf",
    "xxx",
    "xyz",
    "zone",
    "рф",
    "рус",
    "бел",
    "укр",
    "қаз",
    "онлайн",
    "сайт",
    "дети",
    "москва",
    "орг",
    "中国",
    "网址",
    "公司",
    "在线",
];

/// Finds addresses in `text`, but not within `covered` (what entities already told of).
pub(super) fn scan<'t>(text: &'t str, covered: &[Range<usize>], mut found: impl FnMut(Found<'t>)) {
    if !text.bytes().any(|b| matches!(b, b'.' | b'@' | b':')) {
        return;
    }
    let mut tell = |part: &'t str, hit: Found<'t>| {
        let start = part.as_ptr() as usize - text.as_ptr() as usize;
        let end = start + part.len();
        if !covered.iter().any(|c| c.start <= start && end <= c.end) {
            found(hit);
        }
    };
    for token in text.split(ends_token) {
        if token.bytes().any(|b| matches!(b, b'.' | b'@' | b':')) {
            read_token(token, &mut tell);
        }
    }
}

fn ends_token(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '<' | '>' | '"' | '`' | '|' | '«' | '»' | '“' | '”' | '„')
        || matches!(
            c,
            '，' | '。' | '、' | '（' | '）' | '！' | '？' | '【' | '】' | '；'
        )
}

fn read_token<'t>(token: &'t str, tell: &mut impl FnMut(&'t str, Found<'t>)) {
    let mut rest = token;
    while let Some(at) = rest.find("://") {
        let scheme = rest[..at]
            .bytes()
            .rev()
            .take_while(|b| b.is_ascii_alphanumeric())
            .count();
        let start = at - scheme;
        let after = at + 3;
        read_words(&rest[..start], tell);
        let tail = &rest[after..];
        // A second scheme begins a second link, save where it is a parameter (`?to=https://…`).
        let end = next_scheme(tail).map_or(rest.len(), |next| after + next);
        let url = trim_end(&rest[start..end]);
        if scheme > 0 && url.len() > after - start {
            tell(url, Found::Url(url));
        }
        rest = &rest[end.max(after)..];
    }
    read_words(rest, tell);
}

/// Where in `tail` another URL begins that is glued on, `http://a.com,http://b.com`.
fn next_scheme(tail: &str) -> Option<usize> {
    let at = tail.find("://")?;
    let scheme = tail[..at]
        .bytes()
        .rev()
        .take_while(|b| b.is_ascii_alphabetic())
        .count();
    let start = at - scheme;
    let before = tail[..start].chars().next_back();
    (!matches!(before, Some('=' | '/' | '?' | '&' | '#'))).then_some(start)
}

fn read_words<'t>(part: &'t str, tell: &mut impl FnMut(&'t str, Found<'t>)) {
    for word in part.split([',', ';', '(', ')', '[', ']', '{', '}', '*', '\'', '!']) {
        read_word(word, tell);
    }
}

fn read_word<'t>(word: &'t str, tell: &mut impl FnMut(&'t str, Found<'t>)) {
    let mut rest = word;
    while let Some(at) = rest.find('@') {
        let after = &rest[at + 1..];
        if rest[..at].ends_with(is_name_char) {
            if let Some(mail) = mail_around(rest, at) {
                tell(mail, Found::Email(mail));
            }
            return;
        }
        read_host(&rest[..at], tell);
        let end = after
            .bytes()
            .take_while(|b| b.is_ascii_alphanumeric() || *b == b'_')
            .count();
        // Names have 5 to 32 characters; bought ones may have 4.
        if (4..=32).contains(&end) && after.starts_with(|c: char| c.is_ascii_alphabetic()) {
            let mention = &rest[at..at + 1 + end];
            tell(mention, Found::Mention(mention));
        }
        rest = &after[end..];
    }
    read_host(rest, tell);
}

/// The address whose `@` is at `at`.
fn mail_around(word: &str, at: usize) -> Option<&str> {
    let after = &word[at + 1..];
    let host = trim_end(&after[..after.find(['/', '?', ':', '@']).unwrap_or(after.len())]);
    let local = word[..at]
        .bytes()
        .rev()
        .take_while(|b| b.is_ascii_alphanumeric() || b"._%+-".contains(b))
        .count();
    host_end(host)?;
    (local > 0).then(|| &word[at - local..at + 1 + host.len()])
}

fn is_name_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+' | '%')
}

fn read_host<'t>(word: &'t str, tell: &mut impl FnMut(&'t str, Found<'t>)) {
    let mut rest = word;
    // `сайт:example.com`: what stands before the colon is no host, unless a port follows.
    while let Some(colon) = rest.find(':') {
        let after = &rest[colon + 1..];
        if rest[..colon].contains(['/', '?']) || after.starts_with(|c: char| c.is_ascii_digit()) {
            break;
        }
        host_url(&rest[..colon], tell);
        rest = after;
    }
    host_url(rest, tell);
}

fn host_url<'t>(word: &'t str, tell: &mut impl FnMut(&'t str, Found<'t>)) {
    let word = trim_end(word.trim_start_matches(|c: char| !c.is_alphanumeric()));
    let host_len = word.find(['/', '?', '#', ':']).unwrap_or(word.len());
    let host = &word[..host_len];
    let has_path = word[host_len..].len() > 1;
    let Some(end) = host_end(host) else { return };
    let www = host
        .get(..4)
        .is_some_and(|w| w.eq_ignore_ascii_case("www."));
    if www || has_path || is_listed(end) {
        tell(word, Found::Url(word));
    }
}

fn is_listed(end: &str) -> bool {
    let lower;
    let end = if end.chars().any(char::is_uppercase) {
        lower = end.to_lowercase();
        lower.as_str()
    } else {
        end
    };
    end.starts_with("xn--") || ENDS.contains(&end)
}

/// The last label of what has the shape of a host name.
fn host_end(host: &str) -> Option<&str> {
    let (labels, end) = host.rsplit_once('.')?;
    let fits = |label: &str| {
        !label.is_empty()
            && label
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
    };
    let real_end = end.starts_with("xn--")
        || (end.chars().count() >= 2 && end.len() <= 63 && end.chars().all(char::is_alphabetic));
    (real_end && labels.split('.').all(fits)).then_some(end)
}

/// Without the punctuation of the sentence around, and without brackets opened outside.
fn trim_end(url: &str) -> &str {
    let mut end = url.len();
    // Counted once and kept up: a thousand closing brackets cost no more than one look each.
    let mut extra: Option<[isize; 3]> = None;
    for (at, c) in url.char_indices().rev() {
        let pair = match c {
            '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*' | '…' => {
                end = at;
                continue;
            }
            ')' => 0,
            ']' => 1,
            '}' => 2,
            _ => break,
        };
        let extra = extra.get_or_insert_with(|| unopened(&url[..end]));
        if extra[pair] <= 0 {
            break;
        }
        extra[pair] -= 1;
        end = at;
    }
    &url[..end]
}

/// How many more brackets of each kind are closed than opened.
fn unopened(url: &str) -> [isize; 3] {
    let mut extra = [0; 3];
    for b in url.bytes() {
        match b {
            b'(' => extra[0] -= 1,
            b')' => extra[0] += 1,
            b'[' => extra[1] -= 1,
            b']' => extra[1] += 1,
            b'{' => extra[2] -= 1,
            b'}' => extra[2] += 1,
            _ => {}
        }
    }
    extra
}
