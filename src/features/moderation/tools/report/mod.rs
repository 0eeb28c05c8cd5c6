//! `/report` and `@admin`: members show moderators a message. It decides nothing: a card is shown to a person.
pub mod rules;
mod store;

use futures_util::future::BoxFuture;

use super::settings::ReportSettings;
use super::words;
use crate::base::clock::Millis;
use crate::community::fleeting::{self, Fleeting as _};
use crate::community::target::{NoTarget, Target, asked};
use crate::community::{GroupFacts, LaneView};
use crate::config::Mode;
use crate::features::moderation::order::store::{self as cards, NewCard};
use crate::features::moderation::order::{Desk, open_card, refresh};
use crate::pipeline::stages::{ChatCommand, Patience, Reply, Said};
use crate::pipeline::{StageError, Walk};
use crate::store::{Connection, StoreError, Tx};
use crate::telegram::event::{Event, Kind, Sender, Source};
use crate::telegram::sender::{Effect, Send as _};
use crate::texts::Lang;

const HOUR: Millis = 3_600_000;
/// Words that call moderators, in reply to a message.
const CALLS: [&str; 2] = ["@admin", "@admins"];

/// How many members reported a message, for its card.
pub(in crate::features::moderation) fn count(
    conn: &Connection,
    chat: i64,
    message: i64,
) -> Result<i64, StoreError> {
    store::count(conn, chat, message)
}

/// A card about a message was decided: `upheld`, `rejected`, or `open` again.
pub(in crate::features::moderation) fn settle(
    tx: &Tx<'_>,
    chat: i64,
    message: i64,
    state: &str,
) -> Result<(), StoreError> {
    store::settle(tx, chat, message, state)
}

/// Forgets up to `limit` reports that say nothing of anybody any more.
pub(in crate::features::moderation) fn expire(
    tx: &Tx<'_>,
    now: Millis,
    limit: i64,
) -> Result<usize, StoreError> {
    store::expire(tx, now, limit)
}

/// `/report`, in reply.
pub(super) struct ReportCommand(pub(super) Desk);

impl ChatCommand for ReportCommand {
    fn names(&self) -> &'static [&'static str] {
        &["report"]
    }

    fn answer<'a>(&'a self, said: Said<'a>) -> BoxFuture<'a, Result<Reply, StageError>> {
        Box::pin(async move {
            let chat = said.event.chat.as_ref();
            let Some(group) = chat.and_then(|c| said.view.groups.get(&c.id)) else {
                return Ok(words::say(said.lang, "tool-in-group"));
            };
            if said.event.callback.is_some() {
                return Ok(Reply::Silence);
            }
            report(&self.0, group, said.event, said.lang, said.now, said.seq).await
        })
    }
}

/// Hears `@admin` in a message that answers another.
pub(in crate::features::moderation) async fn hear(
    (desk, patience): (&Desk, &Patience),
    walk: &mut Walk,
    view: &LaneView,
) -> Result<(), StageError> {
    let chat = walk.event.chat.as_ref();
    let group = chat.and_then(|c| view.groups.get(&c.id));
    let Some(group) = group.filter(|_| !walk.held && calls(&walk.event)) else {
        return Ok(());
    };
    let lang = Lang::from_tag(group.language.as_deref());
    let mut reply = report(desk, group, &walk.event, lang, walk.now, walk.seq).await?;
    if let Sender::User(person) = &walk.event.sender
        && !patience.take(group.id, person.id)
    {
        reply = reply.unsaid();
    }
    let (chat, now, seq) = (group.id, walk.now, walk.seq);
    let to = walk.event.message_id.unwrap_or_default();
    let topic = walk.event.topic;
    walk.write(move |tx| {
        let reply = match reply {
            Reply::Decide(deed) => (deed.act)(tx)?,
            other => other,
        };
        if let Reply::Fleeting(html, _) = reply {
            let thanks = Effect::reply_html(chat, to, topic, html, None);
            tx.send_fleeting(&thanks, fleeting::USUAL, now, Some(seq))?;
        }
        Ok(())
    });
    Ok(())
}

/// Whether a message calls moderators to the one it answers.
fn calls(event: &Event) -> bool {
    if event.kind != Kind::Message || event.reply_to.is_none() || event.command.is_some() {
        return false;
    }
    let own = event.texts.iter().filter(|t| t.source == Source::Text);
    own.flat_map(|t| t.text.split_whitespace()).any(|word| {
        let word = word.trim_end_matches(['!', '?', '.', ',']);
        CALLS.iter().any(|call| word.eq_ignore_ascii_case(call))
    })
}

/// Takes a report of the message that `event` answers.
async fn report(
    desk: &Desk,
    group: &GroupFacts,
    event: &Event,
    lang: Lang,
    now: Millis,
    seq: i64,
) -> Result<Reply, StageError> {
    let settings = ReportSettings::of(group);
    // Channels and anonymous admins have other ways.
    let (true, Sender::User(person)) = (settings.on, &event.sender) else {
        return Ok(Reply::Silence);
    };
    let Some(message) = event.reply_to else {
        return Ok(words::say(lang, "report-how"));
    };
    let (chat, reporter) = (group.id, person.id);
    let author = match asked(&desk.store, event, "").await?.target {
        Ok(Target::Person { user, .. }) if Some(user) == desk.own => {
            return Ok(words::say(lang, "report-me"));
        }
        Ok(Target::Person { user, .. }) if user == reporter => {
            return Ok(words::say(lang, "report-own"));
        }
        Ok(Target::Person { user, .. }) => match desk.rights.is_admin(chat, user).await {
            Ok(false) => Some((Some(user), None)),
            Ok(true) => None,
            Err(_) => return Ok(words::say(lang, "alert-rights-unknown")),
        },
        Ok(Target::Channel { chat, .. }) => Some((None, Some(chat))),
        Err(NoTarget::Ourselves) => None,
        Err(_) => return Ok(words::say(lang, "report-how")),
    };
    let Some((user, sender_chat)) = author else {
        return Ok(words::say(lang, "report-admin"));
    };
    let report = store::Report {
        chat,
        message,
        author: user,
        reporter,
    };
    let card = NewCard {
        chat,
        message: Some(message),
        user,
        sender_chat,
        lang: Lang::from_tag(group.language.as_deref()).tag(),
        place: desk.place(group).await?,
        treatment: None,
        kind: "verdict",
        shows: None,
        campaign: None,
    };
    let desk = desk.clone();
    let tidy = (group.can_act() && group.mode == Mode::Act).then_some(event.message_id);
    let command = tidy.flatten().filter(|_| event.command.is_some());
    let reply = Reply::decide(move |tx| {
        let thanks = || words::say(lang, "report-thanks");
        if store::since(tx, reporter, now - HOUR)? >= rules::HOURLY {
            return Ok(words::say(lang, "report-often"));
        }
        if let Some(command) = command {
            tx.send(&Effect::delete(chat, command), now, Some(seq))?;
        }
        if !store::put(tx, &report, now)? {
            return Ok(thanks());
        }
        show(tx, &desk, &card, settings, now, seq)?;
        Ok(thanks())
    });
    Ok(reply.for_anybody())
}

/// Shows the card, once enough have reported; further reports are counted on it.
fn show(
    tx: &mut Tx<'_>,
    desk: &Desk,
    card: &NewCard,
    settings: ReportSettings,
    now: Millis,
    seq: i64,
) -> Result<(), StoreError> {
    let Some(message) = card.message else {
        return Ok(());
    };
    if let Some(known) = cards::verdict_of(tx, card.chat, message)? {
        // What a person has decided is decided; more voices do not open it again.
        match known.state.as_str() {
            "open" => refresh(tx, &desk.seal, known.id, now, Some(seq))?,
            "decided" => {
                let upheld = matches!(known.choice.as_deref(), Some("spam" | "ban" | "noban"));
                let state = if upheld { "upheld" } else { "rejected" };
                store::settle(tx, card.chat, message, state)?;
            }
            _ => {}
        }
        return Ok(());
    }
    let records = store::records(tx, card.chat, message, now)?;
    let weights: Vec<f64> = records
        .into_iter()
        .map(|(upheld, rejected)| rules::weight(upheld, rejected))
        .collect();
    if rules::suffices(&weights, settings.threshold) {
        open_card(tx, &desk.seal, card, now, Some(seq))?;
    }
    Ok(())
}
