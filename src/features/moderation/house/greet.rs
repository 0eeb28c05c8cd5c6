//! Welcome and goodbye: said once the door has let somebody in, by name only where their profile was checked.
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::settings::HouseSettings;
use super::store;
use crate::base::clock::{Millis, SharedClock};
use crate::community::fleeting::Fleeting as _;
use crate::features::moderation::order::Desk;
use crate::pipeline::Walk;
use crate::queue::{Done, Enqueue as _, Job, Priority, Trouble, Work, Worker};
use crate::store::StoreError;
use crate::telegram::event::{Kind, Service};
use crate::telegram::sender::text::{escape, name};
use crate::telegram::sender::{Effect, Send as _};
use crate::texts::{Lang, text};

/// Greets one person.
const KIND: &str = "house.greet";
/// The door gets so long to begin, in milliseconds.
const SOON: Millis = 2_000;
/// Who is still at the door is looked for again after this,
const AGAIN: Millis = 15_000;
/// and not any more after this: nobody stands at a captcha for so long.
const AT_MOST: Millis = 3_600_000;
/// Between two greetings in one group: in a raid nobody is greeted hundreds of times.
const PAUSE: Millis = 20_000;
/// Groups in which a greeting is remembered.
const GROUPS: usize = 10_000;

/// Asks for a greeting of whoever came or went by this update.
pub(super) fn look(walk: &mut Walk, chat: i64) {
    let mut people: Vec<(i64, bool)> = Vec::new();
    match (&walk.event.kind, &walk.event.member, &walk.event.service) {
        (Kind::ChatMember, Some(change), _) if !change.user.is_bot => {
            if change.is_member && !change.was_member {
                people.push((change.user.id, true));
            } else if change.was_member && !change.is_member && change.new == "left" {
                people.push((change.user.id, false));
            }
        }
        // Where Beadle is no admin and in basic groups there is only the notice.
        (Kind::Message, _, Some(Service::Joined(users))) => {
            people.extend(users.iter().filter(|u| !u.is_bot).map(|u| (u.id, true)));
        }
        (Kind::Message, _, Some(Service::Left(user))) if !user.is_bot => {
            people.push((user.id, false));
        }
        _ => {}
    }
    let now = walk.now;
    for (user, came) in people {
        walk.write(move |tx| {
            let which = if came { "welcome" } else { "goodbye" };
            if store::text(tx, chat, which)?.is_none() {
                return Ok(());
            }
            // The notice and the change of membership tell the same: one job.
            let job = Job::new(
                KIND,
                json!({ "chat": chat, "user": user, "which": which, "since": now }),
            );
            let job = job
                .unique(format!("{chat}:{user}:{which}"))
                .tenant(chat)
                .priority(Priority::Low)
                .at(now + SOON);
            tx.enqueue(&job, now)?;
            Ok(())
        });
    }
}

/// Greets.
pub(super) struct GreetWorker {
    desk: Desk,
    clock: SharedClock,
    /// When each group was last greeted in; a restart greets once more at most.
    last: Mutex<HashMap<i64, Millis>>,
}

impl GreetWorker {
    pub(super) fn new(desk: Desk, clock: SharedClock) -> Self {
        Self {
            desk,
            clock,
            last: Mutex::default(),
        }
    }

    /// Whether it may be said in `chat` now; then it counts as said.
    fn may(&self, chat: i64, now: Millis) -> bool {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last
            .get(&chat)
            .is_some_and(|at| (0..PAUSE).contains(&(now - at)))
        {
            return false;
        }
        if last.len() >= GROUPS {
            last.retain(|_, at| now - *at < PAUSE);
        }
        last.insert(chat, now);
        true
    }

    async fn greet(&self, payload: &Value) -> Result<Done, Trouble> {
        let number = |name: &str| payload[name].as_i64();
        let (Some(chat), Some(user), Some(since)) =
            (number("chat"), number("user"), number("since"))
        else {
            return Err(Trouble::Hopeless("the payload names nobody".to_owned()));
        };
        let which = payload["which"].as_str().unwrap_or("welcome").to_owned();
        let now = self.clock.now();
        let asked = which.clone();
        let found = self.desk.store.read(move |conn| {
            Ok((
                store::guest(conn, chat, user, since - SOON)?,
                store::text(conn, chat, &asked)?,
                store::group(conn, chat)?,
            ))
        });
        let (guest, words, group) = found.await?;
        let (Some(words), Some((settings, language, title))) = (words, group) else {
            return Ok(Done::nothing());
        };
        let welcome = which == "welcome";
        if welcome && guest.waits && now - since < AT_MOST {
            return Ok(Done::nothing().again_at(now + AGAIN));
        }
        if welcome != guest.inside || !self.may(chat, now) {
            return Ok(Done::nothing());
        }
        let lang = Lang::from_tag(language.as_deref());
        // Who leaves may have come for nothing but to have their name printed.
        let shown = guest.name.filter(|_| welcome && guest.unremarkable);
        let who = match &shown {
            Some(shown) => format!("<a href=\"tg://user?id={user}\">{}</a>", name(shown)),
            None => text(lang, "greet-nameless", &[]),
        };
        let html = fill(&words, &who, title.as_deref().unwrap_or("…"));
        let markup = welcome
            .then(|| rules_button(&self.desk, chat, lang))
            .flatten();
        let settings = HouseSettings::read(&settings);
        let life = settings.welcome_for;
        Ok(Done::with(move |tx| {
            let rules = store::text(tx, chat, "rules")?;
            let note = Effect::send_html(chat, html, markup.filter(|_| rules.is_some()));
            say(tx, &note, life, now)
        }))
    }
}

/// Says `effect`, for `life` or for good.
pub(super) fn say(
    tx: &mut crate::store::Tx<'_>,
    effect: &Effect,
    life: Millis,
    now: Millis,
) -> Result<(), StoreError> {
    if life > 0 {
        tx.send_fleeting(effect, life, now, None)?;
    } else {
        tx.send(effect, now, None)?;
    }
    Ok(())
}

/// A button that opens the rules in private, once the bot's name is known.
pub(super) fn rules_button(desk: &Desk, chat: i64, lang: Lang) -> Option<Value> {
    let bot = desk.link.bot()?;
    let url = format!("https://t.me/{bot}?start=rules-{chat}");
    let button = json!({ "text": text(lang, "button-rules", &[]), "url": url });
    Some(json!({ "inline_keyboard": [[button]] }))
}

/// What an admin wrote, as HTML, with `{name}` and `{group}` filled in. Values are put in once: a name that holds
/// `{group}` stays as it is.
pub(super) fn fill(words: &str, who: &str, title: &str) -> String {
    let mut html = String::new();
    let mut rest = words;
    while let Some(at) = rest.find('{') {
        html.push_str(&escape(&rest[..at]));
        rest = &rest[at..];
        let known = [("{name}", who.to_owned()), ("{group}", name(title))];
        match known.iter().find(|(mark, _)| rest.starts_with(mark)) {
            Some((mark, value)) => {
                html.push_str(value);
                rest = &rest[mark.len()..];
            }
            None => {
                html.push('{');
                rest = &rest[1..];
            }
        }
    }
    html.push_str(&escape(rest));
    html
}

impl Worker for GreetWorker {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn run<'a>(&'a self, work: &'a mut Work) -> BoxFuture<'a, Result<Done, Trouble>> {
        Box::pin(async move { self.greet(&work.payload.clone()).await })
    }
}
