//! The rooms of the house itself that keep something of people: inbox, outbox, messages, profiles, audit.
use std::sync::Arc;

use super::store::kept;
use super::{Forget, Kept, Portion, Progress, store};
use crate::community::{admission, audit, export, principals, reputation};
use crate::queue;
use crate::store::{StoreError, Tx};
use crate::telegram::intake::inbox;
use crate::telegram::sender::outbox;

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

/// How an id stands in JSON, for SQLite's GLOB: with no digit on either side.
pub fn mark_of(person: i64) -> String {
    format!("*[^0-9]{person}[^0-9]*")
}

/// Those below the features. The outbox comes first, for it finds what belongs to a person's updates by the inbox.
pub fn house_rooms() -> Vec<Arc<dyn Forget>> {
    vec![
        Arc::new(Room("outbox", kept::OUTBOX, |tx, p| {
            let mark = mark_of(p.person);
            let (gone, next) = outbox::forget(tx, &mark, p.until, p.position, p.rows)?;
            Ok(Progress { gone, next })
        })),
        Arc::new(Room("inbox", kept::INBOX, |tx, p| {
            let mark = mark_of(p.person);
            let (gone, next) = inbox::forget(tx, &mark, p.until, p.position, p.rows)?;
            Ok(Progress { gone, next })
        })),
        Arc::new(Room("copies", &[], |tx, p| {
            let gone = queue::store::forget(tx, export::COPY_JOB, &p.person.to_string())?;
            Ok(Progress::done(gone))
        })),
        // While the messages that are quoted are still there to compare.
        Arc::new(Room("quotes", &[], |tx, p| store::forget_quotes(tx, p))),
        Arc::new(Room("messages", kept::MESSAGES, |tx, p| {
            store::forget_messages(tx, p)
        })),
        Arc::new(Room("restrictions", kept::RESTRICTIONS, |tx, p| {
            store::forget_restrictions(tx, p)
        })),
        Arc::new(Room("admissions", kept::ADMISSIONS, |tx, p| {
            Ok(Progress::done(admission::forget(tx, p.person)?))
        })),
        Arc::new(Room("reputation", kept::REPUTATION, |tx, p| {
            let objection = reputation::forget_objection(tx, p.person, p.until)?;
            Ok(Progress::done(
                objection + reputation::forget(tx, p.person)?,
            ))
        })),
        Arc::new(Room("allowances", kept::ALLOWANCES, |tx, p| {
            Ok(Progress::done(principals::forget(tx, p.person)?))
        })),
        Arc::new(Room("audit", kept::AUDIT, |tx, p| {
            let limit = u32::try_from(p.rows).unwrap_or(u32::MAX);
            let gone = audit::erase_personal(tx, p.person, limit)?;
            let next = (gone > 0).then_some(p.position + 1);
            Ok(Progress { gone, next })
        })),
        // Last: by the profile the others are found again after a crash that a restored copy followed.
        Arc::new(Room("profile", kept::PROFILE, |tx, p| {
            store::forget_profile(tx, p)
        })),
    ]
}
