//! What `/settings` and `/init_group` show: words and buttons. Pure.
use serde_json::{Value, json};

use crate::base::span;
use crate::community::{GroupFacts, keeping};
use crate::config::{Mode, Retention};
use crate::features::moderation::ladder::Step;
use crate::features::moderation::order::seal::Seal;
use crate::features::moderation::settings::{GroupSettings, Sensitivity};
use crate::telegram::rights::{Powers, Right};
use crate::telegram::sender::text::name;
use crate::texts::when::{Zone, span};
use crate::texts::{Lang, text};

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Page {
    /// `/init_group`.
    Init,
    /// `/settings`.
    Settings,
}

impl Page {
    fn letter(self) -> char {
        match self {
            Self::Init => 'i',
            Self::Settings => 's',
        }
    }

    /// The page of that letter.
    pub(super) fn from_letter(letter: &str) -> Option<Self> {
        match letter {
            "i" => Some(Self::Init),
            "s" => Some(Self::Settings),
            _ => None,
        }
    }
}

/// A page about a group, for the chat in which it stands.
pub(super) struct Sheet<'a> {
    pub(super) seal: &'a Seal,
    pub(super) place: i64,
    pub(super) group: &'a GroupFacts,
    pub(super) lang: Lang,
    /// What Beadle itself may do in the group; None when Telegram does not say.
    pub(super) own: Option<Powers>,
    /// The bot's name, for links.
    pub(super) bot: Option<String>,
    /// How long the house keeps things.
    pub(super) kept: Retention,
}

impl Sheet<'_> {
    fn button(&self, page: Page, label: String, field: &str, value: &str) -> Value {
        let payload = format!("{}:{}:{field}:{value}", self.group.id, page.letter());
        json!({ "text": label, "callback_data": self.seal.data("set", &payload, self.place) })
    }

    /// A choice, marked when it is the one that holds.
    fn choice(&self, page: Page, label: String, field: &str, value: &str, holds: bool) -> Value {
        let label = if holds {
            format!("• {label} •")
        } else {
            label
        };
        self.button(page, label, field, value)
    }

    fn languages(&self, page: Page) -> Value {
        let now = Lang::from_tag(self.group.language.as_deref());
        let one = |lang: Lang, label: &str| {
            self.choice(page, label.to_owned(), "lang", lang.tag(), lang == now)
        };
        json!([one(Lang::En, "English"), one(Lang::Ru, "Русский")])
    }

    /// Words and buttons.
    pub(super) fn page(&self, page: Page) -> (String, Value) {
        match page {
            Page::Init => (self.init(), self.init_buttons()),
            Page::Settings => (self.settings(), self.settings_buttons()),
        }
    }

    fn title(&self) -> String {
        name(self.group.title.as_deref().unwrap_or("…"))
    }

    fn init(&self) -> String {
        let lang = self.lang;
        let has = |right| self.own.is_some_and(|p| p.may(right));
        let check = |good: bool, key: &str, remedy: &str| {
            if good {
                format!("✅ {}", text(lang, key, &[]))
            } else {
                format!("❌ {}", text(lang, remedy, &[]))
            }
        };
        let own = GroupSettings::of(self.group);
        let mut lines = vec![
            text(lang, "init-head", &[("group", self.title().into())]),
            check(has(Right::Delete), "init-delete", "init-no-delete"),
            check(has(Right::Restrict), "init-restrict", "init-no-restrict"),
            check(self.group.kind != "group", "init-supergroup", "init-basic"),
            check(own.log_chat.is_some(), "init-log", "init-no-log"),
        ];
        lines.push(String::new());
        lines.push(text(lang, mode_key(self.group.mode), &[]));
        lines.push(text(lang, "init-next", &[]));
        lines.join("\n")
    }

    fn init_buttons(&self) -> Value {
        let lang = self.lang;
        let notice = self.button(
            Page::Init,
            text(lang, "button-notice", &[]),
            "notice",
            "post",
        );
        let again = self.button(
            Page::Init,
            text(lang, "button-check-again", &[]),
            "show",
            "now",
        );
        let mut rows = vec![self.languages(Page::Init), json!([notice]), json!([again])];
        rows.extend(self.private_link().map(|link| json!([link])));
        json!({ "inline_keyboard": rows })
    }

    /// The way to the settings in private.
    pub(super) fn private_link(&self) -> Option<Value> {
        let bot = self.bot.as_ref()?;
        let url = format!("https://t.me/{bot}?start=settings-{}", self.group.id);
        Some(json!({ "text": text(self.lang, "button-settings", &[]), "url": url }))
    }

    fn zone(&self) -> Zone {
        let tree: Value = serde_json::from_str(&self.group.settings).unwrap_or_default();
        tree["timezone"]
            .as_str()
            .and_then(Zone::parse)
            .unwrap_or_default()
    }

    fn settings(&self) -> String {
        let lang = self.lang;
        let own = GroupSettings::of(self.group);
        let log = own.log_chat.map_or_else(
            || text(lang, "settings-log-owner", &[]),
            |chat| {
                text(
                    lang,
                    "settings-log-chat",
                    &[("chat", chat.to_string().into())],
                )
            },
        );
        let steps = ladder(lang, &own.steps);
        let percent = |score: f32| format!("{:.0}", score * 100.0);
        let thresholds = [
            ("review", percent(own.review_at).into()),
            ("spam", percent(own.spam_at).into()),
        ];
        [
            text(lang, "settings-head", &[("group", self.title().into())]),
            text(lang, mode_key(self.group.mode), &[]),
            log,
            text(lang, "settings-thresholds", &thresholds),
            text(lang, "settings-steps", &[("steps", steps.into())]),
            text(
                lang,
                "settings-timezone",
                &[("zone", self.zone().name().into())],
            ),
            text(lang, "settings-keep", &[("time", self.keeps().into())]),
            text(lang, "settings-how", &[]),
        ]
        .join("\n")
    }

    /// For how long words are kept here.
    fn keeps(&self) -> String {
        let kept = self.kept.in_group(keeping::own(&self.group.settings));
        span(self.lang, kept.words)
    }

    /// Times that are shorter than the house's, and the house's own.
    fn keep_buttons(&self, page: Page) -> Vec<Value> {
        let own = keeping::own(&self.group.settings);
        let shorter = keeping::CHOICES.into_iter().filter_map(|choice| {
            let time = span::parse(choice).ok().filter(|t| *t < self.kept.words)?;
            let label = span(self.lang, time);
            Some(self.choice(page, label, "keep", choice, own == Some(time)))
        });
        let house = span(self.lang, self.kept.words);
        let unbound = own.is_none_or(|own| own >= self.kept.words);
        shorter
            .chain([self.choice(page, house, "keep", "house", unbound)])
            .collect()
    }

    fn settings_buttons(&self) -> Value {
        let lang = self.lang;
        let page = Page::Settings;
        let own = GroupSettings::of(self.group);
        let modes: Vec<Value> = [Mode::Observe, Mode::Suggest, Mode::Act]
            .into_iter()
            .map(|mode| {
                let label = text(lang, mode_button(mode), &[]);
                self.choice(page, label, "mode", mode.name(), mode == self.group.mode)
            })
            .collect();
        let sensitivity: Vec<Value> = Sensitivity::ALL
            .into_iter()
            .map(|s| {
                let label = text(lang, sensitivity_button(s), &[]);
                self.choice(page, label, "sense", s.word(), own.sensitivity() == Some(s))
            })
            .collect();
        let (label, value) = if own.notes {
            ("button-notes-off", "off")
        } else {
            ("button-notes-on", "on")
        };
        let (others, compare) = if own.other_groups {
            ("button-others-off", "off")
        } else {
            ("button-others-on", "on")
        };
        let mut rows = vec![
            json!(modes),
            json!(sensitivity),
            self.languages(page),
            json!([self.button(page, text(lang, label, &[]), "notes", value)]),
            json!([self.button(page, text(lang, others, &[]), "others", compare)]),
            json!(self.keep_buttons(page)),
        ];
        if own.log_chat.is_some() {
            let off = self.button(page, text(lang, "button-log-off", &[]), "log", "off");
            rows.push(json!([off]));
        }
        json!({ "inline_keyboard": rows })
    }
}

/// The steps in words; with the removal at which each begins, where one holds for several.
fn ladder(lang: Lang, steps: &[Step]) -> String {
    let mut at = 1;
    let runs: Vec<&[Step]> = steps.chunk_by(|a, b| a == b).collect();
    let plain = runs.len() == steps.len();
    let mut all = Vec::new();
    for run in runs {
        let words = step(lang, run[0]);
        all.push(if plain {
            words
        } else {
            format!("{at}: {words}")
        });
        at += run.len();
    }
    all.join(" → ")
}

fn step(lang: Lang, step: Step) -> String {
    let time = step
        .lasts()
        .map_or_else(String::new, |lasts| span(lang, lasts));
    match step {
        Step::Warn => text(lang, "step-warn", &[]),
        Step::Mute { .. } => text(lang, "step-mute", &[("time", time.into())]),
        Step::Ban { .. } => text(lang, "step-ban", &[("time", time.into())]),
    }
}

fn mode_key(mode: Mode) -> &'static str {
    match mode {
        Mode::Observe => "mode-observe",
        Mode::Suggest => "mode-suggest",
        Mode::Act => "mode-act",
    }
}

fn mode_button(mode: Mode) -> &'static str {
    match mode {
        Mode::Observe => "button-mode-observe",
        Mode::Suggest => "button-mode-suggest",
        Mode::Act => "button-mode-act",
    }
}

fn sensitivity_button(sensitivity: Sensitivity) -> &'static str {
    match sensitivity {
        Sensitivity::Careful => "button-careful",
        Sensitivity::Usual => "button-usual",
        Sensitivity::Strict => "button-strict",
    }
}
