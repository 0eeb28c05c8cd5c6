//! The table of what newcomers send that a group may want to look at or not to have: one setting each.
use super::policy::Rule;
use crate::community::settings::{Kind, Setting};
use crate::features::moderation::facts::{Carrier, Facts};
use crate::telegram::event::{MessageKind as K, MessageKinds};

/// One line of the table.
#[derive(Debug, Clone, Copy)]
pub struct Topic {
    /// Its name in `newcomers.<name>`.
    pub name: &'static str,
    /// The reason's code in verdicts; `reason-` and the code with dashes is its sentence in the catalogues.
    pub code: &'static str,
    /// What holds where nobody chose. Never [`Rule::Delete`]: what nobody asked for removes nothing.
    pub usual: Rule,
    /// The sentence in English.
    pub sentence: &'static str,
    /// Whether a message is of it.
    pub(super) test: fn(&Facts) -> bool,
}

/// Seconds after a channel's post within which a comment was not written by somebody who read it.
pub const AT_ONCE: u32 = 5;
/// Letters below which a caption says nothing beside a picture.
const SHORT_CAPTION: u32 = 20;
/// Custom emoji from which, with fewer letters beside them than emoji, they stand for letters: a short word.
const EMOJI_TEXT: u32 = 6;

macro_rules! topics {
    ($($name:literal $usual:ident $what:literal $sentence:literal $test:expr;)*) => {
        /// What admins may set, as `newcomers.<name>`.
        pub static SETTINGS: &[Setting] = &[$(Setting {
            path: concat!("newcomers.", $name),
            kind: Kind::Choice(&["allow", "review", "delete"]),
            default: Rule::$usual.json(),
            doc: concat!("What happens to newcomers' ", $what, ": nothing, a card for a person, or they are removed"),
        },)* Setting {
            path: "newcomers.reaction",
            kind: Kind::Choice(&["allow", "delete"]),
            default: "\"delete\"",
            doc: "What happens to reactions by newcomers whose profile advertises; unless chosen, only in mode act",
        }];
        /// All topics.
        pub static TOPICS: &[Topic] = &[$(Topic {
            name: $name,
            code: concat!("newcomers_", $name),
            usual: Rule::$usual,
            sentence: $sentence,
            test: $test,
        }),*];
    };
}

topics! {
    "link" Allow "links" "A newcomer sent a link." |f| f.kinds.has(K::Link);
    "invite" Review "invitations to other chats" "A newcomer invites to another chat." |f| f.kinds.has(K::Invite);
    "mention" Allow "mentions" "A newcomer mentioned somebody by name." |f| f.kinds.has(K::Mention);
    "photo" Allow "pictures" "A newcomer sent a picture." |f| f.kinds.has(K::Photo);
    "video" Allow "videos" "A newcomer sent a video." |f| f.kinds.has(K::Video);
    "animation" Allow "animations" "A newcomer sent an animation." |f| f.kinds.has(K::Animation);
    "audio" Allow "music" "A newcomer sent music." |f| f.kinds.has(K::Audio);
    "document" Allow "files" "A newcomer sent a file." |f| f.kinds.has(K::Document);
    "voice" Allow "voice notes" "A newcomer sent a voice note." |f| f.kinds.has(K::Voice);
    "video_note" Allow "video notes" "A newcomer sent a video note." |f| f.kinds.has(K::VideoNote);
    "sticker" Allow "stickers" "A newcomer sent a sticker." |f| f.kinds.has(K::Sticker);
    "custom_emoji" Allow "custom emoji" "A newcomer used custom emoji." |f| f.kinds.has(K::CustomEmoji);
    "emoji_text" Review "words written in custom emoji" "A newcomer wrote in custom emoji instead of letters." is_emoji_text;
    "contact" Review "contact cards" "A newcomer sent a contact card." |f| f.kinds.has(K::Contact);
    "location" Allow "places" "A newcomer sent a place." |f| f.kinds.has(K::Location);
    "story" Review "stories" "A newcomer shared a story." |f| f.kinds.has(K::Story);
    "giveaway" Review "giveaways" "A newcomer posted a giveaway." |f| f.kinds.has(K::Giveaway);
    "button" Review "messages with buttons" "A newcomer's message has buttons." |f| f.kinds.has(K::Button);
    "via_bot" Allow "messages through inline bots" "A newcomer sent it through a bot." |f| f.kinds.has(K::ViaBot);
    "forward" Allow "forwards" "A newcomer forwarded it." |f| f.kinds.any(MessageKinds::FORWARD);
    "forward_hidden" Review "forwards from people who hide their account" "A newcomer forwarded it from a hidden account."
        |f| f.kinds.has(K::ForwardHidden);
    "forward_channel" Allow "forwards from channels" "A newcomer forwarded it from a channel."
        |f| f.kinds.has(K::ForwardChannel);
    "quote" Allow "quotes" "A newcomer quoted another message." |f| f.kinds.has(K::Quote);
    "external_reply" Review "answers to messages of other chats" "A newcomer answered a message of another chat."
        |f| f.kinds.has(K::ExternalReply);
    "dice" Allow "dice" "A newcomer threw a dice." |f| f.kinds.has(K::Dice);
    "poll" Review "polls" "A newcomer made a poll." |f| f.kinds.has(K::Poll);
    "game" Review "games" "A newcomer sent a game." |f| f.kinds.has(K::Game);
    "checklist" Allow "checklists" "A newcomer sent a checklist." |f| f.kinds.has(K::Checklist);
    "invoice" Review "invoices" "A newcomer sent an invoice." |f| f.kinds.has(K::Invoice);
    "paid_media" Review "paid media" "A newcomer sent paid media." |f| f.kinds.has(K::PaidMedia);
    "channel_sender" Review "messages in a channel's name" "Somebody new here wrote in a channel's name."
        |f| f.kinds.has(K::ChannelSender);
    "bot" Review "messages, where they are bots" "A bot that is no admin wrote it." |f| f.kinds.has(K::Bot);
    "command" Allow "commands" "A newcomer sent a command." |f| f.kinds.has(K::Command);
    "unknown" Allow "content of kinds that this version does not know" "A newcomer sent content of an unknown kind."
        |f| f.kinds.has(K::Unknown);
    "wordless" Review "first messages that are a picture, film or file with hardly a word"
        "The first message of the sender is media with hardly a word." is_wordless;
    "first_comment" Review "comments within seconds of a channel's post"
        "A newcomer commented within seconds of the post." |f| f.after_post.is_some_and(|s| s <= AT_ONCE);
    "copied" Review "messages that repeat another member's words"
        "A newcomer repeated another member's words." |f| f.copied;
    "profile" Review "messages, where the name or profile advertises" "The sender's name or profile advertises."
        |f| f.profile.advertises();
}

/// Letters in the sender's own words.
fn letters(f: &Facts) -> u32 {
    f.carriers.get(&Carrier::Own).map_or(0, |c| c.letters)
}

fn is_emoji_text(f: &Facts) -> bool {
    let beside = letters(f).saturating_sub(f.custom_letters);
    f.custom_emoji >= EMOJI_TEXT && beside < f.custom_emoji
}

fn is_wordless(f: &Facts) -> bool {
    const SEEN: MessageKinds = MessageKinds::of(&[
        K::Photo,
        K::Video,
        K::Animation,
        K::Document,
        K::VideoNote,
        K::PaidMedia,
    ]);
    f.messages_seen == 0 && f.kinds.any(SEEN) && letters(f) < SHORT_CAPTION
}
