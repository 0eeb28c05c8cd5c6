//! Bans, restrictions, administrators, and who is who.
use serde_json::{Value, json};

use super::yes;
use crate::telegram::simulator::BOT_ID;
use crate::telegram::simulator::errors::{ApiError, Outcome};
use crate::telegram::simulator::params::Params;
use crate::telegram::simulator::world::World;
use crate::telegram::simulator::world::chat::ChatKind;
use crate::telegram::simulator::world::membership::Via;
use crate::telegram::simulator::world::people::{Member, Status};
use crate::telegram::simulator::world::rights::{Bits, RIGHTS};

const NO_RESTRICT: &str = "not enough rights to restrict/unrestrict chat member";

/// "If user is banned for more than 366 days or less than 30 seconds from the current time they are
/// considered to be banned forever."
fn until(w: &World, p: &Params) -> i64 {
    let date = p.int("until_date").unwrap_or(0);
    let span = date - w.unix();
    if (30..=366 * 86_400).contains(&span) {
        date
    } else {
        0
    }
}

fn group_only(w: &World, p: &Params) -> Result<(), ApiError> {
    if w.known(p)?.kind == ChatKind::Private {
        return Err(ApiError::bad(
            "method is available only for groups and supergroups",
        ));
    }
    Ok(())
}

fn supergroup_only(w: &World, p: &Params) -> Result<(), ApiError> {
    if w.known(p)?.kind != ChatKind::Supergroup {
        return Err(ApiError::bad("method is available only for supergroups"));
    }
    Ok(())
}

fn big_only(w: &World, p: &Params) -> Result<(), ApiError> {
    if !w.known(p)?.is_big() {
        return Err(ApiError::bad(
            "method is available for supergroup and channel chats only",
        ));
    }
    Ok(())
}

pub(super) fn ban(w: &mut World, p: &Params) -> Outcome {
    if w.known(p)?.kind == ChatKind::Private {
        return Err(ApiError::bad("can't ban members in private chats"));
    }
    let chat = w.ruled(p, "can_restrict_members", NO_RESTRICT)?;
    let user = w.person(p)?;
    let before = w.target(chat, user)?;
    // Basic groups know no temporary bans.
    let basic = w
        .chats
        .get(&chat)
        .is_some_and(|c| c.kind == ChatKind::Group);
    let until = if basic { 0 } else { until(w, p) };
    let after = Member {
        until,
        ..Member::new(Status::Kicked, before.since)
    };
    w.exit(chat, user, BOT_ID, after);
    // "Always True for supergroups and channels" is what the documentation says of the parameter;
    // the messages of supergroup members stay unless it is passed.
    if p.flag("revoke_messages") {
        let now = w.now();
        if let Some(place) = w.chats.get_mut(&chat) {
            for message in place.messages.values_mut() {
                if message.from() == Some(user)
                    && message.deleted_at.is_none()
                    && !message.is_service()
                {
                    message.deleted_at = Some(now);
                }
            }
        }
    }
    yes()
}

pub(super) fn unban(w: &mut World, p: &Params) -> Outcome {
    big_only(w, p)?;
    let chat = w.ruled(p, "can_restrict_members", NO_RESTRICT)?;
    let user = w.person(p)?;
    let before = w.target(chat, user)?;
    if p.flag("only_if_banned") && before.status != Status::Kicked {
        return yes();
    }
    // Without `only_if_banned` a member is put out, and what was restricted is so no more.
    w.exit(chat, user, BOT_ID, Member::new(Status::Left, before.since));
    yes()
}

pub(super) fn restrict(w: &mut World, p: &Params) -> Outcome {
    supergroup_only(w, p)?;
    let chat = w.ruled(p, "can_restrict_members", NO_RESTRICT)?;
    let user = w.person(p)?;
    let before = w.target(chat, user)?;
    if before.is_admin() {
        return Err(ApiError::bad("user is an administrator of the chat"));
    }
    let none = json!({});
    let wanted = p.get("permissions").unwrap_or(&none);
    let permissions = Bits::permissions_from(wanted, p.flag("use_independent_chat_permissions"));
    let inside = before.present();
    let since = before.since;
    let new = if permissions == Bits::all_permissions() {
        Member::new(if inside { Status::Member } else { Status::Left }, since)
    } else {
        Member {
            inside,
            permissions,
            until: until(w, p),
            tag: before.tag,
            ..Member::new(Status::Restricted, since)
        }
    };
    w.change(chat, user, new, BOT_ID, &Via::default());
    yes()
}

pub(super) fn promote(w: &mut World, p: &Params) -> Outcome {
    big_only(w, p)?;
    let chat = w.ruled(p, "can_promote_members", "not enough rights")?;
    let user = w.person(p)?;
    if user == BOT_ID {
        return Err(ApiError::bad("can't promote self"));
    }
    let before = w.member(chat, user);
    match before.status {
        Status::Creator => return Err(ApiError::bad("can't remove chat owner")),
        Status::Administrator if !before.editable => {
            return Err(ApiError::bad("CHAT_ADMIN_REQUIRED"));
        }
        _ if !before.present() && !w.chats.get(&chat).is_some_and(|c| c.is_channel()) => {
            return Err(ApiError::bad("USER_NOT_PARTICIPANT"));
        }
        _ => {}
    }
    let mut rights = Bits::default();
    for name in RIGHTS {
        rights.set(&RIGHTS, name, p.flag(name));
    }
    if rights != Bits::default() {
        rights.set(&RIGHTS, "can_manage_chat", true);
    }
    // Nobody gives what they have not got.
    let own = w.bot(chat).rights;
    if rights.0 & !own.0 != 0 {
        return Err(ApiError::bad("not enough rights"));
    }
    w.appoint(chat, user, rights, BOT_ID);
    if let Some(member) = w
        .chats
        .get_mut(&chat)
        .and_then(|c| c.members.get_mut(&user))
    {
        member.anonymous = p.flag("is_anonymous");
    }
    yes()
}

pub(super) fn title(w: &mut World, p: &Params) -> Outcome {
    supergroup_only(w, p)?;
    let chat = w.ruled(p, "can_promote_members", "not enough rights")?;
    let user = w.person(p)?;
    let member = w.member(chat, user);
    match member.status {
        Status::Creator => {
            return Err(ApiError::bad("only the owner can edit their custom title"));
        }
        Status::Administrator if !member.editable => {
            return Err(ApiError::bad(
                "not enough rights to change custom title of the user",
            ));
        }
        Status::Administrator => {}
        _ => return Err(ApiError::bad("user is not an administrator")),
    }
    let words = p.text("custom_title").unwrap_or_default();
    let new = Member {
        custom_title: (!words.is_empty()).then(|| words.to_owned()),
        ..member
    };
    w.change(chat, user, new, BOT_ID, &Via::default());
    yes()
}

pub(super) fn tag(w: &mut World, p: &Params) -> Outcome {
    supergroup_only(w, p)?;
    let chat = w.ruled(p, "can_manage_tags", "not enough rights to manage tags")?;
    let user = w.person(p)?;
    let tag = p.text("tag").unwrap_or_default();
    if tag.chars().count() > 16 {
        return Err(ApiError::bad("TAG_INVALID"));
    }
    let member = w.member(chat, user);
    if member.is_admin() || !member.present() {
        return Err(ApiError::bad("USER_NOT_PARTICIPANT"));
    }
    let new = Member {
        tag: (!tag.is_empty()).then(|| tag.to_owned()),
        ..member
    };
    w.change(chat, user, new, BOT_ID, &Via::default());
    yes()
}

pub(super) fn ban_sender(w: &mut World, p: &Params, ban: bool) -> Outcome {
    big_only(w, p)?;
    let chat = w.ruled(p, "can_restrict_members", NO_RESTRICT)?;
    let sender = p.int("sender_chat_id").unwrap_or_default();
    if !w.chats.get(&sender).is_some_and(|c| c.is_big()) {
        return Err(ApiError::bad("PARTICIPANT_ID_INVALID"));
    }
    if let Some(place) = w.chats.get_mut(&chat) {
        if ban {
            place.banned_senders.insert(sender);
        } else {
            place.banned_senders.remove(&sender);
        }
    }
    w.touch(chat);
    yes()
}

pub(super) fn permissions(w: &mut World, p: &Params) -> Outcome {
    group_only(w, p)?;
    let chat = w.ruled(
        p,
        "can_restrict_members",
        "not enough rights to change chat permissions",
    )?;
    let none = json!({});
    let wanted = p.get("permissions").unwrap_or(&none);
    let permissions = Bits::permissions_from(wanted, p.flag("use_independent_chat_permissions"));
    if let Some(place) = w.chats.get_mut(&chat) {
        if place.permissions == permissions {
            return Err(ApiError::bad("CHAT_NOT_MODIFIED"));
        }
        place.permissions = permissions;
    }
    w.touch(chat);
    yes()
}

pub(super) fn get(w: &mut World, p: &Params) -> Outcome {
    let chat = w.known(p)?;
    let id = chat.id;
    let private = chat.kind == ChatKind::Private;
    w.inside(p)?;
    let user = p.int("user_id").unwrap_or_default();
    if !w.users.contains_key(&user) {
        return Err(ApiError::bad("PARTICIPANT_ID_INVALID"));
    }
    if private {
        let member = Member::new(Status::Member, 0);
        return Ok(member.json(w.user_json(user), false));
    }
    // Lists of channel members are for administrators.
    let is_channel = w.chats.get(&id).is_some_and(|c| c.is_channel());
    if is_channel && user != BOT_ID && !w.bot(id).is_admin() {
        return Err(ApiError::bad("CHAT_ADMIN_REQUIRED"));
    }
    Ok(w.member_json(id, user))
}

pub(super) fn count(w: &mut World, p: &Params) -> Outcome {
    let chat = w.inside(p)?;
    if chat.kind == ChatKind::Private {
        return Ok(json!(2));
    }
    let now = w.unix();
    Ok(json!(
        chat.members
            .values()
            .filter(|m| m.at(now).present())
            .count()
    ))
}

pub(super) fn administrators(w: &mut World, p: &Params) -> Outcome {
    let chat = w.inside(p)?;
    if chat.kind == ChatKind::Private {
        return Err(ApiError::bad(
            "there are no administrators in the private chat",
        ));
    }
    let bots = p.flag("return_bots");
    let list: Vec<Value> = chat
        .members
        .iter()
        .filter(|(_, member)| member.is_admin())
        .filter(|(id, _)| {
            bots || **id == BOT_ID || !w.users.get(id).is_some_and(|user| user.is_bot)
        })
        .map(|(id, _)| w.member_json(chat.id, *id))
        .collect();
    Ok(Value::Array(list))
}
