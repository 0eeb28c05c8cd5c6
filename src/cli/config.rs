//! `beadle config`: the settings as they hold, their mistakes, and a file to begin with.
use std::process::ExitCode;

use clap::Subcommand;

use super::{EXIT_CONFIG, live};
use crate::config::{
    ConfigErrors, Env, Flags, SecretKeys, Settings, Values, generate, markdown, rows,
};

#[derive(Debug, Subcommand)]
pub(super) enum Config {
    /// Show every setting as it holds now; secrets are masked
    Show(Show),
    /// Name all mistakes at once; exits with 78 when there is one
    Check(Flags),
    /// Print a file with every setting at its default, commented out
    Generate,
    /// Put a new secret in the place of secret.key; the old one opens what lies under it, and its buttons work for a week
    RotateKey(RotateKey),
    /// Print the tables of docs/settings.md
    #[command(hide = true)]
    Markdown,
}

#[derive(Debug, clap::Args)]
pub(super) struct Show {
    #[command(flatten)]
    flags: Flags,
    /// Where each value comes from: a flag, a variable, a file with the line, the default
    #[arg(long)]
    origin: bool,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct RotateKey {
    #[command(flatten)]
    place: live::Place,
}

pub(super) fn run(verb: &Config, env: &Env) -> anyhow::Result<ExitCode> {
    match verb {
        Config::Show(args) => show(args, env),
        Config::Check(flags) => Ok(check(flags, env)),
        Config::RotateKey(args) => rotate(args, env),
        Config::Generate => {
            print!("{}", generate());
            Ok(ExitCode::SUCCESS)
        }
        Config::Markdown => {
            print!("{}", markdown());
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn rotate(args: &RotateKey, env: &Env) -> anyhow::Result<ExitCode> {
    let given = SecretKeys::of(&Values::read(&Flags::default(), env));
    anyhow::ensure!(
        given.present.is_none(),
        "SECRET_KEY is given from outside: put a new value there (`openssl rand -hex 32`), name the old one in \
         SECRET_KEY_PREVIOUS, and restart"
    );
    let dir = args.place.dir(env)?;
    let (item, live) = live::ask_one(&dir, "keys.rotate", serde_json::json!({}))?;
    if args.place.json {
        live::print_json(vec![item]);
        return Ok(ExitCode::SUCCESS);
    }
    println!(
        "{} holds a new secret; keep a copy of it.",
        dir.join("secret.key").display()
    );
    println!(
        "Earlier ones in it: {}. They open what lies under them; buttons signed with one work for {} days.",
        item["earlier"], item["grace_days"]
    );
    if live {
        println!("The running Beadle takes it up at its next start.");
    }
    Ok(ExitCode::SUCCESS)
}

fn show(args: &Show, env: &Env) -> anyhow::Result<ExitCode> {
    let values = Values::read(&args.flags, env);
    let rows = rows(&values);
    if args.json {
        for row in rows {
            let mut object = serde_json::to_value(&row)?;
            object["v"] = 1.into();
            println!("{object}");
        }
    } else {
        let width = rows.iter().map(|r| r.key.len()).max().unwrap_or(0);
        let values: Vec<&str> = rows
            .iter()
            .map(|r| r.value.as_deref().unwrap_or("-"))
            .collect();
        let wide = values
            .iter()
            .map(|v| v.chars().count())
            .max()
            .unwrap_or(0)
            .min(40);
        for (row, value) in rows.iter().zip(&values) {
            if args.origin {
                println!("{:<width$}  {value:<wide$}  {}", row.key, row.origin);
            } else {
                println!("{:<width$}  {value}", row.key);
            }
        }
    }
    // What holds is shown even where something does not; that is said beside it.
    for fault in values.faults() {
        eprintln!("beadle: {fault}");
    }
    Ok(if values.faults().is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(EXIT_CONFIG)
    })
}

fn check(flags: &Flags, env: &Env) -> ExitCode {
    let values = Values::read(flags, env);
    for notice in values.notices() {
        println!("note: {notice}");
    }
    match Settings::of(&values) {
        Ok(_) => {
            println!("The settings are sound.");
            ExitCode::SUCCESS
        }
        Err(ConfigErrors(faults)) => {
            for fault in &faults {
                eprintln!("beadle: {fault}");
            }
            let s = if faults.len() == 1 { "" } else { "s" };
            eprintln!("beadle: {} mistake{s}", faults.len());
            ExitCode::from(EXIT_CONFIG)
        }
    }
}
