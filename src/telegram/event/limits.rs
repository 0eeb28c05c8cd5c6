//! How much of one update is taken in, so that no update can exhaust the machine.

/// Texts of one event. A message has one text or caption (Bot API: 4096 and 1024 characters), a poll
/// twelve options, a keyboard a hundred buttons; a rich message is one text here. Past the limit words
/// are joined to the last text of their source, so the count itself never hides any.
pub const MAX_TEXTS: usize = 512;

/// Links of one event. Telegram keeps at most 100 entities of a message.
pub const MAX_LINKS: usize = 512;

/// Bytes of one text: four times 4096 characters of four bytes. A longer one is cut into several.
pub const MAX_TEXT_BYTES: usize = 64 * 1024;

/// Bytes of all texts together, and again of all links: four full texts, more than an update with
/// its replied-to message can carry when genuine.
pub const MAX_TOTAL_BYTES: usize = 256 * 1024;

/// Files of one event. An album sends one each; a rich message a few dozen.
pub(super) const MAX_ATTACHMENTS: usize = 64;

/// Names of unknown fields or kinds kept for `doctor`.
pub const MAX_UNKNOWN: usize = 16;

/// Bytes of one such name.
pub(super) const MAX_NAME_BYTES: usize = 64;

/// People read from one service message; Telegram adds at most a few dozen at once.
pub(super) const MAX_PEOPLE: usize = 200;

/// Levels of nesting followed: what serde_json itself accepts.
pub(super) const MAX_DEPTH: usize = 128;

/// Entities read of one text. Telegram keeps at most 100 of a message.
pub(super) const MAX_ENTITIES: usize = 512;

/// Names of content fields kept of one message; genuine ones have one or two.
pub(super) const MAX_CONTENT: usize = 32;
