//! The methods the simulator carries out, by name.
use serde_json::{Value, json};

use super::errors::Outcome;
use super::params::Params;
use super::world::World;

mod chats;
mod compose;
mod delete;
mod edit;
mod files;
mod forum;
mod links;
mod members;
mod profile;
mod queries;
mod send;
mod webhook;

pub(crate) use queries::CALLBACK_LIFE;
pub(crate) use send::media_json;

/// What most methods give back.
pub(super) fn yes() -> Outcome {
    Ok(Value::Bool(true))
}

/// Carries out a method; none when the simulator has no room for it.
pub(crate) fn run(w: &mut World, method: &str, p: &Params) -> Option<Outcome> {
    Some(match method {
        "getMe" => profile::get_me(w),
        "logOut" | "close" => yes(),
        "setWebhook" => webhook::set(w, p),
        "deleteWebhook" => webhook::delete(w, p),
        "getWebhookInfo" => webhook::info(w),
        "sendMessage" => send::text(w, p),
        "sendRichMessage" => send::rich(w, p),
        "sendPhoto" => send::media(w, p, "photo", "can_send_photos"),
        "sendDocument" => send::media(w, p, "document", "can_send_documents"),
        "sendVideo" => send::media(w, p, "video", "can_send_videos"),
        "sendAnimation" => send::media(w, p, "animation", "can_send_other_messages"),
        "sendAudio" => send::media(w, p, "audio", "can_send_audios"),
        "sendVoice" => send::media(w, p, "voice", "can_send_voice_notes"),
        "sendVideoNote" => send::media(w, p, "video_note", "can_send_video_notes"),
        "sendSticker" => send::media(w, p, "sticker", "can_send_other_messages"),
        "sendMediaGroup" => send::album(w, p),
        "sendPoll" => send::poll(w, p),
        "stopPoll" => edit::stop_poll(w, p),
        "sendDice" => send::dice(w, p),
        "sendLocation" => send::location(w, p),
        "sendVenue" => send::venue(w, p),
        "sendContact" => send::contact(w, p),
        "sendChatAction" => send::action(w, p),
        "forwardMessage" => send::forward(w, p),
        "forwardMessages" => send::forward_many(w, p),
        "copyMessage" => send::copy(w, p),
        "copyMessages" => send::copy_many(w, p),
        "editMessageText" | "editEphemeralMessageText" => edit::text(w, p),
        "editMessageCaption" | "editEphemeralMessageCaption" => edit::caption(w, p),
        "editMessageReplyMarkup" | "editEphemeralMessageReplyMarkup" => edit::markup(w, p),
        "editMessageMedia" | "editEphemeralMessageMedia" => edit::media(w, p),
        "deleteMessage" => delete::one(w, p),
        "deleteMessages" => delete::many(w, p),
        "deleteEphemeralMessage" => delete::ephemeral(w, p),
        "setMessageReaction" => edit::react(w, p),
        "deleteMessageReaction" => edit::remove_reaction(w, p),
        "deleteAllMessageReactions" => edit::remove_reactions(w, p),
        "pinChatMessage" => chats::pin(w, p),
        "unpinChatMessage" => chats::unpin(w, p),
        "unpinAllChatMessages" => chats::unpin_all(w, p),
        "banChatMember" => members::ban(w, p),
        "unbanChatMember" => members::unban(w, p),
        "restrictChatMember" => members::restrict(w, p),
        "promoteChatMember" => members::promote(w, p),
        "setChatAdministratorCustomTitle" => members::title(w, p),
        "setChatMemberTag" => members::tag(w, p),
        "banChatSenderChat" => members::ban_sender(w, p, true),
        "unbanChatSenderChat" => members::ban_sender(w, p, false),
        "setChatPermissions" => members::permissions(w, p),
        "getChatMember" => members::get(w, p),
        "getChatMemberCount" => members::count(w, p),
        "getChatAdministrators" => members::administrators(w, p),
        "approveChatJoinRequest" => links::answer_request(w, p, true),
        "declineChatJoinRequest" => links::answer_request(w, p, false),
        "answerChatJoinRequestQuery" => links::answer_query(w, p),
        "sendChatJoinRequestWebApp" => links::web_app(w, p),
        "exportChatInviteLink" => links::export(w, p),
        "createChatInviteLink" => links::create(w, p),
        "editChatInviteLink" => links::edit(w, p),
        "revokeChatInviteLink" => links::revoke(w, p),
        "getChat" => chats::get(w, p),
        "leaveChat" => chats::leave(w, p),
        "setChatTitle" => chats::title(w, p),
        "setChatDescription" => chats::description(w, p),
        "setChatPhoto" => chats::photo(w, p),
        "deleteChatPhoto" => chats::delete_photo(w, p),
        "answerCallbackQuery" => queries::callback(w, p),
        "answerInlineQuery" => yes(),
        "getFile" => files::get(w, p),
        "getUserProfilePhotos" => files::photos(w, p),
        "setMyCommands" => profile::set_commands(w, p),
        "getMyCommands" => profile::get_commands(w, p),
        "deleteMyCommands" => profile::delete_commands(w, p),
        "setMyName" | "setMyDescription" | "setMyShortDescription" => profile::set(w, method, p),
        "getMyName" | "getMyDescription" | "getMyShortDescription" => profile::get(w, method, p),
        "setChatMenuButton" => profile::set_menu(w, p),
        "getChatMenuButton" => profile::get_menu(w, p),
        "setMyDefaultAdministratorRights" => profile::set_rights(w, p),
        "getMyDefaultAdministratorRights" => profile::get_rights(w, p),
        "createForumTopic" => forum::create(w, p),
        "editForumTopic" => forum::edit(w, p),
        "closeForumTopic" => forum::close(w, p, true),
        "reopenForumTopic" => forum::close(w, p, false),
        "deleteForumTopic" => forum::delete(w, p),
        "unpinAllForumTopicMessages" => forum::unpin(w, p),
        "getForumTopicIconStickers" => Ok(json!([])),
        _ => return None,
    })
}
