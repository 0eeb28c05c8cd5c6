//! E-mail addresses and telephone numbers.
use super::{Found, Kind};

/// Longest part before the `@` (RFC 5321, 4.5.3.1.1), and longest domain.
const LOCAL: usize = 64;
const DOMAIN: usize = 255;

pub(super) fn find(text: &str, found: &mut Vec<Found>) {
    for (at, c) in text.char_indices() {
        match c {
            '@' => found.extend(email(text, at)),
            '+' | '8' => found.extend(phone(text, at)),
            _ => {}
        }
    }
}

/// A name, `@`, and a domain of two labels or more, of which the last is letters; letters of any alphabet.
fn email(text: &str, at: usize) -> Option<Found> {
    let name = |c: &char| c.is_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '-');
    let before: usize = text[..at]
        .chars()
        .rev()
        .take(LOCAL)
        .take_while(name)
        .map(char::len_utf8)
        .sum();
    let start = at - before;
    let rest = &text[at + 1..];
    let length: usize = rest
        .chars()
        .take(DOMAIN)
        .take_while(|c| c.is_alphanumeric() || matches!(c, '.' | '-'))
        .map(char::len_utf8)
        .sum();
    // A full stop at the end is the sentence's.
    let domain = rest[..length].trim_end_matches(['.', '-']);
    let last = domain.rsplit('.').next()?;
    let labels = domain.split('.').count();
    let fits = before > 0
        && labels >= 2
        && domain.split('.').all(|l| !l.is_empty())
        && last.chars().count() >= 2
        && last.chars().all(char::is_alphabetic)
        && text[start..at].chars().any(char::is_alphanumeric);
    fits.then(|| Found {
        kind: Kind::Email,
        start,
        end: at + 1 + domain.len(),
    })
}

/// `+` and 8 to 15 digits (E.164), or the Russian form `8 9xx xxx-xx-xx`; single blanks, dashes, dots and brackets
/// between.
fn phone(text: &str, at: usize) -> Option<Found> {
    let bytes = text.as_bytes();
    let plus = bytes[at] == b'+';
    let before = text[..at].chars().next_back();
    if before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '+' | '_' | '-' | '.' | '/' | '='))
    {
        return None;
    }
    let (mut digits, mut between, mut end) = (0_usize, 0, at + 1);
    let mut second = None;
    // 15 digits with two separators each are as far as anyone writes.
    let first = if plus { at + 1 } else { at };
    for (i, b) in bytes[first..].iter().enumerate().take(48) {
        match b {
            b'0'..=b'9' => {
                digits += 1;
                between = 0;
                end = first + i + 1;
                if digits == 2 {
                    second = Some(*b);
                }
            }
            b' ' | b'-' | b'.' | b'(' | b')' if between < 2 => between += 1,
            _ => break,
        }
        if digits > 15 {
            return None;
        }
    }
    let after = text[end..].chars().next();
    if after.is_some_and(|c| c.is_alphanumeric() || c == '_') {
        return None;
    }
    let fits = if plus {
        (8..=15).contains(&digits)
    } else {
        digits == 11 && second == Some(b'9')
    };
    fits.then_some(Found {
        kind: Kind::Phone,
        start: at,
        end,
    })
}
