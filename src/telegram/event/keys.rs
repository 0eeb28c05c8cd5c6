//! Telegram's names: which fields carry words, which are for machines. From the Bot API 10.3 schema.
use super::Source;

/// What a field of a message is to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Ids, flags and people that are read elsewhere. Only a container in it would be strange.
    Meta,
    /// Content: named in `content`, its words are of this source.
    Content(Source),
    /// A service message, its words are of this source.
    Service(Source),
    /// Goes with content: forward origin, buttons, signature.
    Beside(Source),
    /// Read last: somebody else's message.
    Foreign,
    /// Not known to this version.
    Unknown,
}

/// The role of a field of `Message`.
pub(super) fn role(field: &str) -> Role {
    use Role::*;
    use Source as S;
    match field {
        "message_id"
        | "message_thread_id"
        | "direct_messages_topic"
        | "from"
        | "chat"
        | "date"
        | "edit_date"
        | "sender_boost_count"
        | "receiver_user"
        | "ephemeral_message_id"
        | "guest_query_id"
        | "business_connection_id"
        | "forward_date"
        | "forward_from_message_id"
        | "is_topic_message"
        | "is_automatic_forward"
        | "reply_to_checklist_task_id"
        | "reply_to_poll_option_id"
        | "has_protected_content"
        | "is_from_offline"
        | "is_paid_post"
        | "media_group_id"
        | "paid_star_count"
        | "effect_id"
        | "show_caption_above_media"
        | "has_media_spoiler"
        | "suggested_post_info" => Meta,
        "entities" | "text" => Content(S::Text),
        "caption" | "caption_entities" => Content(S::Caption),
        "rich_message" => Content(S::RichText),
        "animation" | "audio" | "document" | "live_photo" | "photo" | "video" | "video_note"
        | "voice" => Content(S::DocumentName),
        "paid_media" => Content(S::PaidMedia),
        "sticker" => Content(S::Sticker),
        "story" => Content(S::Story),
        "checklist" => Content(S::Checklist),
        "contact" => Content(S::Contact),
        "game" => Content(S::Game),
        "poll" => Content(S::Poll),
        "venue" => Content(S::Venue),
        "dice" | "location" => Content(S::Other),
        "invoice" => Content(S::Invoice),
        "giveaway" | "giveaway_winners" => Content(S::Giveaway),
        "quote" => Beside(S::Quote),
        "external_reply" => Beside(S::ExternalReply),
        "reply_to_story" => Beside(S::Story),
        "forward_origin"
        | "forward_from"
        | "forward_from_chat"
        | "forward_sender_name"
        | "forward_signature" => Beside(S::ForwardOrigin),
        "via_bot" | "sender_business_bot" | "guest_bot_caller_user" | "guest_bot_caller_chat" => {
            Beside(S::ViaBot)
        }
        "sender_chat" => Beside(S::SenderChat),
        "author_signature" | "sender_tag" => Beside(S::Signature),
        "link_preview_options" => Beside(S::LinkPreview),
        "reply_markup" => Beside(S::Button),
        "reply_to_message" => Foreign,
        "giveaway_created" | "giveaway_completed" => Service(S::Giveaway),
        "checklist_tasks_done" | "checklist_tasks_added" => Service(S::Checklist),
        "poll_option_added" | "poll_option_deleted" => Service(S::Poll),
        _ if SERVICE.contains(&field) => Service(S::Other),
        _ => Unknown,
    }
}

/// Other service fields of `Message`, those of older versions too.
const SERVICE: &[&str] = &[
    "new_chat_members",
    "new_chat_member",
    "new_chat_participant",
    "left_chat_member",
    "left_chat_participant",
    "migrate_to_chat_id",
    "migrate_from_chat_id",
    "chat_owner_left",
    "chat_owner_changed",
    "new_chat_title",
    "new_chat_photo",
    "delete_chat_photo",
    "group_chat_created",
    "supergroup_chat_created",
    "channel_chat_created",
    "message_auto_delete_timer_changed",
    "pinned_message",
    "successful_payment",
    "refunded_payment",
    "user_shared",
    "users_shared",
    "chat_shared",
    "gift",
    "unique_gift",
    "gift_upgrade_sent",
    "connected_website",
    "write_access_allowed",
    "passport_data",
    "proximity_alert_triggered",
    "boost_added",
    "chat_background_set",
    "community_chat_added",
    "community_chat_joined",
    "community_chat_removed",
    "direct_message_price_changed",
    "forum_topic_created",
    "forum_topic_edited",
    "forum_topic_closed",
    "forum_topic_reopened",
    "general_forum_topic_hidden",
    "general_forum_topic_unhidden",
    "managed_bot_created",
    "paid_message_price_changed",
    "suggested_post_approved",
    "suggested_post_approval_failed",
    "suggested_post_declined",
    "suggested_post_paid",
    "suggested_post_refunded",
    "video_chat_scheduled",
    "video_chat_started",
    "video_chat_ended",
    "video_chat_participants_invited",
    "voice_chat_scheduled",
    "voice_chat_started",
    "voice_chat_ended",
    "voice_chat_participants_invited",
    "web_app_data",
];

/// Somebody else's message inside an object; its words are never the sender's.
pub(super) fn is_foreign_message(key: &str) -> bool {
    matches!(
        key,
        "reply_to_message"
            | "pinned_message"
            | "checklist_message"
            | "poll_message"
            | "suggested_post_message"
    )
}

/// Kinds of updates beyond those of [`Kind`](super::Kind) that this version has heard of.
pub(super) fn is_known_kind(name: &str) -> bool {
    matches!(
        name,
        "business_connection"
            | "business_message"
            | "edited_business_message"
            | "deleted_business_messages"
            | "guest_message"
            | "inline_query"
            | "chosen_inline_result"
            | "shipping_query"
            | "pre_checkout_query"
            | "purchased_paid_media"
            | "poll"
            | "poll_answer"
            | "chat_boost"
            | "removed_chat_boost"
            | "managed_bot"
            | "subscription"
            | "stopped_message_generation"
    )
}

/// Strings nobody is shown: identifiers, codes, enumerations. Only a plain string is passed over; a
/// container under such a name is read like any other.
pub(super) fn is_machine(key: &str) -> bool {
    key.ends_with("_id")
        || key.ends_with("_ids")
        || key.ends_with("file_path")
        || matches!(
            key,
            "id" | "type"
                | "status"
                | "mime_type"
                | "language_code"
                | "chat_instance"
                | "style"
                | "currency"
                | "callback_data"
                | "invoice_payload"
                | "paid_media_payload"
                | "start_parameter"
                | "parse_mode"
                | "date_time_format"
                | "align"
                | "valign"
                | "country_code"
                | "country_codes"
                | "foursquare_type"
                | "google_place_type"
                | "codec"
                | "rarity"
                | "point"
                | "emoji"
                | "sticker_type"
                | "chat_type"
                | "source"
                | "origin"
                | "state"
                | "reason"
                | "hash"
                | "secret"
                | "anchor_name"
                | "reference_name"
                | "game_short_name"
                | "offset"
                | "length"
        )
}

/// Types of `MessageEntity`.
pub(super) fn is_known_entity(kind: &str) -> bool {
    matches!(
        kind,
        "mention"
            | "hashtag"
            | "cashtag"
            | "bot_command"
            | "url"
            | "email"
            | "phone_number"
            | "bold"
            | "italic"
            | "underline"
            | "strikethrough"
            | "spoiler"
            | "blockquote"
            | "expandable_blockquote"
            | "code"
            | "pre"
            | "text_link"
            | "text_mention"
            | "custom_emoji"
            | "date_time"
    )
}

/// Types of `RichText` and `RichBlock`.
pub(super) fn is_known_rich(kind: &str) -> bool {
    matches!(
        kind,
        "bold" | "italic" | "underline" | "strikethrough" | "spoiler" | "date_time"
            | "text_mention" | "subscript" | "superscript" | "marked" | "code" | "custom_emoji"
            | "mathematical_expression" | "url" | "email_address" | "phone_number"
            | "bank_card_number" | "mention" | "hashtag" | "cashtag" | "bot_command" | "button"
            | "anchor" | "anchor_link" | "reference" | "reference_link"
            // Blocks.
            | "paragraph" | "heading" | "pre" | "footer" | "divider" | "list" | "blockquote"
            | "expandable_blockquote" | "pullquote" | "collage" | "slideshow" | "table"
            | "details" | "map" | "buttons" | "animation" | "audio" | "document" | "photo"
            | "video" | "voice_note" | "thinking"
            // Labels of list items.
            | "a" | "A" | "i" | "I" | "1"
    )
}
