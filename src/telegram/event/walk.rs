//! Reads any JSON for words, links and files: the ground on which known shapes stand.
use serde_json::{Map, Value};

use super::keys::{is_foreign_message, is_machine};
use super::limits::MAX_DEPTH;
use super::sink::Sink;
use super::{Attachment, Source, entities, rich};

/// Where the walk is.
#[derive(Debug, Clone, Copy)]
pub(super) struct At {
    /// Whose words these are.
    pub(super) source: Source,
    /// Whether the source stays the same whatever is met inside.
    pub(super) fixed: bool,
    /// Whether files count as the message's.
    pub(super) files: bool,
    /// Levels above.
    pub(super) depth: usize,
}

impl At {
    /// At a content field of a message: buttons and the like inside keep their own names.
    pub(super) fn content(source: Source) -> Self {
        Self {
            source,
            fixed: false,
            files: true,
            depth: 0,
        }
    }

    /// At a field all of whose parts have one source.
    pub(super) fn whole(source: Source) -> Self {
        Self {
            fixed: true,
            ..Self::content(source)
        }
    }

    /// At somebody else's message.
    pub(super) fn foreign() -> Self {
        Self {
            files: false,
            ..Self::whole(Source::Reply)
        }
    }

    /// The source of a part that is usually named `source`.
    pub(super) fn place(self, source: Source) -> Source {
        if self.fixed { self.source } else { source }
    }

    fn with(self, source: Source) -> Self {
        Self {
            source: self.place(source),
            ..self
        }
    }

    fn deeper(self) -> Self {
        Self {
            depth: self.depth + 1,
            ..self
        }
    }
}

/// Reads a value found under `key`.
pub(super) fn value(value: &Value, key: &str, at: At, sink: &mut Sink) {
    match value {
        Value::Object(members) => object(members, key, at, sink),
        Value::Array(items) => array(items, key, at, sink),
        Value::String(text) if !is_machine(key) => {
            entities::read(text, [None, None], at, sink);
        }
        _ => {}
    }
}

fn array(items: &[Value], key: &str, at: At, sink: &mut Sink) {
    if at.depth >= MAX_DEPTH {
        sink.truncated = true;
        return;
    }
    let mut at = at.deeper();
    if at.files && items.len() > 1 && items.iter().all(is_picture_size) {
        // Sizes of one picture: the largest is the file.
        let area = |v: &&Value| {
            let side = |k| v.get(k).and_then(Value::as_u64).unwrap_or(0);
            side("width").saturating_mul(side("height"))
        };
        if let Some(Value::Object(best)) = items.iter().max_by_key(area) {
            keep_file(best, key, sink);
        }
        at.files = false;
    }
    for item in items {
        value(item, key, at, sink);
    }
}

fn is_picture_size(value: &Value) -> bool {
    value.get("file_id").is_some() && value.get("width").is_some()
}

fn object(members: &Map<String, Value>, key: &str, at: At, sink: &mut Sink) {
    if at.depth >= MAX_DEPTH {
        sink.truncated = true;
        return;
    }
    let at = at.deeper();
    if at.files {
        keep_file(members, key, sink);
    }
    let named = full_name(members, at, sink);
    for (name, inner) in members.iter().filter(|(name, _)| is_text(name)) {
        member(members, name, inner, at, sink);
    }
    for (name, inner) in members {
        if is_text(name)
            || (named && matches!(name.as_str(), "first_name" | "last_name") && inner.is_string())
        {
            continue;
        }
        if key == "contact"
            && name == "user_id"
            && let Some(id) = inner.as_i64()
        {
            let shown = members.get("first_name").and_then(Value::as_str);
            sink.link(at.source, &format!("tg://user?id={id}"), shown);
            continue;
        }
        member(members, name, inner, at, sink);
    }
}

fn keep_file(members: &Map<String, Value>, key: &str, sink: &mut Sink) {
    let text = |k: &str| members.get(k).and_then(Value::as_str).map(str::to_owned);
    let Some(file_id) = text("file_id").filter(|id| !id.is_empty()) else {
        return;
    };
    sink.file(Attachment {
        kind: key.to_owned(),
        file_id,
        unique_id: text("file_unique_id").unwrap_or_default(),
        size: members.get("file_size").and_then(Value::as_i64),
        mime: text("mime_type"),
        name: text("file_name"),
    });
}

/// Keeps the first and last name of a person as one text.
fn full_name(members: &Map<String, Value>, at: At, sink: &mut Sink) -> bool {
    let Some(first) = members.get("first_name").and_then(Value::as_str) else {
        return false;
    };
    let last = members.get("last_name").and_then(Value::as_str);
    let name = match last.filter(|l| !l.is_empty()) {
        Some(last) => format!("{first} {last}"),
        None => first.to_owned(),
    };
    entities::read(&name, [None, None], at, sink);
    true
}

/// Reads one member of an object.
pub(super) fn member(
    members: &Map<String, Value>,
    name: &str,
    inner: &Value,
    at: At,
    sink: &mut Sink,
) {
    let container = inner.is_object() || inner.is_array();
    match name {
        "rich_message" if container => rich::read(inner, at.with(Source::RichText), sink),
        "reply_markup" if container => value(inner, name, at.with(Source::Button), sink),
        // The address of a button stands one level below its label.
        "login_url" | "web_app" if inner.is_object() => {
            if let Some(url) = inner.get("url").and_then(Value::as_str) {
                sink.link(at.source, url, shown(members).as_deref());
            }
            value(inner, name, at, sink);
        }
        "thumbnail" | "thumb" | "cover" | "qualities" => {
            value(inner, name, At { files: false, ..at }, sink);
        }
        _ if is_foreign_message(name) && container => {
            let depth = at.depth;
            let foreign = At::foreign();
            value(inner, name, At { depth, ..foreign }, sink);
        }
        // Who wrote a foreign message, and where, are not its words.
        "from" | "chat"
            if at.source == Source::Reply
                && inner.is_object()
                && members.contains_key("message_id") => {}
        "entities" if has_text(members, "text") => {}
        _ if name
            .strip_suffix("_entities")
            .is_some_and(|of| has_text(members, of)) => {}
        _ if name.ends_with("entities") && inner.is_array() => {
            entities::read("", [Some(inner), None], at, sink);
        }
        _ => match inner {
            Value::String(text) => words(members, name, text, at, sink),
            // A plain text that has become a rich one.
            _ if container && is_text(name) => rich::read(inner, at, sink),
            _ if container => value(inner, name, at, sink),
            _ => {}
        },
    }
}

fn has_text(members: &Map<String, Value>, name: &str) -> bool {
    members.get(name).is_some_and(Value::is_string)
}

fn is_text(name: &str) -> bool {
    matches!(
        name,
        "text" | "caption" | "title" | "question" | "explanation" | "description"
    )
}

fn words(members: &Map<String, Value>, name: &str, text: &str, at: At, sink: &mut Sink) {
    if is_machine(name) {
        return;
    }
    match name {
        _ if name == "url" || name == "invite_link" || name.ends_with("_url") => {
            sink.link(at.source, text, shown(members).as_deref());
            if text.contains(char::is_whitespace) {
                entities::read(text, [None, None], at, sink);
            }
        }
        _ if name == "username" || name.ends_with("_username") => {
            let bare = text.trim().trim_start_matches('@');
            if !bare.is_empty() {
                sink.link(at.source, &format!("@{bare}"), None);
            }
        }
        "email" | "email_address" => sink.link(at.source, &format!("mailto:{text}"), None),
        "phone_number" => sink.link(at.source, &format!("tel:{text}"), None),
        "text" => {
            let lists = [members.get("entities"), members.get("text_entities")];
            entities::read(text, lists, at, sink);
        }
        _ => {
            let list = if members.len() < 2 {
                None
            } else {
                members.get(&format!("{name}_entities"))
            };
            entities::read(text, [list, None], at, sink);
        }
    }
}

/// What a person sees in place of the link of these members.
fn shown(members: &Map<String, Value>) -> Option<String> {
    match members.get("text")? {
        Value::String(text) => Some(text.clone()),
        rich => Some(rich::plain(rich)),
    }
}
