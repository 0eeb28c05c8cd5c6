//! `beadle outbox`: calls to Telegram that wait, failed, or may have been made.
use std::process::ExitCode;

use clap::Subcommand;
use serde_json::{Value, json};

use super::live::{self, Place, text};
use crate::config::Env;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
    #[command(flatten)]
    place: Place,
    /// At most this many, up to 1000
    #[arg(long, default_value_t = 50, global = true)]
    limit: u32,
}

#[derive(Debug, Clone, Copy, Subcommand)]
enum Verb {
    /// Show the newest calls of every state (the default)
    List,
    /// Calls that may or may not have been made: Beadle never repeats them on its own
    Unknown,
    /// Make a failed or unknown call again
    Retry {
        /// Its number in the list
        number: i64,
    },
    /// Give a call up
    Drop {
        /// Its number in the list
        number: i64,
    },
}

pub(super) fn run(args: &Args, env: &Env) -> anyhow::Result<ExitCode> {
    let dir = args.place.dir(env)?;
    let limit = json!({ "limit": args.limit });
    match args.verb.unwrap_or(Verb::List) {
        Verb::List => {
            if !args.place.json {
                let (counts, _) = live::ask_one(&dir, "outbox.counts", json!({}))?;
                let words = ["queued", "sending", "done", "failed", "unknown", "expired"];
                let line: Vec<String> = words
                    .iter()
                    .map(|w| format!("{} {w}", counts[*w]))
                    .collect();
                println!("{}", line.join(", "));
            }
            let rows = live::ask(&dir, "outbox.list", limit)?.items;
            print(rows, args.place.json);
        }
        Verb::Unknown => {
            let rows = live::ask(&dir, "outbox.unknown", limit)?.items;
            if rows.is_empty() && !args.place.json {
                println!("None: every call that left has an answer.");
            }
            print(rows, args.place.json);
        }
        Verb::Retry { number } => {
            let (item, live) = live::ask_one(&dir, "outbox.retry", live::number(number))?;
            let when = if live { "now" } else { "at the next start" };
            println!("Call {} will be made {when}.", item["number"]);
        }
        Verb::Drop { number } => {
            live::ask_one(&dir, "outbox.drop", live::number(number))?;
            println!("Call {number} is given up.");
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn print(rows: Vec<Value>, as_json: bool) {
    if as_json {
        live::print_json(rows);
        return;
    }
    for row in rows {
        let chat = row["chat"]
            .as_i64()
            .map_or_else(String::new, |c| c.to_string());
        println!(
            "{:>8}  {:<8}  {:<22} {chat:<16} {} attempts  {}",
            row["id"],
            text(&row, "state"),
            text(&row, "method"),
            row["attempts"],
            text(&row, "error")
        );
    }
}
