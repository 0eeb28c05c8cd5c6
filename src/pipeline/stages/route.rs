//! Commands and buttons find who answers them.
use std::collections::HashMap;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::base::clock::Millis;
use crate::community::LaneView;
use crate::pipeline::{Flow, Position, Stage, StageError, Walk};
use crate::telegram::event::{Callback, Command, Event, Kind, Sender};
use crate::telegram::link::Link;
use crate::telegram::sender::Effect;
use crate::texts::Lang;

/// Telegram forgets a pressed button after this; an answer later than that cannot succeed.
const CALLBACK_LIFE: Millis = 150_000;
/// Longest data of a button, in bytes (Bot API, InlineKeyboardButton).
const CALLBACK_BYTES: usize = 64;

/// Somebody speaks to Beadle.
pub struct Said<'a> {
    /// The update.
    pub event: &'a Event,
    /// The language to answer in.
    pub lang: Lang,
    /// What follows the command, or the data behind the button's prefix.
    pub args: &'a str,
    /// The bot's user name, once known.
    pub bot: Option<String>,
}

/// What Beadle says to it.
pub enum Reply {
    /// A message that answers it.
    Html(String, Option<serde_json::Value>),
    /// A window over the chat, for a pressed button; at most 200 characters are shown.
    Alert(String),
    /// Nothing.
    Silence,
}

/// One command of a feature, and the buttons it shows: their data begins with `name:`.
pub trait ChatCommand: Send + Sync + 'static {
    /// Names without `/`.
    fn names(&self) -> &'static [&'static str];

    /// Answers a command or a pressed button.
    fn answer<'a>(&'a self, said: Said<'a>) -> BoxFuture<'a, Result<Reply, StageError>>;
}

/// Hands commands and buttons to their features.
pub struct RouteStage {
    commands: HashMap<&'static str, Arc<dyn ChatCommand>>,
    link: Arc<Link>,
}

impl RouteStage {
    /// A stage that knows `commands`.
    pub fn new(commands: Vec<Arc<dyn ChatCommand>>, link: Arc<Link>) -> Self {
        let mut by_name = HashMap::new();
        for command in commands {
            for name in command.names() {
                by_name.insert(*name, command.clone());
            }
        }
        Self {
            commands: by_name,
            link,
        }
    }

    /// Whether a command is for this bot: in groups with several, the name tells.
    fn is_ours(&self, command: &Command) -> bool {
        match (&command.bot, self.link.bot()) {
            (None, _) => true,
            (Some(named), Some(own)) => named.eq_ignore_ascii_case(&own),
            (Some(_), None) => false,
        }
    }

    async fn command(&self, walk: &mut Walk, view: &LaneView) -> Result<Flow, StageError> {
        // Two bots that answer each other never stop, and a channel's post asks for nothing.
        let nobody = match &walk.event.sender {
            Sender::User(user) => user.is_bot,
            Sender::LinkedChannel { .. } => true,
            _ => false,
        };
        if walk.event.kind != Kind::Message || nobody {
            return Ok(Flow::On);
        }
        let Some(command) = walk.event.command.clone() else {
            return Ok(Flow::On);
        };
        let Some(chat) = walk.event.chat.as_ref().map(|c| c.id) else {
            return Ok(Flow::On);
        };
        let (true, Some(found)) = (
            self.is_ours(&command),
            self.commands.get(command.name.as_str()),
        ) else {
            return Ok(Flow::On);
        };
        let said = Said {
            event: &walk.event,
            lang: lang(&walk.event, view),
            args: &command.args,
            bot: self.link.bot(),
        };
        if let Reply::Html(html, markup) = found.answer(said).await? {
            let effect = match walk.event.message_id {
                Some(to) => Effect::reply_html(chat, to, walk.event.topic, html, markup),
                None => Effect::send_html(chat, html, markup),
            };
            walk.send(effect);
        }
        Ok(Flow::End)
    }

    /// Every pressed button is answered, known or not: until then the person's app shows a spinner.
    async fn button(
        &self,
        walk: &mut Walk,
        view: &LaneView,
        callback: &Callback,
    ) -> Result<Flow, StageError> {
        let data = callback.data.as_deref().unwrap_or_default();
        let genuine = data.len() <= CALLBACK_BYTES;
        let (name, args) = data.split_once(':').unwrap_or((data, ""));
        let mut alert = None;
        if let (true, Some(found)) = (genuine, self.commands.get(name)) {
            let lang = match callback.from.language.as_deref() {
                Some(tag) => Lang::from_tag(Some(tag)),
                None => lang(&walk.event, view),
            };
            let said = Said {
                event: &walk.event,
                lang,
                args,
                bot: self.link.bot(),
            };
            match found.answer(said).await? {
                Reply::Alert(text) => alert = Some(text),
                Reply::Html(html, markup) => {
                    if let Some(chat) = &walk.event.chat {
                        let effect = Effect::send_html(chat.id, html, markup);
                        walk.send(effect);
                    }
                }
                Reply::Silence => {}
            }
        }
        let deadline = walk.now + CALLBACK_LIFE;
        walk.send(Effect::answer_callback(
            &callback.id,
            alert.as_deref(),
            alert.is_some(),
            Some(deadline),
        ));
        Ok(Flow::End)
    }
}

/// The group's language, else the person's.
fn lang(event: &Event, view: &LaneView) -> Lang {
    let group = event.chat.as_ref().and_then(|c| view.groups.get(&c.id));
    let person = match &event.sender {
        Sender::User(user) => user.language.as_deref(),
        _ => None,
    };
    Lang::from_tag(group.and_then(|g| g.language.as_deref()).or(person))
}

impl Stage for RouteStage {
    fn name(&self) -> &'static str {
        "route"
    }

    fn position(&self) -> Position {
        Position::Route
    }

    fn run<'a>(
        &'a self,
        walk: &'a mut Walk,
        view: &'a mut LaneView,
    ) -> BoxFuture<'a, Result<Flow, StageError>> {
        Box::pin(async move {
            match walk.event.callback.clone() {
                Some(callback) => self.button(walk, view, &callback).await,
                None => self.command(walk, view).await,
            }
        })
    }
}
