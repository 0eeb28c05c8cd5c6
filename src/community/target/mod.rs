//! Whom a command is about, for how long and why: by answer, by name, by id.
mod read;
mod store;

pub use read::{Terms, terms};

use crate::store::{Store, StoreError};
use crate::telegram::event::{Event, Sender, User};
use read::Word;

/// Somebody who can be treated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A person or a bot.
    Person {
        /// Telegram's id.
        user: i64,
        /// First and last name as last seen; the id, or the public name that was written, where they were not seen
        /// in this group.
        name: String,
    },
    /// A channel that somebody writes as.
    Channel {
        /// Telegram's id.
        chat: i64,
        /// Its title; the id where it is not known.
        title: String,
    },
}

/// Why nobody is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoTarget {
    /// No answer, no name, no id.
    Nobody,
    /// A name, without `@`, that Beadle has never seen. Telegram does not tell bots whose it is.
    Unknown(String),
    /// The group itself or its channel speaks: an admin, and nobody knows which.
    Ourselves,
}

/// What a command says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked<'a> {
    /// About whom.
    pub target: Result<Target, NoTarget>,
    /// The message it answers, when that is how somebody is meant: who is named has not written it.
    pub message: Option<i64>,
    /// The public name, without `@`, by which somebody is meant. Names change hands: Telegram knows whose it is today.
    pub name: Option<&'a str>,
    /// What follows the target.
    pub rest: &'a str,
}

/// Reads whom `args` of a command in `event` mean: somebody named at their start, else the author of the message that
/// it answers.
pub async fn asked<'a>(
    store: &Store,
    event: &Event,
    args: &'a str,
) -> Result<Asked<'a>, StoreError> {
    let (word, rest) = read::first(event, args);
    let message = event.reply_to.filter(|_| word.is_none());
    let name = match word {
        Some(Word::Name(name)) => Some(name),
        _ => None,
    };
    let target = match word {
        Some(Word::Id(id)) => Ok(by_id(store, id, event.chat.as_ref().map(|c| c.id)).await?),
        Some(Word::Name(name)) => {
            let wanted = name.to_owned();
            let chat = event.chat.as_ref().map(|c| c.id);
            match store
                .read(move |conn| store::by_name(conn, &wanted, chat))
                .await?
            {
                Some((user, known)) => Ok(Target::Person {
                    user,
                    name: known.unwrap_or_else(|| format!("@{name}")),
                }),
                None => Err(NoTarget::Unknown(name.to_owned())),
            }
        }
        None => answered(store, event).await?,
    };
    Ok(Asked {
        target,
        message,
        name,
        rest,
    })
}

async fn by_id(store: &Store, id: i64, chat: Option<i64>) -> Result<Target, StoreError> {
    if id < 0 {
        return Ok(Target::Channel {
            chat: id,
            title: id.to_string(),
        });
    }
    let name = store.read(move |conn| store::name(conn, id, chat)).await?;
    Ok(Target::Person {
        user: id,
        name: name.unwrap_or_else(|| id.to_string()),
    })
}

/// The author of the message that `event` answers: as Telegram shows it, else as Beadle kept it.
async fn answered(store: &Store, event: &Event) -> Result<Result<Target, NoTarget>, StoreError> {
    let (Some(chat), Some(message)) = (event.chat.as_ref().map(|c| c.id), event.reply_to) else {
        return Ok(Err(NoTarget::Nobody));
    };
    match &event.reply_to_sender {
        Some(Sender::User(user)) => Ok(Ok(Target::Person {
            user: user.id,
            name: whole_name(user),
        })),
        Some(Sender::Channel { chat }) => Ok(Ok(Target::Channel {
            chat: chat.id,
            title: chat.title.clone().unwrap_or_else(|| chat.id.to_string()),
        })),
        Some(Sender::AnonymousAdmin { .. } | Sender::LinkedChannel { .. }) => {
            Ok(Err(NoTarget::Ourselves))
        }
        Some(Sender::Unknown) | None => {
            let known = store
                .read(move |conn| store::author(conn, chat, message))
                .await?;
            match known {
                Some((Some(user), _)) => Ok(Ok(by_id(store, user, Some(chat)).await?)),
                Some((None, Some(own))) if own == chat => Ok(Err(NoTarget::Ourselves)),
                Some((None, Some(channel))) => Ok(Ok(by_id(store, channel, Some(chat)).await?)),
                _ => Ok(Err(NoTarget::Nobody)),
            }
        }
    }
}

fn whole_name(user: &User) -> String {
    match &user.last_name {
        Some(last) if !last.is_empty() => format!("{} {last}", user.first_name),
        _ => user.first_name.clone(),
    }
}
