//! What somebody writes after `/settings` or `/set`, understood by the table of settings: pure.
use serde_json::{Value, json};

use crate::community::settings::{Setting, Table};

/// Longest word that is quoted back.
const QUOTED: usize = 40;

/// What is asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Wish {
    /// Values at their paths; None takes one away, so that the default holds.
    Set(Vec<(&'static str, Option<Value>)>),
    /// What holds.
    Show(&'static str),
    /// The last changes.
    History,
    /// What a change changed.
    Diff(i64),
    /// What held then is to hold again.
    Rollback(i64),
}

/// Why it was not understood.
#[derive(Debug, Clone)]
pub enum Complaint {
    /// There is no such setting; the one that was probably meant.
    Name(String, Option<&'static str>),
    /// It has no such value; in English, what would be right.
    Value(&'static Setting, String, String),
    /// `diff` and `rollback` need a number.
    Number(String),
    /// `thresholds` needs two.
    Thresholds(String),
}

fn quoted(word: &str) -> String {
    word.trim().chars().take(QUOTED).collect()
}

/// Understands what stands after the command: a setting and its value, or one of a few words.
pub fn parse(table: &Table, words: &str) -> Result<Wish, Complaint> {
    let words = words.trim();
    let (name, rest) = match words.split_once(char::is_whitespace) {
        Some((name, rest)) => (name, rest.trim()),
        None => (words, ""),
    };
    let number = || {
        let number = rest.trim_start_matches('#').parse::<i64>();
        number.map_err(|_| Complaint::Number(quoted(rest)))
    };
    let name = name.trim_end_matches([':', '=']).to_lowercase();
    let (path, rest) = match name.as_str() {
        "history" => return Ok(Wish::History),
        "diff" => return number().map(Wish::Diff),
        "rollback" => return number().map(Wish::Rollback),
        "thresholds" => return thresholds(rest),
        "ladder" => ("moderation.steps", rest),
        "forget" => (
            "moderation.forget_after_days",
            rest.trim_end_matches(['d', ' ']),
        ),
        other => (other, rest),
    };
    let setting = table
        .named(path)
        .map_err(|_| Complaint::Name(quoted(&name), table.near(path)))?;
    let rest = rest.strip_prefix('=').unwrap_or(rest).trim();
    if rest.is_empty() {
        return Ok(Wish::Show(setting.path));
    }
    if rest.eq_ignore_ascii_case("default") {
        return Ok(Wish::Set(vec![(setting.path, None)]));
    }
    match setting.kind.parse(rest) {
        Ok(value) => Ok(Wish::Set(vec![(setting.path, Some(value))])),
        Err(detail) => Err(Complaint::Value(setting, quoted(rest), detail)),
    }
}

/// Two percentages.
fn thresholds(words: &str) -> Result<Wish, Complaint> {
    let numbers: Option<Vec<u8>> = words
        .split(|c: char| c.is_whitespace() || c == ',' || c == '%')
        .filter(|w| !w.is_empty())
        .map(|w| w.parse().ok())
        .collect();
    match numbers.as_deref() {
        Some(&[review, spam]) if (1..=99).contains(&review) && review < spam && spam <= 99 => {
            let share = |percent: u8| Some(json!(f64::from(percent) / 100.0));
            Ok(Wish::Set(vec![
                ("moderation.review_at", share(review)),
                ("moderation.spam_at", share(spam)),
            ]))
        }
        _ => Err(Complaint::Thresholds(quoted(words))),
    }
}
