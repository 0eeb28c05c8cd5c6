//! `/raid on|off|status` and `/invite`, which makes a link that Beadle can change in a raid.
use futures_util::future::BoxFuture;
use serde_json::json;

use super::{course, store, tap, watch};
use crate::base::clock::Millis;
use crate::features::moderation::commands::who::moderator;
use crate::features::moderation::newcomers::settings;
use crate::features::moderation::order::Desk;
use crate::pipeline::StageError;
use crate::pipeline::stages::{ChatCommand, Reply, Said};
use crate::telegram::rights::Right;
use crate::telegram::sender::{Effect, Method, Send as _, SendLane};
use crate::texts::{Lang, text};

/// Answers `/raid` and the buttons of a raid's card.
pub(super) struct RaidCommand(pub(super) Desk);

/// Answers `/invite`.
pub(super) struct InviteCommand(pub(super) Desk);

/// The supergroup in which something was said.
fn group(said: &Said<'_>) -> Option<i64> {
    let chat = said.event.chat.as_ref()?;
    (chat.kind == "supergroup").then_some(chat.id)
}

fn only_in_groups(said: &Said<'_>) -> Reply {
    Reply::Fleeting(text(said.lang, "raid-only-in-groups", &[]), None)
}

impl RaidCommand {
    async fn asked(&self, said: &Said<'_>) -> Result<Reply, StageError> {
        let Some(chat) = group(said) else {
            return Ok(only_in_groups(said));
        };
        let by = match moderator(&self.0, said, chat, Right::Restrict).await {
            Ok(by) => by.id,
            Err(refusal) => return Ok(refusal),
        };
        let (lang, now) = (said.lang, said.now);
        let then = match self.0.group(chat).await? {
            Some(group) => settings::of(&group).1.then,
            None => "keep".to_owned(),
        };
        let word = said.args.split_whitespace().next().unwrap_or("");
        let reply = |key: &str| Reply::Fleeting(text(lang, key, &[]), None);
        Ok(match word.to_lowercase().as_str() {
            "on" => Reply::decide(move |tx| {
                let open = store::open(tx, chat)?.is_some();
                course::begin(tx, chat, by, now)?;
                let key = if open { "raid-on-already" } else { "raid-on" };
                Ok(Reply::Fleeting(text(lang, key, &[]), None))
            }),
            "off" => Reply::decide(move |tx| {
                let Some(raid) = store::open(tx, chat)? else {
                    let html = text(lang, "raid-off-already", &[]);
                    return Ok(Reply::Fleeting(html, None));
                };
                course::end(tx, &raid, &then, by, now)?;
                let html = match course::left(tx, raid.id, now)? {
                    (_, 0) => text(lang, "raid-off", &[]),
                    (true, held) => text(lang, "raid-off-deciding", &[("held", held.into())]),
                    (false, held) => text(lang, "raid-off-held", &[("held", held.into())]),
                };
                Ok(Reply::Fleeting(html, None))
            }),
            "" | "status" => self.status(chat, lang, now).await?,
            _ => reply("raid-how"),
        })
    }

    async fn status(&self, chat: i64, lang: Lang, now: Millis) -> Result<Reply, StageError> {
        let found = self.0.store.read(move |conn| {
            let Some(raid) = store::latest(conn, chat)? else {
                return Ok(None);
            };
            Ok(Some((
                store::count(conn, raid.id, now)?,
                raid.ended.is_none(),
            )))
        });
        let Some((count, open)) = found.await? else {
            return Ok(Reply::Fleeting(text(lang, "raid-never", &[]), None));
        };
        let args = [
            ("count", count.all.into()),
            ("held", count.held.into()),
            ("removed", count.removed.into()),
        ];
        let key = if open { "raid-goes-on" } else { "raid-was" };
        Ok(Reply::Fleeting(text(lang, key, &args), None))
    }
}

impl ChatCommand for RaidCommand {
    fn names(&self) -> &'static [&'static str] {
        &["raid", "raidcard"]
    }

    fn answer<'a>(&'a self, said: Said<'a>) -> BoxFuture<'a, Result<Reply, StageError>> {
        Box::pin(async move {
            if said.event.callback.is_some() {
                return tap::tap(&self.0, &said).await;
            }
            self.asked(&said).await
        })
    }
}

impl InviteCommand {
    async fn asked(&self, said: &Said<'_>) -> Result<Reply, StageError> {
        let Some(chat) = group(said) else {
            return Ok(only_in_groups(said));
        };
        let by = match moderator(&self.0, said, chat, Right::Invite).await {
            Ok(by) => by.id,
            Err(refusal) => return Ok(refusal),
        };
        let (lang, now, seq, to) = (said.lang, said.now, said.seq, said.event.message_id);
        Ok(Reply::decide(move |tx| {
            // One is enough: the same is told again.
            if let Some((_, link)) = store::links(tx, chat, None)?.pop() {
                let html = text(lang, "invite-link", &[("link", link.into())]);
                return Ok(Reply::Fleeting(html, None));
            }
            let raid = store::open(tx, chat)?.map(|raid| raid.id);
            let params =
                json!({ "name": course::LINK_NAME, "creates_join_request": raid.is_some() });
            let effect = Effect::generic(Method::CreateChatInviteLink, Some(chat), params)
                .lane(SendLane::Reply);
            let row = tx.send(&effect, now, Some(seq))?;
            let link = store::add_link(tx, chat, row, by, now)?;
            store::mark_link(tx, link, raid)?;
            watch::tell_link(tx, (link, chat, to), lang, now)?;
            Ok(Reply::Silence)
        }))
    }
}

impl ChatCommand for InviteCommand {
    fn names(&self) -> &'static [&'static str] {
        &["invite"]
    }

    fn answer<'a>(&'a self, said: Said<'a>) -> BoxFuture<'a, Result<Reply, StageError>> {
        Box::pin(async move { self.asked(&said).await })
    }
}
