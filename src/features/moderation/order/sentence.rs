//! What a moderator's command does to somebody: through the arbiter, counted, kept, told.
use super::desk::Desk;
use super::store::treatments::{self, NewTreatment};
use super::tell::{self, News};
use crate::base::clock::Millis;
use crate::community::arbiter::{Arbitrate as _, Imposer, Measure, Order, Outcome, Subject, Why};
use crate::features::moderation::tools::catch::{self, rules::Kind};
use crate::store::{StoreError, Tx};
use crate::texts::Lang;

/// Why, in `treatments.reasons`; the words are beside it.
const CODE: &str = "by_command";
/// Who is kicked may come back after this: the shortest ban that Telegram takes for one with an end, with room
/// (Bot API, banChatMember: less than 30 s is for good). It ends at Telegram, whatever becomes of Beadle.
const KICK: Millis = 60_000;

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::features::moderation) enum What {
    /// They are told.
    Warn,
    /// They may not write.
    Mute,
    /// They are out, and may come back.
    Kick,
    /// They are out.
    Ban,
}

/// A moderator's word about somebody.
#[derive(Debug, Clone)]
pub(in crate::features::moderation) struct Sentence {
    pub chat: i64,
    pub whom: Subject,
    /// The message that was answered.
    pub message: Option<i64>,
    pub what: What,
    /// End of a mute or ban; None for good.
    pub until: Option<Millis>,
    /// Until when it counts on the ladder; None when it does not count.
    pub counts_until: Option<Millis>,
    /// The moderator's own words; may be empty.
    pub words: String,
    pub by: i64,
    /// When the command was sent.
    pub at: Millis,
    /// No note of it in the group.
    pub quiet: bool,
    pub lang: Lang,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::features::moderation) enum Carried {
    /// It is done.
    Done {
        /// In `treatments`.
        treatment: i64,
        /// Until when it holds.
        until: Option<Millis>,
    },
    /// It was too much at once, and nothing was done.
    Stopped,
    /// The arbiter does not do it, and nothing was done.
    Refused(Why),
}

/// Carries it out. Whether the moderator may, and that the person is no admin, was asked before.
pub(in crate::features::moderation) fn carry_out(
    tx: &mut Tx<'_>,
    desk: &Desk,
    s: &Sentence,
    now: Millis,
    seq: Option<i64>,
) -> Result<Carried, StoreError> {
    let out = matches!(s.what, What::Kick | What::Ban);
    let frozen = catch::is_frozen(tx, s.chat, s.by)?;
    if frozen || (out && !catch::pass(tx, (s.chat, s.by), Kind::Ban, (s.at, 1), now)?) {
        return Ok(Carried::Stopped);
    }
    let measure = match s.what {
        What::Warn => None,
        What::Mute => Some(Measure::Mute),
        What::Kick | What::Ban => Some(Measure::Ban),
    };
    let until = match s.what {
        What::Warn => None,
        What::Kick => Some(now + KICK),
        What::Mute | What::Ban => s.until,
    };
    let mut restriction = None;
    if let Some(what) = measure {
        let order = Order {
            chat: s.chat,
            subject: s.whom,
            by: Imposer::Moderator(s.by),
            what,
            until,
            reason: CODE.to_owned(),
            verdict: None,
            revoke_messages: false,
            asked: true,
        };
        match tx.impose(&order, now, seq)? {
            Outcome::Told { entry, .. } => restriction = entry,
            Outcome::Covered { entry } => restriction = Some(entry),
            Outcome::Unchanged => {}
            Outcome::Refused(why) => return Ok(Carried::Refused(why)),
        }
    }
    let (user, sender_chat) = match s.whom {
        Subject::User(user) => (Some(user), None),
        Subject::Channel(chat) => (None, Some(chat)),
    };
    let (kind, told) = match s.what {
        What::Warn => ("warn", "warn"),
        What::Mute => ("mute", "mute"),
        What::Kick => ("ban", "kick"),
        What::Ban => ("ban", "ban"),
    };
    let treatment = NewTreatment {
        chat: s.chat,
        message: s.message,
        user,
        sender_chat,
        kind,
        counts_until: s.counts_until,
        until,
        reasons: serde_json::to_string(&[CODE])?,
        words: Some(s.words.clone()).filter(|w| !w.is_empty()),
        by: Some(s.by),
        restriction,
    };
    let id = treatments::put(tx, &treatment, now)?;
    if let Some(user) = user {
        let news = News {
            treatment: id,
            chat: s.chat,
            user,
            kind: told,
            until,
            codes: vec![CODE.to_owned()],
            message: s.message,
            words: Some(s.words.clone()),
            quiet: s.quiet,
            lang: s.lang,
        };
        tell::tell(tx, desk, &news, now, seq)?;
    }
    Ok(Carried::Done {
        treatment: id,
        until,
    })
}
