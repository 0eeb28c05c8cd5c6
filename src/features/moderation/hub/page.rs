//! What the hub shows: words and buttons of the first page, of a section, of one setting. Pure.
use serde_json::{Value, json};

use super::sections::{SECTIONS, Section, code};
use super::words;
use crate::community::settings::{Kind, Setting, Table, at};
use crate::community::{GroupFacts, keeping};
use crate::config::{Mode, Retention};
use crate::features::moderation::ladder::Step;
use crate::features::moderation::order::seal::Seal;
use crate::features::moderation::settings::{GroupSettings, Sensitivity};
use crate::telegram::sender::text::name;
use crate::texts::when::span;
use crate::texts::{Lang, text};

/// UTF-16 units of a value in a list, and of one alone: a message holds 4096.
const SHORT: usize = 60;
const LONG: usize = 2_500;
/// Settings from which on two stand in one row.
const WIDE: usize = 12;
/// Units of a button's label.
const LABEL: usize = 60;

/// Which page.
#[derive(Debug, Clone, Copy)]
pub(in crate::features::moderation) enum Page {
    /// The first.
    Home,
    /// One section.
    Section(Section),
    /// One setting.
    One(&'static Setting),
}

/// The hub of one group, in the chat where it stands.
pub(in crate::features::moderation) struct Hub<'a> {
    pub(in crate::features::moderation) seal: &'a Seal,
    pub(in crate::features::moderation) place: i64,
    pub(in crate::features::moderation) group: &'a GroupFacts,
    pub(in crate::features::moderation) lang: Lang,
    pub(in crate::features::moderation) table: &'a Table,
    /// How long the house keeps things.
    pub(in crate::features::moderation) kept: Retention,
}

impl Hub<'_> {
    /// Words and buttons.
    pub(in crate::features::moderation) fn page(&self, page: Page) -> (String, Value) {
        let (html, rows) = match page {
            Page::Home => (self.home(), self.home_buttons()),
            Page::Section(section) => self.section(section),
            Page::One(setting) => self.one(setting),
        };
        (html, json!({ "inline_keyboard": rows }))
    }

    /// What was chosen; the mode is the one that holds.
    fn own(&self) -> Value {
        let tree = serde_json::from_str::<Value>(&self.group.settings).ok();
        let mut tree = tree.filter(Value::is_object).unwrap_or_else(|| json!({}));
        tree["mode"] = self.group.mode.name().into();
        if let Some(language) = &self.group.language {
            tree["language"] = language.as_str().into();
        }
        tree
    }

    /// What holds.
    fn value(&self, own: &Value, setting: &Setting) -> Value {
        let chosen = at(own, setting.path).and_then(|v| setting.kind.check(v).ok());
        chosen.unwrap_or_else(|| setting.usual())
    }

    fn data(&self, rest: &str) -> String {
        let payload = format!("{}:{rest}", self.group.id);
        self.seal.data("hub", &payload, self.place)
    }

    fn button(&self, label: &str, rest: &str) -> Value {
        let label = crate::telegram::sender::text::cut(label, LABEL);
        json!({ "text": label, "callback_data": self.data(rest) })
    }

    fn title(&self) -> String {
        name(self.group.title.as_deref().unwrap_or("…"))
    }

    fn home(&self) -> String {
        let lang = self.lang;
        let own = GroupSettings::of(self.group);
        let log = own.log_chat.map_or_else(
            || text(lang, "settings-log-owner", &[]),
            |chat| {
                let args = [("chat", chat.to_string().into())];
                text(lang, "settings-log-chat", &args)
            },
        );
        let percent = |score: f32| format!("{:.0}", score * 100.0);
        let thresholds = [
            ("review", percent(own.review_at).into()),
            ("spam", percent(own.spam_at).into()),
        ];
        let tree = self.own();
        let zone = at(&tree, "timezone")
            .and_then(Value::as_str)
            .unwrap_or("UTC");
        let kept = self.kept.in_group(keeping::own(&self.group.settings));
        let steps = ladder(lang, &own.steps);
        [
            text(lang, "settings-head", &[("group", self.title().into())]),
            text(lang, mode_key(self.group.mode), &[]),
            log,
            text(lang, "settings-thresholds", &thresholds),
            text(lang, "settings-steps", &[("steps", steps.into())]),
            text(lang, "settings-timezone", &[("zone", zone.into())]),
            text(
                lang,
                "settings-keep",
                &[("time", span(lang, kept.words).into())],
            ),
            text(lang, "settings-how", &[]),
        ]
        .join("\n")
    }

    fn home_buttons(&self) -> Vec<Value> {
        let sections: Vec<Value> = SECTIONS
            .into_iter()
            .filter(|s| s.settings(self.table).next().is_some())
            .map(|s| self.button(&text(self.lang, s.key, &[]), &format!("s:{}", s.name)))
            .collect();
        let mut rows: Vec<Value> = sections.chunks(2).map(|row| json!(row)).collect();
        if GroupSettings::of(self.group).log_chat.is_some() {
            let off = text(self.lang, "button-log-off", &[]);
            rows.push(json!([self.button(&off, "l:off")]));
        }
        rows
    }

    fn section(&self, section: Section) -> (String, Vec<Value>) {
        let (lang, own) = (self.lang, self.own());
        let mut lines = vec![format!(
            "<b>{}</b> · {}",
            text(lang, section.key, &[]),
            self.title()
        )];
        let all: Vec<&'static Setting> = section.settings(self.table).collect();
        // Words of several choices in one list would not say what they choose.
        let is_choice = |s: &&&Setting| matches!(s.kind, Kind::Choice(_));
        let inline = all.iter().filter(is_choice).count() == 1;
        let (mut rows, mut singles) = (Vec::new(), Vec::new());
        if section.name == "mode" {
            rows.push(self.sensitivity());
        }
        for setting in &all {
            let label = words::label(lang, setting);
            let value = self.value(&own, setting);
            let shown = words::shown(lang, setting, &value, SHORT);
            lines.push(format!("{label}: <b>{shown}</b>"));
            match (setting.kind, &value) {
                (Kind::Switch, Value::Bool(on)) => {
                    let (mark, next) = if *on { ("✅", "off") } else { ("☐", "on") };
                    let rest = format!("w:{}:{next}", code(setting.path));
                    singles.push(self.button(&format!("{mark} {label}"), &rest));
                }
                // A few short words fit into one row.
                (Kind::Choice(choices), _) if inline && choices.len() <= 3 => {
                    rows.push(json!(self.choices(setting, choices, &value)));
                }
                _ => singles.push(self.button(&label, &format!("v:{}", code(setting.path)))),
            }
        }
        let wide = if all.len() > WIDE { 2 } else { 1 };
        rows.extend(singles.chunks(wide).map(|row| json!(row)));
        rows.push(json!([self.back("h")]));
        (lines.join("\n"), rows)
    }

    fn back(&self, to: &str) -> Value {
        self.button(&text(self.lang, "button-back", &[]), to)
    }

    fn sensitivity(&self) -> Value {
        let now = GroupSettings::of(self.group).sensitivity();
        let one = |s: Sensitivity| {
            let label = marked(&text(self.lang, sensitivity_key(s), &[]), now == Some(s));
            self.button(&label, &format!("p:{}", s.word()))
        };
        json!(Sensitivity::ALL.map(one))
    }

    fn choices(&self, setting: &Setting, choices: &[&str], value: &Value) -> Vec<Value> {
        let one = |choice: &&str| {
            let label = words::word(self.lang, setting, choice);
            let label = marked(&label, value.as_str() == Some(choice));
            let rest = format!("w:{}:{}", code(setting.path), code(choice));
            self.button(&label, &rest)
        };
        choices.iter().map(one).collect()
    }

    fn one(&self, setting: &'static Setting) -> (String, Vec<Value>) {
        let (lang, own) = (self.lang, self.own());
        let value = self.value(&own, setting);
        let mut lines = vec![
            format!("<b>{}</b> · {}", words::label(lang, setting), self.title()),
            words::shown(lang, setting, &value, LONG),
            format!("<code>/set {}</code>", setting.path),
        ];
        let mut rows = Vec::new();
        if let Kind::Choice(choices) = setting.kind {
            let all = self.choices(setting, choices, &value);
            rows.extend(all.chunks(2).map(|row| json!(row)));
        } else {
            let args = [("shape", words::shape(lang, setting).into())];
            lines.push(text(lang, "hub-shape", &args));
            let ask = text(lang, "button-new-value", &[]);
            rows.push(json!([
                self.button(&ask, &format!("a:{}", code(setting.path)))
            ]));
        }
        if at(&own, setting.path).is_some() {
            let reset = text(lang, "button-as-usual", &[]);
            rows.push(json!([
                self.button(&reset, &format!("d:{}", code(setting.path)))
            ]));
        }
        let section = Section::of(setting.path);
        rows.push(json!([self.back(&format!("s:{}", section.name))]));
        (lines.join("\n\n"), rows)
    }
}

/// A choice, marked when it is the one that holds.
fn marked(label: &str, holds: bool) -> String {
    if holds {
        format!("• {label} •")
    } else {
        label.to_owned()
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

/// The sentence about a mode.
pub(in crate::features::moderation) fn mode_key(mode: Mode) -> &'static str {
    match mode {
        Mode::Observe => "mode-observe",
        Mode::Suggest => "mode-suggest",
        Mode::Act => "mode-act",
    }
}

fn sensitivity_key(sensitivity: Sensitivity) -> &'static str {
    match sensitivity {
        Sensitivity::Careful => "button-careful",
        Sensitivity::Usual => "button-usual",
        Sensitivity::Strict => "button-strict",
    }
}
