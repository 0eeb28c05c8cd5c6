//! Composition: settings become a running appliance, the same for service, demo, tests and benches.
mod janitor;
mod news;
mod pulse;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use secrecy::SecretString;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::base::clock::{SharedClock, SystemClock};
use crate::base::crash::crash_point;
use crate::base::random::{Random, SystemRandom};
use crate::community::Community;
use crate::config::{Delivery, Settings};
use crate::features;
use crate::features::moderation::learning::Learner;
use crate::observe::Vitals;
use crate::pipeline::lanes::Lanes;
use crate::pipeline::stages::{ChatCommand, HelloCommand, RecordStage, RouteStage};
use crate::pipeline::{Decided, Stage, Walker};
use crate::store::{DataDirLock, Store, StoreOptions};
use crate::telegram::api::{Api, ApiOptions};
use crate::telegram::intake::{Intake, absence, poll, webhook};
use crate::telegram::link::{Link, LinkState};
use crate::telegram::rights::Rights;
use crate::telegram::sender::{Method, Sender, SenderSettings};
use crate::web;

/// Batches between intake and lanes; lanes only sort, so a few are plenty.
const ARRIVALS: usize = 64;
/// The longest a stop waits for what is being done.
const DRAIN: Duration = Duration::from_secs(20);
/// The longest a stop waits for HTTP requests under way.
const HANG_UP: Duration = Duration::from_secs(3);
/// Unclean ends in a row after which what was left is taken up one by one.
const CRASHES: i64 = 2;

/// What the appliance stands on; tests put in their own.
#[derive(Clone)]
pub struct Ground {
    /// Time.
    pub clock: SharedClock,
    /// Chance.
    pub random: Arc<dyn Random>,
    /// How to open the database; its folder comes from the settings.
    pub store: StoreOptions,
    /// The sender's budgets.
    pub sender: SenderSettings,
    /// Whether updates are fetched; benches feed the intake themselves.
    pub fetch: bool,
    /// More stages, for tests.
    pub stages: Vec<Arc<dyn Stage>>,
    /// Told of decisions that are on disk, for benches.
    pub decided: Option<Decided>,
}

impl Ground {
    /// The real world.
    pub fn real(settings: &Settings) -> Self {
        let mut store = StoreOptions::new(&settings.data_dir);
        store.readers = settings.readers;
        Self {
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
            store,
            sender: SenderSettings::default(),
            fetch: true,
            stages: Vec::new(),
            decided: None,
        }
    }
}

/// A running appliance.
pub struct App {
    /// The way in, for benches and tests.
    pub intake: Intake,
    /// The lanes.
    pub lanes: Lanes,
    /// How the connection to Telegram fares.
    pub link: Arc<Link>,
    /// The database.
    pub store: Store,
    /// Vital signs.
    pub vitals: Vitals,
    /// Groups, people and messages.
    pub community: Community,
    /// What groups taught.
    pub learner: Learner,
    /// Where HTTP is served.
    pub listen: std::net::SocketAddr,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
    _lock: DataDirLock,
}

impl App {
    /// Opens the database, takes up what was left, and begins to fetch updates.
    pub async fn start(settings: Settings, ground: Ground) -> anyhow::Result<Self> {
        let lock = DataDirLock::acquire(&settings.data_dir)?;
        let options = ground.store.clone();
        let store = tokio::task::spawn_blocking(move || Store::open(&options)).await??;
        let (stop, stopped) = watch::channel(false);
        let vitals = Vitals::default();
        let link = Arc::new(Link::new(ground.clock.clone()));
        let options = ApiOptions {
            api_url: Some(settings.api_url.parse()?),
            ..ApiOptions::default()
        };
        let api = Api::new(SecretString::from(settings.token.expose()), options)?;
        let sender = Sender::new(
            store.clone(),
            api.clone(),
            ground.clock.clone(),
            ground.random.clone(),
            ground.sender.clone(),
        );
        let rights = Rights::new(sender.clone());
        let community = Community::new(
            store.clone(),
            ground.random.clone(),
            settings.mode,
            vitals.low_disk(),
        );

        let mut stages: Vec<Arc<dyn Stage>> = vec![Arc::new(RecordStage {
            community: community.clone(),
            own: i64::try_from(settings.token.bot_id()).ok(),
        })];
        let mut commands: Vec<Arc<dyn ChatCommand>> = vec![Arc::new(HelloCommand)];
        let learner =
            features::moderation::register(&store, &community, &rights, &mut stages, &mut commands);
        stages.push(Arc::new(RouteStage::new(commands, link.clone())));
        stages.extend(ground.stages.iter().cloned());
        let walker = Walker::new(
            store.clone(),
            community.clone(),
            ground.clock.clone(),
            stages,
            ground.decided.clone(),
        );
        let lanes = Lanes::new(
            store.clone(),
            ground.clock.clone(),
            Arc::new(walker),
            stopped.clone(),
        );
        let (arrived, arrivals) = mpsc::channel(ARRIVALS);
        let intake = Intake::new(store.clone(), ground.clock.clone(), arrived);

        let crashes = janitor::began(&store).await?;
        crash_point("app.began");
        if ground.fetch {
            let now = ground.clock.now();
            if let Some(absence) = store.write(move |tx| absence::contact(tx, now)).await? {
                pulse::missed(absence, &community, &rights).await;
            }
        }
        let left = lanes.recover(crashes >= CRASHES).await?;
        if left > 0 {
            tracing::info!(
                lanes = left,
                crashes,
                "taking up what was waiting at the last stop"
            );
        }

        let mut tasks = JoinSet::new();
        tasks.spawn(lanes.clone().run(arrivals));
        let news = news::News {
            community: community.clone(),
            rights: rights.clone(),
            clock: ground.clock.clone(),
        };
        tasks.spawn(news.run(sender.reports(), stopped.clone()));
        tasks.spawn(learner.clone().run(stopped.clone()));
        tasks.spawn(calmly(&lanes, send(sender.clone(), stopped.clone())));

        let listener = TcpListener::bind(settings.listen).await.with_context(|| {
            format!(
                "cannot listen on {}: choose another address with BEADLE_HTTP_LISTEN or --listen",
                settings.listen
            )
        })?;
        let listen = listener.local_addr()?;
        let mut hook_routes = None;
        if ground.fetch {
            tasks.spawn(calmly(
                &lanes,
                introduce(
                    api.clone(),
                    link.clone(),
                    ground.random.clone(),
                    stopped.clone(),
                ),
            ));
            match &settings.delivery {
                Delivery::Polling => {
                    tasks.spawn(calmly(
                        &lanes,
                        poll::run(
                            api.clone(),
                            intake.clone(),
                            link.clone(),
                            ground.random.clone(),
                            stopped.clone(),
                        ),
                    ));
                }
                Delivery::Webhook { url } => {
                    let secret = settings
                        .webhook_secret
                        .clone()
                        .unwrap_or_else(|| secret(&*ground.random));
                    hook_routes = Some(webhook::router(
                        intake.clone(),
                        link.clone(),
                        secret.clone(),
                    ));
                    tasks.spawn(calmly(
                        &lanes,
                        hook(
                            api.clone(),
                            link.clone(),
                            url.clone(),
                            secret,
                            stopped.clone(),
                        ),
                    ));
                }
            }
        }
        let router = web::router(vitals.clone(), hook_routes);
        tasks.spawn(serve(listener, router, stopped.clone()));
        let pulse = pulse::Pulse {
            store: store.clone(),
            clock: ground.clock.clone(),
            link: link.clone(),
            vitals: vitals.clone(),
            fetch: ground.fetch,
            sender,
            community: community.clone(),
            rights,
        };
        tasks.spawn(pulse.run(stopped.clone()));
        tasks.spawn(janitor::run(
            store.clone(),
            ground.clock.clone(),
            vitals.clone(),
            stopped,
        ));
        Ok(Self {
            intake,
            lanes,
            link,
            store,
            vitals,
            community,
            learner,
            listen,
            stop,
            tasks,
            _lock: lock,
        })
    }

    /// Finishes what is being done, keeps the rest for the next start, closes the database.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        let drained = tokio::time::timeout(DRAIN, async {
            while self.tasks.join_next().await.is_some() {}
            while self.lanes.busy() > 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await;
        if drained.is_err() {
            tracing::warn!("stopped before everything was done; it is taken up at the next start");
        }
        self.tasks.shutdown().await;
        janitor::ended(&self.store).await;
        crash_point("app.ended");
        let store = self.store.clone();
        if let Err(e) = tokio::task::spawn_blocking(move || store.close()).await {
            tracing::error!(error = %e, "the database did not close");
        }
    }
}

/// Runs `work` once no suspect is being tried, so that nothing else can end the process meanwhile.
fn calmly(
    lanes: &Lanes,
    work: impl Future<Output = ()> + Send + 'static,
) -> impl Future<Output = ()> + Send + 'static {
    let lanes = lanes.clone();
    async move {
        lanes.calm().await;
        work.await;
    }
}

/// The sender ends early only when the database does, and then everything else says so too.
async fn send(sender: Sender, stop: watch::Receiver<bool>) {
    if let Err(e) = sender.run(stop).await {
        tracing::error!(error = %e, "the sender ended");
    }
}

async fn serve(listener: TcpListener, router: axum::Router, mut stop: watch::Receiver<bool>) {
    let mut told = stop.clone();
    let stopped = async move {
        // An error means that the sender is gone, which is a stop too.
        let _gone = stop.wait_for(|s| *s).await;
    };
    let late = async move {
        drop(told.wait_for(|s| *s).await);
        tokio::time::sleep(HANG_UP).await;
    };
    let serving = axum::serve(listener, router).with_graceful_shutdown(stopped);
    tokio::select! {
        ended = serving => if let Err(e) = ended {
            tracing::error!(error = %e, "HTTP ended");
        },
        // Somebody who began a request and does not finish it is not waited for.
        () = late => {}
    }
}

/// Asks Telegram who this bot is, until it says; nothing else waits for the answer.
async fn introduce(
    api: Api,
    link: Arc<Link>,
    random: Arc<dyn Random>,
    mut stop: watch::Receiver<bool>,
) {
    let mut failures: u32 = 0;
    while !*stop.borrow() {
        match api.call(Method::GetMe, &serde_json::json!({})).await {
            Ok(me) => {
                let name = me
                    .get("username")
                    .and_then(|n| n.as_str())
                    .map(str::to_owned);
                let reads_all = me
                    .get("can_read_all_group_messages")
                    .and_then(serde_json::Value::as_bool);
                tracing::info!(
                    bot = name.as_deref().unwrap_or("?"),
                    "connected to Telegram"
                );
                if reads_all == Some(false) {
                    tracing::info!(
                        "privacy mode is on: in groups where the bot is not an admin it sees commands only"
                    );
                }
                link.set_bot(name);
                return;
            }
            Err(e) => {
                if poll::remedy(&e) == poll::Remedy::BadToken {
                    link.set(LinkState::BadToken);
                }
                failures += 1;
                tracing::warn!(error = %e, failures, "Telegram did not say who this bot is; asking again");
                let pause = poll::backoff(failures, &*random);
                tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    _ = stop.changed() => return,
                }
            }
        }
    }
}

/// Sets the webhook, until Telegram takes it.
async fn hook(
    api: Api,
    link: Arc<Link>,
    url: String,
    secret: SecretString,
    mut stop: watch::Receiver<bool>,
) {
    let mut pause = Duration::from_secs(1);
    while !*stop.borrow() {
        match webhook::set(&api, &url, &secret).await {
            Ok(()) => {
                tracing::info!(
                    url = webhook::address(&url),
                    "Telegram calls this address with updates"
                );
                link.moved();
                return;
            }
            Err(e) => {
                link.set(match poll::remedy(&e) {
                    poll::Remedy::BadToken => LinkState::BadToken,
                    _ => LinkState::Trouble(format!("setWebhook: {e}")),
                });
                tracing::error!(error = %e, "Telegram did not take the webhook address; trying again");
                if let poll::Remedy::Wait(asked) = poll::remedy(&e) {
                    pause = pause.max(asked);
                }
                tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    _ = stop.changed() => return,
                }
                pause = (pause * 2).min(Duration::from_secs(60));
            }
        }
    }
}

/// A secret for the webhook, made up at each start.
fn secret(random: &dyn Random) -> SecretString {
    use std::fmt::Write as _;
    let mut bytes = [0_u8; 24];
    random.fill(&mut bytes);
    let mut text = String::with_capacity(48);
    for byte in bytes {
        // Writing to a String cannot fail.
        let _infallible = write!(text, "{byte:02x}");
    }
    SecretString::from(text)
}
