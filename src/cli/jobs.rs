//! `beadle jobs`: work done in the background.
use std::path::Path;
use std::process::ExitCode;

use clap::Subcommand;
use serde_json::{Value, json};

use super::live::{self, Place, text, time};
use crate::config::Env;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Clone, Subcommand)]
enum Verb {
    /// Show jobs, the newest first (the default)
    List {
        /// Only those that are later, ready, running, done, dead or cancelled
        #[arg(long)]
        state: Option<String>,
        /// Only those of a kind, as `ground.expire`
        #[arg(long)]
        kind: Option<String>,
        /// At most this many, up to 1000
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// Show all about one job
    Show {
        /// Its number in the list
        number: i64,
    },
    /// Try a dead or cancelled job again
    Retry {
        /// Its number in the list
        number: i64,
    },
    /// Cancel a job that waits or runs
    Cancel {
        /// Its number in the list
        number: i64,
    },
    /// Forget a dead job
    Discard {
        /// Its number in the list
        number: i64,
    },
    /// Show what comes again, and when
    Schedules {
        /// At most this many, up to 1000
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
}

pub(super) fn run(args: &Args, env: &Env) -> anyhow::Result<ExitCode> {
    let dir = args.place.dir(env)?;
    let newest = Verb::List {
        state: None,
        kind: None,
        limit: 50,
    };
    match args.verb.clone().unwrap_or(newest) {
        Verb::List { state, kind, limit } => {
            let asked = json!({ "state": state, "kind": kind, "limit": limit });
            list(&dir, asked, args.place.json)?;
        }
        Verb::Show { number } => show(&dir, number, args.place.json)?,
        Verb::Retry { number } => {
            let (_, live) = live::ask_one(&dir, "jobs.retry", live::number(number))?;
            let when = if live { "now" } else { "at the next start" };
            println!("Job {number} will be tried again {when}.");
        }
        Verb::Cancel { number } => {
            let (item, _) = live::ask_one(&dir, "jobs.cancel", live::number(number))?;
            if item["at_once"] == true {
                println!("Job {number} is cancelled.");
            } else {
                println!("Job {number} was told to end; that takes a few seconds.");
            }
        }
        Verb::Discard { number } => {
            live::ask_one(&dir, "jobs.discard", live::number(number))?;
            println!("Job {number} is forgotten.");
        }
        Verb::Schedules { limit } => schedules(&dir, limit, args.place.json)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn list(dir: &Path, asked: Value, as_json: bool) -> anyhow::Result<()> {
    let rows = live::ask(dir, "jobs.list", asked)?.items;
    if as_json {
        live::print_json(rows);
        return Ok(());
    }
    let (counts, _) = live::ask_one(dir, "jobs.counts", json!({}))?;
    println!(
        "{} ready, {} running, {} later, {} dead",
        counts["ready"], counts["running"], counts["later"], counts["dead"]
    );
    for row in rows {
        println!(
            "{:>8}  {:<9}  {:<22} {:<20} {}/{} trials  {}",
            row["id"],
            text(&row, "state"),
            text(&row, "kind"),
            time(&row, "run_at"),
            row["attempts"],
            row["max_attempts"],
            told(&row)
        );
    }
    Ok(())
}

/// What went wrong, or how far it is.
fn told(row: &Value) -> String {
    if let Some(error) = row["error"].as_str() {
        return error.to_owned();
    }
    let note = text(row, "note");
    match row["progress"]
        .as_f64()
        .filter(|_| row["state"] == "running")
    {
        Some(part) => format!("{:.0} % {note}", part * 100.0),
        None => note.to_owned(),
    }
}

fn show(dir: &Path, number: i64, as_json: bool) -> anyhow::Result<()> {
    let (item, _) = live::ask_one(dir, "jobs.show", live::number(number))?;
    if as_json {
        live::print_json(vec![item]);
        return Ok(());
    }
    for (name, value) in item.as_object().into_iter().flatten() {
        let shown = match value {
            Value::Null => continue,
            Value::Number(_) if name.ends_with("_at") || name == "lease_until" => time(&item, name),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        println!("{name:<13} {shown}");
    }
    Ok(())
}

fn schedules(dir: &Path, limit: u32, as_json: bool) -> anyhow::Result<()> {
    let rows = live::ask(dir, "jobs.schedules", json!({ "limit": limit }))?.items;
    if as_json {
        live::print_json(rows);
        return Ok(());
    }
    for row in rows {
        println!(
            "{:<22} {:<16} {:<18} missed: {:<5} next {}  last {}",
            text(&row, "name"),
            text(&row, "cron"),
            text(&row, "zone"),
            text(&row, "misfire"),
            time(&row, "next_at"),
            time(&row, "last_at")
        );
    }
    Ok(())
}
