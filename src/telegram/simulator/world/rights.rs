//! Permissions of members and rights of administrators, as bit sets over Telegram's names.
use serde_json::{Map, Value};

/// What a member may do, in the order of `ChatPermissions`.
pub(crate) const PERMISSIONS: [&str; 16] = [
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

/// What an administrator may do, in the order of `ChatMemberAdministrator`.
pub(crate) const RIGHTS: [&str; 17] = [
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_post_messages",
    "can_edit_messages",
    "can_pin_messages",
    "can_manage_topics",
    "can_manage_direct_messages",
    "can_manage_tags",
    "can_send_welcome_messages",
];

/// Rights that only channels show.
const CHANNEL_ONLY: [&str; 3] = [
    "can_post_messages",
    "can_edit_messages",
    "can_manage_direct_messages",
];
/// Rights that only groups show.
const GROUP_ONLY: [&str; 3] = ["can_pin_messages", "can_manage_topics", "can_manage_tags"];

/// A set over one of the two lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Bits(pub(crate) u32);

fn place(names: &[&str], name: &str) -> Option<u32> {
    names
        .iter()
        .position(|n| *n == name)
        .and_then(|at| u32::try_from(at).ok())
}

impl Bits {
    /// All permissions of members.
    pub(crate) const fn all_permissions() -> Self {
        Self((1 << PERMISSIONS.len()) - 1)
    }

    /// What Telegram gives members of a new group: all.
    pub(crate) const fn default_permissions() -> Self {
        Self::all_permissions()
    }

    /// All rights of administrators.
    pub(crate) const fn all_rights() -> Self {
        Self((1 << RIGHTS.len()) - 1)
    }

    pub(crate) fn of(names: &[&str], given: &[&str]) -> Self {
        let mut bits = Self::default();
        for name in given {
            bits.set(names, name, true);
        }
        bits
    }

    pub(crate) fn has(self, names: &[&str], name: &str) -> bool {
        place(names, name).is_some_and(|at| self.0 & (1 << at) != 0)
    }

    /// May a member do this?
    pub(crate) fn permits(self, name: &str) -> bool {
        self.has(&PERMISSIONS, name)
    }

    /// Has an administrator this right?
    pub(crate) fn allows(self, name: &str) -> bool {
        self.has(&RIGHTS, name)
    }

    pub(crate) fn set(&mut self, names: &[&str], name: &str, on: bool) {
        if let Some(at) = place(names, name) {
            if on {
                self.0 |= 1 << at;
            } else {
                self.0 &= !(1 << at);
            }
        }
    }

    /// `ChatPermissions` as the Bot API reads it: what is left out is false, except the three newest,
    /// which follow an older one; without `independent` some permissions bring others along.
    pub(crate) fn permissions_from(value: &Value, independent: bool) -> Self {
        let mut bits = Self::default();
        for name in PERMISSIONS {
            bits.set(&PERMISSIONS, name, value[name].as_bool().unwrap_or(false));
        }
        if !independent {
            if bits.permits("can_send_other_messages") || bits.permits("can_add_web_page_previews")
            {
                for name in &PERMISSIONS[..7] {
                    bits.set(&PERMISSIONS, name, true);
                }
            }
            if bits.permits("can_send_polls") {
                bits.set(&PERMISSIONS, "can_send_messages", true);
            }
        }
        for (newer, older) in [
            ("can_react_to_messages", "can_send_messages"),
            ("can_edit_tag", "can_pin_messages"),
            ("can_manage_topics", "can_pin_messages"),
        ] {
            if value.get(newer).is_none() {
                let follows = bits.permits(older);
                bits.set(&PERMISSIONS, newer, follows);
            }
        }
        bits
    }

    /// The fields of `ChatPermissions`.
    pub(crate) fn permissions_json(self) -> Map<String, Value> {
        PERMISSIONS
            .iter()
            .map(|n| ((*n).to_owned(), Value::Bool(self.permits(n))))
            .collect()
    }

    /// The right fields of `ChatMemberAdministrator` for this kind of chat.
    pub(crate) fn rights_json(self, channel: bool) -> Map<String, Value> {
        let hidden: &[&str] = if channel { &GROUP_ONLY } else { &CHANNEL_ONLY };
        RIGHTS
            .iter()
            .filter(|name| !hidden.contains(name))
            .map(|name| ((*name).to_owned(), Value::Bool(self.allows(name))))
            .collect()
    }
}
