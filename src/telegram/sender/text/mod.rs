//! Text for Telegram: names made safe, HTML stripped, long HTML split without breaking anything.
mod markup;
mod split;

use unicode_segmentation::UnicodeSegmentation;

pub use split::{LIMIT, cut_html, split_html};

/// Graphemes of a name that are shown.
const NAME_LENGTH: usize = 64;
/// Characters of one grapheme of a name that are shown: enough for a family emoji, not for zalgo.
const NAME_GRAPHEME: usize = 12;
/// Combining marks kept on one letter of a name; Vietnamese needs two, vowelled Hebrew three.
const NAME_MARKS: usize = 3;

/// `text` with the characters that Telegram's HTML reserves replaced by entities.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

/// A person's or chat's name for use in HTML: one line, escaped, of bounded length, without characters
/// that turn or break the line around it, and closed in itself when it may run right to left.
pub fn name(name: &str) -> String {
    let mut out = String::new();
    let mut turns = false;
    let mut space = true;
    for grapheme in name.graphemes(true) {
        if out.graphemes(true).count() >= NAME_LENGTH {
            out.push('…');
            break;
        }
        let mut marks = 0;
        for c in grapheme.chars().take(NAME_GRAPHEME) {
            if c.is_whitespace() || c.is_control() {
                if !space {
                    out.push(' ');
                    space = true;
                }
                continue;
            }
            if is_direction(c) {
                continue;
            }
            if unicode_normalization::char::is_combining_mark(c) {
                marks += 1;
                if marks > NAME_MARKS {
                    continue;
                }
            }
            turns |= is_right_to_left(c);
            space = false;
            out.push(c);
        }
    }
    let shown = out.trim_end();
    if shown.chars().all(|c| c.is_whitespace() || is_invisible(c)) {
        return "…".to_owned();
    }
    if turns {
        // First strong isolate and its end: the name cannot reorder what stands after it (UAX 9).
        format!("\u{2068}{}\u{2069}", escape(shown))
    } else {
        escape(shown)
    }
}

/// Embeddings, overrides, isolates and marks of direction (UAX 9).
fn is_direction(c: char) -> bool {
    matches!(c, '\u{200E}' | '\u{200F}' | '\u{061C}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Characters that show nothing by themselves: joiners, fillers, selectors, tags.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{00AD}' | '\u{034F}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200D}' | '\u{2060}'..='\u{2065}' | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{E0000}'..='\u{E0FFF}')
}

/// The blocks whose letters run right to left (Hebrew to Arabic Extended, their presentation forms,
/// and the plane of ancient and Adlam scripts).
fn is_right_to_left(c: char) -> bool {
    matches!(c, '\u{0590}'..='\u{08FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}' | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}')
}

/// Tags that people may use in words of their own.
const TAGS: [&str; 7] = ["b", "i", "u", "s", "code", "blockquote", "a"];

/// A person's HTML as Telegram takes it: known tags, each closed where it was opened, and all else as characters. The
/// fault is one English sentence without a full stop.
pub fn tidy(html: &str) -> Result<String, String> {
    let mut out = String::with_capacity(html.len());
    let mut open: Vec<&str> = Vec::new();
    for item in markup::parse(html) {
        match item {
            markup::Item::Char { raw, .. } => out.push_str(raw),
            markup::Item::Open { name, raw } => {
                let Some(tag) = TAGS.into_iter().find(|tag| *tag == name) else {
                    return Err(format!(
                        "<{name}> is not allowed; there are {}",
                        TAGS.join(", ")
                    ));
                };
                let address = raw.strip_prefix("<a href=\"");
                let address = address.and_then(|rest| rest.strip_suffix("\">"));
                let web = ["https://", "http://", "tg://"];
                let good = match tag {
                    "a" => address.is_some_and(|to| {
                        web.iter().any(|w| to.starts_with(w)) && !to.contains(['"', '<', '>', '{'])
                    }),
                    tag => raw.len() == tag.len() + 2,
                };
                if !good || open.contains(&tag) {
                    return Err(format!(
                        "`{}` is not allowed: tags are plain and not within themselves, and a link is <a href=\"https://…\">",
                        cut(raw, 60)
                    ));
                }
                open.push(tag);
                out.push_str(raw);
            }
            markup::Item::Close { name } => {
                if open.pop() != Some(name) {
                    return Err(format!("</{name}> closes what is not open"));
                }
                out.push_str("</");
                out.push_str(name);
                out.push('>');
            }
        }
    }
    match open.pop() {
        Some(tag) => Err(format!("<{tag}> is not closed")),
        None => Ok(out),
    }
}

/// What a reader sees of Telegram's HTML: tags gone, entities decoded.
pub fn plain(html: &str) -> String {
    markup::parse(html)
        .into_iter()
        .filter_map(|item| match item {
            markup::Item::Char { c, .. } => Some(c),
            _ => None,
        })
        .collect()
}

/// The first `max` UTF-16 units of `text`, whole graphemes, with `…` where something was cut.
pub fn cut(text: &str, max: usize) -> String {
    if units(text) <= max {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 1;
    for grapheme in text.graphemes(true) {
        used += units(grapheme);
        if used > max {
            break;
        }
        out.push_str(grapheme);
    }
    out.push('…');
    out
}

/// Length as Telegram counts it: UTF-16 units.
pub fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}
