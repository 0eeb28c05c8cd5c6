//! The table of signals: what counts for or against a message, how much, and how it is said to people.
use crate::community::reputation::{CLEAR_CAP, Seen, Standing, TRUSTED, standing};

use super::carriers::topics::AT_ONCE;
use super::facts::{Carrier, Counts, Facts, Links, Who};
use super::learning::MOST;
use super::signal::signal;
pub use super::signal::{Group, Kind, Signal};

/// Weight and cap of the classifier: six units of log-odds and more count in full. With the prior this leads
/// to a person's review, not further: only other signs beside the classifier make spam.
const CLASSIFIER: (f32, f32) = (0.75, 4.5);

/// [`CLEAR_CAP`] as facts count.
#[expect(clippy::cast_possible_truncation, reason = "a small number")]
const CLEAR_CAP_F32: f32 = CLEAR_CAP as f32;

/// All signals. Weights are log-odds, set by hand against the tables of `tests/it/verdict.rs`.
pub static TABLE: &[Signal] =
    &[
        signal(
            "spam_words",
            Group::Words,
            CLASSIFIER,
            "reason-spam-words",
            "The words are like those of known spam.",
            |f| strongest(f, Carrier::Own),
        ),
        signal(
            "spam_words_quoted",
            Group::Words,
            CLASSIFIER,
            "reason-spam-words-quoted",
            "The words quoted from another chat are like those of known spam.",
            |f| strongest(f, Carrier::Quoted),
        ),
        signal(
            "spam_words_button",
            Group::Words,
            CLASSIFIER,
            "reason-spam-words-button",
            "The buttons' labels are like known spam.",
            |f| strongest(f, Carrier::Button),
        ),
        signal(
            "spam_words_attached",
            Group::Words,
            CLASSIFIER,
            "reason-spam-words-attached",
            "The words of the attachment are like those of known spam.",
            |f| strongest(f, Carrier::Attached),
        ),
        signal(
            "learned_spam",
            Group::Words,
            (1.0, MOST),
            "reason-learned-spam",
            "It is like what the admins here removed.",
            |f| learned(f).max(0.0),
        ),
        signal(
            "known_spam",
            Group::Known,
            (4.5, 4.5),
            "reason-known-spam",
            "It is nearly the same as a message that an admin here called spam.",
            |f| {
                if f.likeness.spam > f.likeness.allowed {
                    f.likeness.spam
                } else {
                    0.0
                }
            },
        ),
        signal(
            "known_removed",
            Group::Known,
            (2.0, 2.0),
            "reason-known-removed",
            "It is nearly the same as a message that was removed here.",
            // A person's word on it counts instead.
            |f| {
                if f.likeness.spam + f.likeness.allowed > 0.0 {
                    0.0
                } else {
                    f.likeness.removed
                }
            },
        ),
        signal(
            "known_elsewhere",
            Group::Known,
            (1.2, 2.4),
            "reason-known-elsewhere",
            "Nearly the same message was spam in another group.",
            |f| {
                if f.likeness.allowed > 0.0 {
                    0.0
                } else {
                    number(f.likeness.elsewhere)
                }
            },
        ),
        signal(
            "going_round",
            Group::Known,
            (0.8, 2.4),
            "reason-going-round",
            "Nearly the same message was just posted in other groups.",
            // A person's word on such a message counts instead.
            |f| {
                if f.likeness.allowed > 0.0 || f.likeness.elsewhere > 0 {
                    0.0
                } else {
                    number(f.going_round).min(3.0) * repeating(f)
                }
            },
        ),
        signal(
            "false_link",
            Group::Links,
            (3.0, 3.0),
            "reason-false-link",
            "A link shows one address and leads to another.",
            |f| number(f.links.disguised),
        ),
        signal(
            "hidden_link",
            Group::Links,
            (0.8, 1.2),
            "reason-hidden-link",
            "A link is hidden under other words.",
            |f| number(f.links.hidden),
        ),
        signal(
            "button_link",
            Group::Links,
            (1.5, 2.0),
            "reason-button-link",
            "A button leads out of the chat.",
            |f| number(f.links.button),
        ),
        signal(
            "external_quote_link",
            Group::Links,
            (1.8, 2.2),
            "reason-external-quote-link",
            "A link stands in a quote from another chat.",
            |f| number(f.links.quoted),
        ),
        signal(
            "invite_link",
            Group::Links,
            (1.3, 1.6),
            "reason-invite-link",
            "It invites to another chat or bot.",
            |f| number(f.links.invites),
        ),
        signal(
            "homoglyphs",
            Group::Disguise,
            (0.8, 3.2),
            "reason-homoglyphs",
            "Letters of another alphabet are hidden inside words.",
            |f| total(f, |c| c.mixed_script_words),
        ),
        signal(
            "invisible",
            Group::Disguise,
            (0.5, 2.5),
            "reason-invisible",
            "Invisible characters are hidden inside words.",
            |f| total(f, |c| c.invisible_in_words),
        ),
        signal(
            "direction",
            Group::Disguise,
            (1.5, 2.0),
            "reason-direction",
            "The writing direction is forced, to hide words.",
            |f| total(f, |c| c.bidi_overrides),
        ),
        signal(
            "stacked_marks",
            Group::Disguise,
            (0.15, 1.5),
            "reason-stacked-marks",
            "Marks are piled on the letters.",
            |f| total(f, |c| c.stacked_marks),
        ),
        signal(
            "styled_letters",
            Group::Disguise,
            (0.08, 1.2),
            "reason-styled-letters",
            "Words are written in fancy letters.",
            |f| total(f, |c| c.styled_letters),
        ),
        signal(
            "spaced_words",
            Group::Disguise,
            (0.5, 1.5),
            "reason-spaced-words",
            "Words are written with gaps between letters.",
            |f| total(f, |c| c.spaced_words),
        ),
        signal(
            "digit_words",
            Group::Disguise,
            (0.5, 1.5),
            "reason-digit-words",
            "Digits stand for letters.",
            |f| total(f, |c| c.digit_words),
        ),
        signal(
            "edit_added_link",
            Group::Edit,
            (2.0, 2.0),
            "reason-edit-added-link",
            "A link was added by editing.",
            |f| f.edit.map_or(0.0, |e| number(e.links_added)),
        ),
        signal(
            "edit_added_words",
            Group::Edit,
            (0.1, 0.8),
            "reason-edit-added-words",
            "The text was rewritten by editing.",
            |f| {
                // A typo set right is a word or two.
                f.edit
                    .map_or(0.0, |e| number(e.words_added.saturating_sub(2)))
            },
        ),
        signal(
            "contact_bait",
            Group::Offer,
            (1.3, 1.3),
            "reason-contact-bait",
            "It asks to be written to in private.",
            |f| flag(f.carriers.values().any(|c| c.contact_bait)),
        ),
        signal(
            "money_promise",
            Group::Offer,
            (1.6, 1.6),
            "reason-money-promise",
            "It promises so much money for so much time.",
            |f| flag(f.carriers.values().any(|c| c.money_promise)),
        ),
        signal(
            "easy_terms",
            Group::Offer,
            (0.7, 2.1),
            "reason-easy-terms",
            "It praises easy terms.",
            |f| total(f, |c| c.easy_terms),
        ),
        signal(
            "repeated_text",
            Group::Known,
            (0.8, 3.2),
            "reason-repeated-text",
            "The same text was just posted elsewhere.",
            |f| {
                // Short texts ("thanks") repeat by themselves.
                let words: u32 = f
                    .carriers
                    .values()
                    .map(|c| c.words)
                    .fold(0, u32::saturating_add);
                if words >= 5 {
                    number(f.repeated).min(4.0) * repeating(f)
                } else {
                    0.0
                }
            },
        ),
        signal(
            "shouting",
            Group::Form,
            (0.5, 0.5),
            "reason-shouting",
            "It is written in capitals.",
            |f| {
                flag(f.carriers.values().any(|c| {
                    c.letters >= 20 && u64::from(c.upper) * 10 >= u64::from(c.letters) * 7
                }))
            },
        ),
        signal(
            "emoji_heap",
            Group::Form,
            (0.1, 0.8),
            "reason-emoji-heap",
            "It is full of emoji.",
            |f| {
                let all = f
                    .carriers
                    .values()
                    .map(|c| c.emoji)
                    .fold(f.custom_emoji, u32::saturating_add);
                number(all.saturating_sub(4))
            },
        ),
        signal(
            "newcomer",
            Group::Account,
            (1.0, 1.0),
            "reason-newcomer",
            "The sender is new here.",
            |f| flag(is_newcomer(f)),
        ),
        signal(
            "newcomer_link",
            Group::Account,
            (0.8, 0.8),
            "reason-newcomer-link",
            "Among the sender's first messages is a link.",
            |f| {
                let l = &f.links;
                flag(
                    is_newcomer(f)
                        && (l.own
                            | l.hidden
                            | l.disguised
                            | l.button
                            | l.quoted
                            | l.attached
                            | l.invites)
                            > 0,
                )
            },
        ),
        signal(
            "burst",
            Group::Account,
            (0.3, 0.9),
            "reason-burst",
            "The sender writes one message after another.",
            // Talk comes in twos and threes.
            |f| number(f.burst.saturating_sub(3)),
        ),
        signal(
            "forwarded",
            Group::Account,
            (0.4, 0.4),
            "reason-forwarded",
            "It is forwarded.",
            |f| flag(f.forwarded),
        ),
        signal(
            "via_bot",
            Group::Account,
            (0.4, 0.4),
            "reason-via-bot",
            "It was sent through a bot.",
            |f| flag(f.via_bot),
        ),
        signal(
            "other_chat",
            Group::Account,
            (0.4, 0.4),
            "reason-other-chat",
            "It answers a message of another chat.",
            |f| flag(f.external_reply),
        ),
        signal(
            "channel_sender",
            Group::Account,
            (0.6, 0.6),
            "reason-channel-sender",
            "It is written in a channel's name.",
            |f| flag(f.who == Who::Channel),
        ),
        signal(
            "card",
            Group::Account,
            (0.8, 0.8),
            "reason-card",
            "It carries a contact, a story or a giveaway.",
            |f| {
                let card = |a: &String| {
                    matches!(
                        a.as_str(),
                        "contact" | "story" | "giveaway" | "giveaway_winners"
                    )
                };
                flag(f.attachments.iter().any(card))
            },
        ),
        signal(
            "distrusted",
            Group::Account,
            (0.4, 1.2),
            "reason-distrusted",
            "Messages of the sender were removed here.",
            |f| {
                if f64::from(reputation(f)) < TRUSTED {
                    -reputation(f)
                } else {
                    0.0
                }
            },
        ),
        signal(
            "name_advertises",
            Group::Account,
            (1.2, 1.2),
            "reason-name-advertises",
            "The sender's name advertises.",
            |f| flag(is_newcomer(f) && f.profile.name_advertises()),
        ),
        signal(
            "bio_advertises",
            Group::Account,
            (0.8, 0.8),
            "reason-bio-advertises",
            "The sender's profile advertises.",
            |f| flag(is_newcomer(f) && f.profile.bio_advertises()),
        ),
        signal(
            "first_comment",
            Group::Account,
            (0.8, 0.8),
            "reason-first-comment",
            "It was written within seconds of the channel's post.",
            |f| flag(is_newcomer(f) && f.after_post.is_some_and(|s| s <= AT_ONCE)),
        ),
        signal(
            "copied",
            Group::Account,
            (0.6, 0.6),
            "reason-copied",
            "It repeats another member's words.",
            // Repetition that is counted already says the same.
            |f| flag(is_newcomer(f) && f.copied && f.repeated == 0 && f.going_round == 0),
        ),
        signal(
            "listed",
            Group::Account,
            (1.5, 1.5),
            "reason-listed",
            "The sender is on a ban list.",
            // Lists have mistakes, and their people are known here by what they write.
            |f| flag(f.listed && !is_regular(f)),
        ),
        signal(
            "banned_elsewhere",
            Group::Account,
            (1.5, 1.5),
            "reason-banned-elsewhere",
            "The sender was banned in another group of the same owner.",
            |f| flag(f.banned_elsewhere && !is_regular(f)),
        ),
        signal(
            "learned_ham",
            Group::Standing,
            (-1.0, -MOST),
            "reason-learned-ham",
            "It is like what the admins here allowed.",
            |f| (-learned(f)).max(0.0),
        ),
        signal(
            "known_ham",
            Group::Standing,
            (-4.0, -4.0),
            "reason-known-ham",
            "It is nearly the same as a message that an admin here allowed.",
            |f| {
                if f.likeness.allowed >= f.likeness.spam {
                    f.likeness.allowed
                } else {
                    0.0
                }
            },
        ),
        signal(
            "regular",
            Group::Standing,
            (-2.5, -2.5),
            "reason-regular",
            "The sender has long been writing here.",
            |f| flag(is_regular(f)),
        ),
        signal(
            "vouched",
            Group::Standing,
            (-0.5, -1.5),
            "reason-vouched",
            "People here have spoken for the sender.",
            // Above what clear messages alone can come to: only a person's word lifts anybody there.
            |f| {
                if f.who == Who::Member {
                    reputation(f) - CLEAR_CAP_F32
                } else {
                    0.0
                }
            },
        ),
        signal(
            "admin",
            Group::Standing,
            (-20.0, -20.0),
            "reason-admin",
            "The sender speaks for the group.",
            |f| flag(f.who.is_exempt()),
        ),
    ];

/// The line of the table with this code.
pub fn find(code: &str) -> Option<&'static Signal> {
    TABLE.iter().find(|signal| signal.code == code)
}

/// What the sender is to the group, by `community::reputation`: who was caught is a newcomer again, and nobody is a
/// regular by writing much while evidence speaks against them.
fn standing_of(f: &Facts) -> Standing {
    let here = i64::try_from(f.seconds_since_first_seen.saturating_mul(1_000)).unwrap_or(i64::MAX);
    let seen = Seen {
        messages: i64::from(f.messages_seen),
        // Any moment but 0, which is never.
        first_seen: 1,
        reputation: f64::from(reputation(f)),
        admin: false,
    };
    standing(seen, here.saturating_add(1))
}

pub(super) fn is_newcomer(f: &Facts) -> bool {
    standing_of(f) == Standing::Newcomer
}

fn is_regular(f: &Facts) -> bool {
    f.who == Who::Member && standing_of(f) == Standing::Regular
}

/// What the group has learned of the sender; a number that is none says nothing.
fn reputation(f: &Facts) -> f32 {
    if f.reputation.is_finite() {
        f.reputation
    } else {
        0.0
    }
}

/// What the lessons say; a number that is none says nothing.
fn learned(f: &Facts) -> f32 {
    f.learned.filter(|l| l.is_finite()).unwrap_or(0.0)
}

/// How much repetition says. Greetings and questions go round, too: words that are clearly ordinary and carry nothing
/// to follow are brought to a person by it, not removed.
fn repeating(f: &Facts) -> f32 {
    let ordinary = f
        .carriers
        .values()
        .all(|c| c.log_odds.is_some_and(|o| o < -3.0) && !c.contact_bait && !c.money_promise);
    if ordinary && f.links == Links::default() && f.attachments.is_empty() {
        0.6
    } else {
        1.0
    }
}

fn flag(is: bool) -> f32 {
    f32::from(u8::from(is))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts; everything large is capped"
)]
fn number(count: u32) -> f32 {
    count as f32
}

fn total(f: &Facts, of: fn(&Counts) -> u32) -> f32 {
    number(f.carriers.values().map(of).fold(0, u32::saturating_add))
}

/// Log-odds of a part when no other part has more: parts often say the same, so only the strongest counts,
/// and innocent words beside it take nothing away.
fn strongest(f: &Facts, part: Carrier) -> f32 {
    let odds = |c: &Counts| c.log_odds.filter(|o| o.is_finite()).unwrap_or(0.0);
    let mut best: Option<(Carrier, f32)> = None;
    for (carrier, counts) in &f.carriers {
        if best.is_none_or(|(_, b)| odds(counts) > b) {
            best = Some((*carrier, odds(counts)));
        }
    }
    best.filter(|(carrier, _)| *carrier == part)
        .map_or(0.0, |(_, odds)| odds)
}
