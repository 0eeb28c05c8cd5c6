//! The command line: one file for each verb.
mod audit;
mod banlist;
mod bench;
mod cache;
mod check;
mod config;
mod db;
mod demo;
mod doctor;
mod erase;
mod eval;
mod export;
mod group;
mod history;
mod inbox;
mod jobs;
mod live;
mod logs;
mod outbox;
mod pipe;
mod probe;
mod replay;
mod retire;
mod run;
mod samples;
mod train;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{Env, Flags};

/// Bad settings: `EX_CONFIG` of sysexits.h.
pub const EXIT_CONFIG: u8 = 78;

/// A Telegram community appliance for people who host it themselves.
#[derive(Debug, Parser)]
#[command(name = "beadle", version, about, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Serve your groups: needs a bot token in TELEGRAM_BOT_TOKEN, or asks for it
    #[command(alias = "serve", alias = "start-server")]
    Run(Flags),
    /// Workers alone: one process does all the work of one bot, so this is `run`, and says so
    #[command(hide = true)]
    StartWorker(Flags),
    /// Schedules alone: as above
    #[command(hide = true)]
    StartScheduler(Flags),
    /// See Beadle at work in a made-up group on this machine: no token, no network
    Demo(demo::Args),
    /// Look for what is wrong, and what helps
    Doctor(doctor::Args),
    /// How the running Beadle fares
    Status(probe::StatusArgs),
    /// Exit with 0 when all is well, else with 1: for containers and monitors
    #[command(alias = "health")]
    Healthcheck(probe::Args),
    /// Updates that wait or could not be handled
    Inbox(inbox::Args),
    /// Calls to Telegram that wait, failed, or may have been made twice
    Outbox(outbox::Args),
    /// Work done in the background: what waits, failed, comes again
    Jobs(jobs::Args),
    /// What Beadle has written down of its work, by level, group, person, time
    Logs(logs::Args),
    /// What is kept in memory, and how often it spares a look into the database
    #[command(subcommand)]
    Cache(cache::Cache),
    /// Who did what, and whether the record still holds
    Audit(audit::Args),
    /// Groups: their settings as files, their figures, what they taught
    Group(group::Args),
    /// Lists of people who are not wanted elsewhere: their state, a look now, who is on them
    Banlist(banlist::Args),
    /// All that is kept about one person, as a JSON file for that person
    Export(export::Args),
    /// The database: its state, its soundness, a copy, the way back after an upgrade
    Db(db::Args),
    /// The settings: what holds and why, mistakes, a file to begin with
    #[command(subcommand)]
    Config(config::Config),
    /// Leave groups as they would be without Beadle: lift, restore, export, leave
    Retire(retire::Args),
    /// Measure this machine
    Bench(bench::Args),
    /// Judge texts or whole updates: one verdict a line
    Check(check::Args),
    /// Try other settings on what was judged: what would have been removed, shown, left; changes nothing
    Replay(replay::Args),
    /// Measure the spam model on labelled messages
    #[command(subcommand)]
    Eval(eval::Eval),
    /// Make the spam model that ships with Beadle
    #[command(subcommand)]
    Train(train::Train),
}

/// Runs the process's command line.
pub fn main() -> ExitCode {
    pipe::end_quietly();
    let cli = Cli::parse();
    let env = Env::from_process();
    let outcome = match cli.verb {
        Verb::Run(flags) => run::run(&flags, env),
        Verb::StartWorker(flags) => run::all_in_one("start-worker", &flags, env),
        Verb::StartScheduler(flags) => run::all_in_one("start-scheduler", &flags, env),
        Verb::Demo(args) => demo::run(&args, &env),
        Verb::Doctor(args) => doctor::run(&args, &env),
        Verb::Status(args) => probe::status(&args, &env),
        Verb::Healthcheck(args) => probe::healthcheck(&args, &env),
        Verb::Db(args) => db::run(&args, &env),
        Verb::Group(args) => group::run(&args, &env),
        Verb::Banlist(args) => banlist::run(&args, &env),
        Verb::Export(args) => export::run(&args, &env),
        Verb::Inbox(args) => inbox::run(&args, &env),
        Verb::Outbox(args) => outbox::run(&args, &env),
        Verb::Jobs(args) => jobs::run(&args, &env),
        Verb::Logs(args) => logs::run(&args, &env),
        Verb::Cache(verb) => cache::run(&verb, &env),
        Verb::Audit(args) => audit::run(&args, &env),
        Verb::Config(verb) => config::run(&verb, &env),
        Verb::Retire(args) => retire::run(&args, &env),
        Verb::Bench(args) => bench::run(&args, &env),
        Verb::Check(args) => check::run(&args, &env),
        Verb::Replay(args) => replay::run(&args, &env),
        Verb::Eval(args) => eval::run(&args),
        Verb::Train(args) => train::run(&args),
    };
    outcome.unwrap_or_else(|e| {
        eprintln!("beadle: {e:#}");
        ExitCode::FAILURE
    })
}

/// The data directory, which must hold a database.
fn existing_data_dir(flag: Option<&Path>, env: &Env) -> anyhow::Result<PathBuf> {
    let dir = env.data_dir_or(flag)?;
    anyhow::ensure!(
        dir.join(crate::store::DATABASE_FILE).exists(),
        "there is no database in {}: name its folder with --data-dir or BEADLE_DATA_DIR",
        dir.display()
    );
    Ok(dir)
}

/// The runtime of every verb that needs one: two workers are what a small machine has.
fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?)
}
