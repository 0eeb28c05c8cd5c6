//! `beadle outbox`: calls to Telegram that wait, failed, or may have been made.
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;

use super::runtime;
use crate::base::clock::{Clock as _, SystemClock};
use crate::config::Env;
use crate::store::{DataDirLock, Store, StoreError, StoreOptions, Tx};
use crate::telegram::sender::outbox::{self, Filter, OutboxRow};

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
    /// At most this many
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
    let dir = super::existing_data_dir(args.data_dir.as_deref(), env)?;
    match args.verb.unwrap_or(Verb::List) {
        Verb::List => {
            let conn = crate::store::open_reader(&dir)?;
            let counts = outbox::counts(&conn)?;
            if !args.json {
                let words = ["queued", "sending", "done", "failed", "unknown", "expired"];
                let line: Vec<String> = words
                    .iter()
                    .zip(counts)
                    .map(|(w, n)| format!("{n} {w}"))
                    .collect();
                println!("{}", line.join(", "));
            }
            print(
                &outbox::list(&conn, Filter::default(), args.limit)?,
                args.json,
            );
        }
        Verb::Unknown => {
            let conn = crate::store::open_reader(&dir)?;
            let rows = outbox::unknown(&conn, args.limit)?;
            if rows.is_empty() && !args.json {
                println!("None: every call that left has an answer.");
            }
            print(&rows, args.json);
        }
        Verb::Retry { number } => {
            let again = change(&dir, move |tx| outbox::retry(tx, number, SystemClock.now()))?;
            match again {
                Some(id) => println!("Call {id} will be made at the next start."),
                None => anyhow::bail!(
                    "there is no failed or unknown call number {number}: `beadle outbox` lists them"
                ),
            }
        }
        Verb::Drop { number } => {
            let found = change(&dir, move |tx| outbox::drop(tx, number, SystemClock.now()))?;
            anyhow::ensure!(
                found,
                "there is no open call number {number}: `beadle outbox` lists them"
            );
            println!("Call {number} is given up.");
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn change<T: Send + 'static>(
    dir: &Path,
    f: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
) -> anyhow::Result<T> {
    let _lock = DataDirLock::acquire(dir)?;
    runtime()?.block_on(async {
        let store = Store::open(&StoreOptions::new(dir))?;
        let result = store.write(f).await;
        store.close();
        Ok(result?)
    })
}

fn print(rows: &[OutboxRow], json: bool) {
    for row in rows {
        if json {
            let object = serde_json::json!({
                "v": 1, "id": row.id, "state": row.state, "method": row.method, "chat": row.chat,
                "attempts": row.attempts, "created_at": row.created_at, "error": row.error,
            });
            println!("{object}");
        } else {
            let chat = row.chat.map_or_else(String::new, |c| c.to_string());
            let error = row.error.as_deref().unwrap_or("");
            println!(
                "{:>8}  {:<8}  {:<22} {chat:<16} {} attempts  {error}",
                row.id,
                word(row),
                row.method,
                row.attempts
            );
        }
    }
}

/// The state in one word.
fn word(row: &OutboxRow) -> String {
    serde_json::to_value(row.state)
        .ok()
        .and_then(|v| v.as_str().map(str::to_owned))
        .unwrap_or_default()
}
