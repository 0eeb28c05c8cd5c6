//! What a person sees of moderation: cards to decide on, who decided, and the way back.
//!
//! A verdict that a person should see opens a *card* in the group's log chat, else with its owner in private.
//! The first tap decides, in one transaction: what happens to the message and its author, what is learned,
//! the audit, the card. `desk` is what all of it works with, and knows where cards stand; `card` holds the
//! words and buttons, `seal` signs the buttons, `tap` checks who taps, `decide` what a tap does. `treat`
//! applies the ladder through the arbiter, `tell` says so to the person by the first of the `ways` that is open,
//! `appeal` and `undo` are the way back. `picture` shows what was removed, `keep` moves and expires cards, `offer`
//! offers mode *act*. `recount` keeps a flood on one card, `upgrade` follows groups, `wipe` takes words off cards
//! that may not show them, `mention` keeps advertising names out of groups.
mod appeal;
pub(super) mod card;
pub(super) mod decide;
pub(super) mod desk;
mod forget;
mod keep;
pub(super) mod mention;
pub(super) mod offer;
mod picture;
mod recount;
pub(super) use crate::community::seal;
mod sentence;
pub(super) mod store;
mod tap;
pub(super) mod tell;
pub(super) mod treat;
pub(super) mod undo;
mod upgrade;
mod ways;
mod wipe;

pub(super) use appeal::AppealCommand;
pub(super) use desk::{Desk, open as open_card, refresh};
pub(super) use forget::rooms as forgetful_rooms;
pub(super) use keep::{CardsWorker, OffersWorker, expire_cards, shake, stand};
pub(super) use recount::RecountWorker;
pub(super) use sentence::{Carried, Sentence, What, carry_out};
pub(super) use store::NewCard;
pub(super) use tap::{CardCommand, whole_name};
pub(super) use upgrade::moved;
pub(super) use wipe::WipeWorker;
