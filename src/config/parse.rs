//! Reads the values of settings. Errors are for people: what was found, what is wanted; never a secret.
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use secrecy::SecretString;

use super::{DEFAULT_LISTEN, LogFormat, Mode, Token};
use crate::base::secretbox::Keyring;
use crate::base::span;
use crate::observe::alerts::NAMES;

/// Operators, at most.
const OPERATORS: usize = 1000;
/// Characters of the contact line, at most: it stands in every `/privacy`.
const CONTACT: usize = 200;
/// Stands in for a secret that Beadle will make, while earlier ones are checked.
const MADE_UP: &str = "made by Beadle itself";
/// Telegram's ids of people have at most 52 significant bits (Bot API, User).
const MAX_USER: i64 = (1 << 52) - 1;

pub(super) fn token(text: &str) -> Result<Token, String> {
    Token::parse(text).map_err(str::to_owned)
}

pub(super) fn folder(text: &str) -> Result<PathBuf, String> {
    Ok(PathBuf::from(text))
}

pub(super) fn words(text: &str) -> Result<String, String> {
    Ok(text.to_owned())
}

pub(super) fn secret(text: &str) -> Result<SecretString, String> {
    Ok(SecretString::from(text))
}

/// A secret that keys are derived from; taken on trial.
pub(super) fn key(text: &str) -> Result<SecretString, String> {
    Keyring::new(text, &[]).map_err(unnamed)?;
    secret(text)
}

/// Earlier ones, separated by blanks or commas.
pub(super) fn earlier_keys(text: &str) -> Result<Vec<SecretString>, String> {
    let earlier: Vec<&str> = text
        .split([',', ' ', '\n'])
        .map(str::trim)
        .filter(|e| !e.is_empty())
        .collect();
    Keyring::new(MADE_UP, &earlier).map_err(unnamed)?;
    Ok(earlier.into_iter().map(SecretString::from).collect())
}

/// The keyring names the variable, and so does whoever reports the fault.
fn unnamed(fault: String) -> String {
    match fault.split_once(": ") {
        Some((name, rest)) if name.starts_with("SECRET_KEY") => rest.to_owned(),
        _ => fault,
    }
}

/// Bot API, setWebhook: 1-256 characters of `[A-Za-z0-9_-]`.
pub(super) fn webhook_secret(text: &str) -> Result<SecretString, String> {
    let fits = text.len() <= 256
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if fits {
        secret(text)
    } else {
        Err("1 to 256 letters, digits, `_` or `-`".to_owned())
    }
}

/// 8 characters at least; a header's worth of printable ones.
pub(super) fn password(text: &str) -> Result<SecretString, String> {
    let fits = (8..=256).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    if fits {
        secret(text)
    } else {
        Err("8 to 256 printable ASCII characters without spaces".to_owned())
    }
}

pub(super) fn api_url(text: &str) -> Result<String, String> {
    let ok = reqwest::Url::parse(text)
        .is_ok_and(|u| matches!(u.scheme(), "http" | "https") && u.has_host());
    if ok {
        Ok(text.trim_end_matches('/').to_owned())
    } else {
        Err(format!("`{text}` is not an http(s) address"))
    }
}

pub(super) fn webhook_url(text: &str) -> Result<String, String> {
    let ok = reqwest::Url::parse(text)
        .is_ok_and(|u| u.has_host() && (u.scheme() == "https" || is_loopback(&u)));
    if ok {
        Ok(text.to_owned())
    } else {
        Err(format!("`{text}` is not an https address"))
    }
}

pub(super) fn listen(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|_| format!("`{text}` is not an address like 127.0.0.1:8080"))
}

pub(super) fn readers(text: &str) -> Result<usize, String> {
    match text.parse::<usize>() {
        Ok(n @ 1..) => Ok(n.min(20)),
        _ => Err("a number of readers from 1 to 20".to_owned()),
    }
}

/// Bytes, as a number or with KiB, MiB, GiB behind it.
pub(super) fn cache_bytes(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let digits = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let shift = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => Some(0),
        "k" | "kib" => Some(10),
        "m" | "mib" => Some(20),
        "g" | "gib" => Some(30),
        _ => None,
    };
    let bytes = shift.and_then(|shift| number.parse::<u64>().ok()?.checked_mul(1 << shift));
    bytes
        .filter(|bytes| (1 << 20..=64 << 30).contains(bytes))
        .ok_or_else(|| "a size from 1MiB to 64GiB, like 64MiB".to_owned())
}

pub(super) fn mode(text: &str) -> Result<Mode, String> {
    Mode::from_name(text).ok_or_else(|| format!("`{text}` is none of observe, suggest, act"))
}

pub(super) fn log_format(text: &str) -> Result<LogFormat, String> {
    match text.to_ascii_lowercase().as_str() {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err(format!("`{text}` is none of text, json")),
    }
}

pub(super) fn log_level(text: &str) -> Result<String, String> {
    tracing_subscriber::EnvFilter::try_new(text)
        .map(|_| text.to_owned())
        .map_err(|_| {
            format!("`{text}` is neither a level (error, warn, info, debug) nor directives like beadle=debug")
        })
}

pub(super) fn user_ids(text: &str) -> Result<Vec<i64>, String> {
    let (mut ids, mut bad) = (Vec::new(), Vec::new());
    for item in text.split(',').map(str::trim).filter(|i| !i.is_empty()) {
        match item.parse::<i64>() {
            Ok(id @ 1..=MAX_USER) => ids.push(id),
            _ => bad.push(format!("`{item}`")),
        }
    }
    ids.sort_unstable();
    ids.dedup();
    match (bad.as_slice(), ids.len()) {
        ([], ..=OPERATORS) => Ok(ids),
        ([], _) => Err(format!("more than {OPERATORS} ids")),
        (bad, _) => Err(format!(
            "{} cannot be the id of a person; ids are positive numbers, separated by commas, and @userinfobot \
             tells you yours",
            bad.join(", ")
        )),
    }
}

pub(super) fn contact(text: &str) -> Result<String, String> {
    if text.chars().count() <= CONTACT && !text.chars().any(char::is_control) {
        Ok(text.to_owned())
    } else {
        Err(format!(
            "one line of at most {CONTACT} characters, such as an e-mail address or @name"
        ))
    }
}

pub(super) fn hosts(text: &str) -> Result<Vec<String>, String> {
    text.split(',')
        .map(str::trim)
        .filter(|h| !h.is_empty())
        .map(|host| {
            let fits = host.len() <= 253
                && host
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-.:[]".contains(&b));
            if fits {
                Ok(host.to_ascii_lowercase())
            } else {
                Err(format!(
                    "`{host}` is not the name of a host, as it stands in the address without scheme, port and path"
                ))
            }
        })
        .collect()
}

/// Ban lists at most: each is held in memory.
const LISTS: usize = 8;

/// Files, or https addresses; http only where the address is this machine's own.
pub(super) fn ban_lists(text: &str) -> Result<Vec<String>, String> {
    let mut found: Vec<String> = Vec::new();
    for item in text.split(',').map(str::trim).filter(|i| !i.is_empty()) {
        let shown: String = item.chars().take(60).collect();
        if item.len() > 1_000 || item.chars().any(char::is_control) {
            return Err(format!("`{shown}` is no address and no file"));
        }
        if let Some((scheme, _)) = item.split_once("://") {
            let sound = reqwest::Url::parse(item).is_ok_and(|u| {
                let safe = u.scheme() == "https" || (u.scheme() == "http" && is_loopback(&u));
                u.has_host() && safe
            });
            if !sound {
                let scheme: String = scheme.chars().take(20).collect();
                return Err(format!(
                    "`{scheme}://…` cannot be a ban list: name an https address, or a file"
                ));
            }
        }
        if !found.iter().any(|known| known == item) {
            found.push(item.to_owned());
        }
    }
    if found.len() > LISTS {
        return Err(format!("more than {LISTS} ban lists"));
    }
    Ok(found)
}

/// A whole number from `LEAST` to `MOST`.
pub(super) fn count<const LEAST: u16, const MOST: u16>(text: &str) -> Result<f64, String> {
    match text.parse::<u16>() {
        Ok(n) if (LEAST..=MOST).contains(&n) => Ok(f64::from(n)),
        _ => Err(format!("a whole number from {LEAST} to {MOST}")),
    }
}

/// Names of alerts.
pub(super) fn alerts(text: &str) -> Result<Vec<String>, String> {
    let names = text.split(',').map(str::trim).filter(|n| !n.is_empty());
    names
        .map(|name| {
            if NAMES.contains(&name) {
                return Ok(name.to_owned());
            }
            let shown: String = name.chars().take(40).collect();
            Err(format!("`{shown}` is none of {}", NAMES.join(", ")))
        })
        .collect()
}

/// How long something is kept, in milliseconds; not shorter than `LEAST` and not longer than `MOST`.
pub(super) fn kept<const LEAST: i64, const MOST: i64>(text: &str) -> Result<i64, String> {
    let time = span::read(text)?;
    if (LEAST..=MOST).contains(&time) {
        return Ok(time);
    }
    let told = |millis: i64| match millis / 3_600_000 {
        hours if hours % 24 == 0 => format!("{}d", hours / 24),
        hours => format!("{hours}h"),
    };
    let (least, most) = (told(LEAST), told(MOST));
    Err(format!(
        "`{text}` is not between {least} and {most}: choose a time in between"
    ))
}

/// `true`, `1`, `yes`, `on` and their opposites, in any case.
pub(super) fn switch(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" => Ok(false),
        _ => Err(format!("`{text}` is neither true nor false")),
    }
}

/// `PORT` is an address on loopback.
pub(super) fn port(text: &str) -> Result<Option<String>, String> {
    match text.parse::<u16>() {
        Ok(p) if p > 0 => Ok(Some(SocketAddr::new(DEFAULT_LISTEN.ip(), p).to_string())),
        _ => Err(format!("`{text}` is not a port between 1 and 65535")),
    }
}

/// `DATABASE_URL` names a file; Beadle uses its folder.
pub(super) fn database_url(text: &str) -> Result<Option<String>, String> {
    let Some(path) = text.strip_prefix("sqlite:") else {
        let scheme: String = text
            .split(':')
            .next()
            .unwrap_or_default()
            .chars()
            .take(20)
            .collect();
        return Err(format!(
            "Beadle keeps everything in one SQLite file and cannot use `{scheme}`. \
             Unset it, or name a folder with BEADLE_DATA_DIR"
        ));
    };
    let path = path.trim_start_matches("//").replacen("/./", "./", 1);
    Ok(PathBuf::from(path)
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .map(|p| p.to_string_lossy().into_owned()))
}

/// Levels as Python words them.
pub(super) fn python_level(text: &str) -> Result<Option<String>, String> {
    let level = match text.to_ascii_lowercase().as_str() {
        "critical" | "fatal" | "error" => "error",
        "warning" | "warn" => "warn",
        "info" => "info",
        "debug" => "debug",
        "trace" => "trace",
        _ => {
            return Err(format!(
                "`{text}` is none of DEBUG, INFO, WARNING, ERROR, CRITICAL"
            ));
        }
    };
    Ok(Some(level.to_owned()))
}

/// `DEBUG=true` is the level debug.
pub(super) fn debug(text: &str) -> Result<Option<String>, String> {
    Ok(switch(text)?.then(|| "debug".to_owned()))
}

fn is_loopback(url: &reqwest::Url) -> bool {
    url.host_str().is_some_and(|h| {
        h == "localhost"
            || h.trim_matches(['[', ']'])
                .parse::<IpAddr>()
                .is_ok_and(|ip| ip.is_loopback())
    })
}

/// Whether an address can only mean this machine: where tests and the simulator live.
pub fn is_loopback_url(url: &str) -> bool {
    reqwest::Url::parse(url).is_ok_and(|u| is_loopback(&u))
}
