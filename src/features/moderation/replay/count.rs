//! What a replay found, added up: decisions then and now, what changed, and what moderators had said of it.
use serde::Serialize;

use super::rules::{Given, Group, Skipped, again};
use super::store::Row;
use crate::base::clock::Millis;
use crate::features::moderation::rules::{Band, Decision, Reason};

/// How often each decision was taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Nothing.
    pub none: u64,
    /// A card for a person.
    pub review: u64,
    /// Would have been deleted in mode *act*.
    pub would_delete: u64,
    /// Deleted.
    pub delete: u64,
    /// Of those that are at least for review: moderators said they are no spam.
    pub no_spam_shown: u64,
    /// Of those in the band of spam: moderators said they are none. False positives.
    pub false_positives: u64,
    /// Of those in the band of spam: moderators said they are.
    pub true_positives: u64,
    /// Of those without a card: moderators said they are spam.
    pub missed: u64,
}

impl Counts {
    fn add(&mut self, decision: &str, band: &str, label: Option<&str>) {
        match decision {
            "review" => self.review += 1,
            "would_delete" => self.would_delete += 1,
            "delete" => self.delete += 1,
            _ => self.none += 1,
        }
        match (label, band) {
            (Some("ham"), "spam") => {
                self.false_positives += 1;
                self.no_spam_shown += 1;
            }
            (Some("ham"), "review") => self.no_spam_shown += 1,
            (Some("spam"), "spam") => self.true_positives += 1,
            (Some("spam"), "clear") => self.missed += 1,
            _ => {}
        }
    }
}

/// All numbers of a replay.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Verdicts judged again.
    pub judged: u64,
    /// Those of them whose decision would be another.
    pub changed: u64,
    /// Changed ones that are not listed.
    pub unlisted: u64,
    /// Not judged again: facts of another version.
    pub skipped_version: u64,
    /// Not judged again: facts that cannot be read.
    pub skipped_unreadable: u64,
    /// Not judged again: removed with an album.
    pub skipped_album: u64,
    /// Not judged again: removed by a rule of the house.
    pub skipped_house: u64,
    /// As it was.
    pub then: Counts,
    /// As it would be.
    pub now: Counts,
}

/// A verdict that would be another, or one of which moderators said that it is no spam.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Changed {
    /// The group.
    pub chat: i64,
    /// The message.
    pub message: i64,
    /// Whether it was an edit that was judged.
    pub edit: bool,
    /// When, in milliseconds.
    pub at: Millis,
    /// Where it stands or stood; None in groups that are no supergroups.
    pub link: Option<String>,
    /// The decision and score of then.
    pub then: (String, f64),
    /// The decision and score that it would be.
    pub now: (String, f64),
    /// Why, the weightiest first, as it would be.
    pub reasons: Vec<Reason>,
    /// What a moderator said of it: `spam` or `ham`.
    pub label: Option<String>,
    /// It would be removed, and a moderator said that it is no spam.
    pub false_positive: bool,
}

/// Adds up.
pub(super) struct Count {
    most: usize,
    listed: Vec<Changed>,
    sum: Summary,
}

impl Count {
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            listed: Vec::new(),
            sum: Summary::default(),
        }
    }

    pub(super) fn add(&mut self, row: &Row, group: &Group) {
        let given = Given {
            facts: &row.facts,
            facts_v: row.facts_v,
            stage: &row.stage,
            band: &row.band,
            decision: &row.decision,
        };
        let verdict = match again(&given, group) {
            Ok(verdict) => verdict,
            Err(Skipped::Version) => return self.sum.skipped_version += 1,
            Err(Skipped::Unreadable) => return self.sum.skipped_unreadable += 1,
            Err(Skipped::House) => return self.sum.skipped_house += 1,
            Err(Skipped::Album) => return self.sum.skipped_album += 1,
        };
        let label = row.label.as_deref();
        let (decision, band) = (word(verdict.decision), band(verdict.band));
        self.sum.judged += 1;
        self.sum.then.add(&row.decision, &row.band, label);
        self.sum.now.add(decision, band, label);
        let changed = decision != row.decision;
        self.sum.changed += u64::from(changed);
        let false_positive = label == Some("ham") && verdict.band == Band::Spam;
        if !changed && !false_positive {
            return;
        }
        if self.listed.len() >= self.most {
            self.sum.unlisted += 1;
            return;
        }
        self.listed.push(Changed {
            chat: row.chat,
            message: row.message,
            edit: row.edit,
            at: row.at,
            link: link(row.chat, row.message, group.name.as_deref()),
            then: (row.decision.clone(), row.score),
            now: (decision.to_owned(), f64::from(verdict.score)),
            reasons: verdict.reasons,
            label: row.label.clone(),
            false_positive,
        });
    }

    pub(super) fn end(self) -> (Vec<Changed>, Summary) {
        (self.listed, self.sum)
    }
}

fn word(decision: Decision) -> &'static str {
    match decision {
        Decision::None => "none",
        Decision::Review => "review",
        Decision::WouldDelete => "would_delete",
        Decision::Delete => "delete",
    }
}

fn band(band: Band) -> &'static str {
    match band {
        Band::Clear => "clear",
        Band::Review => "review",
        Band::Spam => "spam",
    }
}

/// Telegram's address of a message of a supergroup.
fn link(chat: i64, message: i64, name: Option<&str>) -> Option<String> {
    match name {
        Some(name) => Some(format!("https://t.me/{name}/{message}")),
        None => {
            let id = chat.to_string();
            let id = id.strip_prefix("-100")?;
            Some(format!("https://t.me/c/{id}/{message}"))
        }
    }
}
