//! The bot token and SECRET_KEY, wrapped where they are read so that they cannot be printed.
use secrecy::{ExposeSecret, SecretString};

/// `123456:ABC…`, checked for its shape. Debug shows the bot's id only.
#[derive(Clone)]
pub struct Token {
    bot: u64,
    secret: SecretString,
}

impl Token {
    /// Takes `text` when it looks like a token: digits, a colon, 30 or more of `[A-Za-z0-9_-]`.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        let shape = "a bot token looks like 123456789:AAE… (digits, a colon, about 35 letters); \
                     copy it whole from @BotFather";
        let (id, rest) = text.split_once(':').ok_or(shape)?;
        let bot = id.parse::<u64>().map_err(|_| shape)?;
        let fits = (30..=64).contains(&rest.len())
            && rest
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        if !fits {
            return Err(shape);
        }
        Ok(Self {
            bot,
            secret: SecretString::from(text),
        })
    }

    /// The bot's Telegram id, which is not secret.
    pub fn bot_id(&self) -> u64 {
        self.bot
    }

    /// The whole token, for the transport only.
    pub fn expose(&self) -> &str {
        self.secret.expose_secret()
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Token({}:…)", self.bot)
    }
}

/// What keys are derived from. Debug shows nothing of it.
#[derive(Debug, Clone, Default)]
pub struct SecretKeys {
    /// SECRET_KEY; without it a secret is made once and kept in the data directory.
    pub present: Option<SecretString>,
    /// Earlier ones, which still open what was sealed under them.
    pub earlier: Vec<SecretString>,
}
