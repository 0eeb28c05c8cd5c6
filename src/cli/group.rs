//! `beadle group`: groups, their settings as files, their figures, what they taught.
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Subcommand;
use serde_json::{Value, json};

use super::history;
use super::live::{self, Place, text};
use super::samples;
use crate::community::settings::LONGEST_FILE;
use crate::config::Env;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
    /// The group's id, where Beadle is in several
    #[arg(long, value_name = "ID", global = true, allow_negative_numbers = true)]
    group: Option<i64>,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show the groups that Beadle is in
    List,
    /// Show what holds in a group, and what was chosen
    Show,
    /// Print a group's settings and lists as TOML
    Export,
    /// Take in settings and lists from TOML: all of it or, with every mistake named, none
    Import {
        /// The file; - is the standard input
        file: PathBuf,
        /// Say what would change, and change nothing
        #[arg(long)]
        dry_run: bool,
        /// What the file does not name goes back to its default
        #[arg(long)]
        replace: bool,
    },
    /// Set one setting; `default` takes a choice back
    Set {
        /// Its path, as moderation.spam_at
        path: String,
        /// Its value, as in chat
        #[arg(required = true, allow_negative_numbers = true)]
        value: Vec<String>,
        /// Say what would change, and change nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Show what moderation did, and how right moderators found it
    Stats {
        /// The last so many days, up to 365
        #[arg(long, default_value_t = 7)]
        days: u32,
    },
    /// What a group taught, out of and into files of one message a line
    #[command(subcommand)]
    Samples(samples::Samples),
    /// Learn from the group's own history, exported by Telegram Desktop
    Train(history::Train),
    /// Take back all that was learned from the group's history
    Untrain,
}

pub(super) fn run(args: &Args, env: &Env) -> anyhow::Result<ExitCode> {
    let (dir, group) = (args.place.dir(env)?, args.group);
    let as_json = args.place.json;
    match &args.verb {
        Verb::List => list(&dir, as_json),
        Verb::Show => show(&dir, group, as_json),
        Verb::Export => {
            let (item, _) = live::ask_one(&dir, "group.export", json!({ "number": group }))?;
            if as_json {
                live::print_json(vec![item]);
            } else {
                print!("{}", text(&item, "toml"));
            }
            Ok(ExitCode::SUCCESS)
        }
        Verb::Import {
            file,
            dry_run,
            replace,
        } => {
            let toml = read(file, LONGEST_FILE as u64)?;
            let asked =
                json!({ "number": group, "toml": toml, "dry_run": dry_run, "replace": replace });
            changed(&dir, "group.import", asked, as_json)
        }
        Verb::Set {
            path,
            value,
            dry_run,
        } => {
            let words = value.join(" ");
            let asked =
                json!({ "number": group, "path": path, "words": words, "dry_run": dry_run });
            changed(&dir, "group.set", asked, as_json)
        }
        Verb::Stats { days } => stats(&dir, json!({ "number": group, "days": days }), as_json),
        Verb::Samples(verb) => samples::run(verb, &dir, group, as_json),
        Verb::Train(verb) => history::train(verb, &dir, one(group)?, as_json),
        Verb::Untrain => history::untrain(&dir, one(group)?, as_json),
    }
}

/// The group that a history is of: it is named, for what is learned in the wrong one is learned by all of it.
fn one(group: Option<i64>) -> anyhow::Result<i64> {
    group.context("name the group with --group ID: `beadle group list` shows them")
}

/// A text file of at most `longest` bytes, or the standard input.
pub(super) fn read(file: &Path, longest: u64) -> anyhow::Result<String> {
    use std::io::Read as _;
    let mut text = String::new();
    let named = file.display();
    let mut source: Box<dyn std::io::Read> = if file == Path::new("-") {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(file).with_context(|| format!("cannot open {named}"))?)
    };
    source
        .by_ref()
        .take(longest + 1)
        .read_to_string(&mut text)
        .with_context(|| format!("cannot read {named} as UTF-8 text"))?;
    anyhow::ensure!(
        text.len() as u64 <= longest,
        "{named} is longer than {} KiB: split it",
        longest / 1024
    );
    Ok(text)
}

fn list(dir: &Path, as_json: bool) -> anyhow::Result<ExitCode> {
    let rows = live::ask(dir, "group.list", json!({ "limit": 1_000 }))?.items;
    if as_json {
        live::print_json(rows);
        return Ok(ExitCode::SUCCESS);
    }
    if rows.is_empty() {
        println!("Beadle is in no group yet.");
    }
    for row in rows {
        let mode = row["mode"].as_str().unwrap_or("-");
        println!("{:>16}  {mode:<8} {}", row["id"], text(&row, "title"));
    }
    Ok(ExitCode::SUCCESS)
}

fn show(dir: &Path, group: Option<i64>, as_json: bool) -> anyhow::Result<ExitCode> {
    let rows = live::ask(dir, "group.show", json!({ "number": group }))?.items;
    if as_json {
        live::print_json(rows);
        return Ok(ExitCode::SUCCESS);
    }
    for row in rows {
        let mark = if row["chosen"] == true { "*" } else { " " };
        let shown = text(&row, "shown").replace('\n', " | ");
        println!("{mark} {:<34} {shown}", text(&row, "path"));
    }
    println!("* was chosen; the others are defaults");
    Ok(ExitCode::SUCCESS)
}

/// Characters of a value that are printed; notes may be long.
const SHOWN: usize = 120;

/// Prints what a change altered, or every mistake.
fn changed(dir: &Path, verb: &str, asked: Value, as_json: bool) -> anyhow::Result<ExitCode> {
    let (item, _) = live::ask_one(dir, verb, asked)?;
    let faults = item["faults"].as_array().cloned();
    let code = match faults {
        Some(_) => ExitCode::FAILURE,
        None => ExitCode::SUCCESS,
    };
    if as_json {
        live::print_json(vec![item]);
        return Ok(code);
    }
    if let Some(faults) = faults {
        eprintln!("Nothing was changed:");
        for fault in faults {
            eprintln!("  {}", fault.as_str().unwrap_or_default());
        }
        return Ok(code);
    }
    let altered = item["altered"].as_array().cloned().unwrap_or_default();
    for one in &altered {
        let value = |name: &str| match &one[name] {
            Value::Null => "default".to_owned(),
            value => {
                let shown = value.to_string();
                match shown.char_indices().nth(SHOWN) {
                    Some((end, _)) => format!("{}…", &shown[..end]),
                    None => shown,
                }
            }
        };
        println!(
            "{}: {} -> {}",
            text(one, "path"),
            value("before"),
            value("after")
        );
    }
    let what = match (altered.len(), item["dry_run"] == true) {
        (0, _) => "Nothing differs.",
        (_, true) => "Nothing was changed yet: leave out --dry-run to do it.",
        (_, false) => "Done.",
    };
    println!("{what}");
    Ok(code)
}

fn stats(dir: &Path, asked: Value, as_json: bool) -> anyhow::Result<ExitCode> {
    let (item, _) = live::ask_one(dir, "group.stats", asked)?;
    if as_json {
        live::print_json(vec![item]);
        return Ok(ExitCode::SUCCESS);
    }
    let percent = |name: &str| {
        item[name]
            .as_f64()
            .map_or_else(|| "-".to_owned(), |n| format!("{:.1} %", n * 100.0))
    };
    println!("last {} days of group {}", item["days"], item["group"]);
    println!("messages   {}", item["messages"]);
    println!("removed    {}", item["removed"]);
    println!(
        "precision  {}  ({} right, {} taken back)",
        percent("precision"),
        item["right"],
        item["wrong"]
    );
    println!(
        "recall     {}  ({} missed)",
        percent("recall"),
        item["missed"]
    );
    for reason in item["reasons"].as_array().into_iter().flatten() {
        println!("{:>7}  {}", reason[1], reason[0].as_str().unwrap_or("-"));
    }
    for message in item["mistakes"].as_array().into_iter().flatten() {
        println!("taken back: message {message}");
    }
    Ok(ExitCode::SUCCESS)
}
