//! `/settings` and `/init_group`: what holds in a group, and buttons that change it.
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::pages::{Page, Sheet};
use super::{versions, who};
use crate::community::audit::{Actor, Audit as _, AuditEntry};
use crate::community::privacy::{PrivacyFacts, privacy_notice};
use crate::community::versions::sign;
use crate::community::{GroupFacts, group_on_disk, keeping, set_mode};
use crate::config::Mode;
use crate::features::moderation::order::Desk;
use crate::features::moderation::order::shake;
use crate::features::moderation::order::store::upkeep;
use crate::features::moderation::settings::Sensitivity;
use crate::pipeline::StageError;
use crate::pipeline::stages::{ChatCommand, Reply, Said};
use crate::store::{StoreError, Tx};
use crate::telegram::event::Sender;
use crate::telegram::rights::{Powers, Right};
use crate::telegram::sender::{Effect, Send as _};
use crate::texts::{Lang, text};

/// Groups looked through for those whose admin somebody is.
const GROUPS: i64 = 50;
/// Buttons of groups in one list.
const LISTED: usize = 20;

/// Shows and changes settings.
pub(super) struct SettingsCommand(pub(super) Desk);

impl ChatCommand for SettingsCommand {
    fn names(&self) -> &'static [&'static str] {
        &["settings", "init_group", "set"]
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
                (false, "init_group") => self.here(&said, Page::Init).await,
                (false, _) => self.written_or(&said).await,
                (true, "init_group") => {
                    Ok(Reply::Html(text(said.lang, "init-in-group", &[]), None))
                }
                (true, _) => self.in_private(&said).await,
            }
        })
    }
}

/// A change that a button asks for.
#[derive(Debug, Clone, PartialEq)]
enum Change {
    Language(Lang),
    Mode(Mode),
    Sense(Sensitivity),
    Notes(bool),
    Others(bool),
    LogOff,
    /// One of [`keeping::CHOICES`], or None to leave it to the house.
    Keep(Option<&'static str>),
    Notice,
    Show,
}

impl Change {
    fn parse(field: &str, value: &str) -> Option<Self> {
        Some(match (field, value) {
            ("lang", "en") => Self::Language(Lang::En),
            ("lang", "ru") => Self::Language(Lang::Ru),
            ("mode", mode) => Self::Mode(Mode::from_name(mode)?),
            ("sense", word) => {
                Self::Sense(Sensitivity::ALL.into_iter().find(|s| s.word() == word)?)
            }
            ("notes", "on") => Self::Notes(true),
            ("notes", "off") => Self::Notes(false),
            ("others", "on") => Self::Others(true),
            ("others", "off") => Self::Others(false),
            ("log", "off") => Self::LogOff,
            ("keep", "house") => Self::Keep(None),
            ("keep", time) => Self::Keep(Some(keeping::CHOICES.into_iter().find(|c| *c == time)?)),
            ("notice", "post") => Self::Notice,
            ("show", "now") => Self::Show,
            _ => return None,
        })
    }

    /// Changes the group; gives the name of the setting, for the audit.
    fn apply(
        &self,
        tx: &mut Tx<'_>,
        chat: i64,
        facts: &PrivacyFacts,
        (now, seq): (i64, i64),
    ) -> Result<&'static str, StoreError> {
        match self {
            Self::Language(lang) => {
                upkeep::set_language(tx, chat, lang.tag(), now)?;
                Ok("language")
            }
            Self::Mode(mode) => {
                set_mode(tx, chat, *mode)?;
                Ok("mode")
            }
            Self::Sense(sense) => {
                let (review, spam) = sense.thresholds();
                let both = [("review_at", json!(review)), ("spam_at", json!(spam))];
                upkeep::set(tx, chat, &both, now)?;
                Ok("thresholds")
            }
            Self::Notes(on) => {
                upkeep::set(tx, chat, &[("notes", json!(on))], now)?;
                Ok("notes")
            }
            Self::Others(on) => {
                upkeep::set(tx, chat, &[("other_groups", json!(on))], now)?;
                Ok("other_groups")
            }
            Self::LogOff => {
                upkeep::set_log(tx, chat, None, now)?;
                shake(tx, now)?;
                Ok("log_chat")
            }
            Self::Keep(time) => {
                keeping::keep_for(tx, chat, *time, now)?;
                Ok("keep.words")
            }
            Self::Notice => {
                let language = upkeep::language(tx, chat)?;
                let mut facts = facts.clone();
                facts.kept = facts.kept.in_group(upkeep::own_words(tx, chat)?);
                let words = privacy_notice(Lang::from_tag(language.as_deref()), &facts);
                tx.send(&Effect::send_html(chat, words, None), now, Some(seq))?;
                Ok("notice")
            }
            Self::Show => Ok("show"),
        }
    }
}

impl SettingsCommand {
    /// In the group itself.
    async fn here(&self, said: &Said<'_>, page: Page) -> Result<Reply, StageError> {
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
        let (html, markup) = self.sheet(group, group.id, said.lang).await.page(page);
        Ok(Reply::Html(html, Some(markup)))
    }

    /// In the group: what is written behind the command, else the page.
    async fn written_or(&self, said: &Said<'_>) -> Result<Reply, StageError> {
        let words = said.args.trim();
        let command = said.event.command.as_ref();
        let group = said
            .event
            .chat
            .as_ref()
            .and_then(|c| said.view.groups.get(&c.id));
        match group {
            Some(group) if !words.is_empty() && command.is_some_and(|c| c.name == "settings") => {
                versions::answer(&self.0, said, group, words).await
            }
            _ => self.here(said, Page::Settings).await,
        }
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
            let (html, markup) = self
                .sheet(&group, person.id, lang)
                .await
                .page(Page::Settings);
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
                Some(group) => versions::answer(&self.0, said, &group, words).await,
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
                let data = seal.data("set", &format!("{chat}:s:show:now"), person.id);
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
            kept: self.0.privacy.get().kept,
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
        let Some((chat, page, change)) = payload.and_then(parse) else {
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
        let (desk, now, seq) = (self.0.clone(), said.now, said.seq);
        let community = self.0.community.clone();
        let default = community.default_mode();
        let reply = Reply::decide(move |tx| {
            let name = change.apply(tx, chat, &desk.privacy.get(), (now, seq))?;
            if change != Change::Show {
                sign(tx, chat, Actor::User(by), now)?;
                let note =
                    AuditEntry::new(Actor::User(by), "moderation.set", format!("chat:{chat}"))
                        .in_chat(chat)
                        .with(json!({ "setting": name }));
                tx.audit(&note, now)?;
            }
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
                kept: desk.privacy.get().kept,
            };
            let (html, markup) = sheet.page(page);
            if let Some(message) = message {
                let edit = Effect::edit_html(place, message, html, Some(markup));
                tx.send(&edit, now, Some(seq))?;
            }
            Ok(match change {
                Change::Show => Reply::Silence,
                _ => Reply::Toast(text(lang, "toast-set", &[])),
            })
        });
        Ok(reply.then(async move {
            if let Err(e) = community.refresh(chat).await {
                tracing::warn!(chat, error = %e, "the change is noticed within ten minutes");
            }
        }))
    }
}

/// What Beadle itself may do in a group.
async fn own_powers(desk: &Desk, chat: i64) -> Option<Powers> {
    desk.rights.powers_now(chat, desk.own?).await.ok().flatten()
}

/// Groups in which somebody may change settings, with their titles.
pub(super) async fn administered(
    desk: &Desk,
    user: i64,
) -> Result<Vec<(i64, Option<String>)>, StageError> {
    let all = desk.store.read(|conn| upkeep::groups(conn, GROUPS)).await?;
    let mut own = Vec::new();
    for (chat, title) in all {
        // Where Telegram does not say, somebody is no admin.
        if let Ok(true) = desk.may(chat, user, Right::ChangeInfo, false).await {
            own.push((chat, title));
        }
    }
    Ok(own)
}

fn parse(payload: &str) -> Option<(i64, Page, Change)> {
    let mut parts = payload.splitn(4, ':');
    let chat = parts.next()?.parse().ok()?;
    let page = Page::from_letter(parts.next()?)?;
    let change = Change::parse(parts.next()?, parts.next()?)?;
    Some((chat, page, change))
}
