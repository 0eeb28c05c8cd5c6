//! Turns an event into rows: the group, the person, the member, the message.
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use super::store::{self, MessageRow};
use super::view::{GroupFacts, LaneView};
use super::{Community, arbiter, people, reach};
use crate::base::clock::Millis;
use crate::base::ids::uuid7;
use crate::store::{StoreError, Tx};
use crate::telegram::event::{Chat, Event, Kind, Sender, Service, Source, User};

/// Words kept of one message, in bytes: Telegram's longest text is 4,096 characters; captions, polls and
/// buttons come on top.
const MAX_TEXT: usize = 32 * 1024;

/// A change, run inside the lane's transaction.
pub type Write = Box<dyn FnOnce(&mut Tx<'_>) -> Result<(), StoreError> + Send>;

/// What must be written to keep `event`; the view is brought up to date at once.
pub fn record(
    community: &Community,
    event: &Event,
    view: &mut LaneView,
    now: Millis,
) -> Vec<Write> {
    let mut writes: Vec<Write> = Vec::with_capacity(4);
    let Some(chat) = &event.chat else {
        return writes;
    };
    if let Some(write) = reach::heard(event, now) {
        writes.push(write);
    }
    if let Some(ahead) = community.telegram_time(event.date, now) {
        tracing::warn!(
            seconds = ahead / 1_000,
            "this machine's clock is behind Telegram's: set it, or timed restrictions last longer than meant"
        );
        writes.push(Box::new(move |tx| arbiter::put_ahead(tx, ahead)));
    }
    if let Some(write) = group(community, chat, view, now) {
        writes.push(write);
    }
    if let Some(write) = migration(event, chat, view, now) {
        writes.push(write);
    }
    if let Some(write) = back(event, chat, view, now) {
        writes.push(write);
    }
    for user in users(event) {
        let profile = digest(user);
        let facts = view.member(chat.id, user.id);
        if facts.profile != profile {
            facts.profile = profile;
            let uid = *uuid7(community.random(), now).as_bytes();
            let user = user.clone();
            writes.push(Box::new(move |tx| store::put_user(tx, &user, &uid, now)));
        }
    }
    if let Some(write) = member(event, chat, view, now) {
        writes.push(write);
    }
    if let Some(write) = message(event, chat, view, community.low_disk(), now) {
        writes.push(write);
    }
    writes
}

/// Takes back a message of the event's sender: it was removed.
pub(super) fn removed(
    event: &Event,
    message: i64,
    view: &mut LaneView,
    now: Millis,
) -> Option<Write> {
    let chat = event.chat.as_ref()?.id;
    let user = people(event).next();
    if let Some(user) = user {
        view.member(chat, user).removed += 1;
    }
    Some(Box::new(move |tx| {
        store::mark_removed(tx, chat, message, now)?;
        user.map_or(Ok(()), |user| store::count_removed(tx, chat, user))
    }))
}

fn group(community: &Community, chat: &Chat, view: &mut LaneView, now: Millis) -> Option<Write> {
    if chat.kind == "private" {
        return None;
    }
    let known = view.groups.get(&chat.id);
    // Nearly every message: nothing about the group is new.
    if known.is_some_and(|g| {
        g.kind == chat.kind && g.title == chat.title && g.username == chat.username
    }) {
        return None;
    }
    let seen = GroupFacts {
        id: chat.id,
        kind: chat.kind.clone(),
        title: chat.title.clone(),
        username: chat.username.clone(),
        mode: known.map_or(community.default_mode(), |g| g.mode),
        settings_rev: known.map_or(1, |g| g.settings_rev),
        language: known.and_then(|g| g.language.clone()),
        away_since: known.and_then(|g| g.away_since),
        may_delete: known.and_then(|g| g.may_delete),
        settings: known.map_or_else(|| "{}".into(), |g| g.settings.clone()),
    };
    view.groups.insert(chat.id, Arc::new(seen.clone()));
    Some(Box::new(move |tx| store::put_group(tx, &seen, now)))
}

fn migration(event: &Event, chat: &Chat, view: &mut LaneView, now: Millis) -> Option<Write> {
    let (old, new) = match event.service {
        Some(Service::MigratedTo(new)) => (chat.id, new),
        Some(Service::MigratedFrom(old)) => (old, chat.id),
        _ => return None,
    };
    view.moved = true;
    if let Some(group) = view.groups.get(&old).map(|g| GroupFacts::clone(g)) {
        let known = view.groups.get(&new).map_or(0, |g| g.settings_rev);
        view.groups.insert(
            new,
            Arc::new(GroupFacts {
                id: new,
                kind: "supergroup".to_owned(),
                settings_rev: group.settings_rev.max(known) + 1,
                // The supergroup has rights of its own, which Telegram has yet to tell.
                away_since: None,
                may_delete: None,
                ..group
            }),
        );
    }
    Some(Box::new(move |tx| {
        if store::migrate(tx, old, new, now)? {
            arbiter::moved(tx, old, new, now)?;
        }
        Ok(())
    }))
}

/// A message from a group that was thought lost, sent after that: Beadle is in it again.
fn back(event: &Event, chat: &Chat, view: &mut LaneView, now: Millis) -> Option<Write> {
    let group = view.groups.get_mut(&chat.id)?;
    let sent = event.date?.saturating_mul(1000);
    if !event.kind.is_message() || group.away_since.is_none_or(|since| sent <= since) {
        return None;
    }
    let group = Arc::make_mut(group);
    (group.away_since, group.may_delete) = (None, None);
    let chat = chat.id;
    tracing::info!(chat, "messages come from a group that was thought lost");
    Some(Box::new(move |tx| store::found_again(tx, chat, now)))
}

fn users(event: &Event) -> impl Iterator<Item = &User> {
    let sender = match &event.sender {
        Sender::User(user) => Some(user),
        _ => None,
    };
    let member = event.member.as_ref().map(|m| &m.user);
    sender.into_iter().chain(member)
}

fn member(event: &Event, chat: &Chat, view: &mut LaneView, now: Millis) -> Option<Write> {
    let change = event.member.as_ref()?;
    let (chat, user, status) = (chat.id, change.user.id, change.new.clone());
    if event.kind == Kind::MyChatMember {
        let rights = change.rights.to_string();
        let gone = !change.is_member;
        let may_restrict = change.rights["can_restrict_members"] == true;
        if let Some(group) = view.groups.get_mut(&chat) {
            let right = change.rights.get("can_delete_messages");
            let may = store::may_delete(&status, right.and_then(serde_json::Value::as_bool));
            tell_standing(group, gone, may);
            let group = Arc::make_mut(group);
            group.away_since = gone.then_some(now);
            group.may_delete = Some(may);
        }
        return Some(Box::new(move |tx| {
            store::put_bot_status(tx, chat, &status, &rights, gone, now)?;
            if may_restrict {
                arbiter::promoted_again(tx, chat, now)?;
            }
            Ok(())
        }));
    }
    let (whole, date) = (change.clone(), event.date);
    let joined = (change.is_member && !change.was_member).then_some(now);
    let facts = view.member(chat, user);
    if facts.first_seen == 0 {
        facts.first_seen = now;
    }
    Some(Box::new(move |tx| {
        store::put_status(tx, chat, user, &status, joined, now)?;
        arbiter::heard(tx, chat, &whole, date, now)
    }))
}

/// Says in the log, once, what changed for Beadle in a group.
fn tell_standing(before: &GroupFacts, gone: bool, may: bool) {
    let chat = before.id;
    let could = before.can_act();
    match (gone, may) {
        (true, _) if before.away_since.is_none() => {
            tracing::warn!(chat, "Beadle is not in this group any more");
        }
        (false, false) if could => tracing::warn!(
            chat,
            "Beadle may not delete messages in this group: it judges, and removes nothing until it may"
        ),
        (false, true) if !could => {
            tracing::info!(chat, "Beadle may delete messages in this group again")
        }
        _ => {}
    }
}

fn message(
    event: &Event,
    chat: &Chat,
    view: &mut LaneView,
    low_disk: bool,
    now: Millis,
) -> Option<Write> {
    let edited = match event.kind {
        Kind::Message | Kind::ChannelPost => false,
        Kind::EditedMessage | Kind::EditedChannelPost => true,
        _ => return None,
    };
    let message = event.message_id?;
    let (user, sender_chat) = match &event.sender {
        Sender::User(user) => (Some(user.id), None),
        Sender::AnonymousAdmin { chat } => (None, Some(*chat)),
        Sender::Channel { chat } | Sender::LinkedChannel { chat } => (None, Some(chat.id)),
        Sender::Unknown => (None, None),
    };
    let (text, own) = if low_disk {
        (String::new(), 0)
    } else {
        own_first(event)
    };
    let row = MessageRow {
        chat: chat.id,
        message,
        user,
        sender_chat,
        date: event.date.map_or(now, |d| d.saturating_mul(1000)),
        topic: event.topic,
        album: event.album.clone(),
        reply_to: event.reply_to,
        content: event.content.join(","),
        text: (!text.is_empty()).then_some(text),
        own,
        links: if low_disk { None } else { links(event) },
        attachments: if low_disk {
            Vec::new()
        } else {
            event.attachments.clone()
        },
    };
    if edited {
        let edited_at = event.edit_date.map_or(now, |d| d.saturating_mul(1000));
        return Some(Box::new(move |tx| {
            store::put_edit(tx, &row, edited_at, now)
        }));
    }
    // Coming, going and pinning is not talking.
    let counted = user.filter(|_| event.service.is_none());
    if let Some(user) = counted {
        let facts = view.member(chat.id, user);
        facts.messages += 1;
        if facts.first_seen == 0 {
            facts.first_seen = now;
        }
    }
    let chat = chat.id;
    Some(Box::new(move |tx| {
        store::put_message(tx, &row, now)?;
        counted.map_or(Ok(()), |user| store::count_message(tx, chat, user, now))
    }))
}

/// The words of a message, one carrier a line: what the sender wrote, then what came along with it.
pub fn words(event: &Event) -> Option<String> {
    let (all, _own) = own_first(event);
    (!all.is_empty()).then_some(all)
}

/// The words, and how many bytes of them, from the beginning, the sender wrote.
fn own_first(event: &Event) -> (String, usize) {
    let mut all = String::new();
    let mut add = |wanted: bool| {
        let kept = event.texts.iter().filter(|t| t.source != Source::Reply);
        for text in kept.filter(|t| is_own(t.source) == wanted) {
            if !all.is_empty() {
                all.push('\n');
            }
            let room = MAX_TEXT.saturating_sub(all.len());
            all.push_str(&text.text[..text.text.floor_char_boundary(room)]);
        }
        all.len()
    };
    let own = add(true);
    add(false);
    (all, own)
}

/// Whether words of this kind are the sender's, and not quoted, forwarded from somebody, or somebody's name.
fn is_own(source: Source) -> bool {
    matches!(
        source,
        Source::Text
            | Source::Caption
            | Source::RichText
            | Source::Poll
            | Source::Venue
            | Source::DocumentName
            | Source::PaidMedia
            | Source::Checklist
    )
}

/// Targets of the sender's links, one a line.
fn links(event: &Event) -> Option<String> {
    let mut all = String::new();
    for link in event.links.iter().filter(|l| l.source != Source::Reply) {
        if all.len() + link.target.len() < MAX_TEXT {
            all.push_str(&link.target);
            all.push('\n');
        }
    }
    (!all.is_empty()).then_some(all)
}

fn digest(user: &User) -> u64 {
    let mut hasher = DefaultHasher::new();
    (&user.first_name, &user.last_name, &user.username).hash(&mut hasher);
    hasher.finish() | 1
}
