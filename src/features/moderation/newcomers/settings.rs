//! What admins may set about newcomers: the captcha at the door, raids.
use serde::Deserialize;
use serde_json::{Value, json};

use super::task::Question;
use crate::base::clock::Millis;
use crate::community::GroupFacts;
use crate::community::settings::{Kind, Own, Setting};
use crate::config::Mode;

const MINUTE: Millis = 60_000;
const HOUR: Millis = 60 * MINUTE;
/// Questions of one group, and characters of one with its answers.
const QUESTIONS: usize = 20;
const QUESTION: usize = 300;
/// Joins within [`RaidSettings::within`] that are a raid, where a group that acts has not said otherwise.
const USUAL_JOINS: i64 = 10;

/// A list of questions, each with the answers that are taken.
static QUESTION_LIST: Own = Own {
    shape: "lines of the form: question = answer | another answer",
    parse: |words| {
        let lines = words.lines().map(str::trim).filter(|l| !l.is_empty());
        check_questions(&json!(lines.collect::<Vec<_>>()))
    },
    check: check_questions,
    show: |value| {
        let lines = value.as_array().into_iter().flatten();
        let lines: Vec<&str> = lines.filter_map(Value::as_str).collect();
        lines.join("\n")
    },
};

fn check_questions(value: &Value) -> Result<Value, String> {
    let lines = value
        .as_array()
        .filter(|lines| lines.len() <= QUESTIONS)
        .ok_or_else(|| format!("it must be at most {QUESTIONS} {}", QUESTION_LIST.shape))?;
    for line in lines {
        let good = line
            .as_str()
            .filter(|l| l.chars().count() <= QUESTION)
            .and_then(Question::read);
        if good.is_none() {
            return Err(format!(
                "each of its {}, at most {QUESTION} characters long",
                QUESTION_LIST.shape
            ));
        }
    }
    Ok(value.clone())
}

/// The settings of this room.
pub static SETTINGS: &[Setting] = &[
    Setting {
        path: "captcha.kind",
        kind: Kind::Choice(&["off", "button", "sum", "question"]),
        default: "\"off\"",
        doc: "What newcomers are asked before they may write; a sum may always be solved instead",
    },
    Setting {
        path: "captcha.time",
        kind: Kind::Span(30_000, 24 * HOUR),
        default: "300000",
        doc: "How long a newcomer has for the answer",
    },
    Setting {
        path: "captcha.then",
        kind: Kind::Choice(&["kick", "keep"]),
        default: "\"kick\"",
        doc: "What follows no answer, or three wrong ones: kick puts out or declines, and they may come again; keep leaves them silent for a day and requests to the admins",
    },
    Setting {
        path: "captcha.questions",
        kind: Kind::Own(&QUESTION_LIST),
        default: "[]",
        doc: "The group's own questions with the answers that are taken, one a line: question = answer | answer",
    },
    Setting {
        path: "raid.joins",
        kind: Kind::Number(0, 1_000),
        default: "10",
        doc: "So many newcomers within raid.within are a raid; 0 is never. Until it is set, only groups in act are protected",
    },
    Setting {
        path: "raid.within",
        kind: Kind::Span(10_000, 10 * MINUTE),
        default: "60000",
        doc: "The time in which raid.joins newcomers are a raid",
    },
    Setting {
        path: "raid.calm",
        kind: Kind::Span(MINUTE, 24 * HOUR),
        default: "600000",
        doc: "So long after the last newcomer a raid is over",
    },
    Setting {
        path: "raid.then",
        kind: Kind::Choice(&["keep", "free", "remove"]),
        default: "\"keep\"",
        doc: "What becomes of those who came in a raid when it is over: keep holds them for up to a day, or until somebody decides on the card; free lets them go on to the captcha; remove puts them out",
    },
];

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaptchaKind {
    /// Nothing.
    #[default]
    Off,
    /// A press on a button.
    Button,
    /// A sum.
    Sum,
    /// A question that the group's admins wrote.
    Question,
}

/// The part `captcha` of a group's settings.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct CaptchaSettings {
    /// What is asked.
    pub kind: CaptchaKind,
    /// How long there is for the answer, in milliseconds.
    pub time: Millis,
    /// `kick` or `keep`.
    pub then: String,
    /// As written: `question = answer | answer`.
    pub questions: Vec<String>,
}

impl Default for CaptchaSettings {
    fn default() -> Self {
        Self {
            kind: CaptchaKind::Off,
            time: 5 * MINUTE,
            then: "kick".to_owned(),
            questions: Vec::new(),
        }
    }
}

impl CaptchaSettings {
    /// Whether who gives no answer stays, silent.
    pub fn keeps(&self) -> bool {
        self.then == "keep"
    }
}

/// The part `raid` of a group's settings.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct RaidSettings {
    /// Joins that are a raid; None where nobody chose.
    pub joins: Option<i64>,
    /// Within so long, in milliseconds.
    pub within: Millis,
    /// So long after the last join it is over.
    pub calm: Millis,
    /// `keep`, `free`, `remove`.
    pub then: String,
}

impl Default for RaidSettings {
    fn default() -> Self {
        Self {
            joins: None,
            within: MINUTE,
            calm: 10 * MINUTE,
            then: "keep".to_owned(),
        }
    }
}

impl RaidSettings {
    /// How many joins are a raid; None when none is. What nobody chose holds only where Beadle may act by itself.
    pub fn limit(&self, mode: Mode) -> Option<i64> {
        let usual = (mode == Mode::Act).then_some(USUAL_JOINS);
        self.joins.or(usual).filter(|joins| *joins > 0)
    }
}

/// What becomes of a bot that somebody adds who is no admin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BotsAdded {
    /// Nothing.
    Allow,
    /// It is silent until an admin has decided, a day at most.
    Approve,
    /// It is put out.
    Kick,
}

/// The rule for bots; what nobody chose holds only where Beadle may act by itself, and what cannot be read is as if
/// nobody had chosen.
pub fn bots_added(group: &GroupFacts) -> BotsAdded {
    let tree: Option<Value> = serde_json::from_str(&group.settings).ok();
    let own = tree.and_then(|mut tree| {
        let own = tree.get_mut("newcomers")?.get_mut("bots_added")?.take();
        serde_json::from_value(own).ok()
    });
    own.unwrap_or(match group.mode {
        Mode::Act => BotsAdded::Approve,
        Mode::Observe | Mode::Suggest => BotsAdded::Allow,
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Tree {
    captcha: CaptchaSettings,
    raid: RaidSettings,
}

/// The settings of a group; what cannot be read is as if nobody had chosen.
pub fn of(group: &GroupFacts) -> (CaptchaSettings, RaidSettings) {
    let tree: Tree = serde_json::from_str(&group.settings).unwrap_or_else(|e| {
        tracing::warn!(chat = group.id, error = %e, "a group's settings of newcomers cannot be read; it has the defaults");
        Tree::default()
    });
    (tree.captcha, tree.raid)
}
