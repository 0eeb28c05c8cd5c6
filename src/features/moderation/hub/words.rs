//! Settings and their values in words for people. Pure.
use serde_json::Value;

use crate::community::settings::{Kind, Setting};
use crate::telegram::sender::text::{cut, escape};
use crate::texts::when::span;
use crate::texts::{Lang, known, text};

/// What a setting is called: by the catalogues, else by what it is for.
pub(in crate::features::moderation) fn label(lang: Lang, setting: &Setting) -> String {
    known(lang, &setting.text_key()).unwrap_or_else(|| setting.doc.to_owned())
}

/// What one of the words of a choice is called.
pub(in crate::features::moderation) fn word(lang: Lang, setting: &Setting, word: &str) -> String {
    known(lang, &format!("{}-{word}", setting.text_key())).unwrap_or_else(|| word.to_owned())
}

/// A value as people read it, of at most `most` UTF-16 units, as HTML.
pub(in crate::features::moderation) fn shown(
    lang: Lang,
    setting: &Setting,
    value: &Value,
    most: usize,
) -> String {
    let plain = match (setting.kind, value) {
        (Kind::Own(_), value) => setting.kind.show(value),
        (_, Value::Null) => text(lang, "hub-unset", &[]),
        (Kind::Switch, value) => {
            let key = if value == &Value::Bool(true) {
                "hub-on"
            } else {
                "hub-off"
            };
            text(lang, key, &[])
        }
        (Kind::Choice(_), value) => word(lang, setting, value.as_str().unwrap_or_default()),
        (Kind::Share, value) => {
            format!("{:.0} %", value.as_f64().unwrap_or_default() * 100.0)
        }
        (Kind::Span(..), value) => match value.as_i64() {
            None | Some(0) => text(lang, "hub-off", &[]),
            Some(time) => span(lang, time),
        },
        (kind, value) => kind.show(value),
    };
    let plain = if plain.trim().is_empty() {
        "–".to_owned()
    } else {
        plain
    };
    escape(&cut(&plain, most))
}

/// What may be written for it.
pub(in crate::features::moderation) fn shape(lang: Lang, setting: &Setting) -> String {
    let n = |n: i64| n.to_string().into();
    let size = |n: usize| n.to_string().into();
    match setting.kind {
        Kind::Number(min, max) => text(lang, "shape-number", &[("min", n(min)), ("max", n(max))]),
        Kind::Share => text(lang, "shape-share", &[]),
        Kind::Span(min, max) => {
            let args = [
                ("min", span(lang, min).into()),
                ("max", span(lang, max).into()),
            ];
            let key = if min == 0 {
                "shape-span-off"
            } else {
                "shape-span"
            };
            text(lang, key, &args)
        }
        Kind::Text(max) => text(lang, "shape-text", &[("max", size(max))]),
        Kind::Texts(count, each) => text(
            lang,
            "shape-texts",
            &[("count", size(count)), ("each", size(each))],
        ),
        Kind::Chat => text(lang, "shape-chat", &[]),
        Kind::Switch => "on, off".to_owned(),
        Kind::Choice(words) => words.join(", "),
        Kind::Own(own) => escape(own.shape),
    }
}
