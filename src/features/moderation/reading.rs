//! From an event to what moderation asks of a message: its words, links and sender, by their places.
use super::carriers::Profile;
use super::facts::{Input, Link, Text, Who};
use crate::base::fold::fold;
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
        custom_emoji: custom_emoji(event, pictures),
        custom_letters: custom_emoji(event, |text| fold(text).letters),
        kinds: event.kinds,
        profile: match &event.sender {
            Sender::User(user) => Profile::of_name(&user.first_name, user.last_name.as_deref()),
            Sender::Channel { chat } => Profile::of_name(chat.title.as_deref().unwrap_or(""), None),
            _ => Profile::default(),
        },
        after_post: after_post(event),
        attachments: event
            .content
            .iter()
            .map(String::as_str)
            .filter(|c| !matches!(*c, "text" | "caption"))
            .collect(),
        ..Input::default()
    }
}

/// Of what stands in the place of custom emoji, what `count` finds.
fn custom_emoji(event: &Event, count: fn(&str) -> u32) -> u32 {
    let texts = event.texts.iter();
    let of = texts.filter(|t| t.source == Source::CustomEmoji);
    of.map(|t| count(&t.text)).fold(0, u32::saturating_add)
}

/// Pictures that `placeholders` stand for: an entity covers exactly one emoji, but any one, letters in boxes as well.
/// Joined ones and flags are one, signs that only change the one before are none.
fn pictures(placeholders: &str) -> u32 {
    let (mut count, mut halves, mut joins) = (0_u32, 0_u32, 0_u32);
    for c in placeholders.chars() {
        match c {
            '\u{200d}' => joins += 1,
            '\u{fe0e}' | '\u{fe0f}' | '\u{20e3}' | '\u{1f3fb}'..='\u{1f3ff}' => {}
            '\u{1f1e6}'..='\u{1f1ff}' => halves += 1,
            c if c.is_whitespace() => {}
            _ => count += 1,
        }
    }
    // At least one: there is none without anything in its place.
    (count.saturating_sub(joins) + halves / 2).max(1)
}

/// Seconds between the linked channel's post and a comment that answers it.
fn after_post(event: &Event) -> Option<u32> {
    match &event.reply_to_sender {
        Some(Sender::LinkedChannel { .. }) => {
            let since = event.date?.checked_sub(event.reply_to_date?)?;
            u32::try_from(since).ok()
        }
        _ => None,
    }
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
