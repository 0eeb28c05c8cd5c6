//! `beadle run`: serve until told to stop.
use std::io::IsTerminal as _;
use std::process::ExitCode;

use tokio::signal::unix::{SignalKind, signal};

use super::{EXIT_CONFIG, runtime};
use crate::app::{App, Ground};
use crate::base::crash;
use crate::config::{
    ConfigErrors, Delivery, Env, Flags, LogFormat, LogSettings, Settings, Values, is_loopback_url,
};
use crate::observe::logs;
use crate::telegram::link::LinkState;

pub(super) fn run(flags: &Flags, mut env: Env) -> anyhow::Result<ExitCode> {
    let journal = env.get("JOURNAL_STREAM").is_some();
    ask_for_token(&mut env)?;
    let values = Values::read(flags, &env);
    let log = LogSettings::of(&values);
    let shape = match log.format {
        LogFormat::Json => logs::Shape::Json,
        LogFormat::Text if journal => logs::Shape::Journal,
        LogFormat::Text => logs::Shape::Text,
    };
    logs::init(&log.level, shape);
    let (settings, notices) = match Settings::of(&values) {
        Ok(loaded) => loaded,
        Err(ConfigErrors(faults)) => {
            for fault in faults {
                eprintln!("beadle: {fault}");
            }
            return Ok(ExitCode::from(EXIT_CONFIG));
        }
    };
    for notice in notices {
        tracing::warn!("{notice}");
    }
    // Only against a simulator: nobody's real bot is to be crashed by a stray variable.
    if let Some(point) = env
        .get("BEADLE_CRASH_AT")
        .filter(|_| is_loopback_url(&settings.api_url))
    {
        crash::arm(point);
    }
    raise_open_files();
    runtime()?.block_on(serve(settings))
}

/// A thousand connections and the database's files want more than the usual soft limit of 1,024.
fn raise_open_files() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit
            .maximum
            .map_or(Some(65_536), |most| Some(most.min(65_536))),
        maximum: limit.maximum,
    };
    if limit.current.is_some_and(|now| Some(now) < raised.current)
        && let Err(e) = setrlimit(Resource::Nofile, raised)
    {
        tracing::debug!(error = %e, "the limit of open files stays as it is");
    }
}

async fn serve(settings: Settings) -> anyhow::Result<ExitCode> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let how = match &settings.delivery {
        Delivery::Polling => "polling".to_owned(),
        Delivery::Webhook { url } => format!("webhook at {url}"),
    };
    let (dir, mode) = (settings.data_dir.clone(), settings.mode);
    let ground = Ground::real(&settings);
    let app = App::start(settings, ground).await?;
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        data = %dir.display(),
        listen = %app.listen,
        mode = mode.name(),
        "started, {how}"
    );
    let mut link = app.link.watch();
    let mut code = ExitCode::SUCCESS;
    loop {
        tokio::select! {
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            changed = link.changed() => {
                if changed.is_err() {
                    break;
                }
                if *link.borrow_and_update() == LinkState::BadToken && app.link.polls() == 0 {
                    eprintln!(
                        "beadle: Telegram does not accept this bot token. Copy it again from @BotFather \
                         (/mybots, your bot, API Token) and start anew."
                    );
                    code = ExitCode::from(EXIT_CONFIG);
                    break;
                }
            }
        }
    }
    tracing::info!("stopping: finishing what is under way (a second signal ends at once)");
    tokio::select! {
        () = app.stop() => {}
        _ = terminate.recv() => code = ExitCode::FAILURE,
        _ = interrupt.recv() => code = ExitCode::FAILURE,
    }
    tracing::info!("stopped");
    Ok(code)
}

/// At a terminal the token may be typed, unseen.
fn ask_for_token(env: &mut Env) -> anyhow::Result<()> {
    let given = [
        "TELEGRAM_BOT_TOKEN",
        "TELEGRAM_BOT_TOKEN_FILE",
        "BOT_TOKEN",
        "BOT_TOKEN_FILE",
        "CREDENTIALS_DIRECTORY",
    ];
    if given.iter().any(|name| env.get(name).is_some()) || !std::io::stdin().is_terminal() {
        return Ok(());
    }
    eprintln!(
        "No TELEGRAM_BOT_TOKEN is set. Talk to @BotFather in Telegram and send /newbot to get one."
    );
    let token = rpassword::prompt_password("Bot token (not shown while you type): ")?;
    env.set("TELEGRAM_BOT_TOKEN", token);
    Ok(())
}
