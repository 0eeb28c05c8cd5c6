//! `beadle db`: the database file: its state, its soundness, a copy, the way back after an upgrade.
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;
use serde_json::{Value, json};

use super::live::{self, Place, text};
use crate::base::clock::{Clock as _, SystemClock};
use crate::config::Env;
use crate::store::{DataDirLock, Store, StoreError, StoreOptions, care};

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
    /// Look for damage: reads all of it, also while Beadle runs
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
        Verb::Backup { file } => backup(&dir, file, json),
        Verb::Rollback { yes } => rollback(&dir, *yes, json),
        Verb::Erase(erase) => super::erase::run(erase, &dir, json),
        Verb::Init => Ok(ExitCode::SUCCESS),
    }
}

/// What a running Beadle says of its database, else what is found here, under the lock of the data directory.
/// The file is left as it is: one of an older version is not upgraded for a look, and a damaged one is not opened.
fn look(
    dir: &Path,
    verb: &str,
    args: Value,
    here: impl FnOnce() -> Result<Value, StoreError>,
) -> anyhow::Result<Value> {
    if let Some(mut items) = live::ask_running(dir, verb, args)? {
        return Ok(items.pop().unwrap_or_default());
    }
    let _lock = DataDirLock::acquire(dir)?;
    Ok(here()?)
}

fn backup(dir: &Path, file: &Path, json: bool) -> anyhow::Result<ExitCode> {
    let whole = std::path::absolute(file)?;
    let made = look(dir, "db.backup", json!({ "file": whole }), || {
        Ok(json!({ "bytes": care::backup(dir, &whole)? }))
    })?;
    if json {
        println!(
            "{}",
            json!({ "v": 1, "file": file, "bytes": made["bytes"] })
        );
    } else {
        let bytes = size(made["bytes"].as_u64().unwrap_or(0));
        println!("{} holds a copy, {bytes}.", file.display());
    }
    Ok(ExitCode::SUCCESS)
}

fn info(dir: &Path, json: bool) -> anyhow::Result<ExitCode> {
    let info = look(dir, "db.info", json!({}), || {
        Ok(serde_json::to_value(care::info(dir)?)?)
    })?;
    if json {
        live::print_json(vec![info]);
        return Ok(ExitCode::SUCCESS);
    }
    let bytes = |name: &str| size(info[name].as_u64().unwrap_or(0));
    println!("{}", text(&info, "path"));
    println!(
        "  {} and {} of log; {} of it hold nothing",
        bytes("bytes"),
        bytes("wal_bytes"),
        bytes("free_bytes")
    );
    let (schema, known) = (info["schema"].as_i64(), info["known_schema"].as_i64());
    let number = |n: Option<i64>| n.unwrap_or_default();
    let state = match schema.cmp(&known) {
        std::cmp::Ordering::Less => format!(
            "this program knows {}: it is upgraded at the next start, after a copy",
            number(known)
        ),
        std::cmp::Ordering::Equal => "up to date".to_owned(),
        std::cmp::Ordering::Greater => format!(
            "this program knows {} only and will not open it",
            number(known)
        ),
    };
    let sqlite = text(&info, "sqlite");
    println!("  schema {}, {state}; SQLite {sqlite}", number(schema));
    for copy in info["copies"].as_array().into_iter().flatten() {
        println!(
            "  copy before an upgrade: {}",
            copy.as_str().unwrap_or_default()
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn check(dir: &Path, quick: bool, json: bool) -> anyhow::Result<ExitCode> {
    let found = look(dir, "db.check", json!({ "quick": quick }), || {
        Ok(json!({ "complaints": care::check(dir, quick)? }))
    })?;
    let complaints = found["complaints"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    let sound = complaints.is_empty();
    if json {
        println!(
            "{}",
            json!({ "v": 1, "sound": sound, "complaints": complaints })
        );
    } else if sound {
        println!("The database is sound.");
    } else {
        for line in complaints {
            println!("{}", line.as_str().unwrap_or_default());
        }
        println!("The database is damaged. Stop Beadle and restore a backup.");
    }
    Ok(if sound {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn rollback(dir: &Path, yes: bool, json: bool) -> anyhow::Result<ExitCode> {
    let now = SystemClock.now();
    let mut plan = if yes {
        serde_json::to_value(care::rollback(dir, now)?)?
    } else {
        look(dir, "db.rollback_plan", json!({}), || {
            Ok(serde_json::to_value(care::plan_rollback(dir, now)?)?)
        })?
    };
    if json {
        plan["done"] = yes.into();
        live::print_json(vec![plan]);
        return Ok(ExitCode::SUCCESS);
    }
    let (from, kept) = (text(&plan, "from"), text(&plan, "kept"));
    let schema = &plan["schema"];
    if yes {
        println!(
            "The database is {from} again, schema {schema}. What it was before lies in {kept}.\n\
             Now install the version of Beadle that you had then: this one would upgrade it again."
        );
    } else {
        println!(
            "{from} (schema {schema}) would take the place of the database (schema {}), which would be kept as {kept}.\n\
             What came in since the upgrade would be missing. Stop Beadle, then: beadle db rollback --yes",
            plan["replaces"]
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
