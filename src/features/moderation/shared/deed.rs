//! What a shared ban does in a group, and the way back, each in one transaction.
use serde_json::json;

use super::rules::{Course, Spared};
use super::store::{self, Given, Share};
use crate::base::clock::Millis;
use crate::community::GroupFacts;
use crate::community::arbiter::{
    Arbitrate as _, Imposer, Lift, Measure, Order, Outcome, Restriction, Subject, Whose,
};
use crate::community::audit::{Actor, Audit as _, AuditEntry};
use crate::features::moderation::order::Desk;
use crate::features::moderation::order::store::treatments::{self, NewTreatment};
use crate::features::moderation::order::tell::{self, News};
use crate::features::moderation::tools::catch;
use crate::store::{StoreError, Tx};
use crate::telegram::sender::text::name;
use crate::telegram::sender::{Effect, Send as _};
use crate::texts::{Lang, text};

/// Why, in the ledger and for the person.
const CODE: &str = "shared_ban";

/// A ban that is shared with one group.
pub(super) struct Act {
    pub(super) desk: Desk,
    pub(super) origin: GroupFacts,
    pub(super) ban: Restriction,
    pub(super) user: i64,
    pub(super) group: GroupFacts,
    pub(super) course: Course,
    /// Whether the person has been seen there.
    pub(super) known: bool,
    /// Where people of that group are told.
    pub(super) place: Option<i64>,
}

/// Shares it.
pub(super) fn share(tx: &mut Tx<'_>, act: &Act, now: Millis) -> Result<(), StoreError> {
    let (chat, user) = (act.group.id, act.user);
    let mut share = Share {
        origin: act.origin.id,
        chat,
        subject: user,
        cause: act.ban.id,
        what: "noted",
        entry: None,
        treatment: None,
        until: act.ban.until,
    };
    let mut spared = None;
    match act.course {
        Course::Note => {}
        Course::Spare(why) => spared = Some(why),
        Course::Ban => match ban(tx, act, now)? {
            Ok((entry, treatment)) => {
                (share.what, share.entry, share.treatment) = ("banned", Some(entry), treatment);
            }
            Err(why) => spared = Some(why),
        },
    }
    if spared.is_some() {
        share.what = "spared";
    }
    store::put(tx, &share, now)?;
    let note = AuditEntry::new(Actor::System, "bans.share", format!("user:{user}"))
        .in_chat(chat)
        .with(json!({ "origin": share.origin, "cause": share.cause, "what": share.what }));
    tx.audit(&note, now)?;
    card(tx, act, &share, spared, now)
}

/// Bans them there too; gives the entry and the treatment, or why not.
fn ban(
    tx: &mut Tx<'_>,
    act: &Act,
    now: Millis,
) -> Result<Result<(i64, Option<i64>), Spared>, StoreError> {
    let (chat, user) = (act.group.id, act.user);
    if !catch::pass_machine(tx, (chat, Some(user)), now, false, now)? {
        return Ok(Err(Spared::Stopped));
    }
    let before = store::banned(tx, chat, user)?;
    let order = Order {
        chat,
        subject: Subject::User(user),
        by: Imposer::BanList,
        what: Measure::Ban,
        until: act.ban.until,
        reason: CODE.to_owned(),
        verdict: None,
        revoke_messages: false,
        // Who is an admin was asked for this plan.
        asked: true,
    };
    let entry = match (tx.impose(&order, now, None)?, before) {
        (
            Outcome::Told {
                entry: Some(entry), ..
            }
            | Outcome::Covered { entry },
            _,
        ) => entry,
        // A ban from a third group holds as long.
        (_, Some((entry, treatment))) => return Ok(Ok((entry, treatment))),
        (Outcome::Refused(why), None) => {
            tracing::info!(chat, why = why.code(), "a shared ban is not carried out");
            return Ok(Err(Spared::Refused));
        }
        _ => return Ok(Err(Spared::Refused)),
    };
    if let Some((_, treatment)) = before {
        store::renew(tx, chat, user, entry)?;
        return Ok(Ok((entry, treatment)));
    }
    let treatment = NewTreatment {
        chat,
        message: None,
        user: Some(user),
        sender_chat: None,
        kind: "ban",
        counts_until: None,
        until: act.ban.until,
        reasons: serde_json::to_string(&[CODE])?,
        words: None,
        by: None,
        restriction: Some(entry),
    };
    let id = treatments::put(tx, &treatment, now)?;
    // Who never was there learned of the ban where it was laid.
    if act.known {
        let news = News {
            treatment: id,
            chat,
            user,
            kind: "ban",
            until: act.ban.until,
            codes: vec![CODE.to_owned()],
            message: None,
            words: None,
            quiet: true,
            lang: Lang::from_tag(act.group.language.as_deref()),
        };
        tell::tell(tx, &act.desk, &news, now, None)?;
    }
    Ok(Ok((entry, Some(id))))
}

/// The people of the group are told of somebody they know, with a button that takes a ban back.
fn card(
    tx: &mut Tx<'_>,
    act: &Act,
    share: &Share,
    spared: Option<Spared>,
    now: Millis,
) -> Result<(), StoreError> {
    let (Some(place), true) = (act.place, act.known || spared.is_some()) else {
        return Ok(());
    };
    let lang = Lang::from_tag(act.group.language.as_deref());
    let key = match (spared, share.what) {
        (Some(why), _) => why.key(),
        (None, "banned") => "shared-banned",
        _ => "shared-noted",
    };
    let person = treatments::name_of(tx, act.user)?;
    let who = format!(
        "<a href=\"tg://user?id={}\">{}</a>",
        act.user,
        name(person.as_deref().unwrap_or("…"))
    );
    let title = |group: &GroupFacts| name(group.title.as_deref().unwrap_or("…"));
    let args = [
        ("who", who.into()),
        ("group", title(&act.group).into()),
        ("origin", title(&act.origin).into()),
    ];
    let markup = share.treatment.map(|treatment| {
        let data = act.desk.seal.data("undo", &treatment.to_string(), place);
        json!({ "inline_keyboard": [[
            { "text": text(lang, "button-tool-undo", &[]), "callback_data": data },
        ]] })
    });
    tx.send(
        &Effect::send_html(place, text(lang, key, &args), markup),
        now,
        None,
    )?;
    Ok(())
}

/// The ban where it was laid is over: what it brought about here is lifted, unless a third group's ban needs it.
pub(super) fn take_back(
    tx: &mut Tx<'_>,
    origin: i64,
    user: i64,
    (chat, cause, entry, treatment): Given,
    now: Millis,
) -> Result<(), StoreError> {
    store::take_back(tx, origin, chat, user)?;
    if let (Some(entry), None) = (entry, store::banned(tx, chat, user)?) {
        let lift = Lift {
            chat,
            subject: Subject::User(user),
            by: Imposer::BanList,
            whose: Whose::Entry(entry),
        };
        tx.lift(&lift, now, None)?;
        if let Some(treatment) = treatment {
            // Nobody's hand: the moderator's who lifted the ban stands where it was laid.
            treatments::undo(tx, treatment, 0, now)?;
        }
    }
    let note = AuditEntry::new(Actor::System, "bans.unshare", format!("user:{user}"))
        .in_chat(chat)
        .with(json!({ "origin": origin, "cause": cause, "lifted": entry.is_some() }));
    tx.audit(&note, now)?;
    Ok(())
}
