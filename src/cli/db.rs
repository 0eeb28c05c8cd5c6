//! `beadle db`: the database file: its state, its soundness, a copy, the way back after an upgrade.
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;
use serde_json::json;

use super::live::Place;
use crate::base::clock::{Clock as _, SystemClock};
use crate::config::Env;
use crate::store::{DataDirLock, Store, StoreOptions, care};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Size, schema and copies
    #[command(alias = "status")]
    Info,
    /// Look for damage: reads all of it, and may run beside a running Beadle
    Check {
        /// Leave out whether indexes match their tables, which takes most of the time
        #[arg(long)]
        quick: bool,
    },
    /// Write a copy, whole and sound, also while Beadle runs
    Backup {
        /// The file to write; it must not exist
        file: PathBuf,
    },
    /// Go back to the copy made before the last upgrade; what came in since is set aside
    Rollback {
        /// Do it; without this the plan is shown
        #[arg(long)]
        yes: bool,
    },
    /// Erase everything that is kept about one person, for good
    Erase(super::erase::Args),
    /// Make the database, or bring it up to date
    #[command(hide = true, alias = "migrate")]
    Init,
}

pub(super) fn run(args: &Args, env: &Env) -> anyhow::Result<ExitCode> {
    let json = args.place.json;
    if matches!(args.verb, Verb::Init) {
        return init(&args.place.any_dir(env)?);
    }
    let dir = args.place.dir(env)?;
    match &args.verb {
        Verb::Info => info(&dir, json),
        Verb::Check { quick } => check(&dir, *quick, json),
        Verb::Backup { file } => {
            let bytes = care::backup(&dir, file)?;
            if json {
                println!("{}", json!({ "v": 1, "file": file, "bytes": bytes }));
            } else {
                println!("{} holds a copy, {}.", file.display(), size(bytes));
            }
            Ok(ExitCode::SUCCESS)
        }
        Verb::Rollback { yes } => rollback(&dir, *yes, json),
        Verb::Erase(erase) => super::erase::run(erase, &dir, json),
        Verb::Init => Ok(ExitCode::SUCCESS),
    }
}

fn info(dir: &Path, json: bool) -> anyhow::Result<ExitCode> {
    let info = care::info(dir)?;
    if json {
        let mut object = serde_json::to_value(&info)?;
        object["v"] = 1.into();
        println!("{object}");
        return Ok(ExitCode::SUCCESS);
    }
    println!("{}", info.path.display());
    println!(
        "  {} and {} of log; {} of it hold nothing",
        size(info.bytes),
        size(info.wal_bytes),
        size(info.free_bytes)
    );
    let state = match info.schema.cmp(&info.known_schema) {
        std::cmp::Ordering::Less => format!(
            "this program knows {}: it is upgraded at the next start, after a copy",
            info.known_schema
        ),
        std::cmp::Ordering::Equal => "up to date".to_owned(),
        std::cmp::Ordering::Greater => format!(
            "this program knows {} only and will not open it",
            info.known_schema
        ),
    };
    println!("  schema {}, {state}; SQLite {}", info.schema, info.sqlite);
    for copy in &info.copies {
        println!("  copy before an upgrade: {}", copy.display());
    }
    Ok(ExitCode::SUCCESS)
}

fn check(dir: &Path, quick: bool, json: bool) -> anyhow::Result<ExitCode> {
    let found = care::check(dir, quick)?;
    if json {
        let sound = found.is_empty();
        println!("{}", json!({ "v": 1, "sound": sound, "complaints": found }));
    } else if found.is_empty() {
        println!("The database is sound.");
    } else {
        for line in &found {
            println!("{line}");
        }
        println!("The database is damaged. Stop Beadle and restore a backup.");
    }
    Ok(if found.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn rollback(dir: &Path, yes: bool, json: bool) -> anyhow::Result<ExitCode> {
    let now = SystemClock.now();
    let done = if yes {
        care::rollback(dir, now)?
    } else {
        care::plan_rollback(dir, now)?
    };
    if json {
        let mut object = serde_json::to_value(&done)?;
        object["v"] = 1.into();
        object["done"] = yes.into();
        println!("{object}");
        return Ok(ExitCode::SUCCESS);
    }
    let (from, kept) = (done.from.display(), done.kept.display());
    if yes {
        println!(
            "The database is {from} again, schema {}. What it was before lies in {kept}.\n\
             Now install the version of Beadle that you had then: this one would upgrade it again.",
            done.schema
        );
    } else {
        println!(
            "{from} (schema {}) would take the place of the database (schema {}), which would be kept as {kept}.\n\
             What came in since the upgrade would be missing. Stop Beadle, then: beadle db rollback --yes",
            done.schema, done.replaces
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn init(dir: &Path) -> anyhow::Result<ExitCode> {
    let _lock = DataDirLock::acquire(dir)?;
    Store::open(&StoreOptions::new(dir))?.close();
    println!("The database in {} is up to date.", dir.display());
    Ok(ExitCode::SUCCESS)
}

/// Bytes for people.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10)];
    for (unit, of) in UNITS {
        if bytes >= of {
            return format!("{:.1} {unit}", bytes as f64 / of as f64);
        }
    }
    format!("{bytes} bytes")
}
