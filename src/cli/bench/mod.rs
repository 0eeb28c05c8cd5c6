//! `beadle bench`: the figures in the documents, measured on this machine.
mod day;
mod feed;
mod intake;
mod judge;
mod memory;
mod polled;
mod preload;
mod raid;
mod react;
mod report;
mod store;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;

use super::runtime;
use crate::config::Env;
use crate::observe::logs;
use report::Report;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// From an update's arrival to its recorded decision; start-up; memory
    Intake(IntakeArgs),
    /// From spam's arrival to the call that removes it
    React(ReactArgs),
    /// A day of a group of 40,000: every tactic of spam, a quarrel, a giveaway, and what Beadle made of it
    Day(DayArgs),
    /// A raid at compressed time: who is held, what is said, what the others feel of it
    Raid(RaidArgs),
    /// One verdict, from the text to its reasons, with few and many lessons learned
    Judge {
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// A simulator with updates waiting, for the polled part of the bench
    #[command(hide = true)]
    Simulator {
        /// Messages that wait
        messages: usize,
    },
}

#[derive(Debug, Clone, clap::Args)]
pub(super) struct IntakeArgs {
    /// Messages of each throughput run
    #[arg(long, default_value_t = 60_000)]
    messages: usize,
    /// Messages stored before the runs that ask what a full database costs
    #[arg(long, default_value_t = 1_000_000)]
    stored: usize,
    /// Seconds of each latency run
    #[arg(long, default_value_t = 15)]
    seconds: u64,
    /// Also handle that many messages in one process and read its memory; takes minutes
    #[arg(long, default_value_t = 0)]
    memory_messages: usize,
    /// Where to put the databases; removed afterwards
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, clap::Args)]
pub(super) struct DayArgs {
    /// The day follows from this number
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Messages of the day; joins, regulars, quarrel and giveaway grow with them
    #[arg(long, default_value_t = 5_000, value_parser = clap::value_parser!(u64).range(100..=50_000))]
    messages: u64,
    /// Where to put the database; removed afterwards
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, clap::Args)]
pub(super) struct ReactArgs {
    /// Seconds of each run
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// Messages a second
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    rate: u32,
    /// Groups they are said in
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    groups: u32,
    /// One message in so many is spam
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    spam: u64,
    /// Where to put the databases; removed afterwards
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, clap::Args)]
pub(super) struct RaidArgs {
    /// Minutes of the raid, by the simulated clock
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=60))]
    minutes: u32,
    /// Newcomers a minute
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    joins: u32,
    /// How much faster the simulated clock runs than the machine's
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100))]
    speed: u32,
    /// Messages a second, by the machine's clock, in the raided group and as many in another
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    talk: u32,
    /// Runs with a raid and as many without, in turns
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=20))]
    rounds: u32,
    /// Where to put the databases; removed afterwards
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, env: &Env) -> anyhow::Result<ExitCode> {
    let _level = logs::init(env.get("BEADLE_LOG").unwrap_or("error"), logs::Shape::Text);
    match &args.what {
        What::Intake(args) => {
            let mut report = Report::new(args.json);
            runtime()?.block_on(intake::run(args, &mut report))?;
            report.end();
        }
        What::React(args) => {
            let mut report = Report::new(args.json);
            runtime()?.block_on(react::run(args, &mut report))?;
            report.end();
        }
        What::Day(args) => {
            let mut report = Report::new(args.json);
            runtime()?.block_on(day::run(args, &mut report))?;
            report.end();
        }
        What::Raid(args) => {
            let mut report = Report::new(args.json);
            runtime()?.block_on(raid::run(args, &mut report))?;
            report.end();
        }
        What::Judge { json } => {
            let mut report = Report::new(*json);
            judge::run(&mut report);
            report.end();
        }
        What::Simulator { messages } => runtime()?.block_on(polled::serve(*messages))?,
    }
    Ok(ExitCode::SUCCESS)
}
