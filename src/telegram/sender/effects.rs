//! What a handler asks of Telegram, before it is a row of the outbox.
use serde_json::{Value, json};

use super::methods::Method;
use crate::base::clock::Millis;

/// Telegram takes an end nearer than this for "for good" (Bot API, restrictChatMember), in seconds.
const FOR_GOOD: i64 = 30;

/// The parameter of ours under which a file waits in its row.
pub const ATTACHED: &str = "beadle_attached";

/// Who goes first. Lower lanes are always served before higher ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum SendLane {
    /// Answers with a deadline: callback and join queries.
    Deadline = 0,
    /// Moderation, joins.
    Moderation = 1,
    /// Replies to a person.
    Reply = 2,
    /// Other messages.
    Other = 3,
    /// Broadcasts, 5 a second.
    Bulk = 4,
}

impl SendLane {
    /// All lanes, first served first.
    pub const ALL: [Self; 5] = [
        Self::Deadline,
        Self::Moderation,
        Self::Reply,
        Self::Other,
        Self::Bulk,
    ];
}

/// One call to Telegram, to be made once its cause is committed.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// What to call.
    pub method: Method,
    /// The chat whose order and limits it keeps; None for calls without one, as answers to callbacks.
    pub chat: Option<i64>,
    /// Who goes first.
    pub lane: SendLane,
    /// The method's parameters, as Telegram names them.
    pub params: Value,
    /// After this moment it is not sent any more.
    pub deadline: Option<Millis>,
    /// Sent in its place when Telegram refuses it, or it is too late for it.
    pub instead: Option<Box<Effect>>,
}

impl Effect {
    /// Any method. With a chat and without `chat_id` in `params`, `chat_id` is added.
    pub fn generic(method: Method, chat: Option<i64>, mut params: Value) -> Self {
        if let (Some(chat), Some(map)) = (chat, params.as_object_mut()) {
            map.entry("chat_id").or_insert(chat.into());
        }
        Self {
            method,
            chat,
            lane: SendLane::Other,
            params,
            deadline: None,
            instead: None,
        }
    }

    /// The same in another lane.
    #[must_use]
    pub fn lane(mut self, lane: SendLane) -> Self {
        self.lane = lane;
        self
    }

    /// The same, worthless after `deadline`.
    #[must_use]
    pub fn until(mut self, deadline: Millis) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// The same with one more parameter.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.params[name] = value.into();
        self
    }

    /// The same, with `other` in its place when Telegram refuses it or its deadline passes. One whose answer
    /// was lost has no successor: it may have been carried out.
    #[must_use]
    pub fn or(mut self, other: Self) -> Self {
        let last = match self.instead.take() {
            Some(next) => next.or(other),
            None => other,
        };
        self.instead = Some(Box::new(last));
        self
    }

    /// The same, seen only by `user` in the group to which it goes (Bot API 10.3, ephemeral messages). Telegram
    /// does not promise that somebody who is offline receives it.
    #[must_use]
    pub fn whispered(self, user: i64) -> Self {
        self.with(
            "ephemeral_message_parameters",
            json!({ "receiver_user_id": user }),
        )
    }

    /// A message in Telegram's HTML of any length; a long one becomes several, the last with `markup`.
    pub fn send_html(chat: i64, html: impl Into<String>, markup: Option<Value>) -> Self {
        let mut params = json!({ "text": html.into(), "parse_mode": "HTML" });
        if let Some(markup) = markup {
            params["reply_markup"] = markup;
        }
        Self::generic(Method::SendMessage, Some(chat), params)
    }

    /// A file of text, `name`, with a caption as HTML. The text lies in the row until Telegram has it: one or two
    /// megabytes at most.
    pub fn document(chat: i64, name: &str, content: String, caption: String) -> Self {
        let params = json!({
            "document": "attach://file",
            "caption": caption,
            "parse_mode": "HTML",
            (ATTACHED): { "name": name, "text": content },
        });
        Self::generic(Method::SendDocument, Some(chat), params)
    }

    /// An answer to the message `reply_to`; sent even when that one is gone. `topic` is the forum
    /// topic, only for messages that say `is_topic_message`.
    pub fn reply_html(
        chat: i64,
        reply_to: i64,
        topic: Option<i64>,
        html: impl Into<String>,
        markup: Option<Value>,
    ) -> Self {
        let mut effect = Self::send_html(chat, html, markup)
            .lane(SendLane::Reply)
            .with(
                "reply_parameters",
                json!({ "message_id": reply_to, "allow_sending_without_reply": true }),
            );
        if let Some(topic) = topic {
            effect.params["message_thread_id"] = topic.into();
        }
        effect
    }

    /// New text, and buttons or none, for a message of the bot. Too long a text is cut.
    pub fn edit_html(
        chat: i64,
        message: i64,
        html: impl Into<String>,
        markup: Option<Value>,
    ) -> Self {
        let mut params =
            json!({ "message_id": message, "text": html.into(), "parse_mode": "HTML" });
        if let Some(markup) = markup {
            params["reply_markup"] = markup;
        }
        Self::generic(Method::EditMessageText, Some(chat), params).lane(SendLane::Reply)
    }

    /// Removes a message. Neighbours in the queue are joined into one call.
    pub fn delete(chat: i64, message: i64) -> Self {
        Self::generic(
            Method::DeleteMessage,
            Some(chat),
            json!({ "message_id": message }),
        )
        .lane(SendLane::Moderation)
    }

    /// Answers a pressed button; `text` is cut to 200 characters. `deadline` is when Telegram stops
    /// taking the answer.
    pub fn answer_callback(
        id: &str,
        text: Option<&str>,
        alert: bool,
        deadline: Option<Millis>,
    ) -> Self {
        let mut params = json!({ "callback_query_id": id });
        if let Some(text) = text {
            params["text"] = super::text::cut(text, 200).into();
            params["show_alert"] = alert.into();
        }
        let mut effect = Self::generic(Method::AnswerCallbackQuery, None, params);
        effect.lane = SendLane::Deadline;
        effect.deadline = deadline;
        effect
    }

    /// Sets what `user` may do. `permissions` is a whole `ChatPermissions`, each right named;
    /// `until` in seconds since 1970 by Telegram's clock, None is for good.
    pub fn restrict(chat: i64, user: i64, permissions: Value, until: Option<i64>) -> Self {
        let mut params = json!({
            "user_id": user,
            "permissions": permissions,
            "use_independent_chat_permissions": true,
        });
        if let Some(until) = until {
            params["until_date"] = until.into();
        }
        Self::generic(Method::RestrictChatMember, Some(chat), params)
            .lane(SendLane::Moderation)
            .ending(until)
    }

    /// Bans `user`; `until` as in [`Effect::restrict`]. `revoke` removes the person's messages too.
    pub fn ban(chat: i64, user: i64, until: Option<i64>, revoke: bool) -> Self {
        let mut params = json!({ "user_id": user, "revoke_messages": revoke });
        if let Some(until) = until {
            params["until_date"] = until.into();
        }
        Self::generic(Method::BanChatMember, Some(chat), params)
            .lane(SendLane::Moderation)
            .ending(until)
    }

    /// A treatment that ends at `until` is worthless when it could leave only near that end: Telegram
    /// would make it one for good.
    fn ending(mut self, until: Option<i64>) -> Self {
        self.deadline = until.map(|until| until.saturating_sub(FOR_GOOD + 1).saturating_mul(1_000));
        self
    }

    /// Lifts a ban. Without `only_if_banned` a member is *removed*, which is not repeatable.
    pub fn unban(chat: i64, user: i64, only_if_banned: bool) -> Self {
        Self::generic(
            Method::UnbanChatMember,
            Some(chat),
            json!({ "user_id": user, "only_if_banned": only_if_banned }),
        )
        .lane(SendLane::Moderation)
    }

    /// Lets somebody in who asked to join.
    pub fn approve_join(chat: i64, user: i64) -> Self {
        Self::generic(
            Method::ApproveChatJoinRequest,
            Some(chat),
            json!({ "user_id": user }),
        )
        .lane(SendLane::Moderation)
    }

    /// Turns somebody away who asked to join.
    pub fn decline_join(chat: i64, user: i64) -> Self {
        Self::generic(
            Method::DeclineChatJoinRequest,
            Some(chat),
            json!({ "user_id": user }),
        )
        .lane(SendLane::Moderation)
    }

    /// The effects that carry a text too long for one message; one effect when it fits.
    pub(super) fn parts(&self) -> Vec<Self> {
        let html = self.params["parse_mode"] == "HTML";
        let Some(text) = self.params["text"].as_str().filter(|_| html) else {
            return vec![self.clone()];
        };
        match self.method {
            Method::SendMessage => {}
            Method::EditMessageText => {
                let cut = super::text::cut_html(text);
                return vec![self.clone().with("text", cut)];
            }
            _ => return vec![self.clone()],
        }
        let texts = super::text::split_html(text);
        let last = texts.len().saturating_sub(1);
        let part = |(i, text): (usize, String)| {
            let mut part = self.clone().with("text", text);
            if let Some(params) = part.params.as_object_mut() {
                if i != last {
                    params.remove("reply_markup");
                    part.instead = None;
                }
                if i != 0 {
                    params.remove("reply_parameters");
                }
            }
            part
        };
        texts.into_iter().enumerate().map(part).collect()
    }
}
