//! The state of the small Telegram: everything behind one lock.
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use serde_json::{Value, json};

use super::faults::Rule;
use super::record::{Call, Violation};
use super::updates::Queue;
use super::webhook::Hook;
use super::{BOT_ID, SimOptions};
use crate::base::clock::SharedClock;
use crate::base::random::{Random, SeededRandom};

pub(crate) mod access;
pub(crate) mod chat;
pub(crate) mod delivery;
pub(crate) mod membership;
pub(crate) mod message;
pub(crate) mod people;
pub(crate) mod rights;

use chat::{Chat, ChatKind};
use people::{Member, Status, User};

/// Sender of anonymous administrators.
pub const GROUP_ANONYMOUS_BOT: i64 = 1_087_968_824;
/// Sender of posts that a linked channel forwards into its discussion group.
pub const TELEGRAM: i64 = 777_000;
/// Sender of messages that a user writes as a channel.
pub const CHANNEL_BOT: i64 = 136_817_688;

/// What the bot answered to a pressed button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallbackAnswer {
    /// The words shown, empty when there are none.
    pub text: String,
    /// As a window rather than a line.
    pub alert: bool,
    /// Milliseconds.
    pub at: i64,
}

/// A pressed button.
#[derive(Debug, Clone)]
pub(crate) struct Callback {
    pub(crate) user: i64,
    pub(crate) chat: i64,
    /// Milliseconds.
    pub(crate) at: i64,
    pub(crate) answer: Option<CallbackAnswer>,
}

/// A file that was sent.
#[derive(Debug, Clone)]
pub(crate) struct StoredFile {
    pub(crate) unique: String,
    pub(crate) path: String,
    /// Its size as declared, which may exceed the bytes kept.
    pub(crate) size: i64,
    pub(crate) name: String,
    pub(crate) mime: Option<String>,
    pub(crate) bytes: Vec<u8>,
}

/// Everything.
pub(crate) struct World {
    pub(crate) options: SimOptions,
    pub(crate) clock: SharedClock,
    pub(crate) random: SeededRandom,
    pub(crate) users: HashMap<i64, User>,
    pub(crate) chats: BTreeMap<i64, Chat>,
    pub(crate) callbacks: HashMap<String, Callback>,
    /// Join queries that wait for an answer: (chat, user, milliseconds).
    pub(crate) join_queries: HashMap<String, (i64, i64, i64)>,
    pub(crate) files: HashMap<String, StoredFile>,
    /// By (scope, language).
    pub(crate) commands: HashMap<(String, String), Value>,
    /// Names, descriptions, menu buttons, default rights: by method family and language.
    pub(crate) profile: HashMap<String, Value>,
    pub(crate) queue: Queue,
    pub(crate) hook: Option<Hook>,
    /// Milliseconds of the last setWebhook.
    pub(crate) hook_set_at: i64,
    pub(crate) rules: Vec<Rule>,
    pub(crate) calls: VecDeque<Call>,
    pub(crate) violations: Vec<Violation>,
    /// Moments (milliseconds) of sent messages: overall and by chat.
    pub(crate) sent: VecDeque<i64>,
    pub(crate) sent_in: HashMap<i64, VecDeque<i64>>,
    /// Chats whose changes the page has not seen: by version.
    pub(crate) version: u64,
    pub(crate) changed: HashMap<i64, u64>,
    pub(crate) touched: HashSet<i64>,
    next_user: i64,
    next_chat: i64,
    next_basic_message: i64,
}

impl World {
    pub(crate) fn new(options: SimOptions) -> Self {
        let clock = options.clock.clone();
        let random = SeededRandom::new(options.seed);
        // Update ids start anywhere; small enough to leave room below i32::MAX.
        let first = 100_000_000 + i64::try_from(random.below(100_000_000)).unwrap_or(0);
        let mut world = Self {
            clock,
            random,
            users: HashMap::new(),
            chats: BTreeMap::new(),
            callbacks: HashMap::new(),
            join_queries: HashMap::new(),
            files: HashMap::new(),
            commands: HashMap::new(),
            profile: HashMap::new(),
            queue: Queue::new(first),
            hook: None,
            hook_set_at: i64::MIN / 2,
            rules: Vec::new(),
            calls: VecDeque::new(),
            violations: Vec::new(),
            sent: VecDeque::new(),
            sent_in: HashMap::new(),
            version: 0,
            changed: HashMap::new(),
            touched: HashSet::new(),
            next_user: 5_000_000_001,
            next_chat: 2_000_000_001,
            next_basic_message: 1,
            options,
        };
        let mut bot = User::new(BOT_ID, &world.options.bot_name, true);
        bot.username = Some(world.options.bot_username.clone());
        world.users.insert(BOT_ID, bot);
        for (id, name, username) in [
            (GROUP_ANONYMOUS_BOT, "Group", Some("GroupAnonymousBot")),
            (CHANNEL_BOT, "Channel", Some("Channel_Bot")),
            (TELEGRAM, "Telegram", None),
        ] {
            let mut user = User::new(id, name, id != TELEGRAM);
            user.username = username.map(str::to_owned);
            world.users.insert(id, user);
        }
        world
    }

    /// Milliseconds.
    pub(crate) fn now(&self) -> i64 {
        self.clock.now()
    }

    /// Unix seconds, as Telegram writes dates.
    pub(crate) fn unix(&self) -> i64 {
        self.now().div_euclid(1000)
    }

    /// Marks a chat as changed, for those who watch.
    pub(crate) fn touch(&mut self, chat: i64) {
        self.touched.insert(chat);
    }

    /// Random letters and digits.
    pub(crate) fn token(&self, length: usize) -> String {
        const LETTERS: &[u8; 62] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        (0..length)
            .map(|_| char::from(LETTERS[usize::try_from(self.random.below(62)).unwrap_or(0)]))
            .collect()
    }

    pub(crate) fn add_user(&mut self, first_name: &str, is_bot: bool) -> i64 {
        let id = self.next_user;
        // Ids of people are not consecutive.
        self.next_user += 1 + i64::try_from(self.random.below(9)).unwrap_or(0);
        self.users.insert(id, User::new(id, first_name, is_bot));
        id
    }

    /// A new chat with `owner` as its creator.
    pub(crate) fn add_chat(&mut self, kind: ChatKind, title: &str, owner: i64) -> i64 {
        let number = self.next_chat;
        self.next_chat += 1 + i64::try_from(self.random.below(9)).unwrap_or(0);
        let id = match kind {
            ChatKind::Supergroup | ChatKind::Channel => -1_000_000_000_000 - number,
            ChatKind::Group => -(number - 1_000_000_000),
            ChatKind::Private => owner,
        };
        let mut chat = Chat::new(id, kind, title);
        let since = self.unix();
        if kind != ChatKind::Private {
            chat.members
                .insert(owner, Member::new(Status::Creator, since));
        }
        self.chats.insert(id, chat);
        self.touch(id);
        id
    }

    /// The private chat with this user, made when it is not there yet.
    pub(crate) fn private(&mut self, user: i64) -> i64 {
        if !self.chats.contains_key(&user) {
            self.add_chat(ChatKind::Private, "", user);
        }
        user
    }

    pub(crate) fn user_json(&self, id: i64) -> Value {
        self.users.get(&id).map_or_else(
            || json!({"id": id, "is_bot": false, "first_name": ""}),
            User::json,
        )
    }

    pub(crate) fn chat_json(&self, id: i64) -> Value {
        match self.chats.get(&id) {
            Some(chat) if chat.kind != ChatKind::Private => chat.json(),
            _ => {
                let mut chat = json!({"id": id, "type": "private"});
                if let Some(user) = self.users.get(&id) {
                    chat["first_name"] = json!(user.first_name);
                    if let Some(name) = &user.last_name {
                        chat["last_name"] = json!(name);
                    }
                    if let Some(name) = &user.username {
                        chat["username"] = json!(name);
                    }
                }
                chat
            }
        }
    }

    /// A fresh message id: counted by chat in supergroups and channels, by account elsewhere.
    pub(crate) fn message_id(&mut self, chat: i64) -> i64 {
        match self.chats.get_mut(&chat) {
            Some(chat) if chat.is_big() => {
                chat.next_message += 1;
                chat.next_message - 1
            }
            _ => {
                self.next_basic_message += 1;
                self.next_basic_message - 1
            }
        }
    }

    /// What a user is in a chat at this moment.
    pub(crate) fn member(&self, chat: i64, user: i64) -> Member {
        let now = self.unix();
        self.chats
            .get(&chat)
            .and_then(|c| c.members.get(&user))
            .map_or_else(|| Member::new(Status::Left, 0), |m| m.at(now))
    }

    pub(crate) fn bot(&self, chat: i64) -> Member {
        self.member(chat, BOT_ID)
    }

    /// The chat's owner; 0 when there is none.
    pub(crate) fn owner(&self, chat: i64) -> i64 {
        self.chats
            .get(&chat)
            .and_then(|c| c.members.iter().find(|(_, m)| m.status == Status::Creator))
            .map_or(0, |(id, _)| *id)
    }

    /// Keeps a file and gives its `file_id`.
    pub(crate) fn file_id(&mut self, name: &str, mime: Option<&str>, bytes: Vec<u8>) -> String {
        let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        self.file_of_size(name, mime, bytes, size)
    }

    /// Keeps a file that claims to be `size` bytes long, and gives its `file_id`.
    pub(crate) fn file_of_size(
        &mut self,
        name: &str,
        mime: Option<&str>,
        bytes: Vec<u8>,
        size: i64,
    ) -> String {
        let id = format!("BQAC{}", self.token(44));
        let unique = format!("AgAD{}", self.token(12));
        let ending = name.rsplit_once('.').map_or("bin", |(_, e)| e);
        let ending: String = ending
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(8)
            .collect();
        let path = format!("documents/file_{}.{ending}", self.files.len());
        let file = StoredFile {
            unique,
            path,
            size,
            name: name.to_owned(),
            mime: mime.map(str::to_owned),
            bytes,
        };
        self.files.insert(id.clone(), file);
        id
    }
}
