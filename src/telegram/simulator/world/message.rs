//! A message as the simulator keeps it: the Bot API's own JSON and what became of it.
use serde_json::Value;

/// A message, visible or gone.
#[derive(Debug, Clone)]
pub struct SimMessage {
    /// `message_id`; for an ephemeral message its `ephemeral_message_id`.
    pub message_id: i64,
    /// The chat it is in.
    pub chat_id: i64,
    /// The whole `Message`.
    pub value: Value,
    /// Milliseconds; none while it is visible.
    pub deleted_at: Option<i64>,
    /// How often it was edited.
    pub edits: u32,
    /// Sent by the bot under test.
    pub by_bot: bool,
    /// The one person who sees it, if it is ephemeral.
    pub receiver: Option<i64>,
}

/// A button under a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Button {
    /// What is written on it.
    pub text: String,
    /// `callback_data`, if it is a callback button.
    pub data: Option<String>,
    /// `url`, if it is a link.
    pub url: Option<String>,
}

impl SimMessage {
    /// Text or caption; empty when there is neither.
    pub fn text(&self) -> &str {
        let value = &self.value;
        value["text"]
            .as_str()
            .or_else(|| value["caption"].as_str())
            .unwrap_or_default()
    }

    /// `from.id`.
    pub fn from(&self) -> Option<i64> {
        self.value["from"]["id"].as_i64()
    }

    /// `sender_chat.id`.
    pub fn sender_chat(&self) -> Option<i64> {
        self.value["sender_chat"]["id"].as_i64()
    }

    /// Unix seconds.
    pub fn date(&self) -> i64 {
        self.value["date"].as_i64().unwrap_or_default()
    }

    /// `message_id` of the message it answers.
    pub fn reply_to(&self) -> Option<i64> {
        self.value["reply_to_message"]["message_id"].as_i64()
    }

    /// All inline buttons, row by row.
    pub fn buttons(&self) -> Vec<Button> {
        let rows = self.value["reply_markup"]["inline_keyboard"].as_array();
        let text = |value: &Value| value.as_str().map(str::to_owned);
        rows.into_iter()
            .flatten()
            .filter_map(Value::as_array)
            .flatten()
            .map(|button| Button {
                text: text(&button["text"]).unwrap_or_default(),
                data: text(&button["callback_data"]),
                url: text(&button["url"]),
            })
            .collect()
    }

    /// Part of the chat's life (join, pin …) rather than something said.
    pub fn is_service(&self) -> bool {
        const SERVICE: [&str; 20] = [
            "new_chat_members",
            "left_chat_member",
            "new_chat_title",
            "new_chat_photo",
            "delete_chat_photo",
            "group_chat_created",
            "supergroup_chat_created",
            "channel_chat_created",
            "message_auto_delete_timer_changed",
            "migrate_to_chat_id",
            "migrate_from_chat_id",
            "pinned_message",
            "forum_topic_created",
            "forum_topic_edited",
            "forum_topic_closed",
            "forum_topic_reopened",
            "general_forum_topic_hidden",
            "general_forum_topic_unhidden",
            "video_chat_started",
            "video_chat_ended",
        ];
        SERVICE.iter().any(|name| self.value.get(name).is_some())
    }
}
