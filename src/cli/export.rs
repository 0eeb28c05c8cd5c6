//! `beadle export person`: all that is kept about one person, as a JSON file to hand over.
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use serde_json::{Map, Value, json};

use super::live::{self, Place};
use crate::base::clock::{Clock as _, SystemClock};
use crate::community::export::{Part, document};
use crate::config::Env;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    whose: Whose,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, clap::Subcommand)]
enum Whose {
    /// One person, in all groups; other people's words and names are left out
    Person {
        /// The person's Telegram id
        id: i64,
        /// Write it here, readable for you only, instead of printing it
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

pub(super) fn run(args: &Args, env: &Env) -> anyhow::Result<ExitCode> {
    let Whose::Person { id, out } = &args.whose;
    let dir = args.place.dir(env)?;
    // Before the audit says that it was made.
    let file = out.as_deref().map(create).transpose()?;
    let (tables, rows) = collect(&dir, *id)?;
    let whole = Part {
        tables,
        rows,
        next: None,
    };
    let text = document(*id, &whole, 1, SystemClock.now());
    let Some((path, mut file)) = file else {
        println!("{text}");
        return Ok(ExitCode::SUCCESS);
    };
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .with_context(|| format!("cannot write {}", path.display()))?;
    if args.place.json {
        live::print_json(vec![json!({ "person": id, "rows": rows, "file": path })]);
    } else if rows == 0 {
        println!(
            "Nothing is kept about person {id}: {} says so.",
            path.display()
        );
    } else {
        println!("{rows} rows about person {id} are in {}.", path.display());
    }
    Ok(ExitCode::SUCCESS)
}

/// A new file that nobody else reads.
fn create(path: &Path) -> anyhow::Result<(&Path, std::fs::File)> {
    let made = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    let file = made.with_context(|| {
        format!(
            "cannot make {}: name a file that does not exist, in a folder that does",
            path.display()
        )
    })?;
    Ok((path, file))
}

/// All parts, joined.
fn collect(dir: &Path, person: i64) -> anyhow::Result<(Map<String, Value>, usize)> {
    let mut tables = Map::new();
    let (mut rows, mut from) = (0, Value::Null);
    loop {
        let args = json!({ "number": person, "from": from });
        let (mut part, _live) = live::ask_one(dir, "person.copy", args)?;
        rows += part["rows"].as_u64().unwrap_or(0);
        if let Value::Object(more) = part["kept"].take() {
            for (table, list) in more {
                let all = tables.entry(table).or_insert_with(|| json!([]));
                if let (Value::Array(all), Value::Array(list)) = (all, list) {
                    all.extend(list);
                }
            }
        }
        from = part["next"].take();
        if from.is_null() {
            return Ok((tables, usize::try_from(rows).unwrap_or(usize::MAX)));
        }
    }
}
