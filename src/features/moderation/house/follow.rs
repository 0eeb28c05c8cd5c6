//! What follows when a message broke a rule of the house and was removed: the album with it, its author treated, a
//! word why.
use super::action::Action;
use super::breach::Breach;
use super::shelf::Shelf;
use crate::base::clock::Millis;
use crate::community::fleeting::{self, Fleeting as _};
use crate::community::{Community, GroupFacts, LaneView};
use crate::features::moderation::kept::because;
use crate::features::moderation::ladder::Step;
use crate::features::moderation::order::Desk;
use crate::features::moderation::order::treat::{self, Case};
use crate::features::moderation::settings::GroupSettings;
use crate::pipeline::Walk;
use crate::telegram::event::Sender;
use crate::telegram::sender::text::escape;
use crate::telegram::sender::{Effect, SendLane};
use crate::texts::{Lang, text, when};

const MINUTE: Millis = 60_000;
const DAY: Millis = 24 * 60 * MINUTE;

impl Breach {
    /// The step of a treatment that the rule asks for, and for how long; None where the ladder says it, or nothing
    /// follows.
    fn step(&self) -> Option<(Step, Millis)> {
        let count =
            |span: Millis, unit: Millis| u32::try_from((span / unit).max(1)).unwrap_or(u32::MAX);
        match self.action {
            Action::Delete | Action::Warn => None,
            Action::Mute(span) => Some((
                Step::Mute {
                    minutes: count(span, MINUTE),
                },
                span,
            )),
            Action::Ban(span) => Some((
                Step::Ban {
                    days: count(span, DAY),
                },
                span,
            )),
        }
    }
}

/// Adds it to the walk; the removal of the message itself is decided. `told` says that the author hears of a treatment
/// for spam already.
pub(in crate::features::moderation) fn follow(
    walk: &mut Walk,
    view: &mut LaneView,
    (shelf, desk, community): (&Shelf, &Desk, &Community),
    (group, own): (&GroupFacts, &GroupSettings),
    breach: &Breach,
    told: bool,
) {
    let chat = group.id;
    let Some(message) = walk.event.message_id else {
        return;
    };
    siblings(walk, view, shelf, community, chat, breach.code);
    let (user, sender_chat) = match &walk.event.sender {
        Sender::User(user) => (Some(user.id), None),
        Sender::Channel { chat } => (None, Some(chat.id)),
        _ => (None, None),
    };
    let lang = Lang::from_tag(group.language.as_deref());
    if breach.action > Action::Delete {
        let case = Case {
            chat,
            message,
            at: walk.event.date.map_or(walk.now, |date| date * 1_000),
            user,
            sender_chat,
            regular: false,
            spared: false,
            codes: vec![breach.code.to_owned()],
            by: None,
            settings: own.clone(),
            lang,
        };
        let (desk, now, seq, step) = (desk.clone(), walk.now, walk.seq, breach.step());
        walk.write(move |tx| treat::by_rule(tx, &desk, &case, step, now, Some(seq)).map(|_id| ()));
        if let Some(user) = user {
            view.stale.insert((chat, user));
        }
        return;
    }
    if told || !shelf.may_tell(chat, user.or(sender_chat).unwrap_or(0), breach.code) {
        return;
    }
    let mut why = because(lang, std::iter::once(breach.code));
    if let Some(kind) = &breach.kind {
        why = format!("{why} ({kind})");
    }
    let words = match breach.wait {
        Some(wait) => {
            let wait = when::wait(lang, wait);
            text(lang, "house-slow", &[("wait", wait.into())])
        }
        None => text(lang, "house-removed", &[("reason", escape(&why).into())]),
    };
    let mut note = Effect::send_html(chat, words, None).lane(SendLane::Other);
    if let Some(topic) = walk.event.topic {
        note = note.with("message_thread_id", topic);
    }
    let (now, seq) = (walk.now, walk.seq);
    walk.write(move |tx| {
        tx.send_fleeting(&note, fleeting::USUAL / 2, now, Some(seq))
            .map(|_row| ())
    });
}

/// The other items of the message's album: people see one message, and it goes as one.
fn siblings(
    walk: &mut Walk,
    view: &mut LaneView,
    shelf: &Shelf,
    community: &Community,
    chat: i64,
    code: &'static str,
) {
    let Some(album) = walk.event.album.clone() else {
        return;
    };
    shelf.break_album(chat, &album, code);
    let known = view.albums.get_mut(&(chat, album));
    let standing = known.map(|known| std::mem::take(&mut known.standing));
    let own = walk.event.message_id;
    for sibling in standing.into_iter().flatten().filter(|id| Some(*id) != own) {
        walk.send(Effect::delete(chat, sibling));
        if let Some(write) = community.removed(&walk.event, sibling, view, walk.now) {
            walk.write(write);
        }
    }
}
