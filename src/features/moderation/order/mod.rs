//! What a person sees of moderation: cards to decide on, who decided, and the way back.
//!
//! A verdict that a person should see opens a *card* in the group's log chat, else with its owner in private.
//! The first tap decides, in one transaction: what happens to the message, the label, the card. `card` holds
//! the words and buttons, `decide` what a tap does, `place` where cards stand, `tap` checks who taps.
pub(super) mod card;
mod decide;
mod place;
pub(super) mod store;
mod tap;

pub(super) use place::{Cards, open as open_card};
pub(super) use store::NewCard;
pub(super) use tap::CardCommand;
