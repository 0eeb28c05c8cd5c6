//! Advertisements that are no messages: reactions by advertising profiles, and names in Telegram's notes of who came
//! or went. The reaction or note goes; nobody is treated for the shape of an account.
use serde_json::json;

use super::policy::{Policy, Rule};
use super::profile::Profile;
use super::profiles::Profiles;
use super::topics::TOPICS;
use crate::base::clock::SharedClock;
use crate::community::reputation::{Seen, Standing, standing};
use crate::community::{GroupFacts, LaneView};
use crate::config::Mode;
use crate::pipeline::Walk;
use crate::store::Store;
use crate::telegram::event::{Event, Kind, Sender, Service, User};
use crate::telegram::rights::Rights;
use crate::telegram::sender::{Effect, Method, Send as _};

/// What is asked, and where a later answer goes.
#[derive(Clone)]
pub(in crate::features::moderation) struct Signs {
    pub(in crate::features::moderation) profiles: Profiles,
    pub(in crate::features::moderation) rights: Rights,
    pub(in crate::features::moderation) store: Store,
    pub(in crate::features::moderation) clock: SharedClock,
}

/// Looks at a reaction, or at a note of who came or went; everything else passes.
pub(in crate::features::moderation) async fn look(
    walk: &mut Walk,
    view: &LaneView,
    group: &GroupFacts,
    signs: &Signs,
) {
    let rights = &signs.rights;
    let (Some(message), true) = (walk.event.message_id, group.can_act()) else {
        return;
    };
    let policy = Policy::read(&group.settings);
    let acts = group.mode == Mode::Act;
    let chat = group.id;
    if let Some(named) = named(&walk.event) {
        let removes = match TOPICS.iter().find(|t| t.name == "profile") {
            Some(topic) => match policy.rule(topic) {
                (rule, true) => rule == Rule::Delete || (rule == Rule::Review && acts),
                (_, false) => acts,
            },
            None => false,
        };
        if removes && named.iter().any(advertises) && !any_admin(rights, chat, &named).await {
            tracing::info!(
                chat,
                message_id = message,
                "a note with an advertising name goes"
            );
            walk.send(Effect::delete(chat, message));
        }
        return;
    }
    let (Kind::MessageReaction, Sender::User(user)) = (&walk.event.kind, &walk.event.sender) else {
        return;
    };
    if !policy.removes_reactions(acts) || !is_newcomer(view, chat, user.id, walk.now) {
        return;
    }
    let known = signs.profiles.peek(user.id);
    let shown = known.flatten().is_some_and(Profile::advertises);
    let user = user.clone();
    if shown || advertises(&user) {
        if !any_admin(rights, chat, std::slice::from_ref(&user)).await {
            walk.send(unreact(chat, message, user.id));
        }
    } else if known.is_none() {
        let signs = signs.clone();
        walk.after(Box::pin(async move {
            tokio::spawn(async move { signs.look_again(chat, message, user).await });
        }));
    }
}

impl Signs {
    /// Once Telegram tells what the profile of whoever reacted shows.
    async fn look_again(&self, chat: i64, message: i64, user: User) {
        let told = self.profiles.when_spare(user.id).await;
        let id = user.id;
        if !told.is_some_and(Profile::advertises) || any_admin(&self.rights, chat, &[user]).await {
            return;
        }
        let (effect, now) = (unreact(chat, message, id), self.clock.now());
        let sent = self
            .store
            .write(move |tx| tx.send(&effect, now, None).map(|_row| ()));
        if let Err(e) = sent.await {
            tracing::warn!(chat, error = %e, "a reaction could not be taken away");
        }
    }
}

/// Takes a reaction away.
fn unreact(chat: i64, message: i64, user: i64) -> Effect {
    tracing::info!(
        chat,
        message_id = message,
        user,
        "a reaction of an advertising profile goes"
    );
    let params = json!({ "chat_id": chat, "message_id": message, "user_id": user });
    Effect::generic(Method::DeleteMessageReaction, Some(chat), params)
}

/// People whom a service message names as having come or gone.
fn named(event: &Event) -> Option<Vec<User>> {
    match &event.service {
        Some(Service::Joined(users)) => Some(users.clone()),
        Some(Service::Left(user)) => Some(vec![user.clone()]),
        _ => None,
    }
}

fn advertises(user: &User) -> bool {
    !user.is_bot && Profile::of_name(&user.first_name, user.last_name.as_deref()).name_advertises()
}

/// Whether one of them is an admin, or Telegram does not say: then nothing goes.
async fn any_admin(rights: &Rights, chat: i64, users: &[User]) -> bool {
    for user in users {
        if !matches!(rights.is_admin(chat, user.id).await, Ok(false)) {
            return true;
        }
    }
    false
}

fn is_newcomer(view: &LaneView, chat: i64, user: i64, now: i64) -> bool {
    let member = view.members.get(&(chat, user)).cloned().unwrap_or_default();
    let seen = Seen {
        messages: (member.messages - member.removed).max(0),
        first_seen: member.first_seen,
        reputation: member.reputation.now(now),
        admin: false,
    };
    standing(seen, now) == Standing::Newcomer
}
