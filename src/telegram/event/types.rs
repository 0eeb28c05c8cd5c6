//! What Beadle understands of an update: our own types, filled as far as the raw JSON allows.

/// Seconds since 1970 UTC, as Telegram sends dates.
pub type TgDate = i64;

/// What an update is about.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A new message in a private chat or group.
    Message,
    /// An edit of one.
    EditedMessage,
    /// A new post in a channel.
    ChannelPost,
    /// An edit of one.
    EditedChannelPost,
    /// A pressed inline button.
    CallbackQuery,
    /// Somebody's membership changed.
    ChatMember,
    /// The bot's own membership changed.
    MyChatMember,
    /// Somebody asks to join.
    ChatJoinRequest,
    /// A reaction by a person.
    MessageReaction,
    /// Anonymous reactions, counted.
    MessageReactionCount,
    /// Any other kind, by Telegram's name: kept, counted, and read as far as it looks like the known ones.
    Other(String),
}

/// Where something happened.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
pub struct Chat {
    /// Telegram's id; groups and channels are negative.
    pub id: i64,
    /// `private`, `group`, `supergroup`, `channel`, or whatever Telegram says.
    pub kind: String,
    /// Title of a group or channel.
    pub title: Option<String>,
    /// Public name without `@`.
    pub username: Option<String>,
    /// Whether the group has topics.
    pub is_forum: bool,
}

/// A person or a bot.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
pub struct User {
    /// Telegram's id, up to 52 bits.
    pub id: i64,
    /// Whether it is a bot.
    pub is_bot: bool,
    /// May be empty: deleted accounts.
    pub first_name: String,
    /// Second part of the name.
    pub last_name: Option<String>,
    /// Public name without `@`.
    pub username: Option<String>,
    /// IETF tag of the person's app, when Telegram tells.
    pub language: Option<String>,
    /// Whether the person pays for Premium.
    pub is_premium: bool,
}

/// Who speaks, after Telegram's special senders are understood.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case", tag = "as")]
pub enum Sender {
    /// A person or bot under their own name.
    User(User),
    /// An admin who writes as the group (from 1087968824, `sender_chat` is the chat itself).
    AnonymousAdmin {
        /// The group's id.
        chat: i64,
    },
    /// The linked channel's post, forwarded by Telegram (from 777000, `is_automatic_forward`).
    LinkedChannel {
        /// The channel.
        chat: Chat,
    },
    /// Somebody who writes as a channel of theirs (from 136817688).
    Channel {
        /// The channel.
        chat: Chat,
    },
    /// Nothing said who: channel posts, unknown shapes.
    Unknown,
}

/// Where in a message a piece of text or a link was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Message text.
    Text,
    /// Caption of media.
    Caption,
    /// Blocks of a rich message.
    RichText,
    /// The part of another message that is quoted.
    Quote,
    /// A reply to a message of another chat: its text, names, media.
    ExternalReply,
    /// The message replied to, in the same chat. Not the sender's own words.
    Reply,
    /// Names and signature of where a forward came from.
    ForwardOrigin,
    /// Text or URL of a button.
    Button,
    /// A shared contact.
    Contact,
    /// Question, options, explanation of a poll.
    Poll,
    /// A forwarded story and its chat.
    Story,
    /// Title and address of a venue.
    Venue,
    /// A game's title, description, text.
    Game,
    /// A giveaway's prize text and chats.
    Giveaway,
    /// Paid media and its caption.
    PaidMedia,
    /// A file's name, an audio's title and performer.
    DocumentName,
    /// The inline bot used.
    ViaBot,
    /// The chat that speaks.
    SenderChat,
    /// The author's signature in a channel.
    Signature,
    /// The page shown under the message.
    LinkPreview,
    /// A custom emoji.
    CustomEmoji,
    /// A sticker's set name.
    Sticker,
    /// An invoice's title and description.
    Invoice,
    /// A checklist's title and tasks.
    Checklist,
    /// A dice, location or other content with no words of its own.
    Other,
}

/// Words found in a message.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Text {
    /// Where.
    pub source: Source,
    /// As sent.
    pub text: String,
}

/// A link found in a message, hidden or visible.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Link {
    /// Where.
    pub source: Source,
    /// As sent: a URL, or `@name` for a mention, or `tel:`/`mailto:` for a number or address.
    pub target: String,
    /// The words a person sees in its place, when they differ from the target.
    pub shown: Option<String>,
}

/// A file in a message.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Attachment {
    /// Telegram's field: `photo`, `document`, `voice`, …
    pub kind: String,
    /// Handle for getFile.
    pub file_id: String,
    /// Stable across chats and bots.
    pub unique_id: String,
    /// Bytes, when told.
    pub size: Option<i64>,
    /// As told by the sender; never trusted.
    pub mime: Option<String>,
    /// As told by the sender; never used as a path.
    pub name: Option<String>,
}

/// `/name@bot arguments`, from text or caption.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Command {
    /// Lower case, without `/`.
    pub name: String,
    /// The bot addressed, without `@`, when one is named.
    pub bot: Option<String>,
    /// What follows, trimmed.
    pub args: String,
}

/// A pressed button.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Callback {
    /// Needed to answer it.
    pub id: String,
    /// Data of the button, at most 64 bytes when genuine.
    pub data: Option<String>,
    /// Who pressed.
    pub from: User,
    /// The message that carries the button, when Telegram tells.
    pub message_id: Option<i64>,
    /// Whether that message can still be read (date 0 means it cannot).
    pub accessible: bool,
}

/// A change of membership.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct MemberChange {
    /// Whose.
    pub user: User,
    /// Who caused it.
    pub by: Option<User>,
    /// Telegram's status before, or empty.
    pub old: String,
    /// Telegram's status after.
    pub new: String,
    /// Whether the person is in the chat before (a `restricted` one may or may not be).
    pub was_member: bool,
    /// Whether the person is in the chat after.
    pub is_member: bool,
    /// Whether it came through an approved join request.
    pub via_join_request: bool,
    /// Rights after, as Telegram sends them (the whole `new_chat_member` object).
    pub rights: serde_json::Value,
}

/// Somebody asks to join.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct JoinRequest {
    /// Who.
    pub user: User,
    /// Where they may be written to for five minutes.
    pub user_chat_id: Option<i64>,
    /// What they wrote of themselves.
    pub bio: Option<String>,
    /// Must be answered within ten seconds when present (Bot API 10.3).
    pub query_id: Option<String>,
}

/// A service message's news, as far as Beadle acts on it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    /// People joined or were added.
    Joined(Vec<User>),
    /// Somebody left or was removed.
    Left(User),
    /// This basic group became the supergroup with this id.
    MigratedTo(i64),
    /// This supergroup was the basic group with this id.
    MigratedFrom(i64),
    /// Any other, by Telegram's field name.
    Other(String),
}

/// One update, read as far as it can be.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Event {
    /// Telegram's id of the update.
    pub update_id: Option<i64>,
    /// What it is.
    pub kind: Kind,
    /// Where it happened.
    pub chat: Option<Chat>,
    /// Who did it.
    pub sender: Sender,
    /// Message id in the chat; of the edited, reacted-to or button-carrying message too.
    pub message_id: Option<i64>,
    /// When it was sent, by Telegram's clock.
    pub date: Option<TgDate>,
    /// When it was edited.
    pub edit_date: Option<TgDate>,
    /// Forum topic; never set for a plain reply thread (`is_topic_message` is required).
    pub topic: Option<i64>,
    /// Album this item belongs to.
    pub album: Option<String>,
    /// The message of the same chat that this one answers.
    pub reply_to: Option<i64>,
    /// Who wrote that one, as far as Telegram shows it with the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to_sender: Option<Sender>,
    /// When that one was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to_date: Option<TgDate>,
    /// The inline bot it was sent through, without `@`.
    pub via_bot: Option<String>,
    /// Whether it was forwarded.
    pub forwarded: bool,
    /// Whether it must not be deleted yet (`is_paid_post`).
    pub paid_post: bool,
    /// Words, the sender's own first.
    pub texts: Vec<Text>,
    /// Links, each once per source.
    pub links: Vec<Link>,
    /// Files.
    pub attachments: Vec<Attachment>,
    /// Telegram's names of the content fields present (`text`, `photo`, `poll`, unknown ones too).
    pub content: Vec<String>,
    /// What it is made of; empty for what is no message.
    pub kinds: super::MessageKinds,
    /// A command at the start of text or caption.
    pub command: Option<Command>,
    /// A pressed button.
    pub callback: Option<Callback>,
    /// A change of membership.
    pub member: Option<MemberChange>,
    /// A request to join.
    pub join: Option<JoinRequest>,
    /// News of a service message.
    pub service: Option<Service>,
    /// Whether something was left out: a limit was reached or the JSON was damaged.
    pub truncated: bool,
    /// Names of fields or kinds this version does not know, for `doctor` (at most 16).
    pub unknown: Vec<String>,
}
