//! Numbers with a check in them: cards, bank accounts; and addresses on the internet.
use std::net::{Ipv4Addr, Ipv6Addr};

use super::scan::run;
use super::{Found, Kind};

/// Lengths of bank accounts by country (IBAN registry of SWIFT).
const IBAN: &str = "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29ES24\
    FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21LY25\
    MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23\
    ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30";
/// Longest text of an address: IPv6 with an IPv4 tail.
const IP: usize = 45;

pub(super) fn find(text: &str, found: &mut Vec<Found>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let b = bytes[at];
        let before = text[..at.min(text.floor_char_boundary(at))]
            .chars()
            .next_back();
        // Inside a word or number nothing begins.
        if !b.is_ascii_alphanumeric() && b != b':' || before.is_some_and(char::is_alphanumeric) {
            at += 1;
            continue;
        }
        let hit = address(text, at)
            .or_else(|| iban(bytes, at))
            .or_else(|| card(bytes, at, before));
        match hit {
            Some(hit) => {
                at = hit.end;
                found.push(hit);
            }
            None => at += 1,
        }
    }
}

/// An IPv4 or IPv6 address that is not this machine itself.
fn address(text: &str, at: usize) -> Option<Found> {
    let bytes = text.as_bytes();
    let most = bytes.len().min(at + IP + 1);
    let end = run(&bytes[..most], at, |b| {
        b.is_ascii_hexdigit() || matches!(b, b':' | b'.')
    });
    if text[end..]
        .chars()
        .next()
        .is_some_and(|c| c.is_alphanumeric() || c == '_')
    {
        return None;
    }
    let word = text[at..end].trim_end_matches(['.', ':']);
    // A port may follow.
    let host = word.split_once(':').map_or(word, |(host, _)| host);
    let (length, own) = if let Ok(ip) = host.parse::<Ipv4Addr>() {
        (host.len(), ip.is_loopback() || ip.is_unspecified())
    } else if let Ok(ip) = word.parse::<Ipv6Addr>() {
        (word.len(), ip.is_loopback() || ip.is_unspecified())
    } else {
        return None;
    };
    (!own).then_some(Found {
        kind: Kind::Ip,
        start: at,
        end: at + length,
    })
}

/// Country, two check digits, and so many letters and digits as the country has; single blanks between.
fn iban(bytes: &[u8], at: usize) -> Option<Found> {
    let country = bytes.get(at..at + 2)?;
    if !country.iter().all(u8::is_ascii_uppercase) {
        return None;
    }
    let length = IBAN.as_bytes().chunks(4).find(|c| c.starts_with(country))?;
    let length = usize::from(length[2] - b'0') * 10 + usize::from(length[3] - b'0');
    let mut digits = Vec::with_capacity(length);
    let mut end = at;
    for (i, b) in bytes[at..].iter().enumerate().take(length * 2) {
        match b {
            b'0'..=b'9' | b'A'..=b'Z' => digits.push(*b),
            b' ' if i > 0 && bytes[at + i - 1] != b' ' => continue,
            _ => return None,
        }
        end = at + i + 1;
        if digits.len() == length {
            break;
        }
    }
    let after = bytes.get(end).is_some_and(u8::is_ascii_alphanumeric);
    (digits.len() == length && !after && mod97(&digits) == 1).then_some(Found {
        kind: Kind::Iban,
        start: at,
        end,
    })
}

/// ISO 7064, MOD 97-10, with the first four characters moved to the end and letters as 10 to 35.
fn mod97(account: &[u8]) -> u32 {
    let moved = account[4..].iter().chain(&account[..4]);
    moved.fold(0, |rest, b| match b {
        b'0'..=b'9' => (rest * 10 + u32::from(b - b'0')) % 97,
        _ => (rest * 100 + u32::from(b - b'A') + 10) % 97,
    })
}

/// 13 to 19 digits beginning as cards do, single blanks or dashes between, that pass Luhn's check.
fn card(bytes: &[u8], at: usize, before: Option<char>) -> Option<Found> {
    if !matches!(bytes[at], b'2'..=b'6') || matches!(before, Some('-' | '+' | '.' | '_')) {
        return None;
    }
    let mut digits = Vec::with_capacity(19);
    let (mut end, mut gap) = (at, true);
    for (i, b) in bytes[at..].iter().enumerate().take(40) {
        match b {
            b'0'..=b'9' => {
                digits.push(b - b'0');
                (end, gap) = (at + i + 1, false);
            }
            b' ' | b'-' if !gap => gap = true,
            _ => break,
        }
    }
    let after = bytes
        .get(end)
        .is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    ((13..=19).contains(&digits.len()) && !after && luhn(&digits)).then_some(Found {
        kind: Kind::Card,
        start: at,
        end,
    })
}

/// ISO/IEC 7812-1, annex B.
fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(i, d)| match u32::from(*d) * (1 + i as u32 % 2) {
            n if n > 9 => n - 9,
            n => n,
        })
        .sum();
    sum.is_multiple_of(10)
}
