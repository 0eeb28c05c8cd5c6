//! Telegram's HTML to text and entities, with offsets in UTF-16 units and Telegram's errors.
use serde_json::{Map, Value, json};

use super::errors::ApiError;

/// Length in UTF-16 code units.
pub(crate) fn utf16(text: &str) -> usize {
    text.encode_utf16().count()
}

fn fail(what: String) -> ApiError {
    ApiError::bad(format!("can't parse entities: {what}"))
}

struct Open {
    tag: String,
    entity: Option<Map<String, Value>>,
    start: usize,
    at: usize,
}

/// The entity an opening tag stands for; none for one that changes nothing (`<a>` without a link).
fn entity(tag: &str, attributes: &[(String, String)]) -> Option<Map<String, Value>> {
    let value = |name: &str| {
        attributes
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.clone())
    };
    let plain = |kind: &str| json!({"type": kind});
    let made = match tag {
        "b" | "strong" => plain("bold"),
        "i" | "em" => plain("italic"),
        "u" | "ins" => plain("underline"),
        "s" | "strike" | "del" => plain("strikethrough"),
        "tg-spoiler" | "span" => plain("spoiler"),
        "code" => plain("code"),
        "pre" => plain("pre"),
        "blockquote" if value("expandable").is_some() => plain("expandable_blockquote"),
        "blockquote" => plain("blockquote"),
        "tg-emoji" => {
            json!({"type": "custom_emoji", "custom_emoji_id": value("emoji-id")?})
        }
        "a" => {
            let link = value("href")?;
            match link
                .strip_prefix("tg://user?id=")
                .and_then(|id| id.parse::<i64>().ok())
            {
                Some(id) => json!({"type": "text_mention", "user": {"id": id}}),
                None => json!({"type": "text_link", "url": link}),
            }
        }
        _ => return None,
    };
    match made {
        Value::Object(map) => Some(map),
        _ => None,
    }
}

const TAGS: [&str; 16] = [
    "b",
    "strong",
    "i",
    "em",
    "u",
    "ins",
    "s",
    "strike",
    "del",
    "tg-spoiler",
    "span",
    "code",
    "pre",
    "blockquote",
    "tg-emoji",
    "a",
];

/// Parses HTML into text and entities sorted as Telegram sorts them.
pub(crate) fn parse(source: &str) -> Result<(String, Vec<Value>), ApiError> {
    let mut text = String::with_capacity(source.len());
    let mut length = 0_usize;
    let mut open: Vec<Open> = Vec::new();
    let mut found: Vec<(usize, usize, Map<String, Value>)> = Vec::new();
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        let at = source.len() - rest.len();
        if c == '&' {
            let (decoded, used) = reference(rest);
            length += decoded.len_utf16();
            text.push(decoded);
            rest = &rest[used..];
        } else if c != '<' {
            length += c.len_utf16();
            text.push(c);
            rest = &rest[c.len_utf8()..];
        } else if let Some(body) = rest.strip_prefix("</") {
            let end = body
                .find('>')
                .ok_or_else(|| fail(format!("unclosed end tag at byte offset {at}")))?;
            let name = body[..end].trim().to_ascii_lowercase();
            let Some(last) = open.pop() else {
                return Err(fail(format!("unexpected end tag at byte offset {at}")));
            };
            if !name.is_empty() && name != last.tag {
                return Err(fail(format!(
                    "unmatched end tag at byte offset {at}, expected \"</{}>\", found \"</{name}>\"",
                    last.tag
                )));
            }
            close(last, length, &open, &mut found);
            rest = &body[end + 1..];
        } else {
            let (tag, attributes, used) = start_tag(rest, at)?;
            let entity = entity(&tag, &attributes);
            if tag == "span"
                && !attributes
                    .iter()
                    .any(|(n, v)| n == "class" && v == "tg-spoiler")
            {
                return Err(fail(format!(
                    "tag \"span\" must have class \"tg-spoiler\" at byte offset {at}"
                )));
            }
            if tag == "code"
                && let Some(class) = attributes.iter().find(|(n, _)| n == "class")
                && let Some(language) = class.1.strip_prefix("language-")
                && let Some(Open {
                    tag: outer,
                    entity: Some(pre),
                    ..
                }) = open.last_mut()
                && outer == "pre"
            {
                pre.insert("language".into(), json!(language));
            }
            open.push(Open {
                tag,
                entity,
                start: length,
                at,
            });
            rest = &rest[used..];
        }
    }
    if let Some(last) = open.pop() {
        return Err(fail(format!(
            "can't find end tag corresponding to start tag \"{}\" at byte offset {}",
            last.tag, last.at
        )));
    }
    found.sort_by_key(|(start, end, _)| (*start, usize::MAX - *end));
    let entities = found
        .into_iter()
        .map(|(start, end, mut map)| {
            map.insert("offset".into(), json!(start));
            map.insert("length".into(), json!(end - start));
            Value::Object(map)
        })
        .collect();
    Ok((text, entities))
}

fn close(
    last: Open,
    length: usize,
    open: &[Open],
    found: &mut Vec<(usize, usize, Map<String, Value>)>,
) {
    // `<pre><code>` is one entity.
    if last.tag == "code" && open.last().is_some_and(|outer| outer.tag == "pre") {
        return;
    }
    if length > last.start
        && let Some(entity) = last.entity
    {
        found.push((last.start, length, entity));
    }
}

type Tag = (String, Vec<(String, String)>, usize);

fn start_tag(source: &str, at: usize) -> Result<Tag, ApiError> {
    let mut end = None;
    let mut quote = None;
    for (place, c) in source.char_indices().skip(1) {
        match (quote, c) {
            (None, '>') => {
                end = Some(place);
                break;
            }
            (None, '"' | '\'') => quote = Some(c),
            (Some(q), c) if q == c => quote = None,
            _ => {}
        }
    }
    let end = end.ok_or_else(|| fail(format!("unclosed start tag at byte offset {at}")))?;
    let body = &source[1..end];
    let name_end = body
        .find(|c: char| c.is_ascii_whitespace())
        .unwrap_or(body.len());
    let tag = body[..name_end].trim_end_matches('/').to_ascii_lowercase();
    if !TAGS.contains(&tag.as_str()) {
        return Err(fail(format!(
            "unsupported start tag \"{tag}\" at byte offset {at}"
        )));
    }
    Ok((tag, attributes(&body[name_end..]), end + 1))
}

fn attributes(mut rest: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    loop {
        rest = rest.trim_start();
        let stop = rest
            .find(|c: char| c == '=' || c.is_ascii_whitespace())
            .unwrap_or(rest.len());
        if stop == 0 {
            return found;
        }
        let name = rest[..stop].to_ascii_lowercase();
        rest = rest[stop..].trim_start();
        let Some(after) = rest.strip_prefix('=') else {
            found.push((name, String::new()));
            continue;
        };
        let after = after.trim_start();
        let (value, left) = match after.chars().next() {
            Some(q @ ('"' | '\'')) => {
                let inner = &after[1..];
                let close = inner.find(q).unwrap_or(inner.len());
                (&inner[..close], inner.get(close + 1..).unwrap_or_default())
            }
            _ => {
                let close = after
                    .find(|c: char| c.is_ascii_whitespace())
                    .unwrap_or(after.len());
                (&after[..close], &after[close..])
            }
        };
        found.push((name, unescape(value)));
        rest = left;
    }
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if c == '&' {
            let (decoded, used) = reference(rest);
            out.push(decoded);
            rest = &rest[used..];
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    out
}

/// A character reference at the start of `source`: the character and the bytes it took. Anything
/// else is an ampersand.
fn reference(source: &str) -> (char, usize) {
    for (name, c) in [
        ("&lt;", '<'),
        ("&gt;", '>'),
        ("&amp;", '&'),
        ("&quot;", '"'),
    ] {
        if source.starts_with(name) {
            return (c, name.len());
        }
    }
    let number = source.strip_prefix("&#").and_then(|body| {
        let end = body.find(';').filter(|end| *end <= 8)?;
        let code = match body[..end].strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => body[..end].parse().ok()?,
        };
        Some((char::from_u32(code).filter(|c| *c != '\0')?, end + 3))
    });
    number.unwrap_or(('&', 1))
}
