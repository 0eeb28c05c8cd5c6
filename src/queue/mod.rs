//! Durable work: jobs written in the transaction of what asks for them, done at least once, settled exactly once.
//!
//! A feature adds a job with `tx.enqueue(&Job::new("feature.verb", payload), now)` beside its state, and
//! registers a [`Worker`] for the kind. The worker returns [`Done`] with the changes that its work makes;
//! they are committed together with the mark that the job is done, so a crash at any instruction leaves
//! either both or neither. Calls to Telegram among them are effects (`tx.send`), as everywhere.
mod crew;
mod job;
mod pause;
mod run;
mod schedule;
pub mod store;
mod supervise;
mod times;
mod work;

pub use crew::{CALM, Crew, FLOOD};
pub use job::{Enqueue, Job, MAX_KEY, MAX_PAYLOAD, Priority};
pub use pause::{LONGEST, pause};
pub use run::{CRASHES, Runner, Status};
pub use schedule::{Due, MISSED, Misfire, ON_TIME, Schedule, Timetable, due, rewound};
pub use times::{MAX_CRON, Times};
pub use work::{Done, Trouble, Work, Worker, Write};
