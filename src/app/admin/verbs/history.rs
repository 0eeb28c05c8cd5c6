//! Lessons from a group's own history.
use serde_json::{Value, json};

use super::{Args, Desk};
use crate::app::admin::Refusal;
use crate::community::group_on_disk;
use crate::features::moderation::learning::{self, Label, Taught};

/// Most lessons of one ask.
const MOST: usize = 100;
/// Longest words of one, in bytes.
const LONGEST: usize = 16 * 1024;

/// A lesson as asked.
struct Line {
    message: i64,
    author: Option<i64>,
    label: Label,
    words: String,
}

fn line(item: &Value) -> Option<Line> {
    Some(Line {
        message: item["message"].as_i64().filter(|id| *id > 0)?,
        author: item["author"].as_i64(),
        label: Label::from_word(item["label"].as_str()?)?,
        words: item["words"]
            .as_str()
            .filter(|w| w.len() <= LONGEST)?
            .to_owned(),
    })
}

async fn known_group(desk: &Desk, args: &Args) -> Result<i64, Refusal> {
    let chat = args.number()?;
    let find = move |conn: &_| group_on_disk(conn, chat, crate::config::Mode::default());
    if desk.store.read(find).await?.is_none() {
        return Err(Refusal::missing(format!(
            "Beadle knows no group {chat}: ids of groups are negative, as `beadle check --json` and the log show them"
        )));
    }
    Ok(chat)
}

/// Learns up to [`MOST`] lessons.
pub(super) async fn learn(desk: &Desk, args: Args) -> Result<Vec<Value>, Refusal> {
    let chat = known_group(desk, &args).await?;
    let lines = args.value("lessons").as_array().filter(|l| l.len() <= MOST);
    let lines: Option<Vec<Line>> = lines.and_then(|l| l.iter().map(line).collect());
    let lines = lines.ok_or_else(|| {
        Refusal::bad(format!(
            "`lessons` must be at most {MOST} objects with message, label (spam or ham) and words"
        ))
    })?;
    let now = desk.now();
    let write = desk.store.write(move |tx| {
        let (mut learned, mut known) = (0, 0);
        for l in &lines {
            let of = (chat, l.message, l.author);
            match learning::from_history(tx, of, l.label, &l.words, now)? {
                Taught::Learned => learned += 1,
                Taught::Already | Taught::NoWords => known += 1,
            }
        }
        Ok(json!({ "learned": learned, "known": known }))
    });
    Ok(vec![write.await?])
}

/// Takes all of a group's back.
pub(super) async fn unlearn(desk: &Desk, args: Args) -> Result<Vec<Value>, Refusal> {
    let chat = known_group(desk, &args).await?;
    let forgotten = desk
        .store
        .write(move |tx| learning::forget_history(tx, chat))
        .await?;
    Ok(vec![json!({ "forgotten": forgotten })])
}
