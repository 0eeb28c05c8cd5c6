//! What people read: Fluent catalogues in English and Russian, one key each.
pub mod when;

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

/// A language Beadle speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lang {
    /// English, when nothing else fits.
    #[default]
    En,
    /// Russian.
    Ru,
}

impl Lang {
    /// Its IETF tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ru => "ru",
        }
    }

    /// The language for an IETF tag such as Telegram's `language_code`.
    pub fn from_tag(tag: Option<&str>) -> Self {
        match tag.map(|t| t.split(['-', '_']).next().unwrap_or_default()) {
            Some(t) if t.eq_ignore_ascii_case("ru") => Self::Ru,
            _ => Self::En,
        }
    }
}

/// The catalogues as written, for the test that compares their keys.
pub const CATALOGUES: [(&str, &str); 2] = [
    ("en", include_str!("en.ftl")),
    ("ru", include_str!("ru.ftl")),
];

static BUNDLES: LazyLock<[FluentBundle<FluentResource>; 2]> =
    LazyLock::new(|| CATALOGUES.map(|(tag, text)| bundle(tag, text)));

fn bundle(tag: &str, text: &str) -> FluentBundle<FluentResource> {
    let lang: LanguageIdentifier = tag.parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![lang]);
    // Isolation marks are for mixed directions; Telegram's clients do without them.
    bundle.set_use_isolating(false);
    // Broken entries are left out; a test reads the catalogues strictly.
    let resource =
        FluentResource::try_new(text.to_owned()).unwrap_or_else(|(resource, _)| resource);
    bundle.add_resource_overriding(resource);
    bundle
}

/// An argument of a text.
pub type Arg<'a> = (&'a str, FluentValue<'a>);

/// `words` with what stands in braces, `{who}` or `{ $who }`, put in; what nothing is known of stays as it is.
pub fn fill(words: &str, args: &[Arg<'_>]) -> String {
    let mut out = String::with_capacity(words.len());
    let mut rest = words;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let inside = after.split_once('}');
        let found = inside.and_then(|(name, after)| {
            let name = name.trim().trim_start_matches('$');
            let (_, value) = args.iter().find(|(own, _)| *own == name)?;
            Some((value, after))
        });
        let Some((value, after)) = found else {
            out.push('{');
            rest = after;
            continue;
        };
        match value {
            FluentValue::String(words) => out.push_str(words),
            FluentValue::Number(number) => out.push_str(&number.as_string()),
            _ => {}
        }
        rest = after;
    }
    out + rest
}

/// The text `key` in `lang` if there is one; it takes no values.
pub fn known(lang: Lang, key: &str) -> Option<String> {
    let bundle = match lang {
        Lang::En => &BUNDLES[0],
        Lang::Ru => &BUNDLES[1],
    };
    let pattern = bundle.get_message(key)?.value()?;
    let mut faults = Vec::new();
    Some(
        bundle
            .format_pattern(pattern, None, &mut faults)
            .into_owned(),
    )
}

/// The text `key` in `lang`, else in English, else the key itself. Values are put in as they are: who
/// sends HTML escapes them first.
pub fn text(lang: Lang, key: &str, args: &[Arg<'_>]) -> String {
    let order = match lang {
        Lang::En => [0, 0],
        Lang::Ru => [1, 0],
    };
    let mut values = FluentArgs::with_capacity(args.len());
    for (name, value) in args {
        values.set(*name, value.clone());
    }
    for i in order {
        let bundle = &BUNDLES[i];
        if let Some(pattern) = bundle.get_message(key).and_then(|m| m.value()) {
            let mut faults = Vec::new();
            let text = bundle.format_pattern(pattern, Some(&values), &mut faults);
            if !faults.is_empty() {
                tracing::warn!(key, ?faults, "a text is missing a value");
            }
            return text.into_owned();
        }
    }
    tracing::warn!(key, "a text is missing");
    key.to_owned()
}
