//! The step at the door that notices a surge, and holds who comes while a raid goes on.
use futures_util::future::BoxFuture;

use super::{course, store};
use crate::base::clock::Millis;
use crate::community::admission::{
    self, Applicant, Door, Finding, LONGEST_HOLD, Place, Step, Then,
};
use crate::features::moderation::newcomers::captcha::is_spared;
use crate::features::moderation::newcomers::settings;
use crate::features::moderation::order::Desk;
use crate::store::{StoreError, Tx};

/// The step's name, kept on disk.
pub(in crate::features::moderation::newcomers) const STEP: &str = "raid";

/// Holds who comes in a raid.
pub(super) struct RaidStep(pub(super) Desk);

impl RaidStep {
    async fn look(&self, who: &Applicant) -> Result<Finding, String> {
        let chat = who.chat;
        let Some(group) = self.0.group(chat).await.map_err(|e| e.to_string())? else {
            return Ok(Finding::Pass);
        };
        // A basic group knows no mute and bans for good: nobody is held in one.
        if who.door == Door::Join && group.kind != "supergroup" {
            return Ok(Finding::Pass);
        }
        let (_, raid) = settings::of(&group);
        let (limit, since) = (raid.limit(group.mode), who.now - raid.within);
        let surge = self.0.store.read(move |conn| {
            if store::open(conn, chat)?.is_some() {
                return Ok(true);
            }
            let Some(limit) = limit else { return Ok(false) };
            let came = admission::arrivals(conn, chat, since, limit)?;
            Ok(i64::try_from(came.len()).unwrap_or(0) >= limit)
        });
        if !surge.await.map_err(|e| e.to_string())? {
            return Ok(Finding::Pass);
        }
        // Whoever is known here comes back, and is no raider.
        if is_spared(&self.0, chat, who.user).await? {
            return Ok(Finding::Pass);
        }
        Ok(Finding::Hold {
            until: who.now + LONGEST_HOLD,
            then: Then::Admit,
        })
    }
}

impl Step for RaidStep {
    fn name(&self) -> &'static str {
        STEP
    }

    fn place(&self) -> Place {
        Place::Raid
    }

    fn examine<'a>(&'a self, who: &'a Applicant) -> BoxFuture<'a, Result<Finding, String>> {
        Box::pin(self.look(who))
    }

    fn held(&self, tx: &mut Tx<'_>, who: &Applicant, _: Millis) -> Result<(), StoreError> {
        let raid = match store::open(tx, who.chat)? {
            Some(raid) => raid.id,
            None => course::begin(tx, who.chat, 0, who.now)?,
        };
        store::add(tx, raid, who.user, who.now)?;
        Ok(())
    }

    fn over(&self, tx: &mut Tx<'_>, who: &Applicant) -> Result<(), StoreError> {
        store::let_go(tx, who.chat, who.user)
    }
}
