//! A later look at a newcomer's message: Telegram told what their profile shows only after it was judged.
//!
//! Nothing waits for it, and a stop may come first: then the profile is looked at with their next message.
use super::campaigns::{Campaigns, Key};
use super::carriers::{Policy, Profile, Profiles};
use super::facts::Facts;
use super::order::{Desk, store as cards};
use super::rules::{Band, Decision, Mode, judge};
use super::settings::GroupSettings;
use super::show::{Judged, Show};
use super::store;
use super::tools::{self, Held};
use super::{asked, learning};
use crate::base::clock::SharedClock;
use crate::community;
use crate::observe::metrics;
use crate::pipeline::Walk;
use crate::store::StoreError;
use crate::telegram::sender::{Effect, Send as _};

/// Judges again what was judged without the profile. Cheap to clone.
#[derive(Clone)]
pub(super) struct Later {
    pub(super) desk: Desk,
    pub(super) profiles: Profiles,
    pub(super) campaigns: Campaigns,
    pub(super) clock: SharedClock,
}

/// What was judged.
pub(super) struct Look {
    pub(super) chat: i64,
    pub(super) user: i64,
    pub(super) judged: Judged,
    pub(super) key: Key,
    /// It must stay for a day (Bot API, `Message.is_paid_post`).
    pub(super) paid: bool,
}

impl Later {
    /// Asks for the author's profile once the walk's decisions are on disk.
    pub(super) fn after(&self, walk: &mut Walk, look: Look) {
        let later = self.clone();
        walk.after(Box::pin(async move {
            tokio::spawn(async move {
                let (chat, user) = (look.chat, look.user);
                let told = later.profiles.when_spare(user).await;
                let Some(profile) = told.filter(|p| p.advertises()) else {
                    return;
                };
                if let Err(e) = later.judge_again(look, profile).await {
                    tracing::warn!(chat, user, error = %e, "a message could not be judged again");
                }
            });
        }));
    }

    async fn judge_again(&self, look: Look, profile: Profile) -> Result<(), StoreError> {
        let Look {
            chat,
            user,
            judged,
            key,
            paid,
        } = look;
        let (store, message) = (&self.desk.store, judged.message);
        let Some(group) = self.desk.group(chat).await? else {
            return Ok(());
        };
        let last = store.read(move |conn| store::last(conn, chat, message));
        let Some((id, mut row)) = last.await? else {
            return Ok(());
        };
        let mut facts: Facts = serde_json::from_str(&row.facts)?;
        facts.profile = facts.profile.and(Some(profile));
        let own = GroupSettings::of(&group);
        let settings = asked::settings(&group, &own);
        let mut verdict = judge(&facts, &settings);
        let ruled = Policy::read(&group.settings).find(&facts);
        // Whether the message goes for it is a matter of the same laws as ever: a profile alone brings it to a person.
        let spam = verdict.decision == Decision::Delete;
        let by_rule = ruled.is_some_and(|r| r.apply(&mut verdict, &settings));
        let written = ruled.is_some_and(|r| r.written);
        if verdict.decision == Decision::Delete {
            let held = store
                .read(move |conn| tools::held(conn, chat, Some(user)))
                .await?;
            let as_written = by_rule && written;
            let waits = held == Held::Approved || (held == Held::Judgement && !as_written);
            if paid || waits {
                verdict.decision = Decision::Review;
            } else if !group.can_act() {
                verdict.decision = Decision::WouldDelete;
            }
        }
        let before: Decision = serde_json::from_value(row.decision.clone().into())?;
        if verdict.decision <= before
            || !matches!(self.desk.rights.is_admin(chat, user).await, Ok(false))
        {
            return Ok(());
        }
        let deleted = verdict.decision == Decision::Delete;
        let spam = spam && deleted;
        let shows = !by_rule && (settings.mode != Mode::Observe || written);
        let show = if verdict.band != Band::Clear && shows {
            let place = self.desk.place(&group).await?;
            let of = (&group, own);
            Some(Show::new(of, judged, (&verdict, spam), (key, place)))
        } else {
            None
        };
        row.judged(&verdict, &facts)?;
        let (now, band, decision) = (self.clock.now(), row.band.clone(), row.decision.clone());
        let (desk, campaigns) = (self.desk.clone(), self.campaigns.clone());
        let write = store.write(move |tx| {
            // Edited and judged anew, or gone: what was looked at is not there any more.
            let same = store::last(tx, chat, message)?.is_some_and(|(last, _)| last == id);
            if !same || !cards::stands(tx, chat, message)? {
                return Ok(false);
            }
            store::put(tx, &row, now)?;
            if deleted {
                community::take_down(tx, chat, message, Some(user), now)?;
                tx.send(&Effect::delete(chat, message), now, None)?;
            }
            if spam {
                learning::removed(tx, chat, message, now)?;
            }
            if let Some(show) = show {
                show.open(tx, (&desk, &campaigns), now, None)?;
            }
            Ok(true)
        });
        if write.await? {
            metrics::VERDICTS.inc(&band);
            if band == "spam" {
                metrics::SPAM.inc(&decision);
            }
            self.desk.community.forget_member(chat, user);
        }
        Ok(())
    }
}
