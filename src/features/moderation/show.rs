//! What follows from a verdict for people: the author of a removed message is treated, and a card shows it to whoever
//! may decide.
use super::campaigns::{Campaigns, Key, Root};
use super::order::treat::{self, Case};
use super::order::{Desk, NewCard, open_card};
use super::rules::Verdict;
use super::settings::GroupSettings;
use crate::base::clock::Millis;
use crate::community::GroupFacts;
use crate::store::{StoreError, Tx};
use crate::texts::Lang;

/// A message that was judged.
#[derive(Debug, Clone, Copy)]
pub(super) struct Judged {
    pub(super) message: i64,
    /// Who wrote it: a person, or a channel.
    pub(super) user: Option<i64>,
    pub(super) sender_chat: Option<i64>,
    /// When it was written.
    pub(super) at: Millis,
}

/// The card, ready to be opened, and the treatment that goes with it.
pub(super) struct Show {
    card: NewCard,
    case: Option<Case>,
    key: Key,
}

impl Show {
    /// Of a verdict in `group`; the card goes to `place`. With `treats` the author is taken up the ladder.
    pub(super) fn new(
        (group, own): (&GroupFacts, GroupSettings),
        judged: Judged,
        (verdict, treats): (&Verdict, bool),
        (key, place): (Key, Option<i64>),
    ) -> Self {
        let lang = Lang::from_tag(group.language.as_deref());
        let Judged {
            message,
            user,
            sender_chat,
            at,
        } = judged;
        let against = verdict.reasons.iter().filter(|r| r.weight > 0.0);
        let case = treats.then(|| Case {
            chat: group.id,
            message,
            at,
            user,
            sender_chat,
            regular: verdict.reasons.iter().any(|r| r.code == "regular"),
            spared: !verdict.person,
            codes: against.map(|r| r.code.clone()).collect(),
            by: None,
            settings: own,
            lang,
        });
        let card = NewCard {
            chat: group.id,
            message: Some(message),
            user,
            sender_chat,
            lang: lang.tag(),
            place,
            treatment: None,
            kind: "verdict",
            shows: None,
            campaign: None,
        };
        Self { card, case, key }
    }

    /// Treats, and opens the card or adds to the one that stands for it.
    pub(super) fn open(
        mut self,
        tx: &mut Tx<'_>,
        (desk, campaigns): (&Desk, &Campaigns),
        now: Millis,
        seq: Option<i64>,
    ) -> Result<(), StoreError> {
        let chat = self.card.chat;
        self.card.campaign = campaigns.find(chat, &self.key, now);
        if let Some(case) = self.case {
            self.card.treatment = Some(treat::treat(tx, desk, &case, now, seq)?);
        }
        let id = open_card(tx, &desk.seal, &self.card, now, seq)?;
        // Before the commit: what is read back is compared with the card as it stands.
        if let Some(message) = self.card.message
            && self.card.campaign.is_none_or(|known| known.card != id)
        {
            campaigns.note(chat, self.key, Root { card: id, message }, now);
        }
        Ok(())
    }
}
