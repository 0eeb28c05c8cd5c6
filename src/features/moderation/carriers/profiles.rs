//! What profiles show, asked of Telegram within the budget for questions and remembered as flags, in memory only.
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::profile::Profile;
use crate::observe::cache::{Cache, Caches, Life};
use crate::telegram::sender::{Method, Sender};

/// How long an answer is believed, and how long a question that was not answered is not asked again.
const LIFE: Duration = Duration::from_secs(3_600);
/// A question is given up after this: before a query at the door is cut short (7 s).
const PATIENCE: Duration = Duration::from_secs(4);
/// Questions under way that no message waits for.
const AT_A_TIME: usize = 16;
/// People whose turn is waited for; beyond that they are asked about at their next message.
const WAITING: usize = 512;
/// So long is waited for a turn and room in the budget.
const TURN: Duration = Duration::from_secs(60);
/// How often it is looked whether there is room.
const LOOK: Duration = Duration::from_millis(100);

/// The profiles known. Cheap to clone; clones share.
#[derive(Clone)]
pub struct Profiles {
    sender: Sender,
    /// None is one that Telegram did not tell of.
    known: Cache<i64, Option<Profile>>,
    turns: Arc<Semaphore>,
    places: Arc<Semaphore>,
}

impl Profiles {
    /// Asked through `sender`, kept in one hundredth of `cache_bytes`.
    pub fn new(sender: Sender, cache_bytes: u64) -> Self {
        Self {
            sender,
            known: Cache::new("profiles", Life::Written(LIFE), cache_bytes / 100, |_, _| 0),
            turns: Arc::new(Semaphore::new(AT_A_TIME)),
            places: Arc::new(Semaphore::new(WAITING)),
        }
    }

    /// Enters the cache among all caches.
    pub fn tell_caches(&self, book: &Caches) {
        book.add(&self.known);
    }

    /// What is known of `user`; None where nobody has asked yet, `Some(None)` where Telegram did not tell.
    pub fn peek(&self, user: i64) -> Option<Option<Profile>> {
        self.known.peek(&user)
    }

    /// What `user`'s profile shows: known, or asked now. None where Telegram does not tell, which speaks against nobody.
    pub async fn of(&self, user: i64) -> Option<Profile> {
        match self.known.get(&user) {
            Some(known) => known,
            None => self.ask(user).await,
        }
    }

    async fn ask(&self, user: i64) -> Option<Profile> {
        let question = json!({ "chat_id": user });
        let asked = self.sender.ask(Method::GetChat, &question);
        let found = match tokio::time::timeout(PATIENCE, asked).await {
            Ok(Ok(chat)) => Some(read(&chat)),
            Ok(Err(e)) => {
                tracing::debug!(user, error = %e, "a profile is not to be had");
                None
            }
            Err(_) => None,
        };
        self.known.insert(user, found);
        found
    }

    /// What `user`'s profile shows, for whom no message waits: asked in turn, and only while the budget for questions
    /// has room to spare, so that nobody waits for it who decides by another answer. None where Telegram does not tell,
    /// and where too many are asked about.
    pub async fn when_spare(&self, user: i64) -> Option<Profile> {
        let _place = self.places.try_acquire().ok()?;
        let told = async {
            let _turn = self.turns.acquire().await.ok()?;
            loop {
                if let Some(known) = self.known.peek(&user) {
                    return known;
                }
                if self.sender.has_questions_to_spare() {
                    return self.ask(user).await;
                }
                tokio::time::sleep(LOOK).await;
            }
        };
        tokio::time::timeout(TURN, told).await.ok().flatten()
    }
}

/// Of a `ChatFullInfo`.
fn read(chat: &Value) -> Profile {
    let text = |name: &str| chat[name].as_str();
    let channel = chat["personal_chat"]["title"].as_str();
    Profile::of_name(text("first_name").unwrap_or_default(), text("last_name"))
        .with_rest(text("bio"), channel)
}
