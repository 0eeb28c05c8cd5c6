//! From a message to plain numbers: what the rules may know of it, without a word of its text.
use std::collections::{BTreeMap, BTreeSet};

use super::carriers::Profile;
use super::classifier::SpamModel;
use super::grams::{Grams, Print};
use super::learning::{Likeness, Memory};
use super::links;
pub use super::links::Links;
use super::phrases;
use super::wave::Waves;
use crate::base::clock::Millis;
use crate::base::fold::{Folded, fold};
use crate::telegram::event::MessageKinds;

/// Version of [`Facts`]; stored with each verdict.
/// 2: what the group's lessons say, and likeness to known messages. 3: the sender's reputation, and other groups
/// in which the words go round. 4: kinds of the message, the sender's profile, seconds after a channel's post, words
/// of another member said again; custom emoji are counted one by one. 5: ban lists, and bans in the owner's other groups.
pub const FACTS_VERSION: u32 = 5;
/// The oldest facts that today's rules can judge: what a later version added counts as not seen.
pub const OLDEST_FACTS: u32 = 2;
/// Letters below which a text says too little for the classifier.
const MIN_LETTERS: u32 = 8;
/// N-grams below which the same words in several groups mean nothing ("good morning, everybody"): about forty
/// characters.
const MIN_WAVE_GRAMS: usize = 140;

/// Words of a message, with the name of their place (`text`, `caption`, `quote`, `button`, …).
#[derive(Debug, Clone, Copy)]
pub struct Text<'a> {
    /// The place, in the words of the event's `Source`.
    pub source: &'a str,
    /// As sent.
    pub text: &'a str,
}

/// A link of a message.
#[derive(Debug, Clone, Copy)]
pub struct Link<'a> {
    /// The place, as in [`Text`].
    pub source: &'a str,
    /// URL, `@name`, `tel:` or `mailto:`.
    pub target: &'a str,
    /// Words shown in its place, when they differ.
    pub shown: Option<&'a str>,
}

/// The first version of an edited message.
#[derive(Debug, Clone, Default)]
pub struct Before<'a> {
    /// Own words.
    pub text: &'a str,
    /// Targets of its links.
    pub links: Vec<&'a str>,
}

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// A member under their own name.
    #[default]
    Member,
    /// An admin of the group.
    Admin,
    /// An admin who writes as the group.
    AnonymousAdmin,
    /// The linked channel, by Telegram's automatic forward.
    LinkedChannel,
    /// Somebody who writes as another channel.
    Channel,
}

impl Who {
    /// Whether Beadle never treats what they write.
    pub fn is_exempt(self) -> bool {
        matches!(
            self,
            Self::Admin | Self::AnonymousAdmin | Self::LinkedChannel
        )
    }
}

/// A message as the moderation sees it; whoever reads events fills it in.
#[derive(Debug, Clone, Default)]
pub struct Input<'a> {
    /// Words, by place.
    pub texts: Vec<Text<'a>>,
    /// Links, by place.
    pub links: Vec<Link<'a>>,
    /// Who speaks.
    pub who: Who,
    /// Earlier messages of this sender in this group.
    pub messages_seen: u32,
    /// Seconds since this sender was first seen in this group.
    pub seconds_since_first_seen: u64,
    /// What the group has learned of the sender, worn to now: `community::reputation`; 0 is nothing.
    pub reputation: f32,
    /// The first version, when this is an edit and it is known.
    pub before: Option<Before<'a>>,
    /// Whether it was forwarded.
    pub forwarded: bool,
    /// Whether it came through an inline bot.
    pub via_bot: bool,
    /// Whether it answers a message of the same chat.
    pub reply: bool,
    /// Whether it answers a message of another chat: only then its quote is the sender's choice of words.
    pub external_reply: bool,
    /// Custom emoji in text and caption.
    pub custom_emoji: u32,
    /// Letters among what stands in their place, which hardly anybody sees.
    pub custom_letters: u32,
    /// Other messages of the last hours with the same folded text.
    pub repeated: u32,
    /// Other messages of the sender in the last minute, of those whose words say something.
    pub burst: u32,
    /// Kinds of content that are no text: `photo`, `contact`, `giveaway`, `story`, …
    pub attachments: Vec<&'a str>,
    /// What the message is made of.
    pub kinds: MessageKinds,
    /// What the sender's profile shows.
    pub profile: Profile,
    /// Seconds between a channel's post and this comment on it; none for other messages.
    pub after_post: Option<u32>,
    /// Whether another member said the same words shortly before.
    pub echo: bool,
    /// Whether the sender is on a ban list that counts here.
    pub listed: bool,
    /// Whether a moderator banned the sender in another group of the same owner.
    pub banned_elsewhere: bool,
    /// What the group remembers.
    pub memory: Option<&'a Memory>,
    /// What goes round in other groups; none where the group wants to know nothing of them.
    pub round: Option<Round<'a>>,
}

/// What is asked of the texts that go round.
#[derive(Clone, Copy)]
pub struct Round<'a> {
    /// Those texts.
    pub waves: &'a Waves,
    /// The group that asks.
    pub chat: i64,
    /// When.
    pub now: Millis,
}

impl std::fmt::Debug for Round<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Round")
            .field("chat", &self.chat)
            .finish_non_exhaustive()
    }
}

/// A part of a message that is judged by itself.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Carrier {
    /// The sender's own words.
    Own,
    /// Words taken from another chat.
    Quoted,
    /// Labels of buttons.
    Button,
    /// Words of cards, files, previews and of kinds not known yet.
    Attached,
    /// Names of chats and bots shown with the message.
    Name,
}

impl Carrier {
    /// The part that a place belongs to; `None` for words that the sender did not choose.
    pub fn of(source: &str, external_reply: bool) -> Option<Self> {
        match source {
            "text" | "caption" | "rich_text" | "poll" | "checklist" | "paid_media" => {
                Some(Self::Own)
            }
            "external_reply" => Some(Self::Quoted),
            // A quote within the chat repeats another member, often to complain.
            "quote" => external_reply.then_some(Self::Quoted),
            "button" => Some(Self::Button),
            "forward_origin" | "via_bot" | "sender_chat" | "signature" => Some(Self::Name),
            "reply" | "sticker" | "custom_emoji" => None,
            _ => Some(Self::Attached),
        }
    }
}

/// What was counted in one part.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Counts {
    /// Log-odds of the classifier; none for short texts and names.
    pub log_odds: Option<f32>,
    /// Words.
    pub words: u32,
    /// Letters.
    pub letters: u32,
    /// Capitals among them.
    pub upper: u32,
    /// Words with look-alikes of another script.
    pub mixed_script_words: u32,
    /// Invisible characters within words.
    pub invisible_in_words: u32,
    /// Overrides of the writing direction.
    pub bidi_overrides: u32,
    /// Marks piled on letters.
    pub stacked_marks: u32,
    /// Mathematical, circled and similar letters.
    pub styled_letters: u32,
    /// Words written letter by letter.
    pub spaced_words: u32,
    /// Words with digits for letters.
    pub digit_words: u32,
    /// Emoji.
    pub emoji: u32,
    /// Calls to write in private.
    pub contact_bait: bool,
    /// An amount, a period and a word of earning together.
    pub money_promise: bool,
    /// Different phrases of easy terms (no experience, free training, 18+ …).
    pub easy_terms: u32,
}

/// What an edit brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Edit {
    /// Links that the first version did not have.
    pub links_added: u32,
    /// Different words that the first version did not have.
    pub words_added: u32,
}

/// All that the rules know of a message. Numbers only, so it may be kept when the text is gone.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize, serde::Deserialize)]
pub struct Facts {
    /// [`FACTS_VERSION`] when it was gathered.
    pub facts_v: u32,
    /// The classifier that read the text.
    pub model: String,
    /// Who speaks.
    pub who: Who,
    /// Earlier messages of the sender here.
    pub messages_seen: u32,
    /// Seconds since the sender was first seen here.
    pub seconds_since_first_seen: u64,
    /// What the group has learned of the sender, worn to the time of the message; 0 is nothing.
    #[serde(default)]
    pub reputation: f32,
    /// Counts by part.
    pub carriers: BTreeMap<Carrier, Counts>,
    /// Links by kind.
    pub links: Links,
    /// What an edit brought; none when this is no edit.
    pub edit: Option<Edit>,
    /// Whether it was forwarded.
    pub forwarded: bool,
    /// Whether it came through an inline bot.
    pub via_bot: bool,
    /// Whether it answers a message of the same chat.
    pub reply: bool,
    /// Whether it answers a message of another chat.
    pub external_reply: bool,
    /// Custom emoji.
    pub custom_emoji: u32,
    /// Letters among what stands in their place; they are counted among the sender's own words as well.
    #[serde(default)]
    pub custom_letters: u32,
    /// Other messages of the last hours with the same folded text.
    pub repeated: u32,
    /// Other messages of the sender in the last minute.
    pub burst: u32,
    /// Kinds of content that are no text.
    pub attachments: Vec<String>,
    /// What the message is made of.
    #[serde(default)]
    pub kinds: MessageKinds,
    /// What the sender's profile shows; flags, no words.
    #[serde(default)]
    pub profile: Profile,
    /// Seconds between a channel's post and this comment on it.
    #[serde(default)]
    pub after_post: Option<u32>,
    /// Whether it says the words of another member again, and enough of them.
    #[serde(default)]
    pub copied: bool,
    /// Whether the sender is on a ban list that counts here.
    #[serde(default)]
    pub listed: bool,
    /// Whether a moderator banned the sender in another group of the same owner.
    #[serde(default)]
    pub banned_elsewhere: bool,
    /// What the group's lessons say of the part they say most of, in log-odds: above 0 for what admins here
    /// removed, below for what they allowed. None where nothing was taught.
    pub learned: Option<f32>,
    /// What it is like.
    pub likeness: Likeness,
    /// Other groups in which nearly the same words were posted lately, by whomever.
    #[serde(default)]
    pub going_round: u32,
}

impl Facts {
    /// Counts what there is to count. A few tens of microseconds for an ordinary message.
    pub fn gather(input: &Input<'_>, model: &SpamModel) -> Self {
        Self::with_prints(input, model).0
    }

    /// [`Facts::gather`], and the prints of the parts that say enough to be recognised in other groups.
    pub fn with_prints(input: &Input<'_>, model: &SpamModel) -> (Self, Vec<Print>) {
        let external =
            input.external_reply || input.texts.iter().any(|t| t.source == "external_reply");
        let mut parts: BTreeMap<Carrier, String> = BTreeMap::new();
        for text in &input.texts {
            if let Some(carrier) = Carrier::of(text.source, external) {
                let part = parts.entry(carrier).or_default();
                if !part.is_empty() {
                    part.push('\n');
                }
                part.push_str(text.text);
            }
        }
        let folded: BTreeMap<Carrier, Folded> =
            parts.iter().map(|(c, text)| (*c, fold(text))).collect();
        let own = folded.get(&Carrier::Own).map_or("", |f| f.text.as_str());
        let mut learned: Option<f32> = None;
        let mut likeness = Likeness::default();
        let (mut prints, mut going_round) = (Vec::new(), 0);
        let mut carriers = BTreeMap::new();
        for (carrier, folded) in &folded {
            // Whatever part is read, it is read once.
            let scored = *carrier != Carrier::Name && folded.letters >= MIN_LETTERS;
            let grams = scored.then(|| Grams::of(folded));
            if let (Some(grams), Some(memory)) = (&grams, input.memory) {
                learned = most(learned, memory.score(grams));
                likeness = likeness.most(memory.likeness(grams));
            }
            if let Some(grams) = grams.as_ref().filter(|g| g.buckets.len() >= MIN_WAVE_GRAMS) {
                if let Some(round) = input.round {
                    let others = round.waves.others(round.chat, &grams.print, round.now);
                    going_round = others.max(going_round);
                }
                prints.push(grams.print);
            }
            let log_odds = grams.map(|g| model.score_grams(&g));
            carriers.insert(*carrier, counts(folded, log_odds));
        }
        let facts = Self {
            facts_v: FACTS_VERSION,
            model: model.id().to_owned(),
            who: input.who,
            messages_seen: input.messages_seen,
            seconds_since_first_seen: input.seconds_since_first_seen,
            reputation: input.reputation,
            links: links::count(&input.links, external),
            edit: input
                .before
                .as_ref()
                .map(|before| edit(before, own, &input.links, external)),
            forwarded: input.forwarded,
            via_bot: input.via_bot,
            reply: input.reply,
            external_reply: external,
            custom_emoji: input.custom_emoji,
            custom_letters: input.custom_letters,
            repeated: input.repeated,
            burst: input.burst,
            attachments: input.attachments.iter().map(|a| (*a).to_owned()).collect(),
            kinds: input.kinds,
            profile: input.profile,
            after_post: input.after_post,
            listed: input.listed,
            banned_elsewhere: input.banned_elsewhere,
            copied: input.echo && says_enough(carriers.get(&Carrier::Own)),
            carriers,
            learned,
            likeness,
            going_round,
        };
        (facts, prints)
    }

    /// Whether this version's rules can judge them: replay counts others as skipped.
    pub fn can_replay(&self) -> bool {
        (OLDEST_FACTS..=FACTS_VERSION).contains(&self.facts_v)
    }
}

/// Letters and words from which saying the same is no coincidence: "good morning, everybody" is less.
fn says_enough(own: Option<&Counts>) -> bool {
    own.is_some_and(|c| c.letters >= 25 && c.words >= 5)
}

/// The larger of two numbers that may be missing.
fn most(a: Option<f32>, b: Option<f32>) -> Option<f32> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.max(b)),
        _ => a.or(b),
    }
}

fn counts(folded: &Folded, log_odds: Option<f32>) -> Counts {
    let said = phrases::read(&folded.text);
    Counts {
        log_odds,
        words: folded.words,
        letters: folded.letters,
        upper: folded.upper,
        mixed_script_words: folded.mixed_script_words,
        invisible_in_words: folded.invisible_in_words,
        bidi_overrides: folded.bidi_overrides,
        stacked_marks: folded.stacked_marks,
        styled_letters: folded.styled_letters,
        spaced_words: folded.spaced_words,
        digit_words: folded.digit_words,
        emoji: emoji(&folded.text),
        contact_bait: said.contact_bait,
        money_promise: said.money_promise,
        easy_terms: said.easy_terms,
    }
}

/// Pictographs, a family or a flag counted by its parts at most twice; skin tones are not counted.
fn emoji(text: &str) -> u32 {
    let count = text
        .chars()
        .filter(|c| {
            matches!(c, '\u{1f300}'..='\u{1f3fa}' | '\u{1f400}'..='\u{1faff}' | '\u{2600}'..='\u{27bf}'
                | '\u{2b00}'..='\u{2bff}' | '\u{1f0cf}' | '\u{1f18e}')
        })
        .count();
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn edit(before: &Before<'_>, own: &str, links: &[Link<'_>], external: bool) -> Edit {
    let old = fold(before.text).text;
    let words = |text: &str| -> BTreeSet<String> {
        text.split(|c: char| !c.is_alphanumeric())
            .filter(|w| !w.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let added = words(own).difference(&words(&old)).count();
    let new_links: BTreeSet<&str> = links
        .iter()
        .filter(|l| Carrier::of(l.source, external).is_some() && !before.links.contains(&l.target))
        .map(|l| l.target)
        .collect();
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Edit {
        links_added: number(new_links.len()),
        words_added: number(added),
    }
}
