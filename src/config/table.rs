//! The settings, each declared once: flags, environment, file, help and documents are made of this.
use std::net::SocketAddr;
use std::path::PathBuf;

use secrecy::SecretString;

use super::setting::{About, Alias, Declared, Form, Setting};
use super::{LogFormat, Mode, Token, alerts, lists, parse, retention};

/// What most settings have in common.
pub(super) const PLAIN: About = About {
    key: "",
    env: "",
    aliases: &[],
    flag: None,
    shape: "",
    default: "",
    otherwise: "",
    doc: "",
    secret: false,
    form: Form::Text,
    live: false,
};

/// All of them, in the order of the file and the documents.
pub static ALL: &[&dyn Declared] = &[
    &DATA_DIR,
    &ENVIRONMENT,
    &SECRET_KEY,
    &EARLIER_KEYS,
    &BOT_TOKEN,
    &API_URL,
    &WEBHOOK_URL,
    &WEBHOOK_SECRET,
    &OPERATORS,
    &CONTACT,
    &MODE,
    &lists::SOURCES,
    &lists::EVERY,
    &LISTEN,
    &HOSTS,
    &METRICS_TOKEN,
    &READERS,
    &CACHE_BYTES,
    &LOG_LEVEL,
    &LOG_FORMAT,
    &retention::UPDATES,
    &retention::DEAD,
    &retention::CALLS,
    &retention::WORDS,
    &retention::REMOVED,
    &retention::EVENTS,
    &retention::AUDIT,
    &retention::GONE,
    &retention::LOGS,
    &alerts::WAITS,
    &alerts::READS,
    &alerts::CACHES,
    &alerts::SILENT,
];

pub(super) static DATA_DIR: Setting<PathBuf> = Setting {
    about: About {
        key: "data_dir",
        env: "BEADLE_DATA_DIR",
        aliases: &[
            Alias::same("STATE_DIRECTORY"),
            Alias {
                env: "DATABASE_URL",
                flag: None,
                means: parse::database_url,
            },
        ],
        flag: Some("data-dir"),
        shape: "DIR",
        default: "beadle-data",
        otherwise: "./beadle-data, /var/lib/beadle as a service",
        doc: "Folder of the database, of beadle.toml and of copies",
        ..PLAIN
    },
    parse: parse::folder,
};

pub(super) static ENVIRONMENT: Setting<String> = Setting {
    about: About {
        key: "environment",
        env: "ENVIRONMENT",
        shape: "NAME",
        otherwise: "polling",
        doc: "With `production` and telegram.webhook_url Telegram calls Beadle, otherwise Beadle polls",
        ..PLAIN
    },
    parse: parse::words,
};

pub(super) static SECRET_KEY: Setting<SecretString> = Setting {
    about: About {
        key: "secret_key",
        env: "SECRET_KEY",
        shape: "TEXT",
        otherwise: "made up once and kept in the data directory",
        doc: "The key from which all others are derived: secrets in the database, signed buttons",
        secret: true,
        ..PLAIN
    },
    parse: parse::key,
};

pub(super) static EARLIER_KEYS: Setting<Vec<SecretString>> = Setting {
    about: About {
        key: "secret_key_previous",
        env: "SECRET_KEY_PREVIOUS",
        shape: "TEXT TEXT",
        otherwise: "none",
        doc: "Earlier values of secret_key, which still open what was sealed under them",
        secret: true,
        ..PLAIN
    },
    parse: parse::earlier_keys,
};

pub(super) static BOT_TOKEN: Setting<Token> = Setting {
    about: About {
        key: "telegram.bot_token",
        env: "TELEGRAM_BOT_TOKEN",
        aliases: &[Alias::same("BOT_TOKEN")],
        shape: "TOKEN",
        otherwise: "asked for at a terminal",
        doc: "The bot's token, from @BotFather",
        secret: true,
        ..PLAIN
    },
    parse: parse::token,
};

pub(super) static API_URL: Setting<String> = Setting {
    about: About {
        key: "telegram.api_url",
        env: "BEADLE_TELEGRAM_API_URL",
        shape: "URL",
        default: super::TELEGRAM_API_URL,
        doc: "The Bot API server: Telegram's, or one of your own",
        ..PLAIN
    },
    parse: parse::api_url,
};

pub(super) static WEBHOOK_URL: Setting<String> = Setting {
    about: About {
        key: "telegram.webhook_url",
        env: "WEBHOOK_URL",
        shape: "URL",
        otherwise: "polling",
        doc: "Public https address at which Telegram calls Beadle, when environment is `production`",
        ..PLAIN
    },
    parse: parse::webhook_url,
};

pub(super) static WEBHOOK_SECRET: Setting<SecretString> = Setting {
    about: About {
        key: "telegram.webhook_secret",
        env: "WEBHOOK_SECRET",
        shape: "TEXT",
        otherwise: "made up at each start",
        doc: "What Telegram must send with each call of the webhook",
        secret: true,
        ..PLAIN
    },
    parse: parse::webhook_secret,
};

pub(super) static OPERATORS: Setting<Vec<i64>> = Setting {
    about: About {
        key: "operator.ids",
        env: "ALLOWED_USER_IDS",
        aliases: &[Alias::same("BEADLE_OPERATOR_IDS")],
        shape: "ID,ID",
        otherwise: "nobody",
        doc: "Telegram user ids of the first operators of this appliance",
        form: Form::List,
        live: true,
        ..PLAIN
    },
    parse: parse::user_ids,
};

pub(super) static CONTACT: Setting<String> = Setting {
    about: About {
        key: "operator.contact",
        env: "BEADLE_OPERATOR",
        aliases: &[Alias::same("BEADLE_OPERATOR_CONTACT")],
        shape: "TEXT",
        otherwise: "/privacy says that none is named",
        doc: "How people reach whoever runs this Beadle; shown by /privacy",
        live: true,
        ..PLAIN
    },
    parse: parse::contact,
};

pub(super) static MODE: Setting<Mode> = Setting {
    about: About {
        key: "moderation.mode",
        env: "BEADLE_MODERATION_MODE",
        flag: Some("mode"),
        shape: "MODE",
        default: "suggest",
        doc: "Mode of groups without one of their own: observe, suggest or act",
        ..PLAIN
    },
    parse: parse::mode,
};

pub(super) static LISTEN: Setting<SocketAddr> = Setting {
    about: About {
        key: "http.listen",
        env: "BEADLE_HTTP_LISTEN",
        aliases: &[Alias {
            env: "PORT",
            flag: Some("port"),
            means: parse::port,
        }],
        flag: Some("listen"),
        shape: "ADDR:PORT",
        default: "127.0.0.1:8080",
        doc: "Address for pages, health, metrics and the webhook",
        ..PLAIN
    },
    parse: parse::listen,
};

pub(super) static HOSTS: Setting<Vec<String>> = Setting {
    about: About {
        key: "http.hosts",
        env: "BEADLE_HTTP_HOSTS",
        shape: "NAME,NAME",
        otherwise: "localhost and the address itself",
        doc: "Names under which a proxy in front may ask for pages, besides localhost and the address itself",
        form: Form::List,
        ..PLAIN
    },
    parse: parse::hosts,
};

pub(super) static METRICS_TOKEN: Setting<SecretString> = Setting {
    about: About {
        key: "http.metrics_token",
        env: "BEADLE_METRICS_TOKEN",
        shape: "TEXT",
        otherwise: "/metrics is open on loopback and closed elsewhere",
        doc: "What /metrics asks for, as a bearer token or as the password of basic authentication",
        secret: true,
        ..PLAIN
    },
    parse: parse::password,
};

pub(super) static READERS: Setting<usize> = Setting {
    about: About {
        key: "store.readers",
        env: "BEADLE_STORE_READERS",
        aliases: &[Alias::same("DB_POOL_SIZE")],
        shape: "N",
        default: "4",
        doc: "Read-only connections to the database, 1 to 20",
        form: Form::Number,
        ..PLAIN
    },
    parse: parse::readers,
};

pub(super) static CACHE_BYTES: Setting<u64> = Setting {
    about: About {
        key: "cache.max_bytes",
        env: "BEADLE_CACHE_MAX_BYTES",
        shape: "SIZE",
        default: "64MiB",
        doc: "What all caches together may take of the memory, 1MiB to 64GiB",
        ..PLAIN
    },
    parse: parse::cache_bytes,
};

pub(super) static LOG_LEVEL: Setting<String> = Setting {
    about: About {
        key: "log.level",
        env: "BEADLE_LOG",
        aliases: &[
            Alias::same("RUST_LOG"),
            Alias {
                env: "LOG_LEVEL",
                flag: None,
                means: parse::python_level,
            },
            Alias {
                env: "DEBUG",
                flag: None,
                means: parse::debug,
            },
        ],
        flag: Some("log"),
        shape: "LEVEL",
        default: "info",
        doc: "Log level (error, warn, info, debug), or directives such as beadle::telegram=debug",
        live: true,
        ..PLAIN
    },
    parse: parse::log_level,
};

pub(super) static LOG_FORMAT: Setting<LogFormat> = Setting {
    about: About {
        key: "log.format",
        env: "LOG_FORMAT",
        aliases: &[Alias::same("BEADLE_LOG_FORMAT")],
        flag: Some("log-format"),
        shape: "FORMAT",
        default: "text",
        doc: "Log lines for people (text) or for machines (json)",
        ..PLAIN
    },
    parse: parse::log_format,
};
