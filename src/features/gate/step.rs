//! The door as a step of admission: who comes in, or asks to, is looked up in the ledger.
use futures_util::future::BoxFuture;

use super::rules::Decision;
use super::{Gatehouse, prompt, store};
use crate::base::clock::Millis;
use crate::community::admission::{Applicant, Door, Finding, LONGEST_HOLD, Place, Step, Then};
use crate::store::{StoreError, Tx};
use crate::telegram::rights::Right;

/// The step's name, kept on disk.
pub(super) const STEP: &str = "gate";

/// Holds who is not in the group's channels.
pub(super) struct GateStep(pub(super) Gatehouse);

impl GateStep {
    async fn look(&self, who: &Applicant) -> Result<Finding, String> {
        let house = &self.0;
        let (chat, user, now) = (who.chat, who.user, who.now);
        let gate = house.gates.of(chat).await.map_err(|e| e.to_string())?;
        let Some(gate) = gate else {
            return Ok(Finding::Pass);
        };
        let checked = house.ledger.check(&gate, user, false, now).await;
        let checked = checked.map_err(|e| e.to_string())?;
        let told = checked.told;
        if !told.is_empty() {
            let write = house.store.write(move |tx| {
                for (channel, is) in told {
                    store::put_membership(tx, (channel, user), is, now)?;
                }
                Ok(())
            });
            write.await.map_err(|e| e.to_string())?;
        }
        match checked.decision {
            Decision::Let => return Ok(Finding::Vouched),
            Decision::Unsure => return Ok(Finding::Failed),
            Decision::Hold(_) => {}
        }
        let inside = who.door == Door::Join;
        let exempt = house.rights.is_admin(chat, user).await;
        if exempt.map_err(|e| e.to_string())? {
            return Ok(Finding::Vouched);
        }
        let right = if inside {
            Right::Restrict
        } else {
            Right::Invite
        };
        if !house.may_itself(chat, &[right]).await {
            return Err("Beadle lacks the right to hold or admit people".to_owned());
        }
        // When the time is up a request is left to the group's admins, and who is inside is asked again by their next
        // message.
        Ok(Finding::Hold {
            until: now + LONGEST_HOLD,
            then: Then::Admit,
        })
    }
}

impl Step for GateStep {
    fn name(&self) -> &'static str {
        STEP
    }

    fn place(&self) -> Place {
        Place::Gate
    }

    fn examine<'a>(&'a self, who: &'a Applicant) -> BoxFuture<'a, Result<Finding, String>> {
        Box::pin(self.look(who))
    }

    fn held(&self, tx: &mut Tx<'_>, who: &Applicant, _: Millis) -> Result<(), StoreError> {
        store::hold(tx, who.chat, who.user, who.now)?;
        match (who.door, who.user_chat) {
            (Door::Join, _) => prompt::show(tx, &self.0.seal, who.chat, who.now, None),
            (_, Some(to)) => prompt::letter(tx, &self.0.seal, who.chat, to, who.now),
            (_, None) => Ok(()),
        }
    }

    fn over(&self, tx: &mut Tx<'_>, who: &Applicant) -> Result<(), StoreError> {
        store::end(tx, (who.chat, who.user), "released", who.now).map(|_was_held| ())
    }
}
