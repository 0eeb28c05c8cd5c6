//! The door on the walk: who writes is looked up, and what Telegram says of the channels goes into the ledger.
use futures_util::future::BoxFuture;

use super::gates::Gate;
use super::rules::{Decision, Known};
use super::{Gatehouse, prompt, release, store};
use crate::community::LaneView;
use crate::community::arbiter::{Arbitrate as _, Imposer, Measure, Order, Subject};
use crate::pipeline::{Flow, Position, Stage, StageError, Walk};
use crate::telegram::event::{Event, Kind, Sender};
use crate::telegram::rights::Right;
use crate::telegram::sender::{Effect, Send as _};

/// Telegram's own account, in whose name posts of a linked channel come (Bot API).
const TELEGRAM: i64 = 777_000;

/// Looks at messages and at changes of membership.
pub(super) struct GateStage(pub(super) Gatehouse);

impl GateStage {
    async fn look(&self, walk: &mut Walk) -> Result<Flow, StageError> {
        if walk.event.kind == Kind::ChatMember {
            self.heard(walk).await?;
            return Ok(Flow::On);
        }
        let Some((chat, user, message)) = written(&walk.event) else {
            return Ok(Flow::On);
        };
        let house = &self.0;
        let Some(gate) = house.gates.of(chat).await? else {
            return Ok(Flow::On);
        };
        let now = walk.now;
        let checked = house.ledger.check(&gate, user, false, now).await?;
        let told = checked.told;
        if !told.is_empty() {
            walk.write(move |tx| {
                for (channel, is) in told {
                    store::put_membership(tx, (channel, user), is, now)?;
                }
                Ok(())
            });
        }
        let Decision::Hold(_) = checked.decision else {
            return Ok(Flow::On);
        };
        if !self.holds(&gate, user).await? {
            return Ok(Flow::On);
        }
        let (seal, seq) = (house.seal.clone(), walk.seq);
        let keep = gate.params.keep_messages;
        walk.write(move |tx| {
            if !keep {
                tx.send(&Effect::delete(chat, message), now, Some(seq))?;
            }
            let order = Order {
                chat,
                subject: Subject::User(user),
                by: Imposer::Gate,
                what: Measure::Mute,
                // While it holds: a day at a time, renewed.
                until: None,
                reason: "not_in_channel".to_owned(),
                verdict: None,
                revoke_messages: false,
                asked: true,
            };
            tx.impose(&order, now, Some(seq))?;
            store::hold(tx, chat, user, now)?;
            prompt::show(tx, &seal, chat, now, Some(seq))
        });
        Ok(Flow::Hold)
    }

    /// Whether somebody who is not in the channels is held: not who was in the group before, no admin, and nobody where
    /// Beadle could not let them in again.
    async fn holds(&self, gate: &Gate, user: i64) -> Result<bool, StageError> {
        let (house, chat) = (&self.0, gate.chat);
        if !gate.params.everybody {
            let joined = house
                .store
                .read(move |conn| store::joined(conn, chat, user))
                .await?;
            if !gate.params.asks(joined) {
                return Ok(false);
            }
        }
        // Asked now: nobody who was made an admin a minute ago is muted.
        match house.rights.powers_now(chat, user).await {
            Ok(None) => {}
            Ok(Some(_)) => return Ok(false),
            Err(e) => {
                tracing::warn!(chat, user, error = %e, "the door holds nobody of whom it cannot tell whether they are an admin");
                return Ok(false);
            }
        }
        Ok(house
            .may_itself(chat, &[Right::Restrict, Right::Delete])
            .await)
    }

    /// Somebody came into a channel that a group asks for, or left it.
    async fn heard(&self, walk: &mut Walk) -> Result<(), StageError> {
        let (Some(chat), Some(change)) = (&walk.event.chat, &walk.event.member) else {
            return Ok(());
        };
        let (channel, user, now) = (chat.id, change.user.id, walk.now);
        if !self.0.gates.asks_for(channel).await? {
            return Ok(());
        }
        let is = change.is_member;
        walk.write(move |tx| {
            store::put_membership(tx, (channel, user), is, now)?;
            if is {
                for group in store::waits_for(tx, channel, user)? {
                    release::look_again(tx, group, user, now)?;
                }
            }
            Ok(())
        });
        let ledger = self.0.ledger.clone();
        let known = if is {
            Known::Member(now)
        } else {
            Known::Absent
        };
        walk.after(Box::pin(async move {
            ledger.remember(channel, user, known, now);
        }));
        Ok(())
    }
}

/// A message that a person wrote as themselves in a supergroup: chat, person, message.
fn written(event: &Event) -> Option<(i64, i64, i64)> {
    let chat = event.chat.as_ref().filter(|c| c.kind == "supergroup")?;
    let Sender::User(person) = &event.sender else {
        return None;
    };
    let counts = event.kind == Kind::Message
        && event.service.is_none()
        && !person.is_bot
        && person.id != TELEGRAM;
    counts.then_some((chat.id, person.id, event.message_id?))
}

impl Stage for GateStage {
    fn name(&self) -> &'static str {
        "gate"
    }

    fn position(&self) -> Position {
        Position::Gate
    }

    fn run<'a>(
        &'a self,
        walk: &'a mut Walk,
        _: &'a mut LaneView,
    ) -> BoxFuture<'a, Result<Flow, StageError>> {
        Box::pin(self.look(walk))
    }
}
