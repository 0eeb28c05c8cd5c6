//! `/settings` as one message in the private chat: pages made from the table of settings, edited in place by buttons.
pub(super) mod page;
pub mod sections;
mod value;
mod words;

use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::house::settings::also_needs;
use super::order::store::upkeep;
use super::order::{Desk, shake};
use super::settings::Sensitivity;
use crate::community::audit::{Actor, Audit as _, AuditEntry};
use crate::community::settings::{Kind, Outcome, Setting, Table, change};
use crate::community::versions::sign;
use crate::community::{Community, GroupFacts, group_on_disk};
use crate::pipeline::stages::{ChatCommand, Reply, Said};
use crate::pipeline::{Stage, StageError};
use crate::store::{StoreError, Tx};
use crate::telegram::rights::Right;
use crate::telegram::sender::{Effect, Send as _};
use crate::texts::{Lang, text};

use page::{Hub, Page};
use sections::{Section, code, decode};

pub(super) use words::shape;

/// The hub's buttons.
#[derive(Clone)]
struct HubCommand {
    desk: Desk,
    table: Arc<Table>,
}

/// Adds the hub's buttons, and the stage that hears new values.
pub(super) fn register(
    desk: &Desk,
    table: &Arc<Table>,
    stages: &mut Vec<Arc<dyn Stage>>,
    commands: &mut Vec<Arc<dyn ChatCommand>>,
) {
    let hub = HubCommand {
        desk: desk.clone(),
        table: table.clone(),
    };
    stages.push(Arc::new(value::ValueStage(hub.clone())));
    commands.push(Arc::new(hub));
}

impl ChatCommand for HubCommand {
    fn names(&self) -> &'static [&'static str] {
        &["hub"]
    }

    fn answer<'a>(&'a self, said: Said<'a>) -> BoxFuture<'a, Result<Reply, StageError>> {
        Box::pin(async move {
            if said.event.callback.is_some() {
                self.tap(&said).await
            } else {
                Ok(Reply::Silence)
            }
        })
    }
}

/// What a button asks for.
#[derive(Debug, Clone)]
enum Wish {
    /// Another page.
    Look(Page),
    /// A value, or none; then the page.
    Put(&'static Setting, Option<Value>, Page),
    /// Both thresholds.
    Sense(Sensitivity),
    /// No log chat.
    LogOff,
    /// A value is to be written.
    Ask(&'static Setting),
}

impl Wish {
    /// Reads what follows the group in a button's data.
    fn parse(table: &Table, rest: &str) -> Option<Self> {
        let mut parts = rest.splitn(3, ':');
        let (verb, name) = (parts.next()?, parts.next().unwrap_or_default());
        Some(match verb {
            "h" => Self::Look(Page::Home),
            "s" => Self::Look(Page::Section(Section::named(name)?)),
            "v" => Self::Look(Page::One(decode(table, name)?)),
            "a" => Self::Ask(decode(table, name)?),
            "d" => {
                let setting = decode(table, name)?;
                Self::Put(setting, None, Page::One(setting))
            }
            "w" => {
                let (setting, word) = (decode(table, name)?, parts.next()?);
                let (value, page) = match setting.kind {
                    Kind::Switch => (json!(word == "on"), None),
                    Kind::Choice(words) => {
                        let chosen = words.iter().find(|w| code(w) == word)?;
                        let page = (words.len() > 3).then_some(Page::One(setting));
                        (json!(chosen), page)
                    }
                    _ => return None,
                };
                let section = Page::Section(Section::of(setting.path));
                Self::Put(setting, Some(value), page.unwrap_or(section))
            }
            "p" => Self::Sense(Sensitivity::ALL.into_iter().find(|s| s.word() == name)?),
            "l" => Self::LogOff,
            _ => return None,
        })
    }

    /// The page that is shown then.
    fn page(&self) -> Page {
        match self {
            Self::Look(page) | Self::Put(_, _, page) => *page,
            Self::Sense(_) => Page::Section(sections::SECTIONS[0]),
            Self::LogOff => Page::Home,
            Self::Ask(setting) => Page::One(setting),
        }
    }

    /// Carries it out; gives what does not go together.
    fn apply(
        &self,
        tx: &mut Tx<'_>,
        table: &Table,
        chat: i64,
        by: (Actor, i64),
    ) -> Result<Outcome, StoreError> {
        match self {
            Self::Look(_) | Self::Ask(_) => Ok(Outcome::Done(Vec::new())),
            Self::Put(setting, value, _) => {
                change(tx, table, chat, &[(setting.path, value.clone())], by)
            }
            Self::Sense(sense) => {
                let (review, spam) = sense.thresholds();
                // By way of the words: 0.35 as f64 is not the nearest f32 made longer.
                let share = |n: f32| n.to_string().parse::<f64>().ok().map(|n| json!(n));
                let both = [
                    ("moderation.review_at", share(review)),
                    ("moderation.spam_at", share(spam)),
                ];
                change(tx, table, chat, &both, by)
            }
            Self::LogOff => {
                upkeep::set_log(tx, chat, None, by.1)?;
                shake(tx, by.1)?;
                sign(tx, chat, by.0, by.1)?;
                let note = AuditEntry::new(by.0, "settings.set", format!("chat:{chat}"))
                    .in_chat(chat)
                    .with(json!({ "settings": ["moderation.log_chat"] }));
                tx.audit(&note, by.1)?;
                Ok(Outcome::Done(Vec::new()))
            }
        }
    }
}

impl HubCommand {
    async fn tap(&self, said: &Said<'_>) -> Result<Reply, StageError> {
        let lang = said.lang;
        let gone = || Reply::Alert(text(lang, "alert-hub-gone", &[]));
        let (Some(callback), Some(place)) = (&said.event.callback, &said.event.chat) else {
            return Ok(gone());
        };
        let (place, message) = (place.id, callback.message_id);
        let payload = self.desk.seal.open("hub", said.args, place);
        let Some((chat, rest)) = payload.and_then(|p| p.split_once(':')) else {
            return Ok(gone());
        };
        let (Ok(chat), Some(wish)) = (chat.parse::<i64>(), Wish::parse(&self.table, rest)) else {
            return Ok(gone());
        };
        // Settings decide over people: the right is asked for now.
        let by = callback.from.id;
        match self.desk.may(chat, by, Right::ChangeInfo, true).await {
            Ok(true) => {}
            Ok(false) => return Ok(Reply::Alert(text(lang, "alert-no-right", &[]))),
            Err(_) => return Ok(Reply::Alert(text(lang, "alert-rights-unknown", &[]))),
        }
        if let Wish::Put(setting, ..) | Wish::Ask(setting) = &wish
            && let Some(right) = also_needs(setting.path)
        {
            match self.desk.may(chat, by, right, true).await {
                Ok(true) => {}
                Ok(false) => return Ok(Reply::Alert(text(lang, "night-needs-right", &[]))),
                Err(_) => return Ok(Reply::Alert(text(lang, "alert-rights-unknown", &[]))),
            }
        }
        let (hub, now, seq) = (self.clone(), said.now, said.seq);
        let community = self.desk.community.clone();
        let bot = said.bot.clone();
        let reply = Reply::decide(move |tx| {
            if let (Wish::Ask(setting), Some(message)) = (&wish, message) {
                let asked = value::Asked {
                    chat,
                    setting,
                    message,
                    at: now,
                };
                let Some(effect) =
                    asked.question(&hub.desk.seal, lang, bot.as_deref(), place, None)
                else {
                    return Ok(Reply::Alert(text(lang, "alert-rights-unknown", &[])));
                };
                tx.send(&effect, now, Some(seq))?;
                return Ok(Reply::Silence);
            }
            let outcome = wish.apply(tx, &hub.table, chat, (Actor::User(by), now))?;
            if let Outcome::Refused(faults) = &outcome {
                let what: Vec<String> = faults.iter().map(ToString::to_string).collect();
                return Ok(Reply::Alert(what.join("\n")));
            }
            hub.show(tx, (chat, place, message), lang, wish.page(), (now, seq))?;
            Ok(match wish {
                Wish::Look(_) | Wish::Ask(_) => Reply::Silence,
                _ => Reply::Toast(text(lang, "toast-set", &[])),
            })
        });
        Ok(reply.then(refresh(community, chat)))
    }

    /// The page as it stands now, in its message.
    fn show(
        &self,
        tx: &mut Tx<'_>,
        (chat, place, message): (i64, i64, Option<i64>),
        lang: Lang,
        page: Page,
        (now, seq): (i64, i64),
    ) -> Result<(), StoreError> {
        let default = self.desk.community.default_mode();
        let Some(group) = group_on_disk(tx, chat, default)? else {
            return Ok(());
        };
        let (html, markup) = sheet(&self.desk, &self.table, &group, place, lang).page(page);
        if let Some(message) = message {
            let edit = Effect::edit_html(place, message, html, Some(markup));
            tx.send(&edit, now, Some(seq))?;
        }
        Ok(())
    }
}

/// The hub of a group for the chat in which it stands.
pub(super) fn sheet<'a>(
    desk: &'a Desk,
    table: &'a Table,
    group: &'a GroupFacts,
    place: i64,
    lang: Lang,
) -> Hub<'a> {
    Hub {
        seal: &desk.seal,
        place,
        group,
        lang,
        table,
        kept: desk.privacy.get().kept,
    }
}

/// Lets lanes know of a change.
pub(super) async fn refresh(community: Community, chat: i64) {
    if let Err(e) = community.refresh(chat).await {
        tracing::warn!(chat, error = %e, "the change is noticed within ten minutes");
    }
}
