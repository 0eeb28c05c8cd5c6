//! What moderation keeps of people, and how it forgets them: verdicts, lessons, treatments, names on cards.
use std::sync::Arc;

use super::{learning, store};
use crate::community::erasure::{Forget, Kept, Portion, Progress};
use crate::store::{StoreError, Tx};

/// A room that is a function.
struct Room(
    &'static str,
    &'static [Kept],
    fn(&mut Tx<'_>, Portion) -> Result<Progress, StoreError>,
);

impl Forget for Room {
    fn name(&self) -> &'static str {
        self.0
    }

    fn forget(&self, tx: &mut Tx<'_>, portion: Portion) -> Result<Progress, StoreError> {
        (self.2)(tx, portion)
    }

    fn kept(&self) -> &'static [Kept] {
        self.1
    }
}

/// The tables of this feature that hold something of people.
pub fn forgetful_rooms() -> Vec<Arc<dyn Forget>> {
    // Lessons and cards go before the messages and verdicts by which they are found.
    let mut rooms: Vec<Arc<dyn Forget>> =
        vec![Arc::new(Room("lessons", learning::KEPT, learning::forget))];
    rooms.extend(super::order::forgetful_rooms());
    rooms.extend(super::newcomers::forgetful_rooms());
    rooms.extend(super::house::forgetful_rooms());
    rooms.extend(super::tools::forgetful_rooms());
    rooms.extend(super::shared::forgetful_rooms());
    rooms.push(Arc::new(Room("verdicts", store::KEPT, |tx, p| {
        store::forget_verdicts(tx, p)
    })));
    rooms
}
