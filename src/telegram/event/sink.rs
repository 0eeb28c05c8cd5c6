//! Where carriers are collected, bounded by `limits`.
use super::limits::*;
use super::{Attachment, Link, Source, Text};

/// What has been found so far.
pub(super) struct Sink {
    pub(super) texts: Vec<Text>,
    pub(super) links: Vec<Link>,
    pub(super) attachments: Vec<Attachment>,
    pub(super) unknown: Vec<String>,
    pub(super) truncated: bool,
    text_bytes_left: usize,
    link_bytes_left: usize,
}

impl Sink {
    pub(super) fn new() -> Self {
        Self {
            texts: Vec::new(),
            links: Vec::new(),
            attachments: Vec::new(),
            unknown: Vec::new(),
            truncated: false,
            text_bytes_left: MAX_TOTAL_BYTES,
            link_bytes_left: MAX_TOTAL_BYTES,
        }
    }

    /// Keeps words; blank ones are none.
    pub(super) fn words(&mut self, source: Source, text: &str) {
        if text.trim().is_empty() {
            return;
        }
        let mut rest = self.within_budget(text);
        while !rest.is_empty() {
            let piece = prefix(rest, MAX_TEXT_BYTES);
            rest = &rest[piece.len()..];
            self.text_bytes_left = self.text_bytes_left.saturating_sub(piece.len());
            self.keep(source, piece);
        }
    }

    fn within_budget<'t>(&mut self, text: &'t str) -> &'t str {
        let kept = prefix(text, self.text_bytes_left);
        self.truncated |= kept.len() < text.len();
        kept
    }

    fn keep(&mut self, source: Source, piece: &str) {
        if self.texts.len() >= MAX_TEXTS
            && let Some(last) = self.texts.iter_mut().rev().find(|t| t.source == source)
            && last.text.len() + 1 + piece.len() <= MAX_TEXT_BYTES
        {
            last.text.push('\n');
            last.text.push_str(piece);
            self.text_bytes_left = self.text_bytes_left.saturating_sub(1);
            return;
        }
        // A few over the count are harmless (one per source and per 64 KiB); a hidden text is not.
        self.texts.push(Text {
            source,
            text: piece.to_owned(),
        });
    }

    /// Keeps a link once per source. `shown` is dropped where it says the same.
    pub(super) fn link(&mut self, source: Source, target: &str, shown: Option<&str>) {
        let target = target.trim();
        if target.is_empty() {
            return;
        }
        let shown = shown.filter(|s| *s != target && !s.trim().is_empty());
        if let Some(known) = self
            .links
            .iter_mut()
            .find(|l| l.source == source && l.target == target)
        {
            if known.shown.is_none() && shown.is_some_and(|s| s.len() <= self.link_bytes_left) {
                known.shown = shown.map(str::to_owned);
                self.link_bytes_left -= shown.map_or(0, str::len);
            }
            return;
        }
        if self.links.len() >= MAX_LINKS {
            self.truncated = true;
            return;
        }
        let kept = prefix(target, self.link_bytes_left.min(MAX_TEXT_BYTES));
        self.truncated |= kept.len() < target.len();
        if kept.is_empty() {
            return;
        }
        self.link_bytes_left -= kept.len();
        let shown = shown.map(|s| prefix(s, self.link_bytes_left.min(MAX_TEXT_BYTES)));
        self.link_bytes_left -= shown.map_or(0, str::len);
        self.links.push(Link {
            source,
            target: kept.to_owned(),
            shown: shown.map(str::to_owned),
        });
    }

    /// Keeps a file once.
    pub(super) fn file(&mut self, file: Attachment) {
        let twice = |known: &Attachment| {
            known.file_id == file.file_id
                || (!file.unique_id.is_empty() && known.unique_id == file.unique_id)
        };
        if self.attachments.iter().any(twice) {
            return;
        }
        if self.attachments.len() >= MAX_ATTACHMENTS {
            self.truncated = true;
            return;
        }
        self.attachments.push(file);
    }

    /// Remembers the name of something this version does not know: `<place>.<name>`.
    pub(super) fn note(&mut self, place: &str, name: &str) {
        if self.unknown.len() >= MAX_UNKNOWN {
            return;
        }
        let name = format!("{place}.{}", prefix(name, MAX_NAME_BYTES));
        if !self.unknown.contains(&name) {
            self.unknown.push(name);
        }
    }
}

/// The longest beginning of `text` with at most `bytes` bytes that ends on a character.
pub(super) fn prefix(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}
