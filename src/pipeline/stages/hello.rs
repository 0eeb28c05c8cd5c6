//! `/start`: what this bot is.
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::route::{ChatCommand, Reply, Said};
use crate::pipeline::StageError;
use crate::telegram::sender::text::escape;
use crate::texts::text;

/// Greets and explains.
pub struct HelloCommand;

impl ChatCommand for HelloCommand {
    fn names(&self) -> &'static [&'static str] {
        &["start"]
    }

    fn answer<'a>(&'a self, said: Said<'a>) -> BoxFuture<'a, Result<Reply, StageError>> {
        let private = said
            .event
            .chat
            .as_ref()
            .is_some_and(|c| c.kind == "private");
        let basic = said.event.chat.as_ref().is_some_and(|c| c.kind == "group");
        let html = match private {
            true => {
                let bot = said
                    .bot
                    .as_ref()
                    .map_or_else(|| "Beadle".to_owned(), |b| format!("@{b}"));
                text(said.lang, "start-private", &[("bot", escape(&bot).into())])
            }
            false if basic => text(said.lang, "start-basic-group", &[]),
            false => text(said.lang, "start-group", &[]),
        };
        std::future::ready(Ok(Reply::Html(html, None))).boxed()
    }
}
