//! A person's name where a group reads it: a link to them, without the words when the name is an advertisement.
use crate::features::moderation::carriers::Profile;
use crate::telegram::sender::text::name;
use crate::texts::{Lang, text};

/// `user` as an HTML link under the name `known`; in place of a name that advertises, or of one not known, stands
/// the text `nameless`. Who is warned, banned or asked at the door must not get their words printed for it.
pub(in crate::features::moderation) fn in_public(
    user: i64,
    known: Option<&str>,
    nameless: &str,
    lang: Lang,
) -> String {
    let fit = |known: &&str| !Profile::of_name(known, None).name_advertises();
    let shown = match known.filter(fit) {
        Some(known) => name(known),
        None => text(lang, nameless, &[]),
    };
    format!("<a href=\"tg://user?id={user}\">{shown}</a>")
}
