//! The captcha as a step of admission: who is asked, and what follows when nobody answers.
use futures_util::future::BoxFuture;

use super::settings::{self, CaptchaKind};
use super::{ask, store};
use crate::base::clock::Millis;
use crate::community::admission::{Applicant, Door, Finding, LONGEST_HOLD, Place, Step, Then};
use crate::community::member_on_disk;
use crate::features::moderation::lists::settings::ListSettings;
use crate::features::moderation::order::Desk;
use crate::features::moderation::tools::is_approved;
use crate::store::{StoreError, Tx};
use crate::telegram::rights::Right;

/// The step's name, kept on disk.
pub(super) const STEP: &str = "captcha";
/// Who has written so much that stayed is known, and is not asked again.
const KNOWN_BY: i64 = 5;

/// Asks newcomers of groups that want it.
pub(super) struct CaptchaStep(pub(super) Desk);

/// Whether somebody need not be asked or held in a group: they were asked before, moderators spare them, they have been
/// writing, or are an admin.
pub(super) async fn is_spared(desk: &Desk, chat: i64, user: i64) -> Result<bool, String> {
    let known = desk.store.read(move |conn| {
        if store::passed(conn, chat, user)? || is_approved(conn, chat, user)? {
            return Ok(true);
        }
        let member = member_on_disk(conn, chat, user)?;
        Ok(member.is_some_and(|m| m.messages - m.removed >= KNOWN_BY))
    });
    if known.await.map_err(|e| e.to_string())? {
        return Ok(true);
    }
    let asked = desk.rights.is_admin(chat, user).await;
    asked.map_err(|e| e.to_string())
}

/// Whether Beadle itself may do what `right` names in a group.
pub(super) async fn may(desk: &Desk, chat: i64, right: Right) -> Result<bool, String> {
    let Some(own) = desk.own else { return Ok(true) };
    let powers = desk.rights.powers(chat, own).await;
    let powers = powers.map_err(|e| e.to_string())?;
    Ok(powers.is_some_and(|powers| powers.may(right)))
}

impl CaptchaStep {
    async fn look(&self, who: &Applicant) -> Result<Finding, String> {
        let group = self.0.group(who.chat).await.map_err(|e| e.to_string())?;
        let Some(group) = group else {
            return Ok(Finding::Pass);
        };
        let (captcha, _) = settings::of(&group);
        let inside = who.door == Door::Join;
        // A basic group knows no mute and bans for good: nobody is held in one.
        let lists = ListSettings::read(&group.settings);
        let suspect = lists.on && lists.captcha && self.0.lists.contains(who.user);
        let asks = captcha.kind != CaptchaKind::Off || suspect;
        if !asks || (inside && group.kind != "supergroup") {
            return Ok(Finding::Pass);
        }
        if is_spared(&self.0, who.chat, who.user).await? {
            return Ok(Finding::Vouched);
        }
        let right = if inside {
            Right::Restrict
        } else {
            Right::Invite
        };
        if !may(&self.0, who.chat, right).await? {
            return Err("Beadle lacks the right to hold or admit people".to_owned());
        }
        let (span, then) = match (captcha.keeps(), inside) {
            (false, _) => (captcha.time, Then::Refuse),
            // Silent for as long as anybody may be held without being looked at again.
            (true, true) => (LONGEST_HOLD, Then::Refuse),
            // As without Beadle: the request waits for the group's admins.
            (true, false) => (captcha.time, Then::Admit),
        };
        Ok(Finding::Hold {
            until: who.now + span,
            then,
        })
    }
}

impl Step for CaptchaStep {
    fn name(&self) -> &'static str {
        STEP
    }

    fn place(&self) -> Place {
        Place::Captcha
    }

    fn examine<'a>(&'a self, who: &'a Applicant) -> BoxFuture<'a, Result<Finding, String>> {
        Box::pin(self.look(who))
    }

    fn held(&self, tx: &mut Tx<'_>, who: &Applicant, until: Millis) -> Result<(), StoreError> {
        ask::ask(tx, &self.0, who, until)
    }

    fn over(&self, tx: &mut Tx<'_>, who: &Applicant) -> Result<(), StoreError> {
        if let Some(captcha) = store::open(tx, who.chat, who.user)? {
            ask::clear(tx, &captcha, who.now)?;
            store::end(tx, who.chat, who.user, "over", who.now)?;
        }
        Ok(())
    }
}
