//! The one way out: effects become outbox rows, and the sender carries them out within the limits.
mod effects;
pub(in crate::telegram) mod methods;
pub mod outbox;
pub mod text;

pub use effects::{Effect, SendLane};
pub use methods::{Budget, Class, Method};
pub use outbox::{OutboxId, Send};
