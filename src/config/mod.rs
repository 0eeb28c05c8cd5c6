//! Settings of one process: flag, then environment, then file, then default; each declared once.
mod alerts;
mod env;
mod file;
mod flags;
mod foreign;
mod lists;
mod live;
mod modes;
mod parse;
mod retention;
mod secret;
mod setting;
mod show;
mod table;
mod values;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

pub use env::Env;
pub use file::CONFIG_FILE;
pub use flags::{Flags, PlaceFlags};
pub use foreign::{FOREIGN, Fate, Foreign};
pub use lists::BanLists;
pub use live::Live;
pub use modes::{Delivery, LogFormat, Mode};
pub use parse::is_loopback_url;
pub use retention::Retention;
use secrecy::SecretString;
pub use secret::{SecretKeys, Token};
pub use setting::{About, Alias, Declared, Form, Setting};
pub use show::{Row, generate, markdown, rows};
pub use table::ALL;
pub use values::{Notice, Origin, Values};

use crate::observe::alerts::Limits;

/// Telegram's own server.
pub const TELEGRAM_API_URL: &str = "https://api.telegram.org";
/// Default of `listen`: loopback, so that nothing is reachable from outside unless somebody asks for it.
pub const DEFAULT_LISTEN: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

/// Everything `beadle run` needs to know.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The bot's token. Never printed.
    pub token: Token,
    /// Base address of the Bot API server.
    pub api_url: String,
    /// Folder of the database.
    pub data_dir: PathBuf,
    /// Read-only connections to it.
    pub readers: usize,
    /// Bytes that all caches together may take.
    pub cache_bytes: u64,
    /// Polling or webhook.
    pub delivery: Delivery,
    /// What Telegram must send with every webhook call; made up at start when none is given.
    pub webhook_secret: Option<SecretString>,
    /// Where pages, health, metrics and webhook are served.
    pub listen: SocketAddr,
    /// Names under which a proxy may ask for pages, besides those of this machine; in small letters.
    pub hosts: Vec<String>,
    /// What `/metrics` asks for.
    pub metrics_token: Option<SecretString>,
    /// Mode of groups for which nobody has chosen one.
    pub mode: Mode,
    /// What keys for sealing and signing are derived from.
    pub secret_keys: SecretKeys,
    /// The first operators, by Telegram id; empty means nobody.
    pub operators: Vec<i64>,
    /// How long things are kept.
    pub retention: Retention,
    /// What is too much, for alerts.
    pub alerts: Limits,
    /// Lists of people who are not wanted elsewhere.
    pub lists: BanLists,
    /// How people reach whoever runs this, for `/privacy`.
    pub contact: Option<String>,
}

/// How the log is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogSettings {
    /// A level or directives.
    pub level: String,
    /// For people or machines.
    pub format: LogFormat,
}

/// All that is wrong with the settings, at once.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct ConfigErrors(pub Vec<String>);

impl Settings {
    /// Reads and checks everything; names every fault, not only the first. The notices are for the log.
    pub fn load(flags: &Flags, env: &Env) -> Result<(Self, Vec<Notice>), ConfigErrors> {
        Self::of(&Values::read(flags, env))
    }

    /// The settings that `values` give.
    pub fn of(values: &Values) -> Result<(Self, Vec<Notice>), ConfigErrors> {
        let mut faults = values.faults().to_vec();
        let mut notices = values.notices().to_vec();
        let token = values.get(&table::BOT_TOKEN);
        if token.is_none() && values.found(table::BOT_TOKEN.about.key).is_none() {
            let told = |f: &String| f.contains("TELEGRAM_BOT_TOKEN") || f.contains("BOT_TOKEN");
            if !faults.iter().any(told) {
                faults.insert(0, MISSING_TOKEN.to_owned());
            }
        }
        let delivery = delivery(values, &mut notices);
        let settings = (|| {
            Some(Self {
                token: token?,
                api_url: values.get(&table::API_URL)?,
                data_dir: values.get(&table::DATA_DIR)?,
                readers: values.get(&table::READERS)?,
                cache_bytes: values.get(&table::CACHE_BYTES)?,
                delivery,
                webhook_secret: values.get(&table::WEBHOOK_SECRET),
                listen: values.get(&table::LISTEN)?,
                hosts: values.get(&table::HOSTS).unwrap_or_default(),
                metrics_token: values.get(&table::METRICS_TOKEN),
                mode: values.get(&table::MODE)?,
                operators: values.get(&table::OPERATORS).unwrap_or_default(),
                contact: values.get(&table::CONTACT),
                retention: Retention::of(values)?,
                alerts: alerts::of(values)?,
                lists: BanLists::of(values)?,
                secret_keys: SecretKeys::of(values),
            })
        })();
        match settings {
            Some(settings) if faults.is_empty() => Ok((settings, notices)),
            Some(_) | None => Err(ConfigErrors(faults)),
        }
    }
}

impl SecretKeys {
    /// The secrets that `values` give.
    pub fn of(values: &Values) -> Self {
        Self {
            present: values.get(&table::SECRET_KEY),
            earlier: values.get(&table::EARLIER_KEYS).unwrap_or_default(),
        }
    }
}

impl LogSettings {
    /// How `values` want the log; faults leave the defaults.
    pub fn of(values: &Values) -> Self {
        Self {
            level: values
                .get(&table::LOG_LEVEL)
                .unwrap_or_else(|| table::LOG_LEVEL.about.default.to_owned()),
            format: values.get(&table::LOG_FORMAT).unwrap_or_default(),
        }
    }
}

/// Where HTTP is served, for verbs that ask the running Beadle.
pub fn listen_of(values: &Values) -> Result<SocketAddr, ConfigErrors> {
    values
        .get(&table::LISTEN)
        .filter(|_| values.is_sound(&table::LISTEN))
        .ok_or_else(|| ConfigErrors(values.faults().to_vec()))
}

/// Whether a running Beadle takes up a change of this setting.
pub fn is_live(key: &str) -> bool {
    ALL.iter().any(|s| s.about().key == key && s.about().live)
}

/// Settings that somebody gave, by key, with where.
pub fn origins(values: &Values) -> Vec<(&'static str, Origin)> {
    values.given_by().map(|(k, o)| (k, o.clone())).collect()
}

/// Webhook when the environment is production and an address is given, else polling.
fn delivery(values: &Values, notices: &mut Vec<Notice>) -> Delivery {
    let production = values
        .get(&table::ENVIRONMENT)
        .is_some_and(|e| e.eq_ignore_ascii_case("production"));
    match (values.get(&table::WEBHOOK_URL), production) {
        (Some(url), true) => Delivery::Webhook { url },
        (Some(_), false) => {
            notices.push(
                "WEBHOOK_URL is set but ENVIRONMENT is not `production`: Beadle polls".to_owned(),
            );
            Delivery::Polling
        }
        (None, _) => Delivery::Polling,
    }
}

/// What `run` says without a token.
pub const MISSING_TOKEN: &str = "No bot token. Talk to @BotFather in Telegram, send /newbot, and give the token \
     it shows you in TELEGRAM_BOT_TOKEN (or put it in a file and name that in TELEGRAM_BOT_TOKEN_FILE). \
     To look around without one: beadle demo";
