//! `beadle status` and `beadle healthcheck`: how the running Beadle says it fares.
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use serde_json::Value;

use crate::config::{Env, Flags, PlaceFlags, Values, listen_of};

/// A health check that takes longer has found something out.
const PATIENCE: Duration = Duration::from_secs(3);
/// Bytes of an answer that are read.
const LARGEST: usize = 64 << 10;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    flags: PlaceFlags,
    /// Whether Beadle serves yet, rather than whether all its parts are well
    #[arg(long)]
    ready: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct StatusArgs {
    #[command(flatten)]
    flags: PlaceFlags,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// Where the running Beadle is asked: an address for all is asked on this machine.
pub(super) fn address(flags: &Flags, env: &Env) -> anyhow::Result<SocketAddr> {
    let mut listen = listen_of(&Values::read(flags, env))?;
    if listen.ip().is_unspecified() {
        listen.set_ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    Ok(listen)
}

/// Status code and JSON of a path.
pub(super) async fn get(address: SocketAddr, path: &str) -> anyhow::Result<(u16, Value)> {
    let client = reqwest::Client::builder()
        .timeout(PATIENCE)
        .no_proxy()
        .build()?;
    let mut response = client
        .get(format!("http://{address}{path}"))
        .send()
        .await
        .map_err(|e| {
            let why = if e.is_connect() {
                "nobody listens there (`beadle run` starts one; --listen names another address)"
            } else {
                "there is no answer"
            };
            anyhow::anyhow!("no Beadle at {address}: {why}")
        })?;
    let code = response.status().as_u16();
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        bytes.extend_from_slice(&chunk);
        anyhow::ensure!(
            bytes.len() <= LARGEST,
            "what answers at {address} is not Beadle"
        );
    }
    let value = serde_json::from_slice(&bytes)
        .map_err(|_| anyhow::anyhow!("what answers at {address} is not Beadle"))?;
    Ok((code, value))
}

/// Exits 0 when all is well, else 1, with a line for whoever looks.
pub(super) fn healthcheck(args: &Args, env: &Env) -> anyhow::Result<ExitCode> {
    let address = address(&args.flags.0, env)?;
    let path = if args.ready { "/ready" } else { "/health" };
    let (code, body) = super::runtime()?.block_on(get(address, path))?;
    if code == 200 {
        println!("ok");
        return Ok(ExitCode::SUCCESS);
    }
    println!(
        "{}",
        body["why"]
            .as_str()
            .map_or_else(|| trouble(&body), str::to_owned)
    );
    Ok(ExitCode::FAILURE)
}

/// Parts that are not well, in one line.
pub(super) fn trouble(health: &Value) -> String {
    let parts = health["components"].as_array();
    let bad: Vec<String> = parts
        .into_iter()
        .flatten()
        .filter(|p| p["ok"] != true)
        .map(|p| {
            let text = |name: &str| p[name].as_str().unwrap_or("?").to_owned();
            format!("{}: {}", text("name"), text("detail"))
        })
        .collect();
    if bad.is_empty() {
        "starting".to_owned()
    } else {
        bad.join("; ")
    }
}

/// Prints how the running Beadle fares; exits 1 when something is not well.
pub(super) fn status(args: &StatusArgs, env: &Env) -> anyhow::Result<ExitCode> {
    let address = address(&args.flags.0, env)?;
    let (code, body) = super::runtime()?.block_on(get(address, "/health"))?;
    let well = code == 200;
    if args.json {
        println!("{body}");
    } else {
        let text = |v: &Value, name: &str| v[name].as_str().unwrap_or("?").to_owned();
        let bot = body["bot"]
            .as_str()
            .map_or_else(String::new, |b| format!(", @{b}"));
        let up = body["uptime_s"].as_u64().unwrap_or(0);
        println!(
            "Beadle {}{bot}, up {} d {} h {} min, at http://{address}",
            text(&body, "version"),
            up / 86_400,
            up / 3_600 % 24,
            up / 60 % 60,
        );
        for part in body["components"].as_array().into_iter().flatten() {
            let mark = if part["ok"] == true { "well" } else { "BAD " };
            println!(
                "  {mark}  {:<10} {}",
                text(part, "name"),
                text(part, "detail")
            );
        }
        for alert in body["alerts"].as_array().into_iter().flatten() {
            let told = match alert["told"].as_bool() {
                Some(true) => "operators were told",
                _ => "nobody was told",
            };
            println!(
                "  ALERT {:<13} {}, since {}; {told}",
                text(alert, "alert"),
                text(alert, "figure"),
                super::live::time(alert, "since"),
            );
        }
        if !well {
            println!("`beadle doctor` looks for the cause.");
        }
    }
    Ok(if well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
