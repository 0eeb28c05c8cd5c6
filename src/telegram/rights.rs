//! Who may do what in a group, asked of Telegram and kept for a while.
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

use super::sender::{Method, Sender};
use crate::observe::cache::{Cache, Caches, Life};

/// How long a list of admins is believed; changes that Telegram tells of end it at once.
const LIFE: Duration = Duration::from_secs(600);
/// After a failed question the same is not asked again for so long.
const AGAIN: Duration = Duration::from_secs(30);
/// A question is given up after this.
const PATIENCE: Duration = Duration::from_secs(5);

/// A right of administrators, by Telegram's name of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Right {
    /// `can_delete_messages`.
    Delete,
    /// `can_restrict_members`.
    Restrict,
    /// `can_change_info`.
    ChangeInfo,
    /// `can_invite_users`.
    Invite,
}

impl Right {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Delete, Self::Restrict, Self::ChangeInfo, Self::Invite];

    /// Telegram's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Delete => "can_delete_messages",
            Self::Restrict => "can_restrict_members",
            Self::ChangeInfo => "can_change_info",
            Self::Invite => "can_invite_users",
        }
    }

    fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// What an administrator may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Powers {
    owner: bool,
    bot: bool,
    anonymous: bool,
    rights: u8,
}

impl Powers {
    /// Whether it is the owner.
    pub fn is_owner(self) -> bool {
        self.owner
    }

    /// Whether it is a bot.
    pub fn is_bot(self) -> bool {
        self.bot
    }

    /// Whether they have `right`; the owner has all.
    pub fn may(self, right: Right) -> bool {
        self.owner || self.rights & right.bit() != 0
    }

    /// Of a `ChatMember`; None for one that is no administrator.
    fn of(member: &Value) -> Option<Self> {
        let owner = match member["status"].as_str()? {
            "creator" => true,
            "administrator" => false,
            _ => return None,
        };
        let given = Right::ALL.into_iter().filter(|r| member[r.name()] == true);
        Some(Self {
            owner,
            bot: member.pointer("/user/is_bot") == Some(&Value::Bool(true)),
            anonymous: member["is_anonymous"] == true,
            rights: given.fold(0, |all, right| all | right.bit()),
        })
    }
}

type Admins = HashMap<i64, Powers>;

/// Bytes of a list: its table is filled to seven eighths at most.
fn list_bytes(_: &i64, list: &Arc<Admins>) -> usize {
    size_of::<Admins>() + list.capacity() * 8 / 7 * (size_of::<(i64, Powers)>() + 1)
}

/// How somebody stands in a chat, as Telegram said just now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Whether they are in it.
    pub present: bool,
    /// Whether they are banned.
    pub banned: bool,
    /// What they may do as an administrator.
    pub powers: Option<Powers>,
    /// Their public name of today, without `@`.
    pub username: Option<String>,
}

impl Standing {
    /// Whether their public name is `name`, without `@`; letters of either case.
    pub fn is_called(&self, name: &str) -> bool {
        let own = self.username.as_deref();
        own.is_some_and(|own| own.eq_ignore_ascii_case(name))
    }
}

/// The lists of admins. Cheap to clone.
#[derive(Clone)]
pub struct Rights {
    sender: Sender,
    admins: Cache<i64, Arc<Admins>>,
    failed: Cache<i64, Unknown>,
    /// How often lists were forgotten: an answer to a question from before is not kept.
    forgotten: Arc<Mutex<u64>>,
}

/// Telegram did not say who the admins are.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the list of admins is not to be had: {0}")]
pub struct Unknown(String);

impl Rights {
    /// Lists asked through `sender`, kept in 10 hundredths of `cache_bytes`.
    pub fn new(sender: Sender, cache_bytes: u64) -> Self {
        let part = cache_bytes / 100;
        let admins = Cache::new("admins", Life::Written(LIFE), part * 8, list_bytes);
        let failed = Cache::new(
            "failed",
            Life::Written(AGAIN),
            part * 2,
            |_, why: &Unknown| why.0.len(),
        );
        Self {
            sender,
            admins,
            failed,
            forgotten: Arc::default(),
        }
    }

    /// Enters the lists among all caches.
    pub fn tell_caches(&self, book: &Caches) {
        book.add(&self.admins);
    }

    /// Whether `user` is an admin or the owner of `chat`.
    pub async fn is_admin(&self, chat: i64, user: i64) -> Result<bool, Unknown> {
        Ok(self.admins(chat).await?.contains_key(&user))
    }

    /// What `user` may do in `chat` as an administrator; None is nothing. At most ten minutes old.
    pub async fn powers(&self, chat: i64, user: i64) -> Result<Option<Powers>, Unknown> {
        Ok(self.admins(chat).await?.get(&user).copied())
    }

    /// The same, asked of Telegram now, whatever is remembered; for what cannot be taken back.
    pub async fn powers_now(&self, chat: i64, user: i64) -> Result<Option<Powers>, Unknown> {
        Ok(self.standing_now(chat, user).await?.powers)
    }

    /// How `user` stands in `chat`; asked of Telegram now.
    pub async fn standing_now(&self, chat: i64, user: i64) -> Result<Standing, Unknown> {
        let question = json!({ "chat_id": chat, "user_id": user });
        let asked = self.sender.ask(Method::GetChatMember, &question);
        let member = tokio::time::timeout(PATIENCE, asked)
            .await
            .map_err(|_| Unknown("no answer in 5 s".to_owned()))?
            .map_err(|e| Unknown(e.to_string()))?;
        let found = Powers::of(&member);
        if let Some(admins) = self.admins.peek(&chat)
            && admins.get(&user).copied() != found
        {
            self.forget(chat);
        }
        let present = match member["status"].as_str() {
            Some("creator" | "administrator" | "member") => true,
            Some("restricted") => member["is_member"] == true,
            _ => false,
        };
        Ok(Standing {
            present,
            banned: member["status"] == "kicked",
            powers: found,
            username: member
                .pointer("/user/username")
                .and_then(Value::as_str)
                .map(str::to_owned),
        })
    }

    /// What `getChat` says of a chat now, permissions of its members included.
    pub async fn chat_now(&self, chat: i64) -> Result<Value, Unknown> {
        let question = json!({ "chat_id": chat });
        let asked = self.sender.ask(Method::GetChat, &question);
        tokio::time::timeout(PATIENCE, asked)
            .await
            .map_err(|_| Unknown("no answer in 5 s".to_owned()))?
            .map_err(|e| Unknown(e.to_string()))
    }

    /// The owner of `chat`, unless Telegram hides it.
    pub async fn owner(&self, chat: i64) -> Result<Option<i64>, Unknown> {
        let admins = self.admins(chat).await?;
        let found = admins.iter().find(|(_, powers)| powers.owner);
        Ok(found.map(|(user, _)| *user))
    }

    /// The admins of `chat`, in no order.
    pub async fn list(&self, chat: i64) -> Result<Vec<(i64, Powers)>, Unknown> {
        let admins = self.admins(chat).await?;
        Ok(admins
            .iter()
            .map(|(user, powers)| (*user, *powers))
            .collect())
    }

    /// How many members `chat` has, asked now.
    pub async fn members(&self, chat: i64) -> Result<i64, Unknown> {
        let question = json!({ "chat_id": chat });
        let asked = self.sender.ask(Method::GetChatMemberCount, &question);
        let count = tokio::time::timeout(PATIENCE, asked)
            .await
            .map_err(|_| Unknown("no answer in 5 s".to_owned()))?
            .map_err(|e| Unknown(e.to_string()))?;
        count
            .as_i64()
            .ok_or_else(|| Unknown("not a number".to_owned()))
    }

    /// Whether an anonymous admin of `chat` may exercise `right`, asked now. Which of them speaks nobody is told, so
    /// all of them must have it.
    pub async fn anonymous_may(&self, chat: i64, right: Right) -> Result<bool, Unknown> {
        self.forget(chat);
        let admins = self.admins(chat).await?;
        let mut hidden = admins.values().filter(|powers| powers.anonymous).peekable();
        Ok(hidden.peek().is_some() && hidden.all(|powers| powers.may(right)))
    }

    async fn admins(&self, chat: i64) -> Result<Arc<Admins>, Unknown> {
        let known = match (self.admins.peek(&chat), self.failed.peek(&chat)) {
            (Some(admins), _) => Some(Ok(admins)),
            (None, why) => why.map(Err),
        };
        // That Telegram does not say is an answer from memory too.
        self.admins.count(1, usize::from(known.is_none()));
        if let Some(known) = known {
            return known;
        }
        let before = *self.forgotten();
        let asked = tokio::time::timeout(PATIENCE, self.ask(chat)).await;
        let admins = asked
            .unwrap_or_else(|_| Err(Unknown("no answer in 5 s".to_owned())))
            .inspect_err(|why| self.failed.insert(chat, why.clone()))?;
        let admins = Arc::new(admins);
        let forgotten = self.forgotten();
        if *forgotten == before {
            self.admins.insert(chat, admins.clone());
        }
        Ok(admins)
    }

    fn forgotten(&self) -> MutexGuard<'_, u64> {
        self.forgotten
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets a list: somebody's rights changed.
    pub fn forget(&self, chat: i64) {
        *self.forgotten() += 1;
        self.admins.forget(&chat);
        self.failed.forget(&chat);
    }

    /// Forgets all lists: changes may have been missed.
    pub fn forget_all(&self) {
        *self.forgotten() += 1;
        self.admins.forget_all();
    }

    async fn ask(&self, chat: i64) -> Result<Admins, Unknown> {
        // Admins that are bots are left out unless asked for (Bot API 10.3); older servers pass it over.
        let question = json!({ "chat_id": chat, "return_bots": true });
        let list = self
            .sender
            .ask(Method::GetChatAdministrators, &question)
            .await;
        let list = list.map_err(|e| Unknown(e.to_string()))?;
        let list = list
            .as_array()
            .ok_or_else(|| Unknown("not a list".to_owned()))?;
        let read = |m: &Value| {
            Some((
                m.pointer("/user/id")?.as_i64()?,
                Powers::of(m).unwrap_or_default(),
            ))
        };
        Ok(list.iter().filter_map(read).collect())
    }
}
