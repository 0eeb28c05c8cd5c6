//! Admission: one state machine for each person at a group's door, whichever way they come. Steps say what
//! they find; here alone Telegram is answered, and here are the timers.
mod apply;
mod rules;
mod steps;
mod store;
mod work;

pub use apply::{Came, Doorkeeper};
pub use rules::{
    Act, Door, Finding, Input, LONGEST_HOLD, Machine, Outcome, QUERY_CUT, QUERY_LIFE, State, Then,
};
pub use steps::{Applicant, Place, Step};
pub(super) use store::forget;
pub use store::{arrivals, letterbox, name_of, purge};
pub use work::{KIND_CUT, KIND_EXAMINE, KIND_WAKE};

/// A step that has found nothing out after this has failed.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(20);
