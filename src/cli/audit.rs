//! `beadle audit`: who did what, and whether the record still holds.
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Subcommand;
use secrecy::ExposeSecret as _;

use crate::base::clock::{Clock as _, Millis, SystemClock};
use crate::base::secretbox::Keyring;
use crate::base::span::read as span;
use crate::community::audit::{Filter, Row, Seen, WITNESS_FILE, Witness, list, verify, witnessed};
use crate::config::{Env, Flags, SecretKeys, Values};
use crate::store::open_reader;
use crate::texts::when;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
    /// Folder of the database [env: BEADLE_DATA_DIR]
    #[arg(long, value_name = "DIR", global = true)]
    data_dir: Option<PathBuf>,
    /// One JSON object a line
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show the newest acts (the default)
    List(ListArgs),
    /// Walk the whole chain and name the first row that does not hold
    Verify,
}

#[derive(Debug, Default, clap::Args)]
struct ListArgs {
    /// Only of this chat
    #[arg(long, value_name = "CHAT", allow_negative_numbers = true)]
    chat: Option<i64>,
    /// Only by user:ID, cli:UID, api:UUID or system
    #[arg(long, value_name = "WHO")]
    actor: Option<String>,
    /// Only this action, as moderation.ban
    #[arg(long, value_name = "ACTION")]
    action: Option<String>,
    /// Only of the last so many minutes, hours or days: 30m, 12h, 7d
    #[arg(long, value_name = "TIME", value_parser = span)]
    since: Option<Millis>,
    /// Only before this number: the last of the page before
    #[arg(long, value_name = "NUMBER")]
    before: Option<i64>,
    /// Also words and names, as far as they are kept
    #[arg(long)]
    personal: bool,
    /// At most this many
    #[arg(long, default_value_t = 50)]
    limit: u32,
}

pub(super) fn run(args: &Args, env: &Env) -> anyhow::Result<ExitCode> {
    let dir = super::existing_data_dir(args.data_dir.as_deref(), env)?;
    let conn = open_reader(&dir)?;
    match &args.verb {
        Some(Verb::Verify) => {
            let signer = keys(&dir, env)?.map(|keys| Witness::signer(&keys));
            let (ends, rubbish) = witnessed(&dir, signer.as_ref());
            if rubbish > 0 {
                eprintln!(
                    "beadle: {rubbish} lines of {} were not written by this Beadle, or under another SECRET_KEY; they are left out",
                    dir.join(WITNESS_FILE).display()
                );
            }
            let result = verify(&conn, ends).context("the audit could not be read")?;
            Ok(tell(
                result.map_err(|f| (f.row(), f.to_string())),
                args.json,
            ))
        }
        verb => {
            let default = ListArgs {
                limit: 50,
                ..ListArgs::default()
            };
            let asked = match verb {
                Some(Verb::List(asked)) => asked,
                _ => &default,
            };
            let filter = Filter {
                tenant: asked.chat,
                actor: asked.actor.clone(),
                action: asked.action.clone(),
                since: asked.since.map(|s| SystemClock.now() - s),
                before: asked.before,
            };
            for row in list(&conn, &filter, asked.personal, asked.limit)? {
                print(&row, args.json)?;
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// The keys of this data directory, when there are any.
fn keys(dir: &Path, env: &Env) -> anyhow::Result<Option<Keyring>> {
    let given = SecretKeys::of(&Values::read(&Flags::default(), env));
    let present = given.present.as_ref().map(|s| s.expose_secret());
    let earlier: Vec<_> = given.earlier.iter().map(|s| s.expose_secret()).collect();
    Keyring::existing(dir, present, &earlier).map_err(anyhow::Error::msg)
}

/// Says how the walk ended; a broken chain is a failure of the command.
fn tell(result: Result<Seen, (i64, String)>, json: bool) -> ExitCode {
    let object = match &result {
        Ok(seen) => serde_json::json!({
            "v": 1, "ok": true, "rows": seen.rows, "personal": seen.personal, "erased": seen.erased,
        }),
        Err((row, fault)) => serde_json::json!({ "v": 1, "ok": false, "row": row, "fault": fault }),
    };
    match result {
        _ if json => println!("{object}"),
        Ok(seen) => println!(
            "The chain holds: {} rows, {} with personal parts, {} whose personal part was erased.",
            seen.rows, seen.personal, seen.erased
        ),
        Err((_, ref fault)) => println!("The chain does not hold: {fault}."),
    }
    if object["ok"] == true {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn print(row: &Row, json: bool) -> anyhow::Result<()> {
    if json {
        let mut object = serde_json::to_value(row)?;
        object["v"] = 1.into();
        println!("{object}");
        return Ok(());
    }
    let chat = row.tenant.map_or_else(String::new, |c| format!(" in {c}"));
    let personal = row
        .personal
        .as_ref()
        .map_or_else(String::new, |p| format!("  {p}"));
    println!(
        "{:>7}  {}  {:<20} {:<22} {}{chat}  {}{personal}",
        row.id,
        when::moment(row.at, &when::Zone::default()),
        row.actor,
        row.action,
        row.subject,
        row.details
    );
    Ok(())
}
