//! `/start` and `/help`: what this bot is and what it can do.
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
        &["start", "help"]
    }

    fn answer<'a>(&'a self, said: Said<'a>) -> BoxFuture<'a, Result<Reply, StageError>> {
        let private = said
            .event
            .chat
            .as_ref()
            .is_some_and(|c| c.kind == "private");
        let basic = said.event.chat.as_ref().is_some_and(|c| c.kind == "group");
        let name = said
            .event
            .command
            .as_ref()
            .map_or("help", |c| c.name.as_str());
        let html = match (name, private) {
            ("start", true) => {
                let bot = said
                    .bot
                    .as_ref()
                    .map_or_else(|| "Beadle".to_owned(), |b| format!("@{b}"));
                text(said.lang, "start-private", &[("bot", escape(&bot).into())])
            }
            ("start", false) if basic => text(said.lang, "start-basic-group", &[]),
            ("start", false) => text(said.lang, "start-group", &[]),
            _ => text(said.lang, "help", &[]),
        };
        std::future::ready(Ok(Reply::Html(html, None))).boxed()
    }
}
