//! The arbiter: whoever restricts somebody does it here, in a ledger of who, why and until when, and
//! Telegram is told the strongest of what stands. So nobody's lift lifts what another imposed.
mod calls;
mod chat;
mod jobs;
mod ledger;
mod order;
mod outside;
mod permissions;
mod release;
mod rules;
mod settle;
mod store;

pub use chat::{ArbitrateChat, CHAT_LONGEST, ChatImposer, ChatOrder};
pub use jobs::{KIND_CHAT, KIND_FOLLOW, KIND_RENEW, KIND_SETTLE, stand, workers};
pub(super) use ledger::moved;
pub use ledger::{Arbitrate, insist};
pub use order::{Imposer, Lift, Measure, Order, Outcome, Subject, Whose, Why};
pub use outside::{heard, promoted_again};
pub use permissions::{NAMES as PERMISSIONS, Permissions};
pub(super) use release::let_go;
pub use release::{Released, release};
pub use rules::{
    Hold, LONGEST, RENEW, SHORTEST, Standing, Tell, WHILE_IT_HOLDS, bounded, due, leaves, succeeds,
    tell, wanted,
};
pub use settle::{refused, retell};
pub(super) use store::put_ahead;
pub use store::{End, Restriction, ban_by_person, banned, get, history, purge, put_own};
