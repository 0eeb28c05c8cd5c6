//! `beadle retire`: leave groups as they would be without Beadle.
use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::json;

use super::{EXIT_CONFIG, runtime};
use crate::app::Ground;
use crate::app::retire::{Farewell, Retirement, retire};
use crate::config::{ConfigErrors, Env, Flags, Settings, Values};
use crate::observe::logs;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only this group, by its id; without, all groups and the webhook
    #[arg(long, value_name = "ID", allow_negative_numbers = true)]
    group: Option<i64>,
    /// Lift what moderators imposed through Beadle too
    #[arg(long)]
    everything: bool,
    /// Do it; without, only say what would be done
    #[arg(long)]
    yes: bool,
    /// Folder for the rows of the groups [default: the data directory]
    #[arg(long, value_name = "DIR")]
    export: Option<PathBuf>,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    flags: Flags,
}

pub(super) fn run(args: &Args, env: &Env) -> anyhow::Result<ExitCode> {
    logs::init("warn", logs::Shape::Text);
    let settings = match Settings::of(&Values::read(&args.flags, env)) {
        Ok((settings, _notices)) => settings,
        Err(ConfigErrors(faults)) => {
            for fault in faults {
                eprintln!("beadle: {fault}");
            }
            return Ok(ExitCode::from(EXIT_CONFIG));
        }
    };
    super::existing_data_dir(Some(&settings.data_dir), env)?;
    let what = Retirement {
        group: args.group,
        people: args.everything,
        dry: !args.yes,
        folder: args
            .export
            .clone()
            .unwrap_or_else(|| settings.data_dir.clone()),
    };
    let ground = Ground::real(&settings);
    let (farewells, troubles) = runtime()?.block_on(retire(&settings, &ground, &what))?;
    for farewell in &farewells {
        if args.json {
            println!("{}", as_json(farewell, what.dry));
        } else if what.dry {
            println!(
                "{} {}: would be left",
                farewell.chat,
                farewell.title.as_deref().unwrap_or_default()
            );
        } else {
            tell(farewell);
        }
    }
    for trouble in &troubles {
        eprintln!("beadle: {trouble}");
    }
    if what.dry {
        eprintln!(
            "Nothing was done. Say so with --yes: restrictions are lifted, and Beadle leaves."
        );
    }
    let clean = troubles.is_empty() && farewells.iter().all(|f| f.undone.is_empty());
    Ok(if clean {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn tell(farewell: &Farewell) {
    let title = farewell.title.as_deref().unwrap_or_default();
    let left = if farewell.left { "left" } else { "not left" };
    println!("{} {title}: {left}", farewell.chat);
    println!("  people freed: {}", farewell.freed);
    if let Some(back) = farewell.permissions {
        let word = if back { "as before" } else { "still changed" };
        println!("  what members may do: {word}");
    }
    if !farewell.kept.is_empty() {
        let n = farewell.kept.len();
        println!(
            "  left standing, because people decided it: {n} (see the export, or --everything)"
        );
    }
    if let Some(path) = &farewell.export {
        println!("  its rows: {}", path.display());
    }
    for sentence in &farewell.undone {
        println!("  could not be undone: {sentence}");
    }
}

fn as_json(farewell: &Farewell, dry: bool) -> serde_json::Value {
    json!({
        "v": 1,
        "dry": dry,
        "chat": farewell.chat,
        "title": farewell.title,
        "left": farewell.left,
        "freed": farewell.freed,
        "kept": farewell.kept,
        "permissions": farewell.permissions,
        "export": farewell.export,
        "undone": farewell.undone,
    })
}
