//! Reads an export of Telegram Desktop (JSON), message by message: whatever its size, one message is in memory.
use std::cell::Cell;
use std::fmt;
use std::io::{BufReader, Read};
use std::rc::Rc;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// Bytes of one message, with all its entities; Telegram's longest text has 16 KiB.
const MOST_BYTES: u64 = 1 << 20;
/// Messages of one file.
const MOST_MESSAGES: u64 = 20_000_000;

/// What is known of the group that was exported.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Head {
    /// Telegram's id without the `-100` of supergroups.
    pub id: Option<i64>,
    /// Telegram Desktop's word: `private_supergroup`, `public_supergroup`, `private_group`, …
    pub kind: String,
    /// Messages read.
    pub messages: u64,
}

impl Head {
    /// Whether this is the group that the Bot API calls `chat`.
    pub fn is_of(&self, chat: i64) -> bool {
        let Some(id) = self.id else { return false };
        let bare = chat.to_string();
        let bare = bare.strip_prefix("-100").or(bare.strip_prefix('-'));
        bare == Some(id.to_string().as_str())
    }
}

/// A message of the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Its number in the group.
    pub message: i64,
    /// Its author; None for channels.
    pub user: Option<i64>,
    /// Seconds since 1970.
    pub at: i64,
    /// The message it answers.
    pub reply_to: Option<i64>,
    /// Its words.
    pub words: String,
    /// Whether they are its author's: not forwarded, not by an inline bot.
    pub is_own: bool,
}

/// A file that cannot be read, with the remedy.
#[derive(Debug, thiserror::Error)]
#[error(
    "{0}: export one group in Telegram Desktop (the group's menu, Export chat history, format JSON, no media) and give its result.json"
)]
pub struct Fault(String);

#[derive(Deserialize)]
struct Raw {
    id: i64,
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    from_id: Option<String>,
    #[serde(default)]
    date: String,
    #[serde(default)]
    date_unixtime: Option<String>,
    #[serde(default)]
    reply_to_message_id: Option<i64>,
    #[serde(default)]
    forwarded_from: Option<Value>,
    #[serde(default)]
    via_bot: Option<Value>,
    #[serde(default)]
    text: Value,
}

impl Raw {
    fn said(self) -> Option<Said> {
        if self.kind != "message" {
            return None;
        }
        let user = self
            .from_id
            .as_deref()
            .and_then(|id| id.strip_prefix("user"));
        let unix = self.date_unixtime.and_then(|at| at.parse().ok());
        Some(Said {
            message: self.id,
            user: user.and_then(|id| id.parse().ok()),
            at: unix.or_else(|| moment(&self.date)).unwrap_or(0),
            reply_to: self.reply_to_message_id,
            words: words(&self.text),
            is_own: self.forwarded_from.is_none() && self.via_bot.is_none(),
        })
    }
}

/// Files of before 2022 have the time of their machine only; which zone that was nobody says.
fn moment(date: &str) -> Option<i64> {
    let date: jiff::civil::DateTime = date.parse().ok()?;
    let zoned = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(zoned.timestamp().as_second())
}

/// A text, or a list of texts and of objects that hold one.
fn words(text: &Value) -> String {
    let part = |v: &Value| {
        v.as_str()
            .or(v["text"].as_str())
            .unwrap_or_default()
            .to_owned()
    };
    match text {
        Value::Array(parts) => parts.iter().map(part).collect(),
        other => part(other),
    }
}

/// Reads a file; `each` is given every message, in the order of the file.
///
/// # Errors
/// What is wrong with the file, for a person.
pub fn read(file: impl Read, mut each: impl FnMut(Said)) -> Result<Head, Fault> {
    let used = Rc::new(Cell::new(0));
    let metered = Metered {
        inner: BufReader::with_capacity(64 << 10, file),
        used: used.clone(),
    };
    let mut json = serde_json::Deserializer::from_reader(metered);
    let top = Top {
        each: &mut each,
        used: &used,
    };
    let head = json.deserialize_map(top).map_err(|e| {
        Fault(format!(
            "this is no export of a group that can be read ({e})"
        ))
    })?;
    if head.messages == 0 {
        return Err(Fault("this file holds no messages of a group".to_owned()));
    }
    Ok(head)
}

/// Counts what is read between two messages.
struct Metered<R> {
    inner: R,
    used: Rc<Cell<u64>>,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let n = self.inner.read(out)?;
        let used = self.used.get() + n as u64;
        self.used.set(used);
        if used > MOST_BYTES {
            return Err(std::io::Error::other(
                "a part of it is larger than a megabyte",
            ));
        }
        Ok(n)
    }
}

struct Top<'a, F> {
    each: &'a mut F,
    used: &'a Cell<u64>,
}

impl<'de, F: FnMut(Said)> Visitor<'de> for Top<'_, F> {
    type Value = Head;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with the messages of a group")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Head, A::Error> {
        let mut head = Head::default();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "id" => head.id = map.next_value::<Value>()?.as_i64(),
                "type" => {
                    let kind = map.next_value::<Value>()?;
                    kind.as_str().unwrap_or_default().clone_into(&mut head.kind);
                }
                "messages" => {
                    head.messages = map.next_value_seed(Messages {
                        each: self.each,
                        used: self.used,
                    })?;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(head)
    }
}

struct Messages<'a, F> {
    each: &'a mut F,
    used: &'a Cell<u64>,
}

impl<'de, F: FnMut(Said)> DeserializeSeed<'de> for Messages<'_, F> {
    type Value = u64;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<u64, D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'de, F: FnMut(Said)> Visitor<'de> for Messages<'_, F> {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of messages")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<u64, A::Error> {
        let mut count = 0;
        while let Some(raw) = seq.next_element::<Raw>()? {
            self.used.set(0);
            count += 1;
            if count > MOST_MESSAGES {
                return Err(serde::de::Error::custom("it has too many messages"));
            }
            if let Some(said) = raw.said() {
                (self.each)(said);
            }
        }
        Ok(count)
    }
}
