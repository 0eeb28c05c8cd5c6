//! Cards and treatments forget a person: cards about them say so, and no more.
use std::sync::Arc;

use serde_json::json;

use super::store::{self, upkeep};
use super::{desk, picture};
use crate::community::erasure::{Forget, Kept, Portion, Progress};
use crate::store::{StoreError, Tx};
use crate::telegram::sender::{Effect, Send as _};
use crate::texts::text;

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
            picture::remove(tx, &card, p.now, None)?;
            if let (Some(place), Some(message)) = (card.place, card.place_message) {
                let words = text(super::card::lang(&card), "card-erased", &[]);
                let none = json!({ "inline_keyboard": [] });
                let edit = Effect::edit_html(place, message, words, Some(none));
                tx.send(&edit, p.now, None)?;
            }
            store::drop_card(tx, *id)?;
        }
        if about.is_empty() {
            let gone = upkeep::forget_rest(tx, p.person, p.until)?;
            return Ok(Progress::done(gone));
        }
        Ok(Progress {
            gone: about.len(),
            next: Some(p.position + 1),
        })
    }
}

/// What these tables keep of people.
pub(in crate::features::moderation) fn rooms() -> Vec<Arc<dyn Forget>> {
    vec![Arc::new(Cards)]
}
