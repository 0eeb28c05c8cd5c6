//! Questions to Telegram whose answer is needed now: budgeted, and the same question is asked once.
use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{Shared as SharedFuture, WeakShared};
use serde_json::Value;

use super::breaker::BreakerState;
use super::budget::Bucket;
use super::limits::Limits;
use super::methods::{Budget, Method};
use super::{Sender, Shared};
use crate::base::clock::Millis;
use crate::telegram::api::CallError;

/// A "too many" that asks for at most so many seconds is waited for, once.
const PATIENCE: u64 = 3;

type Answer = Result<Value, CallError>;
type Asking = Pin<Box<dyn Future<Output = Answer> + Send>>;

/// The questions under way and their budget.
pub(super) struct Questions {
    bucket: Mutex<Bucket>,
    under_way: Mutex<HashMap<(Method, String), WeakShared<Asking>>>,
}

impl Questions {
    pub(super) fn new(limits: &Limits, now: Millis) -> Self {
        let rate = limits.questions_per_second;
        Self {
            bucket: Mutex::new(Bucket::new(rate, rate, now)),
            under_way: Mutex::default(),
        }
    }
}

impl Sender {
    /// Calls a `get…` method within the budget for questions and returns its result. Callers who ask
    /// the same at the same time share one call. While Telegram does not answer at all it fails at once.
    pub async fn ask(&self, method: Method, params: &Value) -> Answer {
        if method.budget() != Budget::Questions {
            return Err(refusal(format!("{method} is not a question: send it")));
        }
        if self.status().breaker != BreakerState::Closed {
            return Err(CallError::Network {
                text: "Telegram does not answer at present".to_owned(),
                maybe_done: false,
            });
        }
        let asking = self.share(method, params);
        let answer = asking.await;
        self.shared
            .questions
            .under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|_, asking| asking.upgrade().is_some());
        answer
    }

    /// Whether the budget for questions has room to spare. What nobody waits for is asked only then, so that it never
    /// makes anybody wait who decides by the answer.
    pub fn has_questions_to_spare(&self) -> bool {
        let now = self.shared.clock.now();
        let mut bucket = self
            .shared
            .questions
            .bucket
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        bucket.is_half_full(now)
    }

    fn share(&self, method: Method, params: &Value) -> SharedFuture<Asking> {
        let key = (method, params.to_string());
        let mut under_way = self
            .shared
            .questions
            .under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(asking) = under_way.get(&key).and_then(WeakShared::upgrade) {
            return asking;
        }
        let (shared, params) = (self.shared.clone(), params.clone());
        let asking: Asking = Box::pin(async move { ask(&shared, method, &params).await });
        let asking = asking.shared();
        if let Some(weak) = asking.downgrade() {
            under_way.insert(key, weak);
        }
        asking
    }
}

async fn ask(shared: &Arc<Shared>, method: Method, params: &Value) -> Answer {
    turn(shared).await;
    let answer = shared.api.call(method, params).await;
    match answer {
        Err(CallError::Api {
            retry_after: Some(seconds),
            ..
        }) if seconds <= PATIENCE => {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            turn(shared).await;
            shared.api.call(method, params).await
        }
        answer => answer,
    }
}

/// Waits until the budget has room, and takes it.
async fn turn(shared: &Shared) {
    loop {
        let wait = {
            let now = shared.clock.now();
            let mut bucket = shared
                .questions
                .bucket
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            let due = bucket.ready_at(now);
            if due <= now {
                bucket.take(now);
                return;
            }
            due - now
        };
        tokio::time::sleep(Duration::from_millis(wait.clamp(1, 1_000).cast_unsigned())).await;
    }
}

fn refusal(text: String) -> CallError {
    CallError::Api {
        code: 400,
        text,
        retry_after: None,
        migrate_to: None,
    }
}
