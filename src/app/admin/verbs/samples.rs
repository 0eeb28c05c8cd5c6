//! What a group taught, out of and into files of one sample a line.
use serde_json::{Value, json};

use super::group::{named, unknown};
use super::{Args, Desk};
use crate::app::admin::Refusal;
use crate::community::settings;
use crate::features::moderation::learning::{Label, Taught, samples, teach_sample};

/// Samples in one answer, and lines in one ask.
const PORTION: i64 = 500;
/// Longest line that is learned, in bytes: a message of 4096 characters.
const LONGEST: usize = 16 * 1024;

/// A portion of what people taught in a group, after row `from`: words on one line each; `wordless` counts lessons
/// whose words are no longer kept.
pub(super) async fn export(desk: &Desk, args: Args) -> Result<Vec<Value>, Refusal> {
    let chat = named(desk, &args).await?;
    let from = args.value("from").as_i64().unwrap_or(0);
    let found = desk
        .store
        .read(move |conn| {
            Ok(settings::tree(conn, chat)?.map(|_| samples(conn, chat, from, PORTION)))
        })
        .await?;
    let found = found.ok_or_else(|| unknown(chat))??;
    let next = (found.len() == usize::try_from(PORTION).unwrap_or_default())
        .then(|| found.last().map(|s| s.id));
    let (mut spam, mut ham, mut wordless) = (Vec::new(), Vec::new(), 0);
    for sample in found {
        let line = sample.words.as_deref().map(one_line).unwrap_or_default();
        match (line.is_empty(), sample.label) {
            (true, _) => wordless += 1,
            (false, Label::Spam) => spam.push(line),
            (false, Label::Ham) => ham.push(line),
        }
    }
    Ok(vec![
        json!({ "spam": spam, "ham": ham, "wordless": wordless, "next": next.flatten() }),
    ])
}

/// As the format wants it: one sample a line.
fn one_line(words: &str) -> String {
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Learns lines of a file.
pub(super) async fn import(desk: &Desk, args: Args) -> Result<Vec<Value>, Refusal> {
    let chat = named(desk, &args).await?;
    let label = args.value("label").as_str().and_then(Label::from_word);
    let label = label.ok_or_else(|| Refusal::bad("`label` must be spam or ham"))?;
    let lines: Option<Vec<String>> = args.value("lines").as_array().and_then(|lines| {
        let lines = lines.iter().map(|l| l.as_str().map(str::to_owned));
        lines.collect()
    });
    let most = usize::try_from(PORTION).unwrap_or_default();
    let lines = lines
        .filter(|lines| lines.len() <= most && lines.iter().all(|l| l.len() <= LONGEST))
        .ok_or_else(|| {
            Refusal::bad(format!(
                "`lines` must be at most {PORTION} texts of at most {LONGEST} bytes"
            ))
        })?;
    let now = desk.now();
    let known = desk.store.read(move |conn| settings::tree(conn, chat));
    known.await?.ok_or_else(|| unknown(chat))?;
    let (mut learned, mut already, mut short) = (0, 0, 0);
    // A few at a time: writers wait for one another.
    for part in lines.chunks(25) {
        let part = part.to_vec();
        let done = desk
            .store
            .write_bulk(move |tx| {
                let one = |line: &String| teach_sample(tx, chat, line, label, now);
                part.iter().map(one).collect::<Result<Vec<_>, _>>()
            })
            .await?;
        for taught in done {
            match taught {
                Taught::Learned => learned += 1,
                Taught::Already => already += 1,
                Taught::NoWords => short += 1,
            }
        }
    }
    Ok(vec![
        json!({ "learned": learned, "already": already, "too_short": short }),
    ])
}
