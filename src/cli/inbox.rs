//! `beadle inbox`: updates that wait or were given up.
use std::path::Path;
use std::process::ExitCode;

use clap::Subcommand;
use serde_json::{Value, json};

use super::live::{self, Place, text};
use crate::config::Env;
use crate::telegram::event::Lane;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show what is not handled (the default)
    List {
        /// At most this many, up to 1000
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// Print the JSON of one update, as Telegram sent it
    Show {
        /// Its number in the list
        number: i64,
    },
    /// Put a dead letter back, to be handled once more
    Replay {
        /// Its number in the list
        number: i64,
    },
}

pub(super) fn run(args: &Args, env: &Env) -> anyhow::Result<ExitCode> {
    let dir = args.place.dir(env)?;
    match args.verb.as_ref().unwrap_or(&Verb::List { limit: 50 }) {
        Verb::List { limit } => list(&dir, *limit, args.place.json)?,
        Verb::Show { number } => {
            let (item, _) = live::ask_one(&dir, "inbox.show", live::number(*number))?;
            println!("{}", text(&item, "raw"));
        }
        Verb::Replay { number } => {
            let (_, live) = live::ask_one(&dir, "inbox.replay", live::number(*number))?;
            let when = if live { "now" } else { "at the next start" };
            println!("Update {number} is back in its lane and will be handled {when}.");
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn list(dir: &Path, limit: u32, as_json: bool) -> anyhow::Result<()> {
    let rows = live::ask(dir, "inbox.list", json!({ "limit": limit }))?.items;
    if as_json {
        live::print_json(rows);
        return Ok(());
    }
    let (counts, _) = live::ask_one(dir, "inbox.counts", json!({}))?;
    println!(
        "{} waiting, {} dead letters",
        counts["waiting"], counts["dead"]
    );
    if let Some(absence) = counts["absence"].as_str() {
        println!("{absence}.");
    }
    for row in rows {
        println!(
            "{:>8}  {:<7}  {:<18} {:<22} {} attempts  {}",
            row["seq"],
            text(&row, "state"),
            text(&row, "kind"),
            lane(&row),
            row["attempts"],
            text(&row, "error")
        );
    }
    Ok(())
}

fn lane(row: &Value) -> String {
    let key = row["lane"].as_i64().unwrap_or_default();
    Lane::from_key(key).map_or_else(|| key.to_string(), |lane| lane.to_string())
}
