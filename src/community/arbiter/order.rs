//! What may be asked of the arbiter, and what it answers.
use super::permissions::Permissions;
use crate::base::clock::Millis;
use crate::telegram::sender::OutboxId;

/// Who wants somebody restricted. Each has at most one measure standing for a person in a chat, and only
/// its own falls with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Imposer {
    /// A person with the right, by command or button; the user's id.
    Moderator(i64),
    /// A verdict on a message.
    Moderation,
    /// The ladder of warnings.
    Ladder,
    /// The membership gate. At most 24 h each time, renewed while it holds.
    Gate,
    /// The captcha at the door. At most 24 h each time, renewed while it holds.
    Captcha,
    /// The protection against raids. At most 24 h each time, renewed while it holds.
    Raid,
    /// A list of people who are not wanted.
    BanList,
    /// An admin of the group, by hand or through another bot; the user's id. Only the ledger's own
    /// reading of updates imposes as this.
    Outside(i64),
}

impl Imposer {
    /// The word kept on disk, and the person behind it (0 for machinery).
    pub fn parts(self) -> (&'static str, i64) {
        match self {
            Self::Moderator(user) => ("moderator", user),
            Self::Moderation => ("moderation", 0),
            Self::Ladder => ("ladder", 0),
            Self::Gate => ("gate", 0),
            Self::Captcha => ("captcha", 0),
            Self::Raid => ("raid", 0),
            Self::BanList => ("ban_list", 0),
            Self::Outside(user) => ("outside", user),
        }
    }

    /// The reverse of [`Imposer::parts`].
    pub(super) fn from_parts(word: &str, by: i64) -> Option<Self> {
        Some(match word {
            "moderator" => Self::Moderator(by),
            "moderation" => Self::Moderation,
            "ladder" => Self::Ladder,
            "gate" => Self::Gate,
            "captcha" => Self::Captcha,
            "raid" => Self::Raid,
            "ban_list" => Self::BanList,
            "outside" => Self::Outside(by),
            _ => return None,
        })
    }

    /// Whether a person decided it.
    pub fn is_person(self) -> bool {
        matches!(self, Self::Moderator(_) | Self::Outside(_))
    }
}

/// Whom it meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A person, by id.
    User(i64),
    /// A channel that writes in the group as itself, by id. It can only be banned.
    Channel(i64),
}

impl Subject {
    /// Telegram's id: positive for people, negative for channels.
    pub fn id(self) -> i64 {
        match self {
            Self::User(id) | Self::Channel(id) => id,
        }
    }

    /// From Telegram's id.
    pub fn from_id(id: i64) -> Self {
        if id < 0 {
            Self::Channel(id)
        } else {
            Self::User(id)
        }
    }
}

/// How hard it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Measure {
    /// May read, and nothing else.
    Mute,
    /// May do only this.
    Restrict(Permissions),
    /// Is out, and does not come in again.
    Ban,
}

/// Somebody is to be restricted.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// The group.
    pub chat: i64,
    /// Whom.
    pub subject: Subject,
    /// Who wants it.
    pub by: Imposer,
    /// What.
    pub what: Measure,
    /// Until when, by this machine's clock; None for good, or, for gate, captcha and raid, while they hold.
    /// Less than a minute ahead becomes a minute: Telegram takes less than 30 s for "for good".
    pub until: Option<Millis>,
    /// Why, as a short code.
    pub reason: String,
    /// The row of `spam_results` behind it.
    pub verdict: Option<i64>,
    /// With a ban: whether the person's messages go too.
    pub revoke_messages: bool,
    /// Whether Telegram was asked for this decision, and said that the person is no admin. Without, what
    /// was last heard of the person counts.
    pub asked: bool,
}

/// Whose measures a [`Lift`] takes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// What the lifter imposed.
    Own,
    /// One entry, by id: an undo. Machinery may name its own only.
    Entry(i64),
    /// Every restriction, also one that the ledger does not know of; no ban. For people only to ask.
    Mutes,
    /// Everything, also a ban that the ledger does not know of. For people only to ask.
    All,
}

/// Somebody is to be free of something.
#[derive(Debug, Clone, PartialEq)]
pub struct Lift {
    /// The group.
    pub chat: i64,
    /// Whom.
    pub subject: Subject,
    /// Who says so.
    pub by: Imposer,
    /// Of what.
    pub whose: Whose,
}

/// What came of an order or a lift.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Telegram will be told.
    Told {
        /// The ledger's entry that was made or ended last; None for a lift of what the ledger did not know.
        entry: Option<i64>,
        /// The call.
        outbox: OutboxId,
    },
    /// It is in the ledger, and nothing changes for the person: something as strong stands.
    Covered {
        /// The ledger's entry that was made or ended last.
        entry: i64,
    },
    /// So it was already; nothing to lift, or nothing new to impose.
    Unchanged,
    /// It is not done.
    Refused(Why),
}

/// Why the arbiter does not do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Admins and the owner are not restricted.
    Admin,
    /// Beadle itself, or an account that stands for many: Telegram's own, anonymous admins, channels.
    NotAPerson,
    /// Basic groups know no mute: the group must become a supergroup, or the messages be removed one by one.
    BasicGroup,
    /// A channel can be banned, and nothing less.
    OnlyBan,
    /// Beadle may not restrict people there.
    NoRight,
    /// Beadle is not in the group.
    Away,
    /// Machinery lifts its own only.
    NotYours,
}

impl Why {
    /// A short code, for logs and texts.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Admin => "is_admin",
            Self::NotAPerson => "not_a_person",
            Self::BasicGroup => "basic_group",
            Self::OnlyBan => "only_ban",
            Self::NoRight => "no_right",
            Self::Away => "away",
            Self::NotYours => "not_yours",
        }
    }
}
