//! All SQL of principals and grants.
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use uuid::Uuid;

use super::role::{Role, Scope};
use super::rules::{Grant, Source, allows};
use super::tenant::Tenant;
use crate::base::clock::Millis;
use crate::community::audit::Actor;
use crate::store::{StoreError, Tx};

/// Somebody, or some program, that may be given roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Principal {
    /// Beadle's own id.
    pub id: Uuid,
    /// The person in Telegram; None for a program.
    pub user: Option<i64>,
}

fn principal(row: &Row<'_>) -> rusqlite::Result<Principal> {
    Ok(Principal {
        id: Uuid::from_bytes(row.get(0)?),
        user: row.get(1)?,
    })
}

/// The principal of a person.
pub fn of_user(conn: &Connection, user: i64) -> Result<Option<Principal>, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT id, telegram FROM principals WHERE telegram = ?1 AND deleted_at IS NULL",
        )?
        .query_row([user], principal)
        .optional()?)
}

/// The principal of a person, made with `id` when there is none.
pub(super) fn ensure_user(
    tx: &Tx<'_>,
    user: i64,
    id: Uuid,
    now: Millis,
) -> Result<Principal, StoreError> {
    tx.prepare_cached(
        "INSERT INTO principals (id, kind, telegram, created_at, updated_at)
         VALUES (?1, 'user', ?2, ?3, ?3)
         ON CONFLICT (telegram) DO UPDATE SET deleted_at = NULL, updated_at = excluded.updated_at",
    )?
    .execute(params![id.into_bytes(), user, now])?;
    of_user(tx, user)?
        .ok_or_else(|| StoreError::Invalid(format!("the principal of user {user} is gone")))
}

/// The roles of a principal, in every tenant.
pub fn grants(conn: &Connection, principal: Uuid) -> Result<Vec<Grant>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT tenant, role, source, expires_at FROM grants WHERE principal = ?1",
    )?;
    let mut rows = find.query([principal.into_bytes()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (tenant, role, source): (String, String, String) =
            (row.get(0)?, row.get(1)?, row.get(2)?);
        // What this version does not understand allows nothing.
        let (Ok(tenant), Some(role)) = (tenant.parse(), Role::from_name(&role)) else {
            continue;
        };
        found.push(Grant {
            tenant,
            role,
            source: if source == "config" {
                Source::Config
            } else {
                Source::Given
            },
            expires_at: row.get(3)?,
        });
    }
    Ok(found)
}

/// Whether a person may do `scope` in `tenant`: see [`allows`].
pub fn may(
    conn: &Connection,
    user: i64,
    scope: Scope,
    tenant: Tenant,
    now: Millis,
) -> Result<bool, StoreError> {
    let held = match of_user(conn, user)? {
        Some(principal) => grants(conn, principal.id)?,
        None => Vec::new(),
    };
    Ok(allows(Some(user), &held, scope, tenant, now))
}

/// The people who have `role` in exactly `tenant`.
pub fn with_role(conn: &Connection, role: Role, tenant: Tenant) -> Result<Vec<i64>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT p.telegram FROM grants g JOIN principals p ON p.id = g.principal
         WHERE g.tenant = ?1 AND g.role = ?2 AND p.telegram IS NOT NULL AND p.deleted_at IS NULL
         ORDER BY p.telegram",
    )?;
    let rows = find.query_map(params![tenant.to_string(), role.name()], |r| r.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// People who have a role by the config, in the house.
pub(super) fn by_config(conn: &Connection) -> Result<Vec<Principal>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT DISTINCT p.id, p.telegram FROM grants g JOIN principals p ON p.id = g.principal
         WHERE g.source = 'config'",
    )?;
    let rows = find.query_map([], principal)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Gives a role; false when it was held already, with the same end.
pub fn grant(
    tx: &Tx<'_>,
    principal: Uuid,
    grant: &Grant,
    by: Actor,
    now: Millis,
) -> Result<bool, StoreError> {
    let source = match grant.source {
        Source::Config => "config",
        Source::Given => "given",
    };
    let changed = tx
        .prepare_cached(
            "INSERT INTO grants (principal, tenant, role, source, granted_by, created_at, expires_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (principal, tenant, role) DO UPDATE
                 SET source = excluded.source, granted_by = excluded.granted_by,
                     expires_at = excluded.expires_at
                 WHERE expires_at IS NOT excluded.expires_at OR source <> excluded.source",
        )?
        .execute(params![
            principal.into_bytes(),
            grant.tenant.to_string(),
            grant.role.name(),
            source,
            by.to_string(),
            now,
            grant.expires_at
        ])?;
    Ok(changed == 1)
}

/// Takes a role; false when it was not held.
pub fn revoke(
    tx: &Tx<'_>,
    principal: Uuid,
    role: Role,
    tenant: Tenant,
) -> Result<bool, StoreError> {
    let changed = tx
        .prepare_cached("DELETE FROM grants WHERE principal = ?1 AND tenant = ?2 AND role = ?3")?
        .execute(params![
            principal.into_bytes(),
            tenant.to_string(),
            role.name()
        ])?;
    Ok(changed == 1)
}

/// The owner's word on what somebody may do with Beadle in a group; None where there is none.
pub(super) fn allowance(
    conn: &Connection,
    chat: i64,
    user: i64,
    ability: &str,
) -> Result<Option<bool>, StoreError> {
    Ok(conn
        .prepare_cached(
            "SELECT allowed FROM allowances WHERE chat = ?1 AND user = ?2 AND ability = ?3",
        )?
        .query_row(params![chat, user, ability], |r| r.get(0))
        .optional()?)
}

/// What the owner of a group has said of whom: person, ability, whether it is allowed.
pub fn allowances(conn: &Connection, chat: i64) -> Result<Vec<(i64, String, bool)>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT user, ability, allowed FROM allowances WHERE chat = ?1 ORDER BY user, ability",
    )?;
    let rows = find.query_map([chat], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Keeps the owner's word; None takes it back, and Telegram's rights hold alone.
pub fn allow(
    tx: &Tx<'_>,
    (chat, user): (i64, i64),
    ability: &str,
    word: Option<bool>,
    by: Actor,
    now: Millis,
) -> Result<(), StoreError> {
    match word {
        Some(allowed) => tx.execute(
            "INSERT OR REPLACE INTO allowances (chat, user, ability, allowed, given_by, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![chat, user, ability, allowed, by.to_string(), now],
        )?,
        None => tx.execute(
            "DELETE FROM allowances WHERE chat = ?1 AND user = ?2 AND ability = ?3",
            params![chat, user, ability],
        )?,
    };
    Ok(())
}

/// Takes back every word about somebody. Gives how many there were.
pub fn forget(tx: &Tx<'_>, user: i64) -> Result<usize, StoreError> {
    Ok(tx.execute("DELETE FROM allowances WHERE user = ?1", [user])?)
}
