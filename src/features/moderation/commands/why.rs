//! `/why`, and the button under a note of removals.
use futures_util::future::BoxFuture;

use crate::features::moderation::kept::KeptVerdict;
use crate::features::moderation::store;
use crate::pipeline::StageError;
use crate::pipeline::stages::{ChatCommand, Reply, Said};
use crate::store::Store;
use crate::telegram::sender::text::escape;
use crate::texts::{Lang, text};

/// Explains verdicts.
pub(super) struct WhyCommand(pub(super) Store);

impl WhyCommand {
    async fn find(&self, chat: i64, message: i64) -> Result<Option<KeptVerdict>, StageError> {
        Ok(self
            .0
            .read(move |conn| store::verdict(conn, chat, message))
            .await?)
    }

    async fn explain(&self, said: &Said<'_>, chat: i64) -> Result<Reply, StageError> {
        let kept = match said.event.reply_to {
            Some(message) => self.find(chat, message).await?,
            None => None,
        };
        let words = kept.map_or_else(
            || text(said.lang, "why-nothing", &[]),
            |k| sentence(&k, said.lang),
        );
        Ok(Reply::Fleeting(escape(&words), None))
    }
}

impl ChatCommand for WhyCommand {
    fn names(&self) -> &'static [&'static str] {
        &["why"]
    }

    fn answer<'a>(&'a self, said: Said<'a>) -> BoxFuture<'a, Result<Reply, StageError>> {
        Box::pin(async move {
            let Some(chat) = said.event.chat.as_ref().map(|c| c.id) else {
                return Ok(Reply::Silence);
            };
            if said.event.callback.is_none() {
                return self.explain(&said, chat).await;
            }
            let kept = match said.args.parse() {
                Ok(message) => self.find(chat, message).await?,
                Err(_) => None,
            };
            Ok(Reply::Alert(kept.map_or_else(
                || text(said.lang, "alert-gone", &[]),
                |k| sentence(&k, said.lang),
            )))
        })
    }
}

/// A verdict as a sentence.
fn sentence(kept: &KeptVerdict, lang: Lang) -> String {
    let because = kept.because(lang);
    let key = match kept.band.as_str() {
        _ if kept.reasons.iter().any(|r| r.code == "admin") => "why-admin",
        _ if kept.removes() && kept.reasons.iter().any(|r| r.code.starts_with("house_")) => {
            "why-house"
        }
        "spam" => "why-spam",
        "review" => "why-review",
        _ => "why-clear",
    };
    text(lang, key, &[("reasons", because.into())])
}
