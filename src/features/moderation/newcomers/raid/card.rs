//! The one card of a raid: how many came, what could be done, and what moderators can decide.
use serde_json::{Value, json};

use super::store::{Count, Raid};
use crate::features::moderation::order::seal::Seal;
use crate::texts::{Lang, text};

/// The words and buttons of a raid's card in `place`. `title` is HTML, `moment` when it began by the group's clock.
pub(super) fn card(
    seal: &Seal,
    raid: &Raid,
    count: Count,
    (title, moment): (&str, &str),
    place: i64,
    lang: Lang,
) -> (String, Value) {
    let did = |name: &str| raid.did[name] == true;
    let mut lines = Vec::new();
    let head = match (raid.ended, raid.by) {
        (Some(_), _) => "raid-card-over",
        (None, 0) => "raid-card-surge",
        (None, _) => "raid-card-by-hand",
    };
    let args = [
        ("group", title.to_owned().into()),
        ("count", count.all.into()),
        ("when", moment.to_owned().into()),
    ];
    lines.push(text(lang, head, &args));
    let held = [
        ("held", count.held.into()),
        ("removed", count.removed.into()),
        ("free", count.free.into()),
    ];
    lines.push(text(lang, "raid-card-count", &held));
    let restricts = if did("no_restrict") {
        "raid-did-no-restrict"
    } else {
        "raid-did-restrict"
    };
    lines.push(text(lang, restricts, &[]));
    let links = raid.did["links"].as_i64().unwrap_or(0);
    let told = match (raid.ended, links) {
        (_, 0) => text(lang, "raid-did-no-links", &[]),
        (_, n) if did("no_invite") => text(lang, "raid-did-links-refused", &[("count", n.into())]),
        (None, n) => text(lang, "raid-did-links", &[("count", n.into())]),
        (Some(_), n) => text(lang, "raid-did-links-back", &[("count", n.into())]),
    };
    lines.push(told);
    if raid.ended.is_none() {
        let entry = if did("public") {
            "raid-entry-public"
        } else {
            "raid-entry-links"
        };
        lines.push(text(lang, entry, &[]));
    }
    let button = |key: &str, verb: &str| {
        let data = seal.data("raidcard", &format!("{verb}:{}", raid.id), place);
        json!({ "text": text(lang, key, &[]), "callback_data": data })
    };
    let mut rows = Vec::new();
    if raid.ended.is_none() {
        rows.push(json!([button("button-raid-end", "end")]));
    }
    if count.held > 0 {
        rows.push(json!([
            button("button-raid-remove", "remove"),
            button("button-raid-free", "free"),
        ]));
    }
    if count.removed > 0 {
        rows.push(json!([button("button-raid-undo", "undo")]));
    }
    (lines.join("\n"), json!({ "inline_keyboard": rows }))
}
