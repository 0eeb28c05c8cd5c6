//! What people do to chats and membership, and what tests read.
use std::time::Duration;

use serde_json::{Value, json};

use super::faults::{Fault, Rule};
use super::record::{Call, Place, Violation};
use super::updates::{Key, Origin};
use super::world::chat::ChatKind;
use super::world::delivery::DAY;
use super::world::membership::Via;
use super::world::people::{Member, Status};
use super::world::rights::{Bits, PERMISSIONS, RIGHTS};
use super::{BOT_ID, ChatId, Simulator, UserId};

/// A member as tests look at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberView {
    /// Status at this moment of the simulator's clock.
    pub status: Status,
    /// In the chat now.
    pub present: bool,
    /// Unix seconds; 0: forever or not restricted.
    pub until: i64,
    /// What they may do: Telegram's names of permissions (of members) or rights (of administrators).
    pub can: Vec<&'static str>,
}

impl MemberView {
    /// May they do this (`can_send_messages`, `can_delete_messages` …)?
    pub fn may(&self, name: &str) -> bool {
        self.can.contains(&name)
    }
}

impl Simulator {
    /// A person.
    pub fn user(&self, first_name: &str) -> UserId {
        self.shared.write(|w| w.add_user(first_name, false))
    }

    /// Another bot.
    pub fn other_bot(&self, first_name: &str) -> UserId {
        self.shared.write(|w| w.add_user(first_name, true))
    }

    /// Changes a person: `first_name`, `last_name`, `username`, `language_code`, `is_premium`, `bio`,
    /// `photo` (a `file_id`).
    pub fn set_user(&self, user: UserId, fields: &Value) {
        self.shared.write(|w| {
            let Some(person) = w.users.get_mut(&user) else {
                return;
            };
            let text = |name: &str| fields[name].as_str().map(str::to_owned);
            if let Some(name) = text("first_name") {
                person.first_name = name;
            }
            person.last_name = text("last_name").or_else(|| person.last_name.take());
            person.username = text("username").or_else(|| person.username.take());
            person.language = text("language_code").or_else(|| person.language.take());
            person.bio = text("bio").or_else(|| person.bio.take());
            person.photos.extend(text("photo"));
            if let Some(premium) = fields["is_premium"].as_bool() {
                person.premium = premium;
            }
        });
    }

    fn chat_of(&self, kind: ChatKind, title: &str) -> ChatId {
        self.shared.write(|w| {
            let owner = w.add_user(&format!("Owner of {title}"), false);
            w.add_chat(kind, title, owner)
        })
    }

    /// A supergroup with an owner; the bot is not in it.
    pub fn supergroup(&self, title: &str) -> ChatId {
        self.chat_of(ChatKind::Supergroup, title)
    }

    /// A further supergroup of somebody who may have others; the bot is not in it.
    pub fn supergroup_of(&self, owner: UserId, title: &str) -> ChatId {
        self.shared
            .write(|w| w.add_chat(ChatKind::Supergroup, title, owner))
    }

    /// A basic group.
    pub fn group(&self, title: &str) -> ChatId {
        self.chat_of(ChatKind::Group, title)
    }

    /// A channel.
    pub fn channel(&self, title: &str) -> ChatId {
        self.chat_of(ChatKind::Channel, title)
    }

    /// A supergroup with topics.
    pub fn forum(&self, title: &str) -> ChatId {
        let chat = self.supergroup(title);
        self.shared.write(|w| {
            if let Some(place) = w.chats.get_mut(&chat) {
                place.forum = true;
            }
        });
        chat
    }

    /// A topic of a forum, opened by its owner; gives its thread id.
    pub fn topic(&self, chat: ChatId, name: &str) -> i64 {
        self.shared.write(|w| {
            let owner = w.owner(chat);
            w.open_topic(chat, owner, name, 7_322_096, None)
        })
    }

    /// The chat's owner.
    pub fn owner(&self, chat: ChatId) -> UserId {
        self.shared.lock().owner(chat)
    }

    /// Changes a chat: `title`, `username`, `description`, `slow_mode_delay`; anything under `info`
    /// becomes part of its `ChatFullInfo`.
    pub fn set_chat(&self, chat: ChatId, fields: &Value) {
        self.shared.write(|w| {
            let Some(place) = w.chats.get_mut(&chat) else {
                return;
            };
            let text = |name: &str| fields[name].as_str().map(str::to_owned);
            if let Some(title) = text("title") {
                place.title = title;
            }
            place.username = text("username").or_else(|| place.username.take());
            place.description = text("description").or_else(|| place.description.take());
            if let Some(delay) = fields["slow_mode_delay"].as_i64() {
                place.slow_mode = delay;
            }
            if let Some(info) = fields["info"].as_object() {
                place.extra.extend(info.clone());
            }
            w.touch(chat);
        });
    }

    /// Makes `group` the discussion group of `channel`.
    pub fn link(&self, channel: ChatId, group: ChatId) {
        self.shared.write(|w| {
            for (one, other) in [(channel, group), (group, channel)] {
                if let Some(place) = w.chats.get_mut(&one) {
                    place.linked = Some(other);
                }
            }
        });
    }

    /// The owner adds the bot as a plain member.
    pub fn add_bot(&self, chat: ChatId) {
        self.shared.write(|w| {
            let owner = w.owner(chat);
            w.enter(chat, BOT_ID, owner, &Via::default());
        });
    }

    /// The owner makes the bot an administrator with all rights, adding it first if needed.
    pub fn add_bot_admin(&self, chat: ChatId) {
        self.set_bot_rights(chat, &RIGHTS);
    }

    /// The owner gives the bot exactly these rights; none: a plain member.
    pub fn set_bot_rights(&self, chat: ChatId, rights: &[&str]) {
        self.promote(chat, BOT_ID, rights);
    }

    /// The owner removes the bot and bans it.
    pub fn kick_bot(&self, chat: ChatId) {
        self.ban(chat, BOT_ID);
    }

    /// Somebody joins on their own; false when a ban keeps them out.
    pub fn join(&self, chat: ChatId, user: UserId) -> bool {
        self.shared
            .write(|w| w.enter(chat, user, user, &Via::default()))
    }

    /// Somebody joins by an invite link: at once, or by a request where the link says so; false when
    /// the link does not let them.
    pub fn join_by_link(&self, chat: ChatId, user: UserId, url: &str) -> bool {
        self.shared.write(|w| {
            let now = w.unix();
            let place = w.chats.get(&chat);
            let Some(link) = place.and_then(|c| c.links.iter().find(|l| l.url == url)) else {
                return false;
            };
            let over = link.revoked
                || link.expires.is_some_and(|at| at <= now)
                || link.limit.is_some_and(|limit| link.used >= limit);
            let asks = link.join_request;
            if over {
                false
            } else if asks {
                w.ask_to_join(chat, user, Some(url.to_owned()))
            } else {
                w.enter(
                    chat,
                    user,
                    user,
                    &Via {
                        link: Some(url.to_owned()),
                        request: false,
                    },
                )
            }
        })
    }

    /// `by` adds somebody.
    pub fn invite(&self, chat: ChatId, by: UserId, user: UserId) {
        self.shared
            .write(|w| w.enter(chat, user, by, &Via::default()));
    }

    /// Somebody leaves; restrictions stay with them.
    pub fn leave(&self, chat: ChatId, user: UserId) {
        self.shared.write(|w| {
            let before = w.member(chat, user);
            let after = if before.status == Status::Restricted {
                Member {
                    inside: false,
                    ..before
                }
            } else {
                Member::new(Status::Left, before.since)
            };
            w.exit(chat, user, user, after);
        });
    }

    /// Somebody joins, and the bot is told nothing of it: Telegram loses such news in large chats.
    pub fn join_in_silence(&self, chat: ChatId, user: UserId) {
        self.shared.write(|w| {
            let member = Member::new(Status::Member, w.unix());
            if let Some(place) = w.chats.get_mut(&chat) {
                place.members.insert(user, member);
            }
            w.touch(chat);
        });
    }

    /// A request to join; false when they are inside or banned.
    pub fn request_join(&self, chat: ChatId, user: UserId) -> bool {
        self.shared.write(|w| w.ask_to_join(chat, user, None))
    }

    /// Who waits to be let in.
    pub fn join_requests(&self, chat: ChatId) -> Vec<UserId> {
        let world = self.shared.lock();
        world
            .chats
            .get(&chat)
            .map(|c| c.requests.keys().copied().collect())
            .unwrap_or_default()
    }

    /// The owner bans somebody for good.
    pub fn ban(&self, chat: ChatId, user: UserId) {
        self.shared.write(|w| {
            let owner = w.owner(chat);
            let since = w.member(chat, user).since;
            w.exit(chat, user, owner, Member::new(Status::Kicked, since));
        });
    }

    /// The owner lifts a ban.
    pub fn unban(&self, chat: ChatId, user: UserId) {
        self.shared.write(|w| {
            let owner = w.owner(chat);
            if w.member(chat, user).status == Status::Kicked {
                w.change(
                    chat,
                    user,
                    Member::new(Status::Left, 0),
                    owner,
                    &Via::default(),
                );
            }
        });
    }

    /// The owner restricts somebody to these permissions until a date (Unix seconds, 0: forever).
    pub fn restrict(&self, chat: ChatId, user: UserId, permissions: &[&str], until: i64) {
        self.shared.write(|w| {
            let owner = w.owner(chat);
            let before = w.member(chat, user);
            let new = Member {
                inside: before.present(),
                until,
                permissions: Bits::of(&PERMISSIONS, permissions),
                ..Member::new(Status::Restricted, before.since)
            };
            w.change(chat, user, new, owner, &Via::default());
        });
    }

    /// The owner makes somebody an administrator with these rights; none: demotes.
    pub fn promote(&self, chat: ChatId, user: UserId, rights: &[&str]) {
        self.shared.write(|w| {
            let owner = w.owner(chat);
            w.appoint(chat, user, Bits::of(&RIGHTS, rights), owner);
        });
    }

    /// The owner takes an administrator's rights away.
    pub fn demote(&self, chat: ChatId, user: UserId) {
        self.promote(chat, user, &[]);
    }

    /// The owner sets the permissions of all members.
    pub fn set_permissions(&self, chat: ChatId, permissions: &[&str]) {
        self.shared.write(|w| {
            if let Some(place) = w.chats.get_mut(&chat) {
                place.permissions = Bits::of(&PERMISSIONS, permissions);
            }
            w.touch(chat);
        });
    }

    /// What members may do.
    pub fn permissions(&self, chat: ChatId) -> Vec<&'static str> {
        let world = self.shared.lock();
        let bits = world
            .chats
            .get(&chat)
            .map(|c| c.permissions)
            .unwrap_or_default();
        PERMISSIONS
            .into_iter()
            .filter(|name| bits.permits(name))
            .collect()
    }

    /// Messages that are pinned, newest last.
    pub fn pinned(&self, chat: ChatId) -> Vec<i64> {
        let world = self.shared.lock();
        world
            .chats
            .get(&chat)
            .map(|c| c.pinned.clone())
            .unwrap_or_default()
    }

    /// A basic group becomes a supergroup; gives the new chat.
    pub fn migrate(&self, group: ChatId) -> Option<ChatId> {
        self.shared.write(|w| w.upgrade(group))
    }

    /// The chat is deleted by its owner.
    pub fn delete_chat(&self, chat: ChatId) {
        self.shared.write(|w| {
            if let Some(place) = w.chats.get_mut(&chat) {
                place.deleted = true;
            }
            w.touch(chat);
        });
    }

    /// Somebody blocks the bot, or lets it write again.
    pub fn block(&self, user: UserId, blocked: bool) {
        self.shared.write(|w| {
            let now = w.unix();
            w.private(user);
            if let Some(person) = w.users.get_mut(&user) {
                person.blocked_bot = blocked;
                person.started = true;
            }
            let as_member = |status| Member::new(status, now).json(w.user_json(BOT_ID), false);
            let (old, new) = if blocked {
                (as_member(Status::Member), as_member(Status::Kicked))
            } else {
                (as_member(Status::Kicked), as_member(Status::Member))
            };
            let update = json!({
                "chat": w.chat_json(user), "from": w.user_json(user), "date": now,
                "old_chat_member": old, "new_chat_member": new,
            });
            let expires = w.now() + DAY * 1000;
            w.push(
                "my_chat_member",
                &update,
                expires,
                Key::User(user),
                Origin::Simulator,
            );
        });
    }

    /// The account is deleted.
    pub fn deactivate(&self, user: UserId) {
        self.shared.write(|w| {
            if let Some(person) = w.users.get_mut(&user) {
                person.deactivated = true;
                person.first_name = String::new();
                person.last_name = None;
                person.username = None;
            }
        });
    }

    /// What somebody is in a chat now.
    pub fn member(&self, chat: ChatId, user: UserId) -> MemberView {
        let world = self.shared.lock();
        let member = world.member(chat, user);
        let open = world
            .chats
            .get(&chat)
            .map(|c| c.permissions)
            .unwrap_or_default();
        let can = match member.status {
            Status::Creator => PERMISSIONS.into_iter().chain(RIGHTS).collect(),
            Status::Administrator => RIGHTS
                .into_iter()
                .filter(|name| member.rights.allows(name))
                .collect(),
            Status::Member => PERMISSIONS
                .into_iter()
                .filter(|name| open.permits(name))
                .collect(),
            Status::Restricted => PERMISSIONS
                .into_iter()
                .filter(|name| member.permissions.permits(name))
                .collect(),
            Status::Left | Status::Kicked => Vec::new(),
        };
        MemberView {
            status: member.status,
            present: member.present(),
            until: member.until,
            can,
        }
    }

    /// All calls in the log, oldest first.
    pub fn calls(&self) -> Vec<Call> {
        self.shared.lock().calls.iter().cloned().collect()
    }

    /// The calls of one method, in any case of letters.
    pub fn calls_of(&self, method: &str) -> Vec<Call> {
        let world = self.shared.lock();
        world
            .calls
            .iter()
            .filter(|c| c.method.eq_ignore_ascii_case(method))
            .cloned()
            .collect()
    }

    /// Everything the Bot API's description has against calls, answers and updates so far.
    pub fn violations(&self) -> Vec<Violation> {
        self.shared.lock().violations.clone()
    }

    /// Violations by the caller only.
    pub fn call_violations(&self) -> Vec<Violation> {
        self.violations()
            .into_iter()
            .filter(|v| v.place == Place::Call)
            .collect()
    }

    /// Updates that wait to be fetched or delivered.
    pub fn pending_updates(&self) -> usize {
        let mut world = self.shared.lock();
        let now = world.now();
        world.queue.expire(now);
        world.queue.items.len()
    }

    /// The waiting updates as JSON.
    pub fn pending(&self) -> Vec<Value> {
        let world = self.shared.lock();
        let parse = |text: &str| serde_json::from_str(text).unwrap_or(Value::Null);
        world
            .queue
            .items
            .iter()
            .map(|item| parse(&item.text))
            .collect()
    }

    /// The next update gets this id: a jump ahead, or a new start after a week of silence.
    pub fn set_next_update_id(&self, id: i64) {
        self.shared.write(|w| w.queue.set_next(id));
    }

    fn rule(&self, method: Option<&str>, chat: Option<ChatId>, fault: Fault, always: bool) {
        let method = method.map(str::to_ascii_lowercase);
        self.shared.lock().rules.push(Rule {
            method,
            chat,
            fault,
            always,
        });
    }

    /// The next call of this method (none: any but getUpdates), in this chat (none: any), fails so.
    /// Several wait in line.
    pub fn fail_next(&self, method: Option<&str>, chat: Option<ChatId>, fault: Fault) {
        self.rule(method, chat, fault, false);
    }

    /// Every such call fails so, until [`Simulator::clear_faults`].
    pub fn fail_always(&self, method: Option<&str>, chat: Option<ChatId>, fault: Fault) {
        self.rule(method, chat, fault, true);
    }

    /// No more faults.
    pub fn clear_faults(&self) {
        self.shared.lock().rules.clear();
    }

    /// Waits until `ready` holds of the simulator; false when `timeout` passes first.
    pub async fn wait_until(&self, ready: impl Fn(&Self) -> bool, timeout: Duration) -> bool {
        let deadline = tokio::time::Instant::now() + timeout;
        let mut version = self.watch();
        loop {
            version.mark_unchanged();
            if ready(self) {
                return true;
            }
            if tokio::time::timeout_at(deadline, version.changed())
                .await
                .is_err()
            {
                return ready(self);
            }
        }
    }

    /// The same for tests without a runtime.
    pub fn wait_until_blocking(&self, ready: impl Fn(&Self) -> bool, timeout: Duration) -> bool {
        let deadline = std::time::Instant::now() + timeout;
        loop {
            if ready(self) {
                return true;
            }
            if std::time::Instant::now() >= deadline {
                return false;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}
