//! The jobs of admissions: steps at work, holds that run out, queries that will not wait.
use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde_json::json;
use uuid::Uuid;

use super::apply::Doorkeeper;
use super::rules::{Finding, Input, State};
use super::store::{self, Admission};
use crate::base::crash::crash_point;
use crate::queue::{Crew, Done, Job, Priority, Trouble, Work, Worker};

/// A step looks at somebody.
pub const KIND_EXAMINE: &str = "admission.examine";
/// A hold has run out.
pub const KIND_WAKE: &str = "admission.wake";
/// A query will not wait longer.
pub const KIND_CUT: &str = "admission.cut";

/// A job about an admission.
pub(super) fn job(kind: &'static str, admission: &Admission, step: Option<usize>) -> Job {
    let id = Uuid::from_bytes(admission.id).to_string();
    Job::new(kind, json!({ "id": id, "step": step }))
        .priority(Priority::Urgent)
        .tenant(admission.chat)
}

/// Who does them.
pub(super) fn workers(keeper: &Doorkeeper) -> Vec<Arc<dyn Worker>> {
    [KIND_EXAMINE, KIND_WAKE, KIND_CUT]
        .into_iter()
        .map(|kind| {
            Arc::new(Porter {
                keeper: keeper.clone(),
                kind,
            }) as Arc<dyn Worker>
        })
        .collect()
}

struct Porter {
    keeper: Doorkeeper,
    kind: &'static str,
}

impl Worker for Porter {
    fn kind(&self) -> &'static str {
        self.kind
    }

    fn crew(&self) -> Crew {
        Crew::WAITING
    }

    fn run<'a>(&'a self, work: &'a mut Work) -> BoxFuture<'a, Result<Done, Trouble>> {
        Box::pin(self.attend(work))
    }
}

impl Porter {
    async fn attend(&self, work: &mut Work) -> Result<Done, Trouble> {
        let id = work.payload["id"]
            .as_str()
            .and_then(|id| Uuid::parse_str(id).ok())
            .ok_or_else(|| Trouble::Hopeless("it names no admission".to_owned()))?
            .into_bytes();
        let names = self.keeper.names();
        let listed = names.clone();
        let found = self
            .keeper
            .store
            .read(move |conn| store::get(conn, &id, &listed))
            .await?;
        let Some(admission) = found else {
            return Ok(Done::nothing());
        };
        let now = work.now();
        let input = match self.kind {
            KIND_WAKE => Input::Time(now),
            KIND_CUT => Input::Cut,
            _ => {
                // A machine that went on meanwhile is not asked again.
                let State::At(step) = admission.machine.state else {
                    return Ok(Done::nothing());
                };
                Input::Found(step, self.examine(&admission, step, now).await)
            }
        };
        crash_point("admission.examined");
        let keeper = self.keeper.clone();
        Ok(Done::with(move |tx| {
            // Read again: it may have moved while the step was at work.
            if let Some(admission) = store::get(tx, &id, &names)? {
                keeper.take(tx, admission, &input, now)?;
            }
            Ok(())
        }))
    }

    async fn examine(&self, admission: &Admission, step: usize, now: i64) -> Finding {
        let Some(step) = self.keeper.steps.get(step) else {
            return Finding::Pass;
        };
        let who = admission.applicant(now);
        match tokio::time::timeout(super::PATIENCE, step.examine(&who)).await {
            Ok(Ok(finding)) => finding,
            Ok(Err(why)) => {
                tracing::warn!(
                    chat = who.chat,
                    user = who.user,
                    step = step.name(),
                    why,
                    "a check at the door failed, and harms nobody"
                );
                Finding::Failed
            }
            Err(_) => {
                tracing::warn!(
                    chat = who.chat,
                    step = step.name(),
                    "a check at the door took too long, and harms nobody"
                );
                Finding::Failed
            }
        }
    }
}
