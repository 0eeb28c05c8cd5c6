//! `beadle group`: groups, and what they teach.
use std::process::ExitCode;

use clap::Subcommand;

use super::history;
use super::live::Place;
use crate::config::Env;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
    /// The group's id
    #[arg(long, value_name = "ID", global = true, allow_negative_numbers = true)]
    group: Option<i64>,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Learn from the group's own history, exported by Telegram Desktop
    Train(history::Train),
    /// Take back all that was learned from the group's history
    Untrain,
}

pub(super) fn run(args: &Args, env: &Env) -> anyhow::Result<ExitCode> {
    let dir = args.place.dir(env)?;
    let group = args.group.ok_or_else(|| {
        anyhow::anyhow!("name the group with --group: its id is negative, as `beadle check --json` and the log show it")
    })?;
    match &args.verb {
        Verb::Train(train) => history::train(train, &dir, group, args.place.json),
        Verb::Untrain => history::untrain(&dir, group, args.place.json),
    }
}
