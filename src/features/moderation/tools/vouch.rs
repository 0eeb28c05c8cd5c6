//! People whom moderators spare or vouch for: `/approve`, `/trust`, `/unapprove`.
use serde_json::json;

use super::command::Call;
use super::verbs::Deed;
use super::{store, words};
use crate::community::admission::Doorkeeper;
use crate::community::audit::{Actor, Audit as _, AuditEntry};
use crate::community::reputation::{Evidence, Repute as _};
use crate::community::target::Target;
use crate::features::moderation::newcomers;
use crate::features::moderation::order::Desk;
use crate::pipeline::stages::Reply;
use crate::texts::text;

/// Who is approved is not treated by Beadle alone; who is trusted counts as known to the group, too.
pub(super) fn vouch(desk: &Desk, keeper: &Doorkeeper, call: Call, target: Target) -> Reply {
    let Target::Person { user, .. } = target else {
        return words::say(call.lang, "tool-only-ban");
    };
    let (chat, community, keeper) = (call.group.id, desk.community.clone(), keeper.clone());
    let reply = Reply::decide(move |tx| {
        let by = &call.by;
        let (changed, done, already) = match call.verb.deed {
            Deed::Trust => {
                let new = store::vouch(tx, (chat, user), "trusted", by.id, by.now)?;
                store::vouch(tx, (chat, user), "approved", by.id, by.now)?;
                if new {
                    tx.repute(chat, user, Evidence::Vouched, None, by.now)?;
                }
                (new, "tool-trusted", "tool-trusted-already")
            }
            Deed::Approve => {
                let new = store::vouch(tx, (chat, user), "approved", by.id, by.now)?;
                (new, "tool-approved", "tool-approved-already")
            }
            _ => {
                let gone = store::unvouch(tx, chat, user)?;
                (gone, "tool-unapproved", "tool-not-approved")
            }
        };
        if call.verb.deed != Deed::Unapprove {
            newcomers::vouched(tx, &keeper, (chat, user), by.now)?;
        }
        if changed {
            let subject = format!("user:{user}");
            let note = AuditEntry::new(Actor::User(by.id), "moderation.vouch", subject)
                .in_chat(chat)
                .with(json!({ "command": call.verb.name }));
            tx.audit(&note, by.now)?;
        }
        call.tidy(tx)?;
        let key = if changed { done } else { already };
        let args = [("who", words::who(&target, call.lang).into())];
        Ok(Reply::Fleeting(text(call.lang, key, &args), None))
    });
    reply.then(async move { community.forget_member(chat, user) })
}
