//! ALLOWED_USER_IDS at every start: who is on the list runs the house, who is no longer on it does not.
use uuid::Uuid;

use super::role::Role;
use super::rules::{Grant, Source};
use super::store;
use super::tenant::Tenant;
use crate::base::clock::Millis;
use crate::community::audit::{Actor, Audit as _, AuditEntry};
use crate::store::{StoreError, Tx};

/// What a start changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Change {
    /// Operators that are new.
    pub given: usize,
    /// Operators that are none any more.
    pub taken: usize,
}

/// Makes exactly these people operators by config; each comes with an id for the case that it is new. A role
/// that somebody gave stays. An empty list makes nobody.
pub fn operators(
    tx: &mut Tx<'_>,
    listed: &[(i64, Uuid)],
    now: Millis,
) -> Result<Change, StoreError> {
    let mut change = Change::default();
    let grant = Grant {
        tenant: Tenant::House,
        role: Role::Operator,
        source: Source::Config,
        expires_at: None,
    };
    for (user, id) in listed {
        let principal = store::ensure_user(tx, *user, *id, now)?;
        if store::grant(tx, principal.id, &grant, Actor::System, now)? {
            note(tx, "role.given", *user, now)?;
            change.given += 1;
        }
    }
    for principal in store::by_config(tx)? {
        let Some(user) = principal.user else { continue };
        if listed.iter().any(|(listed, _)| *listed == user) {
            continue;
        }
        if store::revoke(tx, principal.id, Role::Operator, Tenant::House)? {
            note(tx, "role.taken", user, now)?;
            change.taken += 1;
        }
    }
    Ok(change)
}

fn note(tx: &mut Tx<'_>, action: &'static str, user: i64, now: Millis) -> Result<(), StoreError> {
    let details =
        serde_json::json!({ "role": Role::Operator.name(), "source": "ALLOWED_USER_IDS" });
    let entry = AuditEntry::new(Actor::System, action, format!("user:{user}")).with(details);
    tx.audit(&entry, now).map(|_id| ())
}
