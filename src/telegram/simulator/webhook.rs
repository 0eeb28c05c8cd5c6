//! Delivery by webhook: one after another within a queue, side by side across queues, with retries.
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::params::Params;
use super::updates::Key;
use super::world::World;
use super::{Shared, execute};

/// A server that answers 410 for this long loses its webhook (milliseconds): 23 hours.
const GONE: i64 = 23 * 3_600_000;
/// Longest back-off in seconds; the official server spreads it over 60 to 120.
const LONGEST_PAUSE: u64 = 60;
/// `Retry-After` is honoured up to an hour.
const LONGEST_RETRY_AFTER: u64 = 3600;

/// A webhook that is set.
#[derive(Debug)]
pub(crate) struct Hook {
    pub(crate) url: String,
    secret: Option<String>,
    pub(crate) connections: usize,
    /// Tells this hook from one set later.
    serial: u64,
    /// Unix seconds and words.
    pub(crate) last_error: Option<(i64, String)>,
    busy: HashSet<Key>,
    /// Not before this moment; the pause in seconds that led to it.
    pauses: HashMap<Key, (Instant, u64)>,
    /// Since when every answer was 410 (milliseconds).
    gone_since: Option<i64>,
}

impl Hook {
    pub(crate) fn new(
        url: String,
        secret: Option<String>,
        connections: usize,
        serial: u64,
    ) -> Self {
        Self {
            url,
            secret,
            connections,
            serial,
            last_error: None,
            busy: HashSet::new(),
            pauses: HashMap::new(),
            gone_since: None,
        }
    }
}

/// One delivery.
struct Job {
    url: String,
    secret: Option<String>,
    serial: u64,
    id: i64,
    key: Key,
    text: Arc<str>,
}

/// Delivers for as long as the server lives.
pub(crate) async fn deliver(shared: Arc<Shared>) {
    let Ok(client) = reqwest::Client::builder()
        .timeout(Duration::from_secs(60))
        .redirect(reqwest::redirect::Policy::none())
        .build()
    else {
        return;
    };
    loop {
        let notified = shared.notify.notified();
        tokio::pin!(notified);
        notified.as_mut().enable();
        let (jobs, wake) = plan(&mut shared.lock());
        for job in jobs {
            tokio::spawn(one(Arc::clone(&shared), client.clone(), job));
        }
        match wake {
            Some(at) => {
                let _ = tokio::time::timeout_at(at.into(), notified).await;
            }
            None => notified.await,
        }
    }
}

/// What can go out now, and when the next pause ends.
fn plan(world: &mut World) -> (Vec<Job>, Option<Instant>) {
    let now = Instant::now();
    let clock = world.now();
    world.queue.expire(clock);
    let Some(hook) = &mut world.hook else {
        return (Vec::new(), None);
    };
    let mut jobs = Vec::new();
    let mut wake: Option<Instant> = None;
    let mut seen: HashSet<Key> = HashSet::new();
    for item in &world.queue.items {
        if hook.busy.len() >= hook.connections {
            break;
        }
        // Only the first of each queue may go.
        if !seen.insert(item.key) || hook.busy.contains(&item.key) {
            continue;
        }
        if let Some((until, _)) = hook.pauses.get(&item.key)
            && *until > now
        {
            wake = Some(wake.map_or(*until, |w| w.min(*until)));
            continue;
        }
        hook.busy.insert(item.key);
        jobs.push(Job {
            url: hook.url.clone(),
            secret: hook.secret.clone(),
            serial: hook.serial,
            id: item.id,
            key: item.key,
            text: Arc::clone(&item.text),
        });
    }
    (jobs, wake)
}

/// What came back.
enum Reply {
    Taken(Option<Value>),
    Failed {
        text: String,
        retry_after: Option<u64>,
        gone: bool,
    },
}

async fn one(shared: Arc<Shared>, client: reqwest::Client, job: Job) {
    let reply = send(&client, &job).await;
    shared.write(|world| settle(world, &job, reply));
}

async fn send(client: &reqwest::Client, job: &Job) -> Reply {
    let mut request = client
        .post(&job.url)
        .header("Content-Type", "application/json")
        .body(job.text.to_string());
    if let Some(secret) = &job.secret {
        request = request.header("X-Telegram-Bot-Api-Secret-Token", secret);
    }
    match request.send().await {
        Err(error) => {
            let text = if error.is_timeout() {
                "Read timeout expired"
            } else {
                "Connection refused"
            };
            Reply::Failed {
                text: text.to_owned(),
                retry_after: None,
                gone: false,
            }
        }
        Ok(response) if response.status().is_success() => {
            let body = response.bytes().await.unwrap_or_default();
            Reply::Taken(serde_json::from_slice(&body).ok())
        }
        Ok(response) => {
            let status = response.status();
            let after = response.headers().get("retry-after");
            Reply::Failed {
                text: format!(
                    "Wrong response from the webhook: {} {}",
                    status.as_u16(),
                    status.canonical_reason().unwrap_or_default()
                ),
                retry_after: after
                    .and_then(|v| v.to_str().ok())
                    .and_then(|v| v.parse().ok()),
                gone: status.as_u16() == 410,
            }
        }
    }
}

fn settle(world: &mut World, job: &Job, reply: Reply) {
    let (now, unix) = (world.now(), world.unix());
    let second = world.options.webhook_second_ms;
    let Some(hook) = world.hook.as_mut().filter(|hook| hook.serial == job.serial) else {
        return;
    };
    hook.busy.remove(&job.key);
    match reply {
        Reply::Taken(body) => {
            hook.pauses.remove(&job.key);
            hook.gone_since = None;
            world.queue.items.retain(|item| item.id != job.id);
            if let Some(Value::Object(mut map)) = body
                && let Some(Value::String(method)) = map.remove("method")
                && !forbidden(&method)
            {
                // "It is not possible to know that such a request was successful or get its result."
                let _ = execute::call(
                    world,
                    &method,
                    Params {
                        map,
                        ..Params::default()
                    },
                );
            }
        }
        Reply::Failed {
            text,
            retry_after,
            gone,
        } => {
            hook.last_error = Some((unix, text));
            if gone {
                let since = *hook.gone_since.get_or_insert(now);
                if now - since >= GONE {
                    world.hook = None;
                    return;
                }
            } else {
                hook.gone_since = None;
            }
            let before = hook.pauses.get(&job.key).map_or(0, |(_, seconds)| *seconds);
            let doubled = (before * 2).clamp(1, LONGEST_PAUSE);
            let seconds = retry_after.map_or(doubled, |s| s.clamp(1, LONGEST_RETRY_AFTER));
            let until = Instant::now() + Duration::from_millis(seconds * second);
            hook.pauses.insert(job.key, (until, doubled));
        }
    }
}

/// Methods that an answer to a webhook cannot call.
fn forbidden(method: &str) -> bool {
    let method = method.to_ascii_lowercase();
    method.starts_with("get")
        || ["setwebhook", "deletewebhook", "close", "logout"].contains(&method.as_str())
}
