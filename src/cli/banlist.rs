//! `beadle banlist`: lists of people who are not wanted elsewhere.
use std::process::ExitCode;

use clap::Subcommand;
use serde_json::json;

use super::live::{self, Place, text};
use crate::config::Env;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Clone, Copy, Subcommand)]
enum Verb {
    /// Show each list: its ids, its age, what went wrong (the default)
    Status,
    /// Look at all lists now
    Refresh {
        /// Take a list even when it has shrunk by half
        #[arg(long)]
        force: bool,
    },
    /// Tell on which lists somebody is
    Check {
        /// The person's Telegram user id
        id: i64,
    },
}

pub(super) fn run(args: &Args, env: &Env) -> anyhow::Result<ExitCode> {
    let dir = args.place.dir(env)?;
    match args.verb.unwrap_or(Verb::Status) {
        Verb::Status => {
            let rows = live::ask(&dir, "banlist.status", json!({}))?.items;
            if args.place.json {
                live::print_json(rows);
                return Ok(ExitCode::SUCCESS);
            }
            for row in rows {
                println!("{}", text(&row, "source"));
                println!(
                    "  {} ids, as of {}, looked at again {}",
                    row["ids"],
                    live::time(&row, "fetched_at"),
                    live::time(&row, "next_at"),
                );
                if let Some(error) = row["error"].as_str() {
                    let pause = if row["broken"] == true {
                        "; it is tried once a day now"
                    } else {
                        ""
                    };
                    println!("  failed {} times: {error}{pause}", row["failures"]);
                }
            }
        }
        Verb::Refresh { force } => {
            let (item, live) = live::ask_one(&dir, "banlist.refresh", json!({ "force": force }))?;
            let when = if live { "now" } else { "at the next start" };
            println!("Lists that will be looked at {when}: {}", item["lists"]);
        }
        Verb::Check { id } => {
            let rows = live::ask(&dir, "banlist.check", live::number(id))?.items;
            if args.place.json {
                live::print_json(rows);
                return Ok(ExitCode::SUCCESS);
            }
            for row in rows {
                let word = match (row["listed"] == true, row["copy"] == true) {
                    (true, _) => "listed",
                    (false, true) => "not listed",
                    (false, false) => "no copy yet",
                };
                println!("{word:<12} {}", text(&row, "source"));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
