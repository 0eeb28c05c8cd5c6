//! What Telegram must be told of a person, given what stands. Pure; time is passed in.
use super::order::{Imposer, Measure};
use super::permissions::Permissions;
use crate::base::clock::Millis;

/// Telegram takes an end nearer than 30 s for "for good" (Bot API, restrictChatMember); the rest is for
/// calls that wait their turn.
pub const SHORTEST: Millis = 60_000;
/// What has less than this left is not told any more: 30 s, and one for clocks that differ.
const TOO_NEAR: Millis = 31_000;
/// Telegram takes an end further than 366 days for "for good"; what ends later is renewed.
pub const LONGEST: Millis = 365 * 86_400_000;
/// Gate, captcha and raid: a Beadle that is gone leaves nobody muted for longer.
pub const WHILE_IT_HOLDS: Millis = 24 * 3_600_000;
/// What is renewed is told again when so much of its time is left: half of what a gate gets.
pub const RENEW: Millis = WHILE_IT_HOLDS / 2;
/// Ends this close to each other are the same, where they move with the clock.
const SLACK: Millis = 60_000;

/// A measure in the ledger that stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Row of the ledger.
    pub id: i64,
    /// Whose it is.
    pub imposer: Imposer,
    /// What it leaves the person; None is a ban.
    pub leaves: Option<Permissions>,
    /// Until when; None for good, or while it holds.
    pub until: Option<Millis>,
}

/// What Telegram holds, or should hold, against somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hold {
    /// What it leaves the person; None is a ban.
    pub leaves: Option<Permissions>,
    /// Until when Telegram holds it; None for good.
    pub until: Option<Millis>,
    /// Whether `until` is as far as Telegram is told today, and no end that anybody named.
    pub moving: bool,
    /// Whether something weaker or as strong goes on after `until`.
    pub followed: bool,
}

/// What is done at Telegram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tell {
    /// Nothing.
    Nothing,
    /// Holds this against them.
    Hold(Hold),
    /// Lifts a ban.
    Unban,
    /// Lifts a restriction.
    Free,
}

/// What a measure leaves; None is a ban.
pub fn leaves(measure: Measure) -> Option<Permissions> {
    match measure {
        Measure::Mute => Some(Permissions::NONE),
        Measure::Restrict(permissions) => Some(permissions),
        Measure::Ban => None,
    }
}

/// The latest end that Telegram is told for this measure at `now`; None for good.
fn end_told(s: &Standing, now: Millis) -> Option<Millis> {
    let longest = match s.imposer {
        Imposer::Gate | Imposer::Captcha | Imposer::Raid => Some(WHILE_IT_HOLDS),
        _ => s.until.map(|_| LONGEST),
    };
    let limit = longest.map(|span| now.saturating_add(span));
    match (s.until, limit) {
        (Some(until), Some(limit)) => Some(until.min(limit)),
        (until, limit) => until.or(limit),
    }
}

/// The end that an order gets: never so near that Telegram would take it for "for good".
pub fn bounded(until: Option<Millis>, now: Millis) -> Option<Millis> {
    until.map(|until| until.max(now.saturating_add(SHORTEST)))
}

/// What stands of an imposer who has `old` standing and orders (`leaves`, `until`); None when nothing
/// changes. A person's word takes the place of the one before. Machinery sees one message after another,
/// and the second is no pardon for the first: it only ever adds.
pub fn succeeds(
    old: &Standing,
    leaves: Option<Permissions>,
    until: Option<Millis>,
) -> Option<(Option<Permissions>, Option<Millis>)> {
    let new = if old.imposer.is_person() {
        (leaves, until)
    } else {
        match (old.leaves, leaves) {
            (None, Some(_)) => (None, old.until),
            (Some(_), None) => (None, until),
            (Some(was), Some(is)) if was != is && was.within(is) => (Some(was), old.until),
            (Some(was), Some(is)) if was != is && is.within(was) => (Some(is), until),
            (was, is) => {
                let later = ends_later(until, old.until);
                let both = was.and_then(|was| Some(was.and(is?)));
                (both, if later { until } else { old.until })
            }
        }
    };
    (new != (old.leaves, old.until)).then_some(new)
}

/// Whether `a` ends after `b`; None is never.
fn ends_later(a: Option<Millis>, b: Option<Millis>) -> bool {
    match (a, b) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(a), Some(b)) => a > b,
    }
}

/// The strongest of what stands at `now`: a ban outranks every restriction, and of several restrictions
/// only that is left which all of them leave. It is held as long as it stays the strongest; what is
/// weaker and lasts longer comes after it.
pub fn wanted(standing: &[Standing], now: Millis) -> Option<Hold> {
    let active: Vec<&Standing> = standing
        .iter()
        .filter(|s| s.until.is_none_or(|until| until > now))
        .collect();
    let strongest = meet(active.iter().copied())?;
    // Held up to the latest end at which those that last as long still make the same.
    let mut ends: Vec<Option<Millis>> = active.iter().map(|s| end_told(s, now)).collect();
    ends.sort_unstable_by_key(|end| std::cmp::Reverse(end.unwrap_or(Millis::MAX)));
    let makes_it = |end: &Option<Millis>| {
        let lasting = active
            .iter()
            .copied()
            .filter(|s| !ends_later(*end, end_told(s, now)));
        meet(lasting) == Some(strongest)
    };
    // With the nearest end all are counted, and those make it.
    let until = ends.into_iter().find(makes_it).flatten();
    let moving = until.is_some() && active.iter().all(|s| s.until != until);
    Some(Hold {
        leaves: strongest,
        until,
        moving,
        followed: active.iter().any(|s| ends_later(s.until, until)),
    })
}

/// What must be done so that Telegram, which was told `told`, holds `wanted`.
pub fn tell(told: Option<Hold>, wanted: Option<Hold>, now: Millis) -> Tell {
    // What Telegram has lifted by itself need not be lifted.
    let told = told.filter(|told| told.until.is_none_or(|until| until > now));
    match (told, wanted) {
        (None, None) => Tell::Nothing,
        (Some(told), None) if told.leaves.is_none() => Tell::Unban,
        (Some(_), None) => Tell::Free,
        (Some(told), Some(wanted)) if !differs(&told, &wanted, now) => Tell::Nothing,
        // So near its end, it would become one for good: it is left out, or, where it ends or goes before
        // something else, drawn out by some seconds.
        (told, Some(wanted)) if wanted.until.is_some_and(|until| until - now < TOO_NEAR) => {
            let drawn_out = Hold {
                until: Some(now.saturating_add(SHORTEST)),
                ..wanted
            };
            if wanted.followed || told.is_some() {
                Tell::Hold(drawn_out)
            } else {
                Tell::Nothing
            }
        }
        (_, Some(wanted)) => Tell::Hold(wanted),
    }
}

fn differs(told: &Hold, wanted: &Hold, now: Millis) -> bool {
    if told.leaves != wanted.leaves {
        return true;
    }
    match (told.until, wanted.until) {
        (None, None) => false,
        (Some(told), Some(new)) if new > told && wanted.moving => told - now <= RENEW,
        (Some(told), Some(new)) if new < told && wanted.moving => told - new > SLACK,
        (told, new) => told != new,
    }
}

/// When to look at somebody again: the next end in the ledger, or, where what Telegram was told goes on
/// after its end, some time before that; None is never.
pub fn due(standing: &[Standing], told: Option<Hold>, now: Millis) -> Option<Millis> {
    let ends = standing.iter().filter_map(|s| s.until);
    let renewal = told.and_then(|told| {
        let until = told.until.filter(|until| *until > now)?;
        let after = standing.iter().filter(|s| ends_later(s.until, Some(until)));
        (meet(after) == Some(told.leaves)).then_some((until - RENEW).max(now))
    });
    ends.chain(renewal).min()
}

/// What is left of all: None is nobody, `Some(None)` a ban.
fn meet<'a>(standing: impl Iterator<Item = &'a Standing>) -> Option<Option<Permissions>> {
    standing.map(|s| s.leaves).reduce(|a, b| Some(a?.and(b?)))
}
