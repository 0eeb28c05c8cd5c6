//! How evidence moves a reputation, and what standing follows. Pure; time is passed in.
//!
//! A reputation is the weight of good evidence minus that of bad, each worth half after its half-life:
//! exponential forgetting, as in Jøsang and Ismail, "The Beta Reputation System" (2002), section 3.4, kept as
//! a difference and not as a quotient, so that one column holds it and taking back is exact. The weights
//! and half-lives are the project's own choice, not measured.
use crate::base::clock::Millis;

const DAY: f64 = 86_400_000.0;
/// Good evidence is worth half after so many days …
const GOOD_HALF: f64 = 30.0;
/// … and bad after so many: trust goes stale sooner than a warning.
const BAD_HALF: f64 = 90.0;
/// No reputation is further from 0.
pub const BOUND: f64 = 10.0;
/// Clear messages alone lift no higher: who talks much is not yet trusted.
pub const CLEAR_CAP: f64 = 2.0;
/// The first clear message; each is worth less the nearer the cap, so that none is worth much.
const CLEAR: f64 = 0.05;
/// What a wrong verdict is made good with, beyond taking it back.
pub const UNDONE_EXTRA: f64 = 0.5;
/// The part of it that counts in other groups.
pub(super) const ELSEWHERE: f64 = 0.5;

/// What moves a reputation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Evidence {
    /// A message that was judged clear.
    Clear,
    /// A message that Beadle removed.
    Removed,
    /// A moderator said that it was spam.
    ConfirmedSpam,
    /// A warning.
    Warned,
    /// A moderator said that it was not spam, or undid a treatment.
    Undone,
    /// A person vouched for them: made them known to the group, by command.
    Vouched,
}

impl Evidence {
    /// The word kept on disk.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Removed => "removed",
            Self::ConfirmedSpam => "confirmed_spam",
            Self::Warned => "warned",
            Self::Undone => "undone",
            Self::Vouched => "vouched",
        }
    }

    fn weight(self, now_at: f64) -> f64 {
        match self {
            Self::Clear => CLEAR * ((CLEAR_CAP - now_at) / CLEAR_CAP).clamp(0.0, 1.0),
            Self::Removed => -1.0,
            Self::ConfirmedSpam => -3.0,
            Self::Warned => -1.5,
            Self::Undone => UNDONE_EXTRA,
            Self::Vouched => 3.0,
        }
    }
}

/// A reputation as kept: its value at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Reputation {
    /// Between -[`BOUND`] and [`BOUND`]; 0 is nobody known.
    pub value: f64,
    /// When it was that.
    pub at: Millis,
}

/// How much is left of `value` after `span`; a clock that was set back takes nothing away.
fn worn(value: f64, span: Millis) -> f64 {
    // Spans of centuries are exact enough as f64.
    let days = span.max(0) as f64 / DAY;
    let half = if value < 0.0 { BAD_HALF } else { GOOD_HALF };
    value * (-days / half).exp2()
}

impl Reputation {
    /// What it is worth at `now`.
    pub fn now(self, now: Millis) -> f64 {
        worn(self.value, now - self.at)
    }

    /// After `evidence` at `now`; gives also by how much it moved.
    #[must_use]
    pub fn after(self, evidence: Evidence, now: Millis) -> (Self, f64) {
        let before = self.now(now);
        self.moved(evidence.weight(before), now)
    }

    /// After being moved by `delta` at `now`, within bounds; gives also by how much it moved.
    #[must_use]
    pub fn moved(self, delta: f64, now: Millis) -> (Self, f64) {
        let before = self.now(now);
        let value = (before + delta).clamp(-BOUND, BOUND);
        let at = now.max(self.at);
        (Self { value, at }, value - before)
    }

    /// What takes back a move by `delta` that was made at `then`.
    pub fn taken_back(delta: f64, then: Millis, now: Millis) -> f64 {
        -worn(delta, now - then)
    }
}

/// Messages below which, and milliseconds within which, somebody is a newcomer.
pub const NEWCOMER: (i64, Millis) = (5, 24 * 3_600_000);
/// Messages and milliseconds from which somebody is a regular.
pub const REGULAR: (i64, Millis) = (50, 7 * 24 * 3_600_000);
/// Below this, nobody is a regular, however much they wrote. Not 0: what wears away by halves never reaches that, and a
/// warning must end some day (after eight months).
pub const TRUSTED: f64 = -0.25;
/// Below this, somebody is treated as a newcomer again.
const DISTRUSTED: f64 = -1.0;

/// What is known of somebody in a group.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Seen {
    /// Messages that stayed, the one under judgement left out.
    pub messages: i64,
    /// When first seen there; 0 for never.
    pub first_seen: Millis,
    /// Their reputation there, worn to now.
    pub reputation: f64,
    /// Whether Telegram calls them an admin or the owner.
    pub admin: bool,
}

/// How somebody is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Standing {
    /// Little is known, or nothing good.
    Newcomer,
    /// Most people.
    Member,
    /// Has been here long, and nothing speaks against them.
    Regular,
    /// Is not judged.
    Admin,
}

/// The standing of somebody at `now`. The signals of moderation rest on it.
pub fn standing(seen: Seen, now: Millis) -> Standing {
    let here = if seen.first_seen == 0 {
        0
    } else {
        (now - seen.first_seen).max(0)
    };
    if seen.admin {
        Standing::Admin
    } else if seen.reputation < DISTRUSTED || seen.messages < NEWCOMER.0 || here < NEWCOMER.1 {
        Standing::Newcomer
    } else if seen.messages >= REGULAR.0 && here >= REGULAR.1 && seen.reputation >= TRUSTED {
        Standing::Regular
    } else {
        Standing::Member
    }
}
