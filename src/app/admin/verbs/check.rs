//! Verdicts as one group would give them.
use serde_json::{Value, json};

use super::{Args, Desk};
use crate::app::admin::Refusal;
use crate::features::moderation::asked::{Asked, GroupJudge};

/// Most lines of one ask.
const MOST_LINES: usize = 64;

/// Judges lines as a group would; an item for each, with a `verdict` or an `error`.
pub(super) async fn group(desk: &Desk, args: Args) -> Result<Vec<Value>, Refusal> {
    let chat = args.number()?;
    let lines: Option<Vec<&str>> = args.0["lines"].as_array().and_then(|lines| {
        let texts = lines.iter().map(Value::as_str);
        texts.collect()
    });
    let lines = lines
        .filter(|lines| (1..=MOST_LINES).contains(&lines.len()))
        .ok_or_else(|| Refusal::bad(format!("`lines` must be 1 to {MOST_LINES} texts")))?;
    let Some(judge) = GroupJudge::open(&desk.store, chat).await? else {
        return Err(Refusal::missing(format!(
            "Beadle knows no group {chat}: ids of groups are negative, as `beadle check --json` and the log show them"
        )));
    };
    let mut items = Vec::with_capacity(lines.len());
    for line in lines {
        items.push(match Asked::read(line.as_bytes()) {
            Ok(asked) => {
                let verdict = judge.judge(&asked, desk.now()).await?;
                json!({ "verdict": verdict, "of": asked.of() })
            }
            Err(what) => json!({ "error": what }),
        });
    }
    Ok(items)
}
