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
    for (source, spam, ham) in &summary.sources {
        println!("{:<24} {spam:>6} spam {ham:>6} ordinary", source.name());
    }
    println!("data  sha256 {}", summary.data);
    println!(
        "model sha256 {}, {} bytes, in {}",
        summary.model,
        summary.bytes,
        out.display()
    );
    Ok(ExitCode::SUCCESS)
}
