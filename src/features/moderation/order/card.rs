//! The words and buttons of a card. Pure: what is known in, Telegram's HTML out.
use serde_json::{Value, json};

use super::store::{Card, Shown};
use crate::telegram::sender::Effect;
use crate::telegram::sender::text::{cut, escape, name};
use crate::texts::when::moment;
use crate::texts::{Lang, text};

/// UTF-16 units of a message's words that are shown.
const WORDS: usize = 900;

/// What a tap on a card asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::features::moderation) enum Verb {
    /// It is spam: it goes, and is learned.
    Spam,
    /// It is not: what was done is undone, and that is learned.
    Ham,
    /// It is spam, and its author goes too.
    Ban,
    /// What was decided is taken back, and the card is open again.
    Reopen,
}

impl Verb {
    /// All of them.
    pub(in crate::features::moderation) const ALL: [Self; 4] =
        [Self::Spam, Self::Ham, Self::Ban, Self::Reopen];

    /// Its word in the data of a button, and in `cards.choice`.
    pub(in crate::features::moderation) fn word(self) -> &'static str {
        match self {
            Self::Spam => "spam",
            Self::Ham => "ham",
            Self::Ban => "ban",
            Self::Reopen => "reopen",
        }
    }

    /// The verb of that word.
    pub(in crate::features::moderation) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|v| v.word() == word)
    }
}

/// The language of a card.
pub(super) fn lang(card: &Card) -> Lang {
    Lang::from_tag(Some(&card.lang))
}

/// The card as it is sent to `place` for the first time.
pub(super) fn sent(card: &Card, shown: &Shown, place: i64) -> Effect {
    quiet(Effect::send_html(
        place,
        html(card, shown),
        Some(keyboard(card)),
    ))
}

/// The card as it stands now, put in place of what it said; None while nobody knows its message.
pub(super) fn edited(card: &Card, shown: &Shown) -> Option<Effect> {
    let (place, message) = (card.place?, card.place_message?);
    Some(quiet(Effect::edit_html(
        place,
        message,
        html(card, shown),
        Some(keyboard(card)),
    )))
}

/// Links in somebody's words must not unfold under a card.
fn quiet(effect: Effect) -> Effect {
    effect.with("link_preview_options", json!({ "is_disabled": true }))
}

/// The words.
pub(super) fn html(card: &Card, shown: &Shown) -> String {
    let lang = lang(card);
    let mut lines = vec![head(card, shown, lang), author(card, shown, lang)];
    lines.push(quote(shown, lang));
    if card.also > 0 {
        lines.push(text(lang, "card-also", &[("count", card.also.into())]));
    }
    let because = shown
        .verdict
        .as_ref()
        .map_or_else(String::new, |v| v.because(lang));
    if !because.is_empty() {
        lines.push(text(
            lang,
            "card-why",
            &[("reasons", escape(&because).into())],
        ));
    }
    if let Some(line) = outcome(card, lang) {
        lines.push(line);
    } else if let Some(link) = link(card, shown, lang) {
        lines.push(link);
    }
    lines.join("\n")
}

fn head(card: &Card, shown: &Shown, lang: Lang) -> String {
    let group = name(shown.title.as_deref().unwrap_or("…"));
    let band = shown.verdict.as_ref().map_or("review", |v| v.band.as_str());
    let key = match (card.treatment, band) {
        (Some(_), _) => "card-removed",
        (None, "spam") => "card-spam",
        (None, _) => "card-review",
    };
    text(lang, key, &[("group", group.into())])
}

fn author(card: &Card, shown: &Shown, lang: Lang) -> String {
    let who = match (&shown.author, card.user) {
        (Some(author), Some(user)) => {
            let link = format!("<a href=\"tg://user?id={user}\">{}</a>", name(author));
            match &shown.author_name {
                Some(public) => format!("{link} (@{})", escape(public)),
                None => link,
            }
        }
        (None, Some(user)) => format!("<code>{user}</code>"),
        _ => text(lang, "card-channel", &[]),
    };
    let seen = [("who", who.into()), ("count", shown.messages.into())];
    text(lang, "card-author", &seen)
}

fn quote(shown: &Shown, lang: Lang) -> String {
    let words = match shown.text.as_deref().map(str::trim) {
        Some(words) if !words.is_empty() => escape(&cut(words, WORDS)),
        _ => text(
            lang,
            "card-wordless",
            &[("content", escape(&shown.content).into())],
        ),
    };
    format!("<blockquote expandable>{words}</blockquote>")
}

/// Who decided what, and when.
pub(super) fn outcome(card: &Card, lang: Lang) -> Option<String> {
    let key = match card.choice.as_deref()? {
        "spam" => "card-decided-spam",
        "ban" => "card-decided-ban",
        _ => "card-decided-ham",
    };
    let by = name(card.decided_name.as_deref().unwrap_or("…"));
    let when = moment(card.decided_at.unwrap_or(0));
    Some(text(lang, key, &[("by", by.into()), ("when", when.into())]))
}

/// A link to the message, while it stands.
fn link(card: &Card, shown: &Shown, lang: Lang) -> Option<String> {
    let message = card.message.filter(|_| !shown.removed)?;
    let words = text(lang, "card-open", &[]);
    let address = match &shown.group_name {
        Some(public) => format!("https://t.me/{}/{message}", escape(public)),
        // Supergroups only: the id without its -100.
        None => format!(
            "https://t.me/c/{}/{message}",
            card.chat.to_string().strip_prefix("-100")?
        ),
    };
    Some(format!("<a href=\"{address}\">{words}</a>"))
}

/// The buttons that fit its state.
pub(super) fn keyboard(card: &Card) -> Value {
    let lang = lang(card);
    let button =
        |verb: Verb, label: String| json!({ "text": label, "callback_data": data(verb, card.id) });
    let rows = match (card.state.as_str(), card.treatment) {
        ("open", None) => json!([
            [
                button(Verb::Spam, text(lang, "button-spam", &[])),
                button(Verb::Ham, text(lang, "button-ham", &[])),
            ],
            [button(Verb::Ban, text(lang, "button-ban", &[]))],
        ]),
        ("open", Some(_)) => json!([
            [
                button(Verb::Spam, text(lang, "button-right", &[])),
                button(Verb::Ham, text(lang, "button-undo", &[])),
            ],
            [button(Verb::Ban, text(lang, "button-ban", &[]))],
        ]),
        ("decided", _) => json!([[button(Verb::Reopen, text(lang, "button-reopen", &[]))]]),
        _ => json!([]),
    };
    json!({ "inline_keyboard": rows })
}

/// Data of a card's button.
fn data(verb: Verb, card: i64) -> String {
    format!("card:{}:{card}", verb.word())
}
