//! `/settings`, `/set` and `/init_group`: the way to the hub, settings by writing, and a group made ready.
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use super::pages::Sheet;
use super::{quiet, versions, who};
use crate::community::audit::{Actor, Audit as _, AuditEntry};
use crate::community::privacy::{PrivacyFacts, privacy_notice};
use crate::community::settings::{Table, change};
use crate::community::{GroupFacts, group_on_disk};
use crate::features::moderation::hub::page::Page;
use crate::features::moderation::hub::{refresh, sheet};
use crate::features::moderation::order::Desk;
use crate::features::moderation::order::store::upkeep;
use crate::pipeline::StageError;
use crate::pipeline::stages::{ChatCommand, Reply, Said};
use crate::store::{StoreError, Tx};
use crate::telegram::event::Sender;
use crate::telegram::rights::{Powers, Right};
use crate::telegram::sender::{Effect, Send as _};
use crate::texts::{Lang, text};

/// Groups looked through for those whose admin somebody is, the likely ones first.
const GROUPS: i64 = 200;
/// All of them are asked about side by side, for so long.
const PATIENCE: Duration = Duration::from_secs(4);
/// Buttons of groups in one list.
const LISTED: usize = 20;

/// Shows and changes settings.
pub(super) struct SettingsCommand(pub(super) Desk, pub(super) Arc<Table>);

impl ChatCommand for SettingsCommand {
    fn names(&self) -> &'static [&'static str] {
        &["settings", "init_group", "set", "text", "quiet"]
    }

    fn answer<'a>(&'a self, said: Said<'a>) -> BoxFuture<'a, Result<Reply, StageError>> {
        Box::pin(async move {
            if said.event.callback.is_some() {
                return self.tap(&said).await;
            }
            let private = said.event.chat.as_ref().is_none_or(|c| c.kind == "private");
            let name = said.event.command.as_ref().map_or("", |c| c.name.as_str());
            match (private, name) {
                // In a group `/start settings-…` opens nothing.
                (false, "init_group") => self.here(&said).await,
                (false, _) => self.written_or(&said).await,
                (true, "init_group") => {
                    Ok(Reply::Html(text(said.lang, "init-in-group", &[]), None))
                }
                (true, "quiet") if !names_group(said.args) => match &said.event.sender {
                    Sender::User(person) => quiet::own(&self.0, &said, person.id).await,
                    _ => Ok(Reply::Silence),
                },
                (true, _) => self.in_private(&said).await,
            }
        })
    }
}

/// A change that a button of `/init_group` asks for.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Change {
    Language(Lang),
    Notice,
    Show,
}

impl Change {
    fn parse(field: &str, value: &str) -> Option<Self> {
        Some(match (field, value) {
            ("lang", "en") => Self::Language(Lang::En),
            ("lang", "ru") => Self::Language(Lang::Ru),
            ("notice", "post") => Self::Notice,
            ("show", "now") => Self::Show,
            _ => return None,
        })
    }

    /// Changes the group.
    fn apply(
        self,
        tx: &mut Tx<'_>,
        table: &Table,
        chat: i64,
        facts: &PrivacyFacts,
        (by, now, seq): (Actor, i64, i64),
    ) -> Result<(), StoreError> {
        match self {
            Self::Language(lang) => {
                let chosen = [("language", Some(json!(lang.tag())))];
                change(tx, table, chat, &chosen, (by, now))?;
            }
            Self::Notice => {
                let language = upkeep::language(tx, chat)?;
                let mut facts = facts.clone();
                facts.kept = facts.kept.in_group(upkeep::own_words(tx, chat)?);
                let words = privacy_notice(Lang::from_tag(language.as_deref()), &facts);
                tx.send(&Effect::send_html(chat, words, None), now, Some(seq))?;
                let note = AuditEntry::new(by, "moderation.notice", format!("chat:{chat}"));
                tx.audit(&note.in_chat(chat), now)?;
            }
            Self::Show => {}
        }
        Ok(())
    }
}

impl SettingsCommand {
    /// In the group itself.
    async fn here(&self, said: &Said<'_>) -> Result<Reply, StageError> {
        let Some(group) = said
            .event
            .chat
            .as_ref()
            .and_then(|c| said.view.groups.get(&c.id))
        else {
            return Ok(Reply::Silence);
        };
        if let Err(refusal) = who::moderator(&self.0, said, group.id, Right::ChangeInfo).await {
            return Ok(refusal);
        }
        let (html, markup) = self.sheet(group, group.id, said.lang).await.page();
        Ok(Reply::Html(html, Some(markup)))
    }

    /// In the group: what is written behind the command, else the way to the hub.
    async fn written_or(&self, said: &Said<'_>) -> Result<Reply, StageError> {
        let words = said.args.trim();
        let Some(group) = said
            .event
            .chat
            .as_ref()
            .and_then(|c| said.view.groups.get(&c.id))
        else {
            return Ok(Reply::Silence);
        };
        // In a group `/start settings-…` opens nothing.
        let linked = said
            .event
            .command
            .as_ref()
            .is_some_and(|c| c.name == "start");
        if !words.is_empty() && !linked {
            return versions::answer(&self.0, &self.1, said, group, &meant(said, words)).await;
        }
        if let Err(refusal) = who::moderator(&self.0, said, group.id, Right::ChangeInfo).await {
            return Ok(refusal);
        }
        let sheet = self.sheet(group, group.id, said.lang).await;
        let markup = sheet
            .private_link()
            .map(|link| json!({ "inline_keyboard": [[link]] }));
        let words = text(said.lang, "settings-private", &[]);
        Ok(Reply::Fleeting(words, markup))
    }

    /// In private: of the group that the link names, else a choice.
    async fn in_private(&self, said: &Said<'_>) -> Result<Reply, StageError> {
        let lang = said.lang;
        let Sender::User(person) = &said.event.sender else {
            return Ok(Reply::Silence);
        };
        if let Ok(chat) = said.args.parse::<i64>() {
            let Some(group) = self.0.group(chat).await? else {
                return Ok(Reply::Html(text(lang, "refused-admins-only", &[]), None));
            };
            if let Err(refusal) = who::moderator(&self.0, said, chat, Right::ChangeInfo).await {
                return Ok(refusal);
            }
            let (html, markup) = sheet(&self.0, &self.1, &group, person.id, lang).page(Page::Home);
            return Ok(Reply::Html(html, Some(markup)));
        }
        let own = administered(&self.0, person.id).await?;
        // Words are about the one group, or the one whose number stands before them.
        let (named, words) = match said.args.trim().split_once(char::is_whitespace) {
            Some((id, rest)) if id.parse::<i64>().is_ok() => (id.parse().ok(), rest),
            _ => (None, said.args.trim()),
        };
        let only = match &own[..] {
            [(chat, _)] => Some(*chat),
            _ => None,
        };
        if !words.is_empty() {
            let group = match named.or(only) {
                Some(chat) => self.0.group(chat).await?,
                None => None,
            };
            return match group {
                Some(group) => {
                    versions::answer(&self.0, &self.1, said, &group, &meant(said, words)).await
                }
                None => Ok(Reply::Html(text(lang, "settings-which", &[]), None)),
            };
        }
        if own.is_empty() {
            return Ok(Reply::Html(text(lang, "settings-no-groups", &[]), None));
        }
        let seal = &self.0.seal;
        let rows: Vec<Value> = own
            .iter()
            .take(LISTED)
            .map(|(chat, title)| {
                let data = seal.data("hub", &format!("{chat}:h"), person.id);
                json!([{ "text": title.as_deref().unwrap_or("…"), "callback_data": data }])
            })
            .collect();
        let words = text(lang, "settings-choose", &[]);
        Ok(Reply::Html(words, Some(json!({ "inline_keyboard": rows }))))
    }

    async fn sheet<'a>(&'a self, group: &'a GroupFacts, place: i64, lang: Lang) -> Sheet<'a> {
        Sheet {
            seal: &self.0.seal,
            place,
            group,
            lang,
            own: own_powers(&self.0, group.id).await,
            bot: self.0.link.bot(),
        }
    }

    async fn tap(&self, said: &Said<'_>) -> Result<Reply, StageError> {
        let lang = said.lang;
        let gone = || Reply::Alert(text(lang, "alert-card-gone", &[]));
        let (Some(callback), Some(place)) = (&said.event.callback, &said.event.chat) else {
            return Ok(gone());
        };
        let (place, message) = (place.id, callback.message_id);
        let payload = self.0.seal.open("set", said.args, place);
        let Some((chat, change)) = payload.and_then(parse) else {
            return Ok(gone());
        };
        // Settings decide over people: the right is asked for now.
        let by = callback.from.id;
        match self.0.may(chat, by, Right::ChangeInfo, true).await {
            Ok(true) => {}
            Ok(false) => return Ok(Reply::Alert(text(lang, "alert-no-right", &[]))),
            Err(_) => return Ok(Reply::Alert(text(lang, "alert-rights-unknown", &[]))),
        }
        let own = own_powers(&self.0, chat).await;
        let (desk, table) = (self.0.clone(), self.1.clone());
        let (now, seq) = (said.now, said.seq);
        let community = self.0.community.clone();
        let default = community.default_mode();
        let reply = Reply::decide(move |tx| {
            let by = (Actor::User(by), now, seq);
            change.apply(tx, &table, chat, &desk.privacy.get(), by)?;
            let Some(group) = group_on_disk(tx, chat, default)? else {
                return Ok(Reply::Silence);
            };
            // In the group its own language, in private the person's.
            let lang = match place == chat {
                true => Lang::from_tag(group.language.as_deref()),
                false => lang,
            };
            let sheet = Sheet {
                seal: &desk.seal,
                place,
                group: &group,
                lang,
                own,
                bot: desk.link.bot(),
            };
            let (html, markup) = sheet.page();
            if let Some(message) = message {
                let edit = Effect::edit_html(place, message, html, Some(markup));
                tx.send(&edit, now, Some(seq))?;
            }
            Ok(match change {
                Change::Show => Reply::Silence,
                _ => Reply::Toast(text(lang, "toast-set", &[])),
            })
        });
        Ok(reply.then(refresh(community, chat)))
    }
}

/// Whether words begin with the number of a group.
fn names_group(words: &str) -> bool {
    let first = words.split_whitespace().next().unwrap_or_default();
    first.parse::<i64>().is_ok_and(|id| id < 0)
}

/// Words behind `/text` are about a text, by its key; those behind `/quiet` are hours.
fn meant<'a>(said: &Said<'_>, words: &'a str) -> Cow<'a, str> {
    let name = said.event.command.as_ref().map(|c| c.name.as_str());
    match name {
        Some("quiet") => format!("cards.quiet {words}").into(),
        Some("text") => {
            let (key, rest) = words.split_once(char::is_whitespace).unwrap_or((words, ""));
            format!("texts.{} {rest}", key.replace('-', "_")).into()
        }
        _ => words.into(),
    }
}

/// What Beadle itself may do in a group.
async fn own_powers(desk: &Desk, chat: i64) -> Option<Powers> {
    desk.rights.powers_now(chat, desk.own?).await.ok().flatten()
}

/// Groups in which somebody may change settings, with their titles; as far as Telegram says so in time.
pub(super) async fn administered(
    desk: &Desk,
    user: i64,
) -> Result<Vec<(i64, Option<String>)>, StageError> {
    let all = desk
        .store
        .read(move |conn| upkeep::groups(conn, user, GROUPS));
    let mut asked = JoinSet::new();
    for (place, (chat, title)) in all.await?.into_iter().enumerate() {
        let desk = desk.clone();
        asked.spawn(async move {
            // Where Telegram does not say, somebody is no admin.
            let may = desk.may(chat, user, Right::ChangeInfo, false).await;
            matches!(may, Ok(true)).then_some((place, chat, title))
        });
    }
    let (mut own, end) = (Vec::new(), Instant::now() + PATIENCE);
    while let Ok(Some(one)) = timeout_at(end, asked.join_next()).await {
        own.extend(one.ok().flatten());
    }
    // What is answered later is known when they ask again.
    asked.detach_all();
    own.sort_unstable_by_key(|(place, ..)| *place);
    Ok(own
        .into_iter()
        .map(|(_, chat, title)| (chat, title))
        .collect())
}

fn parse(payload: &str) -> Option<(i64, Change)> {
    let mut parts = payload.splitn(4, ':');
    let chat = parts.next()?.parse().ok()?;
    parts.next().filter(|page| *page == "i")?;
    let change = Change::parse(parts.next()?, parts.next()?)?;
    Some((chat, change))
}
