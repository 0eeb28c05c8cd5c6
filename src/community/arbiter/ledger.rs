//! Orders and lifts become entries of the ledger and calls to Telegram, in one transaction.
use serde_json::json;

use super::calls::{self, At};
use super::order::{Imposer, Lift, Measure, Order, Outcome, Subject, Whose, Why};
use super::rules::{self, LONGEST, Standing, Tell};
use super::store::{self, End, Entry, Held, Place, Way};
use super::{jobs, permissions::Permissions};
use crate::base::clock::Millis;
use crate::community::audit::{Actor, Audit as _, AuditEntry};
use crate::community::events::Emit as _;
use crate::queue::Enqueue as _;
use crate::store::{StoreError, Tx};
use crate::telegram::sender::{OutboxId, Send as _};

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
        let until = match order.by {
            // A ban list alone never bans for good.
            Imposer::BanList => Some(order.until.unwrap_or(now + LONGEST).min(now + LONGEST)),
            _ => order.until,
        };
        let mut entry = Entry {
            chat,
            subject,
            imposer: order.by,
            leaves: rules::leaves(order.what),
            until: rules::bounded(until, now),
            reason: &order.reason,
            verdict: order.verdict,
        };
        expire(self, chat, subject, now)?;
        let standing = store::standing(self, chat, subject)?;
        if let Some(old) = standing.iter().find(|s| s.imposer == order.by) {
            let Some((leaves, until)) = rules::succeeds(old, entry.leaves, entry.until) else {
                return Ok(Outcome::Unchanged);
            };
            (entry.leaves, entry.until) = (leaves, until);
            store::end(self, old.id, End::Replaced, &name(order.by), None, now)?;
            follow(self, (chat, subject), old.imposer, old.leaves, now)?;
        }
        let id = store::enter(self, &entry, now)?;
        note(self, "arbiter.impose", &entry, id, now)?;
        let outbox = bring_about(
            self,
            chat,
            order.subject,
            order.revoke_messages,
            now,
            update_seq,
        )?;
        Ok(match outbox {
            Some(outbox) => Outcome::Told {
                entry: Some(id),
                outbox,
            },
            None => Outcome::Covered { entry: id },
        })
    }

    fn lift(
        &mut self,
        lift: &Lift,
        now: Millis,
        update_seq: Option<i64>,
    ) -> Result<Outcome, StoreError> {
        let chat = store::today(self, lift.chat)?;
        let subject = lift.subject.id();
        expire(self, chat, subject, now)?;
        let standing = store::standing(self, chat, subject)?;
        let fall: Vec<&Standing> = match lift.whose {
            Whose::Own => standing.iter().filter(|s| s.imposer == lift.by).collect(),
            Whose::Entry(id) => standing.iter().filter(|s| s.id == id).collect(),
            Whose::Mutes => standing.iter().filter(|s| s.leaves.is_some()).collect(),
            Whose::All => standing.iter().collect(),
        };
        let unknown = match lift.whose {
            Whose::Mutes => Some(Tell::Free),
            Whose::All => Some(Tell::Unban),
            Whose::Own | Whose::Entry(_) => None,
        };
        let others = fall.iter().any(|s| s.imposer != lift.by);
        if !lift.by.is_person() && (others || unknown.is_some()) {
            return Ok(Outcome::Refused(Why::NotYours));
        }
        end_all(self, chat, &fall, End::Lifted, lift.by, None, now)?;
        let last = fall.last().map(|s| s.id);
        let told = bring_about(self, chat, lift.subject, false, now, update_seq)?;
        if let (None, Some(tell), None, true) = (told, unknown, last, standing.is_empty()) {
            // Restricted before Beadle came, or behind its back.
            return Ok(match calls::free(at(self, chat, lift.subject)?, tell) {
                Some(effect) => Outcome::Told {
                    entry: None,
                    outbox: self.send(&effect, now, update_seq)?,
                },
                None => Outcome::Unchanged,
            });
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

/// An imposer as a word for the ledger: `gate`, `moderator:42`.
pub(super) fn name(by: Imposer) -> String {
    match by.parts() {
        (word, 0) => word.to_owned(),
        (word, user) => format!("{word}:{user}"),
    }
}

fn actor(by: Imposer) -> Actor {
    match by {
        Imposer::Moderator(user) | Imposer::Outside(user) => Actor::User(user),
        _ => Actor::System,
    }
}

fn named(subject: i64) -> String {
    if subject < 0 {
        format!("channel:{subject}")
    } else {
        format!("user:{subject}")
    }
}

/// Whoever follows bans by people is told to look.
fn follow(
    tx: &mut Tx<'_>,
    (chat, subject): (i64, i64),
    by: Imposer,
    leaves: Option<Permissions>,
    now: Millis,
) -> Result<(), StoreError> {
    if by.is_person() && leaves.is_none() && subject > 0 {
        tx.enqueue(&jobs::following(chat, subject), now)?;
    }
    Ok(())
}

/// Audit and event of a new entry.
pub(super) fn note(
    tx: &mut Tx<'_>,
    action: &'static str,
    entry: &Entry<'_>,
    id: i64,
    now: Millis,
) -> Result<(), StoreError> {
    let details = json!({
        "entry": id,
        "imposer": entry.imposer.parts().0,
        "ban": entry.leaves.is_none(),
        "leaves": entry.leaves.map(Permissions::bits),
        "until": entry.until,
        "reason": entry.reason,
        "verdict": entry.verdict,
    });
    let subject = named(entry.subject);
    tx.event(
        "restriction.imposed",
        Some(entry.chat),
        &subject,
        &details,
        now,
    )?;
    let act = AuditEntry::new(actor(entry.imposer), action, subject)
        .in_chat(entry.chat)
        .with(details);
    tx.audit(&act, now)?;
    let whom = (entry.chat, entry.subject);
    follow(tx, whom, entry.imposer, entry.leaves, now)
}

/// Ends entries that stand, with audit and event.
pub(super) fn end_all(
    tx: &mut Tx<'_>,
    chat: i64,
    entries: &[&Standing],
    how: End,
    by: Imposer,
    why: Option<&str>,
    now: Millis,
) -> Result<(), StoreError> {
    let (event, action) = match how {
        End::Refused => ("restriction.refused", "arbiter.refused"),
        End::Overruled => ("restriction.overruled", "arbiter.overruled"),
        _ => ("restriction.lifted", "arbiter.lift"),
    };
    for entry in entries {
        let Some(subject) = store::subject_of(tx, entry.id)? else {
            continue;
        };
        store::end(tx, entry.id, how, &name(by), why, now)?;
        let details = json!({ "entry": entry.id, "imposer": entry.imposer.parts().0, "why": why });
        tx.event(event, Some(chat), &named(subject), &details, now)?;
        let act = AuditEntry::new(actor(by), action, named(subject))
            .in_chat(chat)
            .with(details);
        tx.audit(&act, now)?;
        follow(tx, (chat, subject), entry.imposer, entry.leaves, now)?;
    }
    Ok(())
}

/// Ends what has run out.
fn expire(tx: &mut Tx<'_>, chat: i64, subject: i64, now: Millis) -> Result<(), StoreError> {
    for entry in store::standing(tx, chat, subject)? {
        if entry.until.is_some_and(|until| until <= now) {
            store::end(tx, entry.id, End::Expired, "time", None, now)?;
            let details = json!({ "entry": entry.id, "imposer": entry.imposer.parts().0 });
            let subject = named(subject);
            tx.event("restriction.expired", Some(chat), &subject, &details, now)?;
        }
    }
    Ok(())
}

pub(super) fn at(tx: &Tx<'_>, chat: i64, subject: Subject) -> Result<At, StoreError> {
    let place = store::place(tx, chat, subject.id())?;
    Ok(At {
        chat,
        subject,
        basic: place.kind == "group",
        ahead: store::ahead(tx)?,
    })
}

/// A basic group became a supergroup: what stands moves with it, and is told there. True when there was
/// something to move.
pub(in crate::community) fn moved(
    tx: &mut Tx<'_>,
    old: i64,
    new: i64,
    now: Millis,
) -> Result<(), StoreError> {
    store::migrate(tx, old, new)?;
    for subject in store::untold(tx, new)? {
        tx.enqueue(&jobs::renewal(new, subject, now), now)?;
    }
    Ok(())
}

/// Somebody is inside against whom something stands that should keep them out: Telegram is told again,
/// unless a call is on its way. Adds nothing to the ledger, so that the ban's lift lifts all of it.
pub fn insist(tx: &mut Tx<'_>, chat: i64, subject: i64, now: Millis) -> Result<(), StoreError> {
    let chat = store::today(tx, chat)?;
    if store::held(tx, chat, subject)?.is_some_and(|held| held.way != Way::Called) {
        store::put_held(tx, chat, subject, &Held::NOTHING, None)?;
    }
    bring_about(tx, chat, Subject::from_id(subject), false, now, None)?;
    Ok(())
}

/// Looks at somebody whose time has come: ends what has run out, renews what goes on.
pub(super) fn look(
    tx: &mut Tx<'_>,
    chat: i64,
    subject: i64,
    now: Millis,
) -> Result<(), StoreError> {
    let chat = store::today(tx, chat)?;
    expire(tx, chat, subject, now)?;
    bring_about(tx, chat, Subject::from_id(subject), false, now, None)?;
    Ok(())
}

/// Tells Telegram what stands against somebody, if that is not what it was last told, and arranges for
/// the next look.
pub(super) fn bring_about(
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
    let wanted = rules::wanted(&standing, now);
    let tell = match (subject, told, wanted) {
        // A channel's ban has no end at Telegram (Bot API, banChatSenderChat): nobody but this lifts it.
        (Subject::Channel(_), Some(_), None) => Tell::Unban,
        _ => rules::tell(told, wanted, now),
    };
    let effect = calls::call(at(tx, chat, subject)?, tell, revoke);
    let outbox = match effect {
        Some(effect) => Some(tx.send(&effect, now, update_seq)?),
        None => None,
    };
    let held = match tell {
        Tell::Nothing => before.unwrap_or(Held::NOTHING),
        Tell::Hold(hold) => Held {
            hold: Some(hold),
            outbox,
            way: outbox.map_or(Way::So, |_| Way::Called),
            tries: 0,
            told_at: now,
        },
        // A lift that Telegram has refused before is counted.
        Tell::Unban | Tell::Free => Held {
            hold: None,
            outbox,
            way: outbox.map_or(Way::So, |_| Way::Called),
            tries: before.map_or(0, |h| h.tries),
            told_at: now,
        },
    };
    if outbox.is_some() {
        tx.enqueue(&jobs::settling_soon(now), now)?;
    }
    // Somebody is to go only now: should the call be given up, they are not left for long.
    if let (Some(_), Tell::Hold(hold)) = (outbox, tell)
        && let Some(until) = hold.until.filter(|until| until - now <= rules::SHORTEST)
    {
        tx.enqueue(&jobs::settling_at(until - calls::MARGIN), now)?;
    }
    let over = held.way == Way::So && held.hold.is_none_or(|h| h.until.is_some_and(|u| u <= now));
    if standing.is_empty() && over {
        store::forget_held(tx, chat, id)?;
        return Ok(outbox);
    }
    let due = rules::due(&standing, held.hold, now);
    store::put_held(tx, chat, id, &held, due)?;
    if let Some(due) = due {
        tx.enqueue(&jobs::renewal(chat, id, due), now)?;
    }
    Ok(outbox)
}
