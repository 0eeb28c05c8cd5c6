//! The steps of admission: what features add, and the first of them.
use futures_util::future::BoxFuture;

use super::rules::{Door, Finding};
use crate::base::clock::Millis;
use crate::base::secretbox::Keyring;
use crate::community::arbiter::{self, Imposer};
use crate::community::erasure;
use crate::store::{Store, StoreError, Tx};

/// Where in the order a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// What the profile shows; never refuses alone.
    Profile,
    /// Lists of people who are not wanted.
    BanList,
    /// Too many came at once.
    Raid,
    /// A question only people can answer.
    Captcha,
    /// Membership of the group's channels.
    Gate,
}

impl Place {
    /// In whose name the step restricts.
    pub const fn imposer(self) -> Imposer {
        match self {
            Self::Profile | Self::Captcha => Imposer::Captcha,
            Self::BanList => Imposer::BanList,
            Self::Raid => Imposer::Raid,
            Self::Gate => Imposer::Gate,
        }
    }
}

/// Somebody at the door, as a step sees them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applicant {
    /// The group.
    pub chat: i64,
    /// Who.
    pub user: i64,
    /// How they come; a query that was answered with "later" is a request.
    pub door: Door,
    /// Where they may be written to, for five minutes after they asked; None for who is inside.
    pub user_chat: Option<i64>,
    /// Codes of what earlier steps noticed.
    pub notes: Vec<String>,
    /// Now.
    pub now: Millis,
}

/// A step. Features implement it; `app` registers it. It may be asked more than once for one person.
pub trait Step: Send + Sync + 'static {
    /// Stable name, kept on disk.
    fn name(&self) -> &'static str;

    /// Where it stands.
    fn place(&self) -> Place;

    /// Looks at somebody. An error harms nobody: they pass, and the log says so.
    fn examine<'a>(&'a self, who: &'a Applicant) -> BoxFuture<'a, Result<Finding, String>>;

    /// Somebody begins to be held by this step until the given moment, in the transaction that says so: here the
    /// step asks them what it wants to know.
    fn held(&self, _: &mut Tx<'_>, _: &Applicant, _: Millis) -> Result<(), StoreError> {
        Ok(())
    }

    /// The hold is over, in the transaction that ends it: they answered, time ran out, they left. Here the step
    /// clears away what it had put there.
    fn over(&self, _: &mut Tx<'_>, _: &Applicant) -> Result<(), StoreError> {
        Ok(())
    }
}

/// Who is banned in the ledger does not come in by another door, nor who had themselves erased while banned.
pub(super) struct BanCheck {
    pub(super) store: Store,
    pub(super) keys: Keyring,
}

/// The longest that a kept ban puts somebody out for at a time; it is known at the next knock as well.
const OUT: Millis = 86_400_000;

impl Step for BanCheck {
    fn name(&self) -> &'static str {
        "ban_list"
    }

    fn place(&self) -> Place {
        Place::BanList
    }

    fn examine<'a>(&'a self, who: &'a Applicant) -> BoxFuture<'a, Result<Finding, String>> {
        let (chat, user, now) = (who.chat, who.user, who.now);
        let keys = self.keys.clone();
        Box::pin(async move {
            let asked = self.store.read(move |conn| {
                if arbiter::banned(conn, chat, user, now)?.is_some() {
                    // The ban itself stands in the ledger: they are put out, and it goes on.
                    return Ok(Some(None));
                }
                let kept = erasure::kept_ban(conn, &keys, chat, user, now)?;
                Ok(kept.map(|ban| Some(ban.until.map_or(OUT, |until| (until - now).min(OUT)))))
            });
            let banned = asked.await.map_err(|e| e.to_string())?;
            Ok(banned.map_or(Finding::Pass, |out_for| Finding::Refuse {
                reason: "banned",
                out_for,
            }))
        })
    }
}
