//! Long HTML in several messages: cut where a reader would pause, tags closed and opened again.
use unicode_segmentation::UnicodeSegmentation;

use super::markup::{Item, parse};

/// Longest text of a message in UTF-16 units after its entities are parsed (Bot API, `sendMessage`).
pub const LIMIT: usize = 4096;

/// `html` in parts of at most [`LIMIT`] units each, every part well formed. A text that fits comes back
/// as it is; white space at a cut is dropped; a text of nothing but white space gives no part at all.
pub fn split_html(html: &str) -> Vec<String> {
    split_at(html, LIMIT)
}

/// The first part of `html`, with `…` when there was more.
pub fn cut_html(html: &str) -> String {
    let items = parse(html);
    if length(&items) <= LIMIT {
        return html.to_owned();
    }
    let mut first = split_at(html, LIMIT - 1)
        .into_iter()
        .next()
        .unwrap_or_default();
    first.push('…');
    first
}

fn length(items: &[Item<'_>]) -> usize {
    items
        .iter()
        .map(|item| match item {
            Item::Char { c, .. } => c.len_utf16(),
            _ => 0,
        })
        .sum()
}

/// Like [`split_html`] with a limit of one's own.
fn split_at(html: &str, limit: usize) -> Vec<String> {
    let items = parse(html);
    let visible = Visible::new(&items);
    if visible.chars.iter().all(|c| c.is_whitespace()) {
        return Vec::new();
    }
    if length(&items) <= limit {
        return vec![html.to_owned()];
    }
    write(&items, &visible.parts(limit))
}

/// The characters a reader sees and where a cut keeps graphemes whole.
struct Visible {
    chars: Vec<char>,
    /// `whole[i]`: a cut before character `i` splits no grapheme.
    whole: Vec<bool>,
}

impl Visible {
    fn new(items: &[Item<'_>]) -> Self {
        let chars: Vec<char> = items
            .iter()
            .filter_map(|item| match item {
                Item::Char { c, .. } => Some(*c),
                _ => None,
            })
            .collect();
        let text: String = chars.iter().collect();
        let mut whole = vec![false; chars.len() + 1];
        let mut at = 0;
        for grapheme in text.graphemes(true) {
            whole[at] = true;
            at += grapheme.chars().count();
        }
        whole[chars.len()] = true;
        Self { chars, whole }
    }

    /// The ranges of characters that become parts, white space at their ends left out.
    fn parts(&self, limit: usize) -> Vec<std::ops::Range<usize>> {
        let mut parts = Vec::new();
        let mut start = 0;
        loop {
            start = self.skip_space(start);
            if start >= self.chars.len() {
                return parts;
            }
            let full = self.reach(start, limit);
            let cut = if full == self.chars.len() {
                full
            } else {
                self.best_cut(start, full)
            };
            let mut end = cut;
            while end > start && self.chars[end - 1].is_whitespace() && self.whole[end - 1] {
                end -= 1;
            }
            parts.push(start..end);
            start = cut;
        }
    }

    fn skip_space(&self, mut at: usize) -> usize {
        // White space that carries a combining mark is a grapheme to be seen.
        while at < self.chars.len() && self.chars[at].is_whitespace() && self.whole[at + 1] {
            at += 1;
        }
        at
    }

    /// The furthest end of a part that begins at `start`.
    fn reach(&self, start: usize, limit: usize) -> usize {
        let mut used = 0;
        for (i, c) in self.chars.iter().enumerate().skip(start) {
            used += c.len_utf16();
            if used > limit {
                return i;
            }
        }
        self.chars.len()
    }

    /// Where to cut in `start+1..=full`: after a paragraph, a line, a sentence, a word, a grapheme. The
    /// better kinds count only in the second half, so that no part is needlessly short.
    fn best_cut(&self, start: usize, full: usize) -> usize {
        let half = start + (full - start) / 2;
        let last = |from: usize, good: &dyn Fn(usize) -> bool| {
            (from.max(start + 1)..=full)
                .rev()
                .find(|&at| self.whole[at] && good(at))
        };
        let before = |at: usize, back: usize| {
            at.checked_sub(back)
                .filter(|&i| i >= start)
                .map_or('\0', |i| self.chars[i])
        };
        let space_next = |at: usize| self.chars.get(at).is_some_and(|c| c.is_whitespace());
        last(half, &|at| before(at, 1) == '\n' && before(at, 2) == '\n')
            .or_else(|| last(half, &|at| before(at, 1) == '\n'))
            .or_else(|| {
                last(half, &|at| match before(at, 1) {
                    '.' | '!' | '?' | '…' | '؟' | '।' => space_next(at),
                    '。' | '！' | '？' => true,
                    _ => false,
                })
            })
            .or_else(|| {
                last(start + 1, &|at| {
                    before(at, 1).is_whitespace() || space_next(at)
                })
            })
            .or_else(|| last(start + 1, &|_| true))
            // One grapheme longer than a whole message: there is nothing left but to cut it.
            .unwrap_or(full)
    }
}

/// Writes the parts, closing at each end the tags that are open there and opening them again.
fn write(items: &[Item<'_>], parts: &[std::ops::Range<usize>]) -> Vec<String> {
    let mut out = vec![String::new(); parts.len()];
    let mut open: Vec<(&str, &str)> = Vec::new();
    let mut part = 0;
    // Whether the tags in `open` are written in the part at hand. Opened with the first character, so
    // that no part begins or ends with an empty pair.
    let mut written = 0;
    let mut at = 0;
    for item in items {
        match *item {
            Item::Open { name, raw } => open.push((name, raw)),
            Item::Close { name } => {
                let Some(depth) = open
                    .iter()
                    .rposition(|(open, _)| open.eq_ignore_ascii_case(name))
                else {
                    continue;
                };
                if part < parts.len() {
                    close(&mut out[part], &open, &mut written, depth);
                }
                open.truncate(depth);
            }
            Item::Char { raw, .. } => {
                while part < parts.len() && at >= parts[part].end {
                    close(&mut out[part], &open, &mut written, 0);
                    part += 1;
                }
                if part < parts.len() && parts[part].contains(&at) {
                    for (_, raw) in &open[written..] {
                        out[part].push_str(raw);
                    }
                    written = open.len();
                    out[part].push_str(raw);
                }
                at += 1;
            }
        }
    }
    if part < parts.len() {
        close(&mut out[part], &open, &mut written, 0);
    }
    out
}

/// Closes what is written of `open` down to `depth`.
fn close(out: &mut String, open: &[(&str, &str)], written: &mut usize, depth: usize) {
    while *written > depth {
        *written -= 1;
        out.push_str("</");
        out.push_str(open[*written].0);
        out.push('>');
    }
}
