//! `beadle group samples`: what a group taught as files of one message a line, as tg-spam keeps its samples.
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Subcommand;
use serde_json::{Value, json};

use super::group::read;
use super::live;

/// Longest file: ten thousand samples, which is what a group keeps, of four kilobytes each.
const LONGEST: u64 = 40 << 20;
/// Bytes of lines in one ask over the socket, which holds 64 KiB with what JSON adds.
const PORTION: usize = 24 << 10;
/// Lines in one ask.
const LINES: usize = 200;

#[derive(Debug, Subcommand)]
pub(super) enum Samples {
    /// Write the samples whose words are still kept
    Export(Files),
    /// Learn samples; what was learned before is not learned again
    Import(Files),
}

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = true)]
pub(super) struct Files {
    /// The file of spam
    #[arg(long, value_name = "FILE")]
    spam: Option<PathBuf>,
    /// The file of what is welcome
    #[arg(long, value_name = "FILE")]
    ham: Option<PathBuf>,
}

impl Files {
    fn each(&self) -> impl Iterator<Item = (&'static str, &Path)> {
        let both = [("spam", &self.spam), ("ham", &self.ham)];
        both.into_iter()
            .filter_map(|(label, file)| Some((label, file.as_deref()?)))
    }
}

pub(super) fn run(
    verb: &Samples,
    dir: &Path,
    group: Option<i64>,
    as_json: bool,
) -> anyhow::Result<ExitCode> {
    match verb {
        Samples::Export(files) => export(files, dir, group, as_json),
        Samples::Import(files) => import(files, dir, group, as_json),
    }
}

fn export(
    files: &Files,
    dir: &Path,
    group: Option<i64>,
    as_json: bool,
) -> anyhow::Result<ExitCode> {
    let mut lines: [Vec<Value>; 2] = [Vec::new(), Vec::new()];
    let (mut from, mut wordless) = (Value::Null, 0);
    loop {
        let asked = json!({ "number": group, "from": from });
        let (mut part, _) = live::ask_one(dir, "group.samples", asked)?;
        for (all, name) in lines.iter_mut().zip(["spam", "ham"]) {
            if let Value::Array(more) = part[name].take() {
                all.extend(more);
            }
        }
        wordless += part["wordless"].as_u64().unwrap_or(0);
        from = part["next"].take();
        if from.is_null() {
            break;
        }
    }
    for (label, file) in files.each() {
        let all = &lines[usize::from(label == "ham")];
        // The words of people: nobody else reads them.
        let mut out = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(file)
            .with_context(|| {
                format!(
                    "cannot make {}: name a file that does not exist",
                    file.display()
                )
            })?;
        for line in all.iter().filter_map(Value::as_str) {
            writeln!(out, "{line}")?;
        }
        out.sync_all()?;
    }
    let (spam, ham) = (lines[0].len(), lines[1].len());
    if as_json {
        live::print_json(vec![
            json!({ "spam": spam, "ham": ham, "wordless": wordless }),
        ]);
    } else {
        println!(
            "{spam} of spam, {ham} of what is welcome; of {wordless} lessons the words are no longer kept."
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn import(
    files: &Files,
    dir: &Path,
    group: Option<i64>,
    as_json: bool,
) -> anyhow::Result<ExitCode> {
    // Both are read before anything is learned.
    let read: Vec<(&str, String)> = files
        .each()
        .map(|(label, file)| Ok((label, read(file, LONGEST)?)))
        .collect::<anyhow::Result<_>>()?;
    for (label, words) in read {
        let (mut learned, mut already, mut short) = (0, 0, 0);
        let mut lines = words.lines().map(str::trim).filter(|l| !l.is_empty());
        let mut next = lines.next();
        while next.is_some() {
            let (mut portion, mut bytes) = (Vec::new(), 0);
            while let Some(line) = next {
                // One line alone always goes; the running Beadle says when it is too long.
                if !portion.is_empty() && (bytes + line.len() > PORTION || portion.len() == LINES) {
                    break;
                }
                bytes += line.len();
                portion.push(line);
                next = lines.next();
            }
            let asked = json!({ "number": group, "label": label, "lines": portion });
            let (item, _) = live::ask_one(dir, "group.teach", asked)?;
            learned += item["learned"].as_u64().unwrap_or(0);
            already += item["already"].as_u64().unwrap_or(0);
            short += item["too_short"].as_u64().unwrap_or(0);
        }
        if as_json {
            live::print_json(vec![
                json!({ "label": label, "learned": learned, "already": already, "too_short": short }),
            ]);
        } else {
            println!(
                "{label}: {learned} learned, {already} known before, {short} with too few letters"
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}
