//! `beadle logs`: the lines that Beadle keeps in its data directory, filtered; and how much it says from now on.
use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::ValueEnum;
use serde_json::{Value, json};

use super::live::{self, Place};
use crate::base::clock::{Clock as _, Millis, SystemClock};
use crate::base::span::read as span;
use crate::config::Env;
use crate::observe::logs::{FOLDER, files};

/// How often a followed file is looked at.
const LOOK: Duration = Duration::from_millis(300);
/// Longest line that is read, in bytes; what is longer is no line of ours.
const LONGEST: u64 = 1 << 20;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
    #[command(flatten)]
    wanted: Wanted,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Tell how much the running Beadle says, or change it until its next start or reload
    Level {
        /// error, warn, info, debug or trace; or directives, as info,beadle::telegram=debug
        filter: Option<String>,
    },
}

#[derive(Debug, clap::Args)]
struct Wanted {
    /// Only lines of this level and above
    #[arg(long, value_name = "LEVEL", ignore_case = true)]
    level: Option<Severity>,
    /// Only lines about this group
    #[arg(long, value_name = "ID", allow_negative_numbers = true)]
    group: Option<i64>,
    /// Only lines about this person
    #[arg(long, value_name = "ID")]
    user: Option<i64>,
    /// Only lines about this update: its number in `beadle inbox`
    #[arg(long, value_name = "NUMBER")]
    trace: Option<i64>,
    /// Only lines of this part, as `telegram` or `beadle::queue`
    #[arg(long, value_name = "PART")]
    service: Option<String>,
    /// Only of the last so many minutes, hours or days: 30m, 12h, 7d
    #[arg(long, value_name = "TIME", value_parser = span)]
    since: Option<Millis>,
    /// The last so many lines; all with --since
    #[arg(long, short = 'n', value_name = "COUNT")]
    lines: Option<usize>,
    /// Go on with what is written from now on
    #[arg(long, short)]
    follow: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
enum Severity {
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

pub(super) fn run(args: &Args, env: &Env) -> anyhow::Result<ExitCode> {
    let dir = args.place.dir(env)?;
    match &args.verb {
        Some(Verb::Level { filter }) => level(&dir, filter.as_deref(), args.place.json),
        None => show(&dir, &args.wanted, args.place.json),
    }
}

fn level(dir: &Path, filter: Option<&str>, json: bool) -> anyhow::Result<ExitCode> {
    let (item, _live) = live::ask_one(dir, "logs.level", json!({ "filter": filter }))?;
    if json {
        live::print_json(vec![item]);
    } else {
        println!("{}", live::text(&item, "level"));
    }
    Ok(ExitCode::SUCCESS)
}

fn show(dir: &Path, wanted: &Wanted, json: bool) -> anyhow::Result<ExitCode> {
    let from = wanted.since.map(|span| SystemClock.now() - span);
    let filter = Filter::new(wanted, from);
    let there = files(dir, from).with_context(|| {
        format!(
            "cannot read {}: Beadle writes it as soon as it runs, readable for its own user",
            dir.join(FOLDER).display()
        )
    })?;
    let most = match (wanted.lines, wanted.since) {
        (Some(n), _) => n,
        (None, Some(_)) => usize::MAX,
        (None, None) => 100,
    };
    let mut last: VecDeque<String> = VecDeque::new();
    let mut place = None;
    for path in there {
        let mut reader = Reader::open(path)?;
        while let Some(line) = reader.next()? {
            let Some(shown) = filter.shown(&line, json) else {
                continue;
            };
            if most == usize::MAX {
                println!("{shown}");
            } else {
                last.push_back(shown);
                if last.len() > most {
                    last.pop_front();
                }
            }
        }
        place = Some(reader);
    }
    for line in last {
        println!("{line}");
    }
    if wanted.follow {
        follow(dir, place, &filter, json)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Goes on until it is interrupted.
fn follow(
    dir: &Path,
    mut place: Option<Reader>,
    filter: &Filter<'_>,
    json: bool,
) -> anyhow::Result<()> {
    loop {
        if let Some(reader) = &mut place {
            while let Some(line) = reader.next()? {
                if let Some(shown) = filter.shown(&line, json) {
                    println!("{shown}");
                }
            }
        }
        std::thread::sleep(LOOK);
        let newest = files(dir, None)?.pop();
        let current = place.as_ref().map(|r| &r.path);
        if let Some(newest) = newest.filter(|n| Some(n) != current) {
            place = Some(Reader::open(newest)?);
        }
    }
}

/// Whole lines of one file; half a line is read again when it has become whole.
struct Reader {
    path: PathBuf,
    file: BufReader<std::fs::File>,
    at: u64,
}

impl Reader {
    fn open(path: PathBuf) -> anyhow::Result<Self> {
        let file = std::fs::File::open(&path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        Ok(Self {
            path,
            file: BufReader::new(file),
            at: 0,
        })
    }

    fn next(&mut self) -> anyhow::Result<Option<String>> {
        let mut bytes = Vec::new();
        let told = || format!("cannot read {}", self.path.display());
        let read = (&mut self.file)
            .take(LONGEST)
            .read_until(b'\n', &mut bytes)
            .with_context(told)?;
        if bytes.last() != Some(&b'\n') && (read as u64) < LONGEST {
            self.file
                .seek(SeekFrom::Start(self.at))
                .with_context(told)?;
            return Ok(None);
        }
        self.at += read as u64;
        Ok(Some(String::from_utf8_lossy(&bytes).trim_end().to_owned()))
    }
}

struct Filter<'a> {
    wanted: &'a Wanted,
    /// The first moment, as it stands in a line.
    from: Option<String>,
}

impl<'a> Filter<'a> {
    fn new(wanted: &'a Wanted, from: Option<Millis>) -> Self {
        let from = from.and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
        Self {
            wanted,
            from: from.map(|t| t.strftime("%Y-%m-%dT%H:%M:%S").to_string()),
        }
    }

    /// The line as it is printed; None when nobody wants it, or it is no line of the log.
    fn shown(&self, line: &str, json: bool) -> Option<String> {
        let value: Value = serde_json::from_str(line).ok()?;
        let text = |name: &str| value[name].as_str().unwrap_or_default();
        let about = |name: &str, wanted: Option<i64>| {
            wanted.is_none_or(|wanted| value[name].as_i64() == Some(wanted))
        };
        let level = Severity::from_str(text("level"), true).ok()?;
        let part = self.wanted.service.as_deref().is_none_or(|part| {
            let logger = text("logger");
            logger.starts_with(part) || logger.split("::").any(|room| room == part)
        });
        let wanted = self.wanted.level.is_none_or(|most| level <= most)
            && about("group_id", self.wanted.group)
            && about("user_id", self.wanted.user)
            && about("trace_id", self.wanted.trace)
            && part
            && self
                .from
                .as_deref()
                .is_none_or(|from| text("timestamp") >= from);
        if !wanted {
            return None;
        }
        if json {
            return Some(line.to_owned());
        }
        let mut shown = format!(
            "{} - {} - {} - {}",
            text("timestamp"),
            text("logger"),
            text("level"),
            text("message")
        );
        for (name, more) in value.as_object()? {
            if !["timestamp", "level", "logger", "message"].contains(&name.as_str()) {
                shown.push_str(&format!(" {name}={more}"));
            }
        }
        Some(shown)
    }
}
