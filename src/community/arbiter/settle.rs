//! What became of the arbiter's calls: done, refused, or never sent because it was too late.
use super::ledger::{at, bring_about, end_all};
use super::order::{Imposer, Subject};
use super::rules::{SHORTEST, Tell};
use super::store::{self, End, Held, OnTheWay, Way};
use super::{calls, jobs};
use crate::base::clock::Millis;
use crate::queue::Enqueue as _;
use crate::store::{StoreError, Tx};
use crate::telegram::api::CallError;
use crate::telegram::sender::outbox::{self, Retried, State};
use crate::telegram::sender::{Method, OutboxId, Refusal, Send as _, Verdict, classify};

/// A lift that was refused is tried again after so long, and each time twice as long.
const AGAIN: Millis = 3_600_000;
/// Times a refused lift is tried again: the last trial is about three weeks after the first.
const TRIES: i64 = 8;

/// For so long it is tried to put somebody out only now, who could not be told to go.
const INSIST: Millis = 3_600_000;

/// Looks at up to `limit` calls whose outcome the ledger does not know.
pub(super) fn settle(tx: &mut Tx<'_>, limit: i64, now: Millis) -> Result<(), StoreError> {
    for way in store::on_the_way(tx, limit)? {
        let Some(row) = outbox::get(tx, way.outbox)? else {
            // Settled so long ago that it is not kept any more.
            done(tx, &way, now)?;
            continue;
        };
        let error = row.error.unwrap_or_default();
        match row.state {
            State::Queued | State::Sending | State::Unknown => {}
            State::Done => done(tx, &way, now)?,
            State::Expired => expired(tx, &way, now)?,
            State::Failed => {
                let method = Method::from_name(&row.method).unwrap_or(Method::RestrictChatMember);
                settle_refusal(tx, &way, refusal(method, &error), &error, now)?;
            }
        }
    }
    Ok(())
}

/// Telegram refused the call `outbox`; false when that is no call of the arbiter's, or an old one.
pub fn refused(
    tx: &mut Tx<'_>,
    outbox: OutboxId,
    refusal: Refusal,
    text: &str,
    now: Millis,
) -> Result<bool, StoreError> {
    let Some(way) = store::way_of(tx, outbox)? else {
        return Ok(false);
    };
    settle_refusal(tx, &way, refusal, text, now)?;
    Ok(true)
}

/// Makes a call again that failed, expired, or whose answer was lost. One that tells of the ledger is not repeated
/// but told anew: what stands today, until when it stands today.
pub fn retell(tx: &mut Tx<'_>, outbox: OutboxId, now: Millis) -> Result<Retried, StoreError> {
    let of_ledger = store::way_of(tx, outbox)?;
    let Some(way) = of_ledger else {
        return outbox::retry(tx, outbox, now);
    };
    let Some(row) = outbox::get(tx, outbox)? else {
        return Ok(Retried::NotThere);
    };
    match row.state {
        State::Queued | State::Sending | State::Done => return Ok(Retried::NotThere),
        State::Unknown => return outbox::retry(tx, outbox, now),
        State::Expired | State::Failed => {}
    }
    store::put_held(tx, way.chat, way.subject, &Held::NOTHING, None)?;
    super::ledger::look(tx, way.chat, way.subject, now)?;
    let told = store::held(tx, way.chat, way.subject)?.and_then(|h| h.outbox);
    Ok(told.map_or(Retried::TooLate, Retried::Again))
}

/// What the kept words of a refusal mean.
fn refusal(method: Method, text: &str) -> Refusal {
    let error = CallError::Api {
        code: 400,
        text: text.to_owned(),
        retry_after: None,
        migrate_to: None,
    };
    match classify(method, &error) {
        Verdict::Refused(refusal) => refusal,
        _ => Refusal::Other,
    }
}

fn done(tx: &mut Tx<'_>, way: &OnTheWay, now: Millis) -> Result<(), StoreError> {
    let Some(held) = store::held(tx, way.chat, way.subject)? else {
        return Ok(());
    };
    let held = Held {
        way: Way::So,
        tries: 0,
        ..held
    };
    store::put_held(tx, way.chat, way.subject, &held, None)?;
    bring_about(
        tx,
        way.chat,
        Subject::from_id(way.subject),
        false,
        now,
        None,
    )?;
    Ok(())
}

/// It waited until it would have become one for good: nothing is held. What still stands is told again, and so is a
/// ban that is to put somebody out only now, with a fresh end: it has not happened yet.
fn expired(tx: &mut Tx<'_>, way: &OnTheWay, now: Millis) -> Result<(), StoreError> {
    let (chat, subject) = (way.chat, way.subject);
    let hold = store::held(tx, chat, subject)?.and_then(|held| Some((held.hold?, held.told_at)));
    store::put_held(tx, chat, subject, &Held::NOTHING, None)?;
    if let Some((hold, told_at)) = hold
        && hold.leaves.is_none()
        && let Some(until) = hold.until
        && until - told_at <= SHORTEST
    {
        store::put_out_anew(tx, (chat, subject), until, now + SHORTEST, now - INSIST)?;
    }
    super::ledger::look(tx, chat, subject, now)
}

/// Sends a refused lift again.
pub(super) fn retry(
    tx: &mut Tx<'_>,
    chat: i64,
    subject: i64,
    now: Millis,
) -> Result<(), StoreError> {
    let chat = store::today(tx, chat)?;
    let refused = store::held(tx, chat, subject)?.filter(|h| h.way == Way::Refused);
    let Some(held) = refused else {
        return Ok(());
    };
    let row = match held.outbox {
        Some(row) => outbox::get(tx, row)?,
        None => None,
    };
    // What was refused is asked for again, and nothing beside it: who is freed of a mute is not let in.
    let method = row.and_then(|row| Method::from_name(&row.method));
    let tell = match method {
        Some(Method::UnbanChatMember | Method::UnbanChatSenderChat) => Tell::Unban,
        _ if subject < 0 => Tell::Unban,
        _ => Tell::Free,
    };
    let last = match calls::free(at(tx, chat, Subject::from_id(subject))?, tell) {
        Some(effect) => Some(tx.send(&effect, now, None)?),
        None => None,
    };
    let held = Held {
        outbox: last,
        way: last.map_or(Way::So, |_| Way::Called),
        told_at: now,
        ..held
    };
    store::put_held(tx, chat, subject, &held, None)
}

fn settle_refusal(
    tx: &mut Tx<'_>,
    way: &OnTheWay,
    refusal: Refusal,
    text: &str,
    now: Millis,
) -> Result<(), StoreError> {
    let (chat, subject) = (way.chat, way.subject);
    let Some(held) = store::held(tx, chat, subject)? else {
        return Ok(());
    };
    if refusal == Refusal::NoRight {
        store::disarm(tx, chat, now)?;
    }
    if held.hold.is_none() {
        // A lift. An admin is under no restriction, and where Beadle is not there is nothing to lift by.
        let hopeless = matches!(refusal, Refusal::IsAdmin | Refusal::ChatLost);
        let tries = held.tries + 1;
        if hopeless || tries > TRIES {
            return store::forget_held(tx, chat, subject);
        }
        let due = now + (AGAIN << (tries - 1).clamp(0, TRIES));
        let held = Held {
            way: Way::Refused,
            tries,
            ..held
        };
        store::put_held(tx, chat, subject, &held, Some(due))?;
        tx.enqueue(&jobs::retrial(chat, subject, due), now)?;
        return Ok(());
    }
    let code = refusal.code();
    let why = format!("{code}: {text}");
    let standing = store::standing(tx, chat, subject)?;
    let all: Vec<_> = standing.iter().collect();
    end_all(
        tx,
        chat,
        &all,
        End::Refused,
        Imposer::Moderation,
        Some(&why),
        now,
    )?;
    store::forget_held(tx, chat, subject)
}
