//! `beadle inbox`: updates that wait or were given up.
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;

use super::runtime;
use crate::base::clock::{Clock as _, SystemClock};
use crate::config::Env;
use crate::store::{DataDirLock, Store, StoreOptions};
use crate::telegram::event::Lane;
use crate::telegram::intake::inbox;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
    /// Folder of the database [env: BEADLE_DATA_DIR]
    #[arg(long, value_name = "DIR", global = true)]
    data_dir: Option<PathBuf>,
    /// One JSON object a line
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show what is not handled (the default)
    List {
        /// At most this many
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// Print the JSON of one update, as Telegram sent it
    Show {
        /// Its number in the list
        number: i64,
    },
    /// Put a dead letter back, to be handled at the next start
    Replay {
        /// Its number in the list
        number: i64,
    },
}

pub(super) fn run(args: &Args, env: &Env) -> anyhow::Result<ExitCode> {
    let dir = super::existing_data_dir(args.data_dir.as_deref(), env)?;
    runtime()?.block_on(async {
        match args.verb.as_ref().unwrap_or(&Verb::List { limit: 50 }) {
            Verb::List { limit } => list(&dir, *limit, args.json),
            Verb::Show { number } => show(&dir, *number),
            Verb::Replay { number } => replay(&dir, *number).await,
        }
    })
}

fn list(dir: &std::path::Path, limit: usize, json: bool) -> anyhow::Result<ExitCode> {
    let conn = crate::store::open_reader(dir)?;
    let rows = inbox::open_rows(&conn, limit)?;
    if json {
        for row in rows {
            let mut object = serde_json::to_value(&row)?;
            object["v"] = 1.into();
            println!("{object}");
        }
        return Ok(ExitCode::SUCCESS);
    }
    let counts = inbox::counts(&conn)?;
    println!("{} waiting, {} dead letters", counts.waiting, counts.dead);
    if let Some(absence) = inbox::recent_absence(&conn, SystemClock.now())? {
        println!("{absence}.");
    }
    for row in rows {
        let lane = Lane::from_key(row.lane).map_or_else(|| row.lane.to_string(), |l| l.to_string());
        let error = row.error.as_deref().unwrap_or("");
        println!(
            "{:>8}  {:<7}  {:<18} {lane:<22} {} attempts  {error}",
            row.seq, row.state, row.kind, row.attempts
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn show(dir: &std::path::Path, number: i64) -> anyhow::Result<ExitCode> {
    let conn = crate::store::open_reader(dir)?;
    let raw = inbox::raw(&conn, number)?.ok_or_else(|| {
        anyhow::anyhow!("there is no update number {number}; it may have been deleted by age")
    })?;
    println!("{raw}");
    Ok(ExitCode::SUCCESS)
}

async fn replay(dir: &std::path::Path, number: i64) -> anyhow::Result<ExitCode> {
    let _lock = DataDirLock::acquire(dir)?;
    let store = Store::open(&StoreOptions::new(dir))?;
    let found = store.write(move |tx| inbox::replay(tx, number)).await?;
    store.close();
    anyhow::ensure!(
        found,
        "there is no dead letter number {number}: `beadle inbox` lists them"
    );
    println!("Update {number} is back in its lane and will be handled at the next start.");
    Ok(ExitCode::SUCCESS)
}
