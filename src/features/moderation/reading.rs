//! From an event to what moderation asks of a message: its words, links and sender, by their places.
use super::facts::{Input, Link, Text, Who};
use crate::telegram::event::{Event, Sender, Source};

/// What the event itself says; what is known of the sender and the group is for the caller to fill in.
pub fn input(event: &Event) -> Input<'_> {
    Input {
        texts: event
            .texts
            .iter()
            .map(|t| Text {
                source: source(t.source),
                text: &t.text,
            })
            .collect(),
        links: event
            .links
            .iter()
            .map(|l| Link {
                source: source(l.source),
                target: &l.target,
                shown: l.shown.as_deref(),
            })
            .collect(),
        who: match &event.sender {
            Sender::User(_) | Sender::Unknown => Who::Member,
            Sender::AnonymousAdmin { .. } => Who::AnonymousAdmin,
            Sender::LinkedChannel { .. } => Who::LinkedChannel,
            Sender::Channel { .. } => Who::Channel,
        },
        forwarded: event.forwarded,
        via_bot: event.via_bot.is_some(),
        reply: event.reply_to.is_some(),
        external_reply: event
            .texts
            .iter()
            .any(|t| t.source == Source::ExternalReply)
            || event.content.iter().any(|c| c == "external_reply"),
        custom_emoji: count(event, Source::CustomEmoji),
        attachments: event
            .content
            .iter()
            .map(String::as_str)
            .filter(|c| !matches!(*c, "text" | "caption"))
            .collect(),
        ..Input::default()
    }
}

fn count(event: &Event, source: Source) -> u32 {
    u32::try_from(event.texts.iter().filter(|t| t.source == source).count()).unwrap_or(u32::MAX)
}

/// The event's place as the rules call it.
fn source(source: Source) -> &'static str {
    match source {
        Source::Text => "text",
        Source::Caption => "caption",
        Source::RichText => "rich_text",
        Source::Quote => "quote",
        Source::ExternalReply => "external_reply",
        Source::Reply => "reply",
        Source::ForwardOrigin => "forward_origin",
        Source::Button => "button",
        Source::Contact => "contact",
        Source::Poll => "poll",
        Source::Story => "story",
        Source::Venue => "venue",
        Source::Game => "game",
        Source::Giveaway => "giveaway",
        Source::PaidMedia => "paid_media",
        Source::DocumentName => "document_name",
        Source::ViaBot => "via_bot",
        Source::SenderChat => "sender_chat",
        Source::Signature => "signature",
        Source::LinkPreview => "link_preview",
        Source::CustomEmoji => "custom_emoji",
        Source::Sticker => "sticker",
        Source::Invoice => "invoice",
        Source::Checklist => "checklist",
        Source::Other => "other",
    }
}
