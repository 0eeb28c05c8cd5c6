//! What other settings would have made of what was judged.
use serde_json::{Value, json};

use super::{Args, Desk};
use crate::app::admin::Refusal;
use crate::community::settings::Table;
use crate::features::moderation::SETTINGS;
use crate::features::moderation::replay::{Ask, Change, replay};

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;
/// Days that can be asked for: verdicts are kept while their author stays, and that is long.
const MOST_DAYS: u64 = 366;
/// Changed verdicts that are listed; each has some hundred bytes, and an answer has a limit.
const MOST_LISTED: usize = 1_000;

/// An item for each changed verdict, and the summary as the last.
pub(super) async fn run(desk: &Desk, args: Args) -> Result<Vec<Value>, Refusal> {
    let days = args.value("days").as_u64().unwrap_or(30);
    let days = Some(days).filter(|n| (1..=MOST_DAYS).contains(n));
    let days = days.ok_or_else(|| Refusal::bad(format!("`days` must be 1 to {MOST_DAYS}")))?;
    let group = match args.value("group") {
        Value::Null => None,
        _ => Some(args.value("group").as_i64().ok_or_else(|| {
            Refusal::bad("`group` must be the id of a group, a negative whole number")
        })?),
    };
    let table = Table::new(SETTINGS);
    let mut values = Vec::new();
    for (path, value) in args.value("settings").as_object().into_iter().flatten() {
        let checked = table.check(path, value);
        let (setting, value) = checked.map_err(|e| Refusal::bad(e.to_string()))?;
        values.push((setting.path, value));
    }
    let ask = Ask {
        since: desk.now() - i64::try_from(days).unwrap_or(0) * DAY,
        group,
        change: Change::of(values.iter().map(|(path, value)| (*path, value))),
        most: MOST_LISTED,
    };
    let (changed, summary) = replay(&desk.store, ask).await?;
    if summary.judged + summary.skipped_version + summary.skipped_unreadable == 0
        && let Some(group) = group
    {
        return Err(Refusal::missing(format!(
            "nothing was judged in group {group} in {days} days: ids of groups are negative, as `beadle check --json` and the log show them"
        )));
    }
    let mut items = super::items(changed)?;
    items.push(json!({ "summary": summary, "days": days }));
    Ok(items)
}
