//! Commands and buttons find who answers them.
use std::collections::HashMap;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::patience::Patience;
use crate::base::clock::Millis;
use crate::community::LaneView;
use crate::community::fleeting::{self, Fleeting as _};
use crate::pipeline::{Flow, Position, Stage, StageError, Walk};
use crate::store::{StoreError, Tx};
use crate::telegram::event::{Callback, Command, Event, Kind, Sender};
use crate::telegram::link::Link;
use crate::telegram::sender::{Effect, Send as _};
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
    /// When the walk began.
    pub now: Millis,
    /// The update's row in the inbox.
    pub seq: i64,
    /// What the lane knows of groups and people.
    pub view: &'a LaneView,
}

/// What Beadle says to it.
pub enum Reply {
    /// A message that answers it.
    Html(String, Option<serde_json::Value>),
    /// The same, which deletes itself after a minute where it stands in a group.
    Fleeting(String, Option<serde_json::Value>),
    /// A window over the chat, for a pressed button; at most 200 characters are shown.
    Alert(String),
    /// A line at the top of the chat that goes by itself, for a pressed button.
    Toast(String),
    /// Nothing.
    Silence,
    /// What the transaction of the walk finds and changes decides what is said.
    Decide(Deed),
}

/// A change that a command or button makes, in the transaction that marks its update as handled.
pub struct Deed {
    /// Reads, changes, sends; gives what Beadle says to it, which must not be another deed.
    pub act: Act,
    /// Anybody may ask for it: what it says is counted as answers are, and has an end.
    pub anybody: bool,
    /// What is done once it is on disk, as bringing caches up to date.
    pub after: Option<BoxFuture<'static, ()>>,
}

/// See [`Deed::act`].
pub type Act = Box<dyn FnOnce(&mut Tx<'_>) -> Result<Reply, StoreError> + Send>;

impl Reply {
    /// A reply that `act` decides in the walk's transaction.
    pub fn decide(
        act: impl FnOnce(&mut Tx<'_>) -> Result<Self, StoreError> + Send + 'static,
    ) -> Self {
        Self::Decide(Deed {
            act: Box::new(act),
            anybody: false,
            after: None,
        })
    }

    /// The same, for what every member may ask for; other replies stay as they are.
    #[must_use]
    pub fn for_anybody(mut self) -> Self {
        if let Self::Decide(deed) = &mut self {
            deed.anybody = true;
        }
        self
    }

    /// Whether it is one of the answers that have an end. What a moderator does is done, and said.
    fn is_counted(&self) -> bool {
        match self {
            Self::Html(..) | Self::Fleeting(..) => true,
            Self::Decide(deed) => deed.anybody,
            Self::Alert(_) | Self::Toast(_) | Self::Silence => false,
        }
    }

    /// The same without words: what is to be done is done.
    #[must_use]
    pub fn unsaid(self) -> Self {
        match self {
            Self::Decide(Deed {
                act,
                anybody,
                after,
            }) => Self::Decide(Deed {
                act: Box::new(move |tx| act(tx).map(|_said| Self::Silence)),
                anybody,
                after,
            }),
            _ => Self::Silence,
        }
    }

    /// The same, with work for after the commit; other replies stay as they are.
    #[must_use]
    pub fn then(mut self, work: impl Future<Output = ()> + Send + 'static) -> Self {
        if let Self::Decide(deed) = &mut self {
            deed.after = Some(Box::pin(work));
        }
        self
    }
}

/// Where the answer goes.
struct Back {
    chat: Option<i64>,
    reply_to: Option<i64>,
    topic: Option<i64>,
    /// The pressed button, which is answered in any case.
    callback: Option<String>,
    now: Millis,
    seq: i64,
}

impl Back {
    fn message(&self, html: String, markup: Option<serde_json::Value>) -> Option<Effect> {
        let chat = self.chat?;
        Some(match self.reply_to {
            Some(to) => Effect::reply_html(chat, to, self.topic, html, markup),
            None => Effect::send_html(chat, html, markup),
        })
    }

    /// Says `reply`, inside the transaction.
    fn say(&self, tx: &mut Tx<'_>, reply: Reply) -> Result<(), StoreError> {
        let (mut window, mut alert) = (None, false);
        match reply {
            Reply::Html(html, markup) => {
                if let Some(effect) = self.message(html, markup) {
                    tx.send(&effect, self.now, Some(self.seq))?;
                }
            }
            Reply::Fleeting(html, markup) => {
                if let Some(effect) = self.message(html, markup) {
                    // In private nobody else reads along: there it stays.
                    if self.chat.is_some_and(|chat| chat > 0) {
                        tx.send(&effect, self.now, Some(self.seq))?;
                    } else {
                        tx.send_fleeting(&effect, fleeting::USUAL, self.now, Some(self.seq))?;
                    }
                }
            }
            Reply::Alert(text) => (window, alert) = (Some(text), true),
            Reply::Toast(text) => window = Some(text),
            Reply::Silence => {}
            Reply::Decide(_) => {
                return Err(StoreError::Invalid("a deed decided on a deed".to_owned()));
            }
        }
        if let Some(id) = &self.callback {
            let deadline = Some(self.now + CALLBACK_LIFE);
            let answer = Effect::answer_callback(id, window.as_deref(), alert, deadline);
            tx.send(&answer, self.now, Some(self.seq))?;
        }
        Ok(())
    }
}

fn conclude(walk: &mut Walk, back: Back, reply: Reply) {
    match reply {
        Reply::Decide(Deed { act, after, .. }) => {
            walk.write(move |tx| {
                let reply = act(tx)?;
                back.say(tx, reply)
            });
            if let Some(after) = after {
                walk.after(after);
            }
        }
        Reply::Silence if back.callback.is_none() => {}
        reply => walk.write(move |tx| back.say(tx, reply)),
    }
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
    patience: Patience,
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
            patience: Patience::default(),
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
        // A link into the private chat, `?start=name-rest`, is for the command of that name.
        let linked = command
            .args
            .split_once('-')
            .filter(|_| command.name == "start");
        let linked = linked.and_then(|(name, rest)| Some((self.commands.get(name)?, rest)));
        let named = self.commands.get(command.name.as_str());
        let found = linked.or(named.map(|found| (found, command.args.as_str())));
        let (true, Some((found, args))) = (self.is_ours(&command), found) else {
            return Ok(Flow::On);
        };
        let said = Said {
            event: &walk.event,
            lang: lang(&walk.event, view),
            args,
            bot: self.link.bot(),
            now: walk.now,
            seq: walk.seq,
            view,
        };
        let mut reply = found.answer(said).await?;
        if reply.is_counted() && !self.patience.take(chat, author(&walk.event)) {
            tracing::debug!(chat, "no answer: too many were asked for");
            reply = reply.unsaid();
        }
        let back = Back {
            chat: Some(chat),
            reply_to: walk.event.message_id,
            topic: walk.event.topic,
            callback: None,
            now: walk.now,
            seq: walk.seq,
        };
        conclude(walk, back, reply);
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
        let mut reply = Reply::Silence;
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
                now: walk.now,
                seq: walk.seq,
                view,
            };
            reply = found.answer(said).await?;
        }
        let back = Back {
            chat: walk.event.chat.as_ref().map(|c| c.id),
            reply_to: None,
            topic: None,
            callback: Some(callback.id.clone()),
            now: walk.now,
            seq: walk.seq,
        };
        conclude(walk, back, reply);
        Ok(Flow::End)
    }
}

/// Whose answers are counted: the person, or the chat that speaks.
fn author(event: &Event) -> i64 {
    match &event.sender {
        Sender::User(user) => user.id,
        Sender::AnonymousAdmin { chat } => *chat,
        Sender::Channel { chat } | Sender::LinkedChannel { chat } => chat.id,
        Sender::Unknown => 0,
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
