//! All SQL of the audit.
use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::json;

use super::chain::{self, GENESIS, Hash, Link};
use super::entry::{AuditEntry, MAX_DETAILS, MAX_PERSONAL, MAX_SUBJECT};
use super::verify::{Anchor, Fault, Seen, StoredLink, Walk};
use crate::base::clock::Millis;
use crate::store::{StoreError, Tx, meta};

/// Where the chain ends, kept beside it: a row cut off its end would be missed.
const HEAD: &str = "audit_head";

/// The end of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Number of the last row, 0 when there is none.
    pub id: i64,
    /// Its hash.
    pub hash: Hash,
}

/// The end of the chain as the rows tell it.
pub fn head(conn: &Connection) -> Result<Head, StoreError> {
    let last = conn
        .prepare_cached("SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1")?
        .query_row([], |r| {
            Ok(Head {
                id: r.get(0)?,
                hash: r.get(1)?,
            })
        })
        .optional()?;
    Ok(last.unwrap_or(Head {
        id: 0,
        hash: GENESIS,
    }))
}

/// The end of the chain as it was noted in the database when its last row was written.
pub fn noted(conn: &Connection) -> Result<Anchor, StoreError> {
    Ok(Anchor {
        id: meta::number(conn, HEAD)?,
        hash: None,
        at: 0,
    })
}

/// Takes `walk` along at most `limit` more rows; true when there are no more.
pub fn verify_step(
    conn: &Connection,
    walk: &mut Walk,
    limit: u32,
) -> Result<Result<bool, Fault>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT a.id, a.at, a.actor, a.action, a.tenant, a.subject, a.details, a.digest, a.hash,
                p.salt, p.person, p.body
         FROM audit a LEFT JOIN audit_personal p ON p.audit = a.id
         WHERE a.id > ?1 ORDER BY a.id LIMIT ?2",
    )?;
    let mut rows = find.query(params![walk.last(), limit])?;
    let mut found = 0;
    while let Some(r) = rows.next()? {
        found += 1;
        let salt: Option<[u8; 16]> = r.get(9)?;
        let personal = match salt {
            Some(salt) => Some((salt, r.get(10)?, r.get(11)?)),
            None => None,
        };
        let row = StoredLink {
            link: Link {
                id: r.get(0)?,
                at: r.get(1)?,
                actor: r.get(2)?,
                action: r.get(3)?,
                tenant: r.get(4)?,
                subject: r.get(5)?,
                details: r.get(6)?,
                digest: r.get(7)?,
            },
            hash: r.get(8)?,
            personal,
        };
        if let Err(fault) = walk.take(&row) {
            return Ok(Err(fault));
        }
    }
    Ok(Ok(found < limit))
}

/// Walks the whole chain in one read, in steps; `anchors` are ends that were known earlier.
pub fn verify(
    conn: &Connection,
    mut anchors: Vec<Anchor>,
) -> Result<Result<Seen, Fault>, StoreError> {
    anchors.push(noted(conn)?);
    let mut walk = Walk::new(anchors);
    loop {
        match verify_step(conn, &mut walk, VERIFIED_AT_ONCE)? {
            Err(fault) => return Ok(Err(fault)),
            Ok(true) => return Ok(walk.end()),
            Ok(false) => {}
        }
    }
}

/// Rows of one step: each step is a read of its own, so that the log can be moved meanwhile.
const VERIFIED_AT_ONCE: u32 = 1_000;

fn cut(value: &serde_json::Value, longest: usize) -> String {
    let text = value.to_string();
    if text.len() <= longest {
        return text;
    }
    json!({ "too_long": text.len() }).to_string()
}

pub(super) fn append(tx: &Tx<'_>, entry: &AuditEntry, now: Millis) -> Result<i64, StoreError> {
    let before = head(tx)?;
    let personal = match &entry.personal {
        None => None,
        Some(personal) => {
            let body = cut(&personal.body, MAX_PERSONAL);
            let salt: [u8; 16] = tx
                .prepare_cached("SELECT randomblob(16)")?
                .query_row([], |r| r.get(0))?;
            let digest = chain::digest(&salt, personal.person, &body);
            Some((personal.person, salt, body, digest))
        }
    };
    let subject = &entry.subject[..entry.subject.floor_char_boundary(MAX_SUBJECT)];
    let link = Link {
        id: before.id + 1,
        at: now,
        actor: entry.actor.to_string(),
        action: entry.action.to_owned(),
        tenant: entry.tenant,
        subject: subject.to_owned(),
        details: cut(&entry.details, MAX_DETAILS),
        digest: personal.as_ref().map(|p| p.3),
    };
    let hash = chain::hash(&before.hash, &link);
    tx.prepare_cached(
        "INSERT INTO audit (id, at, actor, action, tenant, subject, details, digest, hash)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        link.id,
        link.at,
        link.actor,
        link.action,
        link.tenant,
        link.subject,
        link.details,
        link.digest,
        hash
    ])?;
    if let Some((person, salt, body, _)) = personal {
        tx.prepare_cached(
            "INSERT INTO audit_personal (audit, person, salt, body, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![link.id, person, salt, body, now])?;
    }
    meta::put_number(tx, HEAD, link.id)?;
    Ok(link.id)
}

/// Which rows to list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only of this chat.
    pub tenant: Option<i64>,
    /// Only by this actor, as text.
    pub actor: Option<String>,
    /// Only this action.
    pub action: Option<String>,
    /// Only from this moment on.
    pub since: Option<Millis>,
    /// Only rows before this number: the last of the page before.
    pub before: Option<i64>,
}

/// A row as a person reads it.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Row {
    /// Its number.
    pub id: i64,
    /// When, in milliseconds.
    pub at: Millis,
    /// Who.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// In which chat.
    pub tenant: Option<i64>,
    /// To what.
    pub subject: String,
    /// Ids, field names, numbers.
    pub details: serde_json::Value,
    /// The part that can be erased, while it is there.
    pub personal: Option<serde_json::Value>,
}

/// Rows that match, newest first, at most `limit`. The personal part is read only when asked for.
pub fn list(
    conn: &Connection,
    filter: &Filter,
    personal: bool,
    limit: u32,
) -> Result<Vec<Row>, StoreError> {
    let mut find = conn.prepare_cached(
        "SELECT a.id, a.at, a.actor, a.action, a.tenant, a.subject, a.details,
                CASE WHEN ?6 THEN (SELECT p.body FROM audit_personal p WHERE p.audit = a.id) END
         FROM audit a
         WHERE (?1 IS NULL OR a.tenant = ?1) AND (?2 IS NULL OR a.actor = ?2)
           AND (?3 IS NULL OR a.action = ?3) AND (?4 IS NULL OR a.at >= ?4)
           AND (?5 IS NULL OR a.id < ?5)
         ORDER BY a.id DESC LIMIT ?7",
    )?;
    let mut rows = find.query(params![
        filter.tenant,
        filter.actor,
        filter.action,
        filter.since,
        filter.before,
        personal,
        limit
    ])?;
    let mut found = Vec::new();
    while let Some(r) = rows.next()? {
        let personal: Option<String> = r.get(7)?;
        found.push(Row {
            id: r.get(0)?,
            at: r.get(1)?,
            actor: r.get(2)?,
            action: r.get(3)?,
            tenant: r.get(4)?,
            subject: r.get(5)?,
            details: serde_json::from_str(r.get_ref(6)?.as_str().map_err(rusqlite::Error::from)?)?,
            personal: personal.map(|p| serde_json::from_str(&p)).transpose()?,
        });
    }
    Ok(found)
}

/// Erases up to `limit` personal parts of `person`; the chain still holds. Gives how many.
pub fn erase_personal(tx: &Tx<'_>, person: i64, limit: u32) -> Result<usize, StoreError> {
    Ok(tx.execute(
        "DELETE FROM audit_personal WHERE audit IN
             (SELECT audit FROM audit_personal WHERE person = ?1 LIMIT ?2)",
        params![person, limit],
    )?)
}

/// Erases up to `limit` personal parts written before `before`, from the oldest on. Gives how many.
pub fn expire_personal(tx: &Tx<'_>, before: Millis, limit: i64) -> Result<usize, StoreError> {
    Ok(tx.execute(
        "DELETE FROM audit_personal WHERE created_at < ?1
             AND audit IN (SELECT audit FROM audit_personal ORDER BY audit LIMIT ?2)",
        params![before, limit],
    )?)
}
