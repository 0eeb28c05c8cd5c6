//! `/protect`, `/unprotect` and `/status` in a group.
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::gates::Channel;
use super::rules::GateParams;
use super::{Gatehouse, prompt, release, store};
use crate::community::audit::{Actor, Audit as _, AuditEntry};
use crate::community::principals::may_in;
use crate::pipeline::StageError;
use crate::pipeline::stages::{ChatCommand, Reply, Said};
use crate::telegram::event::Sender;
use crate::telegram::rights::Right;
use crate::telegram::sender::text::{escape, name};
use crate::texts::{Lang, text};

/// Channels that one group may ask for.
const CHANNELS: usize = 10;
const DAY: i64 = 86_400_000;
/// What Beadle needs in a group whose door it holds.
const NEEDS: [Right; 3] = [Right::Restrict, Right::Delete, Right::Invite];

/// Answers the commands.
pub(super) struct GateCommand(pub(super) Gatehouse);

fn fleeting(lang: Lang, key: &str) -> Reply {
    Reply::Fleeting(text(lang, key, &[]), None)
}

impl GateCommand {
    /// The group and who speaks there with the right to hold people; else the polite refusal.
    async fn admin(&self, said: &Said<'_>) -> Result<Result<(i64, i64), Reply>, StageError> {
        let lang = said.lang;
        let Some(chat) = &said.event.chat else {
            return Ok(Err(Reply::Silence));
        };
        match chat.kind.as_str() {
            "supergroup" => {}
            "group" => return Ok(Err(Reply::Html(text(lang, "gate-basic-group", &[]), None))),
            _ => {
                return Ok(Err(Reply::Html(
                    text(lang, "gate-only-in-groups", &[]),
                    None,
                )));
            }
        }
        let house = &self.0;
        let (who, allowed) = match &said.event.sender {
            Sender::User(person) => {
                let key = (chat.id, person.id);
                let may = may_in(&house.store, &house.rights, key, Right::Restrict, true).await;
                (person.id, may.map_err(|e| e.to_string()))
            }
            Sender::AnonymousAdmin { chat: own } if *own == chat.id => {
                let may = house.rights.anonymous_may(chat.id, Right::Restrict).await;
                (chat.id, may.map_err(|e| e.to_string()))
            }
            _ => (0, Ok(false)),
        };
        Ok(match allowed {
            Ok(true) => Ok((chat.id, who)),
            Ok(false) => Err(fleeting(lang, "refused-admins-only")),
            Err(e) => {
                tracing::warn!(chat = chat.id, error = %e, "a command could not be checked");
                Err(fleeting(lang, "alert-rights-unknown"))
            }
        })
    }

    async fn protect(&self, said: &Said<'_>) -> Result<Reply, StageError> {
        let lang = said.lang;
        let (chat, who) = match self.admin(said).await? {
            Ok(found) => found,
            Err(refusal) => return Ok(refusal),
        };
        let house = &self.0;
        let (state, known) = house
            .store
            .read(move |conn| Ok((store::state(conn, chat)?, store::channels_of(conn, chat)?)))
            .await?;
        let closed = state.as_ref().is_some_and(|(enabled, _)| *enabled);
        let mut words: Vec<&str> = said.args.split_whitespace().collect();
        let adds = words.pop_if(|w| w.eq_ignore_ascii_case("also")).is_some();
        let replaces = words
            .pop_if(|w| w.eq_ignore_ascii_case("instead"))
            .is_some();
        let channels = if words.is_empty() && state.is_some() {
            known.clone()
        } else if words.is_empty() {
            return Ok(Reply::Html(text(lang, "gate-how", &[]), None));
        } else {
            let mut found = Vec::new();
            for word in words.iter().take(CHANNELS + 1) {
                match self.channel(word, lang).await {
                    Ok(channel) => found.push(channel),
                    Err(refusal) => return Ok(refusal),
                }
            }
            found
        };
        let same = channels.iter().all(|c| known.iter().any(|k| k.id == c.id));
        if closed && !replaces && (same || !adds) {
            let args = [("channels", prompt::list(&known).into())];
            let key = if same {
                "gate-already"
            } else {
                "gate-already-other"
            };
            return Ok(Reply::Html(text(lang, key, &args), None));
        }
        let mut all = if adds { known } else { Vec::new() };
        for channel in channels {
            if all.iter().all(|c| c.id != channel.id) {
                all.push(channel);
            }
        }
        if all.is_empty() || all.len() > CHANNELS {
            let args = [("most", CHANNELS.into())];
            return Ok(Reply::Html(text(lang, "gate-too-many", &args), None));
        }
        if !house.may_itself(chat, &NEEDS).await {
            return Ok(self.needs_rights(said));
        }
        let now = said.now;
        let params = GateParams {
            // Telegram tells when somebody joined in whole seconds.
            since: now - now.rem_euclid(1_000),
            ..state.map_or_else(GateParams::default, |(_, params)| params)
        };
        let title = said.event.chat.as_ref().and_then(|c| c.title.clone());
        let gates = house.gates.clone();
        let reply = Reply::decide(move |tx| {
            store::protect(tx, (chat, title.as_deref()), who, &all, &params, now)?;
            let ids: Vec<i64> = all.iter().map(|c| c.id).collect();
            let act = AuditEntry::new(Actor::User(who), "gate.closed", format!("group:{chat}"))
                .in_chat(chat)
                .with(json!({ "channels": ids }));
            tx.audit(&act, now)?;
            let args = [("channels", prompt::list(&all).into())];
            Ok(Reply::Html(text(lang, "gate-on", &args), None))
        });
        Ok(reply.then(async move { gates.changed().await }))
    }

    /// A channel by `@name`, link or id, in which Beadle can see who is a member.
    async fn channel(&self, word: &str, lang: Lang) -> Result<Channel, Reply> {
        let named = |key: &str| {
            let args = [("channel", escape(&cut(word)).into())];
            Reply::Html(text(lang, key, &args), None)
        };
        let Some(question) = question(word) else {
            return Err(named("gate-no-channel"));
        };
        let found = match self.0.ledger.chat(&question).await {
            Ok(chat) => chat,
            Err(e) => {
                tracing::info!(channel = %cut(word), error = %e, "a channel was not found");
                return Err(named("gate-no-channel"));
            }
        };
        let kind = found["type"].as_str().unwrap_or_default();
        let (Some(id), true) = (
            found["id"].as_i64(),
            matches!(kind, "channel" | "supergroup"),
        ) else {
            return Err(named("gate-no-channel"));
        };
        let text_of = |name: &str| found[name].as_str().map(str::to_owned);
        let channel = Channel {
            id,
            title: text_of("title").unwrap_or_else(|| cut(word)),
            username: text_of("username"),
            link: text_of("invite_link"),
        };
        let own = self.0.own.unwrap_or_default();
        match self.0.rights.powers_now(id, own).await {
            Ok(Some(_)) => Ok(channel),
            Ok(None) | Err(_) => Err(self.needs_admin_in(&channel, lang)),
        }
    }

    /// Beadle must become an admin of the channel: with a button that does just that.
    fn needs_admin_in(&self, channel: &Channel, lang: Lang) -> Reply {
        let args = [("place", name(&channel.title).into())];
        let markup = self.0.link.bot().map(|bot| {
            let url = format!("https://t.me/{bot}?startchannel&admin=invite_users");
            grant(lang, &url)
        });
        Reply::Html(text(lang, "gate-needs-admin", &args), markup)
    }

    /// The same for the group.
    fn needs_rights(&self, said: &Said<'_>) -> Reply {
        let title = said.event.chat.as_ref().and_then(|c| c.title.as_deref());
        let args = [("place", name(title.unwrap_or("…")).into())];
        let markup = self.0.link.bot().map(|bot| {
            let url = format!(
                "https://t.me/{bot}?startgroup&admin=restrict_members+delete_messages+invite_users"
            );
            grant(said.lang, &url)
        });
        Reply::Html(text(said.lang, "gate-needs-rights", &args), markup)
    }

    async fn unprotect(&self, said: &Said<'_>) -> Result<Reply, StageError> {
        let (chat, who) = match self.admin(said).await? {
            Ok(found) => found,
            Err(refusal) => return Ok(refusal),
        };
        let (lang, now, gates) = (said.lang, said.now, self.0.gates.clone());
        let reply = Reply::decide(move |tx| {
            if !store::unprotect(tx, chat, now)? {
                return Ok(fleeting(lang, "gate-off-already"));
            }
            release::everybody(tx, chat, now)?;
            let act = AuditEntry::new(Actor::User(who), "gate.opened", format!("group:{chat}"))
                .in_chat(chat);
            tx.audit(&act, now)?;
            Ok(Reply::Html(text(lang, "gate-off", &[]), None))
        });
        Ok(reply.then(async move { gates.changed().await }))
    }

    async fn status(&self, said: &Said<'_>) -> Result<Reply, StageError> {
        let chat = match self.admin(said).await? {
            Ok((chat, _)) => chat,
            Err(refusal) => return Ok(refusal),
        };
        let (lang, since) = (said.lang, said.now - DAY);
        let found = self.0.store.read(move |conn| {
            let funnel = store::funnel(conn, chat, since)?;
            Ok((
                store::state(conn, chat)?,
                store::channels_of(conn, chat)?,
                funnel,
            ))
        });
        let (state, channels, (held, tapped, verified, now_held)) = found.await?;
        let Some((true, params)) = state else {
            return Ok(fleeting(lang, "gate-status-off"));
        };
        let args = [
            ("channels", prompt::list(&channels).into()),
            ("held", held.into()),
            ("tapped", tapped.into()),
            ("verified", verified.into()),
            ("now", now_held.into()),
        ];
        let mut html = text(lang, "gate-status", &args);
        html.push('\n');
        let key = if params.everybody {
            "gate-status-everybody"
        } else {
            "gate-status-newcomers"
        };
        html.push_str(&text(lang, key, &[]));
        if !self.0.may_itself(chat, &NEEDS).await {
            html.push('\n');
            html.push_str(&text(lang, "gate-status-rights", &[]));
        }
        Ok(Reply::Html(html, None))
    }
}

fn grant(lang: Lang, url: &str) -> Value {
    json!({ "inline_keyboard": [[{ "text": text(lang, "button-gate-grant", &[]), "url": url }]] })
}

/// What `getChat` is asked for a channel that somebody named; None for what is no name of one.
fn question(word: &str) -> Option<Value> {
    let bare = ["https://t.me/", "http://t.me/", "t.me/", "@"]
        .iter()
        .find_map(|start| word.strip_prefix(start));
    if let Some(public) = bare {
        let good = (4..=32).contains(&public.len())
            && public
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '_');
        return good.then(|| json!(format!("@{public}")));
    }
    let id = word.parse::<i64>().ok().filter(|id| *id < 0)?;
    Some(json!(id))
}

/// What somebody typed, short enough to be said back.
fn cut(word: &str) -> String {
    word.chars().take(64).collect()
}

impl ChatCommand for GateCommand {
    fn names(&self) -> &'static [&'static str] {
        &["protect", "unprotect", "status"]
    }

    fn answer<'a>(&'a self, said: Said<'a>) -> BoxFuture<'a, Result<Reply, StageError>> {
        Box::pin(async move {
            let name = said.event.command.as_ref().map(|c| c.name.as_str());
            match name {
                Some("protect") => self.protect(&said).await,
                Some("unprotect") => self.unprotect(&said).await,
                Some("status") => self.status(&said).await,
                _ => Ok(Reply::Silence),
            }
        })
    }
}
