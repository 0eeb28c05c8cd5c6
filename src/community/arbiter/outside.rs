//! What admins do by hand is entered into the ledger, so that Beadle does not fight people.
use super::ledger::{bring_about, end_all, note};
use super::order::{Imposer, Subject};
use super::permissions::Permissions;
use super::rules::{Hold, Standing};
use super::store::{self, End, Entry, Held, Way};
use super::{giveback, jobs};
use crate::base::clock::Millis;
use crate::queue::Enqueue as _;
use crate::store::{StoreError, Tx};
use crate::telegram::event::MemberChange;

/// Ends of the same measure, told by two clocks, differ by less.
const SAME: Millis = 60_000;

/// Takes in that Telegram tells of a change of somebody in a chat; `date` is when, in Telegram's seconds.
pub fn heard(
    tx: &mut Tx<'_>,
    chat: i64,
    change: &MemberChange,
    date: Option<i64>,
    now: Millis,
) -> Result<(), StoreError> {
    let subject = change.user.id;
    let held = store::held(tx, chat, subject)?;
    let by = change.by.as_ref().map_or(0, |by| by.id);
    // What was ordered after the change will be carried out after it.
    let older = date.is_some_and(|d| {
        let ended = d.saturating_add(1).saturating_mul(1_000);
        held.is_some_and(|h| h.way == Way::Called && ended <= h.told_at)
    });
    if older {
        return Ok(());
    }
    if matches!(change.new.as_str(), "creator" | "administrator") {
        // Telegram frees whoever becomes an admin.
        let standing = store::standing(tx, chat, subject)?;
        let all: Vec<&Standing> = standing.iter().collect();
        end_all(
            tx,
            chat,
            &all,
            End::Overruled,
            Imposer::Outside(by),
            Some("admin"),
            now,
        )?;
        return store::forget_held(tx, chat, subject);
    }
    let actual = actual(change, store::ahead(tx)?);
    let told = held.and_then(|h| h.hold);
    if same(told, actual, now) {
        return confirm(tx, chat, subject, held, now);
    }
    let own = store::own(tx)?;
    if by == own || by == subject || by == 0 {
        // Not decided by anybody else: Telegram is told again what stands, unless a call is on its way.
        if held.is_none() || held.is_some_and(|h| h.way == Way::Called) {
            return Ok(());
        }
        take(tx, chat, subject, actual, now)?;
        bring_about(tx, chat, Subject::User(subject), false, now, None)?;
        return Ok(());
    }
    if actual.is_none() && told.is_none() {
        return Ok(());
    }
    overrule(tx, chat, subject, by, actual, now)
}

/// Beadle may restrict people there again: what it could not lift is tried at once.
pub fn promoted_again(tx: &mut Tx<'_>, chat: i64, now: Millis) -> Result<(), StoreError> {
    for subject in store::refused_lifts(tx, chat)? {
        tx.enqueue(&jobs::retrial(chat, subject, now), now)?;
    }
    giveback::owed(tx, chat, now)
}

/// What Telegram holds against the person after the change, ends by this machine's clock.
fn actual(change: &MemberChange, ahead: Millis) -> Option<Hold> {
    let leaves = match change.new.as_str() {
        "restricted" => Some(Permissions::from_json(&change.rights)),
        "kicked" => None,
        _ => return None,
    };
    let until = change.rights["until_date"]
        .as_i64()
        .filter(|until| *until > 0)
        .map(|until| until.saturating_mul(1_000).saturating_sub(ahead));
    Some(Hold {
        leaves,
        until,
        moving: false,
        followed: false,
    })
}

fn same(told: Option<Hold>, actual: Option<Hold>, now: Millis) -> bool {
    let told = told.filter(|t| t.until.is_none_or(|until| until > now));
    match (told, actual) {
        (None, None) => true,
        (Some(a), Some(b)) => {
            let ends = match (a.until, b.until) {
                (Some(a), Some(b)) => (a - b).abs() < SAME,
                (a, b) => a == b,
            };
            a.leaves == b.leaves && ends
        }
        _ => false,
    }
}

/// It is as it was told.
fn confirm(
    tx: &mut Tx<'_>,
    chat: i64,
    subject: i64,
    held: Option<Held>,
    now: Millis,
) -> Result<(), StoreError> {
    let Some(held) = held.filter(|h| h.way == Way::Refused) else {
        return Ok(());
    };
    // Somebody else did what Beadle could not.
    let held = Held {
        way: Way::So,
        ..held
    };
    store::put_held(tx, chat, subject, &held, None)?;
    bring_about(tx, chat, Subject::User(subject), false, now, None)?;
    Ok(())
}

/// What Telegram holds is what it was told.
fn take(
    tx: &mut Tx<'_>,
    chat: i64,
    subject: i64,
    actual: Option<Hold>,
    now: Millis,
) -> Result<(), StoreError> {
    let held = Held {
        hold: actual,
        told_at: now,
        ..Held::NOTHING
    };
    store::put_held(tx, chat, subject, &held, None)
}

/// An admin of the group decided: what is harder falls, what is milder stands beneath.
fn overrule(
    tx: &mut Tx<'_>,
    chat: i64,
    subject: i64,
    by: i64,
    actual: Option<Hold>,
    now: Millis,
) -> Result<(), StoreError> {
    let standing = store::standing(tx, chat, subject)?;
    let is_milder = |s: &Standing| match (s.leaves, actual) {
        (_, None) => false,
        (_, Some(Hold { leaves: None, .. })) => true,
        (None, _) => false,
        (
            Some(own),
            Some(Hold {
                leaves: Some(theirs),
                ..
            }),
        ) => theirs.within(own),
    };
    let fall: Vec<&Standing> = standing
        .iter()
        .filter(|s| matches!(s.imposer, Imposer::Outside(_)) || !is_milder(s))
        .collect();
    let by = Imposer::Outside(by);
    end_all(tx, chat, &fall, End::Overruled, by, Some("by hand"), now)?;
    if let Some(hold) = actual {
        let entry = Entry {
            chat,
            subject,
            imposer: by,
            leaves: hold.leaves,
            until: hold.until,
            reason: "by_hand",
            verdict: None,
        };
        let id = store::enter(tx, &entry, now)?;
        note(tx, "arbiter.heard", &entry, id, now)?;
    }
    take(tx, chat, subject, actual, now)?;
    bring_about(tx, chat, Subject::User(subject), false, now, None)?;
    Ok(())
}
