//! getUpdates: the long poll with its conflicts.
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Shared;
use super::errors::ApiError;
use super::params::Params;

/// Conflicts after the first are answered this late.
const CONFLICT_PAUSE: Duration = Duration::from_secs(3);

const BY_POLL: &str = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running";
const BY_WEBHOOK: &str = "Conflict: terminated by setWebhook request";
const WHILE_WEBHOOK: &str = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first";

/// Waits for updates; the answer's body as text, with the number of updates in it.
pub(crate) async fn get_updates(
    shared: &Arc<Shared>,
    params: &Params,
) -> Result<(String, usize), ApiError> {
    let offset = params.int("offset").unwrap_or(0);
    let limit = params.int("limit").unwrap_or(100);
    let limit = if (1..=100).contains(&limit) {
        usize::try_from(limit).unwrap_or(100)
    } else {
        100
    };
    let timeout = u64::try_from(params.int("timeout").unwrap_or(0)).unwrap_or(0);

    let started = shared.write(|world| {
        if world.hook.is_some() {
            return Err(WHILE_WEBHOOK);
        }
        if let Some(list) = params.list("allowed_updates") {
            world.queue.allow(list);
        }
        world.queue.generation += 1;
        world.queue.ended_by_webhook = false;
        let mut limits = (limit, timeout.min(world.options.longest_poll));
        if world.options.poll_guard {
            limits = world.queue.guard(offset, limits.0, limits.1);
        }
        let now = world.now();
        world.queue.expire(now);
        world.queue.confirm(offset);
        Ok((world.queue.generation, limits))
    });
    let (generation, (limit, timeout)) = match started {
        Ok(started) => started,
        Err(text) => return Err(conflict(shared, text).await),
    };
    // The older poll, if one waits, has to notice the newer one.
    shared.notify.notify_waiters();

    let deadline = tokio::time::Instant::now() + Duration::from_secs(timeout);
    loop {
        let notified = shared.notify.notified();
        tokio::pin!(notified);
        notified.as_mut().enable();
        match fetch(shared, generation, limit) {
            Ok(Some(found)) => return Ok(found),
            Ok(None) => {}
            Err(text) => return Err(conflict(shared, text).await),
        }
        if tokio::time::timeout_at(deadline, notified).await.is_err() {
            return Ok(("{\"ok\":true,\"result\":[]}".to_owned(), 0));
        }
    }
}

/// What waits now; an error when another poll or a webhook took over.
fn fetch(
    shared: &Shared,
    generation: u64,
    limit: usize,
) -> Result<Option<(String, usize)>, &'static str> {
    let mut world = shared.lock();
    if world.queue.generation != generation {
        return Err(if world.queue.ended_by_webhook {
            BY_WEBHOOK
        } else {
            BY_POLL
        });
    }
    let now = world.now();
    world.queue.expire(now);
    let count = world.queue.items.len().min(limit);
    if count == 0 {
        return Ok(None);
    }
    let mut body = String::with_capacity(64 + count * 512);
    body.push_str("{\"ok\":true,\"result\":[");
    for (at, item) in world.queue.items.iter().take(count).enumerate() {
        let comma = if at == 0 { "" } else { "," };
        // Writing into a String cannot fail.
        let _ = write!(body, "{comma}{}", item.text);
    }
    body.push_str("]}");
    Ok(Some((body, count)))
}

/// The first conflict is told at once, those within three seconds after it late.
async fn conflict(shared: &Arc<Shared>, text: &str) -> ApiError {
    let late = {
        let mut world = shared.lock();
        let now = Instant::now();
        let late = world.options.poll_guard && world.queue.next_conflict.is_some_and(|at| now < at);
        if !late {
            world.queue.next_conflict = Some(now + CONFLICT_PAUSE);
        }
        late
    };
    if late {
        tokio::time::sleep(CONFLICT_PAUSE).await;
    }
    ApiError::new(409, text)
}
