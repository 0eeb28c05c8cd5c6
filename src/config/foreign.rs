//! Names from the designs that Beadle grew from which it does not use, or not yet: they are no mistakes.
use super::parse;

/// What becomes of such a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Part of a feature that is still to come.
    Later(&'static str),
    /// Not needed here, and why.
    Ignored(&'static str),
}

/// A name in the environment that Beadle knows and does not use.
#[derive(Debug)]
pub struct Foreign {
    /// The name.
    pub env: &'static str,
    /// What becomes of it.
    pub fate: Fate,
    /// Whether it may also come from a file or a credential, as secrets do.
    pub secret: bool,
    /// Whether a value is sound, where that can be said already.
    pub check: fn(&str) -> Result<(), String>,
}

const fn later(env: &'static str, what: &'static str, check: Check) -> Foreign {
    Foreign {
        env,
        fate: Fate::Later(what),
        secret: false,
        check,
    }
}

const fn later_secret(env: &'static str, what: &'static str) -> Foreign {
    Foreign {
        env,
        fate: Fate::Later(what),
        secret: true,
        check: any,
    }
}

const fn ignored(env: &'static str, why: &'static str) -> Foreign {
    Foreign {
        env,
        fate: Fate::Ignored(why),
        secret: false,
        check: any,
    }
}

type Check = fn(&str) -> Result<(), String>;

const DATABASE: &str = "the database is inside Beadle";
const CACHE: &str = "caches and queues are inside Beadle";
const CHANNELS: &str = "a group names its channels itself, any number of them";

/// All of them.
pub static FOREIGN: &[Foreign] = &[
    later("ENABLE_FINANCE", "the books", switch),
    later("ENABLE_BUSINESS", "the assistant", switch),
    later("ENABLE_MONITORING", "the watch over machines", switch),
    later("ENABLE_AI", "engines that are not inside Beadle", switch),
    later_secret("OPENAI_API_KEY", "engines that are not inside Beadle"),
    later_secret("CLAUDE_API_KEY", "engines that are not inside Beadle"),
    later_secret("ANTHROPIC_API_KEY", "engines that are not inside Beadle"),
    later("VPS_HOST", "the watch over machines", any),
    later("VPS_USERNAME", "the watch over machines", any),
    later_secret("VPS_PRIVATE_KEY", "the watch over machines"),
    later("RATE_LIMIT_PER_MINUTE", "the REST interface", number),
    later(
        "REDIS_CACHE_TTL",
        "caches whose life time can be set",
        number,
    ),
    ignored("REDIS_URL", CACHE),
    ignored("REDIS_HOST", CACHE),
    ignored("REDIS_PASSWORD", CACHE),
    ignored("DB_HOST", DATABASE),
    ignored("DB_PASSWORD", DATABASE),
    ignored("CHANNEL_ID", CHANNELS),
    ignored("GROUP_ID", CHANNELS),
    ignored("CHANNEL_URL", CHANNELS),
];

fn any(_: &str) -> Result<(), String> {
    Ok(())
}

fn switch(text: &str) -> Result<(), String> {
    parse::switch(text).map(drop)
}

fn number(text: &str) -> Result<(), String> {
    match text.parse::<u32>() {
        Ok(1..) => Ok(()),
        _ => Err(format!("`{text}` is not a number above 0")),
    }
}

impl Foreign {
    /// What the log says when the name is there.
    pub fn notice(&self) -> String {
        match self.fate {
            Fate::Later(what) => {
                format!("{} is known, not used yet: it belongs to {what}", self.env)
            }
            Fate::Ignored(why) => format!("{} is ignored: {why}", self.env),
        }
    }
}
