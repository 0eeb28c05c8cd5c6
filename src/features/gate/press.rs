//! The button "I have joined": looked up afresh, and whoever belongs may write at once.
use futures_util::future::BoxFuture;

use super::rules::Decision;
use super::{Gatehouse, prompt, release, store};
use crate::community::admission::Doorkeeper;
use crate::pipeline::StageError;
use crate::pipeline::stages::{ChatCommand, Reply, Said};
use crate::texts::text;

/// Answers the button.
pub(super) struct GateButton {
    pub(super) house: Gatehouse,
    pub(super) keeper: Doorkeeper,
}

impl GateButton {
    async fn press(&self, said: &Said<'_>) -> Result<Reply, StageError> {
        let (Some(callback), Some(place)) =
            (&said.event.callback, said.event.chat.as_ref().map(|c| c.id))
        else {
            return Ok(Reply::Silence);
        };
        let (lang, now, user) = (said.lang, said.now, callback.from.id);
        let house = &self.house;
        let payload = house.seal.open("gate", said.args, place);
        let Some(chat) = payload.and_then(|p| p.parse::<i64>().ok()) else {
            return Ok(Reply::Alert(text(lang, "gate-button-old", &[])));
        };
        let held = house
            .store
            .read(move |conn| store::is_held(conn, chat, user))
            .await?;
        if !held {
            return Ok(Reply::Alert(text(lang, "gate-not-you", &[])));
        }
        let Some(gate) = house.gates.of(chat).await? else {
            return Ok(self.open(chat, user, false, Vec::new(), said));
        };
        // What is remembered of who was not in a channel does not count: they say that they are now.
        let checked = house.ledger.check(&gate, user, true, now).await?;
        let told = checked.told;
        let missing = match checked.decision {
            Decision::Let => return Ok(self.open(chat, user, true, told, said)),
            // Telegram does not say: nobody is kept out for that.
            Decision::Unsure => return Ok(self.open(chat, user, false, told, said)),
            Decision::Hold(missing) => missing,
        };
        let missing = missing
            .iter()
            .filter_map(|number| gate.channels.get(*number));
        let channels = prompt::plain_list(missing);
        let words = text(lang, "gate-missing", &[("channels", channels.into())]);
        Ok(Reply::decide(move |tx| {
            for (channel, is) in told {
                store::put_membership(tx, (channel, user), is, now)?;
            }
            store::tapped(tx, chat, user, now)?;
            Ok(Reply::Alert(words))
        }))
    }

    fn open(
        &self,
        chat: i64,
        user: i64,
        verified: bool,
        told: Vec<(i64, bool)>,
        said: &Said<'_>,
    ) -> Reply {
        let (lang, now, seq) = (said.lang, said.now, said.seq);
        let keeper = self.keeper.clone();
        Reply::decide(move |tx| {
            for (channel, is) in told {
                store::put_membership(tx, (channel, user), is, now)?;
            }
            store::tapped(tx, chat, user, now)?;
            release::free(tx, &keeper, (chat, user), verified, now, Some(seq))?;
            Ok(Reply::Toast(text(lang, "gate-welcome", &[])))
        })
    }
}

impl ChatCommand for GateButton {
    fn names(&self) -> &'static [&'static str] {
        &["gate"]
    }

    fn answer<'a>(&'a self, said: Said<'a>) -> BoxFuture<'a, Result<Reply, StageError>> {
        Box::pin(async move { self.press(&said).await })
    }
}
