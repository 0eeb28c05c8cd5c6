//! Changes of membership, with the updates and service messages that Telegram makes of them.
use serde_json::{Value, json};

use super::chat::ChatKind;
use super::delivery::DAY;
use super::people::{Member, Status};
use super::rights::Bits;
use super::{BOT_ID, World};
use crate::telegram::simulator::updates::{Key, Origin};

/// By which door somebody came.
#[derive(Debug, Clone, Default)]
pub(crate) struct Via {
    /// The link's URL.
    pub(crate) link: Option<String>,
    /// After a request that was approved.
    pub(crate) request: bool,
}

impl World {
    /// `ChatMember` of a user now.
    pub(crate) fn member_json(&self, chat: i64, user: i64) -> Value {
        let channel = self
            .chats
            .get(&chat)
            .is_some_and(super::chat::Chat::is_channel);
        self.member(chat, user).json(self.user_json(user), channel)
    }

    /// Sets a member's state and tells the bot: `my_chat_member` for itself, `chat_member` for
    /// others where it is an administrator.
    pub(crate) fn change(&mut self, chat: i64, user: i64, new: Member, actor: i64, via: &Via) {
        let old = self.member_json(chat, user);
        let saw = self.bot(chat).is_admin();
        if let Some(place) = self.chats.get_mut(&chat) {
            place.members.insert(user, new);
        }
        self.touch(chat);
        let fresh = self.member_json(chat, user);
        if old == fresh {
            return;
        }
        let mut update = json!({
            "chat": self.chat_json(chat),
            "from": self.user_json(actor),
            "date": self.unix(),
            "old_chat_member": old,
            "new_chat_member": fresh,
        });
        if let Some(link) = via.link.as_ref().and_then(|url| self.link_json(chat, url)) {
            update["invite_link"] = link;
        } else if via.request {
            update["via_join_request"] = json!(true);
        }
        let expires = self.now() + DAY * 1000;
        if user == BOT_ID {
            self.push(
                "my_chat_member",
                &update,
                expires,
                Key::User(actor),
                Origin::Simulator,
            );
        } else if saw && self.bot(chat).is_admin() {
            self.push(
                "chat_member",
                &update,
                expires,
                Key::User(user),
                Origin::Simulator,
            );
        }
    }

    /// Somebody comes in, on their own or added by `actor`; false when a ban keeps them out.
    pub(crate) fn enter(&mut self, chat: i64, user: i64, actor: i64, via: &Via) -> bool {
        let before = self.member(chat, user);
        if before.status == Status::Kicked && actor == user {
            return false;
        }
        if before.present() {
            return true;
        }
        let since = self.unix();
        let member = if before.status == Status::Restricted {
            Member {
                inside: true,
                since,
                ..before
            }
        } else {
            Member::new(Status::Member, since)
        };
        if let Some(place) = self.chats.get_mut(&chat) {
            place.requests.remove(&user);
            if let Some(link) = place
                .links
                .iter_mut()
                .find(|l| Some(&l.url) == via.link.as_ref())
            {
                link.used += 1;
            }
        }
        self.change(chat, user, member, actor, via);
        if self.shows_joins(chat) {
            let joined = json!({"new_chat_members": [self.user_json(user)]});
            self.service(chat, actor, joined);
        }
        true
    }

    /// Somebody goes out: on their own (`actor` is `user`) or removed; `status` says what they are
    /// afterwards.
    pub(crate) fn exit(&mut self, chat: i64, user: i64, actor: i64, after: Member) {
        let inside = self.member(chat, user).present();
        if inside && self.shows_joins(chat) && user != BOT_ID {
            // The service message comes first, while the bot is still sure to be inside.
            let left = json!({"left_chat_member": self.user_json(user)});
            self.service(chat, actor, left);
        }
        self.change(chat, user, after, actor, &Via::default());
    }

    /// Groups show who came and went; channels do not.
    fn shows_joins(&self, chat: i64) -> bool {
        let kind = self.chats.get(&chat).map(|c| c.kind);
        self.options.join_messages && matches!(kind, Some(ChatKind::Group | ChatKind::Supergroup))
    }

    /// Makes the bot (or another user) an administrator with these rights; empty rights demote.
    pub(crate) fn appoint(&mut self, chat: i64, user: i64, rights: Bits, actor: i64) {
        let before = self.member(chat, user);
        let since = if before.present() {
            before.since
        } else {
            self.unix()
        };
        let new = if rights == Bits::default() {
            Member::new(Status::Member, since)
        } else {
            Member {
                rights,
                editable: actor == BOT_ID,
                anonymous: before.anonymous,
                custom_title: before.custom_title.clone(),
                ..Member::new(Status::Administrator, since)
            }
        };
        let entered = !before.present();
        self.change(chat, user, new, actor, &Via::default());
        if entered && self.shows_joins(chat) {
            let joined = json!({"new_chat_members": [self.user_json(user)]});
            self.service(chat, actor, joined);
        }
    }

    /// A request to join; the bot is told where it may invite.
    pub(crate) fn ask_to_join(&mut self, chat: i64, user: i64, link: Option<String>) -> bool {
        let before = self.member(chat, user);
        if before.present() || before.status == Status::Kicked || !self.chats.contains_key(&chat) {
            return false;
        }
        let now = self.now();
        let query = self.options.join_queries.then(|| self.token(20));
        if let Some(id) = &query {
            self.join_queries.insert(id.clone(), (chat, user, now));
        }
        let request = super::chat::Request {
            query: query.clone(),
            link: link.clone(),
        };
        if let Some(place) = self.chats.get_mut(&chat) {
            place.requests.insert(user, request);
        }
        self.touch(chat);
        if !self.bot(chat).rights.allows("can_invite_users") {
            return true;
        }
        // "The bot can use this identifier for 5 minutes."
        let mut update = json!({
            "chat": self.chat_json(chat),
            "from": self.user_json(user),
            "user_chat_id": user,
            "date": self.unix(),
        });
        if let Some(person) = self.users.get_mut(&user) {
            person.reachable_until = now + 300_000;
            if let Some(bio) = &person.bio {
                update["bio"] = json!(bio);
            }
        }
        if let Some(id) = query {
            update["query_id"] = json!(id);
        }
        if let Some(link) = link.and_then(|url| self.link_json(chat, &url)) {
            update["invite_link"] = link;
        }
        let expires = now + DAY * 1000;
        self.push(
            "chat_join_request",
            &update,
            expires,
            Key::User(user),
            Origin::Simulator,
        );
        true
    }

    /// `ChatInviteLink`.
    pub(crate) fn link_json(&self, chat: i64, url: &str) -> Option<Value> {
        let place = self.chats.get(&chat)?;
        let link = place.links.iter().find(|link| link.url == url)?;
        let mut value = json!({
            "invite_link": link.url,
            "creator": self.user_json(link.creator),
            "creates_join_request": link.join_request,
            "is_primary": link.primary,
            "is_revoked": link.revoked,
        });
        if let Some(name) = &link.name {
            value["name"] = json!(name);
        }
        if let Some(date) = link.expires {
            value["expire_date"] = json!(date);
        }
        if let Some(limit) = link.limit {
            value["member_limit"] = json!(limit);
        }
        let waiting = place
            .requests
            .values()
            .filter(|r| r.link.as_deref() == Some(url))
            .count();
        if waiting > 0 {
            value["pending_join_request_count"] = json!(waiting);
        }
        Some(value)
    }

    /// A basic group becomes a supergroup; gives the new chat.
    pub(crate) fn upgrade(&mut self, group: i64) -> Option<i64> {
        let old = self
            .chats
            .get(&group)
            .filter(|c| c.kind == ChatKind::Group)?;
        if let Some(already) = old.migrated_to {
            return Some(already);
        }
        let (title, members, permissions) =
            (old.title.clone(), old.members.clone(), old.permissions);
        let owner = self.owner(group);
        let new = self.add_chat(ChatKind::Supergroup, &title, owner);
        if let Some(chat) = self.chats.get_mut(&new) {
            chat.members = members;
            chat.permissions = permissions;
        }
        self.service(group, owner, json!({"migrate_to_chat_id": new}));
        self.service(new, owner, json!({"migrate_from_chat_id": group}));
        if let Some(chat) = self.chats.get_mut(&group) {
            chat.migrated_to = Some(new);
        }
        self.touch(group);
        Some(new)
    }
}
