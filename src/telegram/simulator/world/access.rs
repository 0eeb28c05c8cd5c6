//! Finding the chat, the user and the right that a call needs, or Telegram's words for why not.
use super::chat::{Chat, ChatKind};
use super::people::{Member, Status};
use super::{BOT_ID, World};
use crate::telegram::simulator::errors::ApiError;
use crate::telegram::simulator::params::Params;

impl World {
    /// `chat_id` as a number, resolving `@names`; whatever it names need not exist.
    pub(crate) fn chat_id(&self, params: &Params, name: &str) -> Option<i64> {
        let value = params.get(name)?;
        if let Some(id) = value.as_i64() {
            return Some(id);
        }
        let wanted = value.as_str()?.strip_prefix('@')?;
        self.chats
            .values()
            .find(|c| {
                c.username
                    .as_deref()
                    .is_some_and(|u| u.eq_ignore_ascii_case(wanted))
            })
            .map(|c| c.id)
    }

    /// A chat the bot can reach at all.
    pub(crate) fn known(&self, params: &Params) -> Result<&Chat, ApiError> {
        self.known_as(params, "chat_id")
    }

    pub(crate) fn known_as(&self, params: &Params, name: &str) -> Result<&Chat, ApiError> {
        let found = self
            .chat_id(params, name)
            .and_then(|id| self.chats.get(&id));
        let chat = found.ok_or_else(|| ApiError::bad("chat not found"))?;
        if let Some(to) = chat.migrated_to {
            return Err(ApiError::migrated(to));
        }
        if chat.deleted {
            return Err(ApiError::forbidden("the group chat was deleted"));
        }
        Ok(chat)
    }

    /// A chat the bot is in.
    pub(crate) fn inside(&self, params: &Params) -> Result<&Chat, ApiError> {
        let chat = self.known(params)?;
        self.check_inside(chat)?;
        Ok(chat)
    }

    fn check_inside(&self, chat: &Chat) -> Result<(), ApiError> {
        if chat.kind == ChatKind::Private {
            return Ok(());
        }
        let word = chat.kind.word();
        let ever = chat.members.contains_key(&BOT_ID);
        let bot = self.bot(chat.id);
        match bot.status {
            Status::Kicked => Err(ApiError::forbidden(format!(
                "bot was kicked from the {word} chat"
            ))),
            _ if bot.present() => Ok(()),
            // Telegram shows a public chat to strangers and hides a private one.
            _ if ever || chat.username.is_some() => Err(ApiError::forbidden(format!(
                "bot is not a member of the {word} chat"
            ))),
            _ => Err(ApiError::bad("chat not found")),
        }
    }

    /// A chat the bot may write to; `user_chat_id` of a join request works for five minutes.
    pub(crate) fn writable(&self, params: &Params, permission: &str) -> Result<i64, ApiError> {
        let Some(id) = self.chat_id(params, "chat_id") else {
            return Err(ApiError::bad("chat not found"));
        };
        if let Some(user) = self.users.get(&id) {
            if user.deactivated {
                return Err(ApiError::forbidden("user is deactivated"));
            }
            if user.is_bot {
                return Err(ApiError::forbidden("bot can't send messages to bots"));
            }
            if user.blocked_bot {
                return Err(ApiError::forbidden("bot was blocked by the user"));
            }
            if !user.started && user.reachable_until <= self.now() {
                return Err(ApiError::forbidden(
                    "bot can't initiate conversation with a user",
                ));
            }
            return Ok(id);
        }
        let chat = self.inside(params)?;
        let bot = self.bot(chat.id);
        let may = match bot.status {
            Status::Administrator if chat.is_channel() => bot.rights.allows("can_post_messages"),
            Status::Creator | Status::Administrator => true,
            Status::Restricted => bot.permissions.permits(permission),
            _ => !chat.is_channel() && chat.permissions.permits(permission),
        };
        if may {
            return Ok(id);
        }
        if chat.is_channel() {
            return Err(ApiError::bad(
                "need administrator rights in the channel chat",
            ));
        }
        let what = permission.trim_start_matches("can_send_").replace('_', " ");
        let what = if what == "messages" {
            "text messages".to_owned()
        } else {
            what
        };
        Err(ApiError::bad(format!(
            "not enough rights to send {what} to the chat"
        )))
    }

    /// A chat where the bot has this right.
    pub(crate) fn ruled(&self, params: &Params, right: &str, words: &str) -> Result<i64, ApiError> {
        let chat = self.inside(params)?;
        let bot = self.bot(chat.id);
        let may = match bot.status {
            Status::Creator => true,
            Status::Administrator => bot.rights.allows(right),
            // In basic groups and with open permissions members may do a little themselves.
            Status::Member => {
                !chat.is_channel()
                    && matches!(right, "can_change_info" | "can_pin_messages")
                    && chat.kind == ChatKind::Group
                    && chat.permissions.permits(right)
            }
            _ => false,
        };
        if may {
            Ok(chat.id)
        } else {
            Err(ApiError::bad(words))
        }
    }

    /// `user_id` of somebody Telegram knows.
    pub(crate) fn person(&self, params: &Params) -> Result<i64, ApiError> {
        let id = params.int("user_id").unwrap_or_default();
        if self.users.contains_key(&id) {
            Ok(id)
        } else {
            Err(ApiError::bad("PARTICIPANT_ID_INVALID"))
        }
    }

    /// Somebody the bot may restrict or remove.
    pub(crate) fn target(&self, chat: i64, user: i64) -> Result<Member, ApiError> {
        if user == BOT_ID {
            return Err(ApiError::bad("can't restrict self"));
        }
        let member = self.member(chat, user);
        match member.status {
            Status::Creator => Err(ApiError::bad("can't remove chat owner")),
            Status::Administrator if !member.editable => {
                Err(ApiError::bad("user is an administrator of the chat"))
            }
            _ => Ok(member),
        }
    }
}
