//! Rich messages (Bot API 10.1): blocks and inline parts, flattened to the words a person sees.
use std::ops::Range;

use serde_json::{Map, Value};

use super::keys::{is_known_rich, is_machine};
use super::limits::{MAX_DEPTH, MAX_TOTAL_BYTES};
use super::sink::Sink;
use super::walk::{self, At};
use super::who::integer;
use super::{Source, entities};

/// Reads a rich message, or a rich text anywhere, as one text: a word cut in two by formatting is one
/// word again, blocks stand on lines of their own.
pub(super) fn read(value: &Value, at: At, sink: &mut Sink) {
    let mut page = Page::new(at, sink);
    page.any(value, at.depth);
    let Page {
        words,
        covered,
        emoji,
        ..
    } = page;
    sink.words(at.source, words.trim_end_matches('\n'));
    sink.words(at.place(Source::CustomEmoji), &emoji);
    entities::bare(&words, &covered, at, sink);
}

/// The words of a rich text, for the label of a link.
pub(super) fn plain(value: &Value) -> String {
    let mut aside = Sink::new();
    let mut page = Page::new(At::whole(Source::Button), &mut aside);
    page.inline(value, 0);
    page.words
}

struct Page<'s> {
    at: At,
    sink: &'s mut Sink,
    words: String,
    /// Where links stand that are kept already.
    covered: Vec<Range<usize>>,
    emoji: String,
}

impl<'s> Page<'s> {
    fn new(at: At, sink: &'s mut Sink) -> Self {
        Self {
            at,
            sink,
            words: String::new(),
            covered: Vec::new(),
            emoji: String::new(),
        }
    }

    fn push(&mut self, text: &str) {
        if self.words.len() + text.len() > MAX_TOTAL_BYTES {
            // Whole pieces only: the sink cuts what is too long by itself.
            self.sink.truncated = true;
            self.sink.words(self.at.source, text);
            return;
        }
        self.words.push_str(text);
    }

    fn line(&mut self) {
        if !self.words.is_empty() && !self.words.ends_with('\n') {
            self.words.push('\n');
        }
    }

    fn too_deep(&mut self, depth: usize) -> bool {
        self.sink.truncated |= depth >= MAX_DEPTH;
        depth >= MAX_DEPTH
    }

    /// A block, or a list of them.
    fn block(&mut self, value: &Value, depth: usize) {
        if self.too_deep(depth) {
            return;
        }
        match value {
            Value::String(text) => {
                self.line();
                self.push(text);
            }
            Value::Array(items) => {
                for item in items {
                    self.block(item, depth + 1);
                }
            }
            Value::Object(members) => {
                self.line();
                self.members(members, depth + 1);
            }
            _ => {}
        }
    }

    /// Something without a known name: words among formatted parts are a line, all else are blocks.
    fn any(&mut self, value: &Value, depth: usize) {
        let mixed = value.as_array().is_some_and(|items| {
            items.iter().any(Value::is_string) && items.iter().any(Value::is_object)
        });
        if mixed {
            self.line();
            self.inline(value, depth);
        } else {
            self.block(value, depth);
        }
    }

    /// A part of a line.
    fn inline(&mut self, value: &Value, depth: usize) {
        if self.too_deep(depth) {
            return;
        }
        match value {
            Value::String(text) => self.push(text),
            Value::Array(items) => {
                for item in items {
                    self.inline(item, depth + 1);
                }
            }
            Value::Object(members) => self.members(members, depth + 1),
            _ => {}
        }
    }

    fn members(&mut self, members: &Map<String, Value>, depth: usize) {
        let kind = members.get("type").and_then(Value::as_str).unwrap_or("");
        if !kind.is_empty() && !is_known_rich(kind) {
            self.sink.note("rich", kind);
        }
        let start = self.words.len();
        if let Some(text) = members.get("text") {
            self.inline(text, depth);
        }
        let own = start..self.words.len();
        // In the order of reading: a label stands before what it labels.
        let leads = |name: &String| matches!(name.as_str(), "label" | "summary" | "title");
        for (name, inner) in members.iter().filter(|(name, _)| leads(name)) {
            self.member(kind, name, inner, &own, depth);
        }
        for (name, inner) in members {
            if name != "text" && !leads(name) {
                self.member(kind, name, inner, &own, depth);
            }
        }
    }

    fn member(&mut self, kind: &str, name: &str, inner: &Value, own: &Range<usize>, depth: usize) {
        match (name, inner) {
            ("url", Value::String(url)) => self.link(url, own),
            ("email_address", Value::String(mail)) => self.link(&format!("mailto:{mail}"), own),
            ("phone_number", Value::String(number)) => self.link(&format!("tel:{number}"), own),
            ("username", Value::String(name)) => {
                self.link(&format!("@{}", name.trim_start_matches('@')), own);
            }
            ("user", Value::Object(_)) if integer(inner, "id").is_some() => {
                let id = integer(inner, "id").unwrap_or(0);
                self.link(&format!("tg://user?id={id}"), own);
            }
            ("alternative_text", Value::String(emoji)) => {
                self.push(emoji);
                if self.emoji.len() + emoji.len() <= MAX_TOTAL_BYTES {
                    self.emoji.push_str(emoji);
                }
            }
            ("button", Value::Object(_)) | ("buttons", Value::Array(_)) => {
                let source = self.at.place(Source::Button);
                let at = At {
                    source,
                    depth,
                    ..self.at
                };
                walk::value(inner, name, at, self.sink);
            }
            // Names of places in the page: nobody is shown them.
            ("name", Value::String(_)) if matches!(kind, "anchor" | "reference") => {}
            (_, Value::String(_)) if is_machine(name) => {}
            (_, Value::String(words)) => {
                if !self.words[own.clone()].contains(words.as_str()) {
                    if !matches!(name, "expression") {
                        self.line();
                    }
                    self.push(words);
                }
            }
            (_, Value::Object(_) | Value::Array(_)) if has_file(inner) => {
                let source = self.at.place(Source::DocumentName);
                let at = At {
                    source,
                    depth,
                    ..self.at
                };
                walk::value(inner, name, at, self.sink);
            }
            ("caption" | "summary" | "credit" | "label" | "title", _) => {
                self.line();
                self.inline(inner, depth);
            }
            ("blocks" | "items" | "cells", _) => self.block(inner, depth),
            _ => self.any(inner, depth),
        }
    }

    fn link(&mut self, target: &str, own: &Range<usize>) {
        let shown = &self.words[own.clone()];
        if !shown.is_empty() && !shown.contains(char::is_whitespace) {
            self.covered.push(own.clone());
        }
        self.sink.link(self.at.source, target, Some(shown));
    }
}

fn has_file(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.first().is_some_and(|v| v.get("file_id").is_some()),
        _ => value.get("file_id").is_some(),
    }
}
