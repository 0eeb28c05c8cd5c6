//! `beadle replay`: what other settings, or this version's weights, would have made of what was judged.
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use serde_json::{Map, Value, json};

use super::live::{self, Place, text, time};
use crate::app::group_settings;
use crate::community::settings::{LONGEST_FILE, import};
use crate::config::Env;

/// Longest file that is read, in bytes; `import` refuses less.
const MOST_BYTES: u64 = LONGEST_FILE as u64 + 1;
/// Reasons shown of each verdict.
const REASONS: usize = 4;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Days back from now
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=366))]
    days: u64,
    /// One group; else all
    #[arg(long, value_name = "ID", allow_negative_numbers = true)]
    group: Option<i64>,
    /// Settings to try, as TOML, as `beadle group export` writes it: mode, thresholds, rules for newcomers
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
}

pub(super) fn run(args: &Args, env: &Env) -> anyhow::Result<ExitCode> {
    let settings = match &args.settings {
        Some(path) => read(path)?,
        None => Map::new(),
    };
    let asked = json!({ "days": args.days, "group": args.group, "settings": settings });
    let mut items = live::ask(&args.place.dir(env)?, "replay.run", asked)?.items;
    if args.place.json {
        live::print_json(items);
        return Ok(ExitCode::SUCCESS);
    }
    let last = items.pop().unwrap_or_default();
    for item in &items {
        show(item);
    }
    total(&last["summary"], args.days);
    Ok(ExitCode::SUCCESS)
}

/// The values of a file; all its mistakes at once.
fn read(path: &Path) -> anyhow::Result<Map<String, Value>> {
    let shown = path.display();
    let file = std::fs::File::open(path).with_context(|| format!("cannot open {shown}"))?;
    let mut words = String::new();
    file.take(MOST_BYTES)
        .read_to_string(&mut words)
        .with_context(|| format!("{shown} is not a text file"))?;
    let found = import(&group_settings(), &words).map_err(|faults| {
        let lines: Vec<String> = faults.iter().map(|f| format!("  {f}")).collect();
        anyhow::anyhow!(
            "{shown} cannot be tried; write it as `beadle group export` does:\n{}",
            lines.join("\n")
        )
    })?;
    let values = found.values.into_iter();
    Ok(values
        .map(|(path, value)| (path.to_owned(), value))
        .collect())
}

fn show(item: &Value) {
    let place = match item["link"].as_str() {
        Some(link) => link.to_owned(),
        None => format!("{}/{}", item["chat"], item["message"]),
    };
    let of = |name: &str| {
        let decision = item[name][0].as_str().unwrap_or_default();
        let score = item[name][1].as_f64().unwrap_or_default();
        format!("{decision} {score:.3}")
    };
    let reasons = item["reasons"].as_array().into_iter().flatten();
    let reasons: Vec<String> = reasons
        .take(REASONS)
        .map(|r| {
            let weight = r["weight"].as_f64().unwrap_or_default();
            format!("{} {weight:+.1}", text(r, "code"))
        })
        .collect();
    let said = match (item["false_positive"].as_bool(), item["label"].as_str()) {
        (Some(true), _) => "  FALSE: a moderator said it is no spam",
        (_, Some("ham")) => "  a moderator said it is no spam",
        (_, Some(_)) => "  a moderator said it is spam",
        _ => "",
    };
    println!(
        "{}  {place}  {} → {}  {}{said}",
        time(item, "at"),
        of("then"),
        of("now"),
        reasons.join(", ")
    );
}

fn total(sum: &Value, days: u64) {
    let n = |of: &Value, name: &str| of[name].as_u64().unwrap_or(0);
    println!(
        "{} verdicts of {days} days, {} would be others{}.",
        n(sum, "judged"),
        n(sum, "changed"),
        match n(sum, "unlisted") {
            0 => String::new(),
            more => format!(" ({more} more than are listed)"),
        }
    );
    println!("{:<34} {:>9} {:>9}", "", "then", "now");
    for (name, what) in [
        ("none", "clear"),
        ("review", "shown to a person"),
        ("would_delete", "would be removed in mode act"),
        ("delete", "removed"),
        ("true_positives", "as spam, and moderators agreed"),
        ("false_positives", "as spam, and moderators said no"),
        ("missed", "clear, and moderators said spam"),
    ] {
        let (then, now) = (n(&sum["then"], name), n(&sum["now"], name));
        println!("{what:<34} {then:>9} {now:>9}");
    }
    for (name, what) in [
        ("skipped_version", "facts of another version"),
        ("skipped_unreadable", "facts that cannot be read"),
        ("skipped_album", "removed with their albums"),
        ("skipped_house", "removed by a rule of the house"),
    ] {
        if n(sum, name) > 0 {
            println!("skipped: {} ({what})", n(sum, name));
        }
    }
}
