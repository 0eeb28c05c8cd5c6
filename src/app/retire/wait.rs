//! Waits for what becomes of a call.
use std::time::Duration;

use crate::store::{Store, StoreError};
use crate::telegram::sender::OutboxId;
use crate::telegram::sender::outbox::{self, State};

/// How often to look.
const EVERY: Duration = Duration::from_millis(20);

/// Waits until the call `id` is settled, for at most `patience`; an error says in words why it is not done.
pub(super) async fn settled(
    store: &Store,
    id: OutboxId,
    patience: Duration,
) -> Result<Result<(), String>, StoreError> {
    let deadline = tokio::time::Instant::now() + patience;
    loop {
        let row = store.read(move |conn| outbox::get(conn, id)).await?;
        let Some(row) = row else {
            return Ok(Err("the call is lost".to_owned()));
        };
        match row.state {
            State::Done => return Ok(Ok(())),
            State::Failed | State::Unknown | State::Expired => {
                return Ok(Err(row.error.unwrap_or_else(|| "no answer".to_owned())));
            }
            State::Queued | State::Sending if tokio::time::Instant::now() >= deadline => {
                let why = row.error.unwrap_or_else(|| "no answer in time".to_owned());
                return Ok(Err(why));
            }
            State::Queued | State::Sending => tokio::time::sleep(EVERY).await,
        }
    }
}
