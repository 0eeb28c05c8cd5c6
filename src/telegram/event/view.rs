//! Questions others ask of an event.
use super::{Event, Kind, Source, Text};

impl Kind {
    /// Telegram's name of the field in the update; empty where there was none to read.
    pub fn name(&self) -> &str {
        match self {
            Kind::Message => "message",
            Kind::EditedMessage => "edited_message",
            Kind::ChannelPost => "channel_post",
            Kind::EditedChannelPost => "edited_channel_post",
            Kind::CallbackQuery => "callback_query",
            Kind::ChatMember => "chat_member",
            Kind::MyChatMember => "my_chat_member",
            Kind::ChatJoinRequest => "chat_join_request",
            Kind::MessageReaction => "message_reaction",
            Kind::MessageReactionCount => "message_reaction_count",
            Kind::Other(name) => name,
        }
    }

    /// Whether it is a message or post, new or edited.
    pub fn is_message(&self) -> bool {
        matches!(
            self,
            Kind::Message | Kind::EditedMessage | Kind::ChannelPost | Kind::EditedChannelPost
        )
    }
}

impl Event {
    /// Words that are the sender's own or chosen by the sender: everything but the message replied to.
    pub fn own_words(&self) -> impl Iterator<Item = &Text> {
        self.texts.iter().filter(|t| t.source != Source::Reply)
    }

    /// Whether there is something that moderation must look at.
    ///
    /// A message without words, links and files counts too, unless it is a known service message:
    /// what could not be read is not clean for that.
    pub fn has_content_to_judge(&self) -> bool {
        (self.kind.is_message() && self.service.is_none())
            || self.truncated
            || !self.content.is_empty()
            || !self.attachments.is_empty()
            || self.own_words().next().is_some()
            || self.links.iter().any(|l| l.source != Source::Reply)
    }
}
