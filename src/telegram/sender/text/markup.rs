//! Telegram's HTML taken apart: opening tags, closing tags, and single visible characters.

/// A piece of HTML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item<'a> {
    /// A visible character and how it is written, as in `&amp;`.
    Char {
        /// What the reader sees.
        c: char,
        /// As written, safe to write again.
        raw: &'a str,
    },
    /// `<name …>`.
    Open {
        /// `b` of `<b>`.
        name: &'a str,
        /// The whole tag.
        raw: &'a str,
    },
    /// `</name>`.
    Close {
        /// `b` of `</b>`.
        name: &'a str,
    },
}

/// Takes `html` apart. What only looks like a tag or an entity is taken as characters.
pub(super) fn parse(html: &str) -> Vec<Item<'_>> {
    let mut items = Vec::with_capacity(html.len());
    let mut rest = html;
    while let Some(c) = rest.chars().next() {
        let (item, len) = match c {
            '<' => tag(rest).unwrap_or((Item::Char { c, raw: "&lt;" }, 1)),
            '&' => entity(rest).unwrap_or((Item::Char { c, raw: "&amp;" }, 1)),
            '>' => (Item::Char { c, raw: "&gt;" }, 1),
            c => {
                let len = c.len_utf8();
                let raw = &rest[..len];
                (Item::Char { c, raw }, len)
            }
        };
        items.push(item);
        rest = &rest[len..];
    }
    items
}

fn tag(text: &str) -> Option<(Item<'_>, usize)> {
    let len = tag_end(text)? + 1;
    let raw = &text[..len];
    let inner = &raw[1..len - 1];
    let (closing, inner) = match inner.strip_prefix('/') {
        Some(inner) => (true, inner),
        None => (false, inner),
    };
    let end = inner
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
        .unwrap_or(inner.len());
    let name = &inner[..end];
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let item = if closing {
        Item::Close { name }
    } else {
        Item::Open { name, raw }
    };
    Some((item, len))
}

/// Where the tag that begins `text` ends; a `>` inside quotes does not end it.
fn tag_end(text: &str) -> Option<usize> {
    let mut quote = None;
    for (i, b) in text.bytes().enumerate().skip(1) {
        match (quote, b) {
            (Some(q), b) if b == q => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => quote = Some(b),
            (None, b'>') => return Some(i),
            (None, b'<') => return None,
            (None, _) => {}
        }
    }
    None
}

/// The entities Telegram knows: four names, and numbers.
fn entity(text: &str) -> Option<(Item<'_>, usize)> {
    const LONGEST: usize = 12;
    let end = text.bytes().take(LONGEST).position(|b| b == b';')?;
    let body = &text[1..end];
    let c = match body {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        _ => {
            let number = body.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|c| *c != '\0')?
        }
    };
    let len = end + 1;
    Some((
        Item::Char {
            c,
            raw: &text[..len],
        },
        len,
    ))
}
