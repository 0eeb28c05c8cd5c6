//! A new value, written as an answer to Beadle's question: the question carries, signed, what it asked for, so that
//! nothing has to be kept meanwhile and a restart forgets nothing.
use futures_util::future::BoxFuture;
use serde_json::json;

use super::page::Page;
use super::sections::{Section, code, decode};
use super::{HubCommand, refresh, words};
use crate::base::clock::Millis;
use crate::community::LaneView;
use crate::community::audit::Actor;
use crate::community::settings::{Outcome, Setting, Table, change};
use crate::features::moderation::house::settings::also_needs;
use crate::features::moderation::order::seal::Seal;
use crate::pipeline::{Flow, Position, Stage, StageError, Walk};
use crate::telegram::event::{Event, Kind, Sender, Source};
use crate::telegram::rights::Right;
use crate::telegram::sender::text::escape;
use crate::telegram::sender::{Effect, Send as _};
use crate::texts::{Lang, text};

/// An answer is waited for this long.
const PATIENCE: Millis = 300_000;
/// Longest value that is read, in bytes; Telegram's messages are shorter.
const LONGEST: usize = 16 * 1024;

/// What was asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    /// The group.
    pub chat: i64,
    /// The setting.
    pub setting: &'static Setting,
    /// The message that is the hub.
    pub message: i64,
    /// When.
    pub at: Millis,
}

impl Asked {
    /// The question, for the private chat `place`; None while the bot's name is unknown. `fault` is why it is asked
    /// again.
    pub(super) fn question(
        self,
        seal: &Seal,
        lang: Lang,
        bot: Option<&str>,
        place: i64,
        fault: Option<&str>,
    ) -> Option<Effect> {
        let payload = format!(
            "{}_{}_{}_{}",
            self.chat.unsigned_abs(),
            code(self.setting.path),
            self.message,
            self.at
        );
        let link = seal.link("value", &payload, place);
        let label = words::label(lang, self.setting);
        let label = format!("<a href=\"https://t.me/{}?start={link}\">{label}</a>", bot?);
        let args = [
            ("name", label.into()),
            ("shape", words::shape(lang, self.setting).into()),
        ];
        let mut html = text(lang, "hub-ask", &args);
        if let Some(fault) = fault {
            html = format!("{}\n\n{html}", escape(fault));
        }
        let markup = json!({ "force_reply": true });
        Some(Effect::send_html(place, html, Some(markup)))
    }

    /// What a question that is answered asked for.
    fn read(table: &Table, seal: &Seal, event: &Event, place: i64) -> Option<Self> {
        let links = event.links.iter().filter(|l| l.source == Source::Reply);
        let mut signed = links.filter_map(|l| {
            let (host, start) = l.target.split_once("?start=value-")?;
            let genuine = host.trim_start_matches("https://").starts_with("t.me/");
            seal.open_link("value", start, place).filter(|_| genuine)
        });
        let mut parts = signed.next()?.split('_');
        let chat: i64 = parts.next()?.parse().ok()?;
        Some(Self {
            chat: -chat,
            setting: decode(table, parts.next()?)?,
            message: parts.next()?.parse().ok()?,
            at: parts.next()?.parse().ok()?,
        })
    }
}

/// Hears the answers.
pub(super) struct ValueStage(pub(super) HubCommand);

impl Stage for ValueStage {
    fn name(&self) -> &'static str {
        "value"
    }

    fn position(&self) -> Position {
        Position::Route
    }

    fn run<'a>(
        &'a self,
        walk: &'a mut Walk,
        _: &'a mut LaneView,
    ) -> BoxFuture<'a, Result<Flow, StageError>> {
        Box::pin(async move {
            let event = &walk.event;
            let private = event.chat.as_ref().filter(|c| c.kind == "private");
            let (Kind::Message, Some(place), Sender::User(person), true) = (
                &event.kind,
                private.map(|c| c.id),
                &event.sender,
                event.reply_to.is_some(),
            ) else {
                return Ok(Flow::On);
            };
            let (hub, person) = (self.0.clone(), person.clone());
            let Some(asked) = Asked::read(&hub.table, &hub.desk.seal, event, place) else {
                return Ok(Flow::On);
            };
            let written = event.texts.iter().find(|t| t.source == Source::Text);
            let written = written.map(|t| t.text.clone()).unwrap_or_default();
            let lang = Lang::from_tag(person.language.as_deref());
            let (now, seq) = (walk.now, walk.seq);
            let say = |walk: &mut Walk, key: &str| {
                walk.send(Effect::send_html(place, text(lang, key, &[]), None));
                Ok(Flow::End)
            };
            if now - asked.at > PATIENCE {
                return say(walk, "hub-late");
            }
            let may = hub.desk.may(asked.chat, person.id, Right::ChangeInfo, true);
            match may.await {
                Ok(true) => {}
                Ok(false) => return say(walk, "alert-no-right"),
                Err(_) => return say(walk, "alert-rights-unknown"),
            }
            if let Some(right) = also_needs(asked.setting.path) {
                match hub.desk.may(asked.chat, person.id, right, true).await {
                    Ok(true) => {}
                    Ok(false) => return say(walk, "night-needs-right"),
                    Err(_) => return say(walk, "alert-rights-unknown"),
                }
            }
            let parsed = match written.len() <= LONGEST {
                true => asked.setting.kind.parse(&written),
                false => asked.setting.kind.parse(""),
            };
            let bot = hub.desk.link.bot();
            let again = move |hub: &HubCommand, fault: &str| {
                let asked = Asked { at: now, ..asked };
                asked.question(&hub.desk.seal, lang, bot.as_deref(), place, Some(fault))
            };
            let value = match parsed {
                Ok(value) => value,
                Err(fault) => {
                    // In other languages the shape that follows says what is right.
                    let fault = match lang {
                        Lang::En => fault,
                        Lang::Ru => text(lang, "hub-not-so", &[]),
                    };
                    if let Some(question) = again(&hub, &fault) {
                        walk.send(question);
                    }
                    return Ok(Flow::End);
                }
            };
            let community = hub.desk.community.clone();
            walk.write(move |tx| {
                let by = (Actor::User(person.id), now);
                let chosen = [(asked.setting.path, Some(value))];
                match change(tx, &hub.table, asked.chat, &chosen, by)? {
                    Outcome::Missing => {}
                    Outcome::Refused(faults) => {
                        let what: Vec<String> = faults.iter().map(ToString::to_string).collect();
                        if let Some(question) = again(&hub, &what.join("\n")) {
                            tx.send(&question, now, Some(seq))?;
                        }
                    }
                    Outcome::Done(_) => {
                        let section = Page::Section(Section::of(asked.setting.path));
                        let of = (asked.chat, place, Some(asked.message));
                        hub.show(tx, of, lang, section, (now, seq))?;
                        let done = Effect::send_html(place, text(lang, "toast-set", &[]), None);
                        tx.send(&done, now, Some(seq))?;
                    }
                }
                Ok(())
            });
            walk.after(Box::pin(refresh(community, asked.chat)));
            Ok(Flow::End)
        })
    }
}
