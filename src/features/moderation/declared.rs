//! The group settings of moderation and of the group itself, each declared once for chat, files and the command line.
use serde_json::{Value, json};

use super::house::hours::Hours;
use super::ladder;
use crate::base::clock::Millis;
use crate::community::keeping;
use crate::community::settings::{Kind, Law, Own, Setting, at};
use crate::texts::when::Zone;

/// What this room declares. The log chat is not among them: who may choose one is asked in that chat, by `/log`.
pub(super) static SETTINGS: &[Setting] = &[
    Setting {
        path: "mode",
        kind: Kind::Choice(&["observe", "suggest", "act"]),
        default: "\"suggest\"",
        doc: "What verdicts lead to; the default is that of the whole appliance, BEADLE_MODERATION_MODE",
    },
    Setting {
        path: "language",
        kind: Kind::Choice(&["en", "ru"]),
        default: "\"en\"",
        doc: "The language that Beadle speaks in the group",
    },
    Setting {
        path: "timezone",
        kind: Kind::Own(&ZONE),
        default: "\"UTC\"",
        doc: "By which clock times are told and hours are reckoned",
    },
    Setting {
        path: "keep.words",
        kind: Kind::Choice(&keeping::CHOICES),
        default: "null",
        doc: "For how long words of messages are kept; not set leaves that to the appliance, and longer than there is not possible",
    },
    Setting {
        path: "moderation.review_at",
        kind: Kind::Share,
        default: "0.5",
        doc: "Score from which a person should look",
    },
    Setting {
        path: "moderation.spam_at",
        kind: Kind::Share,
        default: "0.9",
        doc: "Score from which a message is spam",
    },
    Setting {
        path: "moderation.steps",
        kind: Kind::Own(&STEPS),
        default: "[\"warn\", \"mute 1d\", \"ban 30d\"]",
        doc: "What follows the first removed message of a person, the second, and so on",
    },
    Setting {
        path: "moderation.forget_after_days",
        kind: Kind::Number(1, 365),
        default: "30",
        doc: "Days after which a removal no longer counts",
    },
    Setting {
        path: "moderation.notes",
        kind: Kind::Switch,
        default: "true",
        doc: "Whether a note in the group says that messages were removed",
    },
    Setting {
        path: "moderation.other_groups",
        kind: Kind::Switch,
        default: "true",
        doc: "Whether what is posted in other groups counts here, and the other way round",
    },
    Setting {
        path: "cards.quiet",
        kind: Kind::Own(&QUIET),
        default: "null",
        doc: "Hours, by the clock of the group, in which cards in a moderator's private chat make no sound",
    },
];

/// When cards in a private chat make no sound.
static QUIET: Own = Own {
    shape: "two times of day as 23-8 or 22:30-7:00, or off",
    parse: |words| match words.trim().to_lowercase().as_str() {
        "off" | "no" | "нет" | "выкл" => Ok(Value::Null),
        words => hours(words),
    },
    check: |value| match value {
        Value::Null => Ok(Value::Null),
        value => hours(value.as_str().unwrap_or_default()),
    },
    show: |value| value.as_str().unwrap_or("off").to_owned(),
};

fn hours(words: &str) -> Result<Value, String> {
    Hours::try_from(words.to_owned()).map(|hours| json!(String::from(hours)))
}

/// Whether it is quiet now in the private chats of a group's moderators.
pub(super) fn is_quiet(settings: &Value, zone: &Zone, now: Millis) -> bool {
    let hours = at(settings, "cards.quiet").and_then(Value::as_str);
    let hours = hours.and_then(|words| Hours::try_from(words.to_owned()).ok());
    hours.is_some_and(|hours| hours.night(now, zone).is_some())
}

/// What these settings must be together.
pub static LAWS: &[Law] = &[Law {
    paths: &["moderation.review_at", "moderation.spam_at"],
    holds: |values| match (values[0].as_f64(), values[1].as_f64()) {
        (Some(review), Some(spam)) if review >= spam => Err(
            "a person should look at less than what is spam: the first must be below the second"
                .to_owned(),
        ),
        _ => Ok(()),
    },
}];

static STEPS: Own = Own {
    shape: "steps as `warn, mute 24h, ban 30d` or, with the removal at which each begins, `1: warn, 3: mute 1h`",
    parse: |words| ladder::parse(words).map(|steps| json!(steps)),
    check: |value| {
        serde_json::from_value::<Vec<ladder::Step>>(value.clone())
            .map_err(|e| e.to_string())
            .and_then(|steps| match steps.len() {
                1..=ladder::RUNGS => Ok(json!(steps)),
                _ => Err(format!("it must be 1 to {} steps", ladder::RUNGS)),
            })
    },
    show: |value| {
        let steps: Vec<ladder::Step> = serde_json::from_value(value.clone()).unwrap_or_default();
        ladder::written(&steps)
    },
};

static ZONE: Own = Own {
    shape: "the name of a time zone, as Europe/Berlin or UTC",
    parse: zone,
    check: |value| zone(value.as_str().unwrap_or_default()),
    show: |value| value.as_str().unwrap_or("UTC").to_owned(),
};

fn zone(words: &str) -> Result<Value, String> {
    Zone::parse(words.trim())
        .map(|zone| json!(zone.name()))
        .ok_or_else(|| "there is no such time zone; write one as Europe/Berlin or UTC".to_owned())
}
