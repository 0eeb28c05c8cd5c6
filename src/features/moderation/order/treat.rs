//! Treats the author of a removed message: the next step of the ladder, through the arbiter.
use super::desk::Desk;
use super::store::treatments::{self, NewTreatment};
use super::tell::{self, News};
use crate::base::clock::Millis;
use crate::community::arbiter::{Arbitrate as _, Imposer, Measure, Order, Outcome, Subject, Why};
use crate::community::reputation::{Evidence, Repute as _};
use crate::features::moderation::ladder::{self, Author, Step};
use crate::features::moderation::settings::GroupSettings;
use crate::features::moderation::store::verdict_id;
use crate::features::moderation::tools::catch;
use crate::store::{StoreError, Tx};
use crate::texts::Lang;

const DAY: Millis = 86_400_000;

/// Whose message was removed, and why.
#[derive(Debug, Clone)]
pub(in crate::features::moderation) struct Case {
    pub chat: i64,
    pub message: i64,
    /// When it was written.
    pub at: Millis,
    pub user: Option<i64>,
    pub sender_chat: Option<i64>,
    /// Has long been writing here.
    pub regular: bool,
    /// The evidence removes the message, and is not enough to restrict anybody.
    pub spared: bool,
    /// Codes of what spoke against the message, the heaviest first.
    pub codes: Vec<String>,
    /// The moderator who says so; None is Beadle.
    pub by: Option<i64>,
    pub settings: GroupSettings,
    pub lang: Lang,
}

impl Case {
    fn subject(&self) -> Option<Subject> {
        let channel = self.sender_chat.map(Subject::Channel);
        self.user.map(Subject::User).or(channel)
    }
}

/// Applies the step that is due, and tells the person; gives the treatment's id. Whether the author is an
/// admin was asked before.
pub(in crate::features::moderation) fn treat(
    tx: &mut Tx<'_>,
    desk: &Desk,
    case: &Case,
    now: Millis,
    seq: Option<i64>,
) -> Result<i64, StoreError> {
    due(tx, desk, case, false, now, seq)
}

/// The same; `written` says that a rule of an admin asks for it.
fn due(
    tx: &mut Tx<'_>,
    desk: &Desk,
    case: &Case,
    written: bool,
    now: Millis,
    seq: Option<i64>,
) -> Result<i64, StoreError> {
    let whose = (case.user, case.sender_chat);
    let (strikes, last) = treatments::strikes(tx, case.chat, whose, now)?;
    let author = Author {
        regular: case.regular,
        channel: case.sender_chat.is_some(),
        spared: case.spared,
    };
    let step = ladder::next(&case.settings.steps, author, strikes, last, now);
    let mut step = step.filter(|_| case.subject().is_some());
    // Too many at once, and somebody should look at it first.
    let who = (case.chat, case.user);
    if case.by.is_none() && !catch::pass_machine(tx, who, case.at, written, now)? {
        step = None;
    }
    let lasts = step.and_then(Step::lasts);
    Ok(apply(tx, desk, case, step, lasts, now, seq)?.0)
}

/// Applies what a rule that an admin wrote asks for: a step with its length in milliseconds, or, with None, the next
/// one of the ladder. What is removed within a minute of the last strike belongs to it, as on the ladder. Gives the
/// treatment's id.
pub(in crate::features::moderation) fn by_rule(
    tx: &mut Tx<'_>,
    desk: &Desk,
    case: &Case,
    step: Option<(Step, Millis)>,
    now: Millis,
    seq: Option<i64>,
) -> Result<i64, StoreError> {
    let Some((step, lasts)) = step else {
        return due(tx, desk, case, true, now, seq);
    };
    let whose = (case.user, case.sender_chat);
    let (_, last) = treatments::strikes(tx, case.chat, whose, now)?;
    let again = last.is_some_and(|at| (0..ladder::BURST).contains(&(now - at)));
    // A channel can be banned, and nothing less.
    let mild = case.sender_chat.is_some() && matches!(step, Step::Mute { .. });
    // A rule that hits too many at once is looked at by a person first.
    let idle = again
        || case.subject().is_none()
        || !catch::pass_machine(tx, (case.chat, case.user), case.at, true, now)?;
    let (step, lasts) = match (idle, mild) {
        (true, _) => (None, None),
        (false, true) => (Some(Step::Warn), None),
        (false, false) => (Some(step), Some(lasts)),
    };
    Ok(apply(tx, desk, case, step, lasts, now, seq)?.0)
}

/// Bans the author on a moderator's word, for good, with their messages; gives why not, when the arbiter refuses.
pub(in crate::features::moderation) fn ban(
    tx: &mut Tx<'_>,
    desk: &Desk,
    case: &Case,
    now: Millis,
    seq: Option<i64>,
) -> Result<Option<Why>, StoreError> {
    let step = Step::Ban { days: 0 };
    Ok(apply(tx, desk, case, Some(step), None, now, seq)?.1)
}

fn apply(
    tx: &mut Tx<'_>,
    desk: &Desk,
    case: &Case,
    step: Option<Step>,
    lasts: Option<Millis>,
    now: Millis,
    seq: Option<i64>,
) -> Result<(i64, Option<Why>), StoreError> {
    let mut refused = None;
    let mut kind = step.map_or("delete", Step::word);
    let mut until = lasts.map(|lasts| now + lasts);
    let mut restriction = None;
    let what = match step {
        Some(Step::Mute { .. }) => Some(Measure::Mute),
        Some(Step::Ban { .. }) => Some(Measure::Ban),
        _ => None,
    };
    if let (Some(what), Some(subject)) = (what, case.subject()) {
        let order = Order {
            chat: case.chat,
            subject,
            by: case.by.map_or(Imposer::Ladder, Imposer::Moderator),
            what,
            until,
            reason: case.codes.first().cloned().unwrap_or_default(),
            verdict: None,
            // Only a person's word takes more than the message itself.
            revoke_messages: what == Measure::Ban && case.by.is_some(),
            asked: true,
        };
        match tx.impose(&order, now, seq)? {
            Outcome::Told { entry, .. } => restriction = entry,
            Outcome::Covered { entry } => restriction = Some(entry),
            Outcome::Unchanged => {}
            Outcome::Refused(why) => {
                tracing::info!(
                    chat = case.chat,
                    why = why.code(),
                    "the arbiter does not restrict"
                );
                // A person asked for a ban and for nothing less: nobody is told of a warning instead.
                let banned_by_hand = case.by.is_some() && lasts.is_none();
                kind = if banned_by_hand { "delete" } else { "warn" };
                (until, refused) = (None, Some(why));
            }
        }
    }
    let forget = Millis::from(case.settings.forget_after_days) * DAY;
    let treatment = NewTreatment {
        chat: case.chat,
        message: Some(case.message),
        user: case.user,
        sender_chat: case.sender_chat,
        kind,
        counts_until: step.map(|_| now + forget),
        until,
        reasons: serde_json::to_string(&case.codes)?,
        words: None,
        by: case.by,
        restriction,
    };
    let id = treatments::put(tx, &treatment, now)?;
    // What a person decides is counted where they decide.
    if let (Some(user), None) = (case.user, case.by) {
        let evidence = if kind == "warn" {
            Evidence::Warned
        } else {
            Evidence::Removed
        };
        let cause = verdict_id(tx, case.chat, case.message)?;
        tx.repute(case.chat, user, evidence, cause, now)?;
    }
    if let (Some(user), true) = (case.user, kind != "delete") {
        let news = News {
            treatment: id,
            chat: case.chat,
            user,
            kind,
            until,
            codes: case.codes.clone(),
            message: Some(case.message),
            words: None,
            quiet: false,
            lang: case.lang,
        };
        tell::tell(tx, desk, &news, now, seq)?;
    }
    Ok((id, refused))
}
