//! `beadle run`: serve until told to stop.
mod systemd;

use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};

use super::{EXIT_CONFIG, runtime};
use crate::app::{App, Ground};
use crate::base::crash;
use crate::config::{
    ConfigErrors, Delivery, Env, Flags, LogFormat, LogSettings, Row, Settings, Values, is_live,
    is_loopback_url, rows,
};
use crate::observe::logs;
use crate::telegram::link::LinkState;

/// The longest that systemd waits for Telegram's first word before it is told that Beadle serves.
const FIRST_WORD: Duration = Duration::from_secs(10);
/// The longest stop, the closing of the database included: systemd kills after 30 s.
const LONGEST_STOP: Duration = Duration::from_secs(27);

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
    let level = logs::init(&log.level, shape);
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
    let reload = Reload {
        flags: flags.clone(),
        env,
        level,
        before: rows(&values),
    };
    let runtime = runtime()?;
    let code = runtime.block_on(serve(settings, reload))?;
    // What still blocks a thread, such as a reader, is not waited for.
    runtime.shutdown_background();
    Ok(code)
}

/// Names from designs with several processes. One process holds the data directory and does everything: two would
/// need a broker between them and could not share one writer.
pub(super) fn all_in_one(verb: &str, flags: &Flags, env: Env) -> anyhow::Result<ExitCode> {
    eprintln!(
        "beadle: `{verb}` starts everything, as `run` does: one process serves one bot, with intake, workers and \
         schedules. A second one beside it is refused."
    );
    run(flags, env)
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

async fn serve(settings: Settings, mut reload: Reload) -> anyhow::Result<ExitCode> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hangup = signal(SignalKind::hangup())?;
    let how = match &settings.delivery {
        Delivery::Polling => "polling".to_owned(),
        Delivery::Webhook { url } => format!("webhook at {url}"),
    };
    let (dir, mode) = (settings.data_dir.clone(), settings.mode);
    let ground = Ground::real(&settings);
    let starting = systemd::Starting::begin();
    logs::keep_in(&dir, settings.retention.logs);
    let app = App::start(settings, ground).await?;
    drop(starting);
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        data = %dir.display(),
        listen = %app.listen,
        mode = mode.name(),
        "started, {how}"
    );
    let watch = systemd::watch(&app);
    let mut link = app.link.watch();
    let mut code = ExitCode::SUCCESS;
    let first_word = tokio::time::sleep(FIRST_WORD);
    tokio::pin!(first_word);
    let mut told = app.link.polls() > 0;
    if told {
        systemd::ready();
    }
    loop {
        tokio::select! {
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            _ = hangup.recv() => reload.run(&app).await,
            // Telegram may be away for hours; Beadle serves all the same.
            () = &mut first_word, if !told => {
                told = true;
                systemd::ready();
            }
            changed = link.changed() => {
                if changed.is_err() {
                    break;
                }
                let state = link.borrow_and_update().clone();
                if state == LinkState::Up && !told {
                    told = true;
                    systemd::ready();
                }
                if state == LinkState::BadToken && app.link.polls() == 0 {
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
    systemd::stopping();
    watch.abort();
    tokio::select! {
        () = app.stop() => {}
        () = tokio::time::sleep(LONGEST_STOP) => {
            tracing::error!("not everything came to an end in time; it is taken up at the next start");
            code = ExitCode::FAILURE;
        }
        _ = terminate.recv() => at_once(),
        _ = interrupt.recv() => at_once(),
    }
    tracing::info!("stopped");
    Ok(code)
}

/// A second signal: nothing is waited for. What was not committed is taken up at the next start.
fn at_once() {
    tracing::warn!("ended at once");
    std::process::exit(1);
}

/// What a SIGHUP needs to read the settings anew.
struct Reload {
    flags: Flags,
    env: Env,
    level: logs::Level,
    before: Vec<Row>,
}

impl Reload {
    /// Takes up what may change while Beadle runs, and says what else has changed and wants a restart. A file with
    /// mistakes changes nothing.
    async fn run(&mut self, app: &App) {
        systemd::reloading();
        let values = Values::read(&self.flags, &self.env);
        match Settings::of(&values) {
            Ok((settings, _)) => {
                self.take_up(&values, &settings, app).await;
                self.before = rows(&values);
            }
            Err(ConfigErrors(faults)) => {
                for fault in faults {
                    tracing::error!("{fault}");
                }
                tracing::error!("the settings stay as they were");
            }
        }
        systemd::ready();
    }

    async fn take_up(&self, values: &Values, settings: &Settings, app: &App) {
        let level = LogSettings::of(values).level;
        if let Err(e) = self.level.set(&level) {
            tracing::error!(error = %e, "the log level stays as it was");
        }
        if let Err(e) = app.take_up(settings).await {
            tracing::error!(error = %e, "not every changed setting could be taken up: reload once more");
        }
        for row in rows(values) {
            let old = self.before.iter().find(|old| old.key == row.key);
            if old.is_none_or(|old| old.value == row.value) {
                continue;
            }
            if is_live(row.key) {
                tracing::info!(
                    setting = row.key,
                    value = row.value,
                    "a setting has changed"
                );
            } else {
                tracing::warn!(
                    setting = row.key,
                    "a setting has changed and waits for a restart"
                );
            }
        }
    }
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
