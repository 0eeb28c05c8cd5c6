//! `beadle cache`: what is kept in memory.
use std::process::ExitCode;

use clap::Subcommand;
use serde_json::{Value, json};

use super::live::{self, Place, text};
use crate::config::Env;

#[derive(Debug, Subcommand)]
pub(super) enum Cache {
    /// Show each cache: entries, bytes, how often it had the answer since the start
    Info(Place),
}

pub(super) fn run(Cache::Info(place): &Cache, env: &Env) -> anyhow::Result<ExitCode> {
    let rows = live::ask(&place.dir(env)?, "cache.info", json!({}))?.items;
    if place.json {
        live::print_json(rows);
        return Ok(ExitCode::SUCCESS);
    }
    println!(
        "{:<10} {:>9} {:>11} {:>11} {:>12} {:>10}  kept for",
        "cache", "entries", "memory", "at most", "asked", "answered"
    );
    for row in rows {
        let number = |name: &str| row[name].as_u64().unwrap_or(0);
        let life = match number("ttl") {
            s if s % 3_600 == 0 => format!("{} h", s / 3_600),
            s => format!("{s} s"),
        };
        let since = if row["idle"] == true {
            ", if not asked for"
        } else {
            ""
        };
        println!(
            "{:<10} {:>9} {:>11} {:>11} {:>12} {:>10}  {life}{since}",
            text(&row, "name"),
            number("entries"),
            mebibytes(number("bytes")),
            mebibytes(number("room")),
            number("hits") + number("misses"),
            rate(&row["hit_rate"]),
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn mebibytes(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}

fn rate(rate: &Value) -> String {
    rate.as_f64()
        .map_or_else(|| "-".to_owned(), |rate| format!("{:.1} %", rate * 100.0))
}
