//! Domain events: what happened, in order, for those who follow; written in the transaction of the change.
mod store;

pub use store::{Event, after, follow, followed, purge};

use serde_json::Value;

use crate::base::clock::Millis;
use crate::store::{Signal, StoreError, Tx};

/// Longest body, in bytes of JSON.
pub const MAX_BODY: usize = 16 * 1024;

/// `tx.event(kind, tenant, subject, body, now)`: the change and the news of it in one transaction.
pub trait Emit {
    /// Adds an event and gives its number; followers wake after the commit. `kind` is `noun.happened`;
    /// `body` holds ids and numbers, never words or names.
    fn event(
        &mut self,
        kind: &'static str,
        tenant: Option<i64>,
        subject: &str,
        body: &Value,
        now: Millis,
    ) -> Result<i64, StoreError>;
}

impl Emit for Tx<'_> {
    fn event(
        &mut self,
        kind: &'static str,
        tenant: Option<i64>,
        subject: &str,
        body: &Value,
        now: Millis,
    ) -> Result<i64, StoreError> {
        let body = body.to_string();
        if body.len() > MAX_BODY {
            return Err(StoreError::Invalid(format!(
                "the event {kind} has a body of {} bytes, more than {MAX_BODY}",
                body.len()
            )));
        }
        let id = store::append(self, kind, tenant, subject, &body, now)?;
        self.wake(Signal::Events);
        Ok(id)
    }
}
