//! Verbs that look into a running Beadle, or into its database when none runs.
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::app::admin::{self, Answers};
use crate::config::Env;

/// Where to look, and how to print.
#[derive(Debug, clap::Args)]
pub(super) struct Place {
    /// Folder of the database [env: BEADLE_DATA_DIR]
    #[arg(long, value_name = "DIR", global = true)]
    data_dir: Option<PathBuf>,
    /// One JSON object a line
    #[arg(long, global = true)]
    pub(super) json: bool,
}

impl Place {
    /// The data directory, whether it holds a database or not.
    pub(super) fn any_dir(&self, env: &Env) -> anyhow::Result<PathBuf> {
        Ok(env.data_dir_or(self.data_dir.as_deref())?)
    }

    /// The data directory, which must hold a database.
    pub(super) fn dir(&self, env: &Env) -> anyhow::Result<PathBuf> {
        super::existing_data_dir(self.data_dir.as_deref(), env)
    }
}

/// Asks the Beadle of this data directory.
pub(super) fn ask(dir: &Path, verb: &str, args: Value) -> anyhow::Result<Answers> {
    let answers = super::runtime()?.block_on(admin::ask(dir, verb, args))?;
    Ok(answers)
}

/// Asks the Beadle that runs on this data directory; None when none does.
pub(super) fn ask_running(
    dir: &Path,
    verb: &str,
    args: Value,
) -> anyhow::Result<Option<Vec<Value>>> {
    let items = super::runtime()?.block_on(admin::ask_running(dir, verb, args))?;
    Ok(items)
}

/// The same as [`ask`], for one thing.
pub(super) fn ask_one(dir: &Path, verb: &str, args: Value) -> anyhow::Result<(Value, bool)> {
    let mut answers = ask(dir, verb, args)?;
    let item = answers.items.pop().unwrap_or_default();
    Ok((item, answers.live))
}

/// The arguments for the thing of this number.
pub(super) fn number(number: i64) -> Value {
    json!({ "number": number })
}

/// Prints items, one JSON object a line with its version.
pub(super) fn print_json(items: Vec<Value>) {
    for mut item in items {
        item["v"] = 1.into();
        println!("{item}");
    }
}

/// A text of an item, empty when there is none.
pub(super) fn text<'a>(item: &'a Value, name: &str) -> &'a str {
    item[name].as_str().unwrap_or_default()
}

/// A time of an item, in words; `-` when there is none.
pub(super) fn time(item: &Value, name: &str) -> String {
    item[name]
        .as_i64()
        .and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok())
        .map_or_else(
            || "-".to_owned(),
            |t| t.strftime("%Y-%m-%d %H:%M:%SZ").to_string(),
        )
}
