//! Cards and treatments forget a person: cards about them say so, and no more.
use std::sync::Arc;

use super::store::{self, quiet, upkeep};
use super::{desk, wipe};
use crate::community::erasure::{Forget, Kept, Portion, Progress};
use crate::store::{StoreError, Tx};

/// Calls to Telegram that one portion may add.
const CALLS: i64 = 20;

struct Cards;

impl Forget for Cards {
    fn name(&self) -> &'static str {
        "cards"
    }

    fn kept(&self) -> &'static [Kept] {
        upkeep::KEPT
    }

    fn forget(&self, tx: &mut Tx<'_>, p: Portion) -> Result<Progress, StoreError> {
        let about = upkeep::about(tx, p.person, p.until, p.rows.min(CALLS))?;
        for id in &about {
            let Some(card) = desk::located(tx, *id)? else {
                continue;
            };
            wipe::wipe(tx, &card, "card-erased", p.now)?;
            store::drop_card(tx, *id)?;
        }
        // An offer that was not taken is made again, with other messages.
        let quoting = upkeep::offers_quoting(tx, p.person, p.until, p.rows.min(CALLS))?;
        for id in &quoting {
            let Some(card) = desk::located(tx, *id)? else {
                continue;
            };
            wipe::wipe(tx, &card, "offer-erased", p.now)?;
            upkeep::unquote(tx, *id)?;
        }
        if about.is_empty() && quoting.is_empty() {
            let gone = upkeep::forget_rest(tx, p.person, p.until)?;
            return Ok(Progress::done(gone));
        }
        Ok(Progress {
            gone: about.len() + quoting.len(),
            next: Some(p.position + 1),
        })
    }
}

/// Moderators' own quiet hours.
struct Quiet;

impl Forget for Quiet {
    fn name(&self) -> &'static str {
        "quiet"
    }

    fn kept(&self) -> &'static [Kept] {
        quiet::KEPT
    }

    fn forget(&self, tx: &mut Tx<'_>, p: Portion) -> Result<Progress, StoreError> {
        quiet::forget(tx, p)
    }
}

/// What these tables keep of people.
pub(in crate::features::moderation) fn rooms() -> Vec<Arc<dyn Forget>> {
    vec![Arc::new(Cards), Arc::new(Quiet)]
}
