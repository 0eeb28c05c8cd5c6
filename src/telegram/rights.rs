//! Who may do what in a group, asked of Telegram and kept for a while.
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;
use serde_json::json;

use super::sender::{Method, Sender};

/// How long a list of admins is believed; changes that Telegram tells of end it at once.
const LIFE: Duration = Duration::from_secs(600);
/// After a failed question the same is not asked again for so long.
const AGAIN: Duration = Duration::from_secs(30);
/// A question is given up after this.
const PATIENCE: Duration = Duration::from_secs(5);

/// The lists of admins. Cheap to clone.
#[derive(Clone)]
pub struct Rights {
    sender: Sender,
    admins: Cache<i64, Arc<HashSet<i64>>>,
    failed: Cache<i64, Unknown>,
}

/// Telegram did not say who the admins are.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the list of admins is not to be had: {0}")]
pub struct Unknown(String);

impl Rights {
    /// Lists asked through `sender`.
    pub fn new(sender: Sender) -> Self {
        let admins = Cache::builder()
            .max_capacity(10_000)
            .time_to_live(LIFE)
            .build();
        let failed = Cache::builder()
            .max_capacity(10_000)
            .time_to_live(AGAIN)
            .build();
        Self {
            sender,
            admins,
            failed,
        }
    }

    /// Whether `user` is an admin or the owner of `chat`.
    pub async fn is_admin(&self, chat: i64, user: i64) -> Result<bool, Unknown> {
        if let Some(admins) = self.admins.get(&chat) {
            return Ok(admins.contains(&user));
        }
        if let Some(why) = self.failed.get(&chat) {
            return Err(why);
        }
        let asked = tokio::time::timeout(PATIENCE, self.ask(chat)).await;
        let admins = asked
            .unwrap_or_else(|_| Err(Unknown("no answer in 5 s".to_owned())))
            .inspect_err(|why| self.failed.insert(chat, why.clone()))?;
        let found = admins.contains(&user);
        self.admins.insert(chat, Arc::new(admins));
        Ok(found)
    }

    /// Forgets a list: somebody's rights changed.
    pub fn forget(&self, chat: i64) {
        self.admins.invalidate(&chat);
        self.failed.invalidate(&chat);
    }

    /// Forgets all lists: changes may have been missed.
    pub fn forget_all(&self) {
        self.admins.invalidate_all();
    }

    async fn ask(&self, chat: i64) -> Result<HashSet<i64>, Unknown> {
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
        Ok(list
            .iter()
            .filter_map(|m| m.pointer("/user/id")?.as_i64())
            .collect())
    }
}
