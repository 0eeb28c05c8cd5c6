//! `beadle check`: what Beadle would say of texts or whole updates; one verdict a line.
use std::io::{BufRead, BufReader, Read as _};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use serde_json::Value;

use crate::features::moderation::classifier::SpamModel;
use crate::features::moderation::facts::{Facts, Input, Text};
use crate::features::moderation::reading;
use crate::features::moderation::rules::{Settings, Verdict, judge};
use crate::telegram::event;

/// Longest line, in bytes: an update with the longest text, twice over, and its entities.
const MOST_LINE: usize = 256 * 1024;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A text, judged as a newcomer's first message; `-` reads lines as --file does
    #[arg(
        value_name = "TEXT",
        required_unless_present = "file",
        conflicts_with = "file"
    )]
    text: Option<String>,
    /// Lines from a file: updates as Telegram sends them, {"text": …}, or plain texts
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    match (&args.file, args.text.as_deref()) {
        (Some(path), _) => {
            let file = std::fs::File::open(path)
                .with_context(|| format!("cannot open {}", path.display()))?;
            lines(BufReader::new(file), args.json, &mut out)
        }
        (None, Some("-")) => lines(std::io::stdin().lock(), args.json, &mut out),
        (None, text) => {
            let text = text.unwrap_or_default();
            anyhow::ensure!(
                text.len() <= MOST_LINE,
                "the text has {} bytes; at most {MOST_LINE} are judged",
                text.len()
            );
            show(&of_text(text), Value::Null, args.json, &mut out)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Judges each line; rubbish is named with its number on standard error and makes the exit code 1.
fn lines(
    mut input: impl BufRead,
    json: bool,
    out: &mut impl std::io::Write,
) -> anyhow::Result<ExitCode> {
    let (mut number, mut failed) = (0_u64, 0_u64);
    let mut line = Vec::new();
    loop {
        line.clear();
        let room = u64::try_from(MOST_LINE + 1).unwrap_or(u64::MAX);
        if input.by_ref().take(room).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        number += 1;
        let cut = line.last() != Some(&b'\n') && line.len() > MOST_LINE;
        if cut {
            skip_line(&mut input)?;
        }
        if line.iter().all(u8::is_ascii_whitespace) && !cut {
            continue;
        }
        let judged = if cut {
            Err(format!("longer than {MOST_LINE} bytes"))
        } else {
            of_line(&line)
        };
        match judged {
            Ok((verdict, of)) => show(&verdict, of, json, out)?,
            Err(what) => {
                failed += 1;
                eprintln!("line {number}: {what}");
            }
        }
    }
    out.flush()?;
    if failed > 0 {
        eprintln!("{failed} of {number} lines could not be judged");
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads to the end of a line that is too long, holding none of it.
fn skip_line(input: &mut impl BufRead) -> std::io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        let end = buffer.iter().position(|b| *b == b'\n');
        let (used, done) = (end.map_or(buffer.len(), |at| at + 1), end.is_some());
        let empty = buffer.is_empty();
        input.consume(used);
        if done || empty {
            return Ok(());
        }
    }
}

/// A verdict, and what the line says of chat, message and user.
fn of_line(line: &[u8]) -> Result<(Verdict, Value), String> {
    let text = std::str::from_utf8(line).map_err(|_| "not UTF-8".to_owned())?;
    let text = text.trim();
    if !text.starts_with('{') {
        return Ok((of_text(text), Value::Null));
    }
    let value: Value = serde_json::from_str(text).map_err(|e| format!("not JSON: {e}"))?;
    if let Some(text) = value.get("text").and_then(Value::as_str) {
        return Ok((of_text(text), Value::Null));
    }
    if value.get("update_id").is_none() {
        return Err("neither an update (no \"update_id\") nor a text (no \"text\")".to_owned());
    }
    let event = event::extract(&value);
    if !event.has_content_to_judge() {
        return Err("an update without a message to judge".to_owned());
    }
    let user = match &event.sender {
        event::Sender::User(user) => Some(user.id),
        _ => None,
    };
    let of = serde_json::json!({
        "chat": event.chat.as_ref().map(|c| c.id), "message": event.message_id, "user": user,
    });
    let facts = Facts::gather(&reading::input(&event), SpamModel::shipped());
    Ok((judge(&facts, &Settings::default()), of))
}

fn of_text(text: &str) -> Verdict {
    let input = Input {
        texts: vec![Text {
            source: "text",
            text,
        }],
        ..Input::default()
    };
    judge(
        &Facts::gather(&input, SpamModel::shipped()),
        &Settings::default(),
    )
}

fn show(
    verdict: &Verdict,
    of: Value,
    json: bool,
    out: &mut impl std::io::Write,
) -> anyhow::Result<()> {
    let mut value = serde_json::to_value(verdict)?;
    if json {
        for name in ["chat", "message", "user"] {
            value[name] = of.get(name).cloned().unwrap_or(Value::Null);
        }
        value["id"] = Value::Null;
        writeln!(out, "{value}")?;
        return Ok(());
    }
    let band = value["band"].as_str().unwrap_or_default();
    let reasons: Vec<String> = verdict
        .reasons
        .iter()
        .map(|r| format!("{} {:+.1}", r.code, r.weight))
        .collect();
    writeln!(
        out,
        "{band:<6} {:.3}  {}",
        verdict.score,
        reasons.join(", ")
    )?;
    Ok(())
}
