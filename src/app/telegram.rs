//! The connection to Telegram: who the bot is, and how updates come in.
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use secrecy::SecretString;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::rooms::Rooms;
use crate::base::random::Random;
use crate::config::{Delivery, Settings};
use crate::pipeline::lanes::Lanes;
use crate::store::{Store, meta};
use crate::telegram::api::Api;
use crate::telegram::intake::{poll, webhook};
use crate::telegram::link::{Link, LinkState};
use crate::telegram::sender::Method;

/// Begins to fetch updates, or asks Telegram to call; gives the routes it then calls.
pub(super) fn begin(
    settings: &Settings,
    rooms: &Rooms,
    random: &Arc<dyn Random>,
    stop: &watch::Receiver<bool>,
    tasks: &mut JoinSet<()>,
) -> Option<Router> {
    let (api, link, lanes) = (&rooms.api, &rooms.link, &rooms.lanes);
    tasks.spawn(calmly(
        lanes,
        introduce(
            api.clone(),
            link.clone(),
            (rooms.store.clone(), settings.token.bot_id()),
            random.clone(),
            stop.clone(),
        ),
    ));
    match &settings.delivery {
        Delivery::Polling => {
            let intake = rooms.intake.clone();
            tasks.spawn(calmly(
                lanes,
                poll::run(
                    api.clone(),
                    intake,
                    link.clone(),
                    random.clone(),
                    stop.clone(),
                ),
            ));
            None
        }
        Delivery::Webhook { url } => {
            let secret = settings
                .webhook_secret
                .clone()
                .unwrap_or_else(|| secret(&**random));
            tasks.spawn(calmly(
                lanes,
                hook(
                    api.clone(),
                    link.clone(),
                    url.clone(),
                    secret.clone(),
                    stop.clone(),
                ),
            ));
            Some(webhook::router(rooms.intake.clone(), link.clone(), secret))
        }
    }
}

/// Runs `work` once no suspect is being tried, so that nothing else can end the process meanwhile.
pub(super) fn calmly(
    lanes: &Lanes,
    work: impl Future<Output = ()> + Send + 'static,
) -> impl Future<Output = ()> + Send + 'static {
    let lanes = lanes.clone();
    async move {
        lanes.calm().await;
        work.await;
    }
}

/// Where the name of the bot with this id is kept, so that a start knows it before Telegram answers.
pub(super) fn name_key(own: impl std::fmt::Display) -> String {
    format!("bot_name_{own}")
}

/// Asks Telegram who this bot is, until it says; nothing else waits for the answer.
async fn introduce(
    api: Api,
    link: Arc<Link>,
    (store, own): (Store, u64),
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
                if let Some(name) = name.clone() {
                    let kept = store.write(move |tx| meta::put_text(tx, &name_key(own), &name));
                    if let Err(e) = kept.await {
                        tracing::warn!(error = %e, "this bot's name could not be kept for the next start");
                    }
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
