//! Long polling: one request at a time, the offset moves after the commit.
use std::sync::Arc;
use std::time::Duration;

use serde_json::value::RawValue;
use tokio::sync::watch;

use super::{ALLOWED_UPDATES, Intake, RawUpdate};
use crate::base::crash::crash_point;
use crate::base::random::Random;
use crate::telegram::api::{Api, CallError};
use crate::telegram::link::{Link, LinkState};
use crate::telegram::sender::Method;

/// Seconds Telegram may hold a poll; it caps them at 50.
const HOLD: u16 = 30;
/// The same until Telegram has answered once, so that "connected" is known soon.
const FIRST_HOLD: u16 = 1;
/// Updates in one answer, Telegram's maximum.
const LIMIT: u8 = 100;
/// The longest pause after failures.
const MAX_PAUSE: Duration = Duration::from_secs(60);
/// What a poll may take on top of being held: the answer, and the commit of what it brought.
const PATIENCE: Duration = Duration::from_secs(90);
/// Pauses after "another poller": the other one may be an old process about to stop.
const RIVAL_PAUSE: [u64; 5] = [3, 5, 10, 30, 60];

/// What to do after an answer that is not a list of updates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remedy {
    /// Remove the webhook, keeping what waits, then poll again.
    RemoveWebhook,
    /// Another process polls with this token: wait, and say so.
    Rival,
    /// The token is wrong or revoked.
    BadToken,
    /// Telegram names the pause.
    Wait(Duration),
    /// Try again after a growing pause.
    Retry,
}

/// Reads the remedy off an error. Texts as the official server words them.
pub fn remedy(e: &CallError) -> Remedy {
    match e {
        CallError::Api {
            code: 409, text, ..
        } if text.contains("webhook") || text.contains("setWebhook") => Remedy::RemoveWebhook,
        CallError::Api { code: 409, .. } => Remedy::Rival,
        CallError::Api {
            code: 401 | 404, ..
        } => Remedy::BadToken,
        CallError::Api {
            retry_after: Some(s),
            ..
        } => Remedy::Wait(Duration::from_secs(*s)),
        _ => Remedy::Retry,
    }
}

/// Polls until `stop` turns true. Failures are reported through `link`, never returned.
pub async fn run(
    api: Api,
    intake: Intake,
    link: Arc<Link>,
    random: Arc<dyn Random>,
    mut stop: watch::Receiver<bool>,
) {
    // None at first: Telegram then sends everything unconfirmed, whatever its numbering, and the inbox
    // knows what it has.
    let mut offset: Option<i64> = None;
    let mut failures: u32 = 0;
    link.set_polling();
    while !*stop.borrow() {
        let up = link.state() == LinkState::Up;
        let hold = if up { HOLD } else { FIRST_HOLD };
        link.due_within(Duration::from_secs(hold.into()) + PATIENCE);
        let answer = tokio::select! {
            answer = api.get_updates(offset, LIMIT, hold, ALLOWED_UPDATES) => answer,
            _ = stop.changed() => break,
        };
        if offset.is_some() {
            crash_point("poll.acknowledged");
        }
        let pause = match answer {
            Ok(updates) => {
                let some = !updates.is_empty();
                match take(&intake, updates).await {
                    Ok(None) if some => {
                        // Without an id nothing can be acknowledged: the same will come again.
                        failures += 1;
                        backoff(failures, &*random)
                    }
                    Ok(last) => {
                        link.moved();
                        offset = last.map(|last| last.saturating_add(1)).or(offset);
                        failures = 0;
                        continue;
                    }
                    Err(e) => {
                        // Not acknowledged: Telegram sends them again.
                        failures += 1;
                        link.set(LinkState::Trouble(format!(
                            "updates could not be kept: {e}"
                        )));
                        tracing::error!(error = %e, "updates could not be kept; asking for them again");
                        backoff(failures, &*random)
                    }
                }
            }
            Err(e) => {
                failures += 1;
                recover(&api, &link, &e, failures, &*random).await
            }
        };
        link.due_within(pause + PATIENCE);
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stop.changed() => break,
        }
    }
}

/// Commits a batch; gives its last id.
async fn take(
    intake: &Intake,
    updates: Vec<Box<RawValue>>,
) -> Result<Option<i64>, crate::store::StoreError> {
    let mut batch = Vec::with_capacity(updates.len());
    // The last one counts, not the highest: ids may have begun anew inside the batch.
    let mut last = None;
    for raw in updates {
        let raw = String::from(Box::<str>::from(raw));
        // One that cannot be taken is passed over, or it would come again for ever.
        last = RawUpdate::id_of(&raw).ok().or(last);
        match intake.open(raw) {
            Ok(update) => batch.push(update),
            Err(e) => tracing::error!(error = %e, "Telegram sent something that is not an update"),
        }
    }
    if !batch.is_empty() {
        intake.accept(batch).await?;
    }
    Ok(last)
}

async fn recover(
    api: &Api,
    link: &Link,
    e: &CallError,
    failures: u32,
    random: &dyn Random,
) -> Duration {
    match remedy(e) {
        Remedy::RemoveWebhook => {
            link.set(LinkState::Trouble(
                "a webhook was set for this bot; removing it to poll".to_owned(),
            ));
            tracing::warn!("a webhook is set for this bot: removing it, waiting updates are kept");
            let params = serde_json::json!({ "drop_pending_updates": false });
            match api.call(Method::DeleteWebhook, &params).await {
                Ok(_) => Duration::from_millis(200),
                Err(e) => {
                    tracing::error!(error = %e, "the webhook could not be removed");
                    backoff(failures, random)
                }
            }
        }
        Remedy::Rival => {
            let step = (failures as usize)
                .saturating_sub(1)
                .min(RIVAL_PAUSE.len() - 1);
            let pause = RIVAL_PAUSE[step];
            let text = "another process polls with this bot's token, and Telegram gave it the updates: \
                        stop one of the two, or give each its own bot";
            link.set(LinkState::Trouble(text.to_owned()));
            tracing::error!(pause_s = pause, "{text}");
            Duration::from_secs(pause)
        }
        Remedy::BadToken => {
            link.set(LinkState::BadToken);
            tracing::error!(
                "Telegram does not accept the bot token: copy it again from @BotFather (/mybots → API Token)"
            );
            MAX_PAUSE
        }
        Remedy::Wait(pause) => {
            link.set(LinkState::Trouble(format!(
                "Telegram asks to wait {} s",
                pause.as_secs()
            )));
            tracing::warn!(
                pause_s = pause.as_secs(),
                "Telegram asks to wait before the next poll"
            );
            pause
        }
        Remedy::Retry => {
            let pause = backoff(failures, random);
            link.set(LinkState::Trouble(e.to_string()));
            tracing::warn!(error = %e, failures, pause_ms = pause.as_millis(), "polling failed");
            pause
        }
    }
}

/// The pause after that many failures: 0.5 s, 1 s, 2 s … up to a minute, less up to a quarter by chance.
pub fn backoff(failures: u32, random: &dyn Random) -> Duration {
    let base = Duration::from_millis(500) * 2_u32.saturating_pow(failures.saturating_sub(1).min(8));
    let pause = base.min(MAX_PAUSE);
    let jitter = u64::try_from(pause.as_millis() / 4).unwrap_or(0);
    pause - Duration::from_millis(random.below(jitter + 1))
}
