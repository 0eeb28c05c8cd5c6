//! Entities of a text: links hidden behind words, mentions, numbers, cut out by UTF-16 offsets.
use std::ops::Range;

use serde_json::Value;

use super::Source;
use super::keys::{is_known_entity, is_machine};
use super::limits::MAX_ENTITIES;
use super::scan::{Found, scan};
use super::sink::Sink;
use super::walk::{self, At};
use super::who::integer;

/// Reads a text with its lists of entities: words, links, and what stands in it unmarked.
pub(super) fn read(text: &str, lists: [Option<&Value>; 2], at: At, sink: &mut Sink) {
    sink.words(at.source, text);
    let mut covered = Vec::new();
    if lists.iter().any(Option::is_some) {
        let index = Utf16::new(text);
        let mut emoji = String::new();
        for list in lists.into_iter().flatten() {
            let Some(entities) = list.as_array() else {
                walk::value(list, "entities", at, sink);
                continue;
            };
            sink.truncated |= entities.len() > MAX_ENTITIES;
            for entity in entities.iter().take(MAX_ENTITIES) {
                one(entity, &index, at, sink, &mut covered, &mut emoji);
            }
        }
        sink.words(at.place(Source::CustomEmoji), &emoji);
    }
    bare(text, &covered, at, sink);
}

/// Keeps the addresses of plain words.
pub(super) fn bare(text: &str, covered: &[Range<usize>], at: At, sink: &mut Sink) {
    scan(text, covered, |found| match found {
        Found::Url(url) => sink.link(at.source, url, None),
        Found::Mention(name) => sink.link(at.source, name, None),
        Found::Email(mail) => sink.link(at.source, &format!("mailto:{mail}"), None),
    });
}

fn one(
    entity: &Value,
    index: &Utf16<'_>,
    at: At,
    sink: &mut Sink,
    covered: &mut Vec<Range<usize>>,
    emoji: &mut String,
) {
    let Some(members) = entity.as_object() else {
        walk::value(entity, "entity", at, sink);
        return;
    };
    let kind = entity.get("type").and_then(Value::as_str).unwrap_or("");
    let range = integer(entity, "offset")
        .zip(integer(entity, "length"))
        .and_then(|(offset, length)| index.range(offset, length));
    let shown = range.clone().map(|r| &index.text[r]);
    // A link over words with spaces may cover another one that is written out: that one is read too.
    let mut cover = || {
        if let (Some(range), Some(words)) = (&range, shown)
            && !words.contains(char::is_whitespace)
        {
            covered.push(range.clone());
        }
    };
    match (kind, shown) {
        ("url", Some(words)) => {
            sink.link(at.source, words, None);
            cover();
        }
        ("text_link", _) => cover(),
        ("mention", Some(words)) if words.starts_with('@') => {
            sink.link(at.source, words, None);
            cover();
        }
        ("email", Some(words)) => {
            sink.link(at.source, &format!("mailto:{words}"), None);
            cover();
        }
        ("phone_number", Some(words)) => sink.link(at.source, &format!("tel:{words}"), None),
        ("custom_emoji", Some(words)) if emoji.len() < index.text.len() => emoji.push_str(words),
        _ => {}
    }
    if !is_known_entity(kind) && !kind.is_empty() {
        sink.note("entity", kind);
    }
    for (key, value) in members {
        match (key.as_str(), value) {
            ("url", Value::String(url)) => sink.link(at.source, url, shown),
            ("user", Value::Object(_)) => {
                if let Some(id) = integer(value, "id") {
                    sink.link(at.source, &format!("tg://user?id={id}"), shown);
                }
            }
            (_, Value::Number(_) | Value::Bool(_) | Value::Null) => {}
            (name, Value::String(_)) if is_machine(name) => {}
            // Also the language of a code block, which apps show.
            (name, _) => walk::member(members, name, value, at, sink),
        }
    }
}

/// A text by UTF-16 units, as Telegram counts.
struct Utf16<'t> {
    text: &'t str,
    /// Every so many bytes: (units before, bytes before). Empty for ASCII, where both are the same.
    marks: Vec<(usize, usize)>,
    units: usize,
}

/// Bytes between two marks: what a look-up walks at most.
const STRIDE: usize = 256;

impl<'t> Utf16<'t> {
    fn new(text: &'t str) -> Self {
        if text.is_ascii() {
            let units = text.len();
            let marks = Vec::new();
            return Self { text, marks, units };
        }
        let mut marks = vec![(0, 0)];
        let (mut units, mut next) = (0, STRIDE);
        for (byte, c) in text.char_indices() {
            if byte >= next {
                marks.push((units, byte));
                next = byte + STRIDE;
            }
            units += c.len_utf16();
        }
        Self { text, marks, units }
    }

    /// The bytes of `length` units from `offset`, as far as the text goes. An end in the middle of a
    /// surrogate pair takes the whole character. `None` where nothing is left.
    fn range(&self, offset: i64, length: i64) -> Option<Range<usize>> {
        let start = usize::try_from(offset).ok().filter(|s| *s < self.units)?;
        let length = usize::try_from(length).ok().filter(|l| *l > 0)?;
        let end = start.saturating_add(length).min(self.units);
        if self.marks.is_empty() {
            return Some(start..end);
        }
        Some(self.byte(start, false)..self.byte(end, true))
    }

    /// The byte where unit `unit` is, rounded to a character.
    fn byte(&self, unit: usize, up: bool) -> usize {
        let mark = self.marks.partition_point(|(units, _)| *units <= unit);
        let (mut units, start) = self.marks[mark.saturating_sub(1)];
        for (byte, c) in self.text[start..].char_indices() {
            let after = units + c.len_utf16();
            if unit == units || (unit < after && !up) {
                return start + byte;
            }
            if unit < after {
                return start + byte + c.len_utf8();
            }
            units = after;
        }
        self.text.len()
    }
}
