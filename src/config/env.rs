//! The environment, read once at start: Beadle's own names and those of the designs it grew from.
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use secrecy::SecretString;

use super::{DEFAULT_LISTEN, Delivery, SecretKeys, TELEGRAM_API_URL, Token};
use crate::base::secretbox::Keyring;

/// Stands in for a secret that Beadle will make, while the others are checked.
const MADE_UP: &str = "made by Beadle itself";
/// Telegram's ids of people have at most 52 significant bits (Bot API, User).
const MAX_USER: i64 = (1 << 52) - 1;

/// Something the operator should know; not a fault.
pub type Notice = String;

/// A copy of the process's environment, or a made-up one in tests.
#[derive(Debug, Clone, Default)]
pub struct Env(BTreeMap<String, String>);

impl Env {
    /// The process's environment.
    pub fn from_process() -> Self {
        Self(
            std::env::vars_os()
                .filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)))
                .collect(),
        )
    }

    /// An environment of these variables only.
    pub fn of(vars: &[(&str, &str)]) -> Self {
        Self(
            vars.iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect(),
        )
    }

    /// The value of `name`, unless it is empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|v| v.trim()).filter(|v| !v.is_empty())
    }

    /// Sets one variable, as a prompt does with what a person typed.
    pub fn set(&mut self, name: &str, value: String) {
        self.0.insert(name.to_owned(), value);
    }

    /// A secret from `$CREDENTIALS_DIRECTORY/name`, the file in `NAME_FILE`, or `NAME`.
    fn secret(&self, name: &str) -> Result<Option<String>, String> {
        let file_var = format!("{name}_FILE");
        let credential = self
            .get("CREDENTIALS_DIRECTORY")
            .map(|dir| PathBuf::from(dir).join(name.to_lowercase().replace('_', "-")))
            .filter(|path| path.exists());
        let named = self.get(&file_var).map(PathBuf::from);
        if named.is_some() && self.get(name).is_some() {
            return Err(format!(
                "{name} and {file_var} are both set: keep one of them"
            ));
        }
        match credential.or(named) {
            Some(path) => std::fs::read_to_string(&path)
                .map(|s| Some(s.trim().to_owned()))
                .map_err(|e| format!("{name}: cannot read {}: {e}", path.display())),
            None => Ok(self.get(name).map(str::to_owned)),
        }
    }

    pub(super) fn token(&self) -> Result<Option<Token>, String> {
        // BOT_TOKEN is the name in the designs this grew from.
        let value = match self.secret("TELEGRAM_BOT_TOKEN")? {
            Some(v) => Some(v),
            None => self.secret("BOT_TOKEN")?,
        };
        value
            .map(|v| Token::parse(&v).map_err(|e| format!("TELEGRAM_BOT_TOKEN: {e}")))
            .transpose()
    }

    pub(super) fn api_url(&self, faults: &mut Vec<String>) -> String {
        let Some(url) = self.get("BEADLE_TELEGRAM_API_URL") else {
            return TELEGRAM_API_URL.to_owned();
        };
        let ok = reqwest::Url::parse(url)
            .is_ok_and(|u| matches!(u.scheme(), "http" | "https") && u.has_host());
        if !ok {
            faults.push(format!(
                "BEADLE_TELEGRAM_API_URL: `{url}` is not an http(s) address"
            ));
        }
        url.trim_end_matches('/').to_owned()
    }

    /// Webhook when ENVIRONMENT=production and WEBHOOK_URL are both set, else polling.
    pub(super) fn delivery(&self, faults: &mut Vec<String>, notices: &mut Vec<Notice>) -> Delivery {
        let production = self
            .get("ENVIRONMENT")
            .is_some_and(|e| e.eq_ignore_ascii_case("production"));
        match (self.get("WEBHOOK_URL"), production) {
            (Some(url), true) => {
                let ok = reqwest::Url::parse(url)
                    .is_ok_and(|u| u.has_host() && (u.scheme() == "https" || is_loopback(&u)));
                if !ok {
                    faults.push(format!("WEBHOOK_URL: `{url}` is not an https address"));
                }
                Delivery::Webhook {
                    url: url.to_owned(),
                }
            }
            (Some(_), false) => {
                notices.push(
                    "WEBHOOK_URL is set but ENVIRONMENT is not `production`: Beadle polls"
                        .to_owned(),
                );
                Delivery::Polling
            }
            (None, _) => Delivery::Polling,
        }
    }

    pub(super) fn webhook_secret(&self, faults: &mut Vec<String>) -> Option<SecretString> {
        match self.secret("WEBHOOK_SECRET") {
            Ok(None) => None,
            Ok(Some(s)) => {
                // Bot API, setWebhook: 1-256 characters of [A-Za-z0-9_-].
                let fits = (1..=256).contains(&s.len())
                    && s.bytes()
                        .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
                if !fits {
                    faults.push("WEBHOOK_SECRET: 1 to 256 letters, digits, `_` or `-`".to_owned());
                }
                Some(SecretString::from(s))
            }
            Err(e) => {
                faults.push(e);
                None
            }
        }
    }

    /// The secret that keys are derived from, and earlier ones, separated by blanks or commas.
    pub(super) fn secret_keys(&self, faults: &mut Vec<String>) -> SecretKeys {
        let mut take = |name: &str| match self.secret(name) {
            Ok(found) => found.filter(|s| !s.is_empty()),
            Err(e) => {
                faults.push(e);
                None
            }
        };
        let (present, earlier) = (take("SECRET_KEY"), take("SECRET_KEY_PREVIOUS"));
        let earlier: Vec<&str> = earlier
            .iter()
            .flat_map(|e| e.split([',', ' ', '\n']))
            .map(str::trim)
            .filter(|e| !e.is_empty())
            .collect();
        // Taken here on trial, so that a bad one is told together with all else that is wrong.
        if let Err(e) = Keyring::new(present.as_deref().unwrap_or(MADE_UP), &earlier) {
            faults.push(e);
        }
        SecretKeys {
            present: present.map(SecretString::from),
            earlier: earlier.into_iter().map(SecretString::from).collect(),
        }
    }

    /// ALLOWED_USER_IDS: people who may do everything, by Telegram id. Empty means nobody.
    pub(super) fn operators(&self, faults: &mut Vec<String>) -> Vec<i64> {
        let mut ids = Vec::new();
        for word in self.get("ALLOWED_USER_IDS").unwrap_or_default().split(',') {
            let word = word.trim();
            match word.parse::<i64>() {
                _ if word.is_empty() => {}
                Ok(id) if (1..=MAX_USER).contains(&id) => ids.push(id),
                _ => faults.push(format!(
                    "ALLOWED_USER_IDS: `{word}` is not the id of a person; ids are positive numbers, separated \
                     by commas, and @userinfobot tells you yours"
                )),
            }
        }
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// BEADLE_OPERATOR: how people reach whoever runs this, as they are to read it.
    pub(super) fn contact(&self, faults: &mut Vec<String>) -> Option<String> {
        let contact = self.get("BEADLE_OPERATOR")?;
        if contact.chars().count() > 200 || contact.chars().any(char::is_control) {
            faults.push("BEADLE_OPERATOR: one line of at most 200 characters".to_owned());
        }
        Some(contact.to_owned())
    }

    pub(super) fn listen(&self, faults: &mut Vec<String>) -> Option<SocketAddr> {
        if let Some(addr) = self.get("BEADLE_HTTP_LISTEN") {
            return addr
                .parse()
                .map_err(|_| {
                    faults.push(format!(
                        "BEADLE_HTTP_LISTEN: `{addr}` is not an address like 127.0.0.1:8080"
                    ));
                })
                .ok();
        }
        let port = self.get("PORT")?;
        match port.parse::<u16>() {
            Ok(p) if p > 0 => Some(SocketAddr::new(DEFAULT_LISTEN.ip(), p)),
            _ => {
                faults.push(format!("PORT: `{port}` is not a port between 1 and 65535"));
                None
            }
        }
    }

    pub(super) fn data_dir(&self, faults: &mut Vec<String>) -> PathBuf {
        if let Some(dir) = self.get("BEADLE_DATA_DIR").or(self.get("STATE_DIRECTORY")) {
            return PathBuf::from(dir);
        }
        let Some(url) = self.get("DATABASE_URL") else {
            return PathBuf::from("beadle-data");
        };
        let Some(path) = url.strip_prefix("sqlite:") else {
            let scheme = url.split(':').next().unwrap_or_default();
            faults.push(format!(
                "DATABASE_URL: Beadle keeps everything in one SQLite file and cannot use `{scheme}`. \
                 Unset it, or name a folder with BEADLE_DATA_DIR"
            ));
            return PathBuf::from("beadle-data");
        };
        // sqlite:///./gmbot.db names a file; Beadle uses its folder.
        let path = path.trim_start_matches("//").replacen("/./", "./", 1);
        PathBuf::from(path)
            .parent()
            .filter(|p| !p.as_os_str().is_empty())
            .map_or_else(|| PathBuf::from("beadle-data"), std::path::Path::to_owned)
    }

    /// The data directory for verbs that only look at it: the flag, else as `run` finds it.
    pub fn data_dir_or(
        &self,
        flag: Option<&std::path::Path>,
    ) -> Result<PathBuf, super::ConfigErrors> {
        let mut faults = Vec::new();
        let found = flag.map_or_else(|| self.data_dir(&mut faults), std::path::Path::to_owned);
        if faults.is_empty() {
            Ok(found)
        } else {
            Err(super::ConfigErrors(faults))
        }
    }

    pub(super) fn readers(&self, faults: &mut Vec<String>) -> usize {
        match self.get("DB_POOL_SIZE").map(str::parse::<usize>) {
            None => 4,
            Some(Ok(n @ 1..)) => n.min(20),
            Some(_) => {
                faults.push("DB_POOL_SIZE: a number of readers from 1 to 20".to_owned());
                4
            }
        }
    }

    pub(super) fn notices(&self) -> Vec<Notice> {
        let mut notices = Vec::new();
        if self.get("REDIS_URL").is_some() {
            notices.push("REDIS_URL is ignored: caches and queues are inside Beadle".to_owned());
        }
        for old in ["CHANNEL_ID", "GROUP_ID", "CHANNEL_URL"] {
            if self.get(old).is_some() {
                notices.push(format!(
                    "{old} is ignored: a group names its channels itself, any number of them"
                ));
            }
        }
        notices
    }
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
