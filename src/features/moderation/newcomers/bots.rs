//! Bots by approval: one that somebody adds who is no admin is silent until an admin lets it stay, or is put out again.
use futures_util::future::BoxFuture;
use serde_json::json;

use super::settings::{self, BotsAdded};
use crate::base::clock::Millis;
use crate::community::LaneView;
use crate::community::arbiter::{
    Arbitrate as _, Imposer, Lift, Measure, Order, Outcome, Subject, Whose,
};
use crate::features::moderation::order::{Desk, whole_name};
use crate::pipeline::stages::{ChatCommand, Reply, Said};
use crate::pipeline::{Flow, Position, Stage, StageError, Walk};
use crate::telegram::event::{Kind, User};
use crate::telegram::rights::Right;
use crate::telegram::sender::text::name;
use crate::telegram::sender::{Effect, Send as _};
use crate::texts::{Lang, text};

/// A bot about which nobody decides is silent for a day: Beadle's absence harms nobody for longer.
const HELD: Millis = 24 * 3_600_000;
/// A bot that is put out may be added again after so long: Telegram takes less than 30 s for "for good".
const OUT: Millis = 60_000;
/// The name of the buttons.
const CARD: &str = "botcard";

/// Notices bots that are added.
pub(super) struct BotStage(pub(super) Desk);

/// Takes the word of whoever decides.
pub(super) struct BotCommand(pub(super) Desk);

/// A bot that came, and who brought it.
fn brought(walk: &Walk) -> Option<(i64, User, User)> {
    let change = walk.event.member.as_ref()?;
    let chat = walk
        .event
        .chat
        .as_ref()
        .filter(|c| c.kind == "supergroup")?;
    let comes = walk.event.kind == Kind::ChatMember && change.is_member && !change.was_member;
    let by = change.by.clone()?;
    // Who makes a bot an admin at once has the right to.
    (comes && change.user.is_bot && change.new == "member")
        .then(|| (chat.id, change.user.clone(), by))
}

impl BotStage {
    async fn look(&self, walk: &mut Walk, view: &LaneView) -> Result<(), StageError> {
        let Some((chat, bot, by)) = brought(walk) else {
            return Ok(());
        };
        let Some(group) = view.groups.get(&chat) else {
            return Ok(());
        };
        let rule = settings::bots_added(group);
        // Where Telegram does not say who is an admin, nobody comes to harm.
        if rule == BotsAdded::Allow
            || !matches!(self.0.rights.is_admin(chat, by.id).await, Ok(false))
        {
            return Ok(());
        }
        let place = self.0.place(group).await?;
        let (what, until) = match (rule, place) {
            (BotsAdded::Kick, _) => (Measure::Ban, OUT),
            (_, Some(_)) => (Measure::Mute, HELD),
            // Nobody could be asked.
            _ => return Ok(()),
        };
        let (now, seq, desk) = (walk.now, walk.seq, self.0.clone());
        let lang = Lang::from_tag(group.language.as_deref());
        let names = [
            ("group", name(group.title.as_deref().unwrap_or("…")).into()),
            ("bot", person(&bot).into()),
            ("by", person(&by).into()),
        ];
        let words = match rule {
            BotsAdded::Kick => text(lang, "bot-put-out", &names),
            _ => text(lang, "bot-asks", &names),
        };
        walk.write(move |tx| {
            let order = Order {
                chat,
                subject: Subject::User(bot.id),
                by: Imposer::Captcha,
                what,
                until: Some(now + until),
                reason: "bot_added".to_owned(),
                verdict: None,
                revoke_messages: false,
                asked: false,
            };
            let told = tx.impose(&order, now, Some(seq))?;
            let (Some(place), false) = (place, matches!(told, Outcome::Refused(_))) else {
                return Ok(());
            };
            let markup = (what == Measure::Mute).then(|| {
                let button = |key: &str, verb: &str| {
                    let payload = format!("{verb}:{chat}:{}", bot.id);
                    json!({ "text": text(lang, key, &[]), "callback_data": desk.seal.data(CARD, &payload, place) })
                };
                json!({ "inline_keyboard": [[button("button-bot-stays", "y"), button("button-bot-goes", "n")]] })
            });
            tx.send(&Effect::send_html(place, words, markup), now, Some(seq))?;
            Ok(())
        });
        Ok(())
    }
}

/// A link to somebody, by name.
fn person(user: &User) -> String {
    let shown = name(&whole_name(user));
    format!("<a href=\"tg://user?id={}\">{shown}</a>", user.id)
}

impl Stage for BotStage {
    fn name(&self) -> &'static str {
        "bots"
    }

    fn position(&self) -> Position {
        Position::Gate
    }

    fn run<'a>(
        &'a self,
        walk: &'a mut Walk,
        view: &'a mut LaneView,
    ) -> BoxFuture<'a, Result<Flow, StageError>> {
        Box::pin(async move {
            self.look(walk, view).await?;
            Ok(Flow::On)
        })
    }
}

impl ChatCommand for BotCommand {
    fn names(&self) -> &'static [&'static str] {
        &[CARD]
    }

    fn answer<'a>(&'a self, said: Said<'a>) -> BoxFuture<'a, Result<Reply, StageError>> {
        Box::pin(async move { self.tap(&said).await })
    }
}

impl BotCommand {
    /// Needs the right to restrict people in the group, asked now. The first word counts: then the buttons go.
    async fn tap(&self, said: &Said<'_>) -> Result<Reply, StageError> {
        let lang = said.lang;
        let event = said.event;
        let (Some(callback), Some(place)) = (&event.callback, event.chat.as_ref().map(|c| c.id))
        else {
            return Ok(Reply::Silence);
        };
        let payload = self.0.seal.open(CARD, said.args, place);
        let parsed = payload.and_then(|payload| {
            let mut parts = payload.split(':');
            let (verb, chat, bot) = (parts.next()?, parts.next()?, parts.next()?);
            Some((verb == "y", chat.parse().ok()?, bot.parse().ok()?))
        });
        let Some((stays, chat, bot)): Option<(bool, i64, i64)> = parsed else {
            return Ok(Reply::Alert(text(lang, "alert-card-gone", &[])));
        };
        let (user, now, seq, card) = (callback.from.id, said.now, said.seq, event.message_id);
        match self.0.may(chat, user, Right::Restrict, true).await {
            Ok(true) => {}
            Ok(false) => return Ok(Reply::Alert(text(lang, "alert-no-right", &[]))),
            Err(e) => {
                tracing::warn!(chat, error = %e, "a tap could not be checked");
                return Ok(Reply::Alert(text(lang, "alert-rights-unknown", &[])));
            }
        }
        let by = name(&whole_name(&callback.from));
        Ok(Reply::decide(move |tx| {
            let whom = Subject::User(bot);
            let by_whom = Imposer::Moderator(user);
            if stays {
                let lift = Lift {
                    chat,
                    subject: whom,
                    by: by_whom,
                    whose: Whose::All,
                };
                tx.lift(&lift, now, Some(seq))?;
            } else {
                let order = Order {
                    chat,
                    subject: whom,
                    by: by_whom,
                    what: Measure::Ban,
                    until: Some(now + OUT),
                    reason: "bot_added".to_owned(),
                    verdict: None,
                    revoke_messages: false,
                    asked: true,
                };
                if let Outcome::Refused(_) = tx.impose(&order, now, Some(seq))? {
                    return Ok(Reply::Alert(text(lang, "bot-refused", &[])));
                }
            }
            let (done, toast) = match stays {
                true => ("bot-stays", "toast-bot-stays"),
                false => ("bot-goes", "toast-bot-goes"),
            };
            if let Some(card) = card {
                let bot = format!("<a href=\"tg://user?id={bot}\">{bot}</a>");
                let words = text(lang, done, &[("bot", bot.into()), ("by", by.into())]);
                let none = json!({ "inline_keyboard": [] });
                tx.send(
                    &Effect::edit_html(place, card, words, Some(none)),
                    now,
                    Some(seq),
                )?;
            }
            Ok(Reply::Toast(text(lang, toast, &[])))
        }))
    }
}
