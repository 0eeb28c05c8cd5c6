//! An album is one message to people and several updates to bots: one item of spam condemns the others,
//! those that came before it and those that come after.
use super::rules::{Decision, Mode, Reason, Settings, Verdict};
use super::store;
use crate::community::{Community, LaneView};
use crate::pipeline::Walk;
use crate::telegram::sender::Effect;

/// Stable name of the reason.
const CODE: &str = "album";
const SENTENCE: &str = "Another item of the same album is spam.";

/// Condemns an item whose album is known as spam. `verdict` is the item's own, not yet `spam`.
pub(super) fn condemn(verdict: &mut Verdict, settings: &Settings) {
    let odds = |p: f32| (p / (1.0 - p)).ln();
    let score = settings.spam_at.clamp(0.5, 0.999);
    let weight = odds(score) - odds(verdict.score.clamp(0.001, 0.999));
    verdict.reasons.insert(0, reason(weight));
    verdict.score = score;
    verdict.band = super::rules::Band::Spam;
    verdict.decision = match settings.mode {
        Mode::Act => Decision::Delete,
        Mode::Observe | Mode::Suggest => Decision::WouldDelete,
    };
    CODE.clone_into(&mut verdict.stage);
}

fn reason(weight: f32) -> Reason {
    Reason {
        code: CODE.to_owned(),
        weight,
        text: SENTENCE.to_owned(),
    }
}

/// Whether another item of the walk's album was spam.
pub(super) fn is_condemned(walk: &Walk, view: &LaneView, chat: i64) -> bool {
    let key = walk.event.album.clone().map(|album| (chat, album));
    key.and_then(|key| view.albums.get(&key))
        .is_some_and(|album| album.spam.is_some())
}

/// Notes the walk's item in its album; when it is spam, treats the items that still stand as it is treated.
pub(super) fn join(
    walk: &mut Walk,
    view: &mut LaneView,
    community: &Community,
    chat: i64,
    message: i64,
    verdict: &Verdict,
) {
    let Some(album) = walk.event.album.clone() else {
        return;
    };
    let known = view.albums.entry((chat, album)).or_default();
    let delete = verdict.decision == Decision::Delete;
    if !delete && !known.standing.contains(&message) {
        known.standing.push(message);
    }
    if !delete && verdict.decision != Decision::WouldDelete {
        return;
    }
    let first = known.spam.replace(message).is_none();
    let siblings: Vec<i64> = if delete {
        std::mem::take(&mut known.standing)
    } else if first {
        known.standing.clone()
    } else {
        Vec::new()
    };
    let word = if delete { "delete" } else { "would_delete" };
    let score = f64::from(verdict.score);
    let now = walk.now;
    for sibling in siblings.into_iter().filter(|id| *id != message) {
        walk.write(move |tx| {
            let reasons = serde_json::to_string(&[reason(1.0)])?;
            store::condemn(tx, chat, sibling, (score, word, &reasons), now)
        });
        if delete {
            walk.send(Effect::delete(chat, sibling));
            if let Some(write) = community.removed(&walk.event, sibling, view, now) {
                walk.write(write);
            }
        }
    }
}
