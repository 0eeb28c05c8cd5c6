//! What the machine decides becomes rows, jobs and calls, in one transaction.
use std::sync::Arc;

use serde_json::json;

use super::rules::{Act, Door, Finding, Input, Machine, QUERY_CUT, QUERY_LIFE, State};
use super::steps::{BanCheck, Place, Step};
use super::store::{self, Admission};
use super::work;
use crate::base::clock::Millis;
use crate::base::secretbox::Keyring;
use crate::community::arbiter::{self, Arbitrate as _, Lift, Measure, Order, Subject, Whose};
use crate::community::erasure;
use crate::community::events::Emit as _;
use crate::queue::{Enqueue as _, Worker};
use crate::store::{Store, StoreError, Tx};
use crate::telegram::sender::{Effect, Method, Send as _, SendLane};

/// Somebody who is put out only this once may come back after so long: Telegram needs a ban for it, and
/// takes less than 30 s for "for good".
const ONLY_NOW: Millis = 60_000;

/// Somebody came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Came {
    /// The group.
    pub chat: i64,
    /// Who.
    pub user: i64,
    /// How.
    pub door: Door,
    /// Telegram's id of the query, where there is one.
    pub query: Option<String>,
    /// Where they may be written to.
    pub user_chat: Option<i64>,
    /// When, by this machine's clock.
    pub at: Millis,
}

/// The steps in their order. Cheap to clone.
#[derive(Clone)]
pub struct Doorkeeper {
    pub(super) steps: Arc<[Arc<dyn Step>]>,
    pub(super) store: Store,
    keys: Keyring,
}

impl Doorkeeper {
    /// With the first steps and those that features add; by `keys` whoever was erased and is banned is known.
    pub fn new(store: &Store, keys: &Keyring, mut added: Vec<Arc<dyn Step>>) -> Self {
        added.push(Arc::new(BanCheck {
            store: store.clone(),
            keys: keys.clone(),
        }));
        added.sort_by_key(|step| step.place());
        Self {
            steps: added.into(),
            store: store.clone(),
            keys: keys.clone(),
        }
    }

    /// Who does the jobs of admissions.
    pub fn workers(&self) -> Vec<Arc<dyn Worker>> {
        work::workers(self)
    }

    pub(super) fn names(&self) -> Vec<&'static str> {
        self.steps.iter().map(|step| step.name()).collect()
    }

    /// Somebody came: an admission begins, unless one of theirs is open. `id` is a fresh UUIDv7. Gives
    /// whether one began.
    pub fn came(
        &self,
        tx: &mut Tx<'_>,
        came: &Came,
        id: [u8; 16],
        now: Millis,
    ) -> Result<bool, StoreError> {
        let (machine, acts) = Machine::begin(came.door, self.steps.len());
        let admission = Admission {
            id,
            chat: came.chat,
            user: came.user,
            machine,
            query: came.query.clone().map(|q| (q, came.at + QUERY_LIFE)),
            user_chat: came.user_chat,
            notes: Vec::new(),
        };
        if !store::add(tx, &admission, now)? {
            return Ok(false);
        }
        if admission.query.is_some() {
            let cut = work::job(work::KIND_CUT, &admission, None).at(came.at + QUERY_CUT);
            tx.enqueue(&cut, now)?;
        }
        self.carry_out(tx, admission, &acts, None, now)?;
        Ok(true)
    }

    /// A step has news of somebody whom it held: a captcha solved, a channel joined. False when no such
    /// hold is open any more.
    pub fn found(
        &self,
        tx: &mut Tx<'_>,
        chat: i64,
        user: i64,
        step: &str,
        finding: &Finding,
        now: Millis,
    ) -> Result<bool, StoreError> {
        let names = self.names();
        let Some(admission) = store::open(tx, chat, user, &names)? else {
            return Ok(false);
        };
        let Some(number) = names.iter().position(|name| *name == step) else {
            return Ok(false);
        };
        let input = Input::Found(number, finding.clone());
        self.take(tx, admission, &input, now)
    }

    /// Somebody left, or took a request back.
    pub fn left(
        &self,
        tx: &mut Tx<'_>,
        chat: i64,
        user: i64,
        now: Millis,
    ) -> Result<bool, StoreError> {
        match store::open(tx, chat, user, &self.names())? {
            Some(admission) => self.take(tx, admission, &Input::Left, now),
            None => Ok(false),
        }
    }

    /// Somebody's ban was ended at Telegram: one that outlived their data ends with it.
    pub fn unbanned(&self, tx: &mut Tx<'_>, chat: i64, user: i64) -> Result<(), StoreError> {
        erasure::drop_ban(tx, &self.keys, chat, user).map(|_kept| ())
    }

    /// Gives an admission's machine an input; false when that changed nothing.
    pub(super) fn take(
        &self,
        tx: &mut Tx<'_>,
        mut admission: Admission,
        input: &Input,
        now: Millis,
    ) -> Result<bool, StoreError> {
        let before = admission.machine.clone();
        let acts = admission.machine.take(input, now);
        if admission.machine == before && acts.is_empty() {
            return Ok(false);
        }
        let reason = match input {
            Input::Found(_, Finding::Noted(note)) => {
                admission.notes.push((*note).to_owned());
                None
            }
            Input::Found(_, Finding::Refuse { reason, .. }) => Some(*reason),
            Input::Time(_) => Some("time"),
            _ => None,
        };
        let who = admission.applicant(now);
        let after = admission.machine.state.clone();
        self.carry_out(tx, admission, &acts, reason, now)?;
        let held = |state: &State| match state {
            State::Held { step, .. } => Some(*step),
            _ => None,
        };
        let (was, is) = (held(&before.state), held(&after));
        if was != is {
            if let Some(step) = was.and_then(|step| self.steps.get(step)) {
                step.over(tx, &who)?;
            }
            if let (State::Held { until, .. }, Some(step)) =
                (after, is.and_then(|step| self.steps.get(step)))
            {
                step.held(tx, &who, until)?;
            }
        }
        Ok(true)
    }

    fn carry_out(
        &self,
        tx: &mut Tx<'_>,
        mut admission: Admission,
        acts: &[Act],
        reason: Option<&str>,
        now: Millis,
    ) -> Result<(), StoreError> {
        let (chat, user) = (admission.chat, admission.user);
        for act in acts {
            match *act {
                Act::Examine(step) => {
                    let job = work::job(work::KIND_EXAMINE, &admission, Some(step));
                    tx.enqueue(&job, now)?;
                }
                Act::Wake(at) => {
                    tx.enqueue(&work::job(work::KIND_WAKE, &admission, None).at(at), now)?;
                }
                Act::Mute(step) => self.restrict(tx, &admission, step, Measure::Mute, None, now)?,
                Act::Unmute(step) => self.unmute(tx, &admission, step, now)?,
                Act::PutOut(step, span) => {
                    let until = now + span.unwrap_or(ONLY_NOW);
                    self.restrict(tx, &admission, step, Measure::Ban, Some(until), now)?;
                }
                Act::Approve => answer(tx, &mut admission, "approve", now)?,
                Act::Decline => answer(tx, &mut admission, "decline", now)?,
                Act::Queue => answer(tx, &mut admission, "queue", now)?,
            }
        }
        let step = match admission.machine.state {
            State::At(step) | State::Held { step, .. } => self.steps.get(step).map(|s| s.name()),
            State::Over(_) => None,
        };
        if let State::Over(outcome) = admission.machine.state {
            let body = json!({ "outcome": outcome.word(), "reason": reason });
            tx.event(
                "admission.decided",
                Some(chat),
                &format!("user:{user}"),
                &body,
                now,
            )?;
        }
        store::put(tx, &admission, step, reason, now)
    }

    fn place(&self, step: usize) -> Place {
        self.steps.get(step).map_or(Place::Captcha, |s| s.place())
    }

    fn restrict(
        &self,
        tx: &mut Tx<'_>,
        admission: &Admission,
        step: usize,
        what: Measure,
        until: Option<Millis>,
        now: Millis,
    ) -> Result<(), StoreError> {
        let (chat, user) = (admission.chat, admission.user);
        if what == Measure::Ban && arbiter::banned(tx, chat, user, now)?.is_some() {
            // Beneath the ban nothing of this step goes on.
            self.unmute(tx, admission, step, now)?;
            return arbiter::insist(tx, chat, user, now);
        }
        let order = Order {
            chat,
            subject: Subject::User(user),
            by: self.place(step).imposer(),
            what,
            until,
            reason: self
                .steps
                .get(step)
                .map_or("admission", |s| s.name())
                .to_owned(),
            verdict: None,
            revoke_messages: false,
            asked: false,
        };
        // A ban takes the place of the step's own mute. What the arbiter refuses (an admin, a basic group) is nothing
        // to insist on, and then the mute is not left behind.
        let outcome = tx.impose(&order, now, None)?;
        if what == Measure::Ban && matches!(outcome, arbiter::Outcome::Refused(_)) {
            self.unmute(tx, admission, step, now)?;
        }
        Ok(())
    }

    /// Lifts what this step imposed.
    fn unmute(
        &self,
        tx: &mut Tx<'_>,
        admission: &Admission,
        step: usize,
        now: Millis,
    ) -> Result<(), StoreError> {
        let lift = Lift {
            chat: admission.chat,
            subject: Subject::User(admission.user),
            by: self.place(step).imposer(),
            whose: Whose::Own,
        };
        tx.lift(&lift, now, None).map(|_outcome| ())
    }
}

/// Answers a request or query; after its deadline a query is a request like others.
fn answer(
    tx: &mut Tx<'_>,
    admission: &mut Admission,
    result: &str,
    now: Millis,
) -> Result<(), StoreError> {
    let query = admission.query.take().filter(|(_, until)| *until > now);
    let effect = match (query, result) {
        (Some((query, until)), _) => {
            let params = json!({ "chat_join_request_query_id": query, "result": result });
            Effect::generic(Method::AnswerChatJoinRequestQuery, None, params)
                .lane(SendLane::Deadline)
                .until(until)
        }
        (None, "approve") => Effect::approve_join(admission.chat, admission.user),
        (None, "decline") => Effect::decline_join(admission.chat, admission.user),
        // It waits already.
        _ => return Ok(()),
    };
    tx.send(&effect, now, None)?;
    Ok(())
}
