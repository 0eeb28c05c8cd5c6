//! What a member may do, as a set over Telegram's names.
use serde_json::{Map, Value};

/// Telegram's `ChatPermissions` (Bot API 10.3). The order is kept on disk: new names go to the end.
pub const NAMES: [&str; 16] = [
    "can_send_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_react_to_messages",
    "can_edit_tag",
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_manage_topics",
];

/// A set of permissions: bit `n` is `NAMES[n]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Permissions(u32);

impl Permissions {
    /// Nothing: a mute.
    pub const NONE: Self = Self(0);
    /// Everything. Telegram takes this for "no restriction": the person is a plain member again, and the
    /// group's own permissions hold for them, today's and those of tomorrow.
    pub const ALL: Self = Self((1 << NAMES.len()) - 1);

    /// The set of these names; unknown ones are passed over.
    pub fn of(names: &[&str]) -> Self {
        let bit = |name: &&str| NAMES.iter().position(|n| n == name);
        let bits = names.iter().filter_map(bit);
        Self(bits.fold(0, |all, at| all | 1 << at))
    }

    /// From the bits kept on disk.
    pub(super) fn from_bits(bits: i64) -> Self {
        Self(u32::try_from(bits & i64::from(Self::ALL.0)).unwrap_or(0))
    }

    /// As kept on disk.
    pub(super) fn bits(self) -> i64 {
        i64::from(self.0)
    }

    /// Reads a `ChatPermissions` or a `ChatMemberRestricted`. A right that older servers do not name
    /// follows the one that Telegram says it follows; another that is missing is not given.
    pub fn from_json(value: &Value) -> Self {
        let given = |name: &str| match (value.get(name).and_then(Value::as_bool), name) {
            (Some(given), _) => given,
            (None, "can_react_to_messages") => value["can_send_messages"] == true,
            (None, "can_edit_tag" | "can_manage_topics") => value["can_pin_messages"] == true,
            (None, _) => false,
        };
        let names: Vec<&str> = NAMES.into_iter().filter(|n| given(n)).collect();
        Self::of(&names)
    }

    /// A whole `ChatPermissions`: each right named, so that none follows another.
    pub fn to_json(self) -> Value {
        let named = NAMES.iter().enumerate();
        let map: Map<String, Value> = named
            .map(|(at, name)| ((*name).to_owned(), Value::Bool(self.0 & (1 << at) != 0)))
            .collect();
        Value::Object(map)
    }

    /// What both leave.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether everything in `self` is in `other`.
    pub fn within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// Whether it holds this one.
    pub fn has(self, name: &str) -> bool {
        NAMES
            .iter()
            .position(|n| *n == name)
            .is_some_and(|at| self.0 & (1 << at) != 0)
    }
}
