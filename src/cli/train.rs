//! `beadle train`: make the models that ship with Beadle.
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(super) enum Train {
    /// The spam model, from labelled messages; the same data give the same bytes
    Spam {
        /// Folder with the labelled sets (models/spam/README.md says which)
        #[arg(long)]
        data: PathBuf,
        /// Where to write the model
        #[arg(long)]
        out: PathBuf,
    },
}

pub(super) fn run(args: &Train) -> anyhow::Result<ExitCode> {
    let Train::Spam { data, out } = args;
    let summary = crate::features::moderation::train::run(data, out)?;
    println!("{summary}");
    Ok(ExitCode::SUCCESS)
}
