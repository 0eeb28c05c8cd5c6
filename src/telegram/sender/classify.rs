//! What an error of Telegram means for the row that caused it. Pure; tested against verbatim texts.
use super::methods::{Budget, Class, Method};
use crate::telegram::api::CallError;

/// What to do with a row after an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is so already, or there is nothing left to do it to.
    AlreadySo,
    /// Telegram asks to wait so many seconds. Nothing was done.
    Flood(u64),
    /// The group has become the supergroup with this id. Nothing was done.
    Migrated(i64),
    /// Try again, changed as said. Nothing was done.
    Repair(Repair),
    /// Nothing was done, and the fault is not the call's: no connection, or a token that is refused.
    NotSent,
    /// The call may have been carried out: lost answers, server errors.
    Uncertain,
    /// It will not work: failed.
    Refused(Refusal),
}

/// How a call is changed before it is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repair {
    /// The markup is wrong: send the text as plain text.
    Plain,
    /// The topic is gone: without `message_thread_id`.
    NoThread,
    /// The message replied to is gone: without `reply_parameters`.
    NoReply,
}

/// Why a call will not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The bot lacks a right in this chat.
    NoRight,
    /// The target is an administrator or the owner.
    IsAdmin,
    /// The chat is closed to the bot: blocked, kicked, deleted, deactivated, never seen.
    ChatLost,
    /// The call works in supergroups only, and this is a basic group.
    BasicGroup,
    /// Anything else.
    Other,
}

impl Refusal {
    /// A short code for logs and metrics.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoRight => "no_right",
            Self::IsAdmin => "is_admin",
            Self::ChatLost => "chat_lost",
            Self::BasicGroup => "basic_group",
            Self::Other => "refused",
        }
    }
}

/// Which methods a text is about.
#[derive(Clone, Copy)]
enum About {
    Any,
    Delete,
    Edit,
    Pin,
    Join,
    Answer,
    Revoke,
}

impl About {
    fn holds(self, method: Method) -> bool {
        let name = method.name();
        match self {
            Self::Any => true,
            Self::Delete => name.starts_with("delete"),
            Self::Edit => name.starts_with("edit") || name.starts_with("stop"),
            Self::Pin => name.starts_with("unpin"),
            Self::Join => name.ends_with("ChatJoinRequest"),
            Self::Answer => name.starts_with("answer"),
            Self::Revoke => name.starts_with("revoke"),
        }
    }
}

/// Parts of Telegram's texts in lower case, most telling first. From the official server's source and
/// from texts seen in the wild.
const TEXTS: &[(&str, About, Verdict)] = &[
    (
        "message to delete not found",
        About::Delete,
        Verdict::AlreadySo,
    ),
    ("message_id_invalid", About::Delete, Verdict::AlreadySo),
    (
        "message identifier is not specified",
        About::Delete,
        Verdict::AlreadySo,
    ),
    ("message_id_invalid", About::Edit, Verdict::AlreadySo),
    ("message is not modified", About::Any, Verdict::AlreadySo),
    ("message to edit not found", About::Edit, Verdict::AlreadySo),
    (
        "message with poll to stop not found",
        About::Edit,
        Verdict::AlreadySo,
    ),
    (
        "poll has already been closed",
        About::Edit,
        Verdict::AlreadySo,
    ),
    ("chat_not_modified", About::Any, Verdict::AlreadySo),
    ("topic_not_modified", About::Any, Verdict::AlreadySo),
    (
        "chat description is not modified",
        About::Any,
        Verdict::AlreadySo,
    ),
    ("chat title is not modified", About::Any, Verdict::AlreadySo),
    ("message to unpin not found", About::Pin, Verdict::AlreadySo),
    ("hide_requester_missing", About::Join, Verdict::AlreadySo),
    ("user_already_participant", About::Any, Verdict::AlreadySo),
    ("invite_hash_expired", About::Revoke, Verdict::AlreadySo),
    ("user_not_participant", About::Any, Verdict::AlreadySo),
    ("query is too old", About::Any, Verdict::AlreadySo),
    ("query id is invalid", About::Answer, Verdict::AlreadySo),
    ("query_id_invalid", About::Answer, Verdict::AlreadySo),
    (
        "can't parse entities",
        About::Any,
        Verdict::Repair(Repair::Plain),
    ),
    (
        "can't find end of",
        About::Any,
        Verdict::Repair(Repair::Plain),
    ),
    (
        "message thread not found",
        About::Any,
        Verdict::Repair(Repair::NoThread),
    ),
    (
        "topic_deleted",
        About::Any,
        Verdict::Repair(Repair::NoThread),
    ),
    (
        "reply message not found",
        About::Any,
        Verdict::Repair(Repair::NoReply),
    ),
    (
        "message to be replied not found",
        About::Any,
        Verdict::Repair(Repair::NoReply),
    ),
    (
        "replied message not found",
        About::Any,
        Verdict::Repair(Repair::NoReply),
    ),
    (
        "user is an administrator of the chat",
        About::Any,
        Verdict::Refused(Refusal::IsAdmin),
    ),
    (
        "can't remove chat owner",
        About::Any,
        Verdict::Refused(Refusal::IsAdmin),
    ),
    (
        "user_admin_invalid",
        About::Any,
        Verdict::Refused(Refusal::IsAdmin),
    ),
    (
        "not enough rights",
        About::Any,
        Verdict::Refused(Refusal::NoRight),
    ),
    (
        "have no rights",
        About::Any,
        Verdict::Refused(Refusal::NoRight),
    ),
    (
        "need administrator rights",
        About::Any,
        Verdict::Refused(Refusal::NoRight),
    ),
    (
        "chat_admin_required",
        About::Any,
        Verdict::Refused(Refusal::NoRight),
    ),
    (
        "chat_write_forbidden",
        About::Any,
        Verdict::Refused(Refusal::NoRight),
    ),
    (
        "chat_restricted",
        About::Any,
        Verdict::Refused(Refusal::NoRight),
    ),
    (
        "right_forbidden",
        About::Any,
        Verdict::Refused(Refusal::NoRight),
    ),
    (
        "available only for supergroups",
        About::Any,
        Verdict::Refused(Refusal::BasicGroup),
    ),
    (
        "for supergroup and channel chats only",
        About::Any,
        Verdict::Refused(Refusal::BasicGroup),
    ),
    (
        "bot was blocked by the user",
        About::Any,
        Verdict::Refused(Refusal::ChatLost),
    ),
    (
        "bot was kicked",
        About::Any,
        Verdict::Refused(Refusal::ChatLost),
    ),
    (
        "bot is not a member",
        About::Any,
        Verdict::Refused(Refusal::ChatLost),
    ),
    (
        "user is deactivated",
        About::Any,
        Verdict::Refused(Refusal::ChatLost),
    ),
    (
        "group is deactivated",
        About::Any,
        Verdict::Refused(Refusal::ChatLost),
    ),
    (
        "chat was deleted",
        About::Any,
        Verdict::Refused(Refusal::ChatLost),
    ),
    (
        "can't initiate conversation",
        About::Any,
        Verdict::Refused(Refusal::ChatLost),
    ),
    (
        "can't send messages to bots",
        About::Any,
        Verdict::Refused(Refusal::ChatLost),
    ),
    (
        "can't send messages to the user",
        About::Any,
        Verdict::Refused(Refusal::ChatLost),
    ),
    (
        "chat not found",
        About::Any,
        Verdict::Refused(Refusal::ChatLost),
    ),
    (
        "channel_private",
        About::Any,
        Verdict::Refused(Refusal::ChatLost),
    ),
    (
        "peer_id_invalid",
        About::Any,
        Verdict::Refused(Refusal::ChatLost),
    ),
    (
        "not in the chat",
        About::Any,
        Verdict::Refused(Refusal::ChatLost),
    ),
];

/// What `error` means for a call of `method`.
pub fn classify(method: Method, error: &CallError) -> Verdict {
    match error {
        CallError::Network {
            maybe_done: false, ..
        } => Verdict::NotSent,
        CallError::Network { .. } | CallError::Answer { .. } => Verdict::Uncertain,
        CallError::Api {
            migrate_to: Some(to),
            ..
        } => Verdict::Migrated(*to),
        CallError::Api {
            retry_after: Some(seconds),
            ..
        } => Verdict::Flood(*seconds),
        CallError::Api {
            code: 429, text, ..
        } => Verdict::Flood(seconds_in(text)),
        // A refused token, or a second program on it: nothing was done, and another time it may work.
        CallError::Api {
            code: 401 | 409, ..
        } => Verdict::NotSent,
        CallError::Api { code, .. } if *code >= 500 => Verdict::Uncertain,
        CallError::Api { text, .. } => by_text(method, text),
    }
}

fn by_text(method: Method, text: &str) -> Verdict {
    let text = text.to_lowercase().replace('’', "'");
    let verdict = TEXTS
        .iter()
        .find(|(part, about, _)| about.holds(method) && text.contains(part))
        .map_or(Verdict::Refused(Refusal::Other), |(_, _, v)| v.clone());
    // Nothing was shown that is "so already": the receiver of a whisper is no member.
    let shows = method.class() == Class::Unrepeatable && method.budget() == Budget::Messages;
    if verdict == Verdict::AlreadySo && shows {
        return Verdict::Refused(Refusal::Other);
    }
    verdict
}

/// The number in `Too Many Requests: retry after 8`, else 1.
fn seconds_in(text: &str) -> u64 {
    text.rsplit(' ')
        .find_map(|word| word.parse().ok())
        .unwrap_or(1)
}
