//! `/rights`: the owner of a group lets somebody do more with Beadle there than Telegram's rights say, or less.
use futures_util::future::BoxFuture;
use serde_json::json;

use super::who;
use crate::community::audit::{Actor, Audit as _, AuditEntry};
use crate::community::principals::{ability, allow, allowances, right_of};
use crate::features::moderation::order::Desk;
use crate::features::moderation::order::store::{self, treatments};
use crate::pipeline::StageError;
use crate::pipeline::stages::{ChatCommand, Reply, Said};
use crate::store::Connection;
use crate::telegram::event::Sender;
use crate::telegram::rights::Right;
use crate::telegram::sender::text::{escape, name};
use crate::texts::{Lang, text};

/// Words in one command.
const WORDS: usize = 10;
/// People in one list.
const LISTED: usize = 50;

/// Shows and changes what the owner said.
pub(super) struct RightsCommand(pub(super) Desk);

impl ChatCommand for RightsCommand {
    fn names(&self) -> &'static [&'static str] {
        &["rights"]
    }

    fn answer<'a>(&'a self, said: Said<'a>) -> BoxFuture<'a, Result<Reply, StageError>> {
        Box::pin(async move { self.rights(&said).await })
    }
}

/// What the owner wrote: about whom, and what. None for a word that is none.
#[derive(Debug, Default, PartialEq)]
struct Order {
    username: Option<String>,
    words: Vec<(Right, Option<bool>)>,
}

impl Order {
    fn parse(words: &str) -> Option<Self> {
        let mut order = Self::default();
        for word in words.split_whitespace().take(WORDS + 1) {
            let word = word.to_lowercase();
            if let Some(name) = word.strip_prefix('@') {
                if order.username.replace(name.to_owned()).is_some() {
                    return None;
                }
                continue;
            }
            if word == "reset" {
                let every = [Right::Delete, Right::Restrict, Right::ChangeInfo];
                order.words.extend(every.map(|right| (right, None)));
                continue;
            }
            let (allowed, name) = match (word.strip_prefix('+'), word.strip_prefix(['-', '−'])) {
                (Some(name), _) => (true, name),
                (_, Some(name)) => (false, name),
                _ => return None,
            };
            order.words.push((right_of(name)?, Some(allowed)));
        }
        (!order.words.is_empty() && order.words.len() <= WORDS).then_some(order)
    }
}

impl RightsCommand {
    async fn rights(&self, said: &Said<'_>) -> Result<Reply, StageError> {
        let lang = said.lang;
        let say = |key| Reply::Html(text(lang, key, &[]), None);
        let Some(group) = said
            .event
            .chat
            .as_ref()
            .and_then(|c| said.view.groups.get(&c.id))
        else {
            return Ok(say("rights-in-group"));
        };
        let chat = group.id;
        if said.args.trim().is_empty() && said.event.reply_to.is_none() {
            if let Err(refusal) = who::moderator(&self.0, said, chat, Right::ChangeInfo).await {
                return Ok(refusal);
            }
            let look = move |conn: &Connection| list(conn, chat, lang);
            return Ok(Reply::Html(self.0.store.read(look).await?, None));
        }
        // Only the owner, as themselves: an anonymous owner and an anonymous admin look the same.
        let Sender::User(owner) = &said.event.sender else {
            return Ok(say("rights-owner-only"));
        };
        match self.0.rights.powers_now(chat, owner.id).await {
            Ok(Some(powers)) if powers.is_owner() => {}
            Ok(_) => return Ok(say("rights-owner-only")),
            Err(_) => return Ok(say("alert-rights-unknown")),
        }
        let Some(order) = Order::parse(said.args) else {
            return Ok(say("rights-how"));
        };
        let (username, reply_to) = (order.username.clone(), said.event.reply_to);
        let called = username.clone();
        let found = self.0.store.read(move |conn| {
            if let Some(username) = username {
                return treatments::member_called(conn, chat, &username);
            }
            let author = reply_to.map(|message| store::author(conn, chat, message));
            Ok(author.transpose()?.flatten().and_then(|(user, _)| user))
        });
        let Some(user) = found.await? else {
            return Ok(say("rights-unknown-person"));
        };
        // Names change hands, and what is given here is power.
        if let Some(called) = called {
            match self.0.rights.standing_now(chat, user).await {
                Ok(now) if now.is_called(&called) => {}
                Ok(_) => return Ok(say("rights-unknown-person")),
                Err(_) => return Ok(say("alert-rights-unknown")),
            }
        }
        if user == owner.id {
            return Ok(say("rights-own"));
        }
        let (by, now) = (owner.id, said.now);
        Ok(Reply::decide(move |tx| {
            let mut changes = Vec::new();
            for (right, word) in &order.words {
                let Some(ability) = ability(*right) else {
                    continue;
                };
                allow(tx, (chat, user), ability, *word, Actor::User(by), now)?;
                changes.push(json!({ "ability": ability, "allowed": word }));
            }
            let note = AuditEntry::new(Actor::User(by), "rights.set", format!("user:{user}"))
                .in_chat(chat)
                .with(json!({ "changes": changes }));
            tx.audit(&note, now)?;
            Ok(Reply::Html(list(tx, chat, lang)?, None))
        }))
    }
}

/// Whom the owner allowed or forbade what.
fn list(conn: &Connection, chat: i64, lang: Lang) -> Result<String, crate::store::StoreError> {
    let all = allowances(conn, chat)?;
    if all.is_empty() {
        return Ok(text(lang, "rights-none", &[]));
    }
    let mut lines = vec![text(lang, "rights-head", &[])];
    for of_one in all.chunk_by(|a, b| a.0 == b.0).take(LISTED) {
        let user = of_one[0].0;
        let person = treatments::name_of(conn, user)?;
        let words: Vec<String> = of_one
            .iter()
            .map(|(_, ability, allowed)| format!("{}{ability}", if *allowed { "+" } else { "−" }))
            .collect();
        lines.push(format!(
            "<a href=\"tg://user?id={user}\">{}</a>: {}",
            name(person.as_deref().unwrap_or("…")),
            escape(&words.join(" "))
        ));
    }
    Ok(lines.join("\n"))
}
