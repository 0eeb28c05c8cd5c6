//! What a message is made of, as a set of kinds: one reading that locks, policies and rules share.
use serde_json::{Map, Value};

use super::sink::Sink;
use super::{Event, Sender, Source};

/// A kind of thing that a message is or carries. A message may be of several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum MessageKind {
    /// Words of its own: text, caption, blocks of a rich message.
    Text,
    /// An address of a page or chat, visible or hidden, also behind a button or in a quote from elsewhere.
    Link,
    /// A link that invites to a chat (`t.me/+…`).
    Invite,
    /// `@name`, or a person mentioned without one.
    Mention,
    /// An e-mail address.
    Email,
    /// A telephone number in words.
    Phone,
    /// A picture, a live one too.
    Photo,
    /// A video.
    Video,
    /// A silent short video ("GIF").
    Animation,
    /// Music.
    Audio,
    /// A file.
    Document,
    /// A voice note.
    Voice,
    /// A round video note.
    VideoNote,
    /// A sticker.
    Sticker,
    /// A custom emoji in words.
    CustomEmoji,
    /// A dice, dart, slot machine and the like.
    Dice,
    /// A poll.
    Poll,
    /// A game.
    Game,
    /// A checklist.
    Checklist,
    /// A contact card.
    Contact,
    /// A point on the map, a venue.
    Location,
    /// A story, shared or answered.
    Story,
    /// A giveaway, or its winners.
    Giveaway,
    /// An invoice.
    Invoice,
    /// Media that cost stars.
    PaidMedia,
    /// Inline buttons under it.
    Button,
    /// Sent through an inline bot.
    ViaBot,
    /// Forwarded from a person.
    ForwardUser,
    /// Forwarded from a person who hides their account.
    ForwardHidden,
    /// Forwarded from a bot.
    ForwardBot,
    /// Forwarded from a group, or from an anonymous admin of one.
    ForwardChat,
    /// Forwarded from a channel.
    ForwardChannel,
    /// Quotes a part of another message.
    Quote,
    /// Answers a message of another chat.
    ExternalReply,
    /// Written as a channel that is not the linked one.
    ChannelSender,
    /// Written by a bot.
    Bot,
    /// Begins with a command.
    Command,
    /// Part of an album.
    Album,
    /// Content that this version does not know.
    Unknown,
}

use MessageKind as K;

impl MessageKind {
    /// All of them, in their order.
    pub const ALL: [Self; 39] = [
        K::Text,
        K::Link,
        K::Invite,
        K::Mention,
        K::Email,
        K::Phone,
        K::Photo,
        K::Video,
        K::Animation,
        K::Audio,
        K::Document,
        K::Voice,
        K::VideoNote,
        K::Sticker,
        K::CustomEmoji,
        K::Dice,
        K::Poll,
        K::Game,
        K::Checklist,
        K::Contact,
        K::Location,
        K::Story,
        K::Giveaway,
        K::Invoice,
        K::PaidMedia,
        K::Button,
        K::ViaBot,
        K::ForwardUser,
        K::ForwardHidden,
        K::ForwardBot,
        K::ForwardChat,
        K::ForwardChannel,
        K::Quote,
        K::ExternalReply,
        K::ChannelSender,
        K::Bot,
        K::Command,
        K::Album,
        K::Unknown,
    ];

    /// Its name in settings, facts and texts.
    pub const fn name(self) -> &'static str {
        match self {
            K::Text => "text",
            K::Link => "link",
            K::Invite => "invite",
            K::Mention => "mention",
            K::Email => "email",
            K::Phone => "phone",
            K::Photo => "photo",
            K::Video => "video",
            K::Animation => "animation",
            K::Audio => "audio",
            K::Document => "document",
            K::Voice => "voice",
            K::VideoNote => "video_note",
            K::Sticker => "sticker",
            K::CustomEmoji => "custom_emoji",
            K::Dice => "dice",
            K::Poll => "poll",
            K::Game => "game",
            K::Checklist => "checklist",
            K::Contact => "contact",
            K::Location => "location",
            K::Story => "story",
            K::Giveaway => "giveaway",
            K::Invoice => "invoice",
            K::PaidMedia => "paid_media",
            K::Button => "button",
            K::ViaBot => "via_bot",
            K::ForwardUser => "forward_user",
            K::ForwardHidden => "forward_hidden",
            K::ForwardBot => "forward_bot",
            K::ForwardChat => "forward_chat",
            K::ForwardChannel => "forward_channel",
            K::Quote => "quote",
            K::ExternalReply => "external_reply",
            K::ChannelSender => "channel_sender",
            K::Bot => "bot",
            K::Command => "command",
            K::Album => "album",
            K::Unknown => "unknown",
        }
    }

    /// The kind of this name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    const fn bit(self) -> u64 {
        1 << self as u8
    }
}

/// A set of kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct MessageKinds(u64);

impl MessageKinds {
    /// Pictures, films, sound and files, of whatever form.
    pub const MEDIA: Self = Self::of(&[
        K::Photo,
        K::Video,
        K::Animation,
        K::Audio,
        K::Document,
        K::Voice,
        K::VideoNote,
        K::PaidMedia,
    ]);
    /// Forwards from wherever.
    pub const FORWARD: Self = Self::of(&[
        K::ForwardUser,
        K::ForwardHidden,
        K::ForwardBot,
        K::ForwardChat,
        K::ForwardChannel,
    ]);

    /// Nothing.
    pub const fn none() -> Self {
        Self(0)
    }

    /// Those of a list.
    pub const fn of(list: &[MessageKind]) -> Self {
        let (mut bits, mut at) = (0, 0);
        while at < list.len() {
            bits |= list[at].bit();
            at += 1;
        }
        Self(bits)
    }

    /// Adds one.
    pub const fn insert(&mut self, kind: MessageKind) {
        self.0 |= kind.bit();
    }

    /// Whether `kind` is among them.
    pub const fn has(self, kind: MessageKind) -> bool {
        self.0 & kind.bit() != 0
    }

    /// Whether any of `others` is among them.
    pub const fn any(self, others: Self) -> bool {
        self.0 & others.0 != 0
    }

    /// Those that are in both.
    #[must_use]
    pub const fn both(self, others: Self) -> Self {
        Self(self.0 & others.0)
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// All that are there, in their order.
    pub fn iter(self) -> impl Iterator<Item = MessageKind> {
        MessageKind::ALL
            .into_iter()
            .filter(move |kind| self.has(*kind))
    }
}

impl serde::Serialize for MessageKinds {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.iter().map(MessageKind::name))
    }
}

impl<'de> serde::Deserialize<'de> for MessageKinds {
    /// Names of another version are passed over.
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let names = Vec::<String>::deserialize(from)?;
        let mut found = Self::none();
        for kind in names.iter().filter_map(|name| MessageKind::find(name)) {
            found.insert(kind);
        }
        Ok(found)
    }
}

/// The kinds of a message whose content, sender and links have been read.
pub(super) fn read(members: &Map<String, Value>, event: &Event, sink: &Sink) -> MessageKinds {
    let mut found = MessageKinds::none();
    for name in &event.content {
        found.insert(content(name, members));
    }
    for link in sink.links.iter().filter(|l| counts(l.source)) {
        found.insert(address(&link.target));
    }
    if sink.texts.iter().any(|t| t.source == Source::CustomEmoji) {
        found.insert(K::CustomEmoji);
    }
    if let Some(kind) = origin(members, event.forwarded) {
        found.insert(kind);
    }
    for (field, kind) in [
        ("via_bot", K::ViaBot),
        ("quote", K::Quote),
        ("external_reply", K::ExternalReply),
        ("reply_to_story", K::Story),
    ] {
        if members.get(field).is_some_and(|v| !v.is_null()) {
            found.insert(kind);
        }
    }
    let rows = members.get("reply_markup");
    let rows = rows.and_then(|m| m.get("inline_keyboard")?.as_array());
    if rows.is_some_and(|rows| {
        rows.iter()
            .any(|r| r.as_array().is_some_and(|r| !r.is_empty()))
    }) {
        found.insert(K::Button);
    }
    match &event.sender {
        Sender::Channel { .. } => found.insert(K::ChannelSender),
        Sender::User(user) if user.is_bot => found.insert(K::Bot),
        _ => {}
    }
    if event.command.is_some() {
        found.insert(K::Command);
    }
    if event.album.is_some() {
        found.insert(K::Album);
    }
    found
}

/// The kind of a content field.
fn content(name: &str, members: &Map<String, Value>) -> MessageKind {
    match name {
        "text" | "caption" | "rich_message" => K::Text,
        "photo" | "live_photo" => K::Photo,
        "video" => K::Video,
        "animation" => K::Animation,
        "audio" => K::Audio,
        // Every animation comes with a document of the same file, for old apps.
        "document" if members.contains_key("animation") => K::Animation,
        "document" => K::Document,
        "voice" => K::Voice,
        "video_note" => K::VideoNote,
        "sticker" => K::Sticker,
        "dice" => K::Dice,
        "poll" => K::Poll,
        "game" => K::Game,
        "checklist" => K::Checklist,
        "contact" => K::Contact,
        // Every venue comes with its location.
        "location" | "venue" => K::Location,
        "story" => K::Story,
        "giveaway" | "giveaway_winners" => K::Giveaway,
        "invoice" => K::Invoice,
        "paid_media" => K::PaidMedia,
        _ => K::Unknown,
    }
}

/// Whether an address at this place was put there by the sender. Where a forward came from, which bot helped and
/// whose contact it is have kinds of their own; what another member wrote before is that member's.
fn counts(source: Source) -> bool {
    !matches!(
        source,
        Source::Reply
            | Source::ForwardOrigin
            | Source::ViaBot
            | Source::SenderChat
            | Source::Signature
            | Source::Contact
            | Source::Story
            | Source::Giveaway
            | Source::Sticker
            | Source::CustomEmoji
            | Source::DocumentName
    )
}

fn address(target: &str) -> MessageKind {
    let low = target.to_ascii_lowercase();
    let rest = low.split_once("://").map_or(low.as_str(), |(_, rest)| rest);
    let on_telegram = ["t.me/", "telegram.me/", "telegram.dog/"];
    let path = on_telegram
        .iter()
        .find_map(|host| rest.strip_prefix("www.").unwrap_or(rest).strip_prefix(host));
    if path.is_some_and(|p| p.starts_with('+') || p.starts_with("joinchat"))
        || low.starts_with("tg://join")
    {
        return K::Invite;
    }
    if low.starts_with('@') || low.starts_with("tg://user") {
        K::Mention
    } else if low.starts_with("mailto:") {
        K::Email
    } else if low.starts_with("tel:") {
        K::Phone
    } else {
        K::Link
    }
}

/// Where a forward comes from, by today's field or by those of older versions.
fn origin(members: &Map<String, Value>, forwarded: bool) -> Option<MessageKind> {
    if !forwarded {
        return None;
    }
    let is_bot = |user: Option<&Value>| user.is_some_and(|u| u["is_bot"] == true);
    if let Some(origin) = members.get("forward_origin") {
        return Some(match origin["type"].as_str().unwrap_or("") {
            "user" if is_bot(origin.get("sender_user")) => K::ForwardBot,
            "user" => K::ForwardUser,
            "chat" => K::ForwardChat,
            "channel" => K::ForwardChannel,
            // What does not say whose it is hides it.
            _ => K::ForwardHidden,
        });
    }
    Some(
        match (
            members.get("forward_from"),
            members.get("forward_from_chat"),
        ) {
            (_, Some(chat)) if chat["type"] == "channel" => K::ForwardChannel,
            (_, Some(_)) => K::ForwardChat,
            (Some(user), None) if is_bot(Some(user)) => K::ForwardBot,
            (Some(_), None) => K::ForwardUser,
            (None, None) => K::ForwardHidden,
        },
    )
}
