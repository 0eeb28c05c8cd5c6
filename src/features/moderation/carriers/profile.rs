//! What a profile shows that advertises: name, bio, linked channel. Pure: words in, flags out; no words are kept.
use serde::{Deserialize, Serialize};

use crate::base::fold::fold;
use crate::features::moderation::classifier::SpamModel;
use crate::features::moderation::grams::Grams;
use crate::features::moderation::phrases;

/// What was seen of a profile. All of it is shape of the account: it lifts a message to a person's eye, and removes
/// nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// The name holds an address.
    pub name_link: bool,
    /// The name makes an offer, or points to the profile.
    pub name_offer: bool,
    /// Whether Telegram told what else the profile shows; where it did not, the rest is false.
    pub asked: bool,
    /// The bio, or the name of the channel shown in the profile, makes an offer.
    pub bio_offer: bool,
    /// The bio holds an invitation to a chat.
    pub bio_invite: bool,
    /// A channel is shown in the profile.
    pub channel: bool,
}

impl Profile {
    /// Whether the name is an advertisement.
    pub fn name_advertises(self) -> bool {
        self.name_link || self.name_offer
    }

    /// Whether what else is shown is one. A link to an own page or channel alone is none.
    pub fn bio_advertises(self) -> bool {
        self.bio_offer || self.bio_invite
    }

    /// Whether anything is.
    pub fn advertises(self) -> bool {
        self.name_advertises() || self.bio_advertises()
    }

    /// With what was told before of the rest.
    #[must_use]
    pub fn and(self, told: Option<Self>) -> Self {
        let Some(told) = told else { return self };
        Self {
            name_link: self.name_link || told.name_link,
            name_offer: self.name_offer || told.name_offer,
            ..told
        }
    }

    /// Of the name alone.
    pub fn of_name(first: &str, last: Option<&str>) -> Self {
        let name = format!("{first} {}", last.unwrap_or_default());
        let plain = fold(&name).text;
        Self {
            name_link: has_address(&plain) || has_address(&name.to_lowercase()),
            name_offer: offers(&plain),
            ..Self::default()
        }
    }

    /// With what Telegram tells of the rest: bio, and the title of the channel shown in the profile.
    #[must_use]
    pub fn with_rest(self, bio: Option<&str>, channel: Option<&str>) -> Self {
        let said = |words: &str| {
            let folded = fold(words);
            let by_words = folded.letters >= ENOUGH
                && SpamModel::shipped().score_grams(&Grams::of(&folded)) >= CERTAIN;
            by_words || offers(&folded.text)
        };
        Self {
            asked: true,
            bio_offer: bio.is_some_and(said) || channel.is_some_and(said),
            bio_invite: bio.is_some_and(|bio| {
                let bio = bio.to_lowercase();
                bio.contains("t.me/+") || bio.contains("t.me/joinchat")
            }),
            channel: channel.is_some(),
            ..self
        }
    }
}

/// Letters from which a bio says enough for the classifier.
const ENOUGH: u32 = 20;
/// Log-odds of the classifier from which a bio counts as an offer: it was trained on messages, so it must be sure.
const CERTAIN: f32 = 4.0;

/// Ends of addresses as they stand in names. `St.John` and `main.rs` have none of them.
const ENDS: [&str; 9] = [
    ".com", ".net", ".org", ".ru", ".io", ".xyz", ".top", ".club", ".site",
];

fn has_address(name: &str) -> bool {
    let written = ["://", "t.me/", "www."].iter().any(|p| name.contains(p));
    written
        || name.split_whitespace().any(|word| {
            let handle = word.strip_prefix('@').is_some_and(|n| n.len() >= 4);
            handle
                || ENDS
                    .iter()
                    .any(|e| word.split('/').next().is_some_and(|w| w.ends_with(e)))
        })
}

/// Parts of offers, as they stand in names and bios; compared with folded words.
const OFFERS: &[&str] = &[
    "in bio",
    "in my bio",
    "my bio",
    "see bio",
    "check bio",
    "my profile",
    "in profile",
    "click profile",
    "earn money",
    "make money",
    "easy money",
    "passive income",
    "free usdt",
    "airdrop",
    "casino",
    "onlyfans",
    "crypto signals",
    "forex signals",
    "в профиле",
    "в био",
    "в описании",
    "смотри профиль",
    "смотри био",
    "мой канал",
    "жми на ав",
    "заработ",
    "доход от",
    "пассивный доход",
    "казино",
    "фриспин",
    "интим",
    "обнал",
];

fn offers(folded: &str) -> bool {
    let said = phrases::read(folded);
    said.contact_bait
        || said.money_promise
        || said.easy_terms > 0
        || OFFERS.iter().any(|part| folded.contains(part))
}
