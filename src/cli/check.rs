//! `beadle check`: what Beadle would say of texts or whole updates; one verdict a line.
use std::io::{BufRead, BufReader, Read as _};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use serde_json::{Value, json};

use super::live;
use crate::config::Env;
use crate::features::moderation::asked::Asked;
use crate::features::moderation::rules::Verdict;

/// Longest line, in bytes: an update with the longest text, twice over, and its entities.
const MOST_LINE: usize = 256 * 1024;
/// Bytes of lines in one ask of a group: escaped twice, they are within the longest ask of the socket. An update has
/// a few thousand.
const MOST_ASKED: usize = 12 * 1024;
/// Lines in one ask of a group.
const BATCH: usize = 64;

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
    /// Judge as this group would, with its settings and lessons
    #[arg(long, value_name = "ID", allow_negative_numbers = true)]
    group: Option<i64>,
    /// Folder of the database, with --group [env: BEADLE_DATA_DIR]
    #[arg(long, value_name = "DIR", requires = "group")]
    data_dir: Option<PathBuf>,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, env: &Env) -> anyhow::Result<ExitCode> {
    let judge = Judge::of(args, env)?;
    let mut out = std::io::stdout().lock();
    match (&args.file, args.text.as_deref()) {
        (Some(path), _) => {
            let file = std::fs::File::open(path)
                .with_context(|| format!("cannot open {}", path.display()))?;
            lines(&judge, BufReader::new(file), args.json, &mut out)
        }
        (None, Some("-")) => lines(&judge, std::io::stdin().lock(), args.json, &mut out),
        (None, text) => {
            let text = text.unwrap_or_default();
            anyhow::ensure!(
                text.len() <= MOST_LINE,
                "the text has {} bytes; at most {MOST_LINE} are judged",
                text.len()
            );
            let line = json!({ "text": text }).to_string().into_bytes();
            for judged in judge.judge(&[line])? {
                let (verdict, of) = judged.map_err(|what| anyhow::anyhow!("the text: {what}"))?;
                show(&verdict, of, args.json, &mut out)?;
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Judges each line; rubbish is named with its number on standard error and makes the exit code 1.
fn lines(
    judge: &Judge,
    mut input: impl BufRead,
    json: bool,
    out: &mut impl std::io::Write,
) -> anyhow::Result<ExitCode> {
    let (mut number, mut failed) = (0_u64, 0_u64);
    let mut ended = false;
    while !ended {
        // A group is asked about several lines at a time; without one, each is answered at once.
        let most = if matches!(judge, Judge::Group(..)) {
            BATCH
        } else {
            1
        };
        let (mut numbers, mut batch, mut bytes) = (Vec::new(), Vec::new(), 0);
        while batch.len() < most && bytes < MOST_ASKED {
            let mut line = Vec::new();
            let room = u64::try_from(MOST_LINE + 1).unwrap_or(u64::MAX);
            if input.by_ref().take(room).read_until(b'\n', &mut line)? == 0 {
                ended = true;
                break;
            }
            number += 1;
            if line.last() != Some(&b'\n') && line.len() > MOST_LINE {
                skip_line(&mut input)?;
                failed += 1;
                eprintln!("line {number}: longer than {MOST_LINE} bytes");
            } else if !line.iter().all(u8::is_ascii_whitespace) {
                bytes += line.len();
                numbers.push(number);
                batch.push(line);
            }
        }
        for (number, judged) in numbers.into_iter().zip(judge.judge(&batch)?) {
            match judged {
                Ok((verdict, of)) => show(&verdict, of, json, out)?,
                Err(what) => {
                    failed += 1;
                    eprintln!("line {number}: {what}");
                }
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

/// Who judges: a group, or nobody in particular.
enum Judge {
    Anywhere,
    Group(PathBuf, i64),
}

impl Judge {
    fn of(args: &Args, env: &Env) -> anyhow::Result<Self> {
        let Some(group) = args.group else {
            return Ok(Self::Anywhere);
        };
        let dir = super::existing_data_dir(args.data_dir.as_deref(), env)?;
        Ok(Self::Group(dir, group))
    }

    /// A verdict for each line, and what the line says of chat, message and user.
    fn judge(&self, lines: &[Vec<u8>]) -> anyhow::Result<Vec<Result<(Verdict, Value), String>>> {
        match self {
            Self::Anywhere => Ok(lines
                .iter()
                .map(|line| Asked::read(line).map(|asked| (asked.anywhere(), asked.of())))
                .collect()),
            Self::Group(dir, group) => {
                let mut out = Vec::with_capacity(lines.len());
                let mut texts: Vec<Result<&str, String>> = Vec::new();
                for line in lines {
                    texts.push(match std::str::from_utf8(line) {
                        Ok(text) if text.len() <= MOST_ASKED => Ok(text),
                        Ok(_) => Err(format!(
                            "longer than {MOST_ASKED} bytes, which is the most for a group"
                        )),
                        Err(_) => Err("not UTF-8".to_owned()),
                    });
                }
                let good: Vec<&str> = texts
                    .iter()
                    .filter_map(|t| t.as_ref().ok().copied())
                    .collect();
                let mut answers = Vec::new();
                if !good.is_empty() {
                    let args = json!({ "number": group, "lines": good });
                    answers = live::ask(dir, "check.group", args)?.items;
                }
                let mut answers = answers.into_iter();
                for text in texts {
                    out.push(match text {
                        Err(what) => Err(what),
                        Ok(_) => answered(answers.next().unwrap_or_default())?,
                    });
                }
                Ok(out)
            }
        }
    }
}

/// One item of an answer.
fn answered(mut item: Value) -> anyhow::Result<Result<(Verdict, Value), String>> {
    if let Some(what) = item["error"].as_str() {
        return Ok(Err(what.to_owned()));
    }
    let verdict = serde_json::from_value(item["verdict"].take())
        .context("the running Beadle answered in another form: use the program of its version")?;
    Ok(Ok((verdict, item["of"].take())))
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
