//! Invite links and join requests.
use serde_json::{Value, json};

use super::yes;
use crate::telegram::simulator::BOT_ID;
use crate::telegram::simulator::errors::{ApiError, Outcome};
use crate::telegram::simulator::params::Params;
use crate::telegram::simulator::world::World;
use crate::telegram::simulator::world::chat::Link;
use crate::telegram::simulator::world::membership::Via;

/// "…within 10 seconds" (ChatJoinRequest.query_id), in milliseconds.
const QUERY_LIFE: i64 = 10_000;

const NO_INVITE: &str = "not enough rights to manage chat invite link";

pub(super) fn answer_request(w: &mut World, p: &Params, approve: bool) -> Outcome {
    let chat = w.ruled(
        p,
        "can_invite_users",
        "not enough rights to process join requests",
    )?;
    let user = p.int("user_id").unwrap_or_default();
    if w.member(chat, user).present() {
        return Err(ApiError::bad("USER_ALREADY_PARTICIPANT"));
    }
    decide(w, chat, user, approve)
}

fn decide(w: &mut World, chat: i64, user: i64, approve: bool) -> Outcome {
    let request = w
        .chats
        .get_mut(&chat)
        .and_then(|place| place.requests.remove(&user));
    let Some(request) = request else {
        return Err(ApiError::bad("HIDE_REQUESTER_MISSING"));
    };
    if let Some(query) = &request.query {
        w.join_queries.remove(query);
    }
    if let Some(person) = w.users.get_mut(&user) {
        // "…until the join request is processed."
        person.reachable_until = 0;
    }
    w.touch(chat);
    if approve {
        let via = Via {
            link: request.link,
            request: true,
        };
        w.enter(chat, user, BOT_ID, &via);
    }
    yes()
}

fn query(w: &World, p: &Params) -> Result<(i64, i64), ApiError> {
    let old =
        || ApiError::bad("query is too old and response timeout expired or query ID is invalid");
    let id = p.text("chat_join_request_query_id").unwrap_or_default();
    let (chat, user, at) = w.join_queries.get(id).ok_or_else(old)?;
    if w.now() - at > QUERY_LIFE {
        return Err(old());
    }
    Ok((*chat, *user))
}

pub(super) fn answer_query(w: &mut World, p: &Params) -> Outcome {
    let (chat, user) = query(w, p)?;
    match p.text("result").unwrap_or_default() {
        "approve" => decide(w, chat, user, true),
        "decline" => decide(w, chat, user, false),
        "queue" => {
            w.join_queries
                .remove(p.text("chat_join_request_query_id").unwrap_or_default());
            yes()
        }
        _ => Err(ApiError::bad("wrong result specified")),
    }
}

pub(super) fn web_app(w: &mut World, p: &Params) -> Outcome {
    query(w, p)?;
    if p.text("web_app_url")
        .is_some_and(|url| !url.starts_with("https://"))
    {
        return Err(ApiError::bad("Wrong HTTP URL specified"));
    }
    yes()
}

impl World {
    /// A new link of `creator`; a new primary one revokes the old.
    pub(crate) fn new_link(&mut self, chat: i64, creator: i64, primary: bool) -> String {
        let url = format!("https://t.me/+{}", self.token(16));
        if let Some(place) = self.chats.get_mut(&chat) {
            if primary {
                for link in place
                    .links
                    .iter_mut()
                    .filter(|l| l.primary && l.creator == creator)
                {
                    link.revoked = true;
                    link.primary = false;
                }
            }
            place.links.push(Link {
                url: url.clone(),
                creator,
                join_request: false,
                primary,
                revoked: false,
                name: None,
                expires: None,
                limit: None,
                used: 0,
            });
        }
        url
    }
}

pub(super) fn export(w: &mut World, p: &Params) -> Outcome {
    let chat = w.ruled(p, "can_invite_users", NO_INVITE)?;
    Ok(json!(w.new_link(chat, BOT_ID, true)))
}

fn fill(w: &mut World, p: &Params, chat: i64, url: &str) -> Result<(), ApiError> {
    if p.flag("creates_join_request") && p.int("member_limit").is_some_and(|limit| limit > 0) {
        return Err(ApiError::bad(
            "member limit can't be specified for links requiring administrator approval",
        ));
    }
    let place = w.chats.get_mut(&chat);
    if let Some(link) = place.and_then(|c| c.links.iter_mut().find(|l| l.url == url)) {
        link.name = p
            .text("name")
            .filter(|name| !name.is_empty())
            .map(str::to_owned);
        link.expires = p.int("expire_date").filter(|date| *date > 0);
        link.limit = p.int("member_limit").filter(|limit| *limit > 0);
        link.join_request = p.flag("creates_join_request");
    }
    Ok(())
}

fn shown(w: &World, chat: i64, url: &str) -> Outcome {
    w.link_json(chat, url)
        .ok_or_else(|| ApiError::bad("INVITE_HASH_EXPIRED"))
}

pub(super) fn create(w: &mut World, p: &Params) -> Outcome {
    let chat = w.ruled(p, "can_invite_users", NO_INVITE)?;
    let url = w.new_link(chat, BOT_ID, false);
    fill(w, p, chat, &url)?;
    shown(w, chat, &url)
}

fn own(w: &World, p: &Params, chat: i64) -> Result<String, ApiError> {
    let url = p.text("invite_link").unwrap_or_default();
    let there = w
        .chats
        .get(&chat)
        .and_then(|c| c.links.iter().find(|l| l.url == url));
    match there {
        Some(link) if link.creator == BOT_ID => Ok(url.to_owned()),
        _ => Err(ApiError::bad("INVITE_HASH_EXPIRED")),
    }
}

pub(super) fn edit(w: &mut World, p: &Params) -> Outcome {
    let chat = w.ruled(p, "can_invite_users", NO_INVITE)?;
    let url = own(w, p, chat)?;
    fill(w, p, chat, &url)?;
    shown(w, chat, &url)
}

pub(super) fn revoke(w: &mut World, p: &Params) -> Outcome {
    let chat = w.ruled(p, "can_invite_users", NO_INVITE)?;
    let url = own(w, p, chat)?;
    let place = w.chats.get_mut(&chat);
    if let Some(link) = place.and_then(|c| c.links.iter_mut().find(|l| l.url == url)) {
        link.revoked = true;
    }
    let value: Value = shown(w, chat, &url)?;
    Ok(value)
}
