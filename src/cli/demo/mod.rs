//! `beadle demo`: Beadle, unchanged, in front of a Telegram that exists only on this machine.
mod cards;
mod door;
mod order;
mod page;
mod scenes;
mod screen;
mod stage;
mod view;

use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;

use anyhow::Context as _;

use super::runtime;
use crate::config::Env;
use crate::observe::logs;
use screen::Screen;
use stage::Theatre;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Play the tour and end, without the page
    #[arg(long)]
    once: bool,
    /// Play one scene only; --list names them
    #[arg(long, value_name = "NAME", conflicts_with = "list")]
    scene: Option<String>,
    /// Name the scenes
    #[arg(long)]
    list: bool,
    /// Port of the page on this machine; 0 takes any that is free
    #[arg(long, default_value_t = 8088)]
    port: u16,
}

pub(super) fn run(args: &Args, env: &Env) -> anyhow::Result<ExitCode> {
    // The tour is the show; the log joins in only with its warnings.
    let _level = logs::init(env.get("BEADLE_LOG").unwrap_or("warn"), logs::Shape::Text);
    if args.list {
        for scene in scenes::ALL {
            println!("{:<12} {}", scene.name, scene.title);
        }
        return Ok(ExitCode::SUCCESS);
    }
    let chosen = match &args.scene {
        None => scenes::ALL.iter().collect(),
        Some(name) => vec![scenes::by_name(name).with_context(|| {
            let names: Vec<_> = scenes::ALL.iter().map(|s| s.name).collect();
            format!(
                "there is no scene `{name}`; there are: {}",
                names.join(", ")
            )
        })?],
    };
    runtime()?.block_on(play(args, env, chosen))
}

async fn play(
    args: &Args,
    env: &Env,
    chosen: Vec<&'static scenes::Scene>,
) -> anyhow::Result<ExitCode> {
    let screen = Screen::new(env);
    let theatre = Theatre::open().await?;
    screen.opening(&theatre);
    let mut good = true;
    for scene in chosen {
        good &= scenes::play(scene, &theatre, &screen).await?;
    }
    screen.closing(&theatre).await?;
    let code = if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    };
    if args.once {
        theatre.close().await;
        return Ok(code);
    }
    let addr = SocketAddr::from((Ipv4Addr::LOCALHOST, args.port));
    let listener = match tokio::net::TcpListener::bind(addr).await {
        Ok(listener) => listener,
        // Somebody else's port: any other will do.
        Err(_) => tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?,
    };
    screen.invitation(listener.local_addr()?);
    let served = axum::serve(listener, page::router(theatre.clone()));
    tokio::select! {
        ended = served => ended?,
        _ = tokio::signal::ctrl_c() => {}
    }
    theatre.close().await;
    Ok(code)
}
