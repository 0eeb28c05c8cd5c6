//! The arbiter: whoever restricts somebody does it here, in a ledger of who, why and until when, and
//! Telegram is told the strongest of what stands. So nobody's lift lifts what another imposed.
mod calls;
mod order;
mod permissions;
mod rules;
mod store;

pub use order::{Imposer, Lift, Measure, Order, Outcome, Subject, Whose, Why};
pub use permissions::{NAMES as PERMISSIONS, Permissions};
pub use rules::{
    Hold, LONGEST, RENEW, SHORTEST, Standing, Tell, WHILE_IT_HOLDS, bounded, due, leaves, succeeds,
    tell, wanted,
};
pub use store::{End, Restriction, get, history, put_own};

use crate::base::clock::Millis;
use crate::store::{StoreError, Tx};
use crate::telegram::sender::{OutboxId, Send as _};
use calls::At;
use store::{Entry, Held, Place, Way};

/// Accounts of Telegram's that stand for many: its own (linked channels' posts), anonymous admins, channels.
const MASKS: [i64; 3] = [777_000, 1_087_968_824, 136_817_688];

/// `tx.impose(&order, …)`, `tx.lift(&lift, …)`: the ledger, and the call to Telegram, in one transaction.
/// `update_seq` is the inbox row that caused it.
pub trait Arbitrate {
    /// Enters a measure into the ledger, and tells Telegram if that changes what holds. Ask
    /// `telegram::rights` first whether the person is an admin, and say so in the order.
    fn impose(
        &mut self,
        order: &Order,
        now: Millis,
        update_seq: Option<i64>,
    ) -> Result<Outcome, StoreError>;

    /// Ends measures in the ledger, and tells Telegram what is left of them, if anything is.
    fn lift(
        &mut self,
        lift: &Lift,
        now: Millis,
        update_seq: Option<i64>,
    ) -> Result<Outcome, StoreError>;
}

impl Arbitrate for Tx<'_> {
    fn impose(
        &mut self,
        order: &Order,
        now: Millis,
        update_seq: Option<i64>,
    ) -> Result<Outcome, StoreError> {
        let chat = store::today(self, order.chat)?;
        let subject = order.subject.id();
        let place = store::place(self, chat, subject)?;
        if let Some(why) = objection(order, &place, store::own(self)?) {
            return Ok(Outcome::Refused(why));
        }
        let leaves = leaves(order.what);
        let until = match order.by {
            // A ban list alone never bans for good.
            Imposer::BanList => Some(order.until.unwrap_or(now + LONGEST).min(now + LONGEST)),
            _ => order.until,
        };
        let mut entry = Entry {
            chat,
            subject,
            imposer: order.by,
            leaves,
            until: bounded(until, now),
            reason: &order.reason,
            verdict: order.verdict,
        };
        let standing = store::standing(self, chat, subject)?;
        if let Some(old) = standing.iter().find(|s| s.imposer == order.by) {
            let Some((leaves, until)) = succeeds(old, entry.leaves, entry.until) else {
                return Ok(Outcome::Unchanged);
            };
            (entry.leaves, entry.until) = (leaves, until);
            store::end(self, old.id, End::Replaced, order.by.parts().0, None, now)?;
        }
        let id = store::enter(self, &entry, now)?;
        let told = bring_about(
            self,
            chat,
            order.subject,
            order.revoke_messages,
            now,
            update_seq,
        )?;
        Ok(
            told.map_or(Outcome::Covered { entry: id }, |outbox| Outcome::Told {
                entry: Some(id),
                outbox,
            }),
        )
    }

    fn lift(
        &mut self,
        lift: &Lift,
        now: Millis,
        update_seq: Option<i64>,
    ) -> Result<Outcome, StoreError> {
        let chat = store::today(self, lift.chat)?;
        let subject = lift.subject.id();
        let standing = store::standing(self, chat, subject)?;
        let fall: Vec<&Standing> = match lift.whose {
            Whose::Own => standing.iter().filter(|s| s.imposer == lift.by).collect(),
            Whose::Entry(id) => standing.iter().filter(|s| s.id == id).collect(),
            Whose::All => standing.iter().collect(),
        };
        let others = fall.iter().any(|s| s.imposer != lift.by);
        if !lift.by.is_person() && (others || lift.whose == Whose::All) {
            return Ok(Outcome::Refused(Why::NotYours));
        }
        let (word, by) = lift.by.parts();
        let word = if by == 0 {
            word.to_owned()
        } else {
            format!("{word}:{by}")
        };
        for entry in &fall {
            store::end(self, entry.id, End::Lifted, &word, None, now)?;
        }
        let last = fall.last().map(|s| s.id);
        let told = bring_about(self, chat, lift.subject, false, now, update_seq)?;
        if let (None, Whose::All, None) = (told, lift.whose, last) {
            // Restricted before Beadle came, or behind its back.
            let at = at(self, chat, lift.subject)?;
            let mut outbox = None;
            for effect in calls::free_of_all(at) {
                outbox = Some(self.send(&effect, now, update_seq)?);
            }
            return Ok(outbox.map_or(Outcome::Unchanged, |outbox| Outcome::Told {
                entry: None,
                outbox,
            }));
        }
        Ok(match (told, last) {
            (Some(outbox), entry) => Outcome::Told { entry, outbox },
            (None, Some(entry)) => Outcome::Covered { entry },
            (None, None) => Outcome::Unchanged,
        })
    }
}

/// Why an order is not followed, if it is not.
fn objection(order: &Order, place: &Place, own: i64) -> Option<Why> {
    if let Subject::User(user) = order.subject
        && (user == own || MASKS.contains(&user))
    {
        return Some(Why::NotAPerson);
    }
    if place.admin && !order.asked {
        return Some(Why::Admin);
    }
    if place.away {
        return Some(Why::Away);
    }
    if place.may_restrict == Some(false) {
        return Some(Why::NoRight);
    }
    match (order.subject, order.what) {
        (_, Measure::Ban) => None,
        (Subject::Channel(_), _) => Some(Why::OnlyBan),
        _ if place.kind == "group" => Some(Why::BasicGroup),
        _ => None,
    }
}

fn at(tx: &Tx<'_>, chat: i64, subject: Subject) -> Result<At, StoreError> {
    let place = store::place(tx, chat, subject.id())?;
    Ok(At {
        chat,
        subject,
        basic: place.kind == "group",
        ahead: store::ahead(tx)?,
    })
}

/// Tells Telegram what stands against somebody, if that is not what it was last told.
fn bring_about(
    tx: &mut Tx<'_>,
    chat: i64,
    subject: Subject,
    revoke: bool,
    now: Millis,
    update_seq: Option<i64>,
) -> Result<Option<OutboxId>, StoreError> {
    let id = subject.id();
    let standing = store::standing(tx, chat, id)?;
    let before = store::held(tx, chat, id)?;
    let told = before.and_then(|h| h.hold);
    let wanted = wanted(&standing, now);
    let tell = tell(told, wanted, now);
    let effect = calls::call(at(tx, chat, subject)?, tell, revoke);
    let outbox = match effect {
        Some(effect) => Some(tx.send(&effect, now, update_seq)?),
        None => None,
    };
    let held = match (tell, outbox) {
        (Tell::Nothing, _) => before,
        (_, outbox) => Some(Held {
            hold: match tell {
                Tell::Hold(hold) => Some(hold),
                _ => None,
            },
            outbox,
            way: if outbox.is_some() {
                Way::OnItsWay
            } else {
                Way::So
            },
            tries: 0,
        }),
    };
    let nothing_held = held.is_none_or(|h| {
        h.way == Way::So && h.hold.is_none_or(|h| h.until.is_some_and(|u| u <= now))
    });
    if standing.is_empty() && nothing_held {
        store::forget_held(tx, chat, id)?;
    } else {
        let held = held.unwrap_or(Held {
            hold: None,
            outbox: None,
            way: Way::So,
            tries: 0,
        });
        let due = due(&standing, held.hold, now);
        store::put_held(tx, chat, id, &held, due, now)?;
    }
    Ok(outbox)
}
