//! The commands about people and messages: what each does, with which right. Pure.
use crate::telegram::rights::Right;

/// What a command does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    Warn,
    Unwarn,
    Warns,
    Mute,
    Unmute,
    Kick,
    Ban,
    Unban,
    Purge,
    Del,
    Approve,
    Unapprove,
    Trust,
}

impl Deed {
    /// The right in Telegram that it exercises. A warning goes with the removal of messages; where the ladder makes it a
    /// mute or ban, the right for those is asked for beside it.
    pub(super) fn right(self) -> Right {
        match self {
            Self::Warn | Self::Unwarn | Self::Warns | Self::Purge | Self::Del => Right::Delete,
            _ => Right::Restrict,
        }
    }

    /// Whether it takes something from a person: then the right is asked of Telegram now, and admins are spared.
    pub(super) fn takes(self) -> bool {
        matches!(self, Self::Warn | Self::Mute | Self::Kick | Self::Ban)
    }

    /// The right that Beadle itself needs for it.
    pub(super) fn own_right(self) -> Option<Right> {
        match self {
            Self::Mute | Self::Unmute | Self::Kick | Self::Ban | Self::Unban => {
                Some(Right::Restrict)
            }
            Self::Purge | Self::Del => Some(Right::Delete),
            _ => None,
        }
    }
}

/// A command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Verb {
    /// Without `/`.
    pub name: &'static str,
    pub deed: Deed,
    /// Nothing is said in the group, and the command goes.
    pub silent: bool,
    /// The answered message goes too.
    pub deletes: bool,
    /// A length of time must be said.
    pub timed: bool,
}

const fn verb(name: &'static str, deed: Deed) -> Verb {
    Verb {
        name,
        deed,
        silent: false,
        deletes: false,
        timed: false,
    }
}

const fn silent(name: &'static str, deed: Deed) -> Verb {
    Verb {
        silent: true,
        ..verb(name, deed)
    }
}

const fn deleting(name: &'static str, deed: Deed) -> Verb {
    Verb {
        deletes: true,
        ..verb(name, deed)
    }
}

const fn timed(name: &'static str, deed: Deed) -> Verb {
    Verb {
        timed: true,
        ..verb(name, deed)
    }
}

/// All of them; `s…` and `d…` are what moderators know from other bots.
pub(super) const VERBS: [Verb; 23] = [
    verb("warn", Deed::Warn),
    silent("swarn", Deed::Warn),
    deleting("dwarn", Deed::Warn),
    verb("unwarn", Deed::Unwarn),
    verb("warns", Deed::Warns),
    verb("mute", Deed::Mute),
    timed("tmute", Deed::Mute),
    silent("smute", Deed::Mute),
    deleting("dmute", Deed::Mute),
    verb("unmute", Deed::Unmute),
    verb("kick", Deed::Kick),
    silent("skick", Deed::Kick),
    deleting("dkick", Deed::Kick),
    verb("ban", Deed::Ban),
    timed("tban", Deed::Ban),
    silent("sban", Deed::Ban),
    deleting("dban", Deed::Ban),
    verb("unban", Deed::Unban),
    verb("purge", Deed::Purge),
    verb("del", Deed::Del),
    verb("approve", Deed::Approve),
    verb("unapprove", Deed::Unapprove),
    verb("trust", Deed::Trust),
];

/// Their names, for the router.
pub(super) const NAMES: [&str; 23] = names();

const fn names() -> [&'static str; 23] {
    let mut names = [""; 23];
    let mut i = 0;
    while i < names.len() {
        names[i] = VERBS[i].name;
        i += 1;
    }
    names
}

/// The command of that name.
pub(super) fn find(name: &str) -> Option<Verb> {
    VERBS.into_iter().find(|verb| verb.name == name)
}
