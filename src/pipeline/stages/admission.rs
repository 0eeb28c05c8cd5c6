//! Who comes or goes is brought before the doorkeeper.
use futures_util::future::BoxFuture;

use crate::community::admission::{Came, Door, Doorkeeper};
use crate::community::{Community, LaneView};
use crate::pipeline::{Flow, Position, Stage, StageError, Walk};
use crate::telegram::event::{Event, GROUP_ANONYMOUS_BOT, Kind, Sender, Service, User};
use crate::telegram::rights::Rights;

/// Begins and ends admissions.
pub struct AdmissionStage {
    /// Who decides.
    pub keeper: Doorkeeper,
    /// For ids.
    pub community: Community,
    /// Who is an admin: whom they add is vouched for.
    pub rights: Rights,
}

impl AdmissionStage {
    /// Whether whoever added somebody vouches for them. Where Telegram does not say, nobody does.
    async fn vouches(&self, chat: i64, by: Option<i64>) -> bool {
        let Some(by) = by else { return false };
        // Admins who hide act under this account.
        if by == GROUP_ANONYMOUS_BOT {
            return true;
        }
        match self.rights.is_admin(chat, by).await {
            Ok(admin) => admin,
            Err(e) => {
                tracing::warn!(chat, error = %e, "who was added goes through the door like others");
                false
            }
        }
    }
}

impl Stage for AdmissionStage {
    fn name(&self) -> &'static str {
        "admission"
    }

    fn position(&self) -> Position {
        Position::Context
    }

    fn run<'a>(
        &'a self,
        walk: &'a mut Walk,
        _: &'a mut LaneView,
    ) -> BoxFuture<'a, Result<Flow, StageError>> {
        Box::pin(async move {
            let now = walk.now;
            if let Some((chat, user)) = unbanned(&walk.event) {
                let keeper = self.keeper.clone();
                walk.write(move |tx| keeper.unbanned(tx, chat, user));
            }
            let by = added_by(&walk.event);
            for came in came(&walk.event, now) {
                if self.vouches(came.chat, by).await {
                    continue;
                }
                let (keeper, id) = (self.keeper.clone(), self.community.fresh_id(now));
                walk.write(move |tx| keeper.came(tx, &came, id, now).map(|_begun| ()));
            }
            if let Some((chat, user)) = left(&walk.event) {
                let keeper = self.keeper.clone();
                walk.write(move |tx| keeper.left(tx, chat, user, now).map(|_open| ()));
            }
            Ok(Flow::On)
        })
    }
}

/// Who added whoever came; None when they came by themselves.
fn added_by(event: &Event) -> Option<i64> {
    match (&event.kind, &event.member, &event.service, &event.sender) {
        (Kind::ChatMember, Some(change), ..) => {
            let by = change.by.as_ref()?.id;
            (by != change.user.id).then_some(by)
        }
        (Kind::Message, _, Some(Service::Joined(users)), Sender::User(by)) => {
            users.iter().all(|user| user.id != by.id).then_some(by.id)
        }
        _ => None,
    }
}

/// Who came. A join may be told twice, by a service message and by a change of membership, and in large
/// groups only by the latter; the second finds an admission open, or the person decided on just now.
fn came(event: &Event, now: i64) -> Vec<Came> {
    let Some(chat) = event.chat.as_ref().filter(|c| is_group(&c.kind)) else {
        return Vec::new();
    };
    // A query lives for seconds from when it was asked, however long its update waited here.
    let at = event
        .date
        .map_or(now, |date| date.saturating_mul(1_000).min(now));
    let one = |user: &User, door, query: Option<String>, user_chat| Came {
        chat: chat.id,
        user: user.id,
        door,
        query,
        user_chat,
        at,
    };
    if let Some(join) = &event.join {
        let door = match join.query_id {
            Some(_) => Door::Query,
            None => Door::Request,
        };
        return vec![one(
            &join.user,
            door,
            join.query_id.clone(),
            join.user_chat_id,
        )];
    }
    if let (Kind::ChatMember, Some(change)) = (&event.kind, &event.member) {
        // Who was let in by a request went through the door there.
        let comes = change.is_member && !change.was_member && !change.via_join_request;
        return if comes && !change.user.is_bot {
            vec![one(&change.user, Door::Join, None, None)]
        } else {
            Vec::new()
        };
    }
    // Basic groups, and groups where Beadle is no admin, tell of joins by messages only.
    match &event.service {
        Some(Service::Joined(users)) if chat.kind == "group" => users
            .iter()
            .filter(|user| !user.is_bot)
            .map(|user| one(user, Door::Join, None, None))
            .collect(),
        _ => Vec::new(),
    }
}

fn left(event: &Event) -> Option<(i64, i64)> {
    let chat = event.chat.as_ref()?.id;
    if let (Kind::ChatMember, Some(change)) = (&event.kind, &event.member) {
        return (change.was_member && !change.is_member).then_some((chat, change.user.id));
    }
    match &event.service {
        Some(Service::Left(user)) => Some((chat, user.id)),
        _ => None,
    }
}

/// Whose ban somebody ended.
fn unbanned(event: &Event) -> Option<(i64, i64)> {
    let change = event.member.as_ref()?;
    let ended = event.kind == Kind::ChatMember && change.old == "kicked" && change.new != "kicked";
    ended.then_some((event.chat.as_ref()?.id, change.user.id))
}

fn is_group(kind: &str) -> bool {
    matches!(kind, "group" | "supergroup")
}
