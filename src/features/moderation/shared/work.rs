//! Brings what is shared of one group's ban of somebody into line with that ban, whenever it begins, changes or ends.
use futures_util::future::BoxFuture;

use super::rules::{Course, There, course, lasts};
use super::settings::Sharing;
use super::{deed, store};
use crate::base::clock::{Millis, SharedClock};
use crate::community::arbiter::{self, Imposer, Restriction};
use crate::community::reputation::{Seen, Standing, standing};
use crate::community::{GroupFacts, member_on_disk};
use crate::features::moderation::order::Desk;
use crate::features::moderation::tools;
use crate::queue::{Done, Trouble, Work, Worker};
use crate::telegram::rights::Unknown;

/// Groups of one owner among which bans are shared, at most.
const GROUPS: i64 = 500;
/// Telegram did not say who the admins of a group are: it is asked again after this …
const AGAIN: Millis = 600_000;
/// … as long as the ban is not older.
const NEWS: Millis = 86_400_000;

/// The worker.
pub(in crate::features::moderation) struct ShareWorker {
    pub(in crate::features::moderation) desk: Desk,
    pub(in crate::features::moderation) clock: SharedClock,
}

impl Worker for ShareWorker {
    fn kind(&self) -> &'static str {
        arbiter::KIND_FOLLOW
    }

    fn run<'a>(&'a self, work: &'a mut Work) -> BoxFuture<'a, Result<Done, Trouble>> {
        Box::pin(async move {
            let payload = &work.payload;
            let (Some(chat), Some(user)) = (payload["chat"].as_i64(), payload["subject"].as_i64())
            else {
                return Err(Trouble::Hopeless("the payload names nobody".to_owned()));
            };
            self.follow(chat, user).await
        })
    }
}

/// A group that a ban is shared with, and what it comes to there.
struct Plan {
    group: GroupFacts,
    course: Course,
    /// Whether they have been seen there.
    known: bool,
}

impl ShareWorker {
    async fn follow(&self, origin: i64, user: i64) -> Result<Done, Trouble> {
        let now = self.clock.now();
        let read = self.desk.store.read(move |conn| {
            let ban = arbiter::ban_by_person(conn, origin, user, now)?;
            let given = store::given(conn, origin, user)?;
            Ok((ban, given, store::sharing(conn, origin, GROUPS)?))
        });
        let (ban, given, others) = read.await?;
        let group = self.desk.group(origin).await?;
        let gives = group
            .as_ref()
            .is_some_and(|g| Sharing::read(&g.settings) != Sharing::Off);
        let ban = ban.filter(|ban| lasts(ban.imposed_at, ban.until));
        let Some(ban) = ban else {
            // It is over, by whomever; what was given of it goes with it.
            return Ok(given.into_iter().fold(Done::nothing(), |done, share| {
                done.and(move |tx| deed::take_back(tx, origin, user, share, now))
            }));
        };
        // Whether sharing is still wanted is asked of new bans only: what was shared falls with the ban itself.
        let (true, Some(group)) = (gives && !others.is_empty(), group) else {
            return Ok(Done::nothing());
        };
        match self.by_a_person(&ban).await {
            Ok(true) => {}
            Ok(false) => return Ok(Done::nothing()),
            Err(why) => return Ok(later(&ban, now, &why)),
        }
        let owner = match self.desk.rights.owner(origin).await {
            Ok(Some(owner)) => owner,
            Ok(None) => return Ok(Done::nothing()),
            Err(why) => return Ok(later(&ban, now, &why)),
        };
        let (mut done, mut doubt) = (Done::nothing(), None);
        for chat in others {
            if given
                .iter()
                .any(|share| share.0 == chat && share.1 == ban.id)
            {
                continue;
            }
            match self.plan(owner, chat, user, now).await? {
                Err(why) => doubt = Some(why),
                Ok(None) => {}
                Ok(Some(plan)) => {
                    let place = self.desk.place(&plan.group).await?;
                    let act = deed::Act {
                        desk: self.desk.clone(),
                        origin: group.clone(),
                        ban: ban.clone(),
                        user,
                        group: plan.group,
                        course: plan.course,
                        known: plan.known,
                        place,
                    };
                    done = done.and(move |tx| deed::share(tx, &act, now));
                }
            }
        }
        Ok(match doubt {
            Some(_) if now - ban.imposed_at < NEWS => done.again_at(now + AGAIN),
            _ => done,
        })
    }

    /// Whether a person laid the ban. Another bot, which may be an admin of the group too, is none.
    async fn by_a_person(&self, ban: &Restriction) -> Result<bool, Unknown> {
        let Imposer::Outside(by) = ban.by else {
            return Ok(matches!(ban.by, Imposer::Moderator(_)));
        };
        let powers = self.desk.rights.powers(ban.chat, by).await?;
        Ok(powers.is_some_and(|powers| !powers.is_bot()))
    }

    /// What the ban comes to in a group; none where it belongs to somebody else or shares nothing.
    async fn plan(
        &self,
        owner: i64,
        chat: i64,
        user: i64,
        now: Millis,
    ) -> Result<Result<Option<Plan>, Unknown>, Trouble> {
        let rights = &self.desk.rights;
        match rights.owner(chat).await {
            Ok(found) if found == Some(owner) => {}
            Ok(_) => return Ok(Ok(None)),
            Err(why) => return Ok(Err(why)),
        }
        let admin = match rights.is_admin(chat, user).await {
            Ok(admin) => admin,
            Err(why) => return Ok(Err(why)),
        };
        let Some(group) = self.desk.group(chat).await? else {
            return Ok(Ok(None));
        };
        let read = self.desk.store.read(move |conn| {
            let member = member_on_disk(conn, chat, user)?;
            Ok((member, tools::is_approved(conn, chat, user)?))
        });
        let (member, approved) = read.await?;
        let regular = member.as_ref().is_some_and(|m| {
            let seen = Seen {
                messages: (m.messages - m.removed).max(0),
                first_seen: m.first_seen,
                reputation: m.reputation.now(now),
                admin: false,
            };
            standing(seen, now) == Standing::Regular
        });
        let there = There {
            admin,
            regular,
            approved,
        };
        Ok(Ok(course(Sharing::read(&group.settings), there).map(
            |course| Plan {
                group,
                course,
                known: member.is_some(),
            },
        )))
    }
}

/// Nothing for now.
fn later(ban: &Restriction, now: Millis, why: &Unknown) -> Done {
    tracing::info!(chat = ban.chat, error = %why, "a ban is not shared yet");
    if now - ban.imposed_at < NEWS {
        Done::nothing().again_at(now + AGAIN)
    } else {
        Done::nothing()
    }
}
