//! Settings of one process: flag, then environment, then default; each declared once.
mod env;
mod secret;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

pub use env::{Env, Notice, is_loopback_url};
use secrecy::SecretString;
pub use secret::{SecretKeys, Token};

/// Telegram's own server.
pub const TELEGRAM_API_URL: &str = "https://api.telegram.org";

/// How updates reach this process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// Long polling: nothing needs to be reachable from outside.
    Polling,
    /// Telegram calls this address; a proxy with TLS stands in front.
    Webhook {
        /// Public https address, with or without a path.
        url: String,
    },
}

/// What a group does with verdicts until its admins choose otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Verdicts are recorded, nothing else.
    Observe,
    /// Verdicts are recorded and offered; nothing changes in the group.
    #[default]
    Suggest,
    /// Verdicts are carried out.
    Act,
}

impl Mode {
    /// The word used in settings and in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Observe => "observe",
            Self::Suggest => "suggest",
            Self::Act => "act",
        }
    }

    /// The mode of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Observe, Self::Suggest, Self::Act]
            .into_iter()
            .find(|m| m.name() == name)
    }
}

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
    /// Polling or webhook.
    pub delivery: Delivery,
    /// What Telegram must send with every webhook call; made up at start when none is given.
    pub webhook_secret: Option<SecretString>,
    /// Where health and webhook are served.
    pub listen: SocketAddr,
    /// Mode of groups for which nobody has chosen one.
    pub mode: Mode,
    /// What keys for sealing and signing are derived from.
    pub secret_keys: SecretKeys,
    /// The first operators, by Telegram id; empty means nobody.
    pub operators: Vec<i64>,
    /// How people reach whoever runs this, for `/privacy`.
    pub contact: Option<String>,
}

/// Default of `listen`: loopback, so that nothing is reachable from outside unless somebody asks for it.
pub const DEFAULT_LISTEN: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

/// What the command line gave; each wins over the environment.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Flags {
    /// Folder of the database [env: BEADLE_DATA_DIR] [default: ./beadle-data, /var/lib/beadle as a service]
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Address for health and webhook [env: BEADLE_HTTP_LISTEN] [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR:PORT")]
    pub listen: Option<SocketAddr>,
    /// Port alone, on loopback [env: PORT]
    #[arg(long, value_name = "PORT")]
    pub port: Option<u16>,
    /// Mode of groups without one of their own: observe, suggest or act [env: BEADLE_MODERATION_MODE] [default: suggest]
    #[arg(long, value_name = "MODE")]
    pub mode: Option<String>,
}

/// All that is wrong with the settings, at once.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct ConfigErrors(pub Vec<String>);

impl Settings {
    /// Reads and checks everything; names every fault, not only the first. The notices are for the log.
    pub fn load(flags: &Flags, env: &Env) -> Result<(Self, Vec<Notice>), ConfigErrors> {
        let mut faults = Vec::new();
        let mut notices = env.notices();
        let token = match env.token() {
            Ok(token) => token,
            Err(e) => {
                faults.push(e);
                None
            }
        };
        let delivery = env.delivery(&mut faults, &mut notices);
        let (env_data_dir, readers) = (env.data_dir(&mut faults), env.readers(&mut faults));
        let listen = flags
            .listen
            .or_else(|| flags.port.map(|p| SocketAddr::new(DEFAULT_LISTEN.ip(), p)))
            .or_else(|| env.listen(&mut faults))
            .unwrap_or(DEFAULT_LISTEN);
        let mode = match flags.mode.as_deref().or(env.get("BEADLE_MODERATION_MODE")) {
            None => Mode::default(),
            Some(name) => Mode::from_name(name).unwrap_or_else(|| {
                faults.push(format!(
                    "BEADLE_MODERATION_MODE (or --mode): `{name}` is none of observe, suggest, act"
                ));
                Mode::default()
            }),
        };
        let api_url = env.api_url(&mut faults);
        let webhook_secret = env.webhook_secret(&mut faults);
        let secret_keys = env.secret_keys(&mut faults);
        let operators = env.operators(&mut faults);
        let contact = env.contact(&mut faults);
        match token {
            Some(token) if faults.is_empty() => Ok((
                Self {
                    token,
                    api_url,
                    data_dir: flags.data_dir.clone().unwrap_or(env_data_dir),
                    readers,
                    delivery,
                    webhook_secret,
                    listen,
                    mode,
                    secret_keys,
                    operators,
                    contact,
                },
                notices,
            )),
            token => {
                if token.is_none() && !faults.iter().any(|f| f.contains("TELEGRAM_BOT_TOKEN")) {
                    faults.insert(0, MISSING_TOKEN.to_owned());
                }
                Err(ConfigErrors(faults))
            }
        }
    }
}

/// What `run` says without a token.
pub const MISSING_TOKEN: &str = "No bot token. Talk to @BotFather in Telegram, send /newbot, and give the token \
     it shows you in TELEGRAM_BOT_TOKEN (or put it in a file and name that in TELEGRAM_BOT_TOKEN_FILE). \
     To look around without one: beadle demo";
