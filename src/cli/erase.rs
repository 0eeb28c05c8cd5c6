//! `beadle db erase`: everything that is kept about one person goes.
use std::path::Path;
use std::process::ExitCode;

use super::live;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The person's Telegram id
    #[arg(long, value_name = "ID")]
    user: i64,
    /// Do it; without this only what would be done is said
    #[arg(long)]
    yes: bool,
}

pub(super) fn run(args: &Args, dir: &Path, json: bool) -> anyhow::Result<ExitCode> {
    let user = args.user;
    if !args.yes {
        println!(
            "This erases messages, edits, media, profile, verdicts and lessons of person {user} in all groups, for \
             good. A ban stays as a fingerprint of the id, and the audit keeps the id. To do it: --yes"
        );
        return Ok(ExitCode::FAILURE);
    }
    let (item, live) = live::ask_one(dir, "person.erase", live::number(user))?;
    if json {
        let mut item = item;
        item["live"] = live.into();
        live::print_json(vec![item]);
    } else if live {
        println!(
            "Person {user} is being erased; `beadle audit list --action person.erased` shows when it is done."
        );
    } else {
        println!(
            "Person {user} will be erased when Beadle starts, before it hears of anything new."
        );
    }
    Ok(ExitCode::SUCCESS)
}
