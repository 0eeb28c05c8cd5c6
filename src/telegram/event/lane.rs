//! In which order updates must be handled: one after another within a lane, lanes side by side.
use super::{Event, Kind, Sender};

/// What an update must wait for.
///
/// Pressed buttons and requests to join go by person, as they do in Telegram's own queues, so that
/// they never wait behind the messages of a busy chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Lane {
    /// Everything of a chat.
    Chat(i64),
    /// Everything of a person that belongs to no chat or must not wait for one.
    Person(i64),
    /// An update that belongs to nobody: alone, by its id.
    Update(i64),
}

impl Lane {
    /// The lane as one INTEGER, stable across versions: the id shifted left by two bits, and in the
    /// low bits 0 for a chat, 1 for a person, 2 for an update. The tag is needed because a private
    /// chat has the id of its person. Telegram's ids have at most 52 significant bits, so nothing is
    /// lost; an id beyond 62 bits, which is not Telegram's, may share another's lane and no more.
    pub const fn as_key(self) -> i64 {
        let (id, tag) = match self {
            Lane::Chat(id) => (id, 0),
            Lane::Person(id) => (id, 1),
            Lane::Update(id) => (id, 2),
        };
        id.wrapping_shl(2) | tag
    }

    /// The lane of a key made by [`Lane::as_key`]; `None` for a number that is none.
    pub fn from_key(key: i64) -> Option<Self> {
        let id = key >> 2;
        match key & 3 {
            0 => Some(Lane::Chat(id)),
            1 => Some(Lane::Person(id)),
            2 => Some(Lane::Update(id)),
            _ => None,
        }
    }
}

impl std::fmt::Display for Lane {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Lane::Chat(id) => write!(f, "chat {id}"),
            Lane::Person(id) => write!(f, "person {id}"),
            Lane::Update(id) => write!(f, "update {id}"),
        }
    }
}

impl Event {
    /// The lane this event is handled in.
    pub fn lane(&self) -> Lane {
        let person = match &self.sender {
            Sender::User(user) => Some(user.id),
            _ => None,
        };
        let by_person = matches!(self.kind, Kind::CallbackQuery | Kind::ChatJoinRequest);
        match (&self.chat, person) {
            (_, Some(id)) if by_person => Lane::Person(id),
            (Some(chat), _) => Lane::Chat(chat.id),
            (None, Some(id)) => Lane::Person(id),
            (None, None) => match &self.sender {
                // A vote by a channel.
                Sender::Channel { chat } | Sender::LinkedChannel { chat } => Lane::Chat(chat.id),
                Sender::AnonymousAdmin { chat } => Lane::Chat(*chat),
                // 0 is the lane of what was kept before it was read; Telegram counts from 1.
                _ => Lane::Update(self.update_id.filter(|id| *id != 0).unwrap_or(-1)),
            },
        }
    }
}
