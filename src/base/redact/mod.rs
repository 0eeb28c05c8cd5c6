//! The one detector of secrets and personal data: pure, in time linear in the text, whatever the text.
mod keys;
mod numbers;
mod people;
mod scan;

use std::borrow::Cow;

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A Telegram bot token.
    BotToken,
    /// A private key in PEM armour.
    PrivateKey,
    /// A JSON Web Token.
    Jwt,
    /// A key with the prefix of a known service.
    ApiKey,
    /// What stands after `password=`, `token:`, `Bearer` and the like.
    NamedSecret,
    /// User and password in an address.
    UrlCredentials,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// A card number that passes Luhn's check.
    Card,
    /// A bank account that passes the check of ISO 13616.
    Iban,
    /// An address on the internet that is not this machine's own.
    Ip,
}

impl Kind {
    /// In a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::BotToken => "bot token",
            Self::PrivateKey => "private key",
            Self::Jwt => "token",
            Self::ApiKey => "key",
            Self::NamedSecret => "secret",
            Self::UrlCredentials => "credentials",
            Self::Email => "e-mail",
            Self::Phone => "phone",
            Self::Card => "card",
            Self::Iban => "bank account",
            Self::Ip => "ip",
        }
    }

    /// Whether it opens a door, as against telling of a person.
    pub fn is_secret(self) -> bool {
        self <= Self::UrlCredentials
    }
}

/// What to look for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Secrets only.
    Secrets,
    /// Secrets and e-mail addresses: for logs, whose ids and counts look like telephone and card numbers.
    Logs,
    /// Everything.
    All,
}

impl Look {
    fn wants(self, kind: Kind) -> bool {
        match self {
            Self::Secrets => kind.is_secret(),
            Self::Logs => kind.is_secret() || kind == Kind::Email,
            Self::All => true,
        }
    }
}

/// Something found: bytes `start..end` of the text, on boundaries of characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// What it is.
    pub kind: Kind,
    /// First byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

/// All that `look` asks for, in order and without overlaps; where two overlap, the one that begins earlier stays,
/// then the longer, then the graver.
pub fn find(text: &str, look: Look) -> Vec<Found> {
    let mut all = Vec::new();
    keys::find(text, &mut all);
    people::find(text, &mut all);
    if look == Look::All {
        numbers::find(text, &mut all);
    }
    all.retain(|f| look.wants(f.kind));
    all.sort_by_key(|f| (f.start, std::cmp::Reverse(f.end), f.kind));
    let mut end = 0;
    all.retain(|f| {
        let free = f.start >= end;
        if free {
            end = f.end;
        }
        free
    });
    all
}

/// The text with everything found replaced by its name in brackets; borrowed when nothing was found.
pub fn redact(text: &str, look: Look) -> Cow<'_, str> {
    let found = find(text, look);
    if found.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for f in found {
        out.push_str(&text[from..f.start]);
        out.push('[');
        out.push_str(f.kind.name());
        out.push(']');
        from = f.end;
    }
    out.push_str(&text[from..]);
    Cow::Owned(out)
}
