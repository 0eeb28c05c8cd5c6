//! The words and buttons of a card. Pure: what is known in, Telegram's HTML out.
use serde_json::{Value, json};

use super::decide;
use super::seal::Seal;
use super::store::{Card, Shown};
use crate::telegram::sender::Effect;
use crate::telegram::sender::text::{cut, escape, name};
use crate::texts::when::{Zone, moment};
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
    /// It is a campaign, and all its authors go; what [`Verb::Ban`] asks about where they are several.
    All,
    /// An appeal is granted: what was done is undone.
    Grant,
    /// An appeal is refused.
    Refuse,
    /// The offer of mode *act* is taken.
    Act,
    /// The offer is turned down for now.
    Later,
    /// What was decided is taken back, and the card is open again.
    Reopen,
}

/// Verbs and their words in the data of a button, and in `cards.choice`.
const WORDS_OF: [(Verb, &str); 9] = [
    (Verb::Spam, "spam"),
    (Verb::Ham, "ham"),
    (Verb::Ban, "ban"),
    (Verb::All, "all"),
    (Verb::Grant, "grant"),
    (Verb::Refuse, "refuse"),
    (Verb::Act, "act"),
    (Verb::Later, "later"),
    (Verb::Reopen, "reopen"),
];

impl Verb {
    /// Its word.
    pub(in crate::features::moderation) fn word(self) -> &'static str {
        let found = WORDS_OF.iter().find(|(verb, _)| *verb == self);
        found.map_or("", |(_, word)| word)
    }

    /// The verb of that word.
    pub(in crate::features::moderation) fn from_word(word: &str) -> Option<Self> {
        let found = WORDS_OF.iter().find(|(_, known)| *known == word);
        found.map(|(verb, _)| *verb)
    }

    /// Whether it is one of the buttons of a card of this kind and state.
    pub(super) fn fits(self, card: &Card) -> bool {
        match card.kind.as_str() {
            "verdict" => matches!(
                self,
                Self::Spam | Self::Ham | Self::Ban | Self::All | Self::Reopen
            ),
            "appeal" => matches!(self, Self::Grant | Self::Refuse),
            _ => matches!(self, Self::Act | Self::Later),
        }
    }
}

/// The language of a card.
pub(super) fn lang(card: &Card) -> Lang {
    Lang::from_tag(Some(&card.lang))
}

/// The card as it is sent to `place` for the first time.
pub(super) fn sent(seal: &Seal, card: &Card, shown: &Shown, place: i64) -> Effect {
    let markup = keyboard(seal, card, place);
    quiet(Effect::send_html(place, html(card, shown), Some(markup)))
}

/// The card as it stands now, put in place of what it said; None while nobody knows its message.
pub(super) fn edited(seal: &Seal, card: &Card, shown: &Shown) -> Option<Effect> {
    let (place, message) = (card.place?, card.place_message?);
    let markup = keyboard(seal, card, place);
    Some(quiet(Effect::edit_html(
        place,
        message,
        html(card, shown),
        Some(markup),
    )))
}

/// The same, with the question whether all its authors shall go in the place of the buttons.
pub(super) fn asking(seal: &Seal, card: &Card, shown: &Shown, authors: usize) -> Option<Effect> {
    let (place, message) = (card.place?, card.place_message?);
    let lang = lang(card);
    let words = text(lang, "button-ban-all-sure", &[("count", authors.into())]);
    let data = |verb: Verb| seal.data("card", &format!("{}:{}", verb.word(), card.id), place);
    let markup = json!({ "inline_keyboard": [
        [{ "text": words, "callback_data": data(Verb::All) }],
        [{ "text": text(lang, "button-spam-only", &[]), "callback_data": data(Verb::Spam) }],
    ] });
    Some(quiet(Effect::edit_html(
        place,
        message,
        html(card, shown),
        Some(markup),
    )))
}

/// Links in somebody's words must not unfold under a card.
fn quiet(effect: Effect) -> Effect {
    effect.with("link_preview_options", json!({ "is_disabled": true }))
}

/// The words.
pub(super) fn html(card: &Card, shown: &Shown) -> String {
    let lang = lang(card);
    let mut lines = vec![head(card, shown, lang)];
    if card.kind == "offer" {
        // What is quoted goes with the card's other words.
        let would = shown.would.iter().filter(|_| card.state != "expired");
        lines.extend(would.map(|words| line(words)));
    } else {
        lines.push(author(card, shown, lang));
    }
    if card.kind != "offer" && card.state != "expired" && card.message.is_some() {
        lines.push(quote(shown, lang));
    }
    if card.also > 0 && shown.authors > 1 {
        let counts = [
            ("count", card.also.into()),
            ("authors", shown.authors.into()),
        ];
        lines.push(text(lang, "card-campaign", &counts));
    } else if card.also > 0 {
        lines.push(text(lang, "card-also", &[("count", card.also.into())]));
    }
    if shown.reports > 0 && card.kind == "verdict" {
        let count = [("count", shown.reports.into())];
        lines.push(text(lang, "card-reported", &count));
    }
    let because = shown
        .verdict
        .as_ref()
        .map_or_else(String::new, |v| v.because(lang));
    if !because.is_empty() {
        let reasons = escape(&because).into();
        lines.push(text(lang, "card-why", &[("reasons", reasons)]));
    }
    lines.extend(treated(shown, lang));
    if card.state == "expired" && card.choice.is_none() {
        lines.push(text(lang, "card-expired", &[]));
    }
    if let Some(line) = outcome(card, &shown.zone, lang) {
        lines.push(line);
    } else if let Some(link) = link(card, shown, lang) {
        lines.push(link);
    }
    lines.join("\n")
}

/// A message that would have been removed, on one line.
fn line(words: &str) -> String {
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("• {}", escape(&cut(&words, 90)))
}

fn head(card: &Card, shown: &Shown, lang: Lang) -> String {
    let group = name(shown.title.as_deref().unwrap_or("…"));
    let band = shown.verdict.as_ref().map_or("review", |v| v.band.as_str());
    let key = match (card.kind.as_str(), card.treatment, band) {
        ("appeal", ..) => "card-appeal",
        ("offer", ..) => "card-offer",
        (_, Some(_), _) => "card-removed",
        (_, None, "spam") => "card-spam",
        _ => "card-review",
    };
    text(lang, key, &[("group", group.into())])
}

/// What was done to the author, beside the removal.
fn treated(shown: &Shown, lang: Lang) -> Option<String> {
    let key = match shown.treated.as_ref()?.0.as_str() {
        "warn" => "card-warned",
        "mute" => "card-muted",
        "ban" => "card-banned",
        _ => return None,
    };
    let until = shown.treated.as_ref()?.1;
    let until = until.map_or_else(
        || text(lang, "for-good", &[]),
        |at| text(lang, "until", &[("when", moment(at, &shown.zone).into())]),
    );
    Some(text(lang, key, &[("until", until.into())]))
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
pub(super) fn outcome(card: &Card, zone: &Zone, lang: Lang) -> Option<String> {
    let key = match card.choice.as_deref()? {
        "spam" => "card-decided-spam",
        "ban" => "card-decided-ban",
        "all" => "card-decided-all",
        decide::NO_BAN => "card-decided-noban",
        "grant" => "card-decided-grant",
        "refuse" => "card-decided-refuse",
        "act" => "card-decided-act",
        "later" => "card-decided-later",
        _ => "card-decided-ham",
    };
    let by = name(card.decided_name.as_deref().unwrap_or("…"));
    let when = moment(card.decided_at.unwrap_or(0), zone);
    Some(text(lang, key, &[("by", by.into()), ("when", when.into())]))
}

/// A link to the message, while it stands.
fn link(card: &Card, shown: &Shown, lang: Lang) -> Option<String> {
    let message = card.message.filter(|_| !shown.removed)?;
    let words = text(lang, "card-open", &[]);
    let address = address(card.chat, shown.group_name.as_deref(), message)?;
    Some(format!("<a href=\"{address}\">{words}</a>"))
}

/// Where a message of a group can be opened; None in a basic group, whose messages have no addresses.
pub(in crate::features::moderation) fn address(
    chat: i64,
    public: Option<&str>,
    message: i64,
) -> Option<String> {
    Some(match public {
        Some(public) => format!("https://t.me/{}/{message}", escape(public)),
        // Supergroups only: the id without its -100.
        None => format!(
            "https://t.me/c/{}/{message}",
            chat.to_string().strip_prefix("-100")?
        ),
    })
}

/// The buttons that fit its kind and state.
pub(super) fn keyboard(seal: &Seal, card: &Card, place: i64) -> Value {
    let lang = lang(card);
    let button = |verb: Verb, label: String| {
        let data = seal.data("card", &format!("{}:{}", verb.word(), card.id), place);
        json!({ "text": label, "callback_data": data })
    };
    let rows = match (card.kind.as_str(), card.state.as_str(), card.treatment) {
        ("verdict", "open", None) => json!([
            [
                button(Verb::Spam, text(lang, "button-spam", &[])),
                button(Verb::Ham, text(lang, "button-ham", &[])),
            ],
            [button(Verb::Ban, text(lang, "button-ban", &[]))],
        ]),
        ("verdict", "open", Some(_)) => json!([
            [
                button(Verb::Spam, text(lang, "button-right", &[])),
                button(Verb::Ham, text(lang, "button-undo", &[])),
            ],
            [button(Verb::Ban, text(lang, "button-ban", &[]))],
        ]),
        ("verdict", "decided", _) => {
            json!([[button(Verb::Reopen, text(lang, "button-reopen", &[]))]])
        }
        ("appeal", "open", _) => json!([[
            button(Verb::Grant, text(lang, "button-grant", &[])),
            button(Verb::Refuse, text(lang, "button-refuse", &[])),
        ]]),
        ("offer", "open", _) => json!([[
            button(Verb::Act, text(lang, "button-act", &[])),
            button(Verb::Later, text(lang, "button-later", &[])),
        ]]),
        _ => json!([]),
    };
    json!({ "inline_keyboard": rows })
}
