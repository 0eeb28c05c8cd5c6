//! Answers to the captcha: pressed buttons, the way into the private chat, and what is typed there.
use futures_util::future::BoxFuture;
use serde_json::json;

use super::captcha::STEP;
use super::store::{self, Captcha};
use super::task::TRIES;
use super::{ask, settings};
use crate::base::clock::Millis;
use crate::community::admission::{Doorkeeper, Finding};
use crate::community::audit::{Actor, Audit as _, AuditEntry};
use crate::community::{LaneView, group_on_disk};
use crate::config::Mode;
use crate::features::moderation::asked::{Asked, GroupJudge};
use crate::features::moderation::learning::Learner;
use crate::features::moderation::order::Desk;
use crate::features::moderation::rules::Band;
use crate::pipeline::stages::{ChatCommand, Reply, Said};
use crate::pipeline::{Flow, Position, Stage, StageError, Walk};
use crate::store::{StoreError, Tx};
use crate::telegram::event::{Kind, Sender};
use crate::telegram::sender::text::name;
use crate::telegram::sender::{Effect, Send as _};
use crate::texts::{Lang, text};

/// Who failed may try again after so long.
const FAILED: Millis = 600_000;
/// Who advertised in an answer, after so long.
const ADVERTISED: Millis = 24 * 3_600_000;
/// Bytes of what was typed that are looked at.
const TYPED: usize = 4_096;

/// What an answer was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Given {
    Right,
    Wrong,
    /// An advertisement.
    Spam,
}

/// What came of it: a key of the texts.
type Said0 = &'static str;

/// Answers and questions of the captcha. Cheap to clone.
#[derive(Clone)]
pub(super) struct Captchas {
    pub(super) desk: Desk,
    pub(super) keeper: Doorkeeper,
    /// The lessons of groups, as they are in memory for judging messages.
    pub(super) learner: Learner,
}

impl Captchas {
    /// Enters an answer; gives what is said to it, and how many trials are left.
    fn enter(
        &self,
        tx: &mut Tx<'_>,
        (chat, user): (i64, i64),
        given: impl FnOnce(&Captcha) -> Given,
        now: Millis,
    ) -> Result<(Said0, i64), StoreError> {
        let Some(captcha) = store::open(tx, chat, user)? else {
            return Ok(("captcha-over", 0));
        };
        let given = given(&captcha);
        if given == Given::Right {
            ask::clear(tx, &captcha, now)?;
            store::end(tx, chat, user, "passed", now)?;
            self.keeper
                .found(tx, chat, user, STEP, &Finding::Vouched, now)?;
            return Ok(("captcha-right", 0));
        }
        let wrong = store::wrong(tx, chat, user)?;
        if given == Given::Wrong && wrong < TRIES {
            return Ok(("captcha-wrong", TRIES - wrong));
        }
        ask::clear(tx, &captcha, now)?;
        store::end(tx, chat, user, "failed", now)?;
        let (reason, out_for) = if given == Given::Spam {
            ("captcha_spam", ADVERTISED)
        } else {
            ("captcha_failed", FAILED)
        };
        let act = AuditEntry::new(Actor::System, "captcha.failed", format!("user:{user}"))
            .in_chat(chat)
            .with(json!({ "reason": reason }));
        tx.audit(&act, now)?;
        let keeps = match group_on_disk(tx, chat, Mode::default())? {
            Some(group) => settings::of(&group).0.keeps(),
            None => false,
        };
        // Who is kept stays silent until the day is over; a request waits for the admins when its time is.
        if !keeps || given == Given::Spam {
            let finding = Finding::Refuse {
                reason,
                out_for: Some(out_for),
            };
            self.keeper.found(tx, chat, user, STEP, &finding, now)?;
        }
        let stays = keeps && !captcha.outside && given != Given::Spam;
        let said = if stays {
            "captcha-failed-silent"
        } else {
            "captcha-failed"
        };
        Ok((said, 0))
    }

    fn press(&self, said: &Said<'_>) -> Reply {
        let lang = said.lang;
        let Some(callback) = &said.event.callback else {
            return Reply::Silence;
        };
        let over = || Reply::Alert(text(lang, "captcha-over", &[]));
        // The group is named in the data itself, for the button may stand in private; the signature holds both.
        let Some(chat) = said.args.split_once(':').and_then(|(c, _)| c.parse().ok()) else {
            return over();
        };
        let Some((user, choice)) = self
            .desk
            .seal
            .open("captcha", said.args, chat)
            .and_then(parse)
        else {
            return over();
        };
        if callback.from.id != user {
            return Reply::Alert(text(lang, "captcha-not-yours", &[]));
        }
        let (this, now) = (self.clone(), said.now);
        Reply::decide(move |tx| {
            let given = |captcha: &Captcha| {
                let right = match choice {
                    None => captcha.task.button,
                    Some(number) => captcha.task.takes_number(number),
                };
                if right { Given::Right } else { Given::Wrong }
            };
            let (key, left) = this.enter(tx, (chat, user), given, now)?;
            let words = text(lang, key, &[("left", left.into())]);
            Ok(match key {
                "captcha-right" => Reply::Toast(words),
                _ => Reply::Alert(words),
            })
        })
    }

    /// Somebody came by the link under a question in the group.
    async fn come(&self, said: &Said<'_>) -> Result<Reply, StageError> {
        let private = said.event.chat.as_ref().filter(|c| c.kind == "private");
        let Some(user) = private.map(|c| c.id) else {
            return Ok(Reply::Silence);
        };
        let chat = said.args.parse::<i64>().ok().map_or(0, i64::saturating_neg);
        let found = self
            .desk
            .store
            .read(move |conn| store::open(conn, chat, user))
            .await?;
        let Some(captcha) = found.filter(|c| c.until > said.now) else {
            return Ok(Reply::Html(text(said.lang, "captcha-over", &[]), None));
        };
        let group = self.desk.group(chat).await?;
        let title = group.and_then(|g| g.title.clone());
        let title = name(title.as_deref().unwrap_or("…"));
        let (html, markup) = ask::letter(&self.desk, &captcha, &title, said.lang, said.now);
        Ok(Reply::Html(html, Some(markup)))
    }

    /// What somebody who is asked typed in private.
    async fn typed(&self, walk: &mut Walk) -> Result<Flow, StageError> {
        let event = &walk.event;
        let private = event.chat.as_ref().is_some_and(|c| c.kind == "private");
        let (Kind::Message, Sender::User(person), true, None) =
            (&event.kind, &event.sender, private, &event.command)
        else {
            return Ok(Flow::On);
        };
        let (user, now) = (person.id, walk.now);
        let found = self
            .desk
            .store
            .read(move |conn| store::latest(conn, user))
            .await?;
        let Some(captcha) = found.filter(|c| c.until > now) else {
            return Ok(Flow::On);
        };
        let words = event.texts.first().map_or("", |t| t.text.as_str());
        let words = &words[..words.floor_char_boundary(TYPED)];
        let lang = Lang::from_tag(person.language.as_deref());
        let given = if captcha.task.takes(words) {
            Given::Right
        } else if self.is_spam(captcha.chat, words, now).await? {
            Given::Spam
        } else {
            Given::Wrong
        };
        let (this, chat, seq) = (self.clone(), captcha.chat, walk.seq);
        let reply_to = event.message_id;
        walk.write(move |tx| {
            let (key, left) = this.enter(tx, (chat, user), |_| given, now)?;
            let html = text(lang, key, &[("left", left.into())]);
            let effect = match reply_to {
                Some(to) => Effect::reply_html(user, to, None, html, None),
                None => Effect::send_html(user, html, None),
            };
            tx.send(&effect, now, Some(seq)).map(|_row| ())
        });
        Ok(Flow::End)
    }

    /// An answer is judged as the same words in the group would be.
    async fn is_spam(&self, chat: i64, words: &str, now: Millis) -> Result<bool, StageError> {
        let Some(judge) = GroupJudge::with(&self.desk.store, &self.learner, chat).await? else {
            return Ok(false);
        };
        let verdict = judge.judge(&Asked::Words(words.to_owned()), now).await?;
        Ok(verdict.band == Band::Spam)
    }
}

/// `chat:user:choice` becomes who was asked, and the number chosen; None for the button.
fn parse(payload: &str) -> Option<(i64, Option<u32>)> {
    let mut parts = payload.split(':').skip(1);
    let user = parts.next()?.parse().ok()?;
    let choice = match parts.next()? {
        "ok" => None,
        number => Some(number.parse().ok()?),
    };
    Some((user, choice))
}

impl ChatCommand for Captchas {
    fn names(&self) -> &'static [&'static str] {
        &["captcha"]
    }

    fn answer<'a>(&'a self, said: Said<'a>) -> BoxFuture<'a, Result<Reply, StageError>> {
        Box::pin(async move {
            if said.event.callback.is_some() {
                return Ok(self.press(&said));
            }
            self.come(&said).await
        })
    }
}

/// Takes answers that are typed in private.
pub(super) struct TypedStage(pub(super) Captchas);

impl Stage for TypedStage {
    fn name(&self) -> &'static str {
        "captcha"
    }

    fn position(&self) -> Position {
        Position::Answer
    }

    fn run<'a>(
        &'a self,
        walk: &'a mut Walk,
        _: &'a mut LaneView,
    ) -> BoxFuture<'a, Result<Flow, StageError>> {
        Box::pin(self.0.typed(walk))
    }
}
