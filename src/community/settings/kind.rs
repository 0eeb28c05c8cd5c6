//! The kinds of values that settings have: how each is read, checked and shown. Pure.
use serde_json::{Value, json};

use crate::base::clock::Millis;
use crate::base::span;

/// A kind of values.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// On or off.
    Switch,
    /// One of some words.
    Choice(&'static [&'static str]),
    /// A whole number from the first to the second.
    Number(i64, i64),
    /// A share from 0 to 1.
    Share,
    /// A length of time, kept in milliseconds, from the first to the second; written `10m`. 0 is off where the first
    /// is 0.
    Span(Millis, Millis),
    /// Words of at most so many characters.
    Text(usize),
    /// A list of at most so many texts, each of at most so many characters; one a line in chat.
    Texts(usize, usize),
    /// The id of a chat, or nothing.
    Chat,
    /// A kind of its own.
    Own(&'static Own),
}

/// A kind that only one setting has.
#[derive(Debug)]
pub struct Own {
    /// What a value looks like, for people: `warn, mute 24h, ban 30d`.
    pub shape: &'static str,
    /// Reads what a person wrote; the fault is one English sentence without a full stop.
    pub parse: fn(&str) -> Result<Value, String>,
    /// Checks a value of a file; gives it as it is kept.
    pub check: fn(&Value) -> Result<Value, String>,
    /// As a person would write it.
    pub show: fn(&Value) -> String,
}

const ON: [&str; 6] = ["on", "yes", "true", "1", "да", "вкл"];
const OFF: [&str; 6] = ["off", "no", "false", "0", "нет", "выкл"];

impl Kind {
    /// What a value looks like, for people.
    pub fn shape(self) -> String {
        match self {
            Self::Switch => "on or off".to_owned(),
            Self::Choice(words) => words.join(", "),
            Self::Number(min, max) => format!("a whole number from {min} to {max}"),
            Self::Share => "a number from 0 to 1".to_owned(),
            Self::Span(0, max) => format!("a length of time up to {}, or off", span::write(max)),
            Self::Span(min, max) => format!(
                "a length of time from {} to {}",
                span::write(min),
                span::write(max)
            ),
            Self::Text(max) => format!("at most {max} characters"),
            Self::Texts(count, each) => {
                format!("at most {count} lines of at most {each} characters")
            }
            Self::Chat => "the id of a chat, or off".to_owned(),
            Self::Own(own) => own.shape.to_owned(),
        }
    }

    /// Reads what a person wrote. The fault says what would be right.
    pub fn parse(self, words: &str) -> Result<Value, String> {
        let words = words.trim();
        let low = words.to_lowercase();
        let is = |list: &[&str]| list.contains(&low.as_str());
        let value = match self {
            Self::Switch if is(&ON) => json!(true),
            Self::Switch if is(&OFF) => json!(false),
            Self::Choice(_) => json!(low),
            Self::Number(..) => low.parse::<i64>().map_or(Value::Null, |n| json!(n)),
            Self::Share => low
                .replace(',', ".")
                .parse::<f64>()
                .map_or(Value::Null, |n| json!(n)),
            Self::Span(0, _) if is(&OFF) => json!(0),
            Self::Span(..) => span::parse(words).map_or(Value::Null, |n| json!(n)),
            Self::Text(_) => json!(words),
            Self::Texts(..) => {
                let lines = words.lines().map(str::trim).filter(|l| !l.is_empty());
                json!(lines.collect::<Vec<_>>())
            }
            Self::Chat if is(&OFF) => return Ok(Value::Null),
            Self::Chat => low.parse::<i64>().map_or(json!(""), |n| json!(n)),
            Self::Own(own) => return (own.parse)(words),
            Self::Switch => Value::Null,
        };
        self.check(&value)
    }

    /// Whether `value` is one; gives it as it is kept: lengths of time may also be written out.
    pub fn check(self, value: &Value) -> Result<Value, String> {
        let good = match (self, value) {
            (Self::Switch, Value::Bool(_)) => true,
            (Self::Choice(words), Value::String(word)) => words.contains(&word.as_str()),
            (Self::Number(min, max), value) => {
                value.as_i64().is_some_and(|n| (min..=max).contains(&n))
            }
            (Self::Share, value) => value.as_f64().is_some_and(|n| (0.0..=1.0).contains(&n)),
            (Self::Span(..), Value::String(words)) => return self.parse(words),
            (Self::Span(min, max), value) => {
                value.as_i64().is_some_and(|n| (min..=max).contains(&n))
            }
            (Self::Text(max), Value::String(words)) => words.chars().count() <= max,
            (Self::Texts(count, each), Value::Array(lines)) => {
                lines.len() <= count
                    && lines
                        .iter()
                        .all(|l| l.as_str().is_some_and(|l| l.chars().count() <= each))
            }
            (Self::Chat, value) => value.is_null() || value.as_i64().is_some_and(|n| n != 0),
            (Self::Own(own), value) => return (own.check)(value),
            _ => false,
        };
        if good {
            Ok(value.clone())
        } else {
            Err(format!("it must be {}", self.shape()))
        }
    }

    /// As a person would write it.
    pub fn show(self, value: &Value) -> String {
        match (self, value) {
            (Self::Switch, Value::Bool(on)) => if *on { "on" } else { "off" }.to_owned(),
            (Self::Span(..), value) => match value.as_i64() {
                Some(0) | None => "off".to_owned(),
                Some(n) => span::write(n),
            },
            (Self::Chat, Value::Null) => "off".to_owned(),
            (Self::Own(own), value) => (own.show)(value),
            (_, Value::Null) => "not set".to_owned(),
            (Self::Texts(..), Value::Array(lines)) => {
                let lines = lines.iter().filter_map(Value::as_str);
                lines.collect::<Vec<_>>().join("\n")
            }
            (_, Value::String(words)) => words.clone(),
            (_, value) => value.to_string(),
        }
    }

    /// As it stands in a file.
    pub(super) fn file(self, value: &Value) -> Value {
        match (self, value) {
            (Self::Span(..), value) => json!(self.show(value)),
            (_, value) => value.clone(),
        }
    }
}
