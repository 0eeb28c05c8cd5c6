//! The rooms of the house itself that keep something of people: inbox, outbox, messages, profiles, audit.
use std::sync::Arc;

use super::{Forget, Portion, Progress, store};
use crate::community::{admission, audit, principals, reputation};
use crate::store::{StoreError, Tx};
use crate::telegram::intake::inbox;
use crate::telegram::sender::outbox;

/// A room that is a function.
struct Room(
    &'static str,
    fn(&mut Tx<'_>, Portion) -> Result<Progress, StoreError>,
);

impl Forget for Room {
    fn name(&self) -> &'static str {
        self.0
    }

    fn forget(&self, tx: &mut Tx<'_>, portion: Portion) -> Result<Progress, StoreError> {
        (self.1)(tx, portion)
    }
}

/// How an id stands in JSON, for SQLite's GLOB: with no digit on either side.
pub fn mark_of(person: i64) -> String {
    format!("*[^0-9]{person}[^0-9]*")
}

/// Those below the features. The outbox comes first, for it finds what belongs to a person's updates by the inbox.
pub fn house_rooms() -> Vec<Arc<dyn Forget>> {
    vec![
        Arc::new(Room("outbox", |tx, p| {
            let mark = mark_of(p.person);
            let (gone, next) = outbox::forget(tx, &mark, p.until, p.position, p.rows)?;
            Ok(Progress { gone, next })
        })),
        Arc::new(Room("inbox", |tx, p| {
            let mark = mark_of(p.person);
            let (gone, next) = inbox::forget(tx, &mark, p.until, p.position, p.rows)?;
            Ok(Progress { gone, next })
        })),
        // While the messages that are quoted are still there to compare.
        Arc::new(Room("quotes", |tx, p| store::forget_quotes(tx, p))),
        Arc::new(Room("messages", |tx, p| store::forget_messages(tx, p))),
        Arc::new(Room("restrictions", |tx, p| {
            store::forget_restrictions(tx, p)
        })),
        Arc::new(Room("admissions", |tx, p| {
            Ok(Progress::done(admission::forget(tx, p.person)?))
        })),
        Arc::new(Room("reputation", |tx, p| {
            Ok(Progress::done(reputation::forget(tx, p.person)?))
        })),
        Arc::new(Room("allowances", |tx, p| {
            Ok(Progress::done(principals::forget(tx, p.person)?))
        })),
        Arc::new(Room("audit", |tx, p| {
            let limit = u32::try_from(p.rows).unwrap_or(u32::MAX);
            let gone = audit::erase_personal(tx, p.person, limit)?;
            let next = (gone > 0).then_some(p.position + 1);
            Ok(Progress { gone, next })
        })),
        // Last: by the profile the others are found again after a crash that a restored copy followed.
        Arc::new(Room("profile", |tx, p| store::forget_profile(tx, p))),
    ]
}
