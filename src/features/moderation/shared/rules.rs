//! Which bans are shared, and what one comes to in another group. Pure.
use super::settings::Sharing;
use crate::base::clock::Millis;

/// A shorter ban is a pause in one group's quarrel, and nobody else's matter.
pub const LEAST: Millis = 86_400_000;

/// Whether a ban from `at` to `until` is long enough.
pub fn lasts(at: Millis, until: Option<Millis>) -> bool {
    until.is_none_or(|until| until.saturating_sub(at) >= LEAST)
}

/// What is known of somebody in the group that a ban is shared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct There {
    /// An admin there.
    pub admin: bool,
    /// Has long been writing there.
    pub regular: bool,
    /// Moderators there said that Beadle shall leave them alone.
    pub approved: bool,
}

/// What follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Course {
    /// Nothing happens to them, and people are told.
    Spare(Spared),
    /// It counts as a sign.
    Note,
    /// They are banned there too.
    Ban,
}

/// Why nothing happens to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spared {
    /// They are an admin.
    Admin,
    /// They are a regular, or were approved of.
    Regular,
    /// A safety catch stopped Beadle.
    Stopped,
    /// The arbiter does not do it.
    Refused,
}

impl Spared {
    /// The key of the sentence.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Admin => "shared-spared-admin",
            Self::Regular => "shared-spared-regular",
            Self::Stopped => "shared-spared-stopped",
            Self::Refused => "shared-spared-refused",
        }
    }
}

/// What a ban elsewhere comes to; None where bans are not shared.
pub fn course(sharing: Sharing, there: There) -> Option<Course> {
    match sharing {
        Sharing::Off => None,
        _ if there.admin => Some(Course::Spare(Spared::Admin)),
        _ if there.regular || there.approved => Some(Course::Spare(Spared::Regular)),
        Sharing::Note => Some(Course::Note),
        Sharing::Ban => Some(Course::Ban),
    }
}
